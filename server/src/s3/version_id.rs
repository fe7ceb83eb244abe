//! Version ids. S3 knows its own when it sees them: an id that it never gave out is refused as such, and one whose
//! version is gone is merely not found.

use super::faults;
use crate::{wire::Fault, world::Ids};

const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// An id for a new version: thirty characters, and two that follow from them.
pub(super) fn new(ids: &Ids) -> String {
    let mut id = ids.unique("", 30);
    id.extend(check(&id));
    id
}

/// Refuses an id that [`new`] cannot have made.
pub(super) fn verify(id: &str) -> Result<(), Fault> {
    let ours = id
        .split_at_checked(30)
        .is_some_and(|(head, tail)| tail.chars().eq(check(head)));
    if ours || id == super::object::NULL {
        return Ok(());
    }
    let message = "Invalid version id specified";
    Err(faults::invalid_argument(message, "versionId", id))
}

/// Ten bits of the text's FNV-1a.
fn check(text: &str) -> [char; 2] {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    [hash >> 27, hash >> 22].map(|bits| {
        let digit = DIGITS.get(bits as usize & 31);
        digit.copied().map_or('A', char::from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_given_out_is_an_id() {
        let id = new(&Ids::seeded(1));
        assert_eq!(id.len(), 32);
        assert!(verify(&id).is_ok() && verify("null").is_ok());
        let other = if id.starts_with('A') { "B" } else { "A" };
        let forged = id.replacen(|_| true, other, 1);
        for bad in [
            "",
            "x",
            "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD",
            &forged,
            "é".repeat(16).as_str(),
        ] {
            assert!(verify(bad).is_err(), "{bad}");
        }
    }
}
