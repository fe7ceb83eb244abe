//! Which policies grant access to which services, and `ListPoliciesGrantingServiceAccess`.

use super::{
    Attachments,
    account::{Account, Kind},
    asking, faults,
    names::ARN,
    page, says,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Members, Operation},
    world::Text,
};
use rolecall_policy::{Effect, Part, Policy, Statement};
use serde::{Deserialize, Serialize};

/// Whoever or whatever holds permissions, by ARN.
#[derive(Debug)]
pub(super) enum Bearer {
    /// A user, group or role.
    Holder(Kind, Text),
    /// A managed policy.
    Policy(Text),
}

impl Bearer {
    /// What the ARN names.
    pub(super) fn of(account: &Account, arn: &str) -> Result<Self, Fault> {
        let invalid = || faults::invalid_input(format!("Invalid ARN {arn}"));
        let rest = arn.splitn(6, ':').nth(5).ok_or_else(invalid)?;
        let (kind, path) = rest.split_once('/').ok_or_else(invalid)?;
        let name = path.rsplit('/').next().unwrap_or(path);
        let (kind, found) = match kind {
            "user" => (
                Kind::User,
                account.user(name).ok().map(|it| (&it.arn, &it.name)),
            ),
            "group" => (
                Kind::Group,
                account.group(name).ok().map(|it| (&it.arn, &it.name)),
            ),
            "role" => (
                Kind::Role,
                account.role(name).ok().map(|it| (&it.arn, &it.name)),
            ),
            "policy" => return Ok(Self::Policy(account.policy(arn)?.arn.clone())),
            _ => return Err(invalid()),
        };
        match found.filter(|(known, _)| *known == arn) {
            Some((_, name)) => Ok(Self::Holder(kind, name.clone())),
            None => Err(faults::no_entity(format!("ARN {arn} does not exist."))),
        }
    }

    /// The users and roles that have these permissions.
    pub(super) fn people(&self, account: &Account) -> Vec<(Kind, Text)> {
        let holders: Vec<(Kind, Text)> = match self {
            Self::Holder(kind, name) => vec![(*kind, name.clone())],
            Self::Policy(arn) => {
                let uses = account.uses.get(arn);
                uses.into_iter()
                    .flat_map(|uses| uses.attached.keys().cloned())
                    .collect()
            }
        };
        let mut people = Vec::new();
        for (kind, name) in holders {
            match account.groups.get(&name).filter(|_| kind == Kind::Group) {
                Some(group) => {
                    people.extend(group.members.keys().map(|it| (Kind::User, it.clone())))
                }
                None => people.push((kind, name)),
            }
        }
        people.sort();
        people.dedup();
        people
    }
}

/// A policy of a bearer and where it hangs.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) policy: &'a Policy,
    name: &'a Text,
    /// None for inline policies.
    arn: Option<&'a Text>,
    holder: Option<(Kind, Text)>,
}

/// The policies that a bearer has, a user's groups' among them.
pub(super) fn policies<'a>(account: &'a Account, bearer: &Bearer) -> Vec<Found<'a>> {
    let mut out = Vec::new();
    match bearer {
        Bearer::Policy(arn) => out.extend(account.policy(arn).ok().and_then(|policy| {
            Some(Found {
                policy: policy.default_policy()?,
                name: &policy.name,
                arn: Some(&policy.arn),
                holder: None,
            })
        })),
        Bearer::Holder(kind, name) => {
            held(account, *kind, name, &mut out);
            let user = account.users.get(name).filter(|_| *kind == Kind::User);
            for group in user.into_iter().flat_map(|user| &user.groups) {
                held(account, Kind::Group, group, &mut out);
            }
        }
    }
    out
}

fn held<'a>(account: &'a Account, kind: Kind, name: &Text, out: &mut Vec<Found<'a>>) {
    let Ok(Attachments { managed, inline }) = account.attachments(kind, name) else {
        return;
    };
    let holder = || Some((kind, name.clone()));
    out.extend(inline.iter().map(|inline| Found {
        policy: &inline.policy,
        name: &inline.name,
        arn: None,
        holder: holder(),
    }));
    let managed = managed.iter().filter_map(|arn| account.policy(arn).ok());
    out.extend(managed.filter_map(|policy| {
        Some(Found {
            policy: policy.default_policy()?,
            name: &policy.name,
            arn: Some(&policy.arn),
            holder: holder(),
        })
    }));
}

/// The services that the policy names.
pub(super) fn named(policy: &Policy) -> impl Iterator<Item = String> + '_ {
    let actions = policy.statements().iter().flat_map(Statement::actions);
    let prefixes = actions.filter_map(|action| Some(action.text.split_once(':')?.0));
    prefixes.map(str::to_ascii_lowercase)
}

/// Whether a statement of the policy allows something of the service, conditions aside.
pub(super) fn grants(policy: &Policy, service: &str) -> bool {
    let allows = |statement: &&Statement| statement.effect() == Effect::Allow;
    policy.statements().iter().filter(allows).any(|statement| {
        let mut actions = statement.actions();
        if statement.negated(Part::Action) {
            let whole =
                |text: &str| text == "*" || text.eq_ignore_ascii_case(&format!("{service}:*"));
            return !actions.any(|action| whole(action.text));
        }
        actions.any(|action| match action.text.split_once(':') {
            Some((prefix, _)) => prefix.eq_ignore_ascii_case(service),
            None => action.text == "*",
        })
    })
}

/// `ListPoliciesGrantingServiceAccess`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListPoliciesGrantingServiceAccess {
    arn: String,
    service_namespaces: Vec<String>,
    marker: Option<String>,
}

/// The answer to `ListPoliciesGrantingServiceAccess`: never more than one page.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Granting {
    policies_granting_service_access: Members<OfService>,
    is_truncated: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct OfService {
    service_namespace: String,
    policies: Members<PolicyShape>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyShape {
    policy_name: String,
    policy_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_name: Option<String>,
}

impl From<&Found<'_>> for PolicyShape {
    fn from(found: &Found<'_>) -> Self {
        // Where it hangs is said of inline policies only.
        let holder = found.holder.as_ref().filter(|_| found.arn.is_none());
        Self {
            policy_name: found.name.to_string(),
            policy_type: if found.arn.is_some() {
                "MANAGED"
            } else {
                "INLINE"
            },
            policy_arn: found.arn.map(ToString::to_string),
            entity_type: holder.map(|(kind, _)| kind.title().to_ascii_uppercase()),
            entity_name: holder.map(|(_, name)| name.to_string()),
        }
    }
}

impl Operation for ListPoliciesGrantingServiceAccess {
    says!(ListPoliciesGrantingServiceAccess -> Granting);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("arn", Some(&self.arn), &ARN)
            .count("serviceNamespaces", self.service_namespaces.len(), 200)
            .some("serviceNamespaces", self.service_namespaces.len())
            .done()?;
        let action = "iam:ListPoliciesGrantingServiceAccess";
        Ok(asking::by_arn(facts, action, &self.arn).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Granting, Fault> {
        page::start(self.marker.as_deref())?;
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let all = policies(account, &Bearer::of(account, &self.arn)?);
            let of_service = |namespace: String| OfService {
                policies: all
                    .iter()
                    .filter(|found| grants(found.policy, &namespace))
                    .map(PolicyShape::from)
                    .collect(),
                service_namespace: namespace,
            };
            Ok(Granting {
                policies_granting_service_access: self
                    .service_namespaces
                    .into_iter()
                    .map(of_service)
                    .collect(),
                is_truncated: false,
            })
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use rolecall_policy::PolicyKind;

    fn policy(actions: &str) -> Policy {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{actions},"Resource":"*"}}]}}"#
        );
        Policy::parse(&text, PolicyKind::Identity).unwrap()
    }

    #[test]
    fn what_is_named_or_starred_or_not_left_out_is_granted() {
        assert!(grants(&policy(r#""Action":"S3:Get*""#), "s3"));
        assert!(!grants(&policy(r#""Action":"s3:Get*""#), "iam"));
        assert!(grants(&policy(r#""Action":"*""#), "iam"));
        assert!(!grants(&policy(r#""NotAction":["iam:*","sts:*"]"#), "iam"));
        assert!(grants(&policy(r#""NotAction":"iam:Get*""#), "iam"));
    }
}
