//! The headers of a request, and the condition keys that are made of them.

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use std::fmt;

use crate::gate::Demand;

/// The headers that mean something to S3, by lower-case name, in the order they came.
///
/// A presigned URL may carry `x-amz-…` headers in its query, where they are signed; they count as headers.
#[derive(Debug, Clone, Default)]
pub struct Headers(Vec<(String, String)>);

/// Whether S3 reads this header at all. `Host`, `Date` and the like never reach an operation.
pub(super) fn is_read(name: &str) -> bool {
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
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All values of a header that was sent more than once.
    pub(super) fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h str> + 'h {
        let same = move |(known, _): &&(String, String)| known == name;
        self.0.iter().filter(same).map(|(_, value)| value.as_str())
    }

    /// Every header with its value, in the order they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of the first of these that was sent.
    pub(super) fn first_value(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Whether the header was sent.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// The headers but this one.
    #[must_use]
    pub(super) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    /// The headers that begin with `prefix`: the rest of their names, and their values.
    pub(super) fn under<'h>(
        &'h self,
        prefix: &'h str,
    ) -> impl Iterator<Item = (&'h str, &'h str)> + 'h {
        self.0
            .iter()
            .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// Whether any of these was sent; the first that was.
    pub(super) fn first_of(&self, names: &[&'static str]) -> Option<&'static str> {
        names.iter().copied().find(|name| self.has(name))
    }

    /// Whether the request brings a digest of its body: `Content-MD5`, or a checksum in a header or a trailer.
    pub(super) fn has_digest(&self) -> bool {
        self.has("content-md5")
            || self.has("x-amz-trailer")
            || self.under("x-amz-checksum-").next().is_some()
    }

    /// The ACL headers: a canned ACL or grants.
    pub(super) fn has_acl(&self) -> bool {
        self.has("x-amz-acl") || self.under("x-amz-grant-").next().is_some()
    }
}

impl Demand {
    /// Adds `s3:` + name for every one of these headers that was sent.
    pub(super) fn with_headers(mut self, headers: &Headers, names: &[&'static str]) -> Self {
        for (name, value) in &headers.0 {
            if names.contains(&name.as_str()) {
                self = self.with(format!("s3:{name}"), Some(value.as_str()));
            }
        }
        self
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
                let mut headers = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    headers.push(pair);
                }
                Ok(Headers(headers))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}
