//! `PutObject`.

use super::{
    Headers, Versioning,
    asking::{Asking, existing},
    attributes,
    checksum::Algorithm,
    conditions,
    configurations::expiration_of_new,
    content::{self, Wish},
    etag::Etag,
    faults, lock, names,
    object::{Object, told_after_upload},
    tags, version_id,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Fault, Operation, Payload, Room, XmlReply},
    world::Text,
};
use serde::Deserialize;
use std::sync::Arc;

/// `PutObject`
#[derive(Debug, Deserialize)]
pub(crate) struct PutObject {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(skip)]
    payload: Payload,
    /// A service writes it: what it hands over needs no digest.
    #[serde(skip)]
    by_service: bool,
}

impl PutObject {
    /// The call that a service makes, such as a job that writes its results.
    pub(crate) fn new(bucket: &str, key: &str, payload: Payload, content_type: &str) -> Self {
        Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            headers: Headers::default().with("content-type", content_type),
            payload,
            by_service: true,
        }
    }
}

impl Operation for PutObject {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "PutObject";
    const STREAMS: bool = true;
    type Output = XmlReply<()>;

    fn attach(&mut self, payload: Payload) {
        self.payload = payload;
    }

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        names::check_key(&self.key)?;
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let tags = tags::from_header(self.headers.get("x-amz-tagging"))?;
        let asking = Asking::from(facts);
        let access =
            attributes::write_access(asking, bucket, &self.key, &self.headers, &tags, true);
        Ok(match self.headers.has("if-match") {
            // Whether an ETag matches is something that only a reader may know.
            // Source: S3 User Guide, "How to prevent object overwrites with conditional writes".
            true => access.and(asking.object("s3:GetObject", bucket, &self.key)),
            false => access,
        })
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let headers = &self.headers;
        conditions::check_write_headers(headers)?;
        let tags = tags::from_header(headers.get("x-amz-tagging"))?;
        let attributes = attributes::of_write(&cx, (&self.bucket, &self.key), headers, &tags)?;
        if !self.by_service {
            lock::check_digest(
                &cx,
                &self.bucket,
                &attributes.extras.lock,
                headers,
                "Put Object",
            )?;
        }
        let wish = Wish {
            otherwise: Algorithm::Crc64Nvme,
            crc64: false,
            room: Room::spool(cx.spool(), content::LARGE),
        };
        let content = content::take(self.payload, headers, wish).await?;
        let object = Arc::new(Object {
            blob: content.blob,
            etag: Etag::whole(content.md5),
            checksum: content.checksum,
            ..attributes
        });
        let version = publish(&cx, &self.bucket, &self.key, headers, object.clone())?;
        let reply = XmlReply::empty()
            .header("etag", Some(object.quoted_etag()))
            .header("x-amz-version-id", told_after_upload(&version))
            .header(
                "x-amz-expiration",
                expiration_of_new(&cx, &self.bucket, &self.key, &object),
            );
        let mut reply = object.extras.encryption.show(reply);
        if let Some(checksum) = &object.checksum {
            reply = reply
                .header(checksum.algorithm.header(), Some(&*checksum.value))
                .header("x-amz-checksum-type", Some(checksum.kind.name()));
        }
        Ok(reply)
    }
}

/// Puts a finished object into its bucket, if the conditions of the write hold.
pub(super) fn publish<O>(
    cx: &Granted<'_, O>,
    bucket: &str,
    key: &str,
    conditions: &Headers,
    mut object: Arc<Object>,
) -> Result<Option<Text>, Fault> {
    cx.write(|world| {
        let settings = world.law.buckets.get(bucket);
        let settings = settings.ok_or_else(|| faults::no_such_bucket(bucket))?;
        let versioning = settings.versioning;
        let id = match versioning {
            Some(Versioning::Enabled) => version_id::new(cx.ids()),
            _ => String::new(),
        };
        lock::settle(&mut object, settings, cx.now());
        let shelf = world.shelves.get_mut(bucket);
        let shelf = Arc::make_mut(shelf.ok_or_else(|| faults::no_such_bucket(bucket))?);
        conditions::check_write(conditions, key, shelf.find(key, None))?;
        Ok(shelf.put(key, object, versioning, &id, cx.now()))
    })
}
