//! `GetObject` and `HeadObject`.

use super::{
    Headers,
    asking::Asking,
    asking::existing,
    checksum::Checksum,
    conditions::{self, Verdict},
    configurations, encryption, faults, lock, metadata,
    object::Object,
    range,
    read::{self, Found, Wanted},
    restore,
};
use crate::{
    gate::{Access, Facts, Granted, Who},
    wire::{Body, Fault, Operation, XmlReply},
};
use jiff::{Timestamp, tz::Offset};
use serde::Deserialize;

/// What both take.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Read {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
    #[serde(rename = "partNumber")]
    part: Option<String>,
    response_cache_control: Option<String>,
    response_content_disposition: Option<String>,
    response_content_encoding: Option<String>,
    response_content_language: Option<String>,
    response_content_type: Option<String>,
    response_expires: Option<String>,
}

/// `GetObject`
#[derive(Debug, Deserialize)]
pub(super) struct GetObject(Read);

/// `HeadObject`
#[derive(Debug, Deserialize)]
pub(super) struct HeadObject(Read);

impl Operation for GetObject {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "GetObject";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        self.0.access(facts)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        self.0.answer(&cx, "GET")
    }
}

impl Operation for HeadObject {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "HeadObject";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        self.0.access(facts)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        self.0.answer(&cx, "HEAD")
    }
}

/// The piece of an object that is asked for.
struct Piece<'o> {
    /// First and last byte; none for all.
    range: Option<(u64, u64)>,
    /// The checksum of just this piece.
    checksum: Option<&'o Checksum>,
    /// How many parts the object has, where a part is asked for.
    parts: Option<usize>,
}

impl Read {
    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        Ok(self.wanted().read_access(facts, bucket))
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted::new(&self.bucket, &self.key, self.version.as_deref())
    }

    /// The `response-…` parameters: the header that each replaces, and its value.
    fn overrides(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("cache-control", &self.response_cache_control),
            ("content-disposition", &self.response_content_disposition),
            ("content-encoding", &self.response_content_encoding),
            ("content-language", &self.response_content_language),
            ("content-type", &self.response_content_type),
            ("expires", &self.response_expires),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }

    fn answer<O: Operation>(
        &self,
        cx: &Granted<'_, O>,
        method: &str,
    ) -> Result<XmlReply<()>, Fault> {
        if matches!(cx.caller().who, Who::Anonymous) && self.overrides().next().is_some() {
            return Err(faults::invalid_request(
                "Request specific response headers cannot be used for anonymous GET requests.",
            ));
        }
        let found = read::find(cx, self.wanted(), method)?;
        let object = &found.object;
        match conditions::READ.check(&self.headers, object.etag, (found.modified, cx.now())) {
            Verdict::Holds => {}
            Verdict::Failed(condition) => return Err(faults::precondition_failed(condition)),
            Verdict::NotModified => {
                return Ok(XmlReply::empty()
                    .status(304)
                    .header("etag", Some(object.quoted_etag()))
                    .header("last-modified", Some(http_time(found.modified))));
            }
        }
        if method == "GET" {
            check_retrievable(object, cx.now())?;
        }
        check_encryption(&self.headers)?;
        let (encryption, secure) = (&object.extras.encryption, cx.meta().secure);
        encryption.check_read(&self.headers, encryption::OWN, secure)?;
        let piece = self.piece(object)?;
        let size = object.blob.len();
        let length = piece.range.map_or(size, |(first, last)| last + 1 - first);
        let reply = if method == "HEAD" {
            XmlReply::empty().header("content-length", Some(length.to_string()))
        } else {
            XmlReply::content(Body::of(&object.blob, piece.range))
        };
        let reply = match piece.range {
            None => reply,
            Some((first, last)) => reply.status(206).header(
                "content-range",
                Some(format!("bytes {first}-{last}/{size}")),
            ),
        };
        let reply = reply.header(
            "x-amz-mp-parts-count",
            piece.parts.map(|count| count.to_string()),
        );
        let reply = self.describe(cx, &found, reply);
        // A part's checksum is of the kind that the object has.
        let kind = object.checksum.as_ref().map(|sum| sum.kind.name());
        let asked = self.headers.get("x-amz-checksum-mode");
        Ok(match piece.checksum {
            Some(checksum) if asked.is_some_and(|mode| mode.eq_ignore_ascii_case("ENABLED")) => {
                reply
                    .header(checksum.algorithm.header(), Some(&*checksum.value))
                    .header("x-amz-checksum-type", kind)
            }
            _ => reply,
        })
    }

    /// The range or the part that is asked for.
    fn piece<'o>(&self, object: &'o Object) -> Result<Piece<'o>, Fault> {
        let range = self.headers.get("range");
        let size = object.blob.len();
        let Some(part) = self.part.as_deref() else {
            let range = range::requested(range, size)?;
            return Ok(Piece {
                checksum: object
                    .checksum
                    .as_ref()
                    .filter(|_| range.is_none_or(|(first, last)| (first, last + 1) == (0, size))),
                range,
                parts: None,
            });
        };
        if range.is_some() {
            return Err(faults::invalid_request(
                "Cannot specify both Range header and partNumber query parameter",
            ));
        }
        let number: usize = part
            .parse()
            .ok()
            .filter(|n| (1..=10_000).contains(n))
            .ok_or_else(|| {
                let message = "Part number must be an integer between 1 and 10000, inclusive";
                faults::invalid_argument(message, "partNumber", part)
            })?;
        let whole = object.checksum.as_ref();
        // What came whole is its only part.
        let parts = object.extras.parts.as_slice();
        let found = match parts {
            [] => Some((size, whole)).filter(|_| number == 1),
            parts => parts
                .get(number - 1)
                .map(|(length, sum)| (*length, sum.as_ref())),
        };
        let count = parts.len().max(1);
        let Some((length, checksum)) = found else {
            let message = "The requested partnumber is not satisfiable";
            return Err(Fault::service(416, "InvalidPartNumber", message)
                .detail("ActualPartCount", count.to_string())
                .detail("PartNumberRequested", part));
        };
        let first: u64 = parts
            .iter()
            .take(number - 1)
            .map(|(length, _)| length)
            .sum();
        Ok(Piece {
            range: length.checked_sub(1).map(|last| (first, first + last)),
            // The only part is the whole.
            checksum: checksum.or_else(|| whole.filter(|_| count == 1)),
            parts: (!parts.is_empty()).then_some(parts.len()),
        })
    }

    /// The headers that say what the object is.
    fn describe<O: Operation>(
        &self,
        cx: &Granted<'_, O>,
        found: &Found,
        mut reply: XmlReply<()>,
    ) -> XmlReply<()> {
        let object = &found.object;
        reply = reply
            .fixed_header("accept-ranges", "bytes")
            .header("etag", Some(object.quoted_etag()))
            .header("last-modified", Some(http_time(found.modified)))
            .header("x-amz-version-id", found.version.as_deref())
            .header(
                "x-amz-storage-class",
                object.extras.storage_class.as_deref(),
            )
            .header("x-amz-tagging-count", self.tag_count(cx, found));
        reply = object.extras.encryption.show(reply);
        reply = lock::show(cx, found, &self.key, reply);
        // It is told of the current version only, and only to those who name none.
        let expiration = match self.version {
            None => configurations::expiration(&found.bucket, &self.key, object, found.modified),
            Some(_) => None,
        };
        reply = reply
            .header("x-amz-expiration", expiration)
            .header("x-amz-restore", restore::shown(object, cx.now()));
        reply = match object.header("content-type") {
            Some(kind) => reply.header("content-type", Some(kind)),
            None => reply.fixed_header("content-type", "binary/octet-stream"),
        };
        for (name, value) in &object.headers {
            reply = reply.header(name, Some(value.as_str()));
        }
        for (name, value) in self.overrides() {
            reply = reply.header(name, Some(value));
        }
        for (name, value) in &object.extras.metadata {
            reply = reply.named_header(&format!("x-amz-meta-{name}"), &metadata::encode(value));
        }
        reply
    }

    /// How many tags there are is told to those who may read them.
    fn tag_count<O: Operation>(&self, cx: &Granted<'_, O>, found: &Found) -> Option<String> {
        let tags = &found.object.extras.tags;
        if tags.is_empty() {
            return None;
        }
        let action = match self.version {
            None => "s3:GetObjectTagging",
            Some(_) => "s3:GetObjectVersionTagging",
        };
        let (asking, object) = (Asking::from(cx), Some(&*found.object));
        let demand = self
            .wanted()
            .demand_of(asking, &found.bucket, action, object);
        cx.demand(demand).ok().map(|()| tags.len().to_string())
    }
}

/// A read says nothing of an encryption that S3 manages: whoever does mistakes it for a write.
fn check_encryption(headers: &Headers) -> Result<(), Fault> {
    let name = "x-amz-server-side-encryption";
    match headers.get(name) {
        None => Ok(()),
        Some(value) => {
            let message = format!("{name} header is not supported for this operation.");
            Err(faults::invalid_argument(message, name, value))
        }
    }
}

/// Archived objects must be restored first.
pub(super) fn check_retrievable(object: &Object, now: Timestamp) -> Result<(), Fault> {
    if !object.is_archived() || object.restored(now).is_some() {
        return Ok(());
    }
    let message = "The operation is not valid for the object's storage class";
    Err(Fault::service(403, "InvalidObjectState", message)
        .detail("StorageClass", object.storage_class()))
}

/// `Fri, 20 Nov 2026 14:02:11 GMT`
pub(super) fn http_time(at: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let at = Offset::UTC.to_datetime(at);
    let nth = |names: &[&'static str], n: i8| {
        let name = names.get(usize::from(n.unsigned_abs()).saturating_sub(1));
        name.copied().unwrap_or_default()
    };
    let mut text = String::with_capacity(29);
    text.push_str(nth(&DAYS, at.weekday().to_monday_one_offset()));
    text.push_str(", ");
    two_digits(&mut text, at.day().unsigned_abs());
    text.push(' ');
    text.push_str(nth(&MONTHS, at.month()));
    text.push(' ');
    let year = at.year().unsigned_abs();
    two_digits(&mut text, (year / 100) as u8);
    two_digits(&mut text, (year % 100) as u8);
    for (before, n) in [(' ', at.hour()), (':', at.minute()), (':', at.second())] {
        text.push(before);
        two_digits(&mut text, n.unsigned_abs());
    }
    text.push_str(" GMT");
    text
}

fn two_digits(text: &mut String, n: u8) {
    text.push(char::from(b'0' + n / 10 % 10));
    text.push(char::from(b'0' + n % 10));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn times_are_as_http_writes_them() {
        let some = (0..4000_i64).map(|n| n * 86_399_999 / 1700 * 1201);
        for seconds in some.chain([951_782_400, 1_795_183_331, Timestamp::MAX.as_second()]) {
            let at = Timestamp::from_second(seconds).unwrap();
            assert_eq!(http_time(at), httpdate::fmt_http_date(at.into()));
        }
    }
}
