//! Policies: managed ones with their versions, and what hangs on a user, group or role.

use super::{
    Tags,
    account::{Account, Kind, Uses},
    asking, aws_managed, documents, faults,
    names::{self, ARN, DESCRIPTION, LONG_NAME, POLICY_PATH},
    page::{self, Page, listing},
    says,
    tags::{self, Tag},
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Members, Operation, iam_time},
    world::Text,
};
use jiff::Timestamp;
use rolecall_policy::Policy;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Customer managed policies of one account.
const MOST: usize = 1500;

/// The policies of one user, group or role.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Attachments {
    /// Managed policies, by ARN, in the order of attaching.
    pub managed: Vec<Text>,
    /// Inline policies, sorted by name.
    pub inline: Vec<InlinePolicy>,
}

/// A policy that lives and dies with its user, group or role.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct InlinePolicy {
    /// Its name.
    pub name: Text,
    /// Parsed and compiled when it was stored.
    #[serde(deserialize_with = "crate::world::policy_from_row")]
    pub policy: Arc<Policy>,
}

/// A managed policy.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct ManagedPolicy {
    /// Its name.
    pub name: Text,
    /// `arn:aws:iam::A:policy/path/name`
    pub arn: Text,
    /// `ANPA…`
    pub id: Text,
    /// `/` or `/…/`
    pub path: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When a version was last made or made default.
    pub updated: Timestamp,
    /// At most five, newest last.
    pub versions: Vec<PolicyVersion>,
    /// The id of the version that counts.
    pub default_version: u32,
    /// The number of the next version; never reused.
    pub next_version: u32,
    /// Tags.
    pub tags: Tags,
}

/// One version of a managed policy.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct PolicyVersion {
    /// 1 for `v1`.
    pub number: u32,
    /// Parsed and compiled when it was stored.
    #[serde(deserialize_with = "crate::world::policy_from_row")]
    pub policy: Arc<Policy>,
    /// When it was made.
    pub created: Timestamp,
}

impl ManagedPolicy {
    /// The version that counts.
    pub fn default_policy(&self) -> Option<&Policy> {
        let default = |version: &&PolicyVersion| version.number == self.default_version;
        self.versions
            .iter()
            .find(default)
            .map(|version| &*version.policy)
    }
}

/// Refuses what cannot be the ARN of a policy.
pub(super) fn parse_arn(arn: &str) -> Result<(), Fault> {
    let mut parts = arn.splitn(6, ':');
    let policy = parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| !partition.is_empty())
        && parts.next() == Some("iam")
        && parts.next() == Some("")
        && parts.next().is_some_and(|account| !account.is_empty())
        && parts.next().is_some_and(|rest| rest.starts_with("policy/"));
    // Two blanks, as recorded.
    policy
        .then_some(())
        .ok_or_else(|| faults::validation("Invalid ARN:  Could not be parsed!"))
}

/// The bounds of a policy ARN in a request.
pub(super) fn arn_bounds(constraints: Constraints, arn: &str) -> Result<(), Fault> {
    constraints.text("policyArn", Some(arn), &ARN).done()?;
    parse_arn(arn)
}

/// A managed policy as the API shows it. Source: IAM API Reference, "Policy".
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyShape {
    policy_name: String,
    policy_id: String,
    arn: String,
    path: String,
    default_version_id: String,
    attachment_count: usize,
    permissions_boundary_usage_count: usize,
    is_attachable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    create_date: String,
    update_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Members<Tag>>,
}

impl PolicyShape {
    /// As lists show it: without description and tags.
    pub(super) fn short(policy: &ManagedPolicy, uses: Option<&Uses>) -> Self {
        Self {
            policy_name: policy.name.to_string(),
            policy_id: policy.id.to_string(),
            arn: policy.arn.to_string(),
            path: policy.path.clone(),
            default_version_id: format!("v{}", policy.default_version),
            attachment_count: uses.map_or(0, |uses| uses.attached.len()),
            permissions_boundary_usage_count: uses.map_or(0, |uses| uses.bounds.len()),
            is_attachable: true,
            description: None,
            create_date: iam_time(policy.created),
            update_date: iam_time(policy.updated),
            tags: None,
        }
    }

    fn full(policy: &ManagedPolicy, uses: Option<&Uses>) -> Self {
        Self {
            description: policy.description.clone(),
            tags: Some(policy.tags.iter().map(Tag::from).collect()),
            ..Self::short(policy, uses)
        }
    }
}

/// An answer that is one policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OnePolicy {
    policy: PolicyShape,
}

/// `CreatePolicy`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreatePolicy {
    policy_name: String,
    policy_document: String,
    path: Option<String>,
    description: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Operation for CreatePolicy {
    says!(CreatePolicy -> OnePolicy);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let constraints = Constraints::iam()
            .text("policyName", Some(&self.policy_name), &LONG_NAME)
            .text("path", self.path.as_deref(), &POLICY_PATH)
            .text("description", self.description.as_deref(), &DESCRIPTION);
        let constraints = documents::bounds(constraints, "policyDocument", &self.policy_document);
        tags::bounds(constraints, &self.tags).done()?;
        let demand = asking::new(
            facts,
            "iam:CreatePolicy",
            Kind::Policy,
            self.path.as_deref(),
            &self.policy_name,
        );
        Ok(asking::requested(demand, &tags::pairs(&self.tags)).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OnePolicy, Fault> {
        let document = documents::managed(&self.policy_document)?;
        let id = Text::from(cx.ids().unique("ANPA", 21));
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            if account.policies.len() >= MOST {
                return Err(faults::quota("PoliciesPerAccount", MOST));
            }
            let name = account.take_name(Kind::Policy, &self.policy_name)?;
            let path = self.path.unwrap_or_else(|| "/".to_owned());
            let version = PolicyVersion {
                number: 1,
                policy: document,
                created: cx.now(),
            };
            let policy = ManagedPolicy {
                arn: account
                    .arn(&names::arn_tail("policy", &path, &self.policy_name))
                    .into(),
                name,
                id,
                path,
                description: self.description,
                created: cx.now(),
                updated: cx.now(),
                versions: vec![version],
                default_version: 1,
                next_version: 2,
                tags: tags::first(&self.tags)?,
            };
            let full = PolicyShape::full(&policy, None);
            // CreatePolicy shows tags only when there are some, GetPolicy always.
            let shape = PolicyShape {
                description: None,
                tags: full.tags.filter(|_| !policy.tags.is_empty()),
                ..full
            };
            account
                .policies
                .insert(policy.arn.clone(), Arc::new(policy));
            Ok(OnePolicy { policy: shape })
        })
    }
}

/// `GetPolicy`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetPolicy {
    policy_arn: String,
}

impl Operation for GetPolicy {
    says!(GetPolicy -> OnePolicy);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        arn_bounds(Constraints::iam(), &self.policy_arn)?;
        Ok(asking::policy(facts, "iam:GetPolicy", &self.policy_arn).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OnePolicy, Fault> {
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let policy = PolicyShape::full(
                account.policy(&self.policy_arn)?,
                account.uses.get(&*self.policy_arn),
            );
            Ok(OnePolicy { policy })
        })
    }
}

/// `ListPolicies`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListPolicies {
    scope: Option<String>,
    #[serde(default)]
    only_attached: bool,
    path_prefix: Option<String>,
    policy_usage_filter: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

listing! {
    /// The answer to `ListPolicies`.
    PolicyList { policies: PolicyShape }
}

impl Operation for ListPolicies {
    says!(ListPolicies -> PolicyList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let prefix = self.path_prefix.as_deref();
        let constraints = Constraints::iam()
            .one_of("scope", self.scope.as_deref(), &["All", "AWS", "Local"])
            .one_of(
                "policyUsageFilter",
                self.policy_usage_filter.as_deref(),
                USAGES,
            )
            .text("pathPrefix", prefix, &POLICY_PATH);
        names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
        Ok(asking::list(facts, "iam:ListPolicies", Kind::Policy, prefix).into())
    }

    /// The account's own policies first, then AWS's: this is the order of their ARNs.
    async fn run(self, cx: Granted<'_, Self>) -> Result<PolicyList, Fault> {
        let after = page::start(self.marker.as_deref())?;
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let scope = self.scope.as_deref().unwrap_or("All");
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let own = account
                .policies
                .after(after.as_deref())
                .filter(|_| scope != "AWS");
            let of_aws = aws_managed::after(account.partition, after.as_deref())
                .filter(|_| scope != "Local");
            let all = own.chain(of_aws).filter(|(arn, policy)| {
                let uses = account.uses.get(&***arn);
                policy.path.starts_with(prefix) && self.wants(uses)
            });
            let shapes = all
                .map(|(arn, policy)| (arn, PolicyShape::short(policy, account.uses.get(&**arn))));
            Ok(Page::of(shapes, self.max_items).into())
        })
    }
}

/// How a policy is used.
pub(super) const USAGES: &[&str] = &["PermissionsPolicy", "PermissionsBoundary"];

impl ListPolicies {
    fn wants(&self, uses: Option<&Uses>) -> bool {
        let attached = uses.is_some_and(|uses| !uses.attached.is_empty());
        let bounds = uses.is_some_and(|uses| !uses.bounds.is_empty());
        let used = match self.policy_usage_filter.as_deref() {
            Some("PermissionsBoundary") => bounds,
            Some(_) => attached,
            None => return !self.only_attached || attached || bounds,
        };
        used || !self.only_attached
    }
}

/// `DeletePolicy`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeletePolicy {
    policy_arn: String,
}

impl Operation for DeletePolicy {
    says!(DeletePolicy -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        arn_bounds(Constraints::iam(), &self.policy_arn)?;
        Ok(asking::policy(facts, "iam:DeletePolicy", &self.policy_arn).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| delete(world.iam_mut(cx.account())?, &self.policy_arn))
    }
}

fn delete(account: &mut Account, arn: &str) -> Result<(), Fault> {
    let policy = account.policy_mut(arn)?;
    let (name, versions) = (policy.name.clone(), policy.versions.len());
    if account.uses.contains_key(arn) {
        return Err(faults::conflict(
            "Cannot delete a policy attached to entities.",
        ));
    }
    if versions > 1 {
        return Err(faults::conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        ));
    }
    account.policies.remove(arn);
    account.free_name(Kind::Policy, &name);
    Ok(())
}
