//! `GetObjectAttributes`.

use super::{
    Headers,
    asking::existing,
    checksum::Checksum,
    checksum::Element,
    encryption, faults,
    get_object::http_time,
    object::Object,
    read::{self, Wanted},
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Fault, Operation, XmlReply},
};
use serde::{Deserialize, Serialize};

const KNOWN: &[&str] = &[
    "ETag",
    "Checksum",
    "ObjectParts",
    "StorageClass",
    "ObjectSize",
];

/// `GetObjectAttributes`
#[derive(Debug, Deserialize)]
pub(super) struct GetObjectAttributes {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
}

/// `<GetObjectAttributesResponse>`
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attributes {
    #[serde(rename = "ETag", skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<Sum>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_parts: Option<Parts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_size: Option<u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sum {
    checksum_type: &'static str,
    #[serde(rename = "$value")]
    value: Element,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Parts {
    parts_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    part_number_marker: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_part_number_marker: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_parts: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_truncated: Option<bool>,
    #[serde(rename = "Part")]
    parts: Vec<Part>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Part {
    part_number: usize,
    size: u64,
    #[serde(rename = "$value", skip_serializing_if = "Option::is_none")]
    checksum: Option<Element>,
}

impl Operation for GetObjectAttributes {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "GetObjectAttributes";
    type Output = XmlReply<Attributes>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let read = ("s3:GetObject", "s3:GetObjectVersion");
        let attributes = ("s3:GetObjectAttributes", "s3:GetObjectVersionAttributes");
        Ok(Access::from(wanted.demand(facts, bucket, read))
            .and(wanted.demand(facts, bucket, attributes)))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<Attributes>, Fault> {
        let asked: Vec<&str> = self
            .headers
            .under("x-amz-object-attributes")
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .collect();
        if asked.is_empty() {
            return Err(faults::invalid_request(
                "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
            ));
        }
        if let Some(unknown) = asked.iter().find(|name| !KNOWN.contains(*name)) {
            return Err(faults::invalid_argument(
                "Invalid attribute name specified.",
                "x-amz-object-attributes",
                *unknown,
            ));
        }
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let found = read::find(&cx, wanted, "GET")?;
        let object = &found.object;
        let (encryption, secure) = (&object.extras.encryption, cx.meta().secure);
        encryption.check_read(&self.headers, encryption::OWN, secure)?;
        let has = |name: &str| asked.contains(&name);
        // Here, and only here, a composite checksum comes without the number of its parts.
        let sum = |sum: &Checksum| Sum {
            checksum_type: sum.kind.name(),
            value: sum.without_count().element(),
        };
        let parts = has("ObjectParts") && !object.extras.parts.is_empty();
        let attributes = Attributes {
            etag: has("ETag").then(|| object.etag.to_string()),
            checksum: object
                .checksum
                .as_ref()
                .filter(|_| has("Checksum"))
                .map(sum),
            object_parts: parts.then(|| self.parts(object)).transpose()?,
            storage_class: has("StorageClass").then(|| object.storage_class().to_owned()),
            object_size: has("ObjectSize").then(|| object.blob.len()),
        };
        Ok(XmlReply::root("GetObjectAttributesResponse", attributes)
            .header("last-modified", Some(http_time(found.modified)))
            .header("x-amz-version-id", found.version.as_deref()))
    }
}

impl GetObjectAttributes {
    /// A page of the parts. AWS lists them only where they have checksums of their own.
    fn parts(&self, object: &Object) -> Result<Parts, Fault> {
        let count = object.extras.parts.len();
        let composite = object
            .extras
            .parts
            .iter()
            .all(|(_, checksum)| checksum.is_some());
        if !composite {
            return Ok(Parts {
                parts_count: count,
                part_number_marker: None,
                next_part_number_marker: None,
                max_parts: None,
                is_truncated: None,
                parts: Vec::new(),
            });
        }
        let most = super::names::page_size("max-parts", self.headers.get("x-amz-max-parts"))?;
        let marker = self.headers.get("x-amz-part-number-marker");
        let marker: usize = marker.and_then(|text| text.parse().ok()).unwrap_or(0);
        let page = object
            .extras
            .parts
            .iter()
            .enumerate()
            .skip(marker)
            .take(most);
        let parts: Vec<Part> = page
            .map(|(index, (size, checksum))| Part {
                part_number: index + 1,
                size: *size,
                checksum: checksum.as_ref().map(Checksum::element),
            })
            .collect();
        let last = marker + parts.len();
        Ok(Parts {
            parts_count: count,
            part_number_marker: Some(marker),
            next_part_number_marker: Some(if parts.is_empty() { 0 } else { last }),
            max_parts: Some(most),
            is_truncated: Some(last < count),
            parts,
        })
    }
}
