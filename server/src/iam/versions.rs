//! Versions of managed policies.

use super::{
    ManagedPolicy, PolicyVersion, asking, documents, faults,
    names::{self, VERSION, version_number},
    page::{self, Page, listing},
    policies::arn_bounds,
    says,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Operation, iam_time},
};
use serde::{Deserialize, Serialize};

/// Versions of one policy.
const MOST: usize = 5;

/// A version as the API shows it. Source: IAM API Reference, "PolicyVersion".
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VersionShape {
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    version_id: String,
    is_default_version: bool,
    create_date: String,
}

impl VersionShape {
    fn short(policy: &ManagedPolicy, version: &PolicyVersion) -> Self {
        Self {
            document: None,
            version_id: format!("v{}", version.number),
            is_default_version: version.number == policy.default_version,
            create_date: iam_time(version.created),
        }
    }

    /// With the document.
    pub(super) fn full(policy: &ManagedPolicy, version: &PolicyVersion) -> Self {
        Self {
            document: Some(documents::encoded(version.policy.text())),
            ..Self::short(policy, version)
        }
    }
}

/// An answer that is one version.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneVersion {
    policy_version: VersionShape,
}

/// `CreatePolicyVersion`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreatePolicyVersion {
    policy_arn: String,
    policy_document: String,
    #[serde(default)]
    set_as_default: bool,
}

impl Operation for CreatePolicyVersion {
    says!(CreatePolicyVersion -> OneVersion);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        arn_bounds(
            documents::bounds(Constraints::iam(), "policyDocument", &self.policy_document),
            &self.policy_arn,
        )?;
        Ok(asking::policy(facts, "iam:CreatePolicyVersion", &self.policy_arn).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneVersion, Fault> {
        let document = documents::managed(&self.policy_document)?;
        cx.write(|world| {
            let policy = world.iam_mut(cx.account())?.policy_mut(&self.policy_arn)?;
            if policy.versions.len() >= MOST {
                return Err(faults::limit(
                    "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
                ));
            }
            let version = PolicyVersion {
                number: policy.next_version,
                policy: document,
                created: cx.now(),
            };
            policy.next_version += 1;
            policy.updated = cx.now();
            if self.set_as_default {
                policy.default_version = version.number;
            }
            let shape = VersionShape::short(policy, &version);
            policy.versions.push(version);
            Ok(OneVersion { policy_version: shape })
        })
    }
}

fn version<'p>(policy: &'p ManagedPolicy, id: &str) -> Result<&'p PolicyVersion, Fault> {
    let number = version_number(id);
    let found = policy
        .versions
        .iter()
        .find(|version| Some(version.number) == number);
    found.ok_or_else(|| faults::no_version(&policy.arn, id))
}

/// The operations that name one version.
macro_rules! of_one_version {
    ($operation:ident -> $output:ty, $run:expr) => {
        #[doc = concat!("`", stringify!($operation), "`")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $operation {
            policy_arn: String,
            version_id: String,
        }

        impl Operation for $operation {
            says!($operation -> $output);

            fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
                arn_bounds(Constraints::iam().text("versionId", Some(&self.version_id), &VERSION), &self.policy_arn)?;
                let demand = asking::policy(facts, concat!("iam:", stringify!($operation)), &self.policy_arn);
                let shown = format!("policy {} version {}", self.policy_arn, self.version_id);
                Ok(demand.shown_as(shown).into())
            }

            async fn run(self, cx: Granted<'_, Self>) -> Result<$output, Fault> {
                let run: fn(&Self, &Granted<'_, Self>) -> Result<$output, Fault> = $run;
                run(&self, &cx)
            }
        }
    };
}

of_one_version!(GetPolicyVersion -> OneVersion, |op, cx| {
    cx.read(|world| {
        let policy = world.iam(cx.account())?.policy(&op.policy_arn)?;
        let version = version(policy, &op.version_id)?;
        Ok(OneVersion { policy_version: VersionShape::full(policy, version) })
    })
});

of_one_version!(DeletePolicyVersion -> (), |op, cx| {
    cx.write(|world| {
        let policy = world.iam_mut(cx.account())?.policy_mut(&op.policy_arn)?;
        let number = version(policy, &op.version_id)?.number;
        if number == policy.default_version {
            return Err(faults::conflict("Cannot delete the default version of a policy."));
        }
        policy.versions.retain(|version| version.number != number);
        Ok(())
    })
});

of_one_version!(SetDefaultPolicyVersion -> (), |op, cx| {
    cx.write(|world| {
        let policy = world.iam_mut(cx.account())?.policy_mut(&op.policy_arn)?;
        policy.default_version = version(policy, &op.version_id)?.number;
        policy.updated = cx.now();
        Ok(())
    })
});

/// `ListPolicyVersions`: newest first.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListPolicyVersions {
    policy_arn: String,
    marker: Option<String>,
    max_items: Option<i64>,
}

listing! {
    /// The answer to `ListPolicyVersions`.
    VersionList { versions: VersionShape }
}

impl Operation for ListPolicyVersions {
    says!(ListPolicyVersions -> VersionList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        arn_bounds(
            names::paging(Constraints::iam(), self.marker.as_deref(), self.max_items),
            &self.policy_arn,
        )?;
        Ok(asking::policy(facts, "iam:ListPolicyVersions", &self.policy_arn).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<VersionList, Fault> {
        let after =
            page::start(self.marker.as_deref())?.and_then(|number| number.parse::<u32>().ok());
        cx.read(|world| {
            let policy = world.iam(cx.account())?.policy(&self.policy_arn)?;
            let versions = policy.versions.iter().rev();
            let rest = versions.filter(|version| after.is_none_or(|after| version.number < after));
            let shapes = rest.map(|version| {
                (
                    version.number.to_string(),
                    VersionShape::short(policy, version),
                )
            });
            Ok(Page::of(shapes, self.max_items).into())
        })
    }
}
