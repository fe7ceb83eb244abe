//! `ListParts` and `ListMultipartUploads`.

use super::{Initiator, create::is_id, demand, find};
use crate::{
    gate::{Access, Facts, Granted},
    s3::{
        Headers,
        asking::{Asking, existing},
        checksum::{Checksum, Element},
        content::hex,
        copy_object::whole_second,
        faults,
        list_objects::delimiter,
        list_page::{CommonPrefix, Encoding},
        names::{self, page_size},
        object::Shelf,
        owner::Owner,
    },
    wire::{Fault, Operation, XmlReply, millis_time},
    world::Text,
};
use serde::{Deserialize, Serialize};
use std::ops::Bound;

/// `ListParts`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::s3) struct ListParts {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "uploadId")]
    upload: String,
    max_parts: Option<String>,
    part_number_marker: Option<String>,
}

/// `<ListPartsResult>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::s3) struct ListPartsResult {
    bucket: String,
    key: String,
    upload_id: String,
    initiator: Initiator,
    owner: Owner,
    storage_class: String,
    part_number_marker: u16,
    next_part_number_marker: u16,
    max_parts: usize,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_algorithm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<&'static str>,
    #[serde(rename = "Part")]
    parts: Vec<PartShape>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PartShape {
    part_number: u16,
    last_modified: String,
    #[serde(rename = "ETag")]
    etag: String,
    size: u64,
    #[serde(rename = "$value", skip_serializing_if = "Option::is_none")]
    checksum: Option<Element>,
}

impl Operation for ListParts {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "ListParts";
    type Output = XmlReply<ListPartsResult>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let action = "s3:ListMultipartUploadParts";
        Ok(demand(facts, bucket, &self.key, &self.upload, action).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<ListPartsResult>, Fault> {
        let most = self.max_parts.as_deref().filter(|text| !text.is_empty());
        let most = page_size("max-parts", most)?;
        let marker = match self.part_number_marker.as_deref() {
            None | Some("") => 0,
            Some(text) => {
                let marker = names::number("part-number-marker", text)?;
                u16::try_from(marker).unwrap_or(u16::MAX)
            }
        };
        let upload = find(&cx, &self.bucket, &self.key, &self.upload)?;
        let owner = cx.read(|world| world.law.buckets.get(&*self.bucket).cloned());
        let owner = owner.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
        // What a client sums without being asked is not told.
        let asked = upload.checksum.is_some();
        let mut after = upload.parts.after(Some(&marker));
        let parts: Vec<PartShape> = after
            .by_ref()
            .take(most)
            .map(|(number, part)| PartShape {
                part_number: *number,
                last_modified: millis_time(part.modified),
                etag: format!("\"{}\"", hex(&part.md5)),
                size: part.blob.len(),
                checksum: part
                    .checksum
                    .as_ref()
                    .filter(|_| asked)
                    .map(Checksum::element),
            })
            .collect();
        let truncated = most > 0 && after.next().is_some();
        let result = ListPartsResult {
            bucket: self.bucket,
            key: self.key,
            upload_id: self.upload,
            initiator: Initiator::of(&upload),
            owner: Owner::of(upload.attributes.owner(&owner)),
            storage_class: upload.attributes.storage_class().to_owned(),
            part_number_marker: marker,
            next_part_number_marker: parts.last().map_or(0, |part| part.part_number),
            max_parts: most,
            is_truncated: truncated,
            checksum_algorithm: upload.checksum.map(|(algorithm, _)| algorithm.name()),
            checksum_type: upload.checksum.map(|(_, kind)| kind.name()),
            parts,
        };
        Ok(XmlReply::root("ListPartsResult", result))
    }
}

/// `ListMultipartUploads`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::s3) struct ListMultipartUploads {
    bucket: String,
    #[serde(default)]
    headers: Headers,
    prefix: Option<String>,
    delimiter: Option<String>,
    max_uploads: Option<String>,
    key_marker: Option<String>,
    upload_id_marker: Option<String>,
    encoding_type: Option<String>,
}

/// `<ListMultipartUploadsResult>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::s3) struct ListUploadsResult {
    bucket: String,
    key_marker: String,
    upload_id_marker: String,
    next_key_marker: String,
    next_upload_id_marker: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delimiter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_type: Option<&'static str>,
    max_uploads: usize,
    is_truncated: bool,
    #[serde(rename = "Upload")]
    uploads: Vec<UploadShape>,
    common_prefixes: Vec<CommonPrefix>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct UploadShape {
    key: String,
    upload_id: String,
    initiator: Initiator,
    owner: Owner,
    storage_class: String,
    initiated: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_algorithm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<&'static str>,
}

impl Operation for ListMultipartUploads {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "ListMultipartUploads";
    type Output = XmlReply<ListUploadsResult>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let asking = Asking::from(facts);
        Ok(asking
            .bucket("s3:ListBucketMultipartUploads", bucket)
            .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<ListUploadsResult>, Fault> {
        let encoding = Encoding::read(self.encoding_type.as_deref())?;
        let most = page_size("max-uploads", self.max_uploads.as_deref())?;
        let prefix = self.prefix.as_deref().unwrap_or_default();
        let cut = delimiter(self.delimiter.as_deref());
        let marker = self.key_marker.as_deref().unwrap_or_default();
        let id_marker = self.upload_id_marker.as_deref().unwrap_or_default();
        let mut page = ListUploadsResult {
            bucket: self.bucket.clone(),
            key_marker: encoding.show(marker),
            upload_id_marker: id_marker.to_owned(),
            next_key_marker: String::new(),
            next_upload_id_marker: String::new(),
            prefix: self.prefix.as_deref().map(|text| encoding.show(text)),
            delimiter: cut.map(|text| encoding.show(text)),
            encoding_type: encoding.name(),
            max_uploads: most,
            is_truncated: false,
            uploads: Vec::new(),
            common_prefixes: Vec::new(),
        };
        cx.read(|world| -> Result<(), Fault> {
            let bucket = world.law.buckets.get(&*self.bucket);
            let bucket = bucket.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
            let shelf = world.shelves.get(&*self.bucket);
            let shelf = shelf.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
            check_id_marker(shelf, marker, id_marker)?;
            // Without an id all uploads of the key itself were shown.
            let start = match (marker, id_marker) {
                ("", _) => Bound::Included((Text::from(prefix), Text::default())),
                (key, "") => Bound::Included((Text::from(format!("{key}\0")), Text::default())),
                (key, id) => Bound::Excluded((Text::from(key), Text::from(id))),
            };
            let mut last = (String::new(), String::new());
            let mut shown: Option<String> = None;
            for ((key, id), upload) in shelf.uploads.range((start, Bound::Unbounded)) {
                let Some(rest) = key.strip_prefix(prefix) else {
                    if &**key > prefix { break } else { continue }
                };
                let common = cut.and_then(|cut| {
                    let at = rest.find(cut)?;
                    key.get(..prefix.len() + at + cut.len())
                });
                let again = common.is_some_and(|common| {
                    shown.as_deref() == Some(common) || marker.starts_with(common)
                });
                if again {
                    continue;
                }
                if page.uploads.len() + page.common_prefixes.len() >= most {
                    page.is_truncated = most > 0;
                    break;
                }
                match common {
                    Some(common) => {
                        page.common_prefixes.push(CommonPrefix {
                            prefix: encoding.show(common),
                        });
                        shown = Some(common.to_owned());
                        last = (common.to_owned(), String::new());
                    }
                    None => {
                        page.uploads.push(UploadShape {
                            key: encoding.show(key),
                            upload_id: id.to_string(),
                            initiator: Initiator::of(upload),
                            owner: Owner::of(upload.attributes.owner(bucket)),
                            storage_class: upload.attributes.storage_class().to_owned(),
                            initiated: millis_time(whole_second(upload.initiated)),
                            checksum_algorithm: upload.checksum.map(|(it, _)| it.name()),
                            checksum_type: upload.checksum.map(|(_, kind)| kind.name()),
                        });
                        last = (key.to_string(), id.to_string());
                    }
                }
            }
            // They are told of a last page too, where it ends with an upload. S3 tells none where a page ends with a
            // common prefix; then nobody could go on, so rolecall does (rolecall's choice).
            if page.is_truncated || !last.1.is_empty() {
                page.next_key_marker = encoding.show(&last.0);
                page.next_upload_id_marker = last.1;
            }
            Ok(())
        })?;
        Ok(XmlReply::root("ListMultipartUploadsResult", page))
    }
}

/// The id is one of an upload of the key. One that has ended since the page before still says where to go on, which S3
/// was not asked about (rolecall's choice). Without a key the id means nothing.
fn check_id_marker(shelf: &Shelf, key: &str, id: &str) -> Result<(), Fault> {
    let at = (Text::from(key), Text::from(id));
    if key.is_empty() || id.is_empty() || shelf.uploads.contains_key(&at) {
        return Ok(());
    }
    let of_another = || shelf.uploads.keys().any(|(_, other)| *other == at.1);
    if is_id(id) && !of_another() {
        return Ok(());
    }
    let sentence = "Invalid uploadId marker";
    Err(faults::invalid_argument(sentence, "upload-id-marker", id))
}
