//! What a write says of the object besides its content, and what it asks of the policies.

use super::{
    Bucket, Headers, acl,
    asking::Asking,
    encryption::{self, Encryption},
    faults,
    headers::{ACL_KEYS, WRITE_KEYS},
    lock::{self, Lock},
    metadata,
    object::{Extras, Object},
    tags::{self, Tag},
};
use crate::{
    gate::{Access, Demand, Granted},
    wire::Fault,
    world::Word,
};
use rolecall_policy::Origin;

/// Content headers that come back with the object.
pub(super) const KEPT: &[&str] = &[
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
    "x-amz-website-redirect-location",
];

const STORAGE_CLASSES: &[&str] = &[
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
];

/// Metadata may have 2 KB. Source: S3 User Guide, "Working with object metadata".
const LARGEST_METADATA: usize = 2 * 1024;

/// What a write may ask of S3 and not of rolecall. Passed over, the object would be less than its writer believes.
const NOT_SERVED: &[&str] = &[
    // An append, which directory buckets have and others answer so.
    "x-amz-write-offset-bytes",
    "x-amz-object-lock-event-hold",
    "x-amz-object-lock-event-hold-duration-days",
    "x-amz-object-lock-event-hold-duration-years",
];

/// The content headers of a write, and what else its headers say of the object.
fn read(headers: &Headers, tags: &[Tag]) -> Result<(Vec<(Word, String)>, Extras), Fault> {
    let metadata: Vec<_> = headers
        .under("x-amz-meta-")
        .map(|(name, value)| (name.to_owned(), metadata::decode(value).into_owned()))
        .collect();
    let size: usize = metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if size > LARGEST_METADATA {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(Fault::service(400, "MetadataTooLarge", message)
            .detail("Size", size.to_string())
            .detail("MaxSizeAllowed", LARGEST_METADATA.to_string()));
    }
    let kept = KEPT.iter().filter_map(|name| {
        let value = headers.get(name)?;
        // How the content travelled is not how it is stored.
        let value = match *name {
            "content-encoding" if value.contains("chunked") => without_chunked(value),
            _ => value.to_owned(),
        };
        (!value.is_empty()).then_some((*name, value))
    });
    let extras = Extras {
        metadata,
        tags: tags::pairs(tags),
        storage_class: storage_class(headers)?,
        ..Extras::default()
    };
    Ok((kept.collect(), extras))
}

fn without_chunked(value: &str) -> String {
    let codings: Vec<_> = value
        .split(',')
        .map(str::trim)
        .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    codings.join(", ")
}

fn storage_class(headers: &Headers) -> Result<Option<String>, Fault> {
    let Some(class) = headers.get("x-amz-storage-class") else {
        return Ok(None);
    };
    if !STORAGE_CLASSES.contains(&class) {
        let message = "The storage class you specified is not valid";
        return Err(Fault::service(400, "InvalidStorageClass", message)
            .detail("StorageClassRequested", class));
    }
    Ok((class != "STANDARD").then(|| class.to_owned()))
}

/// An object without content, from the headers of a write to this bucket and key.
pub(super) fn of_write<O>(
    cx: &Granted<'_, O>,
    (name, key): (&str, &str),
    headers: &Headers,
    tags: &[Tag],
) -> Result<Object, Fault> {
    let bucket = cx.read(|world| world.law.buckets.get(name).cloned());
    let bucket = bucket.ok_or_else(|| faults::no_such_bucket(name))?;
    if let Some(header) = NOT_SERVED.iter().find(|header| headers.has(header)) {
        return Err(faults::not_implemented(header));
    }
    encryption::check_blocked(headers, &bucket, key, cx.caller())?;
    let encryption = Encryption::of_write(headers, &bucket, cx.account(), cx.meta())?;
    let lock = Lock::of_write(headers, &bucket, cx.now())?;
    let (owner, acl) = acl::of_new_object(cx, &bucket, headers)?;
    let (headers, extras) = read(headers, tags)?;
    let extras = Extras {
        acl,
        encryption,
        lock,
        ..extras
    };
    Ok(Object {
        headers,
        owner,
        extras: extras.into(),
        ..Object::default()
    })
}

/// Asks for `s3:PutObject` with all its keys. `creates` is whether the object is there afterwards.
pub(super) fn put_demand(
    asking: Asking<'_>,
    bucket: &Bucket,
    key: &str,
    headers: &Headers,
    tags: &[Tag],
    creates: bool,
) -> Demand {
    let demand = asking.object("s3:PutObject", bucket, key);
    with_request_tags(demand, tags)
        .with("s3:ObjectCreationOperation", Some(creates))
        .with_headers(headers, WRITE_KEYS)
        .with_lock(headers, asking.at())
}

/// `s3:PutObject` and whatever else the headers of a write ask for.
pub(super) fn write_access(
    asking: Asking<'_>,
    bucket: &Bucket,
    key: &str,
    headers: &Headers,
    tags: &[Tag],
    creates: bool,
) -> Access {
    let mut access = Access::from(put_demand(asking, bucket, key, headers, tags, creates));
    if headers.has_acl() {
        let demand = asking.object("s3:PutObjectAcl", bucket, key);
        access = access.and(demand.with_headers(headers, ACL_KEYS));
    }
    if headers.has("x-amz-tagging") {
        let demand = asking.object("s3:PutObjectTagging", bucket, key);
        access = access.and(with_request_tags(demand, tags));
    }
    for demand in lock::demands(asking, bucket, key, headers) {
        access = access.and(demand);
    }
    // What is wrong with the headers is told once the write is allowed.
    let encryption = asking.encryption_of_write(headers, bucket);
    if let Some(demand) = encryption.and_then(|it| asking.key("kms:GenerateDataKey", &it)) {
        access = access.and(demand);
    }
    access
}

/// `s3:RequestObjectTag/…` and `s3:RequestObjectTagKeys`.
pub(super) fn with_request_tags(demand: Demand, tags: &[Tag]) -> Demand {
    let keys: Vec<String> = tags.iter().map(|tag| tag.key.clone()).collect();
    demand
        .with_tags(
            Origin::Request,
            "s3:RequestObjectTag/",
            tags.iter().map(|tag| (&tag.key, &tag.value)),
        )
        .with(
            "s3:RequestObjectTagKeys",
            (!keys.is_empty()).then_some(keys),
        )
}
