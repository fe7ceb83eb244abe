//! Who is simulated, and with which policies.

use super::{super::account::Kind, super::faults, invalid};
use crate::wire::Fault;
use crate::{
    gate::account_of,
    iam::{Account, Attachments},
    world::{Text, World},
};
use rolecall_policy::{Context, Origin, Policy, Principal, Value};
use std::{borrow::Cow, sync::Arc};

/// A policy under the name that the answer gives it.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) name: String,
    pub(super) policy: Arc<Policy>,
}

/// The simulated caller and what hangs on it.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    account: Text,
    /// Of the user or role.
    arn: String,
    id: String,
    name: String,
    /// The session's, for a role.
    session: Option<String>,
    tags: Vec<(String, String)>,
    /// Its own name and id may be looked at by policies.
    known: bool,
    pub(super) identity: Vec<Document>,
    pub(super) boundary: Option<Document>,
}

/// The name of a session that is only simulated.
const SESSION: &str = "rolecall";

impl Subject {
    /// Somebody of the account who has no policies and no name.
    pub(super) fn nobody(account: &Text, partition: &str) -> Self {
        Self {
            account: account.clone(),
            arn: format!("arn:{partition}:iam::{account}:user/simulated"),
            id: "AIDAROLECALLTHROWAWAY".to_owned(),
            name: "simulated".to_owned(),
            session: None,
            tags: Vec::new(),
            known: false,
            identity: Vec::new(),
            boundary: None,
        }
    }

    /// The user, group or role with this ARN. A group is somebody who is in it and has nothing else.
    pub(super) fn named(world: &World, arn: &str) -> Result<Self, Fault> {
        let unknown = || invalid(format!("Invalid Entity Arn: {arn}"));
        let tail = arn.splitn(6, ':').nth(5).ok_or_else(unknown)?;
        let (kind, path) = tail.split_once('/').ok_or_else(unknown)?;
        let name = path.rsplit('/').next().unwrap_or(path);
        let account = account_of(arn).ok_or_else(unknown)?;
        let account = world.law.account(account).ok_or_else(unknown)?;
        let mut subject = Self::nobody(&account.id, account.partition);
        let mut found = false;
        match kind {
            "user" => {
                if let Some(user) = account.users.get(name) {
                    subject.id = user.id.to_string();
                    subject.tags.clone_from(&user.tags);
                    subject.hang(world, "user", &user.name, &user.policies);
                    for group in user.groups.iter().filter_map(|it| account.groups.get(it)) {
                        subject.hang(world, "group", &group.name, &group.policies);
                    }
                    subject.bound(world, user.boundary.as_deref());
                    (subject.known, found) = (true, true);
                }
            }
            "role" => {
                if let Some(role) = account.roles.get(name) {
                    subject.id = role.id.to_string();
                    subject.tags.clone_from(&role.tags);
                    subject.session = Some(session(account, &role.name));
                    subject.hang(world, "role", &role.name, &role.policies);
                    subject.bound(world, role.boundary.as_deref());
                    (subject.known, found) = (true, true);
                }
            }
            "group" => {
                if let Some(group) = account.groups.get(name) {
                    subject.hang(world, "group", &group.name, &group.policies);
                    return Ok(subject);
                }
            }
            _ => return Err(unknown()),
        }
        if !found {
            let kind = match kind {
                "user" => Kind::User,
                "group" => Kind::Group,
                _ => Kind::Role,
            };
            return Err(faults::no_such(kind, name));
        }
        subject.arn = arn.to_owned();
        subject.name = name.to_owned();
        Ok(subject)
    }

    /// Who it is, without what it may do.
    pub(super) fn without_policies(self) -> Self {
        Self {
            identity: Vec::new(),
            boundary: None,
            ..self
        }
    }

    /// These policies in the hands of somebody else.
    pub(super) fn called_by(self, caller: Self) -> Self {
        Self {
            identity: self.identity,
            boundary: self.boundary,
            ..caller
        }
    }

    /// Adds policies under the names AWS gives them.
    fn hang(&mut self, world: &World, kind: &str, holder: &str, policies: &Attachments) {
        for inline in &policies.inline {
            self.identity.push(Document {
                name: format!("{kind}_{holder}_{}", inline.name),
                policy: inline.policy.clone(),
            });
        }
        let managed = policies.managed.iter();
        self.identity
            .extend(managed.filter_map(|arn| managed_document(world, arn)));
    }

    fn bound(&mut self, world: &World, arn: Option<&str>) {
        self.boundary = arn.and_then(|arn| managed_document(world, arn));
    }

    pub(super) fn account(&self) -> &Text {
        &self.account
    }

    /// A service-linked role, which service control policies do not bound.
    pub(super) fn is_linked(&self) -> bool {
        self.arn.contains(":role/aws-service-role/")
    }

    /// The caller as the engine sees it.
    pub(super) fn principal(&self) -> Principal<'_> {
        match &self.session {
            Some(session) => Principal::RoleSession {
                account: &self.account,
                role_arn: &self.arn,
                role_id: &self.id,
                session_arn: session,
                session_name: SESSION,
            },
            None => Principal::User {
                account: &self.account,
                arn: &self.arn,
                id: &self.id,
                name: &self.name,
            },
        }
    }

    /// What follows from who it is, under what was said.
    pub(super) fn context<'a>(&'a self, given: &Context<'a>) -> Context<'a> {
        let mut context = Context::new();
        if self.known {
            let mut set = |key: &'static str, value: Cow<'a, str>| {
                context.set(key, Value::Text(value), Origin::Caller);
            };
            set("aws:PrincipalArn", Cow::Borrowed(&self.arn));
            set("aws:PrincipalAccount", Cow::Borrowed(&self.account));
            match &self.session {
                Some(_) => {
                    set("aws:PrincipalType", Cow::Borrowed("AssumedRole"));
                    set("aws:userid", Cow::Owned(format!("{}:{SESSION}", self.id)));
                }
                None => {
                    set("aws:PrincipalType", Cow::Borrowed("User"));
                    set("aws:userid", Cow::Borrowed(&self.id));
                    set("aws:username", Cow::Borrowed(&self.name));
                }
            }
            for (key, value) in &self.tags {
                let key = format!("aws:PrincipalTag/{key}");
                context.set(key, Value::Text(Cow::Borrowed(value)), Origin::Caller);
            }
        }
        for entry in given.iter() {
            context.unset(&entry.key);
            context.set(entry.key.clone(), entry.value.clone(), entry.origin);
        }
        context
    }
}

fn session(account: &Account, role: &str) -> String {
    let (partition, id) = (account.partition, &account.id);
    format!("arn:{partition}:sts::{id}:assumed-role/{role}/{SESSION}")
}

fn managed_document(world: &World, arn: &str) -> Option<Document> {
    let policy = world.law.managed_policy(arn)?;
    let version = policy
        .versions
        .iter()
        .find(|version| version.number == policy.default_version)?;
    Some(Document {
        name: policy.name.to_string(),
        policy: version.policy.clone(),
    })
}
