//! Roles.

use super::{Attachments, Tags};
use crate::world::Text;
use jiff::Timestamp;
use rolecall_policy::Policy;
use std::sync::Arc;

/// A role.
#[derive(Debug, Clone)]
pub struct Role {
    /// Name as created.
    pub name: Text,
    /// `/` or `/…/`
    pub path: String,
    /// `AROA…`
    pub id: Text,
    /// `arn:aws:iam::A:role/path/name`
    pub arn: String,
    /// When it was made.
    pub created: Timestamp,
    /// Who may assume it.
    pub trust: Arc<Policy>,
    /// What it is for.
    pub description: Option<String>,
    /// Seconds, 3600 to 43200.
    pub max_session_duration: u32,
    /// Tags.
    pub tags: Tags,
    /// Its policies.
    pub policies: Attachments,
    /// The ARN of the managed policy that bounds it.
    pub boundary: Option<Text>,
    /// When and where it was last used.
    pub last_used: Option<(Timestamp, Text)>,
}
