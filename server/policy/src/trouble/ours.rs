//! Our words for what is wrong: what is really the matter, and what to do.

use super::Trouble;
use crate::PolicyKind;

use Trouble as T;

impl Trouble {
    /// What is really the matter.
    pub(super) fn why(&self, kind: PolicyKind) -> String {
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
            T::ActionVendor(vendor) if vendor.is_empty() => {
                "an action begins with the prefix of its service".to_owned()
            }
            T::ActionVendor(vendor) => format!("`{vendor}` cannot be a service prefix"),
            T::ActionForeign(action) => format!("{} cannot be about `{action}`", describe(kind)),
            T::ConditionUnfit { key, known: true } => {
                format!("`{key}` comes with listings, and no action here lists")
            }
            T::ConditionUnfit { key, .. } => format!("S3 has no condition key `{key}`"),
            T::ActionUnfit {
                action,
                object: true,
            } => {
                format!("`{action}` is about objects, and no resource here is one")
            }
            T::ActionUnfit {
                action,
                object: false,
            } => {
                format!("`{action}` is about a bucket, and no resource here is one")
            }
            T::ResourceForeign(resource) => {
                format!("{} cannot be about `{resource}`", describe(kind))
            }
        }
    }

    pub(super) fn help(&self, kind: PolicyKind) -> Option<String> {
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
            T::ActionVendor(vendor) if vendor.contains(['*', '?']) => Some(
                "name the service, one action for each; only the name behind the colon takes wildcards"
                    .to_owned(),
            ),
            T::Prohibited("Principal" | "NotPrincipal") if !takes_principal(kind) => {
                Some("take the element out, or put the policy on the resource".to_owned())
            }
            T::ActionUnfit { object: true, .. } => {
                Some("add the bucket's ARN followed by `/*`".to_owned())
            }
            T::ActionUnfit { object: false, .. } => {
                Some("add the bucket's ARN without `/*`".to_owned())
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
