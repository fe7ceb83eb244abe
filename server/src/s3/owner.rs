//! Accounts as S3 shows them: by canonical user id, not by number.

use super::content::hex;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// `<Owner>` or `<Initiator>`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Owner {
    #[serde(rename = "ID")]
    id: String,
}

/// The owner of what nobody signed. Source: S3 User Guide, "Access control list (ACL) overview".
const ANONYMOUS: &str = "65a011a29cdf8ec533ec3d1ccaae921c";

impl Owner {
    /// The owner of this account number. AWS's ids are opaque, 64 hex digits; rolecall's come from the number.
    pub(super) fn of(account: &str) -> Self {
        if account.is_empty() {
            return Self {
                id: ANONYMOUS.to_owned(),
            };
        }
        let digest = Sha256::digest(format!("rolecall canonical user {account}"));
        Self { id: hex(&digest) }
    }

    /// The canonical user id.
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}
