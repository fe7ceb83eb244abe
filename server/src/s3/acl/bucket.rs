//! `GetBucketAcl` and `PutBucketAcl`.

use super::{On, document::AccessControlPolicy, request};
use crate::{
    gate::{Access, Facts, Granted},
    s3::{
        Headers,
        asking::{Asking, existing},
        faults,
        headers::ACL_KEYS,
        ownership::Ownership,
        setting::change_bucket,
    },
    wire::{Fault, Operation, XmlReply},
};
use serde::Deserialize;

/// `GetBucketAcl`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct GetBucketAcl {
    bucket: String,
    #[serde(default)]
    headers: Headers,
}

/// `PutBucketAcl`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct PutBucketAcl {
    bucket: String,
    #[serde(default)]
    headers: Headers,
    body: Option<AccessControlPolicy>,
}

impl Operation for GetBucketAcl {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "GetBucketAcl";
    type Output = XmlReply<AccessControlPolicy>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        Ok(Asking::from(facts).bucket("s3:GetBucketAcl", bucket).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<AccessControlPolicy>, Fault> {
        let bucket = cx.read(|world| world.law.buckets.get(&*self.bucket).cloned());
        let bucket = bucket.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
        // Switched off, the list stays and does not show.
        let shown = match bucket.ownership() {
            Ownership::BucketOwnerEnforced => None,
            _ => bucket.acl.as_deref(),
        };
        let document = AccessControlPolicy::of(&bucket.owner, shown);
        Ok(XmlReply::root("AccessControlPolicy", document))
    }
}

impl Operation for PutBucketAcl {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "PutBucketAcl";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let demand = Asking::from(facts).bucket("s3:PutBucketAcl", bucket);
        Ok(demand.with_headers(&self.headers, ACL_KEYS).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let bucket = cx.read(|world| world.law.buckets.get(&*self.bucket).cloned());
        let bucket = bucket.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
        let owner = &bucket.owner;
        let acl = request::of_change(&cx, &bucket, owner, &self.headers, self.body, On::Bucket)?;
        change_bucket(&cx, &self.bucket, |bucket| {
            bucket.acl = Some(acl);
            Ok(())
        })?;
        Ok(XmlReply::empty())
    }
}
