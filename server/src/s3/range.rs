//! `Range`. Source: RFC 9110, section 14; Amazon S3 API Reference, GetObject.

use super::faults;
use crate::wire::Fault;

/// The first and last byte that are asked for; none for all of them. A range that cannot be read is no range.
pub(super) fn requested(header: Option<&str>, size: u64) -> Result<Option<(u64, u64)>, Fault> {
    let Some(text) = header else { return Ok(None) };
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(split) else {
        return Ok(None);
    };
    let range = match (first, last) {
        (None, Some(suffix)) => {
            (suffix > 0 && size > 0).then(|| (size.saturating_sub(suffix), size - 1))
        }
        (Some(first), last) => {
            (first < size).then(|| (first, last.unwrap_or(u64::MAX).min(size - 1)))
        }
        (None, None) => return Ok(None),
    };
    range.map(Some).ok_or_else(|| {
        Fault::service(
            416,
            "InvalidRange",
            "The requested range is not satisfiable",
        )
        .detail("ActualObjectSize", size.to_string())
        .detail("RangeRequested", text)
    })
}

type Ends = (Option<u64>, Option<u64>);

/// `0-9`, `5-` or `-3`.
fn split(text: &str) -> Option<Ends> {
    let (first, last) = text.split_once('-')?;
    let number = |text: &str| match text {
        "" => Some(None),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(Some(digits.parse().unwrap_or(u64::MAX)))
        }
        _ => None,
    };
    match (number(first)?, number(last)?) {
        (Some(first), Some(last)) if last < first => None,
        ends => Some(ends),
    }
}

/// `x-amz-copy-source-range`, which must be exactly `bytes=first-last`.
pub(super) fn of_source(header: Option<&str>, size: u64) -> Result<Option<(u64, u64)>, Fault> {
    let Some(text) = header else { return Ok(None) };
    match text.strip_prefix("bytes=").and_then(split) {
        Some((Some(first), Some(last))) if last < size => Ok(Some((first, last))),
        Some((Some(first), Some(_))) if first >= size => Err(faults::invalid_request(
            "The specified copy range is invalid for the source object size",
        )),
        Some((Some(_), Some(_))) => Err(faults::invalid_argument(
            format!("Range specified is not valid for source object of size: {size}"),
            "x-amz-copy-source-range",
            text,
        )),
        _ => Err(faults::invalid_argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
            "x-amz-copy-source-range",
            text,
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn ranges() {
        let of = |text| requested(Some(text), 10).map_err(|_| ());
        assert_eq!(requested(None, 10).unwrap(), None);
        assert_eq!(of("bytes=0-3"), Ok(Some((0, 3))));
        assert_eq!(of("bytes=4-"), Ok(Some((4, 9))));
        assert_eq!(of("bytes=-3"), Ok(Some((7, 9))));
        assert_eq!(of("bytes=-30"), Ok(Some((0, 9))));
        assert_eq!(of("bytes=0-99999999999999999999999"), Ok(Some((0, 9))));
        for all in [
            "bytes=5-2",
            "bytes=a-b",
            "0-3",
            "bytes=0-1,3-4",
            "bytes=-",
            "bytes=1",
        ] {
            assert_eq!(of(all), Ok(None), "{all}");
        }
        for beyond in ["bytes=10-", "bytes=100-200", "bytes=-0"] {
            assert_eq!(of(beyond), Err(()), "{beyond}");
        }
        assert!(requested(Some("bytes=0-"), 0).is_err());
        assert!(requested(Some("bytes=-1"), 0).is_err());
    }

    #[test]
    fn source_ranges_are_strict() {
        let of = |text| of_source(Some(text), 10).map_err(|_| ());
        assert_eq!(of("bytes=0-9"), Ok(Some((0, 9))));
        for bad in [
            "0-8",
            "bytes=1-0",
            "bytes=1-",
            "bytes=-2",
            "bytes=0-1,3-4",
            "bytes=0-10",
        ] {
            assert_eq!(of(bad), Err(()), "{bad}");
        }
    }
}
