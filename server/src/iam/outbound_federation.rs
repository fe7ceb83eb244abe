//! Whether an account's identities may have tokens for services outside AWS, and whom those tokens are from.
//! Source: IAM User Guide, "Federating AWS identities to external services".

use super::says;
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Fault, Operation},
    world::Text,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What every issuer ends with.
const HOST: &str = ".tokens.sts.global.api.aws";

/// An account's issuer. It stays when the feature is turned off, since tokens from before hold on; that it is the same
/// when the feature is turned on again is rolecall's choice.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct OutboundFederation {
    id: Uuid,
    enabled: bool,
}

impl OutboundFederation {
    /// `https://ID.tokens.sts.global.api.aws`
    pub(crate) fn issuer(&self) -> String {
        format!("https://{}{HOST}", self.id)
    }

    /// Whether this is the account that `issuer` belongs to.
    pub(crate) fn is(&self, issuer: &str) -> bool {
        let id = issuer.strip_prefix("https://");
        id.and_then(|id| id.strip_suffix(HOST))
            .is_some_and(|id| self.has_id(id))
    }

    /// Whether this is the issuer with that id.
    pub(crate) fn has_id(&self, id: &str) -> bool {
        self.id.to_string() == id
    }

    /// Whether tokens are given.
    pub(crate) fn is_enabled(&self) -> bool {
        self.enabled
    }
}

// The sentences of both are rolecall's choice, after the API's descriptions.

fn enabled() -> Fault {
    let message = "Outbound identity federation is already enabled for this account.";
    Fault::service(409, "FeatureEnabled", message)
}

fn disabled() -> Fault {
    let message = "Outbound identity federation is disabled for this account.";
    Fault::service(404, "FeatureDisabled", message)
}

/// `EnableOutboundWebIdentityFederation`
#[derive(Debug, Deserialize)]
pub(super) struct EnableOutboundWebIdentityFederation {}

/// The answer to `EnableOutboundWebIdentityFederation`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Issuer {
    issuer_identifier: Text,
}

impl Operation for EnableOutboundWebIdentityFederation {
    says!(EnableOutboundWebIdentityFederation -> Issuer);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(Demand::new("iam:EnableOutboundWebIdentityFederation", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Issuer, Fault> {
        cx.write(|world| {
            let outbound = &mut world.iam_mut(cx.account())?.outbound;
            let outbound = outbound.get_or_insert_with(|| OutboundFederation {
                id: cx.ids().request(),
                enabled: false,
            });
            if std::mem::replace(&mut outbound.enabled, true) {
                return Err(enabled());
            }
            Ok(Issuer {
                issuer_identifier: outbound.issuer().into(),
            })
        })
    }
}

/// `DisableOutboundWebIdentityFederation`
#[derive(Debug, Deserialize)]
pub(super) struct DisableOutboundWebIdentityFederation {}

impl Operation for DisableOutboundWebIdentityFederation {
    says!(DisableOutboundWebIdentityFederation -> ());

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(Demand::new("iam:DisableOutboundWebIdentityFederation", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let outbound = world.iam_mut(cx.account())?.outbound.as_mut();
            let outbound = outbound.filter(|outbound| outbound.enabled);
            outbound.ok_or_else(disabled)?.enabled = false;
            Ok(())
        })
    }
}

/// `GetOutboundWebIdentityFederationInfo`
#[derive(Debug, Deserialize)]
pub(super) struct GetOutboundWebIdentityFederationInfo {}

/// The answer to `GetOutboundWebIdentityFederationInfo`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Info {
    issuer_identifier: Text,
    jwt_vending_enabled: bool,
}

impl Operation for GetOutboundWebIdentityFederationInfo {
    says!(GetOutboundWebIdentityFederationInfo -> Info);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(Demand::new("iam:GetOutboundWebIdentityFederationInfo", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Info, Fault> {
        cx.read(|world| {
            let outbound = world.iam(cx.account())?.outbound.as_ref();
            let outbound = outbound.filter(|outbound| outbound.enabled);
            let outbound = outbound.ok_or_else(disabled)?;
            Ok(Info {
                issuer_identifier: outbound.issuer().into(),
                jwt_vending_enabled: true,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_known_by_its_whole_name() {
        let outbound = OutboundFederation {
            id: Uuid::nil(),
            enabled: true,
        };
        let issuer = outbound.issuer();
        assert!(outbound.is(&issuer));
        for other in [
            issuer.replace("https", "http"),
            issuer.replace(".aws", ".aws/"),
            issuer.replace("00", "01"),
        ] {
            assert!(!outbound.is(&other), "{other}");
        }
    }
}
