//! What is derived from a secret for a day, Region and service, kept until the day changes.

use rolecall_sigv4::{Scope, SigningKey};
use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

/// As many as one client uses: a few services in a few Regions.
const MOST: usize = 8;

/// The signing keys of one access key that have verified a request. Not part of the state.
#[derive(Default)]
pub struct SigningKeys(Mutex<Vec<Kept>>);

struct Kept {
    date: String,
    region: String,
    service: String,
    key: SigningKey,
}

impl SigningKeys {
    /// The key for a scope, when it is known.
    pub(crate) fn get(&self, scope: &Scope<'_>) -> Option<SigningKey> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|kept| {
            kept.service == scope.service && kept.region == scope.region && kept.date == scope.date
        });
        found.map(|kept| kept.key.clone())
    }

    /// Keeps a key whose signature held: nobody without the secret can fill the room.
    pub(crate) fn keep(&self, scope: &Scope<'_>, key: SigningKey) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.push(Kept {
            date: scope.date.to_owned(),
            region: scope.region.to_owned(),
            service: scope.service.to_owned(),
            key,
        });
    }
}

/// Shows no key.
impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKeys(..)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn scope(region: &str) -> Scope<'_> {
        Scope {
            date: "20261121",
            region,
            service: "s3",
            terminator: "aws4_request",
        }
    }

    #[test]
    fn a_key_is_for_its_scope_and_room_is_limited() {
        let keys = SigningKeys::default();
        assert!(keys.get(&scope("us-east-1")).is_none());
        for place in 0..100 {
            let region = format!("r-{place}");
            keys.keep(
                &scope(&region),
                SigningKey::derive("secret", &scope(&region)),
            );
            assert!(keys.get(&scope(&region)).is_some());
            assert!(keys.get(&scope("us-east-1")).is_none());
        }
        assert!(keys.0.lock().unwrap().len() <= MOST);
        assert_eq!(format!("{keys:?}"), "SigningKeys(..)");
    }
}
