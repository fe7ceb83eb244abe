//! An AWS account: everything IAM keeps for its 12 digits.

use super::{Group, ManagedPolicy, Role, User};
use crate::world::{Map, Text};
use std::sync::Arc;

/// An account and its identities.
#[derive(Debug, Clone)]
pub struct Account {
    /// 12 digits.
    pub id: Text,
    /// `aws`, `aws-us-gov`, `aws-cn`.
    pub partition: &'static str,
    /// Users by name, in the letter case of their creation.
    pub(crate) users: Map<Text, Arc<User>>,
    /// Groups by name.
    pub(crate) groups: Map<Text, Arc<Group>>,
    /// Roles by name.
    pub(crate) roles: Map<Text, Arc<Role>>,
    /// Customer managed policies by ARN.
    pub(crate) policies: Map<Text, Arc<ManagedPolicy>>,
}

impl Account {
    /// An account without anybody in it but root.
    pub fn new(id: impl Into<Text>, partition: &'static str) -> Self {
        Self {
            id: id.into(),
            partition,
            users: Map::default(),
            groups: Map::default(),
            roles: Map::default(),
            policies: Map::default(),
        }
    }
}
