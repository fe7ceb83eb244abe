//! The tags of buckets as S3 Control has them, another API on the same address: `TagResource`, `UntagResource` and
//! `ListTagsForResource`. Once ABAC is enabled they are the only way to change a bucket's tags.
//! Source: Amazon S3 API Reference, "Amazon S3 Control"; messages as recorded from AWS.

use super::{
    Bucket, Headers,
    asking::Asking,
    faults,
    setting::change_bucket,
    tags::{self, Of, Tag, Tags},
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Fault, Operation, XmlReply},
};
use http::HeaderMap;
use rolecall_policy::Origin;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The header with the account that every request of this API names, in its host name too.
const ACCOUNT: &str = "x-amz-account-id";

/// Whether a request belongs to this API: then its host name begins with an account, not with a bucket.
pub(super) fn is_control(headers: &HeaderMap, path: &str) -> bool {
    path.starts_with("/v20180820/") && headers.contains_key(ACCOUNT)
}

/// Whether some of it is served: what is done to tags.
pub(super) fn is_served(path: &str) -> bool {
    path.starts_with("/v20180820/tags/")
}

/// `TagResource`
#[derive(Debug, Deserialize)]
pub(super) struct TagResource {
    #[serde(rename = "resourceArn")]
    arn: String,
    #[serde(default)]
    headers: Headers,
    body: Option<TagResourceRequest>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagResourceRequest {
    tags: Tags,
}

/// `UntagResource`
#[derive(Debug, Deserialize)]
pub(super) struct UntagResource {
    #[serde(rename = "resourceArn")]
    arn: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "tagKeys", default)]
    keys: Vec<String>,
}

/// `ListTagsForResource`
#[derive(Debug, Deserialize)]
pub(super) struct ListTagsForResource {
    #[serde(rename = "resourceArn")]
    arn: String,
    #[serde(default)]
    headers: Headers,
}

/// `<ListTagsForResourceResult>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListTagsForResourceResult {
    tags: Tags,
}

fn no_such_resource() -> Fault {
    let message = "The specified resource doesn't exist.";
    Fault::service(404, "NoSuchResource", message)
}

/// The bucket that an ARN names. Its account, or the caller's own, must stand in the request (rolecall's choice of
/// refusal).
fn bucket<'a>(facts: &Facts<'a>, arn: &str, headers: &Headers) -> Result<&'a Arc<Bucket>, Fault> {
    let bucket = facts.bucket(name(arn)).filter(|it| it.arn() == arn);
    let bucket = bucket.ok_or_else(no_such_resource)?;
    let account = headers.get(ACCOUNT).unwrap_or_default();
    match [&*bucket.owner, &**facts.account()].contains(&account) {
        true => Ok(bucket),
        false => Err(faults::access_denied()),
    }
}

fn name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or_default()
}

fn with_keys<'k>(demand: Demand, keys: impl Iterator<Item = &'k String>) -> Demand {
    let keys: Vec<String> = keys.cloned().collect();
    demand.with("aws:TagKeys", (!keys.is_empty()).then_some(keys))
}

impl TagResource {
    fn tags(&self) -> &[Tag] {
        self.body.as_ref().map_or(&[], |body| &body.tags.tag)
    }
}

impl Operation for TagResource {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "TagResource";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = bucket(facts, &self.arn, &self.headers)?;
        let demand = Asking::from(facts).bucket("s3:TagResource", bucket);
        let pairs = self.tags().iter().map(|tag| (&tag.key, &tag.value));
        let demand = demand.with_tags(Origin::Request, "aws:RequestTag/", pairs);
        Ok(with_keys(demand, self.tags().iter().map(|tag| &tag.key)).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        if self.body.is_none() {
            return Err(faults::malformed_xml());
        }
        tags::check(self.tags(), Of::Resource)?;
        change_bucket(&cx, name(&self.arn), |bucket| {
            for (key, value) in tags::pairs(self.tags()) {
                match bucket.tags.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, old)) => *old = value,
                    None => bucket.tags.push((key, value)),
                }
            }
            tags::check_count(bucket.tags.len(), Of::Resource)
        })?;
        Ok(XmlReply::empty())
    }
}

impl Operation for UntagResource {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "UntagResource";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = bucket(facts, &self.arn, &self.headers)?;
        let demand = Asking::from(facts).bucket("s3:UntagResource", bucket);
        Ok(with_keys(demand, self.keys.iter()).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        change_bucket(&cx, name(&self.arn), |bucket| {
            bucket.tags.retain(|(key, _)| !self.keys.contains(key));
            Ok(())
        })?;
        Ok(XmlReply::empty())
    }
}

impl Operation for ListTagsForResource {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "ListTagsForResource";
    type Output = XmlReply<ListTagsForResourceResult>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = bucket(facts, &self.arn, &self.headers)?;
        let demand = Asking::from(facts).bucket("s3:ListTagsForResource", bucket);
        Ok(demand.into())
    }

    async fn run(
        self,
        cx: Granted<'_, Self>,
    ) -> Result<XmlReply<ListTagsForResourceResult>, Fault> {
        let bucket = cx.read(|world| world.law.buckets.get(name(&self.arn)).cloned());
        let bucket = bucket.ok_or_else(no_such_resource)?;
        let tags = tags::Tagging::of(&bucket.tags).tag_set;
        let result = ListTagsForResourceResult { tags };
        Ok(XmlReply::root("ListTagsForResourceResult", result))
    }
}
