//! Service-specific credentials of users: names and passwords, or API keys, for single services.

use super::{
    asking::Whose,
    credentials::{STATUSES, status},
    faults,
    names::{self, CREDENTIAL, SHORT_NAME},
    page::{self, Page, listing},
    says,
    users::User,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Operation, iam_time},
    world::{Ids, Text},
};
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Credentials of one user for one service. Source: IAM User Guide, "IAM and AWS STS quotas".
const MOST: usize = 2;

/// The services that have them, and whether the secret is an API key that can end.
const SERVICES: &[(&str, bool)] = &[
    ("bedrock.amazonaws.com", true),
    ("cassandra.amazonaws.com", false),
    ("codecommit.amazonaws.com", false),
    ("logs.amazonaws.com", true),
];

/// A service-specific credential. Its secret is shown once and not kept: no service here takes it.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct ServiceCredential {
    id: Text,
    service: Text,
    user_name: String,
    key: bool,
    active: bool,
    created: Timestamp,
    expires: Option<Timestamp>,
}

/// A credential as the API shows it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CredentialShape {
    create_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_date: Option<String>,
    service_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_user_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_credential_alias: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_credential_secret: Option<String>,
    service_specific_credential_id: String,
    user_name: String,
    status: &'static str,
}

/// Shows everything but the secrets.
impl fmt::Debug for CredentialShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialShape")
            .field(
                "service_specific_credential_id",
                &self.service_specific_credential_id,
            )
            .finish_non_exhaustive()
    }
}

impl CredentialShape {
    fn new(user: &str, credential: &ServiceCredential) -> Self {
        let name = Some(credential.user_name.clone());
        let (alias, login) = if credential.key {
            (name, None)
        } else {
            (None, name)
        };
        Self {
            create_date: iam_time(credential.created),
            expiration_date: credential.expires.map(iam_time),
            service_name: credential.service.to_string(),
            service_user_name: login,
            service_password: None,
            service_credential_alias: alias,
            service_credential_secret: None,
            service_specific_credential_id: credential.id.to_string(),
            user_name: user.to_owned(),
            status: status(credential.active),
        }
    }

    fn with_secret(mut self, ids: &Ids) -> Self {
        let secret = Some(ids.secret());
        if self.service_user_name.is_some() {
            self.service_password = secret;
        } else {
            self.service_credential_secret = secret;
        }
        self
    }
}

/// An answer that is one credential.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneCredential {
    service_specific_credential: CredentialShape,
}

fn no_credential(id: &str) -> Fault {
    faults::no_entity(format!("No such credential {id} exists"))
}

fn no_service(name: &str) -> Fault {
    faults::no_entity(format!(
        "No such service {name} is supported for Service Specific Credentials"
    ))
}

fn service(name: &str) -> Result<(&'static str, bool), Fault> {
    let known = SERVICES.iter().find(|(service, _)| *service == name);
    known.copied().ok_or_else(|| no_service(name))
}

/// The credential's service is a condition key. Source: Service Authorization Reference, "Actions defined by IAM".
const SERVICE_KEY: &str = "iam:ServiceSpecificCredentialServiceName";

fn named(
    facts: &Facts<'_>,
    action: &'static str,
    user: Option<&str>,
    id: &str,
) -> Result<Access, Fault> {
    Constraints::iam()
        .text("userName", user, &SHORT_NAME)
        .text("serviceSpecificCredentialId", Some(id), &CREDENTIAL)
        .done()?;
    let whose = Whose::read(facts.caller(), user)?;
    let held = match &whose {
        Whose::User(name) => facts.user(name).and_then(|user| find(user, id)),
        Whose::Root => None,
    };
    let demand = whose.demand(facts, action);
    Ok(demand.with(SERVICE_KEY, held.map(|it| &*it.service)).into())
}

fn find<'u>(user: &'u User, id: &str) -> Option<&'u ServiceCredential> {
    user.credentials.services.iter().find(|it| *it.id == *id)
}

/// Changes one credential of a user.
fn change<O>(
    cx: &Granted<'_, O>,
    user: Option<&str>,
    id: &str,
    change: impl FnOnce(&mut ServiceCredential),
) -> Result<CredentialShape, Fault> {
    let Whose::User(name) = Whose::read(cx.caller(), user)? else {
        return Err(no_credential(id));
    };
    cx.write(|world| {
        let user = world.iam_mut(cx.account())?.user_mut(&name)?;
        let mut held = user.credentials.services.iter_mut();
        let credential = held.find(|it| *it.id == *id);
        let credential = credential.ok_or_else(|| no_credential(id))?;
        change(credential);
        Ok(CredentialShape::new(&name, credential))
    })
}

/// `CreateServiceSpecificCredential`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateServiceSpecificCredential {
    user_name: String,
    service_name: String,
    credential_age_days: Option<i64>,
}

impl Operation for CreateServiceSpecificCredential {
    says!(CreateServiceSpecificCredential -> OneCredential);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let user = Some(&*self.user_name);
        Constraints::iam()
            .text("userName", user, &SHORT_NAME)
            .number("credentialAgeDays", self.credential_age_days, 1..=36_600)
            .done()?;
        let whose = Whose::read(facts.caller(), user)?;
        let demand = whose.demand(facts, "iam:CreateServiceSpecificCredential");
        let age = self.credential_age_days.map(|days| days.to_string());
        Ok(demand
            .with(SERVICE_KEY, Some(&*self.service_name))
            .with("iam:ServiceSpecificCredentialAgeDays", age)
            .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneCredential, Fault> {
        let id = cx.ids().unique("ACCA", 21);
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let user = account.user_mut(&self.user_name)?;
            let (service, key) = service(&self.service_name)?;
            let held = &mut user.credentials.services;
            if held.iter().filter(|it| *it.service == *service).count() >= MOST {
                return Err(faults::quota("ServiceSpecificCredentialsPerUser", MOST));
            }
            let days = self.credential_age_days.filter(|_| key);
            let end = |days: i64| cx.now().checked_add((days * 24).hours()).ok();
            let credential = ServiceCredential {
                id: id.into(),
                service: service.into(),
                user_name: format!("{}-at-{}", self.user_name, cx.account()),
                key,
                active: true,
                created: cx.now(),
                expires: days.and_then(end),
            };
            let shape = CredentialShape::new(&self.user_name, &credential);
            held.push(credential);
            Ok(OneCredential {
                service_specific_credential: shape.with_secret(cx.ids()),
            })
        })
    }
}

/// `ListServiceSpecificCredentials`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListServiceSpecificCredentials {
    user_name: Option<String>,
    service_name: Option<String>,
    #[serde(default)]
    all_users: bool,
    marker: Option<String>,
    max_items: Option<i64>,
}

listing! {
    /// The answer to `ListServiceSpecificCredentials`.
    CredentialList { service_specific_credentials: CredentialShape }
}

impl Operation for ListServiceSpecificCredentials {
    says!(ListServiceSpecificCredentials -> CredentialList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let user = self.user_name.as_deref();
        let constraints = Constraints::iam().text("userName", user, &SHORT_NAME);
        names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
        let action = "iam:ListServiceSpecificCredentials";
        if self.all_users {
            let kind = super::account::Kind::User;
            return Ok(super::asking::list(facts, action, kind, None).into());
        }
        Ok(Whose::read(facts.caller(), user)?
            .demand(facts, action)
            .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<CredentialList, Fault> {
        let after = page::start(self.marker.as_deref())?;
        let whose = Whose::read(cx.caller(), self.user_name.as_deref())?;
        if let Some(name) = &self.service_name {
            service(name)?;
        }
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let users: Vec<_> = match &whose {
                _ if self.all_users => account.users.values().collect(),
                Whose::Root => Vec::new(),
                Whose::User(name) => vec![account.user(name)?],
            };
            let wanted = |it: &&ServiceCredential| {
                let service = self.service_name.as_deref();
                service.is_none_or(|service| *it.service == *service)
            };
            let mut held: Vec<(&Text, CredentialShape)> = Vec::new();
            for user in users {
                let mine = user.credentials.services.iter().filter(wanted);
                held.extend(mine.map(|it| (&it.id, CredentialShape::new(&user.name, it))));
            }
            held.sort_by_key(|(id, _)| (*id).clone());
            let rest = held
                .into_iter()
                .filter(|(id, _)| after.as_deref().is_none_or(|after| ***id > *after));
            Ok(Page::of(rest, self.max_items).into())
        })
    }
}

/// `UpdateServiceSpecificCredential`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateServiceSpecificCredential {
    user_name: Option<String>,
    service_specific_credential_id: String,
    status: String,
}

impl Operation for UpdateServiceSpecificCredential {
    says!(UpdateServiceSpecificCredential -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .one_of("status", Some(&self.status), STATUSES)
            .done()?;
        let (user, id) = (
            self.user_name.as_deref(),
            &self.service_specific_credential_id,
        );
        named(facts, "iam:UpdateServiceSpecificCredential", user, id)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        let (user, id) = (
            self.user_name.as_deref(),
            &self.service_specific_credential_id,
        );
        let active = self.status == "Active";
        change(&cx, user, id, |it| it.active = active).map(drop)
    }
}

/// `ResetServiceSpecificCredential`: another secret.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ResetServiceSpecificCredential {
    user_name: Option<String>,
    service_specific_credential_id: String,
}

impl Operation for ResetServiceSpecificCredential {
    says!(ResetServiceSpecificCredential -> OneCredential);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let (user, id) = (
            self.user_name.as_deref(),
            &self.service_specific_credential_id,
        );
        named(facts, "iam:ResetServiceSpecificCredential", user, id)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneCredential, Fault> {
        let (user, id) = (
            self.user_name.as_deref(),
            &self.service_specific_credential_id,
        );
        let shape = change(&cx, user, id, |_| ())?;
        Ok(OneCredential {
            service_specific_credential: shape.with_secret(cx.ids()),
        })
    }
}

/// `DeleteServiceSpecificCredential`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteServiceSpecificCredential {
    user_name: Option<String>,
    service_specific_credential_id: String,
}

impl Operation for DeleteServiceSpecificCredential {
    says!(DeleteServiceSpecificCredential -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let (user, id) = (
            self.user_name.as_deref(),
            &self.service_specific_credential_id,
        );
        named(facts, "iam:DeleteServiceSpecificCredential", user, id)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        let id = &self.service_specific_credential_id;
        let Whose::User(name) = Whose::read(cx.caller(), self.user_name.as_deref())? else {
            return Err(no_credential(id));
        };
        cx.write(|world| {
            let user = world.iam_mut(cx.account())?.user_mut(&name)?;
            let held = &mut user.credentials.services;
            let place = held.iter().position(|it| *it.id == **id);
            held.remove(place.ok_or_else(|| no_credential(id))?);
            Ok(())
        })
    }
}
