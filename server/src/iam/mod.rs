//! AWS Identity and Access Management. One file per resource; operations stand next to what they change.

mod access_keys;
mod account;
mod groups;
mod identity;
mod policies;
mod roles;
mod users;

pub use access_keys::{AccessKey, Holder};
pub use account::Account;
pub use groups::Group;
pub use policies::{Attachments, InlinePolicy, ManagedPolicy, PolicyVersion};
pub use roles::Role;
pub use users::User;

use crate::wire::{Query, Row, operations};

/// Every operation of IAM that rolecall serves.
pub static OPERATIONS: &[Row] = operations![Query, "iam";
    POST "/" 200 => users::GetUser,
];

/// Tags of an IAM resource. Keys are unique ignoring case. Source: IAM User Guide, "Tags for IAM resources".
pub type Tags = Vec<(String, String)>;
