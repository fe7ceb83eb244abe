//! Buckets.

use crate::{
    gate::{Access, Demand, Facts, Granted, Guard},
    wire::{Fault, Operation, XmlReply},
    world::Text,
};
use jiff::Timestamp;
use rolecall_policy::Policy;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A bucket and its settings.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Its name.
    pub name: Text,
    /// The account that owns it.
    pub owner: Text,
    /// The partition it lives in.
    pub partition: &'static str,
    /// The Region it lives in.
    pub region: Text,
    /// When it was made.
    pub created: Timestamp,
    /// Its policy.
    pub policy: Option<Arc<Policy>>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// `GetBucketLocation`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct GetBucketLocation {
    bucket: String,
}

/// The answer to `GetBucketLocation`: empty for us-east-1.
#[derive(Debug, Serialize)]
pub(super) struct LocationConstraint {
    #[serde(rename = "$text")]
    region: String,
}

impl Operation for GetBucketLocation {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "GetBucketLocation";
    type Output = XmlReply<LocationConstraint>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket)?;
        Ok(on_bucket("s3:GetBucketLocation", bucket).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<LocationConstraint>, Fault> {
        let region = cx.read(|world| {
            world
                .law
                .buckets
                .get(&*self.bucket)
                .map(|bucket| bucket.region.clone())
        });
        let region = region.ok_or_else(|| no_such_bucket(&self.bucket))?;
        let region = if &*region == "us-east-1" {
            String::new()
        } else {
            region.to_string()
        };
        Ok(XmlReply::root(
            "LocationConstraint",
            LocationConstraint { region },
        ))
    }
}

/// The bucket, or S3's answer that there is none: it comes before authorization.
pub(super) fn existing<'a>(facts: &Facts<'a>, name: &str) -> Result<&'a Arc<Bucket>, Fault> {
    facts.bucket(name).ok_or_else(|| no_such_bucket(name))
}

/// `NoSuchBucket`
pub(super) fn no_such_bucket(name: &str) -> Fault {
    Fault::service(404, "NoSuchBucket", "The specified bucket does not exist")
        .detail("BucketName", name)
}

/// Asks for an action on a bucket.
pub(super) fn on_bucket(action: &'static str, bucket: &Bucket) -> Demand {
    Demand::new(
        action,
        format!("arn:{}:s3:::{}", bucket.partition, bucket.name),
    )
    .owned_by(Some(bucket.owner.clone()))
    .guarded_by(Guard::Bucket(bucket.name.clone()))
}
