//! Scenarios: a small world, questions put to it, and the answers expected.
//!
//! Reading goes `file` (YAML into typed values, variables filled in, documents loaded) and then
//! [`plan`] (the world as calls in order). Nothing here touches the network.

pub mod documents;
pub mod event;
pub mod file;
mod json_text;
pub mod plan;
pub mod run;
pub(crate) mod value;
pub mod vars;

pub use file::{Scenario, read};

use documents::Document;
use file::question::{PlannedLine, Question};

impl Scenario {
    /// Every pasted line, of `setup:` and of the steps.
    pub fn lines(&self) -> impl Iterator<Item = &PlannedLine> {
        let steps = self.steps.iter().flat_map(|step| &step.cases);
        let asked = steps.flat_map(|case| match &case.question {
            Question::Aws(lines) => lines.as_slice(),
            _ => &[],
        });
        self.setup.iter().chain(asked)
    }

    /// Every policy document, with the name by which a reason would call it.
    pub fn documents(&self) -> impl Iterator<Item = (String, &Document)> {
        let given = &self.given;
        let policies = given
            .policies
            .iter()
            .map(|(name, document)| (name.value.clone(), document));
        let buckets = given
            .buckets
            .iter()
            .filter_map(|bucket| Some((bucket.name.value.clone(), bucket.policy.as_ref()?)));
        let roles = given
            .roles
            .iter()
            .map(|role| (format!("{}/trust", role.name.value), &role.trust));
        let grants = (given.roles.iter().map(|role| &role.grants))
            .chain(given.users.iter().map(|user| &user.grants))
            .chain(given.groups.iter().map(|group| &group.grants));
        let inline = grants
            .flat_map(|grants| &grants.inline)
            .map(|(name, document)| (name.value.clone(), document));
        let resources = given
            .resource_policies
            .iter()
            .map(|(name, document)| (name.value.clone(), document));
        let organization = given.organization.iter();
        let organization = organization
            .flat_map(|organization| organization.documents())
            .map(|(name, document)| (name.value.clone(), document));
        let lines = self.lines().flat_map(|line| {
            line.line
                .documents
                .iter()
                .map(|(parameter, document)| (carried(&line.line.call, parameter), document))
        });
        let cases = self.steps.iter().flat_map(|step| &step.cases);
        let calls = cases.flat_map(|case| match &case.question {
            Question::Call(call) => call
                .documents
                .iter()
                .map(|(parameter, document)| (carried(&call.call, parameter), document))
                .collect(),
            _ => Vec::new(),
        });
        policies
            .chain(buckets)
            .chain(roles)
            .chain(inline)
            .chain(resources)
            .chain(organization)
            .chain(lines)
            .chain(calls)
    }
}

/// The name of what a call puts a document into.
fn carried(call: &crate::endpoint::Call, parameter: &str) -> String {
    let text = |name: &str| call.params.get(name).and_then(serde_json::Value::as_str);
    let trust =
        parameter == "AssumeRolePolicyDocument" || call.operation == "UpdateAssumeRolePolicy";
    match text("RoleName") {
        Some(role) if trust => format!("{role}/trust"),
        _ => ["PolicyName", "PolicyArn", "Bucket"]
            .into_iter()
            .find_map(text)
            .unwrap_or_default()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned(),
    }
}

#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod tests;
