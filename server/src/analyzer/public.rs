//! `CheckNoPublicAccess`: whether any statement lets just anybody in.
//! Source: S3 User Guide, "The meaning of 'public'"; IAM User Guide, "Create a role for OpenID Connect federation".
//!
//! The same rule for every type of resource. A Deny does not make a public statement less public: the safe reading.

use super::{
    access::{Checked, Reason},
    input::Input,
    says,
};
use crate::{
    gate::Granted,
    s3::public::{statement_is_public, statements, texts},
    wire::{Fault, Operation},
};
use rolecall_policy::PolicyKind;
use serde::Deserialize;
use serde_json::Value;

const TRUST: &str = "AWS::IAM::AssumeRolePolicyDocument";
const RESOURCE_TYPES: &[&str] = &[
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::Stream",
    "AWS::EFS::FileSystem",
    "AWS::OpenSearchService::Domain",
    "AWS::Kinesis::Stream",
    "AWS::Kinesis::StreamConsumer",
    "AWS::KMS::Key",
    "AWS::Lambda::Function",
    "AWS::S3::Bucket",
    "AWS::S3::AccessPoint",
    "AWS::S3Express::DirectoryBucket",
    "AWS::S3::Glacier",
    "AWS::S3Outposts::Bucket",
    "AWS::S3Outposts::AccessPoint",
    "AWS::SecretsManager::Secret",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    TRUST,
    "AWS::S3Tables::TableBucket",
    "AWS::ApiGateway::RestApi",
    "AWS::CodeArtifact::Domain",
    "AWS::Backup::BackupVault",
    "AWS::CloudTrail::Dashboard",
    "AWS::CloudTrail::EventDataStore",
    "AWS::S3Tables::Table",
    "AWS::S3Express::AccessPoint",
];

/// `CheckNoPublicAccess`
#[derive(Debug, Deserialize)]
pub(super) struct CheckNoPublicAccess {
    body: Option<Value>,
}

impl Operation for CheckNoPublicAccess {
    says!(CheckNoPublicAccess -> Checked);

    async fn run(self, _: Granted<'_, Self>) -> Result<Checked, Fault> {
        let input = Input::new(self.body.as_ref());
        let kind = match input.must_word("resourceType", RESOURCE_TYPES)? {
            TRUST => PolicyKind::Trust,
            _ => PolicyKind::Resource,
        };
        let policy = input.policy("policyDocument", &[kind])?;
        let statements = statements(policy.text());
        let open = statements
            .iter()
            .enumerate()
            .filter(|(_, statement)| statement_is_public(statement) || trusts_anybody(statement));
        let reasons = open.map(|(index, statement)| {
            let sid = statement.get("Sid").and_then(Value::as_str);
            Reason::of("Public access granted in", index, sid, "")
        });
        Ok(Checked::new(
            "The resource policy does not grant public access for the given resource type.",
            "The resource policy grants public access for the given resource type.",
            reasons.collect(),
        ))
    }
}

/// Whether a statement takes everybody's word of an identity provider that serves the whole world: no condition
/// says for which application or user. A SAML provider speaks for one organization.
fn trusts_anybody(statement: &Value) -> bool {
    let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
    let groups = statement.get("Principal");
    let providers = texts(groups.and_then(|groups| groups.get("Federated")));
    let open = |provider: &&str| {
        let name = provider
            .split_once(":oidc-provider/")
            .map_or(*provider, |(_, name)| name);
        !provider.contains(":saml-provider/") && !is_pinned(statement, name)
    };
    allows && providers.iter().any(open)
}

/// Whether a condition on a key of the provider asks for values that begin with something fixed.
fn is_pinned(statement: &Value, provider: &str) -> bool {
    let Some(Value::Object(conditions)) = statement.get("Condition") else {
        return false;
    };
    let positive = conditions.iter().filter(|(operator, _)| {
        let operator = operator.to_ascii_lowercase();
        let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
        matches!(
            operator,
            "stringequals" | "stringlike" | "stringequalsignorecase"
        )
    });
    positive
        .filter_map(|(_, keys)| keys.as_object())
        .flatten()
        .any(|(key, values)| {
            let of_provider = key
                .rsplit_once(':')
                .is_some_and(|(name, _)| name.eq_ignore_ascii_case(provider));
            let values = texts(Some(values));
            let fixed = |value: &&str| !value.is_empty() && !value.starts_with(['*', '?', '$']);
            of_provider && !values.is_empty() && values.iter().all(fixed)
        })
}
