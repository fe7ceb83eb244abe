//! What is S3's own about a request: addressing styles, headers as parts, and names for what is not served.

use crate::wire::{Fault, Parts, Value};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, Method, header::HOST};
use md5::{Digest as _, Md5};
use std::borrow::Cow;

/// Sub-resources of buckets and objects with the noun in their operations' names. A request that names one
/// is never mistaken for a listing or an object.
/// Source: Amazon S3 API Reference, "Actions".
const SUBRESOURCES: &[(&str, &str)] = &[
    ("abac", "BucketAbac"),
    ("accelerate", "BucketAccelerateConfiguration"),
    ("acl", "Acl"),
    ("analytics", "BucketAnalyticsConfiguration"),
    ("attributes", "ObjectAttributes"),
    ("cors", "BucketCors"),
    ("encryption", "BucketEncryption"),
    (
        "intelligent-tiering",
        "BucketIntelligentTieringConfiguration",
    ),
    ("inventory", "BucketInventoryConfiguration"),
    ("legal-hold", "ObjectLegalHold"),
    ("lifecycle", "BucketLifecycleConfiguration"),
    ("logging", "BucketLogging"),
    ("metadataConfiguration", "BucketMetadataConfiguration"),
    ("metadataTable", "BucketMetadataTableConfiguration"),
    ("metrics", "BucketMetricsConfiguration"),
    ("notification", "BucketNotificationConfiguration"),
    ("object-lock", "ObjectLockConfiguration"),
    ("ownershipControls", "BucketOwnershipControls"),
    ("policyStatus", "BucketPolicyStatus"),
    ("publicAccessBlock", "PublicAccessBlock"),
    ("renameObject", "RenameObject"),
    ("replication", "BucketReplication"),
    ("requestPayment", "BucketRequestPayment"),
    ("restore", "RestoreObject"),
    ("retention", "ObjectRetention"),
    ("select", "SelectObjectContent"),
    ("session", "Session"),
    ("tagging", "Tagging"),
    ("torrent", "ObjectTorrent"),
    ("versioning", "BucketVersioning"),
    ("versions", "ObjectVersions"),
    ("website", "BucketWebsite"),
];

/// The name of the operation that a request means and rolecall does not serve; none when a row may serve it.
pub(crate) fn unserved_name(
    method: &Method,
    _path: &str,
    query: &[(Cow<'_, str>, Cow<'_, str>)],
    _headers: &HeaderMap,
) -> Option<String> {
    let named = |name: &str| {
        SUBRESOURCES
            .iter()
            .find(|(subresource, _)| *subresource == name)
    };
    let (_, noun) = query.iter().find_map(|(name, _)| named(name))?;
    let verb = match method.as_str() {
        "GET" | "HEAD" => "Get",
        "PUT" | "POST" => "Put",
        "DELETE" => "Delete",
        other => other,
    };
    Some(format!("{verb}{noun}"))
}

/// The path in path style: a bucket in the host name is put in front.
pub(crate) fn path_style<'a>(headers: &HeaderMap, path: &'a str) -> Cow<'a, str> {
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = host.split(':').next().unwrap_or(host);
    let bucket = [".s3.", ".localhost"].into_iter().find_map(|mark| {
        let (bucket, rest) = name.split_once(mark)?;
        let suffix = mark == ".s3." || rest.is_empty();
        (suffix && !bucket.is_empty() && bucket != "s3").then_some(bucket)
    });
    // `s3.localhost` is the endpoint itself, `b.s3.localhost` a bucket below it.
    match bucket {
        Some(bucket) => Cow::Owned(format!("/{bucket}{path}")),
        None => Cow::Borrowed(path),
    }
}

/// All headers become parts under their lower-case names; `x-amz-meta-…` becomes one part of pairs.
pub(crate) fn header_parts<'a>(headers: &'a HeaderMap, parts: &mut Parts<'a>) {
    let mut metadata = Vec::new();
    for (name, value) in headers {
        let text = String::from_utf8_lossy(value.as_bytes());
        match name.as_str().strip_prefix("x-amz-meta-") {
            Some(name) => metadata.push((Cow::Borrowed(name), text)),
            None => parts.text(name.as_str(), text),
        }
    }
    if !metadata.is_empty() {
        parts.add("x-amz-meta", Value::Pairs(metadata));
    }
}

/// Checks `Content-MD5` over a document.
pub(crate) fn check_document(headers: &HeaderMap, body: &[u8]) -> Result<(), Fault> {
    let Some(sent) = headers
        .get("content-md5")
        .and_then(|value| value.to_str().ok())
    else {
        return Ok(());
    };
    let digest = BASE64_STANDARD
        .decode(sent)
        .ok()
        .filter(|digest| digest.len() == 16);
    let Some(digest) = digest else {
        return Err(Fault::service(
            400,
            "InvalidDigest",
            "The Content-MD5 you specified was invalid.",
        )
        .detail("Content-MD5", sent));
    };
    let computed = Md5::digest(body);
    if computed.as_slice() == digest {
        return Ok(());
    }
    Err(Fault::service(
        400,
        "BadDigest",
        "The Content-MD5 you specified did not match what we received.",
    )
    .detail("ExpectedDigest", sent)
    .detail("CalculatedDigest", BASE64_STANDARD.encode(computed)))
}
