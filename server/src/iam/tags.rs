//! Tags of users, roles and policies. Keys are unique ignoring case.
//! Source: IAM User Guide, "Tags for AWS Identity and Access Management resources".

use super::{
    Tags,
    account::{Account, Kind},
    asking, faults,
    names::{self, ARN, LONG_NAME, SERIAL, SHORT_NAME, TAG_KEY, TAG_VALUE},
    page::{self, Page, listing},
    says,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Operation},
};
use serde::{Deserialize, Serialize};

/// Tags of one resource or session.
pub(crate) const MOST: usize = 50;

/// A tag as the API shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

impl From<&(String, String)> for Tag {
    fn from((key, value): &(String, String)) -> Self {
        let (key, value) = (key.clone(), value.clone());
        Self { key, value }
    }
}

/// As stored.
pub(crate) fn pairs(tags: &[Tag]) -> Tags {
    tags.iter()
        .map(|tag| (tag.key.clone(), tag.value.clone()))
        .collect()
}

/// The bounds of tags in a request.
pub(crate) fn bounds(mut constraints: Constraints, tags: &[Tag]) -> Constraints {
    constraints = constraints.count("tags", tags.len(), MOST);
    for (tag, number) in tags.iter().zip(1..) {
        constraints = constraints
            .text(
                &format!("tags.{number}.member.key"),
                Some(&tag.key),
                &TAG_KEY,
            )
            .text(
                &format!("tags.{number}.member.value"),
                Some(&tag.value),
                &TAG_VALUE,
            );
    }
    constraints
}

/// No key twice, none of AWS's own.
fn distinct(tags: &[Tag]) -> Result<(), Fault> {
    if has_twins(tags) {
        return Err(faults::invalid_input(TWINS));
    }
    match reserved(tags) {
        Some(sentence) => Err(faults::invalid_input(sentence)),
        None => Ok(()),
    }
}

/// What is said of a key or value that is AWS's own: in the words of rolecall's choice.
/// Source: IAM User Guide, "Rules for tagging in IAM and AWS STS".
pub(crate) fn reserved(tags: &[Tag]) -> Option<String> {
    let own = |text: &&String| {
        text.get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
    };
    let mut texts = tags.iter().flat_map(|tag| [&tag.key, &tag.value]);
    let text = texts.find(own)?;
    Some(format!(
        "Tag keys and values that begin with aws: are reserved: {text}"
    ))
}

/// AWS's sentence about a key that is there twice.
pub(crate) const TWINS: &str =
    "Duplicate tag keys found. Please note that Tag keys are case insensitive.";

/// Whether a key is there twice, in whatever letter case.
pub(crate) fn has_twins(tags: &[Tag]) -> bool {
    let mut keys: Vec<String> = tags.iter().map(|tag| tag.key.to_lowercase()).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
}

/// The tags of something new, looked at.
pub(super) fn first(tags: &[Tag]) -> Result<Tags, Fault> {
    let mut stored = Tags::new();
    put(Kind::User, &mut stored, tags)?;
    Ok(stored)
}

/// Adds and replaces tags.
fn put(kind: Kind, stored: &mut Tags, tags: &[Tag]) -> Result<(), Fault> {
    distinct(tags)?;
    for tag in tags {
        let pair = (tag.key.clone(), tag.value.clone());
        match stored.iter_mut().find(|(key, _)| same_key(key, &tag.key)) {
            Some(known) => *known = pair,
            None => stored.push(pair),
        }
    }
    if stored.len() > MOST {
        return Err(faults::quota(&format!("TagsPer{}", kind.title()), MOST));
    }
    stored.sort();
    Ok(())
}

fn same_key(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

fn of<'a>(account: &'a Account, kind: Kind, name: &str) -> Result<&'a Tags, Fault> {
    match kind {
        Kind::User => account.user(name).map(|user| &user.tags),
        Kind::Role => account.role(name).map(|role| &role.tags),
        Kind::InstanceProfile => account.profile(name).map(|profile| &profile.tags),
        Kind::Mfa => account.mfa_device(name).map(|device| &device.tags),
        Kind::OidcProvider => account.oidc_provider(name).map(|provider| &provider.tags),
        Kind::SamlProvider => account.saml_provider(name).map(|provider| &provider.tags),
        Kind::ServerCertificate => account.server_certificate(name).map(|it| &it.tags),
        Kind::Policy | Kind::Group => account.policy(name).map(|policy| &policy.tags),
    }
}

fn of_mut<'a>(account: &'a mut Account, kind: Kind, name: &str) -> Result<&'a mut Tags, Fault> {
    match kind {
        Kind::User => account.user_mut(name).map(|user| &mut user.tags),
        Kind::Role => account.role_mut(name).map(|role| &mut role.tags),
        Kind::InstanceProfile => account.profile_mut(name).map(|profile| &mut profile.tags),
        Kind::Mfa => account.mfa_device_mut(name).map(|device| &mut device.tags),
        Kind::OidcProvider => account.oidc_provider_mut(name).map(|it| &mut it.tags),
        Kind::SamlProvider => account.saml_provider_mut(name).map(|it| &mut it.tags),
        Kind::ServerCertificate => account.server_certificate_mut(name).map(|it| &mut it.tags),
        Kind::Policy | Kind::Group => account.policy_mut(name).map(|policy| &mut policy.tags),
    }
}

listing! {
    /// The answer to `List…Tags`.
    TagList { tags: Tag }
}

/// The three tag operations of one kind of resource, which is named by `$field`.
macro_rules! tag_operations {
    ($kind:ident $field:ident $(as $wire:literal)? $member:literal $rule:ident: $Tag:ident $Untag:ident $List:ident) => {
        #[doc = concat!("`", stringify!($Tag), "`")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $Tag {
            $(#[serde(rename = $wire)])?
            $field: String,
            tags: Vec<Tag>,
        }

        impl Operation for $Tag {
            says!($Tag -> ());

            fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
                let constraints = Constraints::iam().text($member, Some(&self.$field), &$rule);
                bounds(constraints, &self.tags).done()?;
                let action = concat!("iam:", stringify!($Tag));
                let demand = asking::existing(facts, action, Kind::$kind, &self.$field);
                Ok(asking::requested(demand, &pairs(&self.tags)).into())
            }

            async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
                cx.write(|world| {
                    let stored = of_mut(world.iam_mut(cx.account())?, Kind::$kind, &self.$field)?;
                    put(Kind::$kind, stored, &self.tags)
                })
            }
        }

        #[doc = concat!("`", stringify!($Untag), "`")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $Untag {
            $(#[serde(rename = $wire)])?
            $field: String,
            tag_keys: Vec<String>,
        }

        impl Operation for $Untag {
            says!($Untag -> ());

            fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
                Constraints::iam()
                    .text($member, Some(&self.$field), &$rule)
                    .count("tagKeys", self.tag_keys.len(), MOST)
                    .done()?;
                let action = concat!("iam:", stringify!($Untag));
                let demand = asking::existing(facts, action, Kind::$kind, &self.$field);
                Ok(demand.with("aws:TagKeys", Some(self.tag_keys.clone())).into())
            }

            async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
                cx.write(|world| {
                    let stored = of_mut(world.iam_mut(cx.account())?, Kind::$kind, &self.$field)?;
                    stored.retain(|(key, _)| !self.tag_keys.iter().any(|gone| same_key(gone, key)));
                    Ok(())
                })
            }
        }

        #[doc = concat!("`", stringify!($List), "`")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $List {
            $(#[serde(rename = $wire)])?
            $field: String,
            marker: Option<String>,
            max_items: Option<i64>,
        }

        impl Operation for $List {
            says!($List -> TagList);

            fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
                let constraints = Constraints::iam().text($member, Some(&self.$field), &$rule);
                names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
                let action = concat!("iam:", stringify!($List));
                Ok(asking::existing(facts, action, Kind::$kind, &self.$field).into())
            }

            async fn run(self, cx: Granted<'_, Self>) -> Result<TagList, Fault> {
                let after = page::start(self.marker.as_deref())?;
                cx.read(|world| {
                    let tags = of(world.iam(cx.account())?, Kind::$kind, &self.$field)?;
                    let rest = tags.iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
                    Ok(Page::of(rest.map(|tag| (&tag.0, Tag::from(tag))), self.max_items).into())
                })
            }
        }
    };
}

tag_operations!(User user_name "userName" LONG_NAME: TagUser UntagUser ListUserTags);
tag_operations!(Role role_name "roleName" SHORT_NAME: TagRole UntagRole ListRoleTags);
tag_operations!(Policy policy_arn "policyArn" ARN: TagPolicy UntagPolicy ListPolicyTags);
tag_operations!(InstanceProfile instance_profile_name "instanceProfileName" LONG_NAME: TagInstanceProfile UntagInstanceProfile ListInstanceProfileTags);
tag_operations!(Mfa serial_number "serialNumber" SERIAL: TagMFADevice UntagMFADevice ListMFADeviceTags);
tag_operations!(OidcProvider provider_arn as "OpenIDConnectProviderArn" "openIDConnectProviderArn" ARN: TagOpenIDConnectProvider UntagOpenIDConnectProvider ListOpenIDConnectProviderTags);
tag_operations!(SamlProvider provider_arn as "SAMLProviderArn" "sAMLProviderArn" ARN: TagSAMLProvider UntagSAMLProvider ListSAMLProviderTags);
tag_operations!(ServerCertificate server_certificate_name "serverCertificateName" LONG_NAME: TagServerCertificate UntagServerCertificate ListServerCertificateTags);

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag {
            key: key.to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn keys_are_one_whatever_their_letter_case() {
        let mut stored = Tags::new();
        put(Kind::User, &mut stored, &[tag("b", "1"), tag("A", "2")]).unwrap();
        put(Kind::User, &mut stored, &[tag("a", "3")]).unwrap();
        assert_eq!(
            stored,
            [
                ("a".to_owned(), "3".to_owned()),
                ("b".to_owned(), "1".to_owned())
            ]
        );
        let twins = put(Kind::User, &mut stored, &[tag("x", ""), tag("X", "")]).unwrap_err();
        assert_eq!(twins.to_string(), format!("InvalidInput: {TWINS}"));
        let many: Vec<Tag> = (0..50).map(|n| tag(&format!("k{n}"), "")).collect();
        let many = put(Kind::Role, &mut stored, &many).unwrap_err();
        assert_eq!(
            many.to_string(),
            "LimitExceeded: Cannot exceed quota for TagsPerRole: 50"
        );
    }
}
