//! `CopyObject`.

use super::{
    Headers, annotations,
    asking::{Asking, existing},
    attributes::{self, with_request_tags},
    checksum::{Algorithm, Checksum, Element, Hasher, Kind},
    configurations::{default_encryption, expiration_of_new},
    copy_source::Source,
    etag::Etag,
    faults, names,
    object::{Object, told_after_upload},
    put_object::publish,
    read::Found,
    tags::{self, Tag},
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Fault, Operation, XmlReply, millis_time},
    world::Blob,
};
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

/// `CopyObject`
#[derive(Debug, Deserialize)]
pub(super) struct CopyObject {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    /// What the policies were asked to let come along.
    #[serde(skip)]
    asked: OnceLock<Along>,
}

/// What comes along with a copy, each with permissions of its own.
#[derive(Debug, Default, PartialEq, Eq)]
struct Along {
    tags: Vec<(String, String)>,
    annotations: bool,
}

/// `<CopyObjectResult>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CopyObjectResult {
    #[serde(rename = "ETag")]
    etag: String,
    last_modified: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<&'static str>,
    #[serde(rename = "$value", skip_serializing_if = "Option::is_none")]
    checksum: Option<Element>,
}

/// `COPY` or `REPLACE`.
fn replaces(headers: &Headers, header: &'static str) -> Result<bool, Fault> {
    match headers.get(header) {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(other) => {
            let what = if header.contains("tagging") {
                "tagging"
            } else {
                "metadata"
            };
            Err(faults::invalid_argument(
                format!("Unknown {what} directive."),
                header,
                other,
            ))
        }
    }
}

impl CopyObject {
    /// The tags that the request brings along.
    fn new_tags(&self) -> Result<Option<Vec<Tag>>, Fault> {
        if !replaces(&self.headers, "x-amz-tagging-directive")? {
            return Ok(None);
        }
        tags::from_header(self.headers.get("x-amz-tagging")).map(Some)
    }

    /// Whether the annotations of the source come along, as they do unless the request says otherwise.
    fn copies_annotations(&self) -> Result<bool, Fault> {
        let header = "x-amz-object-annotation-directive";
        match self.headers.get(header) {
            None | Some("COPY") => Ok(true),
            Some("EXCLUDE") => Ok(false),
            Some(other) => {
                let message = "Unknown annotation directive.";
                Err(faults::invalid_argument(message, header, other))
            }
        }
    }

    /// What comes along from the source.
    fn along(&self, source: Option<&Object>) -> Result<Along, Fault> {
        let Some(source) = source else {
            return Ok(Along::default());
        };
        let tags = match replaces(&self.headers, "x-amz-tagging-directive")? {
            true => Vec::new(),
            false => source.extras.tags.clone(),
        };
        let annotations = self.copies_annotations()? && !source.extras.annotations.is_empty();
        Ok(Along { tags, annotations })
    }

    /// A copy onto itself must change something. In a bucket whose encryption somebody set, S3 does not ask what.
    fn check_itself(&self, source: &Source, found: &Found, copy: &Object) -> Result<(), Fault> {
        let changes = [
            "x-amz-storage-class",
            "x-amz-website-redirect-location",
            "x-amz-server-side-encryption",
            "x-amz-server-side-encryption-customer-algorithm",
        ];
        let itself = source.bucket == self.bucket && source.key == self.key;
        if itself
            && source.version.is_none()
            && !replaces(&self.headers, "x-amz-metadata-directive")?
            && self.headers.first_of(&changes).is_none()
            && default_encryption(&found.bucket).is_none()
            && copy.extras.encryption == found.object.extras.encryption
        {
            return Err(faults::invalid_request(
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
            ));
        }
        Ok(())
    }

    /// What the request itself says of the copy.
    fn attributes(&self, cx: &Granted<'_, Self>) -> Result<Object, Fault> {
        let tags = self.new_tags()?.unwrap_or_default();
        attributes::of_write(cx, (&self.bucket, &self.key), &self.headers, &tags)
    }

    /// Adds what comes along from the source.
    fn carry_over(&self, mut object: Object, source: &Object) -> Result<Object, Fault> {
        if !replaces(&self.headers, "x-amz-metadata-directive")? {
            // The redirect and the storage class never come from the source.
            let redirect = "x-amz-website-redirect-location";
            let own = object
                .headers
                .into_iter()
                .filter(|(name, _)| *name == redirect);
            let kept = source.headers.iter().filter(|(name, _)| *name != redirect);
            object.headers = kept.cloned().chain(own).collect();
            object
                .extras
                .change(|extras| extras.metadata.clone_from(&source.extras.metadata));
        }
        if !replaces(&self.headers, "x-amz-tagging-directive")? {
            object
                .extras
                .change(|extras| extras.tags.clone_from(&source.extras.tags));
        }
        if self.copies_annotations()? && !source.extras.annotations.is_empty() {
            if object.extras.encryption.is_customers() {
                return Err(annotations::not_under_customers_keys());
            }
            let annotations = source.extras.annotations.clone();
            object
                .extras
                .change(|extras| extras.annotations = annotations);
        }
        Ok(object)
    }
}

impl Operation for CopyObject {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "CopyObject";
    type Output = XmlReply<CopyObjectResult>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        names::check_key(&self.key)?;
        let source = Source::read(&self.headers)?;
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let from = source.bucket(facts, &self.headers)?;
        let new_tags = self.new_tags()?;
        let asking = Asking::from(facts);
        let mut access = source.access(facts, from);
        // Tags that stay where they are said to be are not part of the request.
        let mut headers = self.headers.clone();
        if new_tags.is_none() {
            headers = headers.without("x-amz-tagging");
        }
        let tags = new_tags.as_deref().unwrap_or_default();
        match attributes::write_access(asking, bucket, &self.key, &headers, tags, true) {
            Access::All(demands) => {
                for demand in demands {
                    access = access.and(demand);
                }
            }
            other => return Ok(other),
        }
        let object = facts.object(&source.bucket, &source.key, source.version.as_deref());
        let along = self.along(object.map(|object| &**object))?;
        if !along.tags.is_empty() {
            let actions = ("s3:GetObjectTagging", "s3:GetObjectVersionTagging");
            let read = source.wanted().demand(facts, from, actions);
            let copied: Vec<Tag> = along
                .tags
                .iter()
                .map(|(key, value)| Tag {
                    key: key.clone(),
                    value: value.clone(),
                })
                .collect();
            let write = asking.object("s3:PutObjectTagging", bucket, &self.key);
            access = access.and(read).and(with_request_tags(write, &copied));
        }
        if along.annotations {
            let actions = ("s3:GetObjectAnnotation", "s3:GetObjectVersionAnnotation");
            let read = source.wanted().demand(facts, from, actions);
            let write = asking.object("s3:PutObjectAnnotation", bucket, &self.key);
            access = access.and(read).and(write);
        }
        self.asked.get_or_init(|| along);
        Ok(access)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<CopyObjectResult>, Fault> {
        let headers = &self.headers;
        super::conditions::check_write_headers(headers)?;
        let source = Source::read(headers)?;
        let attributes = self.attributes(&cx)?;
        let asked = headers.get("x-amz-checksum-algorithm");
        let asked = asked.map(Algorithm::parse).transpose()?;
        let found = source.find(&cx, headers)?;
        // The source may have changed since. AWS says of annotations that the answer can be tried again after.
        if self.asked.get() != Some(&self.along(Some(&found.object))?) {
            return Err(faults::changed_meanwhile());
        }
        self.check_itself(&source, &found, &attributes)?;
        let attributes = self.carry_over(attributes, &found.object)?;
        let (etag, checksum) = sums(&found.object, asked).await?;
        let object = Arc::new(Object {
            blob: found.object.blob.clone(),
            etag,
            checksum,
            ..attributes
        });
        let version = publish(&cx, &self.bucket, &self.key, headers, object.clone())?;
        let result = CopyObjectResult {
            etag: object.quoted_etag(),
            last_modified: millis_time(whole_second(cx.now())),
            checksum_type: object.checksum.as_ref().map(|sum| sum.kind.name()),
            checksum: object.checksum.as_ref().map(Checksum::element),
        };
        let expiration = expiration_of_new(&cx, &self.bucket, &self.key, &object);
        let reply = XmlReply::root("CopyObjectResult", result);
        Ok(object
            .extras
            .encryption
            .show(reply)
            .header("x-amz-expiration", expiration)
            .header(
                "x-amz-copy-source-version-id",
                told_after_upload(&found.version),
            )
            .header("x-amz-version-id", version.as_deref()))
    }
}

/// S3 keeps whole seconds.
pub(super) fn whole_second(at: jiff::Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// ETag and checksum of a copy: a copy has no parts, so what was made of parts is made anew.
async fn sums(
    source: &Object,
    asked: Option<Algorithm>,
) -> Result<(Etag, Option<Checksum>), Fault> {
    let etag = match source.extras.parts.is_empty() {
        true => source.etag,
        false => {
            let mut md5 = Md5::new();
            each_piece(&source.blob, |piece| md5.update(piece)).await?;
            Etag::whole(md5.finalize().into())
        }
    };
    let kept = source.checksum.as_ref();
    let algorithm = asked
        .or(kept.map(|sum| sum.algorithm))
        .unwrap_or(Algorithm::Crc64Nvme);
    let same = |sum: &&Checksum| sum.algorithm == algorithm && sum.kind == Kind::FullObject;
    if let Some(sum) = kept.filter(same) {
        return Ok((etag, Some(sum.clone())));
    }
    let mut hasher = Hasher::new(algorithm);
    each_piece(&source.blob, |piece| hasher.update(piece)).await?;
    Ok((etag, Some(Checksum::full(algorithm, &hasher.finish()))))
}

/// Shows all content in order.
pub(super) async fn each_piece(blob: &Blob, each: impl FnMut(&[u8])) -> Result<(), Fault> {
    let read = blob.each(each).await;
    read.map_err(|error| Fault::Internal(format!("read the content: {error}")))
}
