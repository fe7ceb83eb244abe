//! Groups.

use super::Attachments;
use crate::world::Text;
use jiff::Timestamp;

/// A group of users.
#[derive(Debug, Clone)]
pub struct Group {
    /// Name as created.
    pub name: Text,
    /// `/` or `/…/`
    pub path: String,
    /// `AGPA…`
    pub id: Text,
    /// `arn:aws:iam::A:group/path/name`
    pub arn: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its policies.
    pub policies: Attachments,
}
