//! Temporary credentials for the caller itself.

use super::{
    Session, SessionKind,
    credentials::{self, Credentials},
    mfa::{self, Proof},
    names::{self, TOKEN_SIZES},
};
use crate::{
    gate::{Access, Caller, Facts, Granted, Who},
    iam::Holder,
    wire::{Constraints, Fault, Operation},
};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// 15 minutes to 36 hours.
pub(super) const DURATIONS: std::ops::RangeInclusive<i64> = 900..=129_600;

/// Twelve hours unless said; root gets an hour at most.
pub(super) fn seconds(caller: &Caller, asked: Option<i64>) -> i64 {
    let seconds = asked.unwrap_or(43_200);
    if caller.is_root() {
        seconds.min(3600)
    } else {
        seconds
    }
}

/// `GetSessionToken`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetSessionToken {
    duration_seconds: Option<i64>,
    serial_number: Option<String>,
    token_code: Option<String>,
    minimum_session_token_size: Option<i64>,
}

/// The answer to `GetSessionToken`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SessionToken {
    credentials: Credentials,
}

impl GetSessionToken {
    fn proof(&self) -> Result<Option<Proof<'_>>, Fault> {
        Proof::read(self.serial_number.as_deref(), self.token_code.as_deref())
    }
}

impl Operation for GetSessionToken {
    const SERVICE: &'static str = "sts";
    const NAME: &'static str = "GetSessionToken";
    type Output = SessionToken;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let constraints = Constraints::sts()
            .number("durationSeconds", self.duration_seconds, DURATIONS)
            .number(
                "minimumSessionTokenSize",
                self.minimum_session_token_size,
                TOKEN_SIZES,
            );
        let (serial, code) = (self.serial_number.as_deref(), self.token_code.as_deref());
        mfa::bounds(constraints, serial, code).done()?;
        if let Some(proof) = self.proof()? {
            proof.check(facts)?;
        }
        Ok(Access::Open("GetSessionToken needs no permission"))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<SessionToken, Fault> {
        let caller = cx.caller();
        let holder = match &caller.who {
            Who::Root => Holder::Root,
            Who::User { id, .. } => Holder::User(id.clone()),
            Who::Session(_) | Who::Service(_) | Who::Federated(_) | Who::Anonymous => {
                return Err(names::denied(
                    "Cannot call GetSessionToken with session credentials",
                ));
            }
        };
        let session = Session {
            kind: SessionKind::Same,
            token: cx.ids().session_token(self.minimum_session_token_size),
            issued: cx.now(),
            expires: credentials::end(cx.now(), seconds(caller, self.duration_seconds)),
            policies: None,
            tags: Vec::new(),
            transitive_tags: Vec::new(),
            source_identity: None,
            mfa: self.proof()?.map(|_| cx.now()),
            chained: false,
            federation: None,
            user_id: OnceLock::new(),
        };
        cx.write(|world| {
            if let Some(proof) = self.proof()? {
                proof.consume(world, caller, cx.now())?;
            }
            let credentials =
                credentials::issue(world, cx.ids(), cx.account().clone(), holder, session);
            Ok(SessionToken { credentials })
        })
    }
}
