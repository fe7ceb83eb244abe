//! What IAM's operations ask of the policies, and how AWS's denials name it.
//!
//! What exists is named shortly (`user NAME`), what is to be made by its ARN. Source: denials that people
//! published, collected in the reference.

use super::{Tags, account::Kind, faults, names::arn_tail};
use crate::{
    gate::{Caller, Demand, Facts, account_of},
    wire::Fault,
    world::Text,
};
use rolecall_policy::Origin;

/// The actions for which the boundary of the user or role is a condition key.
/// Source: Service Authorization Reference, "Actions defined by IAM", `iam:PermissionsBoundary`.
const BOUNDED: &[&str] = &[
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DeleteUserPolicy",
    "iam:DetachRolePolicy",
    "iam:DetachUserPolicy",
    "iam:GetRole",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
];

/// Something that is there, or would be.
pub(super) fn existing(facts: &Facts<'_>, action: &'static str, kind: Kind, name: &str) -> Demand {
    let bare = || facts.iam_arn(&format!("{}/{name}", kind.lower()));
    let (arn, tags, boundary): (_, &[_], _) = match kind {
        Kind::User => match facts.user(name) {
            Some(user) => (user.arn.clone(), &user.tags, user.boundary.as_ref()),
            None => (bare(), &[], None),
        },
        Kind::Role => match facts.role(name) {
            Some(role) => (role.arn.clone(), &role.tags, role.boundary.as_ref()),
            None => (bare(), &[], None),
        },
        Kind::Group => (
            facts
                .group(name)
                .map_or_else(bare, |group| group.arn.clone()),
            &[],
            None,
        ),
        Kind::Policy => return policy(facts, action, name),
        Kind::InstanceProfile
        | Kind::Mfa
        | Kind::OidcProvider
        | Kind::SamlProvider
        | Kind::ServerCertificate => return other(facts, action, kind, name),
    };
    let boundary = boundary.filter(|_| BOUNDED.contains(&action));
    tagged(Demand::new(action, arn), tags)
        .with_from(
            Origin::Resource,
            "iam:PermissionsBoundary",
            boundary.map(|arn| &**arn),
        )
        .shown_as(format!("{} {name}", kind.lower()))
}

/// What has neither policies nor a boundary: by name, or by an ARN that is its name.
fn other(facts: &Facts<'_>, action: &'static str, kind: Kind, name: &str) -> Demand {
    let account = facts.iam();
    let bare = || facts.iam_arn(&format!("{}/{name}", kind.lower()));
    let none: &[(String, String)] = &[];
    let (arn, tags, shown) = match kind {
        Kind::InstanceProfile => {
            let found = account.and_then(|account| account.profiles.get(name));
            let arn = found.map_or_else(bare, |profile| profile.arn.clone());
            let tags = found.map_or(none, |profile| &profile.tags);
            (arn, tags, Some(format!("instance profile {name}")))
        }
        Kind::ServerCertificate => {
            let found = account.and_then(|account| account.server_certificates.get(name));
            let arn = found.map_or_else(bare, |certificate| certificate.arn.clone());
            let tags = found.map_or(none, |certificate| &certificate.tags);
            (arn, tags, Some(format!("server certificate {name}")))
        }
        _ => {
            let tags = account.and_then(|account| match kind {
                Kind::Mfa => account.mfa_devices.get(name).map(|device| &device.tags),
                Kind::OidcProvider => account.oidc_providers.get(name).map(|it| &it.tags),
                _ => account.saml_providers.get(name).map(|it| &it.tags),
            });
            (name.to_owned(), tags.map_or(none, Vec::as_slice), None)
        }
    };
    let demand = tagged(Demand::new(action, arn), tags);
    match shown {
        Some(shown) => demand.shown_as(shown),
        None => demand,
    }
}

/// A managed policy, by its ARN.
pub(super) fn policy(facts: &Facts<'_>, action: &'static str, arn: &str) -> Demand {
    let owner = account_of(arn)
        .filter(|owner| *owner != "aws")
        .map(Text::from);
    let policy = facts.managed_policy(arn);
    tagged(
        Demand::new(action, arn),
        policy
            .map(|policy| policy.tags.as_slice())
            .unwrap_or_default(),
    )
    .owned_by(owner)
    .shown_as(format!("policy {arn}"))
}

/// A user, group, role or policy by its ARN.
pub(super) fn by_arn(action: &'static str, arn: &str) -> Demand {
    let owner = account_of(arn).filter(|owner| *owner != "aws");
    Demand::new(action, arn).owned_by(owner.map(Text::from))
}

fn tagged(demand: Demand, tags: &[(String, String)]) -> Demand {
    let pairs = || tags.iter().map(|(key, value)| (key, value));
    demand
        .with_tags(Origin::Resource, "aws:ResourceTag/", pairs())
        .with_tags(Origin::Resource, "iam:ResourceTag/", pairs())
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
