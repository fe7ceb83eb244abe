//! The tags of an object.

use super::{
    Headers,
    asking::existing,
    attributes::with_request_tags,
    faults,
    read::{self, Wanted},
    tags::{self, Tagging},
    xml::Element,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Fault, Operation, XmlReply},
};
use serde::Deserialize;

/// `GetObjectTagging`
#[derive(Debug, Deserialize)]
pub(super) struct GetObjectTagging {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
}

/// `PutObjectTagging`
#[derive(Debug, Deserialize)]
pub(super) struct PutObjectTagging {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
    body: Option<Element>,
}

/// `DeleteObjectTagging`
#[derive(Debug, Deserialize)]
pub(super) struct DeleteObjectTagging {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
}

impl Operation for GetObjectTagging {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "GetObjectTagging";
    type Output = XmlReply<Tagging>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let actions = ("s3:GetObjectTagging", "s3:GetObjectVersionTagging");
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        Ok(wanted.demand(facts, bucket, actions).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<Tagging>, Fault> {
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let found = read::find_no_marker(&cx, wanted, "GET")?;
        Ok(
            XmlReply::root("Tagging", Tagging::of(&found.object.extras.tags))
                .header("x-amz-version-id", found.version.as_deref()),
        )
    }
}

impl Operation for PutObjectTagging {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "PutObjectTagging";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let actions = ("s3:PutObjectTagging", "s3:PutObjectVersionTagging");
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let demand = wanted.demand(facts, bucket, actions);
        let tagging = self.body.as_ref().map(Tagging::read).transpose()?;
        let tags = tagging.map(|body| body.tag_set.tag).unwrap_or_default();
        Ok(with_request_tags(demand, &tags).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let body = self.body.as_ref().ok_or_else(faults::malformed_xml)?;
        let body = Tagging::read(body)?;
        tags::check(&body.tag_set.tag, tags::Of::Object)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        set(&cx, wanted, "PUT", tags::pairs(&body.tag_set.tag))
    }
}

impl Operation for DeleteObjectTagging {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "DeleteObjectTagging";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let actions = ("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging");
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        Ok(wanted.demand(facts, bucket, actions).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        set(&cx, wanted, "DELETE", Vec::new())
    }
}

fn set<O: Operation>(
    cx: &Granted<'_, O>,
    wanted: Wanted<'_>,
    method: &str,
    tags: Vec<(String, String)>,
) -> Result<XmlReply<()>, Fault> {
    // Tells of what is missing as a read does.
    let found = read::find_no_marker(cx, wanted, method)?;
    cx.write(|world| {
        let object = wanted.object_mut(world)?;
        object.extras.change(|extras| extras.tags = tags);
        Ok(())
    })?;
    Ok(XmlReply::empty().header("x-amz-version-id", found.version.as_deref()))
}
