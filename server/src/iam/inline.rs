//! Inline policies of users, groups and roles.

use super::{
    Attachments, InlinePolicy,
    account::Kind,
    asking, documents, faults,
    names::{self, LONG_NAME, SHORT_NAME},
    page::{self, Page, listing},
    says,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Operation},
    world::Text,
};
use rolecall_policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

listing! {
    /// The answer to `List…Policies`: names.
    NameList { policy_names: String }
}

/// All inline policies together, without white space. Source: IAM User Guide, "IAM and AWS STS quotas".
fn most(kind: Kind) -> usize {
    match kind {
        Kind::Group => 5120,
        Kind::Role => 10_240,
        _ => 2048,
    }
}

fn put(
    kind: Kind,
    holder: &str,
    stored: &mut Attachments,
    name: &str,
    policy: Arc<Policy>,
) -> Result<(), Fault> {
    let others: usize = stored
        .inline
        .iter()
        .filter(|other| *other.name != *name)
        .map(|other| other.policy.size())
        .sum();
    if others + policy.size() > most(kind) {
        let (most, kind) = (most(kind), kind.lower());
        return Err(faults::limit(format!(
            "Maximum policy size of {most} bytes exceeded for {kind} {holder}"
        )));
    }
    let inline = InlinePolicy {
        name: name.into(),
        policy,
    };
    match stored
        .inline
        .binary_search_by(|other| (*other.name).cmp(name))
    {
        Ok(place) => {
            if let Some(known) = stored.inline.get_mut(place) {
                *known = inline;
            }
        }
        Err(place) => stored.inline.insert(place, inline),
    }
    Ok(())
}

fn find<'a>(kind: Kind, stored: &'a Attachments, name: &str) -> Result<&'a InlinePolicy, Fault> {
    let found = stored.inline.iter().find(|inline| *inline.name == *name);
    found.ok_or_else(|| faults::no_inline(kind, name))
}

fn names_after<'a>(
    stored: &'a Attachments,
    after: Option<&'a str>,
) -> impl Iterator<Item = (&'a Text, String)> {
    let names = stored.inline.iter().map(|inline| &inline.name);
    names
        .filter(move |name| after.is_none_or(|after| ***name > *after))
        .map(|name| (name, name.to_string()))
}

/// The four operations of one kind of holder, which is named by `$field`.
macro_rules! inline_operations {
    ($kind:ident $field:ident $member:literal $rule:ident: $Put:ident $Get:ident $List:ident $Delete:ident -> $Answer:ident) => {
        #[doc = concat!("`", stringify!($Put), "`")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $Put {
            $field: String,
            policy_name: String,
            policy_document: String,
        }

        impl Operation for $Put {
            says!($Put -> ());

            fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
                let constraints = Constraints::iam()
                    .text($member, Some(&self.$field), &$rule)
                    .text("policyName", Some(&self.policy_name), &LONG_NAME);
                documents::bounds(constraints, "policyDocument", &self.policy_document).done()?;
                Ok(asking::existing(facts, concat!("iam:", stringify!($Put)), Kind::$kind, &self.$field).into())
            }

            async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
                let policy = documents::read(&self.policy_document, PolicyKind::Identity)?;
                cx.write(|world| {
                    let stored = world.iam_mut(cx.account())?.attachments_mut(Kind::$kind, &self.$field)?;
                    put(Kind::$kind, &self.$field, stored, &self.policy_name, policy)
                })
            }
        }

        #[doc = concat!("`", stringify!($Get), "`")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $Get {
            $field: String,
            policy_name: String,
        }

        #[doc = concat!("The answer to `", stringify!($Get), "`.")]
        #[derive(Debug, Serialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $Answer {
            $field: String,
            policy_name: String,
            policy_document: String,
        }

        impl Operation for $Get {
            says!($Get -> $Answer);

            fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
                Constraints::iam()
                    .text($member, Some(&self.$field), &$rule)
                    .text("policyName", Some(&self.policy_name), &LONG_NAME)
                    .done()?;
                Ok(asking::existing(facts, concat!("iam:", stringify!($Get)), Kind::$kind, &self.$field).into())
            }

            async fn run(self, cx: Granted<'_, Self>) -> Result<$Answer, Fault> {
                cx.read(|world| {
                    let stored = world.iam(cx.account())?.attachments(Kind::$kind, &self.$field)?;
                    let inline = find(Kind::$kind, stored, &self.policy_name)?;
                    Ok($Answer {
                        $field: self.$field.clone(),
                        policy_name: inline.name.to_string(),
                        policy_document: documents::encoded(inline.policy.text()),
                    })
                })
            }
        }

        #[doc = concat!("`", stringify!($List), "`")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $List {
            $field: String,
            marker: Option<String>,
            max_items: Option<i64>,
        }

        impl Operation for $List {
            says!($List -> NameList);

            fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
                let constraints = Constraints::iam().text($member, Some(&self.$field), &$rule);
                names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
                Ok(asking::existing(facts, concat!("iam:", stringify!($List)), Kind::$kind, &self.$field).into())
            }

            async fn run(self, cx: Granted<'_, Self>) -> Result<NameList, Fault> {
                let after = page::start(self.marker.as_deref())?;
                cx.read(|world| {
                    let stored = world.iam(cx.account())?.attachments(Kind::$kind, &self.$field)?;
                    Ok(Page::of(names_after(stored, after.as_deref()), self.max_items).into())
                })
            }
        }

        #[doc = concat!("`", stringify!($Delete), "`")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $Delete {
            $field: String,
            policy_name: String,
        }

        impl Operation for $Delete {
            says!($Delete -> ());

            fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
                Constraints::iam()
                    .text($member, Some(&self.$field), &$rule)
                    .text("policyName", Some(&self.policy_name), &LONG_NAME)
                    .done()?;
                Ok(asking::existing(facts, concat!("iam:", stringify!($Delete)), Kind::$kind, &self.$field).into())
            }

            async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
                cx.write(|world| {
                    let stored = world.iam_mut(cx.account())?.attachments_mut(Kind::$kind, &self.$field)?;
                    find(Kind::$kind, stored, &self.policy_name)?;
                    stored.inline.retain(|inline| *inline.name != *self.policy_name);
                    Ok(())
                })
            }
        }
    };
}

inline_operations!(User user_name "userName" LONG_NAME: PutUserPolicy GetUserPolicy ListUserPolicies DeleteUserPolicy -> UserPolicy);
inline_operations!(Group group_name "groupName" LONG_NAME: PutGroupPolicy GetGroupPolicy ListGroupPolicies DeleteGroupPolicy -> GroupPolicy);
inline_operations!(Role role_name "roleName" SHORT_NAME: PutRolePolicy GetRolePolicy ListRolePolicies DeleteRolePolicy -> RolePolicy);

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn policy(length: usize) -> Arc<Policy> {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::{}"}}}}"#,
            "b".repeat(length)
        );
        documents::read(&text, PolicyKind::Identity).unwrap()
    }

    #[test]
    fn inline_policies_count_together_and_replace_one_another() {
        let mut stored = Attachments::default();
        put(Kind::User, "u", &mut stored, "b", policy(900)).unwrap();
        put(Kind::User, "u", &mut stored, "b", policy(1000)).unwrap();
        put(Kind::User, "u", &mut stored, "a", policy(700)).unwrap();
        let names: Vec<_> = names_after(&stored, None).map(|(_, name)| name).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(names_after(&stored, Some("a")).count(), 1);
        let full = put(Kind::User, "u", &mut stored, "c", policy(300)).unwrap_err();
        assert_eq!(
            full.to_string(),
            "LimitExceeded: Maximum policy size of 2048 bytes exceeded for user u"
        );
        put(Kind::Role, "r", &mut stored, "c", policy(300)).unwrap();
        assert!(find(Kind::Role, &stored, "d").is_err());
    }
}
