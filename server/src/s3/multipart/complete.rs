//! `CompleteMultipartUpload`.

use super::{Part, Upload, find, no_such_upload};
use crate::{
    gate::{Access, Facts, Granted},
    s3::{
        Headers,
        asking::{Asking, existing},
        attributes::put_demand,
        checksum::{Algorithm, Checksum, Element, Kind},
        conditions,
        configurations::expiration_of_new,
        content::hex,
        etag::Etag,
        faults, lock,
        object::{Object, Version, told_after_upload},
        version_id,
    },
    wire::{Fault, Operation, XmlReply},
    world::{Blob, Text},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use md5::{Digest as _, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What stays as it is in the address of the answer; even a slash does not.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// All parts but the last have at least 5 MiB.
const SMALLEST: u64 = 5 * 1024 * 1024;

/// `CompleteMultipartUpload`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct CompleteMultipartUpload {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "uploadId")]
    upload: String,
    body: Option<CompletedUpload>,
}

#[derive(Debug, Deserialize)]
struct CompletedUpload {
    #[serde(rename = "Part", default)]
    parts: Vec<CompletedPart>,
}

#[derive(Debug, Deserialize)]
struct CompletedPart {
    #[serde(rename = "PartNumber")]
    number: u16,
    #[serde(rename = "ETag")]
    etag: String,
    #[serde(rename = "ChecksumCRC32")]
    crc32: Option<String>,
    #[serde(rename = "ChecksumCRC32C")]
    crc32c: Option<String>,
    #[serde(rename = "ChecksumCRC64NVME")]
    crc64nvme: Option<String>,
    #[serde(rename = "ChecksumSHA1")]
    sha1: Option<String>,
    #[serde(rename = "ChecksumSHA256")]
    sha256: Option<String>,
    #[serde(rename = "ChecksumSHA512")]
    sha512: Option<String>,
    #[serde(rename = "ChecksumMD5")]
    md5: Option<String>,
}

/// `<CompleteMultipartUploadResult>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::s3) struct Completed {
    location: String,
    bucket: String,
    key: String,
    #[serde(rename = "ETag")]
    etag: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<&'static str>,
    #[serde(rename = "$value", skip_serializing_if = "Option::is_none")]
    checksum: Option<Element>,
}

impl CompletedPart {
    fn checksum(&self, algorithm: Algorithm) -> Option<&str> {
        let value = match algorithm {
            Algorithm::Crc32 => &self.crc32,
            Algorithm::Crc32c => &self.crc32c,
            Algorithm::Crc64Nvme => &self.crc64nvme,
            Algorithm::Sha1 => &self.sha1,
            Algorithm::Sha256 => &self.sha256,
            Algorithm::Sha512 => &self.sha512,
            Algorithm::Md5 => &self.md5,
        };
        value.as_deref()
    }

    /// Whether the part is the one that is meant: a checksum that comes with its number must be its own, and none may
    /// come where the upload asks for none.
    fn means(&self, part: &Part, upload: &Upload) -> bool {
        let Some((asked, _)) = upload.checksum else {
            let mut all = Algorithm::ALL.into_iter();
            return all.all(|algorithm| self.checksum(algorithm).is_none());
        };
        let kept = part.checksum.as_ref().map(|kept| kept.value.as_str());
        self.checksum(asked)
            .is_none_or(|claimed| kept == Some(claimed))
    }

    /// Where the upload asks for a checksum, one of another algorithm never fits.
    fn check_others(&self, upload: &Upload) -> Result<(), Fault> {
        let asked = upload.checksum.map(|(algorithm, _)| algorithm);
        let other = |algorithm: &Algorithm| {
            asked.is_some_and(|asked| asked != *algorithm) && self.checksum(*algorithm).is_some()
        };
        match Algorithm::ALL.into_iter().find(other) {
            None => Ok(()),
            Some(algorithm) => {
                let message = format!(
                    "The {} you specified for part {} did not match what we received.",
                    algorithm.lower(),
                    self.number
                );
                Err(Fault::service(400, "BadDigest", message))
            }
        }
    }
}

impl CompleteMultipartUpload {
    /// The parts as they were named, found and in order.
    fn parts(&self, upload: &Upload) -> Result<Vec<(u16, Arc<Part>)>, Fault> {
        let Some(named) = self.body.as_ref().map(|body| &body.parts) else {
            return Err(faults::invalid_request(
                "You must specify at least one part",
            ));
        };
        if named.is_empty() {
            return Err(faults::malformed_xml());
        }
        if !named.is_sorted_by(|one, next| one.number < next.number) {
            let message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
            return Err(
                Fault::service(400, "InvalidPartOrder", message).detail("UploadId", &*self.upload)
            );
        }
        let mut parts = Vec::with_capacity(named.len());
        for named in named {
            let etag = named.etag.trim_matches('"');
            let part = upload.parts.get(&named.number);
            let part = part
                .filter(|part| hex(&part.md5) == etag && named.means(part, upload))
                .ok_or_else(|| self.invalid_part(named.number, etag))?;
            named.check_others(upload)?;
            if let Some((algorithm, Kind::Composite)) = upload.checksum
                && named.checksum(algorithm).is_none()
            {
                return Err(faults::invalid_request(format!(
                    "The upload was created using a {} checksum. The complete request must include the checksum for each part. It was missing for part {} in the request.",
                    algorithm.lower(),
                    named.number
                )));
            }
            parts.push((named.number, part.clone()));
        }
        let but_last = parts.len() - 1;
        if let Some((number, part)) = parts
            .iter()
            .take(but_last)
            .find(|(_, part)| part.blob.len() < SMALLEST)
        {
            let message = "Your proposed upload is smaller than the minimum allowed size";
            return Err(Fault::service(400, "EntityTooSmall", message)
                .detail("ProposedSize", part.blob.len().to_string())
                .detail("MinSizeAllowed", SMALLEST.to_string())
                .detail("PartNumber", number.to_string())
                .detail("ETag", hex(&part.md5)));
        }
        Ok(parts)
    }

    /// The answer to whoever completes an upload again: the object that it made, as long as that is there.
    /// Source: S3 User Guide, "Uploading and copying objects using multipart upload", CompleteMultipartUpload.
    fn again(&self, cx: &Granted<'_, Self>) -> Option<XmlReply<Completed>> {
        let (object, version) = cx.read(|world| {
            let bucket = world.law.buckets.get(&*self.bucket)?;
            let mut versions = world
                .shelves
                .get(&*self.bucket)?
                .objects
                .get(&*self.key)?
                .iter();
            let made = |version: &&Version| {
                let object = version.object.as_ref();
                object.is_some_and(|object| object.extras.upload.as_deref() == Some(&*self.upload))
            };
            let found = versions.find(made)?;
            let version = bucket.versioning.map(|_| found.id.clone());
            Some((found.object.clone()?, version))
        })?;
        Some(self.reply(cx, &object, version))
    }

    fn reply(
        &self,
        cx: &Granted<'_, Self>,
        object: &Object,
        version: Option<Text>,
    ) -> XmlReply<Completed> {
        let result = Completed {
            location: format!(
                "https://{}.s3.{}.amazonaws.com/{}",
                self.bucket,
                cx.meta().region,
                utf8_percent_encode(&self.key, IN_PATH)
            ),
            bucket: self.bucket.clone(),
            key: self.key.clone(),
            etag: object.quoted_etag(),
            checksum_type: object.checksum.as_ref().map(|sum| sum.kind.name()),
            checksum: object.checksum.as_ref().map(Checksum::element),
        };
        let reply = XmlReply::root("CompleteMultipartUploadResult", result);
        let expiration = expiration_of_new(cx, &self.bucket, &self.key, object);
        object
            .extras
            .encryption
            .show(reply)
            .header("x-amz-expiration", expiration)
            .header("x-amz-version-id", told_after_upload(&version))
    }

    fn invalid_part(&self, number: u16, etag: &str) -> Fault {
        let message = "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
        Fault::service(400, "InvalidPart", message)
            .detail("UploadId", &*self.upload)
            .detail("PartNumber", number.to_string())
            .detail("ETag", etag)
    }

    /// `x-amz-checksum-type` must say what the upload was created with.
    fn check_kind(&self, upload: &Upload) -> Result<(), Fault> {
        let kind = upload.checksum.map_or("null", |(_, kind)| kind.name());
        match self.headers.get("x-amz-checksum-type") {
            Some(sent) if sent != kind => Err(faults::invalid_request(format!(
                "The upload was created using the {kind} checksum mode. The complete request must use the same checksum mode."
            ))),
            _ => Ok(()),
        }
    }

    /// The checksum and the size that the request announces for the whole object.
    fn check_whole(&self, upload: &Upload, checksum: &Checksum, size: u64) -> Result<(), Fault> {
        let algorithm = checksum.algorithm;
        let sent = self.headers.get(algorithm.header());
        // Of an upload that asks for the checksum of the whole, S3 takes one only by that name: without
        // a type it stands for parts. CRC64NVME has no other kind.
        let whole = upload.checksum == Some((algorithm, Kind::FullObject))
            && self.headers.checksums().next().is_some();
        let named = whole
            && algorithm != Algorithm::Crc64Nvme
            && self.headers.get("x-amz-checksum-type").is_none();
        let other = whole && sent.is_none();
        if named || other || sent.is_some_and(|sent| sent != checksum.value) {
            let message = format!(
                "The {} you specified did not match the calculated checksum.",
                algorithm.lower()
            );
            return Err(Fault::service(400, "BadDigest", message));
        }
        match self.headers.get("x-amz-mp-object-size") {
            Some(sent) if sent.parse() != Ok(size) => Err(faults::invalid_request(format!(
                "The provided 'x-amz-mp-object-size' header value {sent} does not match what was computed: {size}"
            ))),
            _ => Ok(()),
        }
    }
}

/// The object that the parts make.
fn assemble(id: &str, upload: &Upload, parts: &[(u16, Arc<Part>)]) -> Result<Object, Fault> {
    let mut md5 = Md5::new();
    let mut pieces = Vec::new();
    let mut sizes = Vec::with_capacity(parts.len());
    for (_, part) in parts {
        md5.update(part.md5);
        pieces.extend_from_slice(part.blob.pieces());
        // What a client sums without being asked is not kept, nor are the pieces of a checksum of the whole.
        let own = match upload.checksum {
            Some((_, Kind::Composite)) => part.checksum.clone(),
            _ => None,
        };
        sizes.push((part.blob.len(), own));
    }
    let mut object = Object {
        blob: Blob::new(pieces),
        etag: Etag::of_parts(md5.finalize().into(), parts.len()),
        checksum: whole_checksum(upload, parts)?,
        ..upload.attributes.clone()
    };
    object.extras.change(|extras| {
        extras.parts = sizes;
        extras.upload = Some(id.into());
    });
    Ok(object)
}

/// The checksum of the object. Under a customer's key S3 makes none of its own.
fn whole_checksum(upload: &Upload, parts: &[(u16, Arc<Part>)]) -> Result<Option<Checksum>, Fault> {
    if upload.checksum.is_none() && upload.attributes.extras.encryption.is_customers() {
        return Ok(None);
    }
    let made = checksum(upload, parts);
    let lost = || Fault::Internal("put the checksums of the parts together".to_owned());
    made.ok_or_else(lost).map(Some)
}

/// Of the whole: the parts' CRCs combined. Composite: the checksum of the parts' checksums.
fn checksum(upload: &Upload, parts: &[(u16, Arc<Part>)]) -> Option<Checksum> {
    let (algorithm, kind) = upload
        .checksum
        .unwrap_or((Algorithm::Crc64Nvme, Kind::FullObject));
    let of_part = |part: &Part| {
        let kept = match upload.checksum {
            Some(_) => part.checksum.as_ref()?,
            None => &part.crc64,
        };
        algorithm.decode(&kept.value)
    };
    let sums: Option<Vec<Vec<u8>>> = parts.iter().map(|(_, part)| of_part(part)).collect();
    let sums = sums?;
    match (kind, algorithm.crc()) {
        (Kind::FullObject, Some(crc)) => {
            let number = |bytes: &[u8]| {
                bytes
                    .iter()
                    .fold(0u64, |all, byte| all << 8 | u64::from(*byte))
            };
            let mut whole: Option<u64> = None;
            for (sum, (_, part)) in sums.iter().zip(parts) {
                let next = number(sum);
                whole = Some(match whole {
                    None => next,
                    Some(before) => crc_fast::checksum_combine(crc, before, next, part.blob.len()),
                });
            }
            Some(Checksum::full(algorithm, &algorithm.crc_bytes(whole?)))
        }
        _ => {
            let bytes = algorithm.of(sums.iter().map(Vec::as_slice));
            Some(Checksum {
                algorithm,
                kind: Kind::Composite,
                value: format!("{}-{}", BASE64_STANDARD.encode(bytes), parts.len()),
            })
        }
    }
}

impl Operation for CompleteMultipartUpload {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "CompleteMultipartUpload";
    type Output = XmlReply<Completed>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let asking = Asking::from(facts);
        let access = Access::from(put_demand(
            asking,
            bucket,
            &self.key,
            &self.headers,
            &[],
            true,
        ));
        Ok(match self.headers.has("if-match") {
            true => access.and(asking.object("s3:GetObject", bucket, &self.key)),
            false => access,
        })
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<Completed>, Fault> {
        conditions::check_write_headers(&self.headers)?;
        let upload = match find(&cx, &self.bucket, &self.key, &self.upload) {
            Ok(upload) => upload,
            Err(gone) => return self.again(&cx).ok_or(gone),
        };
        self.check_kind(&upload)?;
        let parts = self.parts(&upload)?;
        let object = Arc::new(assemble(&self.upload, &upload, &parts)?);
        if let Some(checksum) = &object.checksum {
            self.check_whole(&upload, checksum, object.blob.len())?;
        }
        let id = version_id::new(cx.ids());
        let version = cx.write(|world| {
            let settings = world.law.buckets.get(&*self.bucket);
            let settings = settings.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
            let versioning = settings.versioning;
            let mut object = object.clone();
            lock::settle(&mut object, settings, cx.now());
            let shelf = super::shelf_mut(world, &self.bucket)?;
            let at = (Text::from(self.key.as_str()), Text::from(&*self.upload));
            // Two completions of one upload: the second finds nothing.
            if !shelf.uploads.contains_key(&at) {
                return Err(no_such_upload(&self.upload));
            }
            conditions::check_write(&self.headers, &self.key, shelf.find(&self.key, None))?;
            let overtaken = shelf
                .uploads
                .get(&at)
                .is_some_and(|upload| upload.overtaken);
            if overtaken {
                conditions::check_no_conflict(&self.headers, &self.key)?;
            }
            shelf.uploads.remove(&at);
            Ok(shelf.put(&self.key, object, versioning, &id, cx.now()))
        })?;
        Ok(self.reply(&cx, &object, version))
    }
}
