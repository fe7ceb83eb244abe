//! What is known of something that IAM keeps, as far as policies can ask about it.

use super::account::{Account, Kind};
use crate::{
    gate::{Demand, account_of},
    world::{Law, Text},
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

/// A user, a role or whatever else has an ARN.
pub(super) struct Known<'a> {
    pub(super) arn: &'a str,
    tags: &'a [(String, String)],
    boundary: Option<&'a Text>,
}

impl<'a> Known<'a> {
    /// Finds it: policies, devices and identity providers by ARN, all else by name.
    pub(super) fn find(account: &'a Account, kind: Kind, name: &str) -> Option<Self> {
        let (arn, tags, boundary): (&str, &[_], _) = match kind {
            Kind::User => {
                let user = account.users.get(name)?;
                (&user.arn, &user.tags, user.boundary.as_ref())
            }
            Kind::Role => {
                let role = account.roles.get(name)?;
                (&role.arn, &role.tags, role.boundary.as_ref())
            }
            Kind::Group => (&account.groups.get(name)?.arn, &[], None),
            Kind::Policy => {
                let policy = account.policies.get(name)?;
                (&policy.arn, &policy.tags, None)
            }
            Kind::InstanceProfile => {
                let profile = account.profiles.get(name)?;
                (&profile.arn, &profile.tags, None)
            }
            Kind::ServerCertificate => {
                let certificate = account.server_certificates.get(name)?;
                (&certificate.arn, &certificate.tags, None)
            }
            Kind::Mfa => {
                let device = account.mfa_devices.get(name)?;
                (&device.serial, &device.tags, None)
            }
            Kind::OidcProvider => {
                let provider = account.oidc_providers.get(name)?;
                (&provider.arn, &provider.tags, None)
            }
            Kind::SamlProvider => {
                let provider = account.saml_providers.get(name)?;
                (&provider.arn, &provider.tags, None)
            }
        };
        Some(Self {
            arn,
            tags,
            boundary,
        })
    }

    /// The condition keys that it fills.
    pub(super) fn fill(&self, demand: Demand) -> Demand {
        let pairs = || self.tags.iter().map(|(key, value)| (key, value));
        let bounded = BOUNDED
            .iter()
            .any(|action| action.eq_ignore_ascii_case(&demand.action));
        let boundary = self.boundary.filter(|_| bounded);
        demand
            .with_tags(Origin::Resource, "aws:ResourceTag/", pairs())
            .with_tags(Origin::Resource, "iam:ResourceTag/", pairs())
            .with_from(
                Origin::Resource,
                "iam:PermissionsBoundary",
                boundary.map(|arn| &**arn),
            )
    }
}

/// Adds to a demand what is known of its resource, when that is one of IAM's. Tags of a role say nothing about passing it on.
/// Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service".
pub(crate) fn fill(law: &Law, demand: Demand) -> Demand {
    match of_arn(law, &demand.resource) {
        Some(known) if !demand.action.eq_ignore_ascii_case("iam:PassRole") => known.fill(demand),
        _ => demand,
    }
}

fn of_arn<'a>(law: &'a Law, arn: &str) -> Option<Known<'a>> {
    let account = law.account(account_of(arn)?)?;
    let tail = arn.splitn(6, ':').nth(5)?;
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| tail.split('/').next() == Some(kind.lower()))?;
    let name = match kind {
        Kind::Policy | Kind::Mfa | Kind::OidcProvider | Kind::SamlProvider => arn,
        _ => tail.rsplit('/').next()?,
    };
    Known::find(account, kind, name).filter(|known| known.arn == arn)
}
