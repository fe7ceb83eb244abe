//! `CheckNoNewAccess` and `CheckAccessNotGranted`: decided for all requests at once.
//! Source: IAM User Guide, "Validate policies with IAM Access Analyzer custom policy checks".

use super::{
    input::{Input, invalid},
    says,
};
use crate::{
    gate::Granted,
    wire::{Fault, Operation},
};
use rolecall_policy::{Access, PolicyKind, TooLarge, granted_access, new_access};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const POLICY_TYPES: &[&str] = &["IDENTITY_POLICY", "RESOURCE_POLICY"];

/// The kinds of document behind a policy type. A document without resources is a trust policy.
fn kinds(policy_type: &str) -> &'static [PolicyKind] {
    match policy_type {
        "IDENTITY_POLICY" => &[PolicyKind::Identity],
        _ => &[PolicyKind::Resource, PolicyKind::Trust, PolicyKind::Bucket],
    }
}

/// The answer to a custom policy check.
#[derive(Debug, Serialize)]
pub(super) struct Checked {
    result: &'static str,
    message: String,
    reasons: Vec<Reason>,
}

/// A statement because of which a check failed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reason {
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_id: Option<String>,
}

impl Checked {
    /// Fails for `reasons`; passes without any.
    pub(super) fn new(pass: &str, fail: &str, reasons: Vec<Reason>) -> Self {
        let (result, message) = if reasons.is_empty() {
            ("PASS", pass)
        } else {
            ("FAIL", fail)
        };
        Self {
            result,
            message: message.to_owned(),
            reasons,
        }
    }
}

impl Reason {
    /// A sentence about a statement, which AWS names by its Sid where it has one.
    pub(super) fn of(what: &str, index: usize, sid: Option<&str>, example: &str) -> Self {
        let named = match sid {
            Some(sid) => format!("sid: {sid}"),
            None => format!("index: {index}"),
        };
        Self {
            description: format!("{what} the statement with {named}.{example}"),
            statement_index: Some(index),
            statement_id: sid.map(str::to_owned),
        }
    }

    /// An example is told only where a request was found that is one.
    fn access(what: &str, unsure: &str, access: &Access) -> Self {
        let caller = access.caller.as_deref();
        let by = caller.map_or_else(String::new, |caller| format!(" by {caller}"));
        let example = match access.confirmed {
            true => format!(" For example {} on {}{by}.", access.action, access.resource),
            false => format!(" {unsure}"),
        };
        Self::of(what, access.statement, access.sid.as_deref(), &example)
    }

    /// What cannot be decided fails.
    fn unknown(why: TooLarge) -> Self {
        Self {
            description: format!("Not decided, so not passed: {why}."),
            statement_index: None,
            statement_id: None,
        }
    }

    fn all(what: &str, unsure: &str, found: Result<Vec<Access>, TooLarge>) -> Vec<Self> {
        match found {
            Ok(found) => found
                .iter()
                .map(|access| Self::access(what, unsure, access))
                .collect(),
            Err(why) => vec![Self::unknown(why)],
        }
    }
}

/// `CheckNoNewAccess`
#[derive(Debug, Deserialize)]
pub(super) struct CheckNoNewAccess {
    body: Option<Value>,
}

impl Operation for CheckNoNewAccess {
    says!(CheckNoNewAccess -> Checked);

    async fn run(self, _: Granted<'_, Self>) -> Result<Checked, Fault> {
        let input = Input::new(self.body.as_ref());
        let kinds = kinds(input.must_word("policyType", POLICY_TYPES)?);
        let new = input.policy("newPolicyDocument", kinds)?;
        let existing = input.policy("existingPolicyDocument", kinds)?;
        if new.kind() != existing.kind() {
            return Err(Fault::service(
                400,
                "InvalidParameterException",
                "One document is a role trust policy, the other is not.",
            ));
        }
        Ok(Checked::new(
            "The modified permissions do not grant new access compared to your existing policy.",
            "The modified permissions grant new access compared to your existing policy.",
            Reason::all(
                "New access in",
                "Its conditions could not be compared with those of the existing policy, so no example is known.",
                new_access(&new, &existing),
            ),
        ))
    }
}

/// `CheckAccessNotGranted`
#[derive(Debug, Deserialize)]
pub(super) struct CheckAccessNotGranted {
    body: Option<Value>,
}

impl Operation for CheckAccessNotGranted {
    says!(CheckAccessNotGranted -> Checked);

    async fn run(self, _: Granted<'_, Self>) -> Result<Checked, Fault> {
        let input = Input::new(self.body.as_ref());
        let kinds = kinds(input.must_word("policyType", POLICY_TYPES)?);
        let policy = input.policy("policyDocument", kinds)?;
        let access = Input::new(input.list("access", 1)?.first());
        let actions = access.texts("actions", 100)?;
        let resources = access.texts("resources", 100)?;
        if actions.is_empty() && resources.is_empty() {
            return Err(invalid(
                "access: name at least one action or resource",
                "fieldValidationFailed",
            ));
        }
        if let Some(odd) = actions.iter().find(|it| **it != "*" && !it.contains(':')) {
            let message = format!("The action {odd} is not valid");
            return Err(Fault::service(400, "InvalidParameterException", message));
        }
        Ok(Checked::new(
            "The policy document does not grant access to perform the listed actions or resources.",
            "The policy document grants access to perform one or more of the listed actions or resources.",
            Reason::all(
                "One or more of the listed actions or resources in",
                "No request was found that meets its conditions, nor was it shown that there is none.",
                granted_access(&policy, &actions, &resources),
            ),
        ))
    }
}
