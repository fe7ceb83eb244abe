//! What IAM's operations ask of the policies, and how AWS's denials name it.
//!
//! What exists is named shortly (`user NAME`), what is to be made by its ARN. Source: denials that people
//! published, collected in the reference.

use super::{
    Tags,
    account::Kind,
    faults,
    known::{self, Known},
    names::arn_tail,
};
use crate::{
    gate::{Caller, Demand, Facts, account_of},
    wire::Fault,
    world::Text,
};
use rolecall_policy::Origin;

/// Something that is there, or would be: by name, or by an ARN that is its name.
pub(super) fn existing(facts: &Facts<'_>, action: &'static str, kind: Kind, name: &str) -> Demand {
    let by_name = match kind {
        Kind::Policy => return policy(facts, action, name),
        Kind::User | Kind::Role | Kind::Group => Some(kind.lower()),
        Kind::InstanceProfile => Some("instance profile"),
        Kind::ServerCertificate => Some("server certificate"),
        Kind::Mfa | Kind::OidcProvider | Kind::SamlProvider => None,
    };
    let account = facts.iam();
    let known = account.and_then(|account| Known::find(account, kind, name));
    let demand = match (known, by_name) {
        (Some(known), _) => known.fill(Demand::new(action, known.arn)),
        (None, Some(_)) => Demand::new(action, facts.iam_arn(&format!("{}/{name}", kind.lower()))),
        (None, None) => Demand::new(action, name),
    };
    match by_name {
        Some(word) => demand.shown_as(format!("{word} {name}")),
        None => demand,
    }
}

/// A managed policy, by its ARN.
pub(super) fn policy(facts: &Facts<'_>, action: &'static str, arn: &str) -> Demand {
    by_arn(facts, action, arn).shown_as(format!("policy {arn}"))
}

/// A user, group, role or policy by its ARN.
pub(super) fn by_arn(facts: &Facts<'_>, action: &'static str, arn: &str) -> Demand {
    let demand = Demand::new(action, arn).owned_by(account_of(arn).map(Text::from));
    known::fill(facts.law(), demand)
}

/// Something that is to be made.
pub(super) fn new(
    facts: &Facts<'_>,
    action: &'static str,
    kind: Kind,
    path: Option<&str>,
    name: &str,
) -> Demand {
    let demand = Demand::new(
        action,
        facts.iam_arn(&arn_tail(kind.lower(), path.unwrap_or("/"), name)),
    );
    match kind {
        Kind::Policy => demand.shown_as(format!("policy {name}")),
        _ => demand,
    }
}

/// A list. IAM names the type and the path prefix, so a statement on `user/*` covers it.
pub(super) fn list(
    facts: &Facts<'_>,
    action: &'static str,
    kind: Kind,
    prefix: Option<&str>,
) -> Demand {
    let prefix = prefix.unwrap_or("/");
    let demand = Demand::new(action, facts.iam_arn(&arn_tail(kind.lower(), prefix, "")));
    match kind {
        Kind::Policy => demand.shown_as(format!("policy path {prefix}")),
        _ => demand,
    }
}

/// The tags that come with a request.
pub(super) fn requested(demand: Demand, tags: &Tags) -> Demand {
    if tags.is_empty() {
        return demand;
    }
    let keys: Vec<String> = tags.iter().map(|(key, _)| key.clone()).collect();
    demand
        .with_tags(
            Origin::Request,
            "aws:RequestTag/",
            tags.iter().map(|(key, value)| (key, value)),
        )
        .with("aws:TagKeys", Some(keys))
}

/// Whose access keys, or which user: the caller itself where none is named.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Root,
    User(String),
}

impl Whose {
    /// The user that `name` says, or the caller.
    pub(super) fn read(caller: &Caller, name: Option<&str>) -> Result<Self, Fault> {
        match name.or_else(|| caller.user_name()) {
            Some(name) => Ok(Self::User(name.to_owned())),
            None if caller.is_root() => Ok(Self::Root),
            None => Err(faults::validation(
                "Must specify userName when calling with non-User credentials",
            )),
        }
    }

    /// The demand for `action` on that user.
    pub(super) fn demand(&self, facts: &Facts<'_>, action: &'static str) -> Demand {
        match self {
            Self::Root => Demand::new(action, facts.iam_arn("root")),
            Self::User(name) => existing(facts, action, Kind::User, name),
        }
    }
}
