//! What can be wrong with a document, and the words for it: AWS's and ours.

use std::ops::Range;

use crate::{Fault, FaultCode, PolicyKind};

/// One thing found wrong, before it is put into words.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) trouble: Trouble,
    span: Range<usize>,
    also: Option<(Range<usize>, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    NotJson {
        why: String,
        help: Option<&'static str>,
        brace: bool,
    },
    Repeated(Box<str>),
    UnknownElement {
        name: Box<str>,
        place: &'static str,
        meant: Option<&'static str>,
    },
    WrongType {
        what: String,
        wanted: &'static str,
        is: &'static str,
    },
    StatementMissing,
    StatementEmpty,
    EffectMissing,
    EffectUnknown(Box<str>),
    EffectCase(Box<str>),
    /// An element and its negation; the second one.
    Both(Box<str>),
    VersionUnknown(Box<str>),
    VersionOld(Option<Box<str>>),
    OperatorUnknown {
        name: Box<str>,
        meant: Option<&'static str>,
    },
    /// An element that this kind of policy must not have.
    Prohibited(&'static str),
    PrincipalMissing,
    PrincipalEmpty,
    PrincipalInvalid {
        group: Box<str>,
        value: Box<str>,
        why: &'static str,
    },
    DateUnreadable(Box<str>),
    ResourceColons(Box<str>),
    SidRepeated(Box<str>),
    SidCharacters(Box<str>),
    ActionMissing,
    ResourceMissing,
    ResourceNotArn(Box<str>),
    Partition {
        partition: Box<str>,
        shown: String,
    },
    ResourceVendor(Box<str>),
    IamRegion(Box<str>),
    S3Region(Box<str>),
    IamPath(Box<str>),
    ActionPrefixMissing(Box<str>),
    ActionColons(Box<str>),
    ActionVendor(Box<str>),
    /// An action that policies of this kind cannot be about.
    ActionForeign(Box<str>),
    ResourceForeign(Box<str>),
}

use Trouble as T;

impl Found {
    pub(crate) fn at(trouble: Trouble, span: Range<usize>) -> Self {
        Self {
            trouble,
            span,
            also: None,
        }
    }

    /// Adds a second place.
    pub(crate) fn and(mut self, span: Range<usize>, label: &str) -> Self {
        self.also = Some((span, label.to_owned()));
        self
    }

    pub(crate) fn into_fault(self, kind: PolicyKind) -> Fault {
        Fault {
            code: self.trouble.code(),
            message: self.trouble.message(kind),
            why: self.trouble.why(kind),
            help: self.trouble.help(kind),
            span: self.span,
            also: self.also,
        }
    }
}

impl Trouble {
    /// AWS's order of checks: the whole document for one kind of fault, then for the next.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            T::NotJson { .. } => 0,
            T::Repeated(_)
            | T::UnknownElement { .. }
            | T::WrongType { .. }
            | T::StatementMissing
            | T::StatementEmpty
            | T::EffectMissing
            | T::EffectUnknown(_)
            | T::Both(_)
            | T::VersionUnknown(_)
            | T::OperatorUnknown { .. } => 1,
            T::Prohibited(_) => 2,
            T::VersionOld(_) => 3,
            T::EffectCase(_) | T::DateUnreadable(_) | T::ResourceColons(_) => 4,
            T::SidRepeated(_) | T::SidCharacters(_) => 5,
            T::PrincipalMissing => 6,
            T::ActionMissing => 7,
            T::PrincipalEmpty | T::PrincipalInvalid { .. } => 8,
            T::ResourceNotArn(_)
            | T::Partition { .. }
            | T::ResourceVendor(_)
            | T::IamRegion(_)
            | T::S3Region(_)
            | T::IamPath(_) => 9,
            T::ActionPrefixMissing(_)
            | T::ActionColons(_)
            | T::ActionVendor(_)
            | T::ActionForeign(_) => 10,
            T::ResourceMissing | T::ResourceForeign(_) => 11,
        }
    }

    fn code(&self) -> FaultCode {
        match self {
            T::NotJson { .. } => FaultCode::NotJson,
            T::Repeated(_) => FaultCode::RepeatedKey,
            T::UnknownElement { .. } | T::Both(_) => FaultCode::UnknownElement,
            T::WrongType { .. } => FaultCode::WrongType,
            T::StatementMissing
            | T::StatementEmpty
            | T::EffectMissing
            | T::PrincipalMissing
            | T::ActionMissing
            | T::ResourceMissing => FaultCode::MissingElement,
            T::EffectUnknown(_) | T::EffectCase(_) => FaultCode::Effect,
            T::VersionUnknown(_) | T::VersionOld(_) => FaultCode::Version,
            T::OperatorUnknown { .. } | T::DateUnreadable(_) => FaultCode::Condition,
            T::Prohibited("Principal" | "NotPrincipal")
            | T::PrincipalEmpty
            | T::PrincipalInvalid { .. } => FaultCode::Principal,
            T::Prohibited(_) => FaultCode::UnknownElement,
            T::SidRepeated(_) | T::SidCharacters(_) => FaultCode::Sid,
            T::ResourceColons(_)
            | T::ResourceNotArn(_)
            | T::Partition { .. }
            | T::ResourceVendor(_)
            | T::IamRegion(_)
            | T::S3Region(_)
            | T::IamPath(_)
            | T::ResourceForeign(_) => FaultCode::Resource,
            T::ActionPrefixMissing(_)
            | T::ActionColons(_)
            | T::ActionVendor(_)
            | T::ActionForeign(_) => FaultCode::Action,
        }
    }

    /// AWS's sentence.
    fn message(&self, kind: PolicyKind) -> String {
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

    /// What is really the matter.
    fn why(&self, kind: PolicyKind) -> String {
        match self {
            T::NotJson { why, .. } => format!("not JSON: {why}"),
            T::Repeated(name) => {
                format!("`{name}` stands twice in one object; one of the two would be lost")
            }
            T::UnknownElement { name, place, .. } => format!("{place} has no element `{name}`"),
            T::WrongType { what, wanted, is } => {
                format!("{what} must be {wanted}, and this is {is}")
            }
            T::StatementMissing => "there is no `Statement`".to_owned(),
            T::StatementEmpty => "`Statement` is an empty list".to_owned(),
            T::EffectMissing => "a statement without `Effect`".to_owned(),
            T::EffectUnknown(effect) => format!("`{effect}` is neither `Allow` nor `Deny`"),
            T::EffectCase(effect) => {
                format!("letter case counts: `{effect}` is neither `Allow` nor `Deny`")
            }
            T::Both(name) => format!("`{name}` stands beside its opposite"),
            T::VersionUnknown(version) => format!("`{version}` is not a policy version"),
            T::VersionOld(Some(version)) => {
                format!("version `{version}` is too old for {}", describe(kind))
            }
            T::VersionOld(None) => "without `Version` the document counts as 2008-10-17".to_owned(),
            T::OperatorUnknown { name, .. } => format!("there is no condition operator `{name}`"),
            T::Prohibited(element @ ("Principal" | "NotPrincipal")) if !takes_principal(kind) => {
                format!(
                    "`{element}` belongs in a resource-based policy; {} is about whoever holds it",
                    describe(kind)
                )
            }
            T::Prohibited(element) => format!("{} cannot have `{element}`", describe(kind)),
            T::PrincipalMissing => format!("{} must say whom it is about", describe(kind)),
            T::PrincipalEmpty => "nobody is named".to_owned(),
            T::PrincipalInvalid { value, why, .. } => format!("`{value}` {why}"),
            T::DateUnreadable(date) => format!("`{date}` is no date"),
            T::ResourceColons(resource) => {
                format!("`{resource}` is no ARN: a part is missing or empty")
            }
            T::SidRepeated(sid) => format!("two statements are called `{sid}`"),
            T::SidCharacters(sid) => {
                format!("`{sid}` holds other characters than letters and digits")
            }
            T::ActionMissing => "a statement without any action".to_owned(),
            T::ResourceMissing => "a statement without any resource".to_owned(),
            T::ResourceNotArn(resource) => format!("`{resource}` is neither an ARN nor `*`"),
            T::Partition { partition, .. } => format!("there is no partition `{partition}`"),
            T::ResourceVendor(resource) => format!("`{resource}` does not name a service"),
            T::IamRegion(resource) => format!("`{resource}` has a Region, and IAM has none"),
            T::S3Region(resource) => {
                format!("`{resource}` has a Region or account, and bucket ARNs have neither")
            }
            T::IamPath(resource) => format!("`{resource}` is no kind of thing that IAM holds"),
            T::ActionPrefixMissing(action) => format!("`{action}` has no service prefix"),
            T::ActionColons(action) => format!("`{action}` has more than one colon"),
            T::ActionVendor(vendor) => format!("`{vendor}` cannot be a service prefix"),
            T::ActionForeign(action) => format!("{} cannot be about `{action}`", describe(kind)),
            T::ResourceForeign(resource) => {
                format!("{} cannot be about `{resource}`", describe(kind))
            }
        }
    }

    fn help(&self, kind: PolicyKind) -> Option<String> {
        match self {
            T::NotJson { help, .. } => help.map(str::to_owned),
            T::Repeated(_) => Some("put both into one object".to_owned()),
            T::UnknownElement {
                meant: Some(meant), ..
            }
            | T::OperatorUnknown {
                meant: Some(meant), ..
            } => Some(format!("did you mean `{meant}`?")),
            T::EffectCase(effect) => Some(match effect.to_ascii_lowercase().as_str() {
                "deny" => "write `Deny`".to_owned(),
                _ => "write `Allow`".to_owned(),
            }),
            T::VersionUnknown(_) | T::VersionOld(_) => {
                Some("write `\"Version\": \"2012-10-17\"`".to_owned())
            }
            T::Prohibited("Principal" | "NotPrincipal") if !takes_principal(kind) => {
                Some("take the element out, or put the policy on the resource".to_owned())
            }
            T::Prohibited("Resource") => {
                Some("take it out: a trust policy is about its own role".to_owned())
            }
            _ => None,
        }
    }
}

fn takes_principal(kind: PolicyKind) -> bool {
    matches!(
        kind,
        PolicyKind::Trust
            | PolicyKind::Bucket
            | PolicyKind::Resource
            | PolicyKind::Rcp
            | PolicyKind::Endpoint
    )
}

fn describe(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::Identity => "an identity-based policy",
        PolicyKind::Session => "a session policy",
        PolicyKind::Boundary => "a permissions boundary",
        PolicyKind::Trust => "a trust policy",
        PolicyKind::Bucket => "a bucket policy",
        PolicyKind::Resource => "a resource-based policy",
        PolicyKind::Scp => "a service control policy",
        PolicyKind::Rcp => "a resource control policy",
        PolicyKind::Endpoint => "a VPC endpoint policy",
    }
}
