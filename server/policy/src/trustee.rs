//! The Principal element and whom it names.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Principal;

/// A Principal or NotPrincipal element.
#[derive(Debug, Clone)]
pub(crate) struct Trustees {
    pub(crate) negated: bool,
    pub(crate) span: Range<usize>,
    pub(crate) list: Box<[Trustee]>,
}

/// One value of a Principal element.
#[derive(Debug, Clone)]
pub(crate) struct Trustee {
    pub(crate) group: Group,
    pub(crate) value: Arc<str>,
    pub(crate) span: Range<usize>,
    /// The unique id that the named user or role had when the policy was stored.
    pub(crate) id: Option<Box<str>>,
    /// The account that is named: by its digits, its root ARN, or its canonical user id once that is bound.
    pub(crate) account: Option<Box<str>>,
}

/// The keys of a Principal element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// The bare `"*"`.
    Everyone,
    Aws,
    Service,
    Federated,
    CanonicalUser,
}

impl Group {
    pub(crate) const NAMED: [Self; 4] = [
        Self::Aws,
        Self::Service,
        Self::Federated,
        Self::CanonicalUser,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Everyone => "*",
            Self::Aws => "AWS",
            Self::Service => "Service",
            Self::Federated => "Federated",
            Self::CanonicalUser => "CanonicalUser",
        }
    }
}

/// How closely a statement names the caller; from this follows what else must allow.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grant {
    /// The account as a whole: the account's own policies must allow as well.
    Account,
    /// The role behind a session, or the user behind a federated session: boundary and session policy still limit.
    Behind,
    /// The caller itself, or everyone.
    Direct,
}

impl Trustees {
    /// How the element names the caller, if it does.
    pub(crate) fn grant(&self, caller: &Principal<'_>) -> Option<Grant> {
        if self.negated {
            return (!self.spares(caller)).then_some(Grant::Direct);
        }
        let mut grant = None;
        for trustee in &self.list {
            grant = grant.max(trustee.grant(caller));
            if grant == Some(Grant::Direct) {
                break;
            }
        }
        grant
    }

    /// Whether a NotPrincipal element leaves the caller out. AWS looks at the account, the role and the session
    /// one after the other, so all of them have to be listed.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
    fn spares(&self, caller: &Principal<'_>) -> bool {
        let lists = |wanted: Grant| {
            self.list
                .iter()
                .any(|trustee| trustee.is_everyone() || trustee.grant(caller) == Some(wanted))
        };
        match caller {
            Principal::User { .. } => lists(Grant::Direct) && self.lists_account(caller),
            Principal::RoleSession { .. } | Principal::FederatedUser { .. } => {
                lists(Grant::Direct) && lists(Grant::Behind) && self.lists_account(caller)
            }
            Principal::Root { .. }
            | Principal::Federated { .. }
            | Principal::Service { .. }
            | Principal::Anonymous => lists(Grant::Direct),
        }
    }

    /// Whether somebody is named whom nobody could look up.
    pub(crate) fn has_stranger(&self) -> bool {
        let unbound =
            |trustee: &Trustee| trustee.group == Group::CanonicalUser && trustee.account.is_none();
        self.list.iter().any(unbound)
    }

    fn lists_account(&self, caller: &Principal<'_>) -> bool {
        self.list
            .iter()
            .any(|trustee| trustee.is_everyone() || trustee.is_account_of(caller))
    }
}

impl Trustee {
    pub(crate) fn new(group: Group, value: &str, span: Range<usize>) -> Self {
        let account = (group == Group::Aws)
            .then(|| account_named(value))
            .flatten();
        Self {
            group,
            value: value.into(),
            span,
            id: None,
            account: account.map(Into::into),
        }
    }

    /// What it was bound to: a unique id, or the account of a canonical user.
    pub(crate) fn bound(&self) -> Option<&str> {
        match self.group {
            Group::CanonicalUser => self.account.as_deref(),
            _ => self.id.as_deref(),
        }
    }

    fn is_everyone(&self) -> bool {
        self.group == Group::Everyone || (self.group == Group::Aws && &*self.value == "*")
    }

    fn is_account_of(&self, caller: &Principal<'_>) -> bool {
        let same = self
            .account
            .as_deref()
            .is_some_and(|account| caller.account() == Some(account));
        // An ARN names its partition, twelve digits do not.
        same && (!self.value.contains(':') || self.value.split(':').nth(1) == caller.partition())
    }

    /// Whether the value names this user or role, by ARN or unique id. Nobody who only has the same name
    /// as someone deleted is let in, and somebody who was renamed still is.
    fn names(&self, arn: &str, id: &str) -> bool {
        match &self.id {
            Some(known) => **known == *id,
            None => *self.value == *arn || *self.value == *id,
        }
    }

    /// How this value names the caller, if it does.
    pub(crate) fn grant(&self, caller: &Principal<'_>) -> Option<Grant> {
        if self.is_everyone() {
            return Some(Grant::Direct);
        }
        match (self.group, *caller) {
            (Group::Aws, Principal::Anonymous) => None,
            (Group::Aws, _) => self.aws_grant(caller),
            (Group::Service, Principal::Service { name }) => {
                (*self.value == *name).then_some(Grant::Direct)
            }
            (Group::Federated, Principal::Federated { provider }) => {
                (*self.value == *provider).then_some(Grant::Direct)
            }
            (Group::CanonicalUser, Principal::Root { .. }) => {
                self.is_account_of(caller).then_some(Grant::Direct)
            }
            (Group::CanonicalUser, _) => self.is_account_of(caller).then_some(Grant::Account),
            _ => None,
        }
    }

    fn aws_grant(&self, caller: &Principal<'_>) -> Option<Grant> {
        let named = match *caller {
            Principal::Root { .. } => return self.is_account_of(caller).then_some(Grant::Direct),
            Principal::User { arn, id, .. } => self.names(arn, id).then_some(Grant::Direct),
            Principal::RoleSession {
                role_arn,
                role_id,
                session_arn,
                ..
            } => {
                let session = (*self.value == *session_arn).then_some(Grant::Direct);
                session.or_else(|| self.names(role_arn, role_id).then_some(Grant::Behind))
            }
            Principal::FederatedUser {
                arn,
                user_arn,
                user_id,
                ..
            } => {
                let session = (*self.value == *arn).then_some(Grant::Direct);
                let user = || self.names(user_arn, user_id.unwrap_or_default());
                session.or_else(|| user().then_some(Grant::Behind))
            }
            Principal::Federated { .. } | Principal::Service { .. } | Principal::Anonymous => None,
        };
        named.or_else(|| self.is_account_of(caller).then_some(Grant::Account))
    }
}

/// The account that twelve digits or `arn:aws:iam::ACCOUNT:root` name.
pub(crate) fn account_named(value: &str) -> Option<&str> {
    let account = match crate::arn::parts(value) {
        Some(["arn", _, "iam", "", account, "root"]) => account,
        Some(_) => return None,
        None => value,
    };
    (account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit())).then_some(account)
}
