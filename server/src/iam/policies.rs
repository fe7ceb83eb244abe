//! Policies: managed ones with their versions, and what hangs on a user, group or role.

use super::Tags;
use crate::world::Text;
use jiff::Timestamp;
use rolecall_policy::Policy;
use std::sync::Arc;

/// The policies of one user, group or role.
#[derive(Debug, Clone, Default)]
pub struct Attachments {
    /// Managed policies, by ARN, in the order of attaching.
    pub managed: Vec<Text>,
    /// Inline policies, sorted by name.
    pub inline: Vec<InlinePolicy>,
}

/// A policy that lives and dies with its user, group or role.
#[derive(Debug, Clone)]
pub struct InlinePolicy {
    /// Its name.
    pub name: Text,
    /// Parsed and compiled when it was stored.
    pub policy: Arc<Policy>,
}

/// A managed policy.
#[derive(Debug, Clone)]
pub struct ManagedPolicy {
    /// Its name.
    pub name: Text,
    /// `arn:aws:iam::A:policy/path/name`
    pub arn: Text,
    /// `ANPA…`
    pub id: Text,
    /// `/` or `/…/`
    pub path: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When a version was last made or made default.
    pub updated: Timestamp,
    /// At most five, newest last.
    pub versions: Vec<PolicyVersion>,
    /// The id of the version that counts.
    pub default_version: u32,
    /// The number of the next version; never reused.
    pub next_version: u32,
    /// Tags.
    pub tags: Tags,
    /// How many users, groups and roles it is attached to.
    pub attachments: u32,
    /// How many users and roles it bounds.
    pub boundaries: u32,
}

/// One version of a managed policy.
#[derive(Debug, Clone)]
pub struct PolicyVersion {
    /// 1 for `v1`.
    pub number: u32,
    /// Parsed and compiled when it was stored.
    pub policy: Arc<Policy>,
    /// When it was made.
    pub created: Timestamp,
}

impl ManagedPolicy {
    /// The version that counts.
    pub fn default_policy(&self) -> Option<&Policy> {
        let default = |version: &&PolicyVersion| version.number == self.default_version;
        self.versions
            .iter()
            .find(default)
            .map(|version| &*version.policy)
    }
}
