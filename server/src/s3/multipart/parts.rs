//! `UploadPart` and `UploadPartCopy`.

use super::{Part, Upload, find, no_such_upload, part_number, shelf_mut};
use crate::{
    gate::{Access, Facts, Granted},
    s3::{
        Headers,
        asking::{Asking, existing},
        attributes::put_demand,
        checksum::{Algorithm, Checksum, Claim, Element, Hasher},
        content::{self, Wish, hex},
        copy_object::{each_piece, whole_second},
        copy_source::Source,
        faults, lock, range,
    },
    wire::{Fault, Operation, Payload, Room, XmlReply, millis_time},
    world::{Blob, Text},
};
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// `UploadPart`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct UploadPart {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "uploadId")]
    upload: String,
    #[serde(rename = "partNumber")]
    number: String,
    #[serde(skip)]
    payload: Payload,
}

/// `UploadPartCopy`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct UploadPartCopy {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "uploadId")]
    upload: String,
    #[serde(rename = "partNumber")]
    number: String,
}

/// `<CopyPartResult>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::s3) struct CopyPartResult {
    #[serde(rename = "ETag")]
    etag: String,
    last_modified: String,
    #[serde(rename = "$value", skip_serializing_if = "Option::is_none")]
    checksum: Option<Element>,
}

/// Keeps a part; a part of the same number gives way.
fn keep<O>(
    cx: &Granted<'_, O>,
    (bucket, key, upload): (&str, &str, &str),
    number: u16,
    part: Part,
) -> Result<(), Fault> {
    cx.write(|world| {
        let at = (Text::from(key), Text::from(upload));
        let there = shelf_mut(world, bucket)?.uploads.get_mut(&at);
        let there = there.ok_or_else(|| no_such_upload(upload))?;
        Arc::make_mut(there).parts.insert(number, Arc::new(part));
        Ok(())
    })
}

impl Operation for UploadPart {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "UploadPart";
    const STREAMS: bool = true;
    type Output = XmlReply<()>;

    fn attach(&mut self, payload: Payload) {
        self.payload = payload;
    }

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let asking = Asking::from(facts);
        Ok(put_demand(asking, bucket, &self.key, &self.headers, &[], false).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let number = part_number(&self.number)?;
        let upload = find(&cx, &self.bucket, &self.key, &self.upload)?;
        check_claim(&upload, &self.headers)?;
        let locks = &upload.attributes.extras.lock;
        lock::check_digest(&cx, &self.bucket, locks, &self.headers, "Put Part")?;
        let encryption = &upload.attributes.extras.encryption;
        encryption.check_part(&self.headers, cx.meta().secure)?;
        let algorithm = upload.checksum.map_or(Algorithm::Crc64Nvme, |(it, _)| it);
        let claimed = Claim::read(&self.headers)?.is_some();
        let wish = Wish {
            otherwise: algorithm,
            crc64: true,
            room: Room::spool(cx.spool(), content::LARGE_PART),
        };
        let content = content::take(self.payload, &self.headers, wish).await?;
        let etag = format!("\"{}\"", hex(&content.md5));
        let checksum = content
            .checksum
            .filter(|_| claimed || upload.checksum.is_some());
        let mut reply = encryption.show(XmlReply::empty().header("etag", Some(etag)));
        if let Some(checksum) = &checksum {
            reply = reply.header(checksum.algorithm.header(), Some(&*checksum.value));
        }
        let part = Part {
            blob: content.blob,
            md5: content.md5,
            checksum,
            crc64: content
                .crc64
                .ok_or_else(|| Fault::Internal("sum a part".to_owned()))?,
            modified: whole_second(cx.now()),
        };
        keep(&cx, (&self.bucket, &self.key, &self.upload), number, part)?;
        Ok(reply)
    }
}

/// A part must bring the checksum that the upload was created with, or none.
fn check_claim(upload: &Upload, headers: &Headers) -> Result<(), Fault> {
    let claim = Claim::read(headers)?;
    match (upload.checksum, claim) {
        (Some((expected, _)), Some(claim)) if claim.algorithm != expected => {
            Err(faults::invalid_request(format!(
                "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                expected.lower(),
                claim.algorithm.lower()
            )))
        }
        _ => Ok(()),
    }
}

impl Operation for UploadPartCopy {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "UploadPartCopy";
    type Output = XmlReply<CopyPartResult>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let source = Source::read(&self.headers)?;
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let from = source.bucket(facts, &self.headers)?;
        let asking = Asking::from(facts);
        let put = put_demand(asking, bucket, &self.key, &self.headers, &[], false);
        Ok(source.access(facts, from).and(put))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<CopyPartResult>, Fault> {
        let number = part_number(&self.number)?;
        let upload = find(&cx, &self.bucket, &self.key, &self.upload)?;
        let encryption = &upload.attributes.extras.encryption;
        encryption.check_part(&self.headers, cx.meta().secure)?;
        let found = Source::read(&self.headers)?.find(&cx, &self.headers)?;
        let source = &found.object.blob;
        let range = range::of_source(self.headers.get("x-amz-copy-source-range"), source.len())?;
        let blob = Blob::new(source.slice(range).into());
        let mut md5 = Md5::new();
        let mut crc64 = Hasher::new(Algorithm::Crc64Nvme);
        let mut hasher = upload
            .checksum
            .map(|(algorithm, _)| (algorithm, Hasher::new(algorithm)));
        each_piece(&blob, |piece| {
            md5.update(piece);
            crc64.update(piece);
            if let Some((_, hasher)) = &mut hasher {
                hasher.update(piece);
            }
        })
        .await?;
        let checksum =
            hasher.map(|(algorithm, hasher)| Checksum::full(algorithm, &hasher.finish()));
        let md5: [u8; 16] = md5.finalize().into();
        let result = CopyPartResult {
            etag: format!("\"{}\"", hex(&md5)),
            last_modified: millis_time(whole_second(cx.now())),
            checksum: checksum.as_ref().map(Checksum::element),
        };
        let part = Part {
            crc64: Checksum::full(Algorithm::Crc64Nvme, &crc64.finish()),
            blob,
            md5,
            checksum,
            modified: whole_second(cx.now()),
        };
        keep(&cx, (&self.bucket, &self.key, &self.upload), number, part)?;
        let reply = XmlReply::root("CopyPartResult", result);
        Ok(encryption
            .show(reply)
            .header("x-amz-copy-source-version-id", found.version.as_deref()))
    }
}
