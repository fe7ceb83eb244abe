//! Access keys: long-term ones of users and root, temporary ones of sessions.

use super::{
    account::Kind,
    asking::{self, Whose},
    faults,
    names::{self, ACCESS_KEY, LONG_NAME},
    page::{self, Page, listing},
    says,
    signing_keys::SigningKeys,
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    sts::Session,
    wire::{Constraints, Fault, Operation, iam_time},
    world::{Text, World},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// Access keys of one user, or of root.
const MOST: usize = 2;

/// An access key of any kind.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct AccessKey {
    /// `AKIA…`, `ASIA…`, or what the person who started the endpoint chose.
    pub id: Text,
    /// The secret. Never shown again after creation.
    pub secret: String,
    /// The account it belongs to.
    pub account: Text,
    /// Whose it is.
    pub holder: Holder,
    /// Inactive keys are refused.
    pub active: bool,
    /// When it was made.
    pub created: Timestamp,
    /// Temporary credentials: the session they belong to, with token and expiry.
    pub session: Option<Arc<Session>>,
    /// When it was last used, and for what.
    #[serde(skip)]
    pub last_use: Arc<LastUse>,
    /// What was derived from the secret.
    #[serde(skip)]
    pub signing: Arc<SigningKeys>,
}

/// When and in which Region a key or role was last used for each service. Not part of the state: no policy asks for it.
#[derive(Debug, Default)]
pub struct LastUse(Mutex<Vec<(&'static str, Timestamp, Text)>>);

impl LastUse {
    /// Notes a use.
    pub fn note(&self, at: Timestamp, service: &'static str, region: &Text) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match uses.iter_mut().find(|(known, _, _)| *known == service) {
            Some((_, last, place)) => {
                *last = at;
                // Almost always the same one.
                if *place != *region {
                    *place = region.clone();
                }
            }
            None => uses.push((service, at, region.clone())),
        }
    }

    /// The last use of all: when, for which service, in which Region.
    pub(crate) fn read(&self) -> Option<(Timestamp, &'static str, Text)> {
        let uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = uses.iter().max_by_key(|(_, at, _)| *at);
        last.map(|(service, at, region)| (*at, *service, region.clone()))
    }

    /// The last use for one service: when and in which Region.
    pub(crate) fn of(&self, service: &str) -> Option<(Timestamp, Text)> {
        let uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = uses.iter().find(|(known, _, _)| *known == service);
        found.map(|(_, at, region)| (*at, region.clone()))
    }
}

/// Whose an access key is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Holder {
    /// The account's root user.
    Root,
    /// An IAM user, by unique id: a new user of the same name is somebody else.
    User(Text),
    /// A role session or federated session; `AccessKey::session` says which.
    Session,
}

crate::world::kept_as_row!(AccessKey);

/// Shows everything but the secret.
impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey")
            .field("id", &self.id)
            .field("account", &self.account)
            .field("holder", &self.holder)
            .field("active", &self.active)
            .finish_non_exhaustive()
    }
}

/// The ids of the keys of a user or of root, to change.
fn keys_mut<'w>(
    world: &'w mut World,
    account: &str,
    whose: &Whose,
) -> Result<&'w mut Vec<Text>, Fault> {
    let account = world.iam_mut(account)?;
    match whose {
        Whose::Root => Ok(&mut account.root_keys),
        Whose::User(name) => account.user_mut(name).map(|user| &mut user.keys),
    }
}

fn keys<'w>(world: &'w World, account: &str, whose: &Whose) -> Result<&'w [Text], Fault> {
    let account = world.iam(account)?;
    match whose {
        Whose::Root => Ok(&account.root_keys),
        Whose::User(name) => account.user(name).map(|user| user.keys.as_slice()),
    }
}

fn status(active: bool) -> &'static str {
    if active { "Active" } else { "Inactive" }
}

/// `CreateAccessKey`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateAccessKey {
    user_name: Option<String>,
}

/// The answer to `CreateAccessKey`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NewKey {
    access_key: KeyShape,
}

/// A key as the API shows it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KeyShape {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    access_key_id: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_access_key: Option<String>,
    create_date: String,
}

/// Shows everything but the secret.
impl fmt::Debug for KeyShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyShape")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

impl KeyShape {
    fn new(whose: &Whose, key: &AccessKey) -> Self {
        Self {
            user_name: match whose {
                Whose::Root => None,
                Whose::User(name) => Some(name.clone()),
            },
            access_key_id: key.id.to_string(),
            status: status(key.active),
            secret_access_key: None,
            create_date: iam_time(key.created),
        }
    }
}

fn named(
    facts: &Facts<'_>,
    action: &'static str,
    user: Option<&str>,
    key: Option<&str>,
) -> Result<Access, Fault> {
    Constraints::iam()
        .text("userName", user, &LONG_NAME)
        .text("accessKeyId", key, &ACCESS_KEY)
        .done()?;
    Ok(Whose::read(facts.caller(), user)?
        .demand(facts, action)
        .into())
}

impl Operation for CreateAccessKey {
    says!(CreateAccessKey -> NewKey);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        named(
            facts,
            "iam:CreateAccessKey",
            self.user_name.as_deref(),
            None,
        )
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<NewKey, Fault> {
        let whose = Whose::read(cx.caller(), self.user_name.as_deref())?;
        let (id, secret) = (Text::from(cx.ids().unique("AKIA", 20)), cx.ids().secret());
        cx.write(|world| {
            let holder = match &whose {
                Whose::Root => Holder::Root,
                Whose::User(name) => Holder::User(world.iam(cx.account())?.user(name)?.id.clone()),
            };
            let keys = keys_mut(world, cx.account(), &whose)?;
            if keys.len() >= MOST {
                return Err(faults::quota("AccessKeysPerUser", MOST));
            }
            keys.push(id.clone());
            let key = AccessKey {
                id: id.clone(),
                secret: secret.clone(),
                account: cx.account().clone(),
                holder,
                active: true,
                created: cx.now(),
                session: None,
                last_use: Arc::default(),
                signing: Arc::default(),
            };
            let shape = KeyShape {
                secret_access_key: Some(secret),
                ..KeyShape::new(&whose, &key)
            };
            world.keys.insert(id, Arc::new(key));
            Ok(NewKey { access_key: shape })
        })
    }
}

/// `ListAccessKeys`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListAccessKeys {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

listing! {
    /// The answer to `ListAccessKeys`.
    KeyList { access_key_metadata: KeyShape }
}

impl Operation for ListAccessKeys {
    says!(ListAccessKeys -> KeyList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        names::paging(Constraints::iam(), self.marker.as_deref(), self.max_items).done()?;
        named(facts, "iam:ListAccessKeys", self.user_name.as_deref(), None)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<KeyList, Fault> {
        let whose = Whose::read(cx.caller(), self.user_name.as_deref())?;
        let after = page::start(self.marker.as_deref())?;
        cx.read(|world| {
            let mut ids: Vec<&Text> = keys(world, cx.account(), &whose)?.iter().collect();
            ids.sort();
            let rest = ids
                .into_iter()
                .filter(|id| after.as_deref().is_none_or(|after| ***id > *after));
            let found = rest.filter_map(|id| world.keys.get(id));
            Ok(Page::of(
                found.map(|key| (&key.id, KeyShape::new(&whose, key))),
                self.max_items,
            )
            .into())
        })
    }
}

/// `UpdateAccessKey`: switches it on or off.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateAccessKey {
    user_name: Option<String>,
    access_key_id: String,
    status: String,
}

impl Operation for UpdateAccessKey {
    says!(UpdateAccessKey -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .one_of("status", Some(&self.status), &["Active", "Inactive"])
            .done()?;
        named(
            facts,
            "iam:UpdateAccessKey",
            self.user_name.as_deref(),
            Some(&self.access_key_id),
        )
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        let whose = Whose::read(cx.caller(), self.user_name.as_deref())?;
        cx.write(|world| {
            if !keys(world, cx.account(), &whose)?
                .iter()
                .any(|id| **id == *self.access_key_id)
            {
                return Err(faults::no_key(&self.access_key_id));
            }
            let key = world.keys.get_mut(&*self.access_key_id).map(Arc::make_mut);
            key.ok_or_else(|| faults::no_key(&self.access_key_id))?
                .active = self.status == "Active";
            Ok(())
        })
    }
}

/// `DeleteAccessKey`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteAccessKey {
    user_name: Option<String>,
    access_key_id: String,
}

impl Operation for DeleteAccessKey {
    says!(DeleteAccessKey -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        named(
            facts,
            "iam:DeleteAccessKey",
            self.user_name.as_deref(),
            Some(&self.access_key_id),
        )
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        let whose = Whose::read(cx.caller(), self.user_name.as_deref())?;
        cx.write(|world| {
            let keys = keys_mut(world, cx.account(), &whose)?;
            let place = keys.iter().position(|id| **id == *self.access_key_id);
            let place = place.ok_or_else(|| faults::no_key(&self.access_key_id))?;
            keys.remove(place);
            world.keys.remove(&*self.access_key_id);
            Ok(())
        })
    }
}

/// `GetAccessKeyLastUsed`: the key's user is what is authorized.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetAccessKeyLastUsed {
    access_key_id: String,
}

/// The answer to `GetAccessKeyLastUsed`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LastUsed {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    access_key_last_used: Use,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Use {
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_date: Option<String>,
    service_name: String,
    region: String,
}

impl Operation for GetAccessKeyLastUsed {
    says!(GetAccessKeyLastUsed -> LastUsed);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("accessKeyId", Some(&self.access_key_id), &ACCESS_KEY)
            .done()?;
        let action = "iam:GetAccessKeyLastUsed";
        Ok(match facts.user_of_key(&self.access_key_id) {
            Some(user) => asking::existing(facts, action, Kind::User, &user.name).into(),
            // As AWS's policies for auditing root users name it.
            None if facts.is_key_of_root(&self.access_key_id) => {
                Demand::new(action, facts.iam_arn("root")).into()
            }
            // Nobody's key: only a statement about all users covers it.
            None => asking::list(facts, action, Kind::User, None).into(),
        })
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<LastUsed, Fault> {
        cx.read(|world| {
            let key = world
                .keys
                .get(&*self.access_key_id)
                .filter(|key| key.account == *cx.account());
            let key = key
                .filter(|key| key.session.is_none())
                .ok_or_else(|| faults::no_key(&self.access_key_id))?;
            let user = match &key.holder {
                Holder::User(id) => world.iam(cx.account())?.user_by_id(id),
                Holder::Root | Holder::Session => None,
            };
            let never = || (None, "N/A".to_owned(), "N/A".to_owned());
            let (last_used_date, service_name, region) =
                key.last_use
                    .read()
                    .map_or_else(never, |(at, service, region)| {
                        (Some(iam_time(at)), service.to_owned(), region.to_string())
                    });
            Ok(LastUsed {
                user_name: user.map(|user| user.name.to_string()),
                access_key_last_used: Use {
                    last_used_date,
                    service_name,
                    region,
                },
            })
        })
    }
}
