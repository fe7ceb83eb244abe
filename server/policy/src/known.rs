//! Facts about AWS that explanations and checks of documents share.

/// Words that AWS's pages tell their readers to replace; a policy that still has one grants nothing.
pub const PLACEHOLDERS: [&str; 14] = [
    "accountId",
    "account-id",
    "account_id",
    "accountID",
    "ACCOUNT_ID",
    "region",
    "REGION",
    "applicationId",
    "application-id",
    "projectId",
    "project-id",
    "userName",
    "user-name",
    "emailId",
];

/// Condition keys that only a service carries, when it calls in its own name.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
pub const SERVICE_ONLY_KEYS: [&str; 4] = [
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
];
