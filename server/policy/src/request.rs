//! What is asked: the request, its context, and the policies in force.

use std::borrow::Cow;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::worded::Worded;
use crate::{Policy, Principal};

/// One authorization question: one principal, one action, one resource.
///
/// A call on several resources is several requests.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// `prefix:Name`, in any letter case.
    pub action: &'a str,
    /// One ARN, or `*` for an action without resource type.
    pub resource: &'a str,
    /// The account that owns the resource; `None` means the caller's own.
    pub resource_account: Option<&'a str>,
    /// The special rule of the operation, if it has one.
    pub rule: Rule,
    /// The condition keys of the request.
    pub context: &'a Context<'a>,
}

/// How a resource-based policy weighs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// In one account an Allow on either side is enough.
    #[default]
    Plain,
    /// The resource is a role: its trust policy must allow, whatever the identity side says (`sts:AssumeRole*`).
    TrustMustAllow,
    /// The root user of the owning account is never locked out (`s3:GetBucketPolicy`, `PutBucketPolicy`, `DeleteBucketPolicy`).
    OwnerRootAlways,
    /// The resource is not of the account that wrote its policy: an object that another account put into a bucket.
    /// The policy can deny and not allow.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-auth-workflow-object-operation.html>
    PolicyOnlyDenies,
    /// The resource has no policy and its account no say: the caller's own policies decide, whoever owns it. Root, which
    /// has none, may not (`sts:AssumeRoot`).
    /// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html>
    CallerDecides,
}

/// The value of a condition key.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// One text; numbers, dates, addresses and booleans may come as text too.
    Text(Cow<'a, str>),
    /// A multi-valued key such as `aws:TagKeys`.
    List(Vec<Cow<'a, str>>),
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A moment.
    Time(jiff::Timestamp),
    /// An address.
    Ip(IpAddr),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

/// Where a context value comes from; explanations say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The credentials: `aws:PrincipalArn`, `aws:username`.
    Caller,
    /// Parameters and headers: `s3:prefix`, `aws:RequestTag/…`.
    Request,
    /// The resource as stored: `aws:ResourceTag/…`.
    Resource,
    /// The service that calls: `aws:SourceAccount`, `aws:SourceArn`.
    Service,
    /// The clock: `aws:CurrentTime`.
    Clock,
    /// The connection: `aws:SourceIp`, `aws:SecureTransport`.
    Connection,
    /// A scenario or a question said so.
    Given,
    /// Nothing at AWS settles it; rolecall chose, for this reason.
    Choice(&'static str),
}

/// The condition keys of one request.
///
/// Key names compare without regard to letter case, the tag-key part included;
/// when a resource has both `Owner` and `owner` the exact spelling wins.
#[derive(Debug, Clone, Default)]
pub struct Context<'a> {
    // One allocation when the context is made. Inline storage would make the context invariant, and
    // then a request could not borrow it for less than its own lifetime.
    entries: Vec<Entry<'a>>,
}

/// Room for the global keys and a few of the service's own.
const USUAL: usize = 24;

/// The memory of a context that is not needed any more, for the next one: as much as a context takes is asked of the
/// allocator the slow way.
#[derive(Debug, Default)]
pub struct Room(Vec<Entry<'static>>);

/// More than so many entries are not kept for later.
const MOST_ROOM: usize = 8 * USUAL;

/// One condition key of a [`Context`].
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The name as the service spells it.
    pub key: Cow<'a, str>,
    /// The value.
    pub value: Value<'a>,
    /// Where it comes from.
    pub origin: Origin,
}

impl<'a> Context<'a> {
    /// No keys.
    #[must_use]
    pub fn new() -> Self {
        Self::within(Room::default())
    }

    /// No keys, where another context was.
    #[must_use]
    pub fn within(room: Room) -> Self {
        let mut entries = emptied(room.0);
        entries.reserve(USUAL);
        Self { entries }
    }

    /// Its memory, for another context.
    #[must_use]
    pub fn into_room(self) -> Room {
        match self.entries.capacity() {
            ..=MOST_ROOM => Room(emptied(self.entries)),
            _ => Room::default(),
        }
    }

    /// Adds a key that is known not to be there yet: nobody looks for it.
    pub fn add(&mut self, key: &'static str, value: impl Into<Value<'a>>, origin: Origin) {
        debug_assert!(
            self.entries.iter().all(|known| known.key != key),
            "{key} is there"
        );
        self.entries.push(Entry {
            key: Cow::Borrowed(key),
            value: value.into(),
            origin,
        });
    }

    /// Sets a key; a value set before under the very same spelling is replaced.
    pub fn set(
        &mut self,
        key: impl Into<Cow<'a, str>>,
        value: impl Into<Value<'a>>,
        origin: Origin,
    ) {
        let entry = Entry {
            key: key.into(),
            value: value.into(),
            origin,
        };
        match self.entries.iter_mut().find(|known| known.key == entry.key) {
            Some(known) => *known = entry,
            None => self.entries.push(entry),
        }
    }

    /// Takes a key away, however it is spelled; absent is not the same as empty.
    pub fn unset(&mut self, key: &str) {
        self.entries
            .retain(|entry| !entry.key.eq_ignore_ascii_case(key));
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The key with its value and origin.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry<'a>> {
        let mut other_case = None;
        for entry in &self.entries {
            if entry.key.len() == key.len() && entry.key.eq_ignore_ascii_case(key) {
                if entry.key == key {
                    return Some(entry);
                }
                other_case = other_case.or(Some(entry));
            }
        }
        other_case
    }

    /// All keys, in the order they were set.
    pub fn iter(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.entries.iter()
    }
}

/// Nothing, where `entries` were: what is collected from a vector stays in its memory.
fn emptied<'b>(mut entries: Vec<Entry<'_>>) -> Vec<Entry<'b>> {
    entries.clear();
    entries.into_iter().map_while(|_| None).collect()
}

/// Where a policy hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    /// The name of the policy; `trust` for a role's trust policy.
    pub name: &'a str,
    /// The ARN of a managed policy.
    pub arn: Option<&'a str>,
    /// The user, role, group or resource that holds it.
    pub holder: Option<&'a str>,
}

/// A policy and where it hangs.
#[derive(Debug, Clone, Copy)]
pub struct Attached<'a> {
    /// Where it hangs.
    pub source: Source<'a>,
    /// The document.
    pub policy: &'a Policy,
}

/// Every policy in force for one request.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html>
#[derive(Debug, Clone, Copy, Default)]
pub struct Layers<'a> {
    /// Inline and managed policies of the user and its groups, or of the role.
    pub identity: &'a [Attached<'a>],
    /// The permissions boundary of the user or role.
    pub boundary: Option<Attached<'a>>,
    /// Session policies; `None` when the session was made without any. A session of the root user (`sts:AssumeRoot`)
    /// needs no Allow in them, as AWS's task policies have none; their Denies hold.
    pub session: Option<&'a [Attached<'a>]>,
    /// The policy of the resource: trust policy, bucket policy, SES identity policy.
    pub resource: Option<Attached<'a>>,
    /// What the resource's access control list grants, written as a policy. It speaks beside the resource's policy.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>
    pub acl: Option<Attached<'a>>,
    /// Service control policies, level by level from the organization's root to the account.
    pub scps: &'a [&'a [Attached<'a>]],
    /// Resource control policies, level by level; `RCPFullAWSAccess` need not be listed.
    pub rcps: &'a [&'a [Attached<'a>]],
    /// The policy of the VPC endpoint the call came through.
    pub endpoint: Option<Attached<'a>>,
}

impl Value<'_> {
    /// The value with texts of its own.
    pub(crate) fn into_owned(self) -> Value<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Text(text) => Value::Text(own(text)),
            Self::List(list) => Value::List(list.into_iter().map(own).collect()),
            Self::Bool(value) => Value::Bool(value),
            Self::Number(number) => Value::Number(number),
            Self::Time(time) => Value::Time(time),
            Self::Ip(address) => Value::Ip(address),
        }
    }

    /// The value as text when it is a single one.
    pub(crate) fn single_text(&self) -> Option<Worded<'_>> {
        Some(match self {
            Self::Text(text) => Worded::There(text),
            Self::List(_) => return None,
            Self::Bool(true) => Worded::There("true"),
            Self::Bool(false) => Worded::There("false"),
            Self::Number(number) => Worded::written(number),
            Self::Time(time) => Worded::written(time),
            Self::Ip(address) => Worded::written(address),
        })
    }
}

impl std::fmt::Display for Value<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self, self.single_text()) {
            (_, Some(text)) => out.write_str(&text),
            (Self::List(list), None) => write!(out, "[{}]", list.join(", ")),
            (_, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_stands_where_another_was_and_has_nothing_of_it() {
        let name = "ana".to_owned();
        let mut context = Context::new();
        context.set("aws:username", name.as_str(), Origin::Caller);
        let room = context.into_room();
        drop(name);
        assert!(room.0.capacity() >= USUAL);
        let place = room.0.as_ptr().addr();
        let next = Context::within(room);
        assert_eq!(next.entries.as_ptr().addr(), place);
        assert_eq!(next.iter().count(), 0);
    }

    #[test]
    fn the_memory_of_a_large_context_is_not_kept() {
        let mut context = Context::new();
        for n in 0..=MOST_ROOM {
            context.set(format!("aws:RequestTag/{n}"), "v", Origin::Request);
        }
        assert_eq!(context.into_room().0.capacity(), 0);
    }
}
