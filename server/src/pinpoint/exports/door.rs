//! The calls that an export makes of other services: through the same door as everybody's.

use super::create::PINPOINT;
use crate::{
    gate::{
        Access, Actor, Caller, Cause, Demand, Facts, Gate, Granted, Guard, Meta, Service, SignedHow,
    },
    s3::PutObject,
    sts::AssumeRole,
    wire::{Fault, Operation, Payload},
    world::Text,
};
use bytes::Bytes;
use std::sync::Arc;
use uuid::Uuid;

/// Who acts, and in which job.
#[derive(Debug, Clone)]
pub(super) struct Hop {
    /// The request id of CreateExportJob.
    pub(super) cause: Uuid,
    /// The place in the chain.
    pub(super) number: u32,
    pub(super) region: Text,
}

impl Hop {
    /// `caller`, making its own request inside rolecall.
    pub(super) fn actor(&self, gate: &Gate, caller: Arc<Caller>) -> Actor {
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
pub(super) fn pinpoint(app_arn: &str, account: &str, partition: &'static str) -> Caller {
    let service = Service {
        name: PINPOINT.into(),
        source_account: Some(account.to_owned()),
        source_arn: Some(app_arn.to_owned()),
    };
    Caller::service(service, partition)
}

/// Assumes the role as `actor` and says whose calls come next.
pub(super) async fn assume(
    gate: &Arc<Gate>,
    actor: &Actor,
    role_arn: &str,
) -> Result<Caller, Fault> {
    let name = gate.settings.export_session_name.as_str();
    let assumed = gate.perform(actor, AssumeRole::new(role_arn, name)).await?;
    let session = assumed.caller(gate);
    session.ok_or_else(|| Fault::Internal("find the session of the role".to_owned()))
}

/// Writes one file as `actor`.
pub(super) async fn put(
    gate: &Arc<Gate>,
    actor: &Actor,
    bucket: &str,
    key: &str,
    content: Vec<Bytes>,
) -> Result<(), Fault> {
    let put = PutObject::new(bucket, key, Payload::Bytes(content), "application/gzip");
    gate.perform(actor, put).await.map(|_| ())
}

/// Whether `actor` might have written `key`, had there been a bucket.
///
/// S3 says that a bucket is not there before it asks any policy. In an export both are worth knowing: a role
/// that may not write there has a mistake that creating the bucket would not mend.
pub(super) async fn might_put(
    gate: &Arc<Gate>,
    actor: &Actor,
    bucket: &str,
    key: &str,
) -> Result<(), Fault> {
    let partition = actor.caller.partition;
    let question = MightPut {
        bucket: bucket.into(),
        object: format!("arn:{partition}:s3:::{bucket}/{key}"),
    };
    gate.perform(actor, question).await
}

/// `s3:PutObject` as a question.
struct MightPut {
    bucket: Text,
    object: String,
}

impl Operation for MightPut {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "PutObject";
    type Output = ();

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        let demand = Demand::new("s3:PutObject", self.object.clone());
        Ok(demand.guarded_by(Guard::Bucket(self.bucket.clone())).into())
    }

    async fn run(self, _: Granted<'_, Self>) -> Result<(), Fault> {
        Ok(())
    }
}
