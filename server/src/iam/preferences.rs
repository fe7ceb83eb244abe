//! What an account wants of the global STS endpoint's tokens.

use super::says;
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Constraints, Fault, Operation},
};
use serde::Deserialize;

/// `SetSecurityTokenServicePreferences`: GetAccountSummary shows it; rolecall's tokens are valid everywhere anyway.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetSecurityTokenServicePreferences {
    global_endpoint_token_version: String,
}

impl Operation for SetSecurityTokenServicePreferences {
    says!(SetSecurityTokenServicePreferences -> ());

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        let version = Some(&*self.global_endpoint_token_version);
        Constraints::iam()
            .one_of(
                "globalEndpointTokenVersion",
                version,
                &["v1Token", "v2Token"],
            )
            .done()?;
        Ok(Demand::new("iam:SetSecurityTokenServicePreferences", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let second = self.global_endpoint_token_version == "v2Token";
            world.iam_mut(cx.account())?.token_version = if second { 2 } else { 1 };
            Ok(())
        })
    }
}
