//! `CreateMultipartUpload` and `AbortMultipartUpload`.

use super::{Upload, demand, no_such_upload, shelf_mut};
use crate::{
    gate::{Access, Caller, Facts, Granted, Who},
    s3::{
        Headers,
        asking::{Asking, existing},
        attributes,
        checksum::{Algorithm, Kind},
        faults, names, tags,
    },
    wire::{Fault, Operation, XmlReply},
    world::{Ids, Map, Text},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most uploads under way in a bucket. rolecall's choice; S3 has no limit.
const MOST: usize = 10_000;

/// `CreateMultipartUpload`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct CreateMultipartUpload {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
}

/// `<InitiateMultipartUploadResult>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::s3) struct Initiated {
    bucket: String,
    key: String,
    upload_id: String,
}

/// The checksum that an upload asks for, and whether of the whole or of the parts.
fn checksum(headers: &Headers) -> Result<Option<(Algorithm, Kind)>, Fault> {
    let kind = headers.get("x-amz-checksum-type");
    let Some(name) = headers.get("x-amz-checksum-algorithm") else {
        return match kind {
            None => Ok(None),
            Some(_) => Err(faults::invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
            )),
        };
    };
    let algorithm = Algorithm::parse(name)?;
    let kind = match kind {
        None if algorithm == Algorithm::Crc64Nvme => Kind::FullObject,
        None => Kind::Composite,
        Some("FULL_OBJECT") => Kind::FullObject,
        Some("COMPOSITE") => Kind::Composite,
        Some(other) => {
            let message = "Value for x-amz-checksum-type header is invalid.";
            return Err(faults::invalid_argument(
                message,
                "x-amz-checksum-type",
                other,
            ));
        }
    };
    let possible = match kind {
        Kind::FullObject => algorithm.crc().is_some(),
        Kind::Composite => algorithm != Algorithm::Crc64Nvme,
    };
    if possible {
        return Ok(Some((algorithm, kind)));
    }
    Err(faults::invalid_request(format!(
        "The {} checksum type cannot be used with the {} checksum algorithm.",
        kind.name(),
        algorithm.lower()
    )))
}

const SIGNS: &[u8; 32] = b"234567ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LENGTH: usize = 64;

/// Whether a text looks like the id of an upload.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|sign| SIGNS.contains(&sign))
}

/// An id for a new upload: 64 signs, of which the first eleven say when it began. So the uploads of a key are in the
/// order in which they began, as S3 lists them.
fn new_id(at: Timestamp, ids: &Ids) -> String {
    let micros = at.as_microsecond();
    let sign = |place: u32| {
        let index = usize::try_from(micros >> (place * 5) & 31).unwrap_or_default();
        SIGNS.get(index).copied().map_or('2', char::from)
    };
    let mut id: String = (0..11).rev().map(sign).collect();
    id.push_str(&ids.unique("", LENGTH - 11));
    id
}

/// The ARN of a user or a session that begins an upload; none for an account itself.
fn principal(caller: &Caller) -> Option<Text> {
    match caller.who {
        Who::User { .. } | Who::Session(_) => Some(caller.arn.clone()),
        _ => None,
    }
}

impl Operation for CreateMultipartUpload {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "CreateMultipartUpload";
    type Output = XmlReply<Initiated>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        names::check_key(&self.key)?;
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let tags = tags::from_header(self.headers.get("x-amz-tagging"))?;
        let asking = Asking::from(facts);
        Ok(attributes::write_access(
            asking,
            bucket,
            &self.key,
            &self.headers,
            &tags,
            false,
        ))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<Initiated>, Fault> {
        if matches!(cx.caller().who, Who::Anonymous) {
            let message =
                "Anonymous users cannot initiate multipart uploads.  Please authenticate.";
            return Err(Fault::service(403, "AccessDenied", message));
        }
        let headers = &self.headers;
        let checksum = checksum(headers)?;
        let tags = tags::from_header(headers.get("x-amz-tagging"))?;
        let attributes = attributes::of_write(&cx, (&self.bucket, &self.key), headers, &tags)?;
        let encryption = attributes.extras.encryption.clone();
        let id = new_id(cx.now(), cx.ids());
        let upload = Upload {
            initiated: cx.now(),
            initiator: cx.account().clone(),
            attributes,
            checksum,
            overtaken: false,
            principal: principal(cx.caller()),
            parts: Map::default(),
        };
        cx.write(|world| {
            let at = (Text::from(self.key.as_str()), Text::from(id.as_str()));
            let shelf = shelf_mut(world, &self.bucket)?;
            if shelf.uploads.len() >= MOST {
                let message = format!(
                    "There are {MOST} multipart uploads under way in this bucket, which is the most that rolecall keeps; complete or abort some."
                );
                return Err(Fault::service(400, "LimitExceeded", message));
            }
            shelf.uploads.insert(at, Arc::new(upload));
            Ok(())
        })?;
        let result = Initiated {
            bucket: self.bucket,
            key: self.key,
            upload_id: id,
        };
        let reply = XmlReply::root("InitiateMultipartUploadResult", result);
        Ok(encryption
            .show(reply)
            .header(
                "x-amz-checksum-algorithm",
                checksum.map(|(it, _)| it.name()),
            )
            .header("x-amz-checksum-type", checksum.map(|(_, kind)| kind.name())))
    }
}

/// `AbortMultipartUpload`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct AbortMultipartUpload {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "uploadId")]
    upload: String,
}

impl Operation for AbortMultipartUpload {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "AbortMultipartUpload";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        // A condition that directory buckets have.
        let condition = "x-amz-if-match-initiated-time";
        if self.headers.has(condition) {
            return Err(faults::not_implemented(condition));
        }
        let action = "s3:AbortMultipartUpload";
        Ok(demand(facts, bucket, &self.key, &self.upload, action).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        cx.write(|world| {
            let at = (Text::from(self.key.as_str()), Text::from(&*self.upload));
            match shelf_mut(world, &self.bucket)?.uploads.remove(&at) {
                true => Ok(()),
                false => Err(no_such_upload(&self.upload)),
            }
        })?;
        Ok(XmlReply::empty())
    }
}
