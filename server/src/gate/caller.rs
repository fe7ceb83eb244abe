//! Who asks: the owned form of a principal, made once per request when the signature held.

use crate::{iam::AccessKey, sts::Session, world::Text};
use rolecall_policy::Principal;
use std::{borrow::Cow, sync::Arc};

/// An authenticated caller, or an anonymous one.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account whose policies apply; empty for anonymous callers and services.
    pub account: Text,
    /// `aws`, `aws-us-gov`, `aws-cn`.
    pub partition: &'static str,
    /// The ARN that AWS names in a denial: the session's for role sessions.
    pub arn: Text,
    /// `aws:userid`.
    pub user_id: Text,
    /// What kind of caller it is.
    pub who: Who,
    /// `aws:PrincipalTag/KEY` and its value: user or role tags, overlaid with session tags.
    pub tags: Vec<(String, String)>,
    /// The credentials used; none for anonymous callers and services.
    pub key: Option<Arc<AccessKey>>,
}

/// The kinds of caller.
#[derive(Debug, Clone)]
pub enum Who {
    /// The root user of an account.
    Root,
    /// An IAM user, with long-term keys or GetSessionToken credentials.
    User {
        /// The bare name.
        name: Text,
        /// `AIDA…`
        id: Text,
    },
    /// A session of a role, or a federated user's.
    Session(Arc<Session>),
    /// An AWS service acting for itself.
    Service(Service),
    /// Somebody for whom an identity provider vouches, before there is a session.
    Federated(Text),
    /// Nobody in particular.
    Anonymous,
}

/// "Service principal X, for resource Y": the actor of every call that a service makes on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The service principal, such as `pinpoint.amazonaws.com`.
    pub name: Cow<'static, str>,
    /// `aws:SourceAccount`: the account of the resource it acts for.
    pub source_account: Option<String>,
    /// `aws:SourceArn`: that resource.
    pub source_arn: Option<String>,
}

impl Caller {
    /// Somebody who did not sign.
    pub fn anonymous() -> Self {
        Self {
            account: Text::default(),
            partition: "aws",
            arn: "anonymous".into(),
            user_id: "anonymous".into(),
            who: Who::Anonymous,
            tags: Vec::new(),
            key: None,
        }
    }

    /// Somebody for whom `provider` vouches, as trust policies name it.
    pub fn federated(provider: &str, partition: &'static str) -> Self {
        Self {
            partition,
            arn: provider.into(),
            user_id: Text::default(),
            who: Who::Federated(provider.into()),
            ..Self::anonymous()
        }
    }

    /// A service acting for one of its resources.
    pub fn service(service: Service, partition: &'static str) -> Self {
        Self {
            account: Text::default(),
            partition,
            arn: (*service.name).into(),
            user_id: (*service.name).into(),
            who: Who::Service(service),
            tags: Vec::new(),
            key: None,
        }
    }

    /// The root user of `account`.
    pub fn root(account: Text, partition: &'static str, key: Option<Arc<AccessKey>>) -> Self {
        Self {
            arn: format!("arn:{partition}:iam::{account}:root").into(),
            user_id: account.clone(),
            who: Who::Root,
            tags: Vec::new(),
            account,
            partition,
            key,
        }
    }

    /// The caller as the engine sees it.
    pub fn principal(&self) -> Principal<'_> {
        let account = &*self.account;
        match &self.who {
            Who::Root => Principal::Root {
                account,
                arn: &self.arn,
            },
            Who::User { name, id } => Principal::User {
                account,
                arn: &self.arn,
                id,
                name,
            },
            Who::Session(session) => session.principal(account),
            Who::Service(service) => Principal::Service {
                name: &service.name,
            },
            Who::Federated(provider) => Principal::Federated { provider },
            Who::Anonymous => Principal::Anonymous,
        }
    }

    /// `aws:PrincipalType`. Source: IAM User Guide, "IAM policy elements: Variables", principal key values.
    pub fn principal_type(&self) -> &'static str {
        match &self.who {
            Who::Root => "Account",
            Who::User { .. } => "User",
            Who::Session(session) => session.principal_type(),
            // rolecall's choice: AWS does not document what a service principal's type is.
            Who::Service(_) => "Service",
            Who::Federated(_) => "Federated",
            Who::Anonymous => "Anonymous",
        }
    }

    /// `aws:PrincipalArn`: the role's ARN for a session, none for services and anonymous callers.
    pub fn principal_arn(&self) -> Option<&str> {
        match &self.who {
            Who::Root | Who::User { .. } => Some(&self.arn),
            Who::Session(session) => Some(session.principal_arn()),
            Who::Service(_) | Who::Federated(_) | Who::Anonymous => None,
        }
    }

    /// `aws:username`: IAM users only.
    pub fn user_name(&self) -> Option<&str> {
        match &self.who {
            Who::User { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Whether this is the root user.
    pub fn is_root(&self) -> bool {
        matches!(self.who, Who::Root)
    }

    /// The session behind temporary credentials, of whatever kind.
    pub fn session(&self) -> Option<&Arc<Session>> {
        match (&self.who, &self.key) {
            (Who::Session(session), _) => Some(session),
            (_, Some(key)) => key.session.as_ref(),
            _ => None,
        }
    }
}
