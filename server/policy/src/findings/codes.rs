//! Every finding there is, as a table: AWS's codes and rolecall's own.

use super::finding::{FindingKind, Severity};

const PAGE: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html";

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) name: &'static str,
    pub(crate) kind: FindingKind,
    /// The end of AWS's anchor, where it does not follow from the name.
    anchor: Option<&'static str>,
    /// rolecall's code.
    pub(crate) rc: Option<&'static str>,
    /// How rolecall ranks it, where that does not follow from the kind.
    ranked: Option<Severity>,
}

impl Code {
    /// Whether AWS reports this too.
    pub(crate) fn is_aws(&self) -> bool {
        !self.name.starts_with("RC-")
    }

    pub(crate) fn severity(&self) -> Severity {
        match (self.ranked, self.kind) {
            (Some(severity), _) => severity,
            (None, FindingKind::Error) => Severity::Error,
            (None, FindingKind::SecurityWarning | FindingKind::Warning) => Severity::Warning,
            (None, FindingKind::Suggestion) => Severity::Note,
        }
    }

    pub(crate) fn learn_more(&self) -> String {
        if !self.is_aws() {
            return format!("rolecall explain {}", self.name);
        }
        let kind = match self.kind {
            FindingKind::Error => "error",
            FindingKind::SecurityWarning => "security-warning",
            FindingKind::Warning => "general-warning",
            FindingKind::Suggestion => "suggestion",
        };
        let title = match self.anchor {
            Some(anchor) => anchor.to_owned(),
            None => self.name.to_ascii_lowercase().replace('_', "-"),
        };
        format!("{PAGE}#access-analyzer-reference-policy-checks-{kind}-{title}")
    }
}

macro_rules! optional {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

macro_rules! codes {
    ($($kind:ident { $($name:ident $(at $anchor:literal)? $(as $rc:literal)? $(is $severity:ident)?,)* })*) => {
        $($(
            pub(crate) static $name: Code = Code {
                name: stringify!($name),
                kind: FindingKind::$kind,
                anchor: optional!($($anchor)?),
                rc: optional!($($rc)?),
                ranked: optional!($(Severity::$severity)?),
            };
        )*)*
        /// All of AWS's codes that rolecall reports.
        pub(crate) static AWS: &[&Code] = &[$($(&$name,)*)*];
    };
}

// `at`: the end of AWS's anchor, `as`: rolecall's code, `is`: its rank. IAM stores a policy in spite of many of
// AWS's errors; those rank as warnings.
codes! {
    Error {
        ARN_ACCOUNT_NOT_ALLOWED,
        ARN_REGION_NOT_ALLOWED,
        DATA_TYPE_MISMATCH,
        DUPLICATE_KEYS_WITH_DIFFERENT_CASE as "RC-P002" is Error,
        EMPTY_VARIABLE is Warning,
        FEDERATED_PRINCIPAL_NOT_SUPPORTED,
        INVALID_ACTION as "RC-P008" is Warning,
        INVALID_ARN_ACCOUNT is Warning,
        INVALID_ARN_PREFIX,
        INVALID_ARN_REGION is Warning,
        INVALID_ARN_RESOURCE as "RC-P007" is Warning,
        INVALID_ARN_SERVICE_CASE is Warning,
        INVALID_CONDITION_DATA_TYPE is Warning,
        INVALID_CONDITION_KEY_FORMAT,
        INVALID_CONDITION_MULTIPLE_BOOLEAN is Warning,
        INVALID_CONDITION_OPERATOR,
        INVALID_EFFECT,
        INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY,
        INVALID_GLOBAL_CONDITION_KEY is Warning,
        INVALID_PARTITION,
        INVALID_POLICY_ELEMENT,
        INVALID_PRINCIPAL_FORMAT,
        INVALID_PRINCIPAL_KEY,
        INVALID_REGION is Warning,
        INVALID_SERVICE is Warning,
        INVALID_SERVICE_CONDITION_KEY is Warning,
        INVALID_SERVICE_IN_ACTION as "RC-P008" is Warning,
        INVALID_SERVICE_PRINCIPAL_FORMAT is Warning,
        INVALID_VARIABLE_FOR_OPERATOR is Warning,
        INVALID_VERSION,
        INVALID_VPC_FORMAT is Warning,
        INVALID_VPCE_FORMAT is Warning,
        JSON_SYNTAX_ERROR as "RC-P001" is Error,
        MISMATCHED_ACTION_FOR_PRINCIPAL is Warning,
        MISSING_ACTION,
        MISSING_ACTION_FOR_CONDITION_KEY is Warning,
        MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY is Warning,
        MISSING_ARN_FIELD,
        MISSING_ARN_REGION is Warning,
        MISSING_BRACE_IN_VARIABLE is Warning,
        MISSING_EFFECT,
        MISSING_PRINCIPAL as "RC-P003" is Warning,
        MISSING_QUALIFIER is Warning,
        MISSING_QUOTE_IN_VARIABLE is Warning,
        MISSING_RESOURCE,
        MISSING_STATEMENT,
        MISSING_TAG_KEY_IN_CONDITION is Warning,
        NULL_WITH_IF_EXISTS,
        POLICY_SIZE_EXCEEDS_SCP_QUOTA,
        PRIVATE_IP_ADDRESS is Warning,
        PRIVATE_NOTIPADDRESS at "private-not-ip-address" is Warning,
        ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL,
        ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE,
        ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL,
        SCP_SYNTAX_ERROR_PRINCIPAL,
        UNIQUE_SIDS_REQUIRED,
        UNSUPPORTED_ACTION_FOR_CONDITION_KEY is Warning,
        UNSUPPORTED_ACTION_IN_POLICY,
        UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL is Warning,
        UNSUPPORTED_ELEMENT_COMBINATION,
        UNSUPPORTED_GLOBAL_CONDITION_KEY is Warning,
        UNSUPPORTED_PRINCIPAL as "RC-P003" is Warning,
        UNSUPPORTED_RESOURCE_ARN_IN_POLICY,
        UNSUPPORTED_SID,
        UNSUPPORTED_SPACE_IN_VARIABLE is Warning,
        UNSUPPORTED_WILDCARD_IN_PRINCIPAL,
        VARIABLE_UNSUPPORTED_IN_ELEMENT is Warning,
        VARIABLE_UNSUPPORTED_IN_VERSION as "RC-P011" is Warning,
    }
    Warning {
        CREATE_SLR_WITH_NOTACTION_AND_NOTRESOURCE at "create-slr-with-not-action-and-not-resource",
        CREATE_SLR_WITH_NOTRESOURCE at "create-slr-with-not-resource",
        CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOTRESOURCE
            at "create-slr-with-star-in-action-and-not-resource",
        CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE,
        CREATE_SLR_WITH_STAR_IN_RESOURCE,
        CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOTACTION
            at "create-slr-with-star-in-resource-and-not-action",
        INVALID_DATE_VALUE,
        INVALID_ROLE_REFERENCE,
        INVALID_USER_REFERENCE,
        MISSING_VERSION,
        POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA,
        POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA,
        POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA,
        SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED,
        TYPE_MISMATCH,
        TYPE_MISMATCH_BOOLEAN,
        TYPE_MISMATCH_DATE,
        TYPE_MISMATCH_IP_RANGE,
        TYPE_MISMATCH_NUMBER,
        TYPE_MISMATCH_STRING,
        UNIQUE_SIDS_RECOMMENDED,
        WILDCARD_WITHOUT_LIKE_OPERATOR,
    }
    SecurityWarning {
        ALLOW_WITH_NOTPRINCIPAL at "allow-with-not-principal",
        DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
        DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
        FORALLVALUES_WITH_SINGLE_VALUED_KEY,
        MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL,
        MISSING_GITHUB_REPO_CONDITION_KEY,
        MISSING_PAIRED_CONDITION_KEYS,
        PASS_ROLE_WITH_NOTACTION_AND_NOTRESOURCE at "pass-role-with-not-action-and-not-resource",
        PASS_ROLE_WITH_NOTRESOURCE at "pass-role-with-not-resource",
        PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOTRESOURCE
            at "pass-role-with-star-in-action-and-not-resource",
        PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE,
        PASS_ROLE_WITH_STAR_IN_RESOURCE,
        PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOTACTION
            at "pass-role-with-star-in-resource-and-not-action",
        RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL as "RC-P009" is Warning,
    }
    Suggestion {
        ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
        ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
        CONFIRM_AUDIENCE_CLAIM_TYPE,
        EMPTY_ARRAY_ACTION,
        EMPTY_ARRAY_CONDITION,
        EMPTY_ARRAY_CONDITION_FORALLVALUES,
        EMPTY_ARRAY_CONDITION_FORANYVALUE,
        EMPTY_ARRAY_CONDITION_IFEXISTS,
        EMPTY_ARRAY_PRINCIPAL,
        EMPTY_ARRAY_RESOURCE,
        EMPTY_OBJECT_CONDITION,
        EMPTY_OBJECT_PRINCIPAL,
        EMPTY_SID_VALUE,
        IMPROVE_IP_RANGE,
        IRRELEVANT_CONDITION_KEY_IN_POLICY as "RC-P005" is Warning,
        NULL_WITH_QUALIFIER,
        PRIVATE_IP_ADDRESS_SUBSET,
        PRIVATE_NOTIPADDRESS_SUBSET at "private-not-ip-address-subset",
        RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL,
        REDUNDANT_ACTION,
        REDUNDANT_CONDITION_VALUE_NUM,
        REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY,
        REDUNDANT_RESOURCE,
        REDUNDANT_STATEMENT as "RC-P006" is Warning,
        WILDCARD_IN_SERVICE_NAME,
    }
}

/// A check that AWS does not have.
const fn own(name: &'static str, kind: FindingKind, severity: Severity) -> Code {
    Code {
        name,
        kind,
        anchor: None,
        rc: Some(name),
        ranked: Some(severity),
    }
}

/// A key that stands twice in one object, letter for letter. What AWS says about that is not known:
/// rolecall's choice is a syntax error, as IAM's grammar forbids it.
pub(crate) static REPEATED_KEY: Code = Code {
    name: "JSON_SYNTAX_ERROR",
    kind: FindingKind::Error,
    anchor: None,
    rc: Some("RC-P002"),
    ranked: None,
};
pub(crate) static PLACEHOLDER: Code = own("RC-P004", FindingKind::Suggestion, Severity::Note);
pub(crate) static SHADOWED: Code = own("RC-P006", FindingKind::Suggestion, Severity::Warning);
pub(crate) static FOLDER_WITHOUT_SLASH: Code =
    own("RC-P010", FindingKind::Suggestion, Severity::Note);
pub(crate) static NO_SID: Code = own("RC-P012", FindingKind::Suggestion, Severity::Note);
