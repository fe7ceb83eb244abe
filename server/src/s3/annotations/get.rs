//! `GetObjectAnnotation`.

use super::{VERSION, access, check_name};
use crate::{
    gate::{Access, Facts, Granted},
    s3::{
        Headers,
        get_object::http_time,
        read::{self, Wanted},
    },
    wire::{Body, Fault, Operation, XmlReply},
};
use serde::Deserialize;

/// `GetObjectAnnotation`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct GetObjectAnnotation {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
    #[serde(rename = "annotationName")]
    name: String,
}

impl Operation for GetObjectAnnotation {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "GetObjectAnnotation";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let actions = ("s3:GetObjectAnnotation", "s3:GetObjectVersionAnnotation");
        access(facts, wanted, &self.headers, actions, "kms:Decrypt")
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        check_name(&self.name)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let found = read::find_no_marker(&cx, wanted, "GET")?;
        let annotation = found
            .object
            .extras
            .annotations
            .get(&self.name)
            .ok_or_else(|| {
                let message = "The specified annotation does not exist on this object.";
                Fault::service(404, "NoSuchAnnotation", message)
                    .detail("AnnotationName", &*self.name)
            })?;
        let reply = XmlReply::content(Body::of(&annotation.blob, None))
            .header("content-type", Some("binary/octet-stream"))
            .header("etag", Some(annotation.etag.quoted()))
            .header("last-modified", Some(http_time(annotation.modified)))
            .header(VERSION, found.version.as_deref());
        let reply = found.object.extras.encryption.show(reply);
        let asked = self.headers.get("x-amz-checksum-mode");
        Ok(match &annotation.checksum {
            Some(checksum) if asked.is_some_and(|mode| mode.eq_ignore_ascii_case("ENABLED")) => {
                reply
                    .header(checksum.algorithm.header(), Some(&*checksum.value))
                    .header("x-amz-checksum-type", Some(checksum.kind.name()))
            }
            _ => reply,
        })
    }
}
