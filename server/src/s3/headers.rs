//! The headers of a request, and the condition keys that are made of them.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, MapAccess, Visitor},
};
use std::fmt;

use crate::gate::Demand;

/// The headers that mean something to S3, by lower-case name, in the order they came.
///
/// A presigned URL may carry `x-amz-…` headers in its query, where they are signed; they count as headers.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    /// Names and values, one after another: one piece of memory for all.
    text: String,
    /// Where each name and its value end.
    ends: Vec<(usize, usize)>,
    /// The lengths that names have, a bit for each: most of what is asked for is not there, which one look tells.
    lengths: u64,
}

/// The bit of a name's length.
fn length_of(name: &str) -> u64 {
    1 << (name.len() % 64)
}

/// Whether S3 reads this header at all. `Host`, `Date` and the like never reach an operation, nor does what only the
/// signature is made of.
pub(super) fn is_read(name: &str) -> bool {
    const SIGNING: &[&str] = &["x-amz-date", "x-amz-security-token"];
    if SIGNING.contains(&name) {
        return false;
    }
    const NAMES: &[&str] = &["cache-control", "expires", "origin", "range"];
    ["x-amz-", "content-", "if-", "access-control-request-"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
        || NAMES.contains(&name)
}

/// Headers whose condition key is `s3:` and their own name.
/// Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".
pub(super) const WRITE_KEYS: &[&str] = &[
    "if-match",
    "if-none-match",
    "x-amz-acl",
    "x-amz-copy-source",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-metadata-directive",
    "x-amz-object-annotation-directive",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
];

/// The keys of the ACL actions.
pub(super) const ACL_KEYS: &[&str] = &[
    "x-amz-acl",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-storage-class",
];

/// The keys of CreateBucket.
pub(super) const CREATE_BUCKET_KEYS: &[&str] = &[
    "x-amz-acl",
    "x-amz-bucket-namespace",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-object-ownership",
];

impl Headers {
    /// The value of a header.
    pub fn get(&self, name: &str) -> Option<&str> {
        if self.lengths & length_of(name) == 0 {
            return None;
        }
        let mut start = 0;
        for &(middle, end) in &self.ends {
            // Most are of another length.
            if middle - start == name.len() && self.text.get(start..middle) == Some(name) {
                return self.text.get(middle..end);
            }
            start = end;
        }
        None
    }

    /// All values of a header that was sent more than once.
    pub(super) fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h str> + 'h {
        let same = move |(known, _): &(&str, &str)| *known == name;
        self.iter().filter(same).map(|(_, value)| value)
    }

    /// Every header with its value, in the order they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |&(middle, end)| {
            let name = self.text.get(start..middle).unwrap_or_default();
            let value = self.text.get(middle..end).unwrap_or_default();
            start = end;
            (name, value)
        })
    }

    /// The value of the first of these that was sent.
    pub(super) fn first_value(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Whether the header was sent.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.lengths |= length_of(name);
        self.text.push_str(name);
        let middle = self.text.len();
        self.text.push_str(value.as_ref());
        self.ends.push((middle, self.text.len()));
        self
    }

    /// The headers but this one.
    #[must_use]
    pub(super) fn without(self, name: &str) -> Self {
        let others = self.iter().filter(|(known, _)| *known != name);
        others.fold(Self::default(), |kept, (name, value)| {
            kept.with(name, value)
        })
    }

    /// The headers that begin with `prefix`: the rest of their names, and their values.
    pub(super) fn under<'h>(
        &'h self,
        prefix: &'h str,
    ) -> impl Iterator<Item = (&'h str, &'h str)> + 'h {
        self.iter()
            .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value)))
    }

    /// Whether any of these was sent; the first that was.
    pub(super) fn first_of(&self, names: &[&'static str]) -> Option<&'static str> {
        names.iter().copied().find(|name| self.has(name))
    }

    /// Whether the request brings a digest of its body: `Content-MD5`, or a checksum in a header or a trailer.
    pub(super) fn has_digest(&self) -> bool {
        self.has("content-md5") || self.has("x-amz-trailer") || self.checksums().next().is_some()
    }

    /// The algorithms whose checksums were sent: what stands behind `x-amz-checksum-`.
    pub(super) fn checksums(&self) -> impl Iterator<Item = &str> {
        let names = self.under("x-amz-checksum-").map(|(name, _)| name);
        names.filter(|name| !["algorithm", "mode", "type"].contains(name))
    }

    /// The ACL headers: a canned ACL or grants.
    pub(super) fn has_acl(&self) -> bool {
        self.has("x-amz-acl") || self.under("x-amz-grant-").next().is_some()
    }
}

impl Demand {
    /// Adds `s3:` + name for every one of these headers that was sent.
    pub(super) fn with_headers(mut self, headers: &Headers, names: &[&'static str]) -> Self {
        for (name, value) in headers.iter() {
            if names.contains(&name) {
                self = self.with(format!("s3:{name}"), Some(value));
            }
        }
        self
    }
}

/// Text that is put at the end of what is there.
struct Appended<'t>(&'t mut String);

impl<'de> DeserializeSeed<'de> for Appended<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Appended<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.push_str(text);
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Headers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("headers")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
                let mut headers = Headers {
                    text: String::with_capacity(512),
                    ends: Vec::with_capacity(map.size_hint().unwrap_or_default()),
                    lengths: 0,
                };
                let mut start = 0;
                while map.next_key_seed(Appended(&mut headers.text))?.is_some() {
                    let middle = headers.text.len();
                    headers.lengths |= length_of(headers.text.get(start..).unwrap_or_default());
                    map.next_value_seed(Appended(&mut headers.text))?;
                    start = headers.text.len();
                    headers.ends.push((middle, start));
                }
                Ok(headers)
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}
