//! Whose account is this key?

use super::names::{ACCESS_KEY, validation};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Constraints, Fault, Operation},
};
use serde::{Deserialize, Serialize};

/// `GetAccessKeyInfo`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetAccessKeyInfo {
    access_key_id: String,
}

/// The answer to `GetAccessKeyInfo`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KeyInfo {
    account: String,
}

impl Operation for GetAccessKeyInfo {
    const SERVICE: &'static str = "sts";
    const NAME: &'static str = "GetAccessKeyInfo";
    type Output = KeyInfo;

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::sts()
            .text("accessKeyId", Some(&self.access_key_id), &ACCESS_KEY)
            .done()?;
        Ok(Demand::new("sts:GetAccessKeyInfo", "*").into())
    }

    /// AWS reads the account out of the id itself; rolecall's ids do not carry it, so the key must be known.
    async fn run(self, cx: Granted<'_, Self>) -> Result<KeyInfo, Fault> {
        cx.read(|world| {
            let key = world.keys.get(&*self.access_key_id);
            let key = key.ok_or_else(|| {
                validation(format!(
                    "{} is not a valid access key ID",
                    self.access_key_id
                ))
            })?;
            Ok(KeyInfo {
                account: key.account.to_string(),
            })
        })
    }
}
