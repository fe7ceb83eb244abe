//! `ListObjectVersions`.

use super::{
    Bucket, Headers,
    asking::{Asking, existing},
    faults, list_objects,
    list_page::{CommonPrefix, Encoding, Seen, Walk},
    names::page_size,
    object::Version,
    owner::Owner,
    restore::RestoreStatus,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Fault, Operation, XmlReply, millis_time},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// `ListObjectVersions`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ListObjectVersions {
    bucket: String,
    #[serde(default)]
    headers: Headers,
    prefix: Option<String>,
    delimiter: Option<String>,
    max_keys: Option<String>,
    key_marker: Option<String>,
    version_id_marker: Option<String>,
    encoding_type: Option<String>,
}

/// `<ListVersionsResult>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListVersionsResult {
    name: String,
    prefix: String,
    key_marker: String,
    version_id_marker: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_key_marker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_version_id_marker: Option<String>,
    max_keys: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_type: Option<&'static str>,
    is_truncated: bool,
    #[serde(rename = "$value")]
    entries: Vec<Entry>,
}

/// Versions and delete markers stand in one order.
#[derive(Debug, Serialize)]
enum Entry {
    Version(VersionEntry),
    DeleteMarker(Marker),
    CommonPrefixes(CommonPrefix),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct VersionEntry {
    key: String,
    version_id: String,
    is_latest: bool,
    last_modified: String,
    #[serde(rename = "ETag")]
    etag: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_algorithm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<&'static str>,
    size: u64,
    owner: Owner,
    #[serde(skip_serializing_if = "Option::is_none")]
    restore_status: Option<RestoreStatus>,
    storage_class: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Marker {
    key: String,
    version_id: String,
    is_latest: bool,
    last_modified: String,
    owner: Owner,
}

impl Entry {
    fn new(
        key: String,
        latest: bool,
        version: &Version,
        (bucket, restored): (&Bucket, Option<Timestamp>),
    ) -> Self {
        let last_modified = millis_time(version.modified);
        let version_id = version.id.to_string();
        match &version.object {
            None => Self::DeleteMarker(Marker {
                key,
                version_id,
                is_latest: latest,
                last_modified,
                owner: Owner::of(&bucket.owner),
            }),
            Some(object) => {
                let checksum = object.checksum.as_ref();
                Self::Version(VersionEntry {
                    key,
                    version_id,
                    is_latest: latest,
                    last_modified,
                    etag: object.quoted_etag(),
                    checksum_algorithm: checksum.map(|checksum| checksum.algorithm.name()),
                    checksum_type: checksum.map(|checksum| checksum.kind.name()),
                    size: object.blob.len(),
                    owner: Owner::of(object.owner(bucket)),
                    restore_status: restored.and_then(|now| RestoreStatus::of(object, now)),
                    storage_class: object.storage_class().to_owned(),
                })
            }
        }
    }
}

/// A page in the making.
#[derive(Default)]
struct Page {
    entries: Vec<Entry>,
    /// The key and version shown last.
    last: (String, Option<String>),
    truncated: bool,
}

impl Operation for ListObjectVersions {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "ListObjectVersions";
    type Output = XmlReply<ListVersionsResult>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let keys = (
            self.prefix.as_deref(),
            self.delimiter.as_deref(),
            self.max_keys.as_deref(),
        );
        let asking = Asking::from(facts);
        Ok(list_objects::demand(asking, "s3:ListBucketVersions", bucket, keys)?.into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<ListVersionsResult>, Fault> {
        let encoding = Encoding::read(self.encoding_type.as_deref())?;
        let most = page_size("max-keys", self.max_keys.as_deref())?;
        let version_marker = self
            .version_id_marker
            .as_deref()
            .filter(|id| !id.is_empty());
        let key_marker = self.key_marker.as_deref().filter(|key| !key.is_empty());
        if let (None, Some(version)) = (key_marker, version_marker) {
            return Err(faults::invalid_argument(
                "A version-id marker cannot be specified without a key marker.",
                "version-id-marker",
                version,
            ));
        }
        let walk = Walk {
            prefix: self.prefix.as_deref().unwrap_or_default(),
            delimiter: list_objects::delimiter(self.delimiter.as_deref()),
            after: key_marker,
        };
        let restored = RestoreStatus::is_asked(&self.headers).then(|| cx.now());
        let page = cx.read(|world| -> Result<Page, Fault> {
            let bucket = world.law.buckets.get(&*self.bucket);
            let bucket = bucket.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
            let shelf = world.shelves.get(&*self.bucket);
            let shelf = shelf.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
            let show = (&**bucket, restored);
            let mut page = Page::default();
            if most == 0 {
                return Ok(page);
            }
            let add = |page: &mut Page, entry: Entry, key: &str, version: Option<&str>| {
                if page.entries.len() == most {
                    page.truncated = true;
                    return ControlFlow::Break(());
                }
                page.entries.push(entry);
                page.last = (key.to_owned(), version.map(str::to_owned));
                ControlFlow::Continue(())
            };
            // The rest of the versions of the key where the last page ended.
            if let (Some(key), Some(marker)) = (key_marker, version_marker) {
                let versions = || shelf.objects.get(key).into_iter().flat_map(|it| it.iter());
                let at = versions().position(|version| &*version.id == marker);
                // Whoever deletes what a page shows deletes the marker too: what is left was not shown yet.
                let rest = versions().enumerate().skip(at.map_or(0, |at| at + 1));
                for (index, version) in rest {
                    let entry = Entry::new(encoding.show(key), index == 0, version, show);
                    if add(&mut page, entry, key, Some(&version.id)).is_break() {
                        return Ok(page);
                    }
                }
            }
            walk.over(
                shelf,
                |_| true,
                |seen| match seen {
                    Seen::Common(common) => {
                        let entry = Entry::CommonPrefixes(CommonPrefix {
                            prefix: encoding.show(common),
                        });
                        add(&mut page, entry, common, None)
                    }
                    Seen::Key(key, versions) => {
                        for (index, version) in versions.iter().enumerate() {
                            let shown = encoding.show(key);
                            let entry = Entry::new(shown, index == 0, version, show);
                            add(&mut page, entry, key, Some(&version.id))?;
                        }
                        ControlFlow::Continue(())
                    }
                },
            );
            Ok(page)
        })?;
        let next = page.truncated.then_some(page.last);
        let (next_key, next_version) = match next {
            Some((key, version)) => (Some(encoding.show(&key)), version),
            None => (None, None),
        };
        let result = ListVersionsResult {
            prefix: encoding.show(walk.prefix),
            key_marker: encoding.show(key_marker.unwrap_or_default()),
            version_id_marker: version_marker.unwrap_or_default().to_owned(),
            next_key_marker: next_key,
            next_version_id_marker: next_version,
            max_keys: most,
            delimiter: walk.delimiter.map(|text| encoding.show(text)),
            encoding_type: encoding.name(),
            is_truncated: page.truncated,
            entries: page.entries,
            name: self.bucket,
        };
        Ok(XmlReply::root("ListVersionsResult", result))
    }
}
