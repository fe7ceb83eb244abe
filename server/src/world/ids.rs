//! Every random name rolecall makes: request ids, AWS unique ids, keys and secrets.
//!
//! Seeded, the same sequence comes out every time (tests). Otherwise the seed and every secret come
//! from the operating system.

use fastrand::Rng;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Upper-case letters and digits 2 to 7, as AWS's unique ids use them.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Makes ids.
#[derive(Debug)]
pub struct Ids {
    rng: Mutex<Rng>,
    seeded: bool,
}

impl Default for Ids {
    fn default() -> Self {
        let mut seed = [0; 8];
        // Without the system's entropy fastrand's own seed still keeps ids apart.
        let rng = match getrandom::fill(&mut seed) {
            Ok(()) => Rng::with_seed(u64::from_le_bytes(seed)),
            Err(_) => Rng::new(),
        };
        Self {
            rng: Mutex::new(rng),
            seeded: false,
        }
    }
}

impl Ids {
    /// Ids that come out the same in every run.
    pub fn seeded(seed: u64) -> Self {
        Self {
            rng: Mutex::new(Rng::with_seed(seed)),
            seeded: true,
        }
    }

    /// Ids of another world: seeded as these are, by the world's name, or from the system's entropy.
    pub(crate) fn another(&self, name: &str) -> Self {
        if !self.seeded {
            return Self::default();
        }
        let mut seed = 0xcbf2_9ce4_8422_2325_u64;
        for byte in name.bytes() {
            seed = (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self::seeded(seed)
    }

    fn with<T>(&self, f: impl FnOnce(&mut Rng) -> T) -> T {
        f(&mut self.rng.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A request id, which is also the id of the decision: a version 4 UUID, as AWS sends them.
    pub fn request(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.with(|rng| rng.u128(..)).to_le_bytes()).into_uuid()
    }

    /// An AWS unique id: `prefix` and `length` characters in all, such as `AROA…` (21) or `AKIA…` (20).
    /// Source: IAM User Guide, "IAM identifiers".
    pub fn unique(&self, prefix: &str, length: usize) -> String {
        self.text(BASE32, prefix, length)
    }

    /// 32 lower-case hex digits, the form of Pinpoint's ids.
    pub fn hex32(&self) -> String {
        self.text(HEX, "", 32)
    }

    /// A secret access key: 40 characters of base64.
    pub fn secret(&self) -> String {
        self.secret_text("", 40)
    }

    /// A secret of `length` base 32 characters: the seed of an MFA device.
    pub fn secret_base32(&self, length: usize) -> String {
        let mut bytes = vec![0; length];
        if self.seeded || getrandom::fill(&mut bytes).is_err() {
            return self.text(BASE32, "", length);
        }
        let digit = |byte: &u8| BASE32.get(usize::from(byte & 31)).copied().unwrap_or(b'A');
        bytes.iter().map(|byte| char::from(digit(byte))).collect()
    }

    /// An opaque session token, of `least` bytes at least.
    pub fn session_token(&self, least: Option<i64>) -> String {
        let least = least.and_then(|least| usize::try_from(least).ok());
        self.secret_text("IQoJb3JpZ2luX2Vj", least.unwrap_or(0).max(320))
    }

    fn text(&self, alphabet: &[u8], prefix: &str, length: usize) -> String {
        let mut text = String::with_capacity(length.max(prefix.len()));
        text.push_str(prefix);
        self.with(|rng| {
            while text.len() < length {
                let digit = alphabet.get(rng.usize(..alphabet.len())).copied();
                text.push(char::from(digit.unwrap_or(b'A')));
            }
        });
        text
    }

    /// Like `text`, from the system's entropy unless the ids are seeded.
    fn secret_text(&self, prefix: &str, length: usize) -> String {
        let mut bytes = vec![0; length.saturating_sub(prefix.len())];
        if self.seeded || getrandom::fill(&mut bytes).is_err() {
            return self.text(BASE64, prefix, length);
        }
        let digit = |byte: &u8| BASE64.get(usize::from(byte & 63)).copied().unwrap_or(b'A');
        prefix
            .chars()
            .chain(bytes.iter().map(|byte| char::from(digit(byte))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeded_ids_repeat_and_have_aws_shape() {
        let (a, b) = (Ids::seeded(7), Ids::seeded(7));
        assert_eq!(a.request(), b.request());
        assert_eq!(a.unique("AROA", 21), b.unique("AROA", 21));
        assert_eq!(a.secret(), b.secret());
        let id = a.unique("AIDA", 21);
        assert!(id.starts_with("AIDA") && id.len() == 21, "{id}");
        assert_eq!(a.hex32().len(), 32);
        assert_eq!(a.request().get_version_num(), 4);
    }

    #[test]
    fn unseeded_secrets_differ() {
        let ids = Ids::default();
        assert_ne!(ids.secret(), ids.secret());
        assert_eq!(ids.secret().len(), 40);
    }
}
