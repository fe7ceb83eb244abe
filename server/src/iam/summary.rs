//! What an account has and may have.

use super::says;
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Fault, Operation},
};
use serde::{Deserialize, Serialize};

/// `GetAccountSummary`
#[derive(Debug, Deserialize)]
pub(super) struct GetAccountSummary {}

/// The answer to `GetAccountSummary`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Summary {
    summary_map: Entries,
}

#[derive(Debug, Serialize)]
struct Entries {
    entry: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Entry {
    key: &'static str,
    value: usize,
}

/// What does not change. Source: IAM API Reference, "GetAccountSummary".
const QUOTAS: &[(&str, usize)] = &[
    ("UsersQuota", 5000),
    ("GroupsQuota", 300),
    ("RolesQuota", 1000),
    ("PoliciesQuota", 1500),
    ("InstanceProfilesQuota", 1000),
    ("ServerCertificatesQuota", 20),
    ("GroupsPerUserQuota", 10),
    ("AccessKeysPerUserQuota", 2),
    ("SigningCertificatesPerUserQuota", 2),
    ("AttachedPoliciesPerUserQuota", 10),
    ("AttachedPoliciesPerGroupQuota", 10),
    ("AttachedPoliciesPerRoleQuota", 10),
    ("UserPolicySizeQuota", 2048),
    ("GroupPolicySizeQuota", 5120),
    ("RolePolicySizeQuota", 10_240),
    ("AssumeRolePolicySizeQuota", 2048),
    ("PolicySizeQuota", 6144),
    ("PolicyVersionsInUseQuota", 10_000),
    ("VersionsPerPolicyQuota", 5),
    ("AccountMFAEnabled", 0),
    ("AccountPasswordPresent", 0),
    ("AccountSigningCertificatesPresent", 0),
];

impl Operation for GetAccountSummary {
    says!(GetAccountSummary -> Summary);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(Demand::new("iam:GetAccountSummary", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Summary, Fault> {
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let counted = [
                ("Users", account.users.len()),
                ("Groups", account.groups.len()),
                ("Roles", account.roles.len()),
                ("Policies", account.policies.len()),
                ("PolicyVersionsInUse", account.uses.len()),
                ("InstanceProfiles", account.profiles.len()),
                (
                    "Providers",
                    account.oidc_providers.len() + account.saml_providers.len(),
                ),
                ("ServerCertificates", account.server_certificates.len()),
                ("MFADevices", account.mfa_devices.len()),
                (
                    "MFADevicesInUse",
                    account
                        .mfa_devices
                        .values()
                        .filter(|it| it.is_held())
                        .count(),
                ),
                (
                    "GlobalEndpointTokenVersion",
                    usize::from(account.token_version),
                ),
                (
                    "AccountAccessKeysPresent",
                    usize::from(!account.root_keys.is_empty()),
                ),
            ];
            let entry = counted
                .iter()
                .chain(QUOTAS)
                .map(|&(key, value)| Entry { key, value })
                .collect();
            Ok(Summary {
                summary_map: Entries { entry },
            })
        })
    }
}
