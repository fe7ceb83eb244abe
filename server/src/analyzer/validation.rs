//! `ValidatePolicy`: the findings of [`rolecall_policy::findings`], page by page.

use super::{
    input::{Input, invalid},
    says,
};
use crate::{
    gate::Granted,
    wire::{Fault, Operation},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rolecall_policy::findings::{Finding, PolicyType, check};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Sentences come in English whatever the locale: rolecall's choice.
const LOCALES: &[&str] = &[
    "DE", "EN", "ES", "FR", "IT", "JA", "KO", "PT_BR", "ZH_CN", "ZH_TW",
];
const RESOURCE_TYPES: &[&str] = &[
    "AWS::S3::Bucket",
    "AWS::S3::AccessPoint",
    "AWS::S3::MultiRegionAccessPoint",
    "AWS::S3ObjectLambda::AccessPoint",
    "AWS::IAM::AssumeRolePolicyDocument",
    "AWS::DynamoDB::Table",
];
const POLICY_TYPES: &[&str] = &[
    "IDENTITY_POLICY",
    "RESOURCE_POLICY",
    "SERVICE_CONTROL_POLICY",
    "RESOURCE_CONTROL_POLICY",
];
/// Findings of one page unless said; AWS does not document its number. rolecall's choice.
const USUAL: usize = 100;

/// `ValidatePolicy`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ValidatePolicy {
    body: Option<Value>,
    max_results: Option<String>,
    next_token: Option<String>,
}

/// The answer to `ValidatePolicy`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Findings {
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ValidatePolicy {
    says!(ValidatePolicy -> Findings);

    async fn run(self, _: Granted<'_, Self>) -> Result<Findings, Fault> {
        let input = Input::new(self.body.as_ref());
        input.word("locale", LOCALES)?;
        let policy_type = match input.must_word("policyType", POLICY_TYPES)? {
            "IDENTITY_POLICY" => PolicyType::Identity,
            "RESOURCE_POLICY" => PolicyType::Resource,
            "SERVICE_CONTROL_POLICY" => PolicyType::ServiceControl,
            _ => PolicyType::ResourceControl,
        };
        let resource_type = input.word("validatePolicyResourceType", RESOURCE_TYPES)?;
        let document = input.must("policyDocument")?;
        let start = self.next_token.as_deref().map_or(Ok(0), place)?;
        let most = match self.max_results.as_deref().map(str::parse) {
            None => USUAL,
            Some(Ok(most)) if most > 0 => most,
            Some(_) => {
                return Err(invalid(
                    "maxResults must be a number above 0",
                    "fieldValidationFailed",
                ));
            }
        };
        let all = check(document, policy_type, resource_type);
        let end = start.saturating_add(most);
        let next_token = (end < all.len()).then(|| URL_SAFE_NO_PAD.encode(end.to_string()));
        let findings = all.into_iter().skip(start).take(most).collect();
        Ok(Findings {
            findings,
            next_token,
        })
    }
}

/// Where a page begins.
fn place(token: &str) -> Result<usize, Fault> {
    let text = URL_SAFE_NO_PAD.decode(token).ok();
    let text = text.and_then(|bytes| String::from_utf8(bytes).ok());
    let place = text.and_then(|text| text.parse().ok());
    place.ok_or_else(|| invalid("Invalid nextToken", "fieldValidationFailed"))
}
