//! AWS's words for what is wrong, verbatim.

use super::Trouble;
use crate::PolicyKind;

use Trouble as T;

impl Trouble {
    /// AWS's sentence.
    pub(super) fn message(&self, kind: PolicyKind) -> String {
        let own = match kind {
            PolicyKind::Bucket => self.bucket_message(),
            PolicyKind::Trust | PolicyKind::Resource => self.trust_message(),
            _ => None,
        };
        own.unwrap_or_else(|| self.identity_message())
    }

    /// The words of CreatePolicy and PutUserPolicy.
    fn identity_message(&self) -> String {
        match self {
            T::VersionOld(_) => "Policy document must be version 2012-10-17 or greater.".to_owned(),
            T::Prohibited(_) => "Policy document should not specify a principal.".to_owned(),
            T::PrincipalInvalid { .. } | T::PrincipalEmpty => "Invalid principal in policy".to_owned(),
            T::EffectCase(_) | T::DateUnreadable(_) | T::ResourceColons(_) => {
                "The policy failed legacy parsing".to_owned()
            }
            T::SidRepeated(_) => "Statement IDs (SID) in a single policy must be unique.".to_owned(),
            T::SidCharacters(_) => "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
                 regular expression [0-9A-Za-z]*"
                .to_owned(),
            T::PrincipalMissing => "Missing required field Principal".to_owned(),
            T::ActionMissing => "Policy statement must contain actions.".to_owned(),
            T::ResourceMissing => "Policy statement must contain resources.".to_owned(),
            T::ResourceNotArn(resource) => format!("Resource {resource} must be in ARN format or \"*\"."),
            T::Partition { partition, shown } => {
                format!("Partition \"{partition}\" is not valid for resource \"{shown}\".")
            }
            T::ResourceVendor(_) => {
                "Resource vendor must be fully qualified and cannot contain regexes.".to_owned()
            }
            T::IamRegion(resource) => format!("IAM resource {resource} cannot contain region information."),
            T::S3Region(resource) => format!("Resource {resource} can not contain region information."),
            T::IamPath(_) => "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, \
                 group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, \
                 oidc-provider/, report/, access-report/."
                .to_owned(),
            T::ActionPrefixMissing(_) => {
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned()
            }
            T::ActionColons(_) => "Actions/Condition can contain only one colon.".to_owned(),
            T::ActionVendor(vendor) if vendor.contains(['*', '?']) => {
                "Action vendors (e.g., aws, ec2, etc.) must not contain wildcards.".to_owned()
            }
            T::ActionVendor(vendor) => format!("Vendor {vendor} is not valid"),
            _ => "Syntax errors in policy.".to_owned(),
        }
    }

    /// The words of CreateRole and UpdateAssumeRolePolicy, where they differ.
    fn trust_message(&self) -> Option<String> {
        Some(match self {
            T::NotJson { .. } => "This policy contains invalid Json".to_owned(),
            T::Prohibited(element) => format!("Has prohibited field {element}"),
            T::PrincipalMissing => "Missing required field Principal".to_owned(),
            T::ActionMissing => "Missing required field Action".to_owned(),
            T::PrincipalEmpty => "Invalid principal in policy: \
                com.amazon.balsa.error.InvalidPolicyException: The passed in policy has a statement with no principals!"
                .to_owned(),
            T::PrincipalInvalid { group, value, .. } if group.is_empty() => {
                format!("AssumeRolepolicy contained an invalid principal: \"STAR\":\"{value}\".")
            }
            T::PrincipalInvalid { group, value, .. } => {
                format!("Invalid principal in policy: \"{}\":\"{value}\"", group.to_uppercase())
            }
            T::ActionForeign(_) => "AssumeRole policy may only specify STS AssumeRole actions.".to_owned(),
            _ => return None,
        })
    }

    /// The words of PutBucketPolicy. Those for unknown fields and operators are rolecall's choice.
    fn bucket_message(&self) -> Option<String> {
        Some(match self {
            T::NotJson { brace: false, .. } => {
                "Policies must be valid JSON and the first byte must be '{'".to_owned()
            }
            T::UnknownElement { name, .. } => format!("Unknown field {name}"),
            T::StatementMissing => "Missing required field Statement".to_owned(),
            T::StatementEmpty => "Could not parse the policy: Statement is empty!".to_owned(),
            T::EffectMissing => "Missing required field Effect".to_owned(),
            T::EffectUnknown(effect) | T::EffectCase(effect) => format!("Invalid effect: {effect}"),
            T::VersionUnknown(_) | T::VersionOld(_) => {
                "The policy must contain a valid version string".to_owned()
            }
            T::OperatorUnknown { name, .. } => format!("Invalid Condition type : {name}"),
            T::Prohibited(_) | T::PrincipalEmpty | T::PrincipalInvalid { .. } => {
                "Invalid principal in policy".to_owned()
            }
            T::PrincipalMissing => "Missing required field Principal".to_owned(),
            T::ActionMissing => "Missing required field Action".to_owned(),
            T::ResourceMissing => "Missing required field Resource".to_owned(),
            T::ActionPrefixMissing(_)
            | T::ActionColons(_)
            | T::ActionVendor(_)
            | T::ActionForeign(_) => "Policy has invalid action".to_owned(),
            T::ConditionUnfit { .. } => {
                "Conditions do not apply to combination of actions and resources in statement"
                    .to_owned()
            }
            T::ActionUnfit { .. } => {
                "Action does not apply to any resource(s) in statement".to_owned()
            }
            T::ResourceColons(_)
            | T::ResourceNotArn(_)
            | T::Partition { .. }
            | T::ResourceVendor(_)
            | T::IamRegion(_)
            | T::S3Region(_)
            | T::IamPath(_)
            | T::ResourceForeign(_) => "Policy has invalid resource".to_owned(),
            T::NotJson { .. }
            | T::Repeated(_)
            | T::WrongType { .. }
            | T::Both(_)
            | T::DateUnreadable(_)
            | T::SidRepeated(_)
            | T::SidCharacters(_) => "This policy contains invalid Json".to_owned(),
        })
    }
}
