//! `If-Match` and its relatives. Source: RFC 9110, section 13; Amazon S3 API Reference, GetObject and PutObject.

use super::{Headers, etag::Etag, faults, object::Version};
use crate::wire::Fault;
use jiff::Timestamp;

/// What the conditions of a read say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Go on.
    Holds,
    /// 304
    NotModified,
    /// 412, and the header that did not hold.
    Failed(&'static str),
}

/// The names of the four headers: of a read, or of the source of a copy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    if_match: (&'static str, &'static str),
    if_none_match: (&'static str, &'static str),
    if_modified_since: (&'static str, &'static str),
    if_unmodified_since: (&'static str, &'static str),
}

/// The headers of a read.
pub(super) const READ: Names = Names {
    if_match: ("if-match", "If-Match"),
    if_none_match: ("if-none-match", "If-None-Match"),
    if_modified_since: ("if-modified-since", "If-Modified-Since"),
    if_unmodified_since: ("if-unmodified-since", "If-Unmodified-Since"),
};

/// The headers about the source of a copy.
pub(super) const SOURCE: Names = Names {
    if_match: ("x-amz-copy-source-if-match", "x-amz-copy-source-If-Match"),
    if_none_match: (
        "x-amz-copy-source-if-none-match",
        "x-amz-copy-source-If-None-Match",
    ),
    if_modified_since: (
        "x-amz-copy-source-if-modified-since",
        "x-amz-copy-source-If-Modified-Since",
    ),
    if_unmodified_since: (
        "x-amz-copy-source-if-unmodified-since",
        "x-amz-copy-source-If-Unmodified-Since",
    ),
};

impl Names {
    /// Holds the headers against an object.
    pub(super) fn check(
        self,
        headers: &Headers,
        etag: Etag,
        (modified, now): (Timestamp, Timestamp),
    ) -> Verdict {
        let time = |(name, _)| headers.get(name).and_then(http_time);
        match headers.get(self.if_match.0) {
            Some(tags) if !any_is(tags, etag) => return Verdict::Failed(self.if_match.1),
            Some(_) => {}
            None => {
                if time(self.if_unmodified_since).is_some_and(|since| modified > since) {
                    return Verdict::Failed(self.if_unmodified_since.1);
                }
            }
        }
        match headers.get(self.if_none_match.0) {
            Some(tags) if any_is(tags, etag) => Verdict::NotModified,
            Some(_) => Verdict::Holds,
            // A moment to come says nothing.
            None if time(self.if_modified_since)
                .is_some_and(|since| modified <= since && since <= now) =>
            {
                Verdict::NotModified
            }
            None => Verdict::Holds,
        }
    }

    /// For the source of a copy: whatever does not hold is 412.
    pub(super) fn demand(
        self,
        headers: &Headers,
        etag: Etag,
        times: (Timestamp, Timestamp),
    ) -> Result<(), Fault> {
        match self.check(headers, etag, times) {
            Verdict::Holds => Ok(()),
            Verdict::Failed(condition) => Err(faults::precondition_failed(condition)),
            Verdict::NotModified if headers.has(self.if_none_match.0) => {
                Err(faults::precondition_failed(self.if_none_match.1))
            }
            Verdict::NotModified => Err(faults::precondition_failed(self.if_modified_since.1)),
        }
    }
}

/// Whether one of the entity tags, with or without quotes, is this one.
pub(super) fn any_is(tags: &str, etag: Etag) -> bool {
    let etag = etag.to_string();
    tags.split(',').any(|tag| {
        let tag = tag.trim();
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag == "*" || tag.trim_matches('"') == etag
    })
}

fn http_time(text: &str) -> Option<Timestamp> {
    let time = httpdate::parse_http_date(text).ok()?;
    Timestamp::try_from(time).ok()
}

/// The conditions of a write.
pub(super) fn check_write_headers(headers: &Headers) -> Result<(), Fault> {
    let refused = |header: &str, message: &str| {
        Err(faults::not_implemented(header).detail("additionalMessage", message))
    };
    match (headers.get("if-match"), headers.get("if-none-match")) {
        (Some(_), Some(_)) => refused(
            "If-Match,If-None-Match",
            "Multiple conditional request headers present in the request",
        ),
        (Some("*"), None) => refused(
            "If-Match",
            "We don't accept the provided value of If-Match header for this API",
        ),
        (None, Some(value)) if value != "*" => refused(
            "If-None-Match",
            "We don't accept the provided value of If-None-Match header for this API",
        ),
        _ => Ok(()),
    }
}

/// Holds the conditions of a write against what is there.
pub(super) fn check_write(
    headers: &Headers,
    key: &str,
    there: Option<&Version>,
) -> Result<(), Fault> {
    let object = there.and_then(|version| version.object.as_ref());
    if headers.has("if-none-match") && object.is_some() {
        return Err(faults::precondition_failed("If-None-Match"));
    }
    match (headers.get("if-match"), object) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(faults::no_such_key(key)),
        (Some(tags), Some(object)) if any_is(tags, object.etag) => Ok(()),
        (Some(_), Some(_)) => Err(faults::precondition_failed("If-Match")),
    }
}

/// A write with a condition that took so long that another came in between, whatever it left behind.
pub(super) fn check_no_conflict(headers: &Headers, key: &str) -> Result<(), Fault> {
    let named = [("if-match", "If-Match"), ("if-none-match", "If-None-Match")];
    let Some((_, condition)) = named.into_iter().find(|(header, _)| headers.has(header)) else {
        return Ok(());
    };
    let message = "The conditional request cannot succeed due to a conflicting operation against this resource.";
    Err(Fault::service(409, "ConditionalRequestConflict", message)
        .detail("Condition", condition)
        .detail("Key", key))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn reads_follow_the_rfc() {
        let at: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let now: Timestamp = "2026-11-20T13:00:00Z".parse().unwrap();
        let (before, after) = (
            "Fri, 20 Nov 2026 11:59:59 GMT",
            "Fri, 20 Nov 2026 12:00:00 GMT",
        );
        let tag = "ab".repeat(16);
        let check = |pairs: &[(&str, &str)]| {
            let headers = pairs.iter().fold(Headers::default(), |all, (name, value)| {
                all.with(name, *value)
            });
            READ.check(&headers, Etag::whole([0xab; 16]), (at, now))
        };
        assert_eq!(check(&[]), Verdict::Holds);
        assert_eq!(
            check(&[("if-match", &format!("\"x\", \"{tag}\""))]),
            Verdict::Holds
        );
        assert_eq!(check(&[("if-match", "x")]), Verdict::Failed("If-Match"));
        assert_eq!(
            check(&[("if-none-match", &format!("\"{tag}\""))]),
            Verdict::NotModified
        );
        assert_eq!(check(&[("if-modified-since", after)]), Verdict::NotModified);
        assert_eq!(check(&[("if-modified-since", before)]), Verdict::Holds);
        assert_eq!(
            check(&[("if-unmodified-since", before)]),
            Verdict::Failed("If-Unmodified-Since")
        );
        // The entity tag is the stronger word.
        assert_eq!(
            check(&[("if-match", &tag), ("if-unmodified-since", before)]),
            Verdict::Holds
        );
        assert_eq!(
            check(&[("if-none-match", "x"), ("if-modified-since", after)]),
            Verdict::Holds
        );
        assert_eq!(check(&[("if-modified-since", "no date")]), Verdict::Holds);
        let to_come = "Fri, 20 Nov 2026 13:00:01 GMT";
        assert_eq!(check(&[("if-modified-since", to_come)]), Verdict::Holds);
    }
}
