//! Codes of virtual MFA devices. Source: RFC 6238, with the values AWS uses: HMAC-SHA-1, 30 seconds, six digits.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha1::Sha1;
use std::ops::RangeInclusive;

const SECONDS: i64 = 30;

/// The step of time that a code belongs to.
pub(super) fn step(at: Timestamp) -> i64 {
    at.as_second().div_euclid(SECONDS)
}

/// The code of one step; none for a seed that cannot be one.
pub(super) fn code(seed: &[u8], step: i64) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(seed).ok()?;
    mac.update(&step.to_be_bytes());
    let hash: [u8; 20] = mac.finalize().into_bytes().into();
    let start = usize::from(hash.last()? & 0xf);
    let word: [u8; 4] = hash.get(start..start + 4)?.try_into().ok()?;
    let number = (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000;
    Some(format!("{number:06}"))
}

/// The step in `steps` whose code is `sent`, the newest first.
pub(super) fn find(seed: &[u8], sent: &str, steps: RangeInclusive<i64>) -> Option<i64> {
    steps
        .rev()
        .find(|step| code(seed, *step).is_some_and(|code| code == sent))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the SHA-1 column; six digits instead of eight.
    #[test]
    fn the_published_codes_come_out() {
        let seed = b"12345678901234567890";
        for (second, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let at = Timestamp::from_second(second).unwrap_or_default();
            assert_eq!(code(seed, step(at)).as_deref(), Some(expected), "{second}");
            let now = step(at);
            assert_eq!(find(seed, expected, now - 1..=now + 1), Some(now));
        }
        assert_eq!(find(seed, "000000", 0..=3), None);
    }
}
