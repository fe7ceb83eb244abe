//! AWS Security Token Service.

mod caller_identity;
mod session;

pub use session::{Session, SessionKind};

use crate::wire::{Query, Row, operations};

/// Every operation of STS that rolecall serves.
pub static OPERATIONS: &[Row] = operations![Query, "sts";
    POST "/" 200 => caller_identity::GetCallerIdentity,
];
