//! Permissions boundaries of users and roles. Source: IAM User Guide, "Permissions boundaries for IAM entities".

use super::{
    account::{Account, Kind},
    asking, faults,
    names::{ARN, SHORT_NAME},
    policies::parse_arn,
    says,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Operation},
    world::Text,
};
use serde::{Deserialize, Serialize};

/// A boundary as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BoundaryShape {
    permissions_boundary_type: &'static str,
    permissions_boundary_arn: String,
}

impl From<&Text> for BoundaryShape {
    fn from(arn: &Text) -> Self {
        Self {
            permissions_boundary_type: "Policy",
            permissions_boundary_arn: arn.to_string(),
        }
    }
}

/// Notes that the policy bounds a user or role, and returns its ARN to keep there.
pub(super) fn bound(
    account: &mut Account,
    arn: Option<&str>,
    kind: Kind,
    name: &Text,
) -> Result<Option<Text>, Fault> {
    let Some(arn) = arn else { return Ok(None) };
    parse_arn(arn)?;
    let policy = account
        .policy(arn)
        .map_err(|_| faults::not_attachable(arn))?;
    let arn = policy.arn.clone();
    account.change_uses(&arn, |uses| uses.bounds.insert((kind, name.clone()), ()));
    Ok(Some(arn))
}

/// Puts the boundary `arn`, or takes the present one away.
fn put(account: &mut Account, kind: Kind, name: &str, arn: Option<&str>) -> Result<(), Fault> {
    let name = Text::from(name);
    let old = account.boundary_mut(kind, &name)?.take();
    if let Some(old) = old {
        account.change_uses(&old, |uses| {
            uses.bounds.remove(&(kind, name.clone()));
        });
    }
    let new = bound(account, arn, kind, &name)?;
    *account.boundary_mut(kind, &name)? = new;
    Ok(())
}

macro_rules! boundary_operations {
    ($kind:ident $field:ident $member:literal: $Put:ident $Delete:ident) => {
        #[doc = concat!("`", stringify!($Put), "`")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $Put {
            $field: String,
            permissions_boundary: String,
        }

        impl Operation for $Put {
            says!($Put -> ());

            fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
                Constraints::iam()
                    .text($member, Some(&self.$field), &SHORT_NAME)
                    .text("permissionsBoundary", Some(&self.permissions_boundary), &ARN)
                    .done()?;
                let demand = asking::existing(facts, concat!("iam:", stringify!($Put)), Kind::$kind, &self.$field);
                Ok(demand.with("iam:PermissionsBoundary", Some(&*self.permissions_boundary)).into())
            }

            async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
                cx.write(|world| {
                    let account = world.iam_mut(cx.account())?;
                    put(account, Kind::$kind, &self.$field, Some(&self.permissions_boundary))
                })
            }
        }

        #[doc = concat!("`", stringify!($Delete), "`")]
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $Delete {
            $field: String,
        }

        impl Operation for $Delete {
            says!($Delete -> ());

            fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
                Constraints::iam().text($member, Some(&self.$field), &SHORT_NAME).done()?;
                Ok(asking::existing(facts, concat!("iam:", stringify!($Delete)), Kind::$kind, &self.$field).into())
            }

            async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
                cx.write(|world| put(world.iam_mut(cx.account())?, Kind::$kind, &self.$field, None))
            }
        }
    };
}

boundary_operations!(User user_name "userName": PutUserPermissionsBoundary DeleteUserPermissionsBoundary);
boundary_operations!(Role role_name "roleName": PutRolePermissionsBoundary DeleteRolePermissionsBoundary);
