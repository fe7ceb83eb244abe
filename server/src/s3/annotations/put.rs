//! `PutObjectAnnotation`.

use super::{
    VERSION, access, check_name, check_object, kept::Annotation, not_under_customers_keys,
    seen::Seen,
};
use crate::{
    gate::{Access, Facts, Granted},
    s3::{
        Headers,
        asking::{Asking, existing},
        checksum::Algorithm,
        content::{self, Wish},
        copy_object::{each_piece, whole_second},
        etag::Etag,
        faults, lock,
        read::{self, Wanted},
    },
    wire::{Fault, Operation, Payload, Room, XmlReply},
};
use serde::{Deserialize, Serialize};

/// The largest payload.
const LARGEST: u64 = 1024 * 1024;

/// `PutObjectAnnotation`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct PutObjectAnnotation {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
    #[serde(rename = "annotationName", default)]
    name: String,
    #[serde(skip)]
    seen: Seen,
    #[serde(skip)]
    payload: Payload,
}

/// `<PutObjectAnnotationOutput>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::s3) struct PutObjectAnnotationOutput {
    key: String,
    annotation_name: String,
}

impl Operation for PutObjectAnnotation {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "PutObjectAnnotation";
    const STREAMS: bool = true;
    type Output = XmlReply<PutObjectAnnotationOutput>;

    fn attach(&mut self, payload: Payload) {
        self.payload = payload.limited(LARGEST);
    }

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let actions = ("s3:PutObjectAnnotation", "s3:PutObjectVersionAnnotation");
        let access = access(facts, wanted, &self.headers, actions, "kms:GenerateDataKey")?;
        self.seen.note(facts, wanted);
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let bypass = lock::bypass_demand(Asking::from(facts), bucket, &self.key, &self.headers);
        Ok(bypass.into_iter().fold(access, Access::and))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Self::Output, Fault> {
        check_name(&self.name)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        // Tells of what is missing as a read does.
        let found = read::find_no_marker(&cx, wanted, "PUT")?;
        if found.object.extras.encryption.is_customers() {
            return Err(not_under_customers_keys());
        }
        let bypass = lock::bypass(&self.headers, &found.bucket)?;
        let wish = Wish {
            otherwise: Algorithm::Crc64Nvme,
            crc64: false,
            room: Room::spool(cx.spool(), content::LARGE),
        };
        let content = content::take(self.payload, &self.headers, wish).await?;
        check_text(&content.blob).await?;
        let annotation = Annotation {
            blob: content.blob,
            etag: Etag::whole(content.md5),
            modified: whole_second(cx.now()),
            checksum: content.checksum,
        };
        let mut reply = XmlReply::root(
            "PutObjectAnnotationOutput",
            PutObjectAnnotationOutput {
                key: self.key.clone(),
                annotation_name: self.name.clone(),
            },
        )
        .header("etag", Some(annotation.etag.quoted()))
        .header(VERSION, found.version.as_deref());
        if let Some(checksum) = &annotation.checksum {
            reply = reply
                .header(checksum.algorithm.header(), Some(&*checksum.value))
                .header("x-amz-checksum-type", Some(checksum.kind.name()));
        }
        // The version that was found, whatever became the newest while the payload came in.
        let version = found.version.as_deref().or(self.version.as_deref());
        let wanted = Wanted::new(&self.bucket, &self.key, version);
        cx.write(|world| {
            self.seen.check(world, wanted)?;
            let object = wanted.object_mut(world)?;
            check_object(&self.headers, object)?;
            // Of a locked version AWS only says that its annotations stay; what is replaced is gone as well
            // (rolecall's choice).
            if object.extras.annotations.get(&self.name).is_some() {
                object.extras.lock.check_delete(cx.now(), bypass)?;
            }
            if object.extras.annotations.is_full_for(&self.name) {
                return Err(Fault::service(
                    400,
                    "AnnotationLimitExceeded",
                    "The request would exceed the maximum number of annotations allowed per object.",
                ));
            }
            object
                .extras
                .change(|extras| extras.annotations.put(&self.name, annotation));
            Ok(())
        })?;
        Ok(found.object.extras.encryption.show(reply))
    }
}

/// A payload is text, and not empty.
async fn check_text(blob: &crate::world::Blob) -> Result<(), Fault> {
    let mut bytes = Vec::with_capacity(blob.len() as usize);
    each_piece(blob, |piece| bytes.extend_from_slice(piece)).await?;
    if bytes.is_empty() {
        return Err(faults::invalid_request(
            "The annotation payload must have between 1 byte and 1 MiB.",
        ));
    }
    match std::str::from_utf8(&bytes) {
        Ok(_) => Ok(()),
        Err(_) => Err(Fault::service(
            415,
            "UnsupportedMediaType",
            "The annotation payload is not valid UTF-8 encoded text.",
        )),
    }
}
