//! What an operation asks of the policies, before any of its effect.

use super::Caller;
use crate::world::Text;
use jiff::Timestamp;
use rolecall_policy::{Origin, Policy, Rule};
use smallvec::SmallVec;
use std::{borrow::Cow, sync::Arc};

/// What an operation asks. There is deliberately no default and no "nothing".
#[derive(Debug)]
pub enum Access {
    /// Every demand must be allowed.
    All(SmallVec<[Demand; 1]>),
    /// Each demand is answered on its own (`DeleteObjects`).
    Each(Vec<Demand>),
    /// Needs no permission, and why.
    Open(&'static str),
}

impl From<Demand> for Access {
    fn from(demand: Demand) -> Self {
        let mut all = SmallVec::new();
        all.push(demand);
        Self::All(all)
    }
}

impl Access {
    /// Also asks for `demand`.
    #[must_use]
    pub fn and(mut self, demand: Demand) -> Self {
        match &mut self {
            Self::All(all) => all.push(demand),
            Self::Each(each) => each.push(demand),
            Self::Open(_) => return demand.into(),
        }
        self
    }
}

/// One question to the engine: may the caller do `action` to `resource`?
#[derive(Debug, Clone)]
pub struct Demand {
    /// The IAM action, such as `s3:PutObject`.
    pub action: Cow<'static, str>,
    /// The ARN of the resource, or `*`.
    pub resource: String,
    /// The account that owns the resource; none: the caller's own.
    pub owner: Option<Text>,
    /// Whose resource policy speaks too.
    pub guard: Guard,
    /// What the access control list of the resource grants.
    pub acl: Option<Arc<Policy>>,
    /// How the resource policy and the identity policies combine.
    pub rule: Rule,
    /// The keys about the connection and the signature go with it, as with every action of S3.
    pub with_signature: bool,
    /// `s3:ResourceAccount`: the account that owns the bucket.
    pub bucket_owner: Option<Text>,
    /// Condition keys of this demand, besides the global ones.
    pub context: Vec<(Cow<'static, str>, Fact, Origin)>,
    /// The resource as AWS names it in the denial, where that is not the ARN; empty: not named at all.
    pub shown: Option<Cow<'static, str>>,
    /// Who asks, where that is not who called: somebody for whom an identity provider's token vouches.
    pub asker: Option<Arc<Caller>>,
}

/// The resource-based policy that takes part in a decision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Guard {
    /// The resource has no policy of its own.
    #[default]
    None,
    /// A bucket's policy.
    Bucket(Text),
    /// The trust policy of a role: account and role name.
    Role(Text, Text),
    /// A policy that a scenario gave for an ARN we only ask about.
    Given(Text),
}

/// The value of a condition key.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Fact {
    /// One text.
    Text(Cow<'static, str>),
    /// Several texts; an empty list is a key without values.
    List(Vec<String>),
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A moment.
    Time(Timestamp),
}

impl Fact {
    /// How many bytes of text it has.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::List(texts) => texts.iter().map(String::len).sum(),
            Self::Bool(_) | Self::Number(_) | Self::Time(_) => 0,
        }
    }
}

impl From<&str> for Fact {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned().into())
    }
}

impl From<String> for Fact {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

/// A word that the code knows by heart.
impl From<Cow<'static, str>> for Fact {
    fn from(text: Cow<'static, str>) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<String>> for Fact {
    fn from(texts: Vec<String>) -> Self {
        Self::List(texts)
    }
}

impl From<bool> for Fact {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Fact {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl Demand {
    /// Asks for `action` on `resource` in the caller's own account.
    pub fn new(action: impl Into<Cow<'static, str>>, resource: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            resource: resource.into(),
            owner: None,
            guard: Guard::None,
            acl: None,
            rule: Rule::Plain,
            with_signature: false,
            bucket_owner: None,
            context: Vec::new(),
            shown: None,
            asker: None,
        }
    }

    /// `iam:PassRole` for a role that is handed to `service` (`pinpoint.amazonaws.com`).
    /// Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service".
    pub fn pass_role(role_arn: &str, service: &'static str) -> Self {
        Self::new("iam:PassRole", role_arn)
            .owned_by(account_of(role_arn).map(Text::from))
            .with("iam:PassedToService", Some(service))
    }

    /// The keys about the connection and the signature count too.
    #[must_use]
    pub fn signed(mut self) -> Self {
        self.with_signature = true;
        self
    }

    /// It is about a bucket of `account`, or about what is in it.
    #[must_use]
    pub fn in_bucket_of(mut self, account: &Text) -> Self {
        self.bucket_owner = Some(account.clone());
        self
    }

    /// The resource belongs to `account`.
    #[must_use]
    pub fn owned_by(mut self, account: Option<Text>) -> Self {
        self.owner = account;
        self
    }

    /// `guard` speaks too.
    #[must_use]
    pub fn guarded_by(mut self, guard: Guard) -> Self {
        self.guard = guard;
        self
    }

    /// An access control list grants something too.
    #[must_use]
    pub fn granted_by(mut self, acl: Option<Arc<Policy>>) -> Self {
        self.acl = acl;
        self
    }

    /// Combines the policies by `rule`.
    #[must_use]
    pub fn by(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    /// `asker` asks, whoever called.
    #[must_use]
    pub fn asked_by(mut self, asker: Arc<Caller>) -> Self {
        self.asker = Some(asker);
        self
    }

    /// The resource as AWS's denial names it.
    #[must_use]
    pub fn shown_as(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.shown = Some(text.into());
        self
    }

    /// Adds a condition key that stands in the request; leaves it out when there is no value.
    #[must_use]
    pub fn with(self, key: impl Into<Cow<'static, str>>, value: Option<impl Into<Fact>>) -> Self {
        self.with_from(Origin::Request, key, value)
    }

    /// Adds a condition key that comes from `origin`.
    #[must_use]
    pub fn with_from(
        mut self,
        origin: Origin,
        key: impl Into<Cow<'static, str>>,
        value: Option<impl Into<Fact>>,
    ) -> Self {
        if let Some(value) = value {
            self.context.push((key.into(), value.into(), origin));
        }
        self
    }

    /// Adds one key per tag, `prefix` + tag key: `aws:ResourceTag/`, `aws:RequestTag/`, `s3:ExistingObjectTag/` …
    #[must_use]
    pub fn with_tags<'t, K: AsRef<str> + 't, V: AsRef<str> + 't>(
        mut self,
        origin: Origin,
        prefix: &str,
        tags: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        for (key, value) in tags {
            let key = format!("{prefix}{}", key.as_ref());
            self.context
                .push((key.into(), value.as_ref().into(), origin));
        }
        self
    }
}

/// The account of an ARN; what is AWS's own, such as its managed policies, belongs to none.
pub fn account_of(arn: &str) -> Option<&str> {
    let mut colons = arn.bytes().enumerate().filter(|(_, byte)| *byte == b':');
    let (from, _) = colons.nth(3)?;
    let to = colons.next().map_or(arn.len(), |(at, _)| at);
    let account = arn.get(from + 1..to)?;
    Some(account).filter(|account| !matches!(*account, "" | "aws"))
}
