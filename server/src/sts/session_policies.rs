//! Session policies: what a session is limited to, frozen when it begins.
//! Source: IAM User Guide, "Session policies".

use super::names::{ARN, validation};
use crate::{
    gate::account_of,
    iam::{InlinePolicy, Tags},
    wire::{Constraints, Fault, Form, Rule, is_document},
    world::Law,
};
use rolecall_policy::PolicyKind;
use serde::Deserialize;

/// Managed policies of one session.
const MOST: usize = 10;

const TEXT: Rule = Rule {
    min: 1,
    max: 2048,
    form: Form::Pattern(r"[\u0009\u000A\u000D\u0020-\u00FF]+"),
    fits: is_document,
};

/// What the packed policies and tags of a session may come to. AWS packs them in a form of its own;
/// counting characters against this number is rolecall's choice.
const PACKED: usize = 4096;

/// A managed policy by its ARN.
#[derive(Debug, Deserialize)]
pub(crate) struct PolicyDescriptor {
    pub(super) arn: String,
}

/// The bounds of the policies in a request.
pub(super) fn bounds(
    mut constraints: Constraints,
    text: Option<&str>,
    arns: &[PolicyDescriptor],
) -> Constraints {
    constraints = constraints
        .text("policy", text, &TEXT)
        .count("policyArns", arns.len(), MOST);
    for (policy, number) in arns.iter().zip(1..) {
        constraints = constraints.text(
            &format!("policyArns.{number}.member.arn"),
            Some(&policy.arn),
            &ARN,
        );
    }
    constraints
}

/// The policies as they are now, and how full the session is in percent; none when there is nothing in it. The tags are
/// those of the session: what an earlier one hands on takes room too.
pub(super) fn read(
    law: &Law,
    account: &str,
    text: Option<&str>,
    arns: &[PolicyDescriptor],
    tags: &Tags,
) -> Result<(Option<Vec<InlinePolicy>>, Option<usize>), Fault> {
    let mut policies = Vec::new();
    let pairs = tags.iter();
    let mut size: usize = pairs.map(|(key, value)| key.len() + value.len()).sum();
    if let Some(text) = text {
        let policy = crate::world::policy(text, PolicyKind::Session)
            .map_err(|faults| Fault::document(400, "MalformedPolicyDocument", text, &faults))?;
        size += policy.size();
        policies.push(InlinePolicy {
            name: "session policy".into(),
            policy,
        });
    }
    for PolicyDescriptor { arn } in arns {
        let managed = law
            .managed_policy(arn)
            .filter(|_| account_of(arn).is_none_or(|of| of == account));
        let version = managed.and_then(|policy| {
            let version = policy
                .versions
                .iter()
                .find(|version| version.number == policy.default_version)?;
            Some(InlinePolicy {
                name: policy.arn.clone(),
                policy: version.policy.clone(),
            })
        });
        // The sentence is rolecall's choice.
        policies.push(version.ok_or_else(|| {
            validation(format!("Policy {arn} does not exist or is not attachable."))
        })?);
        size += arn.len();
    }
    if size == 0 {
        return Ok((None, None));
    }
    let percent = (size * 100).div_ceil(PACKED);
    if percent > 100 {
        // The words for both are rolecall's choice.
        let message = match (policies.is_empty(), tags.is_empty()) {
            (true, _) => {
                format!("Packed size of session tags consumes {percent}% of allotted space.")
            }
            (_, true) => format!(
                "Packed policy consumes {percent}% of allotted space, please use smaller policy."
            ),
            _ => format!(
                "Packed size of session policies and session tags consumes {percent}% of allotted space."
            ),
        };
        return Err(Fault::service(400, "PackedPolicyTooLarge", message));
    }
    Ok((
        Some(policies).filter(|policies| !policies.is_empty()),
        Some(percent),
    ))
}
