//! Who am I?

use crate::{
    gate::{Access, Facts, Granted},
    wire::{Fault, Operation},
};
use serde::{Deserialize, Serialize};

/// `GetCallerIdentity`
#[derive(Debug, Deserialize)]
pub(super) struct GetCallerIdentity {}

/// The answer to `GetCallerIdentity`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CallerIdentity {
    user_id: String,
    account: String,
    arn: String,
}

impl Operation for GetCallerIdentity {
    const SERVICE: &'static str = "sts";
    const NAME: &'static str = "GetCallerIdentity";
    type Output = CallerIdentity;

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(Access::Open(
            "GetCallerIdentity needs no permission, even against an explicit deny",
        ))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<CallerIdentity, Fault> {
        let caller = cx.caller();
        Ok(CallerIdentity {
            user_id: caller.user_id.to_string(),
            account: caller.account.to_string(),
            arn: caller.arn.to_string(),
        })
    }
}
