//! The signing key and what is computed with it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::hex::{self, Hex};
use crate::scope::Scope;

/// The key derived from a secret for one day, Region and service, ready to sign.
///
/// It costs four HMACs; a server that keeps it per (access key, date, Region, service) saves them.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    /// Derives the key: HMAC over the date, the Region, the service and `aws4_request` in turn.
    pub fn derive(secret: &str, scope: &Scope<'_>) -> Self {
        let mut first = Vec::with_capacity(4 + secret.len());
        first.extend_from_slice(b"AWS4");
        first.extend_from_slice(secret.as_bytes());
        let date = hmac(&first, [scope.date.as_bytes()]);
        let region = hmac(&date, [scope.region.as_bytes()]);
        let service = hmac(&region, [scope.service.as_bytes()]);
        Self(keyed(&hmac(&service, [b"aws4_request".as_slice()])))
    }

    /// The HMAC of a string to sign given in pieces.
    pub(crate) fn sign<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
        finish(self.0.clone(), pieces)
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// Compares in constant time. Only lower-case digits are a signature: AWS compares the text.
pub(crate) fn same_signature(computed: &[u8; 32], sent: &str) -> bool {
    let computed = Hex::of(computed);
    computed.as_bytes().ct_eq(sent.as_bytes()).into()
}

/// Whether `text` has the form of a signature.
pub(crate) fn is_signature(text: &str) -> bool {
    hex::parse(text).is_some()
}

fn hmac<'a>(key: &[u8], pieces: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    finish(keyed(key), pieces)
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key of any length")
}

fn finish<'a>(mut mac: Hmac<Sha256>, pieces: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    for piece in pieces {
        mac.update(piece);
    }
    mac.finalize().into_bytes().into()
}
