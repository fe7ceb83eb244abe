//! What an operation may know before it is let in: just enough to name the resource and its tags.

use super::{Actor, Caller, Guard, Meta};
use crate::{
    iam::{Account, Group, Holder, ManagedPolicy, Role, User},
    pinpoint::App,
    s3::{Bucket, Object, Upload},
    sts::{Keys, Signers},
    world::{Law, Text, World},
};
use std::{borrow::Cow, sync::Arc};

/// A narrow, read-only look at the world for `Operation::access`.
#[derive(Debug)]
pub struct Facts<'a> {
    world: &'a World,
    actor: &'a Actor,
}

impl<'a> Facts<'a> {
    pub(super) fn new(world: &'a World, actor: &'a Actor) -> Self {
        Self { world, actor }
    }

    /// Who calls.
    pub fn caller(&self) -> &'a Caller {
        &self.actor.caller
    }

    /// Under which circumstances.
    pub fn meta(&self) -> &'a Meta {
        &self.actor.meta
    }

    /// The caller's account.
    pub fn account(&self) -> &'a Text {
        &self.actor.caller.account
    }

    /// The caller's partition.
    pub fn partition(&self) -> &'static str {
        self.actor.caller.partition
    }

    /// The Region of the endpoint that was called.
    pub fn region(&self) -> &'a Text {
        &self.actor.meta.region
    }

    /// `arn:PARTITION:SERVICE:REGION:ACCOUNT:` + `tail`, for a regional resource of the caller's account.
    pub fn arn(&self, service: &str, tail: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{}:{tail}",
            self.partition(),
            self.region(),
            self.account()
        )
    }

    /// `arn:PARTITION:iam::ACCOUNT:` + `tail`
    pub fn iam_arn(&self, tail: &str) -> String {
        format!("arn:{}:iam::{}:{tail}", self.partition(), self.account())
    }

    /// What IAM keeps for the caller's account.
    pub(crate) fn iam(&self) -> Option<&'a Arc<Account>> {
        self.world.law.account(self.account())
    }

    /// What decisions depend on.
    pub(crate) fn law(&self) -> &'a Law {
        &self.world.law
    }

    /// What IAM keeps for any account.
    pub(crate) fn account_named(&self, account: &str) -> Option<&'a Account> {
        self.world.law.account(account).map(|account| &**account)
    }

    /// Whether an account here is this issuer of web identity tokens.
    pub(crate) fn is_own_issuer(&self, issuer: &str) -> bool {
        let mut accounts = self.world.law.accounts.values();
        accounts.any(|account| {
            let outbound = account.outbound.as_ref();
            outbound.is_some_and(|outbound| outbound.is(issuer))
        })
    }

    /// The keys that an identity provider signs with: our own where an account here is the issuer, otherwise those that
    /// somebody gave.
    pub(crate) fn keys_of(&self, issuer: &str) -> Option<Cow<'a, Keys>> {
        if self.is_own_issuer(issuer) {
            return Signers::known().map(Cow::Owned);
        }
        let given = self.world.provider_keys.get(issuer);
        given.map(|keys| Cow::Borrowed(&**keys))
    }

    /// A user of the caller's account.
    pub fn user(&self, name: &str) -> Option<&'a Arc<User>> {
        self.world.law.account(self.account())?.users.get(name)
    }

    /// The user of the caller's account whose access key this is.
    pub fn user_of_key(&self, key: &str) -> Option<&'a Arc<User>> {
        let key = self
            .world
            .keys
            .get(key)
            .filter(|key| key.account == *self.account())?;
        match &key.holder {
            Holder::User(id) => self.world.law.account(self.account())?.user_by_id(id),
            Holder::Root | Holder::Session => None,
        }
    }

    /// Whether this is an access key of the root user of the caller's account.
    pub(crate) fn is_key_of_root(&self, key: &str) -> bool {
        let iam = self.iam();
        iam.is_some_and(|account| account.root_keys.iter().any(|own| **own == *key))
    }

    /// A group of the caller's account.
    pub fn group(&self, name: &str) -> Option<&'a Arc<Group>> {
        self.world.law.account(self.account())?.groups.get(name)
    }

    /// A role of the caller's account.
    pub fn role(&self, name: &str) -> Option<&'a Arc<Role>> {
        self.role_of(self.account(), name)
    }

    /// A role of any account.
    pub fn role_of(&self, account: &str, name: &str) -> Option<&'a Arc<Role>> {
        self.world.law.account(account)?.roles.get(name)
    }

    /// A managed policy, by ARN.
    pub fn managed_policy(&self, arn: &str) -> Option<&'a Arc<ManagedPolicy>> {
        self.world.law.managed_policy(arn)
    }

    /// A bucket: its owner, Region and settings, not its objects.
    pub fn bucket(&self, name: &str) -> Option<&'a Arc<Bucket>> {
        self.world.law.buckets.get(name)
    }

    /// The current (or named) version of an object: its owner, its access control list and its tags.
    pub(crate) fn object(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Option<&'a Arc<Object>> {
        let shelf = self.world.shelves.get(bucket)?;
        shelf.find(key, version)?.object.as_ref()
    }

    /// A multipart upload that is under way.
    pub(crate) fn upload(&self, bucket: &str, key: &str, id: &str) -> Option<&'a Arc<Upload>> {
        let shelf = self.world.shelves.get(bucket)?;
        shelf.uploads.get(&(Text::from(key), Text::from(id)))
    }

    /// A Pinpoint app of the caller's account in the Region that was called.
    pub fn app(&self, id: &str) -> Option<&'a Arc<App>> {
        self.world.app(self.account(), self.region(), id)
    }

    /// A Pinpoint app of any account and Region.
    pub(crate) fn app_of(&self, account: &Text, region: &Text, id: &str) -> Option<&'a Arc<App>> {
        self.world.app(account, region, id)
    }

    /// Whether a scenario gave a policy for this ARN, and the guard that asks it.
    pub fn given_guard(&self, arn: &str) -> Guard {
        match self.world.law.given_policy(arn) {
            Some(_) => Guard::Given(arn.into()),
            None => Guard::None,
        }
    }
}
