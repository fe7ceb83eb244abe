//! Whether an organization's management account may act as the root user of its members.
//! Source: IAM User Guide, "Centralize root access for member accounts".
//!
//! An organization is given, not made (`given: organization:`, `POST /_rolecall/given`). That it has all features, and
//! that IAM has trusted access to it, is taken as given too: rolecall's choice. Nobody is a delegated administrator.

use super::says;
use crate::{
    gate::{Access, Demand, Facts, Granted},
    organizations::{Organization, RootAccess},
    wire::{Fault, Members, Operation},
    world::World,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

// The sentences of the three are the API's descriptions; AWS's own are not recorded.

fn no_organization() -> Fault {
    let message =
        "The request was rejected because no organization is associated with your account.";
    Fault::service(400, "OrganizationNotFoundException", message)
}

fn not_management() -> Fault {
    let message = "The request was rejected because the account making the request is not the management account for the organization.";
    Fault::service(400, "CallerIsNotManagementAccountException", message)
}

fn not_administrator() -> Fault {
    let message = "The request was rejected because the account making the request is not the management account or delegated administrator account for centralized root access.";
    Fault::service(
        400,
        "AccountNotManagementOrDelegatedAdministratorException",
        message,
    )
}

/// The organization that `account` manages; otherwise what `stranger` says to the account of another.
fn managed<'w>(
    world: &'w World,
    account: &str,
    stranger: fn() -> Fault,
) -> Result<&'w Organization, Fault> {
    let organization = world.law.organization.as_deref();
    let organization = organization.filter(|organization| organization.has(account));
    let organization = organization.ok_or_else(no_organization)?;
    if organization.is_managed_by(account) {
        Ok(organization)
    } else {
        Err(stranger())
    }
}

/// The features of an organization, as all five operations show them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Features {
    organization_id: String,
    enabled_features: Members<&'static str>,
}

impl Features {
    fn of(organization: &Organization) -> Self {
        let RootAccess {
            credentials,
            sessions,
        } = organization.root_access;
        let features = [
            ("RootCredentialsManagement", credentials),
            ("RootSessions", sessions),
        ];
        let enabled = features.into_iter().filter(|(_, on)| *on);
        Self {
            organization_id: organization.id.to_string(),
            enabled_features: enabled.map(|(name, _)| name).collect(),
        }
    }
}

/// Changes the features of the organization that `account` manages.
fn change(
    world: &mut World,
    account: &str,
    stranger: fn() -> Fault,
    change: impl FnOnce(&mut RootAccess),
) -> Result<Features, Fault> {
    let mut organization = managed(world, account, stranger)?.clone();
    change(&mut organization.root_access);
    let features = Features::of(&organization);
    world.law.organization = Some(Arc::new(organization));
    Ok(features)
}

/// An operation that turns one feature on or off.
macro_rules! switch {
    ($(#[$doc:meta])* $name:ident: $feature:ident = $on:literal, $stranger:expr) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize)]
        pub(super) struct $name {}

        impl Operation for $name {
            says!($name -> Features);

            fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
                Ok(Demand::new(concat!("iam:", stringify!($name)), "*").into())
            }

            async fn run(self, cx: Granted<'_, Self>) -> Result<Features, Fault> {
                cx.write(|world| change(world, cx.account(), $stranger, |access| access.$feature = $on))
            }
        }
    };
}

switch! {
    /// `EnableOrganizationsRootSessions`
    EnableOrganizationsRootSessions: sessions = true, not_management
}
switch! {
    /// `DisableOrganizationsRootSessions`
    DisableOrganizationsRootSessions: sessions = false, not_administrator
}
switch! {
    /// `EnableOrganizationsRootCredentialsManagement`
    EnableOrganizationsRootCredentialsManagement: credentials = true, not_management
}
switch! {
    /// `DisableOrganizationsRootCredentialsManagement`
    DisableOrganizationsRootCredentialsManagement: credentials = false, not_administrator
}

/// `ListOrganizationsFeatures`
#[derive(Debug, Deserialize)]
pub(super) struct ListOrganizationsFeatures {}

impl Operation for ListOrganizationsFeatures {
    says!(ListOrganizationsFeatures -> Features);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(Demand::new("iam:ListOrganizationsFeatures", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Features, Fault> {
        cx.read(|world| managed(world, cx.account(), not_administrator).map(Features::of))
    }
}
