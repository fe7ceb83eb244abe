//! `x-amz-copy-source`: where a copy comes from, and whether it may.

use super::{
    Bucket, Headers,
    asking::{check_owner, existing},
    conditions, encryption, faults,
    get_object::check_retrievable,
    read::{self, Found, Wanted},
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Fault, Operation},
};
use percent_encoding::percent_decode_str;
use std::sync::Arc;

const HEADER: &str = "x-amz-copy-source";
/// The largest source of one copy: 5 GiB.
const LARGEST: u64 = 5 * 1024 * 1024 * 1024;

/// A source as the header names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) version: Option<String>,
}

impl Source {
    /// Reads the header: `bucket/key` or `/bucket/key`, URL-encoded, perhaps with `?versionId=…`.
    pub(super) fn read(headers: &Headers) -> Result<Self, Fault> {
        let text = headers.get(HEADER).unwrap_or_default();
        let invalid = || faults::invalid_argument("Invalid copy source object key", HEADER, HEADER);
        let (path, version) = match text.split_once("?versionId=") {
            Some((path, version)) => (path, Some(version.to_owned())),
            None => (text, None),
        };
        // As in a form, a plus sign is a blank.
        let path = path.replace('+', "%20");
        let path = percent_decode_str(&path)
            .decode_utf8()
            .map_err(|_| invalid())?;
        if path.starts_with("arn:") {
            return Err(faults::not_implemented(HEADER));
        }
        let path = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = path.split_once('/').ok_or_else(invalid)?;
        if bucket.is_empty() || key.is_empty() {
            return Err(invalid());
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version,
        })
    }

    pub(super) fn wanted(&self) -> Wanted<'_> {
        Wanted::new(&self.bucket, &self.key, self.version.as_deref())
    }

    /// The bucket of the source, if it is there and the expected account's.
    pub(super) fn bucket<'a>(
        &self,
        facts: &Facts<'a>,
        headers: &Headers,
    ) -> Result<&'a Arc<Bucket>, Fault> {
        let bucket = existing(facts, &self.bucket, &Headers::default())?;
        check_owner(bucket, headers.get("x-amz-source-expected-bucket-owner"))?;
        Ok(bucket)
    }

    /// Asks to read the source.
    pub(super) fn access(&self, facts: &Facts<'_>, bucket: &Bucket) -> Access {
        self.wanted().read_access(facts, bucket)
    }

    /// The object to copy, if the conditions on it hold.
    pub(super) fn find<O: Operation>(
        &self,
        cx: &Granted<'_, O>,
        headers: &Headers,
    ) -> Result<Found, Fault> {
        let found = match read::find(cx, self.wanted(), "GET") {
            Err(Fault::Service(fault)) if fault.code == "MethodNotAllowed" => {
                return Err(faults::invalid_request(
                    "The source of a copy request may not specifically refer to a delete marker by version id.",
                ));
            }
            found => found?,
        };
        let times = (found.modified, cx.now());
        conditions::SOURCE.demand(headers, found.object.etag, times)?;
        if check_retrievable(&found.object, cx.now()).is_err() {
            let message = "The source object of the COPY action is not in the active tier and is only stored in Amazon S3 Glacier.";
            return Err(Fault::service(403, "ObjectNotInActiveTierError", message));
        }
        let encryption = &found.object.extras.encryption;
        encryption.check_read(headers, encryption::SOURCE, cx.meta().secure)?;
        if found.object.blob.len() > LARGEST && !headers.has("x-amz-copy-source-range") {
            return Err(faults::invalid_request(format!(
                "The specified copy source is larger than the maximum allowable size for a copy source: {LARGEST}"
            )));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn sources() {
        let read = |text: &str| Source::read(&Headers::default().with(HEADER, text));
        let of = |bucket: &str, key: &str, version: Option<&str>| Source {
            bucket: bucket.into(),
            key: key.into(),
            version: version.map(str::to_owned),
        };
        assert_eq!(read("/b/k").unwrap(), of("b", "k", None));
        assert_eq!(read("b/a%20b/%3F%2B").unwrap(), of("b", "a b/?+", None));
        assert_eq!(read("b/a+b").unwrap(), of("b", "a b", None));
        assert_eq!(read("b%2Fk").unwrap(), of("b", "k", None));
        assert_eq!(read("b/k?versionId=x1").unwrap(), of("b", "k", Some("x1")));
        assert_eq!(read("b//k").unwrap(), of("b", "/k", None));
        for bad in ["", "b", "/b", "b/", "/", "b/%FF"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
