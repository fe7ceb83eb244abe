//! `ListObjects` and `ListObjectsV2`.

use super::{
    Bucket, Headers,
    asking::{Asking, existing},
    faults,
    list_page::{CommonPrefix, Encoding, Seen, Walk, decode_token, token},
    names::page_size,
    object::{Object, Version},
    owner::Owner,
    restore::RestoreStatus,
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Fault, Operation, XmlReply, millis_time},
};
use jiff::Timestamp;
use rolecall_policy::Origin;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// `ListObjects`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ListObjects {
    bucket: String,
    #[serde(default)]
    headers: Headers,
    prefix: Option<String>,
    delimiter: Option<String>,
    max_keys: Option<String>,
    marker: Option<String>,
    encoding_type: Option<String>,
}

/// `ListObjectsV2`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ListObjectsV2 {
    bucket: String,
    #[serde(default)]
    headers: Headers,
    prefix: Option<String>,
    delimiter: Option<String>,
    max_keys: Option<String>,
    start_after: Option<String>,
    continuation_token: Option<String>,
    fetch_owner: Option<String>,
    encoding_type: Option<String>,
}

/// An object in a listing.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Contents {
    key: String,
    last_modified: String,
    #[serde(rename = "ETag")]
    etag: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_algorithm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<&'static str>,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<Owner>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restore_status: Option<RestoreStatus>,
    storage_class: String,
}

/// `<ListBucketResult>` of version 1.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListResult {
    name: String,
    prefix: String,
    marker: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    max_keys: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_type: Option<&'static str>,
    is_truncated: bool,
    contents: Vec<Contents>,
    common_prefixes: Vec<CommonPrefix>,
}

/// `<ListBucketResult>` of version 2.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListResultV2 {
    name: String,
    prefix: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_continuation_token: Option<String>,
    key_count: usize,
    max_keys: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_type: Option<&'static str>,
    is_truncated: bool,
    contents: Vec<Contents>,
    common_prefixes: Vec<CommonPrefix>,
}

/// Asks to list, with the three keys of listings.
pub(super) fn demand(
    asking: Asking<'_>,
    action: &'static str,
    bucket: &Bucket,
    (prefix, delimiter, max_keys): (Option<&str>, Option<&str>, Option<&str>),
) -> Result<Demand, Fault> {
    let sent = page_size("max-keys", max_keys)?;
    let origin = match max_keys {
        Some(_) => Origin::Request,
        None => Origin::Choice("1000 where the request has no `max-keys`"),
    };
    // The key is what was sent, not what comes of it.
    let number = max_keys
        .and_then(|text| text.parse().ok())
        .unwrap_or(sent as f64);
    // `prefix=` is a key with an empty value; without `prefix` there is no key.
    Ok(asking
        .bucket(action, bucket)
        .with("s3:prefix", prefix)
        .with("s3:delimiter", delimiter)
        .with_from(origin, "s3:max-keys", Some(number)))
}

/// A page in the making.
pub(super) struct Page {
    contents: Vec<Contents>,
    common_prefixes: Vec<CommonPrefix>,
    /// The last key or prefix shown.
    last: Option<String>,
    truncated: bool,
}

/// What a page shows of each object.
#[derive(Clone, Copy)]
struct Show<'a> {
    encoding: Encoding,
    /// The bucket, if owners are shown.
    owner: Option<&'a Bucket>,
    /// When, if it is shown whether archived objects are restored.
    restored: Option<Timestamp>,
}

impl Show<'_> {
    fn object(self, key: &str, version: &Version, object: &Object) -> Contents {
        let checksum = object.checksum.as_ref();
        Contents {
            key: self.encoding.show(key),
            last_modified: millis_time(version.modified),
            etag: object.quoted_etag(),
            checksum_algorithm: checksum.map(|checksum| checksum.algorithm.name()),
            checksum_type: checksum.map(|checksum| checksum.kind.name()),
            size: object.blob.len(),
            owner: self.owner.map(|bucket| Owner::of(object.owner(bucket))),
            restore_status: self.restored.and_then(|now| RestoreStatus::of(object, now)),
            storage_class: object.storage_class().to_owned(),
        }
    }
}

fn page<O: Operation>(
    cx: &Granted<'_, O>,
    bucket: &str,
    walk: Walk<'_>,
    most: usize,
    encoding: Encoding,
    owners: bool,
    headers: &Headers,
) -> Result<Page, Fault> {
    let restored = RestoreStatus::is_asked(headers).then(|| cx.now());
    cx.read(|world| {
        let settings = world.law.buckets.get(bucket);
        let settings = settings.ok_or_else(|| faults::no_such_bucket(bucket))?;
        let shelf = world.shelves.get(bucket);
        let shelf = shelf.ok_or_else(|| faults::no_such_bucket(bucket))?;
        let show = Show {
            encoding,
            owner: owners.then_some(&**settings),
            restored,
        };
        let mut page = Page {
            contents: Vec::new(),
            common_prefixes: Vec::new(),
            last: None,
            truncated: false,
        };
        if most == 0 {
            return Ok(page);
        }
        let visible = |versions: &super::object::Versions| versions.current().is_some();
        walk.over(shelf, visible, |seen| {
            if page.contents.len() + page.common_prefixes.len() == most {
                page.truncated = true;
                return ControlFlow::Break(());
            }
            match seen {
                Seen::Key(key, versions) => {
                    if let Some((version, object)) = versions.current() {
                        page.contents.push(show.object(key, version, object));
                        page.last = Some(key.to_owned());
                    }
                }
                Seen::Common(common) => {
                    page.common_prefixes.push(CommonPrefix {
                        prefix: encoding.show(common),
                    });
                    page.last = Some(common.to_owned());
                }
            }
            ControlFlow::Continue(())
        });
        Ok(page)
    })
}

/// An empty delimiter is none.
pub(super) fn delimiter(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

impl Operation for ListObjects {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "ListObjects";
    type Output = XmlReply<ListResult>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let keys = (
            self.prefix.as_deref(),
            self.delimiter.as_deref(),
            self.max_keys.as_deref(),
        );
        Ok(demand(Asking::from(facts), "s3:ListBucket", bucket, keys)?.into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<ListResult>, Fault> {
        let encoding = Encoding::read(self.encoding_type.as_deref())?;
        let most = page_size("max-keys", self.max_keys.as_deref())?;
        let walk = Walk {
            prefix: self.prefix.as_deref().unwrap_or_default(),
            delimiter: delimiter(self.delimiter.as_deref()),
            after: self.marker.as_deref().filter(|marker| !marker.is_empty()),
        };
        let page = page(&cx, &self.bucket, walk, most, encoding, true, &self.headers)?;
        let next = page
            .last
            .filter(|_| page.truncated && walk.delimiter.is_some());
        let result = ListResult {
            prefix: encoding.show(walk.prefix),
            marker: encoding.show(self.marker.as_deref().unwrap_or_default()),
            next_marker: next.map(|last| encoding.show(&last)),
            max_keys: most,
            delimiter: walk.delimiter.map(|text| encoding.show(text)),
            encoding_type: encoding.name(),
            is_truncated: page.truncated,
            contents: page.contents,
            common_prefixes: page.common_prefixes,
            name: self.bucket,
        };
        let region = region_of(&cx, &result.name);
        Ok(XmlReply::root("ListBucketResult", result).header("x-amz-bucket-region", region))
    }
}

impl Operation for ListObjectsV2 {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "ListObjectsV2";
    type Output = XmlReply<ListResultV2>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let keys = (
            self.prefix.as_deref(),
            self.delimiter.as_deref(),
            self.max_keys.as_deref(),
        );
        Ok(demand(Asking::from(facts), "s3:ListBucket", bucket, keys)?.into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<ListResultV2>, Fault> {
        let encoding = Encoding::read(self.encoding_type.as_deref())?;
        let most = page_size("max-keys", self.max_keys.as_deref())?;
        let token_last = self.continuation_token.as_deref();
        let token_last = token_last.map(decode_token).transpose()?;
        let start = self.start_after.as_deref().filter(|text| !text.is_empty());
        let walk = Walk {
            prefix: self.prefix.as_deref().unwrap_or_default(),
            delimiter: delimiter(self.delimiter.as_deref()),
            after: token_last.as_deref().or(start),
        };
        let owners = self.fetch_owner.as_deref() == Some("true");
        let page = page(
            &cx,
            &self.bucket,
            walk,
            most,
            encoding,
            owners,
            &self.headers,
        )?;
        let next = page.last.filter(|_| page.truncated);
        let result = ListResultV2 {
            prefix: encoding.show(walk.prefix),
            // Where a page begins is then the token's to say.
            start_after: self
                .start_after
                .as_deref()
                .filter(|_| self.continuation_token.is_none())
                .map(|text| encoding.show(text)),
            continuation_token: self.continuation_token.clone(),
            next_continuation_token: next.map(|last| token(&last)),
            key_count: page.contents.len() + page.common_prefixes.len(),
            max_keys: most,
            delimiter: walk.delimiter.map(|text| encoding.show(text)),
            encoding_type: encoding.name(),
            is_truncated: page.truncated,
            contents: page.contents,
            common_prefixes: page.common_prefixes,
            name: self.bucket,
        };
        let region = region_of(&cx, &result.name);
        Ok(XmlReply::root("ListBucketResult", result).header("x-amz-bucket-region", region))
    }
}

fn region_of<O>(cx: &Granted<'_, O>, bucket: &str) -> Option<String> {
    let region = |world: &crate::world::World| {
        let bucket = world.law.buckets.get(bucket)?;
        Some(bucket.region.to_string())
    };
    cx.read(region)
}
