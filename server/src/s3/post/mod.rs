//! `PostObject`: an upload from a browser's form. Who sends it is told by the form itself, whose policy is signed.
//! Source: Amazon S3 API Reference, "POST Object".

mod form;
mod policy;

pub(crate) use form::Form;

use super::{
    Headers,
    asking::{Asking, existing},
    attributes,
    checksum::Algorithm,
    content::{self, Wish},
    etag::Etag,
    faults, names,
    object::{Object, told_after_upload},
    put_object::publish,
    tags::{self, Tag, Tagging},
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Fault, Operation, Payload, Room, XmlReply},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use policy::FormPolicy;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// `PostObject`
#[derive(Debug, Deserialize)]
pub(super) struct PostObject {
    bucket: String,
    /// The fields of the form, by lower-case name.
    #[serde(default)]
    fields: Headers,
    filename: Option<String>,
    #[serde(skip)]
    payload: Payload,
}

/// `<PostResponse>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PostResponse {
    location: String,
    bucket: String,
    key: String,
    #[serde(rename = "ETag")]
    etag: String,
}

impl PostObject {
    /// The key, in which `${filename}` stands for the name of the file.
    fn key(&self) -> Result<String, Fault> {
        let key = self.fields.get("key").ok_or_else(|| {
            let message = "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.";
            faults::invalid_argument(message, "key", "")
        })?;
        // Some browsers send the whole path.
        let name = self
            .filename
            .as_deref()
            .map(|name| name.rsplit(['/', '\\']));
        let key = match name.and_then(|mut parts| parts.next()) {
            Some(name) => key.replace("${filename}", name),
            None => key.to_owned(),
        };
        if key.is_empty() {
            let message = "User key must have a length greater than 0.";
            return Err(faults::invalid_argument(message, "key", ""));
        }
        names::check_key(&key)?;
        Ok(key)
    }

    /// What would be headers of a PutObject.
    fn headers(&self) -> Headers {
        self.fields
            .iter()
            .fold(Headers::default(), |all, (name, value)| match name {
                "acl" => all.with("x-amz-acl", value),
                // The tags of a form are a document; see `tags`.
                "x-amz-tagging" => all,
                name if super::headers::is_read(name) => all.with(name, value),
                _ => all,
            })
    }

    fn tags(&self) -> Result<Vec<Tag>, Fault> {
        let Some(document) = self.fields.get("tagging") else {
            return Ok(Vec::new());
        };
        let tagging: Tagging =
            quick_xml::de::from_str(document).map_err(|_| faults::malformed_xml())?;
        tags::check(&tagging.tag_set.tag, tags::Of::Object)?;
        Ok(tagging.tag_set.tag)
    }

    fn policy(&self) -> Result<Option<FormPolicy>, Fault> {
        self.fields.get("policy").map(FormPolicy::read).transpose()
    }

    /// The fields as conditions see them: the key made out, the bucket among them.
    fn for_conditions(&self, key: &str) -> Vec<(String, String)> {
        let mut fields = vec![("bucket".to_owned(), self.bucket.clone())];
        fields.extend(self.fields.iter().map(|(name, value)| {
            let value = if name == "key" { key } else { value };
            (name.to_owned(), value.to_owned())
        }));
        fields
    }

    /// Where a browser is sent after the upload.
    fn redirect(&self, key: &str, object: &Object) -> Option<String> {
        let target = self
            .fields
            .first_value(&["success_action_redirect", "redirect"])?;
        if !(target.starts_with("http://") || target.starts_with("https://")) {
            return None;
        }
        let encoded = |text: &str| utf8_percent_encode(text, KEPT).to_string();
        let separator = if target.contains('?') { '&' } else { '?' };
        Some(format!(
            "{target}{separator}bucket={}&key={}&etag={}",
            encoded(&self.bucket),
            encoded(key),
            encoded(&object.quoted_etag())
        ))
    }
}

/// What stays as it is in the query of a redirect.
const KEPT: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Operation for PostObject {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "PostObject";
    const STREAMS: bool = true;
    type Output = XmlReply<PostResponse>;

    fn attach(&mut self, payload: Payload) {
        self.payload = payload;
    }

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let key = self.key()?;
        if let Some(policy) = self.policy()? {
            policy.check(&self.for_conditions(&key), facts.meta().at)?;
            policy.check_length(self.payload.known_length())?;
        }
        let headers = self.headers();
        let bucket = existing(facts, &self.bucket, &headers)?;
        let (asking, tags) = (Asking::from(facts), self.tags()?);
        let access = attributes::write_access(asking, bucket, &key, &headers, &tags, true);
        Ok(match self.fields.has("tagging") {
            true => {
                let demand = asking.object("s3:PutObjectTagging", bucket, &key);
                access.and(attributes::with_request_tags(demand, &tags))
            }
            false => access,
        })
    }

    async fn run(mut self, cx: Granted<'_, Self>) -> Result<XmlReply<PostResponse>, Fault> {
        let (key, headers, tags) = (self.key()?, self.headers(), self.tags()?);
        let mut attributes = attributes::of_write(&cx, (&self.bucket, &key), &headers, &tags)?;
        // A form's fields are texts, of whatever signs: nothing in them is encoded.
        attributes.extras.change(|extras| {
            let fields = headers.under("x-amz-meta-");
            for ((_, text), (_, field)) in extras.metadata.iter_mut().zip(fields) {
                field.clone_into(text);
            }
        });
        let payload = std::mem::take(&mut self.payload);
        let wish = Wish {
            otherwise: Algorithm::Crc64Nvme,
            crc64: false,
            room: Room::spool(cx.spool(), content::LARGE),
        };
        let content = content::take(payload, &headers, wish).await?;
        let object = Arc::new(Object {
            blob: content.blob,
            etag: Etag::whole(content.md5),
            checksum: content.checksum,
            ..attributes
        });
        let version = publish(&cx, &self.bucket, &key, &headers, object.clone())?;
        let path = utf8_percent_encode(&key, KEPT);
        let location = format!("http://{}.s3.amazonaws.com/{path}", self.bucket);
        let (reply, location) = match (
            self.redirect(&key, &object),
            self.fields.get("success_action_status"),
        ) {
            (Some(target), _) => (XmlReply::nothing().status(303), target),
            (None, Some("200")) => (XmlReply::nothing().status(200), location),
            (None, Some("201")) => {
                let response = PostResponse {
                    location: location.clone(),
                    bucket: self.bucket,
                    key,
                    etag: object.quoted_etag(),
                };
                (
                    XmlReply::root("PostResponse", response).status(201),
                    location,
                )
            }
            (None, _) => (XmlReply::nothing(), location),
        };
        let reply = match &object.checksum {
            Some(checksum) => reply
                .header(checksum.algorithm.header(), Some(&*checksum.value))
                .header("x-amz-checksum-type", Some(checksum.kind.name())),
            None => reply,
        };
        Ok(object
            .extras
            .encryption
            .show(reply)
            .header("location", Some(location))
            .header("etag", Some(object.quoted_etag()))
            .header("x-amz-version-id", told_after_upload(&version)))
    }
}
