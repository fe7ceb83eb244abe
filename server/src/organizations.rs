//! AWS Organizations, as far as decisions depend on it: which policies bound an account.
//!
//! No operation of Organizations is served. A scenario or an admin call gives the whole organization
//! at once; decisions then see its service control policies (of the caller's account) and resource
//! control policies (of the resource's account), level by level.
//! Source: AWS Organizations User Guide, "SCP evaluation" and "RCP evaluation".

use crate::world::Text;
use rolecall_policy::{Attached, Faults, Policy, PolicyKind, Source};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, sync::Arc};

/// The policy that is attached everywhere unless somebody detaches it.
const FULL_AWS_ACCESS: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
/// Its ARN, the same everywhere. Source: AWS Organizations User Guide, "SCP evaluation".
const FULL_AWS_ACCESS_ARN: &str =
    "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess";
/// The id of an organization that was given none.
const DEFAULT_ID: &str = "o-rolecall01";

/// An organization.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Organization {
    /// `o-…`
    pub id: Text,
    /// The management account: service control policies do not bound it.
    pub management: Option<Text>,
    members: BTreeMap<Text, Member>,
    /// What the management account may do to the root users of the others.
    #[serde(default)]
    pub(crate) root_access: RootAccess,
}

/// Central root access: off until the management account turns it on.
/// Source: IAM User Guide, "Centralize root access for member accounts".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct RootAccess {
    /// `RootCredentialsManagement`
    pub(crate) credentials: bool,
    /// `RootSessions`
    pub(crate) sessions: bool,
}

/// An account's place in the organization.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Member {
    /// `o-…/r-…/ou-…/`, as `aws:PrincipalOrgPaths` has it.
    path: Text,
    /// From the root down to the account.
    levels: Vec<Arc<Level>>,
}

/// The root, a unit or an account, with what is attached to it.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Level {
    name: Text,
    scps: Vec<Control>,
    rcps: Vec<Control>,
}

/// A service or resource control policy.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Control {
    name: Text,
    #[serde(deserialize_with = "crate::world::policy_from_row")]
    policy: Arc<Policy>,
    /// A data directory from before denials named it has none.
    #[serde(default)]
    arn: Option<Text>,
}

/// An organization as it is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GivenOrganization {
    /// `o-…`
    id: Option<String>,
    /// The management account.
    management: Option<String>,
    /// What is attached to the root, and what stands below it.
    #[serde(default)]
    root: GivenUnit,
}

/// The root or a unit as it is given.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GivenUnit {
    /// FullAWSAccess stays attached unless this says `false`.
    full_access: Option<bool>,
    /// Service control policies, by name.
    #[serde(default)]
    scps: BTreeMap<String, String>,
    /// Resource control policies, by name.
    #[serde(default)]
    rcps: BTreeMap<String, String>,
    /// Units below, by name.
    #[serde(default)]
    units: BTreeMap<String, GivenUnit>,
    /// Accounts in this unit, by their 12 digits.
    #[serde(default)]
    accounts: GivenAccounts,
}

/// Accounts as they are given: a list, or with what is attached to each.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum GivenAccounts {
    List(Vec<String>),
    Each(BTreeMap<String, GivenAccount>),
}

/// What is attached to an account.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct GivenAccount {
    full_access: Option<bool>,
    #[serde(default)]
    scps: BTreeMap<String, String>,
    #[serde(default)]
    rcps: BTreeMap<String, String>,
}

impl Default for GivenAccounts {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl GivenAccounts {
    fn each(self) -> BTreeMap<String, GivenAccount> {
        match self {
            Self::List(list) => list
                .into_iter()
                .map(|id| (id, GivenAccount::default()))
                .collect(),
            Self::Each(each) => each,
        }
    }
}

/// A policy of the organization cannot be what it is.
#[derive(Debug, thiserror::Error)]
#[error("the {kind} `{name}` of `{unit}`: {}", .faults.first().message)]
pub struct BadPolicy {
    /// `SCP` or `RCP`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The unit it is attached to.
    pub unit: String,
    /// What is wrong with it.
    pub faults: Faults,
}

impl TryFrom<GivenOrganization> for Organization {
    type Error = Box<BadPolicy>;

    fn try_from(given: GivenOrganization) -> Result<Self, Box<BadPolicy>> {
        let id: Text = given.id.as_deref().unwrap_or(DEFAULT_ID).into();
        let names = Names {
            management: given.management.clone(),
            organization: id.clone(),
        };
        let mut organization = Self {
            management: given.management.map(Text::from),
            members: BTreeMap::new(),
            root_access: RootAccess::default(),
            id: id.clone(),
        };
        let root = format!("{id}/r-root/");
        organization.add("Root", given.root, &root, &[], &names)?;
        if let Some(management) = organization.management.clone() {
            // It is in the organization too, at the root unless said otherwise, and nothing bounds it.
            let member = || Member {
                path: root.as_str().into(),
                levels: Vec::new(),
            };
            organization
                .members
                .entry(management)
                .or_insert_with(member);
        }
        Ok(organization)
    }
}

impl Organization {
    /// Adds a unit and everything below it.
    fn add(
        &mut self,
        name: &str,
        given: GivenUnit,
        path: &str,
        above: &[Arc<Level>],
        names: &Names,
    ) -> Result<(), Box<BadPolicy>> {
        let level = Level::new(name, given.full_access, given.scps, given.rcps, names)?;
        let levels: Vec<_> = above.iter().cloned().chain([Arc::new(level)]).collect();
        for (id, account) in given.accounts.each() {
            let own = Level::new(&id, account.full_access, account.scps, account.rcps, names)?;
            let member = Member {
                path: path.into(),
                levels: levels.iter().cloned().chain([Arc::new(own)]).collect(),
            };
            self.members.insert(id.into(), member);
        }
        for (name, unit) in given.units {
            self.add(&name, unit, &format!("{path}ou-{name}/"), &levels, names)?;
        }
        Ok(())
    }

    /// Whether `account` is the one that manages the others.
    pub(crate) fn is_managed_by(&self, account: &str) -> bool {
        self.management.as_deref() == Some(account)
    }

    /// Whether `account` belongs to it, as its management or as a member.
    pub(crate) fn has(&self, account: &str) -> bool {
        self.is_managed_by(account) || self.members.contains_key(account)
    }

    /// The path of an account, when it is a member.
    pub(crate) fn path(&self, account: &str) -> Option<&str> {
        self.members.get(account).map(|member| &*member.path)
    }

    /// The service control policies that bound a caller of `account`, one list per level.
    pub(crate) fn scps(&self, account: &str) -> Vec<Vec<Attached<'_>>> {
        if self.is_managed_by(account) {
            return Vec::new();
        }
        self.levels(account, |level| &level.scps)
    }

    /// The resource control policies that bound resources of `account`, one list per level.
    pub(crate) fn rcps(&self, account: &str) -> Vec<Vec<Attached<'_>>> {
        if self.is_managed_by(account) {
            return Vec::new();
        }
        self.levels(account, |level| &level.rcps)
    }

    fn levels<'a>(
        &'a self,
        account: &str,
        which: impl Fn(&'a Level) -> &'a [Control],
    ) -> Vec<Vec<Attached<'a>>> {
        let member = self.members.get(account);
        let levels = member
            .map(|member| member.levels.as_slice())
            .unwrap_or_default();
        let attached = |level: &'a Arc<Level>| {
            let policies = which(level).iter().map(|control| Attached {
                source: Source {
                    name: &control.name,
                    arn: control.arn.as_deref(),
                    holder: Some(&level.name),
                },
                policy: &control.policy,
            });
            policies.collect()
        };
        levels.iter().map(attached).collect()
    }
}

/// What the ARNs of an organization's policies are made of.
struct Names {
    management: Option<String>,
    organization: Text,
}

impl Names {
    /// `arn:aws:organizations::MANAGEMENT:policy/ORGANIZATION/service_control_policy/p-…`. The id follows from what the
    /// policy is, so it is the same in every run; an organization that was given no management account has
    /// twelve zeros there. Both are rolecall's choice.
    fn arn(&self, kind: PolicyKind, name: &str, text: &str) -> String {
        let kind = match kind {
            PolicyKind::Rcp => "resource_control_policy",
            _ => "service_control_policy",
        };
        let mut digest = Sha256::new();
        for part in [kind, name, text] {
            digest.update(part);
            digest.update([0]);
        }
        let digest = digest.finalize();
        let id: String = digest
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let management = self.management.as_deref().unwrap_or("000000000000");
        let organization = &self.organization;
        format!("arn:aws:organizations::{management}:policy/{organization}/{kind}/p-{id}")
    }
}

impl Level {
    fn new(
        name: &str,
        with_full_access: Option<bool>,
        scps: BTreeMap<String, String>,
        rcps: BTreeMap<String, String>,
        names: &Names,
    ) -> Result<Self, Box<BadPolicy>> {
        let mut scps = policies("SCP", PolicyKind::Scp, name, scps, names)?;
        if with_full_access != Some(false) {
            scps.extend(full_access());
        }
        Ok(Self {
            name: name.into(),
            scps,
            rcps: policies("RCP", PolicyKind::Rcp, name, rcps, names)?,
        })
    }
}

/// FullAWSAccess, compiled.
fn full_access() -> Option<Control> {
    let policy = Policy::parse(FULL_AWS_ACCESS, PolicyKind::Scp).ok()?;
    Some(Control {
        name: "FullAWSAccess".into(),
        policy: Arc::new(policy),
        arn: Some(FULL_AWS_ACCESS_ARN.into()),
    })
}

fn policies(
    kind: &'static str,
    of: PolicyKind,
    unit: &str,
    given: BTreeMap<String, String>,
    names: &Names,
) -> Result<Vec<Control>, Box<BadPolicy>> {
    let parse = |(name, text): (String, String)| match Policy::parse(&text, of) {
        Ok(policy) => Ok(Control {
            arn: Some(names.arn(of, &name, &text).into()),
            name: name.into(),
            policy: Arc::new(policy),
        }),
        Err(faults) => Err(Box::new(BadPolicy {
            kind,
            name,
            unit: unit.to_owned(),
            faults,
        })),
    };
    given.into_iter().map(parse).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn organization(text: &str) -> Result<Organization, String> {
        let given: GivenOrganization =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        given
            .try_into()
            .map_err(|error: Box<BadPolicy>| error.to_string())
    }

    #[test]
    fn levels_go_from_the_root_down() {
        let deny = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"#;
        let text = format!(
            r#"{{"management":"111111111111","root":{{"accounts":["111111111111"],"units":{{"Work":{{"scps":{{"no-s3":"{deny}"}},"full-access":false,"accounts":["123456789012"]}}}}}}}}"#
        );
        let organization = organization(&text).unwrap();
        assert_eq!(
            organization.path("123456789012"),
            Some("o-rolecall01/r-root/ou-Work/")
        );
        let levels = organization.scps("123456789012");
        let names: Vec<Vec<_>> = levels
            .iter()
            .map(|level| level.iter().map(|it| it.source.name).collect())
            .collect();
        assert_eq!(
            names,
            [vec!["FullAWSAccess"], vec!["no-s3"], vec!["FullAWSAccess"]]
        );
        assert!(
            organization.scps("111111111111").is_empty(),
            "the management account is not bounded"
        );
        assert!(
            organization.scps("999988887777").is_empty(),
            "strangers are not bounded"
        );
    }

    #[test]
    fn an_account_is_the_last_level() {
        let text = r#"{"root":{"accounts":{"123456789012":{"full-access":false,"scps":{"mine":"{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}"}},"999988887777":{}}}}"#;
        let organization = organization(text).unwrap();
        let last = |account: &str| {
            let levels = organization.scps(account);
            let last: Vec<_> = levels[1].iter().map(|it| it.source.name).collect();
            (levels.len(), last.join(" "))
        };
        assert_eq!(last("123456789012"), (2, "mine".to_owned()));
        assert_eq!(last("999988887777"), (2, "FullAWSAccess".to_owned()));
    }

    #[test]
    fn every_policy_has_an_arn_that_stays() {
        let deny = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"#;
        let text = format!(
            r#"{{"id":"o-qv5af4abcd","management":"987654321098","root":{{"scps":{{"no-s3":"{deny}"}},"accounts":["123456789012"]}}}}"#
        );
        let arns = |organization: &Organization| -> Vec<String> {
            let levels = organization.scps("123456789012");
            let arns = levels[0].iter().filter_map(|it| it.source.arn);
            arns.map(str::to_owned).collect()
        };
        let first = organization(&text).unwrap();
        let told = arns(&first);
        let start =
            "arn:aws:organizations::987654321098:policy/o-qv5af4abcd/service_control_policy/p-";
        let id = told[0].strip_prefix(start).unwrap();
        assert!(id.len() == 8 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(told[1], FULL_AWS_ACCESS_ARN);
        assert_eq!(arns(&organization(&text).unwrap()), told);
        // What was kept before there were ARNs is read all the same.
        let kept = serde_json::to_string(&first).unwrap();
        let again: Organization = serde_json::from_str(&kept).unwrap();
        assert_eq!(arns(&again), told);
        let old = kept.replace(r#""arn""#, r#""was""#);
        let old: Organization = serde_json::from_str(&old).unwrap();
        assert!(arns(&old).is_empty());
    }

    #[test]
    fn a_bad_policy_is_named() {
        let said = organization(r#"{"root":{"scps":{"broken":"{"}}}"#).unwrap_err();
        assert!(said.starts_with("the SCP `broken` of `Root`: "), "{said}");
    }
}
