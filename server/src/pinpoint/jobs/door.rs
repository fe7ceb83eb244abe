//! The calls that a job makes of other services: through the same door as everybody's.

use super::PINPOINT;
use crate::{
    gate::{Actor, Caller, Cause, Gate, Meta, Service, SignedHow},
    sts::AssumeRole,
    wire::Fault,
    world::Text,
};
use std::sync::Arc;
use uuid::Uuid;

/// Who acts, and in which job.
#[derive(Debug, Clone)]
pub(in crate::pinpoint) struct Hop {
    /// The request id of the job's creation.
    pub(in crate::pinpoint) cause: Uuid,
    /// The place in the chain.
    pub(in crate::pinpoint) number: u32,
    pub(in crate::pinpoint) region: Text,
}

impl Hop {
    /// `caller`, making its own request inside rolecall.
    pub(in crate::pinpoint) fn actor(&self, gate: &Gate, caller: Arc<Caller>) -> Actor {
        let mut meta = Meta::internal(gate.ids.request(), gate.clock.now(), self.region.clone());
        meta.of = Some(Cause {
            id: self.cause,
            hop: self.number,
        });
        // Services sign their calls as everybody does; how they name the payload is not known.
        meta.signed = Some(SignedHow {
            auth_type: "REST-HEADER",
            version: rolecall_sigv4::ALGORITHM,
            at: Some(meta.at),
            content_sha256: None,
        });
        Actor {
            caller,
            meta: Arc::new(meta),
        }
    }
}

/// Pinpoint itself, on behalf of an app. The trust policy compares with the bare app ARN, not the job's.
pub(in crate::pinpoint) fn pinpoint(
    app_arn: &str,
    account: &str,
    partition: &'static str,
) -> Caller {
    let service = Service {
        name: PINPOINT.into(),
        source_account: Some(account.to_owned()),
        source_arn: Some(app_arn.to_owned()),
    };
    Caller::service(service, partition)
}

/// Assumes the role as `actor` and says whose calls come next.
pub(in crate::pinpoint) async fn assume(
    gate: &Arc<Gate>,
    actor: &Actor,
    role_arn: &str,
) -> Result<Caller, Fault> {
    let name = gate.settings.export_session_name.as_str();
    let assumed = gate.perform(actor, AssumeRole::new(role_arn, name)).await?;
    let session = assumed.caller(gate);
    session.ok_or_else(|| Fault::Internal("find the session of the role".to_owned()))
}
