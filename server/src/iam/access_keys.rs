//! Access keys: long-term ones of users and root, temporary ones of sessions.

use crate::{sts::Session, world::Text};
use jiff::Timestamp;
use std::{fmt, sync::Arc};

/// An access key of any kind.
#[derive(Clone)]
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
}

/// Whose an access key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// The account's root user.
    Root,
    /// An IAM user, by name.
    User(Text),
    /// A role session or federated session; `AccessKey::session` says which.
    Session,
}

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
