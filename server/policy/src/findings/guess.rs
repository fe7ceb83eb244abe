//! What a document without a label is a policy of.

use super::document::{Document, Subject};
use super::finding::PolicyType;
use super::fix;
use crate::json;

/// Services whose resources have no policies of their own: a Principal beside their actions is a mistake.
const WITHOUT_RESOURCE_POLICIES: [&str; 3] = ["iam", "mobileanalytics", "mobiletargeting"];

/// Guesses the kind of a policy from what stands in it, with AWS's resource type where that is clear.
///
/// The trust policy of a role speaks of `sts` only and names no resource; a document with a Principal is a policy of
/// a resource, unless all of its actions belong to services whose resources have none; the rest are identity policies.
/// Control policies look like those, so they cannot be guessed.
#[must_use]
pub fn guess(text: &str) -> (PolicyType, Option<&'static str>) {
    let repaired = fix::repair(text);
    let text = repaired.as_ref().map_or(text, |repaired| &*repaired.text);
    let unlabelled = (PolicyType::Identity, None);
    let Ok((root, _)) = json::read(text) else {
        return unlabelled;
    };
    let subject = Subject {
        policy_type: PolicyType::Identity,
        resource_type: None,
    };
    let document = Document::new(text, &root, subject);
    let prefixes: Vec<String> = document
        .statements
        .iter()
        .flat_map(|statement| statement.texts(["Action", "NotAction"]))
        .map(|action| {
            let prefix = action.text.split_once(':').map_or("", |(prefix, _)| prefix);
            prefix.to_ascii_lowercase()
        })
        .collect();
    let all = |known: &[&str]| {
        !prefixes.is_empty() && prefixes.iter().all(|prefix| known.contains(&&**prefix))
    };
    let mut statements = document.statements.iter();
    let names_somebody = statements
        .clone()
        .any(|statement| statement.principal.is_some());
    let names_resources = statements.any(|statement| statement.resources.is_some());
    let trust = (
        PolicyType::Resource,
        Some("AWS::IAM::AssumeRolePolicyDocument"),
    );
    match names_somebody {
        _ if all(&["sts"]) && !names_resources => trust,
        true if all(&["sts"]) => trust,
        true if all(&["s3"]) => (PolicyType::Resource, Some("AWS::S3::Bucket")),
        true if !all(&WITHOUT_RESOURCE_POLICIES) => (PolicyType::Resource, None),
        _ => unlabelled,
    }
}
