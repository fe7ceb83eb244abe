//! The policy simulator: decides without doing. Source: IAM API Reference, "SimulatePrincipalPolicy".
//!
//! It asks the same engine as every request. What it knows of the request is what the caller of the API says, and
//! who the simulated principal is; everything else counts as missing, and is named.

mod answer;
mod keys;
mod subject;

pub(super) use keys::{GetContextKeysForCustomPolicy, GetContextKeysForPrincipalPolicy};

use self::{
    answer::Evaluated,
    subject::{Document, Subject},
};
use super::{
    asking,
    names::{self, ARN},
    page::{self, Page, listing},
    says,
};
use crate::{
    gate::{Access, Demand, Facts, Granted, account_of},
    wire::{Constraints, Fault, Operation, Unreadable},
    world::World,
};
use rolecall_policy::{Context, Origin, Policy, PolicyKind, Rule, Value};
use serde::{Deserialize, de::IgnoredAny};
use std::{borrow::Cow, sync::Arc};

listing! {
    /// The answer to `Simulate…Policy`.
    Evaluations { evaluation_results: Evaluated }
}

/// The members that both operations have.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    /// Only of `SimulatePrincipalPolicy`, which needs it.
    policy_source_arn: Option<String>,
    /// `SimulateCustomPolicy` needs it.
    policy_input_list: Option<Vec<String>>,
    #[serde(default)]
    permissions_boundary_policy_input_list: Vec<String>,
    action_names: Vec<String>,
    #[serde(default)]
    resource_arns: Vec<String>,
    resource_policy: Option<String>,
    resource_owner: Option<String>,
    caller_arn: Option<String>,
    #[serde(default)]
    context_entries: Vec<ContextEntry>,
    max_items: Option<i64>,
    marker: Option<String>,
    #[serde(default)]
    ordered_organization_policy_input_list: Vec<IgnoredAny>,
    #[serde(default)]
    policy_exclusion_list: Vec<IgnoredAny>,
}

/// A condition key of the simulated request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextEntry {
    context_key_name: String,
    #[serde(default)]
    context_key_values: Vec<String>,
    context_key_type: Option<String>,
}

const TYPES: &[&str] = &[
    "string",
    "stringList",
    "numeric",
    "numericList",
    "boolean",
    "booleanList",
    "ip",
    "ipList",
    "binary",
    "binaryList",
    "date",
    "dateList",
];

/// What IAM says of a simulation that cannot be made.
fn invalid(message: impl Into<String>) -> Fault {
    Fault::service(400, "InvalidInput", message)
}

fn parse(member: &str, text: &str, kinds: &[PolicyKind]) -> Result<Arc<Policy>, Fault> {
    let mut first = None;
    for kind in kinds {
        match Policy::parse(text, *kind) {
            Ok(policy) => return Ok(Arc::new(policy)),
            Err(faults) => first = first.or(Some(faults)),
        }
    }
    let message = first.map_or_else(String::new, |faults| faults.first().message.clone());
    Err(invalid(format!("{member}: {message}")))
}

impl Given {
    fn check(&self) -> Result<(), Fault> {
        let mut constraints =
            names::paging(Constraints::iam(), self.marker.as_deref(), self.max_items)
                .text("policySourceArn", self.policy_source_arn.as_deref(), &ARN)
                .text("callerArn", self.caller_arn.as_deref(), &ARN);
        for entry in &self.context_entries {
            let kind = entry.context_key_type.as_deref();
            constraints = constraints.one_of("contextEntries.member.contextKeyType", kind, TYPES);
        }
        constraints.done()?;
        // Without them the answer would be to another question.
        for (member, given) in [
            (
                "OrderedOrganizationPolicyInputList",
                !self.ordered_organization_policy_input_list.is_empty(),
            ),
            (
                "PolicyExclusionList",
                !self.policy_exclusion_list.is_empty(),
            ),
        ] {
            if given {
                return Err(invalid(format!("rolecall does not serve {member}")));
            }
        }
        Ok(())
    }

    /// Everything the caller of the API says about the simulated request.
    fn context(&self) -> Context<'_> {
        let mut context = Context::new();
        for entry in &self.context_entries {
            let values = &entry.context_key_values;
            let list = entry
                .context_key_type
                .as_deref()
                .is_some_and(|kind| kind.ends_with("List"));
            let value = match values.as_slice() {
                [one] if !list => Value::Text(Cow::Borrowed(one)),
                many => Value::List(many.iter().map(|it| Cow::Borrowed(&**it)).collect()),
            };
            context.set(entry.context_key_name.as_str(), value, Origin::Given);
        }
        context
    }

    /// The given documents, as AWS names them: `PolicyInputList.1`.
    fn documents(&self) -> Result<Vec<Document>, Fault> {
        let documents = self.policy_input_list.iter().flatten().zip(1..);
        documents
            .map(|(text, number)| {
                let name = format!("PolicyInputList.{number}");
                let policy = parse(&name, text, &[PolicyKind::Identity])?;
                Ok(Document { name, policy })
            })
            .collect()
    }

    fn boundary(&self) -> Result<Option<Document>, Fault> {
        let member = "PermissionsBoundaryPolicyInputList";
        match self.permissions_boundary_policy_input_list.as_slice() {
            [] => Ok(None),
            [text] => {
                let name = format!("{member}.1");
                let policy = parse(&name, text, &[PolicyKind::Boundary])?;
                Ok(Some(Document { name, policy }))
            }
            _ => Err(invalid(format!("{member}: one policy is the most"))),
        }
    }

    /// The account that owns a resource: as said, or as its ARN says.
    fn owner(&self, resource: &str) -> Option<String> {
        let said = self.resource_owner.as_deref();
        let said = said.map(|owner| account_of(owner).unwrap_or(owner));
        let owner = said.or_else(|| account_of(resource));
        owner.map(str::to_owned)
    }

    /// Decides every action on every resource.
    fn simulate(&self, world: &World, mut subject: Subject) -> Result<Evaluations, Fault> {
        subject.identity.extend(self.documents()?);
        if let Some(boundary) = self.boundary()? {
            subject.boundary = Some(boundary);
        }
        let given = match &self.resource_policy {
            Some(text) => {
                let kinds = [PolicyKind::Resource, PolicyKind::Trust];
                Some(parse("ResourcePolicy", text, &kinds)?)
            }
            None => None,
        };
        let context = subject.context(&self.context());
        let everything = ["*".to_owned()];
        let resources = match self.resource_arns.as_slice() {
            [] => &everything,
            some => some,
        };
        let mut results = Vec::new();
        for action in &self.action_names {
            if !action.contains(':') {
                return Err(invalid(format!("Invalid action: {action}")));
            }
            for resource in resources {
                if resource != "*" && !resource.starts_with("arn:") {
                    return Err(invalid(format!("Invalid Entity Arn: {resource}")));
                }
                let assumes = action.to_ascii_lowercase().starts_with("sts:assumerole");
                // Better than AWS: a role that exists is asked by its own trust policy.
                let guard = given
                    .clone()
                    .or_else(|| assumes.then(|| trust(world, resource)).flatten());
                let asked = answer::Asked {
                    subject: &subject,
                    action,
                    resource,
                    owner: self.owner(resource),
                    guard,
                    rule: if assumes {
                        Rule::TrustMustAllow
                    } else if action.eq_ignore_ascii_case("sts:AssumeRoot") {
                        Rule::CallerDecides
                    } else {
                        Rule::Plain
                    },
                    context: &context,
                    of_one: !self.resource_arns.is_empty(),
                };
                results.push(asked.evaluate(world));
            }
        }
        let start = page::start(self.marker.as_deref())?;
        let entries = results
            .into_iter()
            .enumerate()
            .map(|(at, result)| (format!("{at:06}"), result))
            .skip_while(|(at, _)| start.as_ref().is_some_and(|start| at <= start));
        Ok(Page::of(entries, self.max_items).into())
    }
}

/// The trust policy of a role that is there.
fn trust(world: &World, role: &str) -> Option<Arc<Policy>> {
    let account = world.law.account(account_of(role)?)?;
    let (_, path) = role.split_once(":role/")?;
    let found = account.roles.get(path.rsplit('/').next()?)?;
    (found.arn == role).then(|| found.trust.policy.clone())
}

/// `SimulateCustomPolicy`
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct SimulateCustomPolicy(Given);

impl Operation for SimulateCustomPolicy {
    says!(SimulateCustomPolicy -> Evaluations);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        self.0.check()?;
        let missing = || Unreadable::Missing("PolicyInputList".to_owned());
        if self
            .0
            .policy_input_list
            .as_ref()
            .ok_or_else(missing)?
            .is_empty()
        {
            return Err(invalid("PolicyInputList: at least one policy is needed"));
        }
        Ok(Demand::new("iam:SimulateCustomPolicy", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Evaluations, Fault> {
        let caller = cx.caller();
        cx.read(|world| {
            let subject = match &self.0.caller_arn {
                Some(arn) => Subject::named(world, arn)?.without_policies(),
                None => Subject::nobody(&caller.account, caller.partition),
            };
            self.0.simulate(world, subject)
        })
    }
}

/// `SimulatePrincipalPolicy`
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct SimulatePrincipalPolicy(Given);

impl SimulatePrincipalPolicy {
    fn source(&self) -> Result<&str, Fault> {
        let missing = Unreadable::Missing("PolicySourceArn".to_owned());
        self.0.policy_source_arn.as_deref().ok_or(missing.into())
    }
}

impl Operation for SimulatePrincipalPolicy {
    says!(SimulatePrincipalPolicy -> Evaluations);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        self.0.check()?;
        Ok(asking::by_arn(facts, "iam:SimulatePrincipalPolicy", self.source()?).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Evaluations, Fault> {
        cx.read(|world| {
            let mut subject = Subject::named(world, self.source()?)?;
            if let Some(arn) = &self.0.caller_arn {
                subject = subject.called_by(Subject::named(world, arn)?);
            }
            self.0.simulate(world, subject)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::Parts;

    #[test]
    fn what_would_change_the_answer_and_is_not_understood_is_refused() {
        let check = |member: &str| {
            let form = format!("ActionNames.member.1=s3%3AGetObject&{member}");
            let asked: SimulateCustomPolicy = Parts::from_form(form.as_bytes()).read().unwrap();
            asked.0.check().map_err(|fault| fault.to_string())
        };
        assert_eq!(check("PolicyInputList.member.1=x"), Ok(()));
        for (member, name) in [
            (
                "OrderedOrganizationPolicyInputList.member.1.ServiceControlPolicyInputList.member.1=x",
                "OrderedOrganizationPolicyInputList",
            ),
            (
                "PolicyExclusionList.member.1.PolicyArn=x",
                "PolicyExclusionList",
            ),
        ] {
            let refused = format!("InvalidInput: rolecall does not serve {name}");
            assert_eq!(check(member), Err(refused));
        }
    }
}
