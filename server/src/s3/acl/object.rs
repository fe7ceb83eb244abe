//! `GetObjectAcl` and `PutObjectAcl`.

use super::{On, document::AccessControlPolicy, request};
use crate::{
    gate::{Access, Facts, Granted},
    s3::{
        Headers,
        asking::existing,
        headers::ACL_KEYS,
        ownership::Ownership,
        read::{self, Wanted},
    },
    wire::{Fault, Operation, XmlReply},
};
use serde::Deserialize;

/// `GetObjectAcl`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct GetObjectAcl {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
}

/// `PutObjectAcl`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct PutObjectAcl {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
    body: Option<AccessControlPolicy>,
}

impl Operation for GetObjectAcl {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "GetObjectAcl";
    type Output = XmlReply<AccessControlPolicy>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let actions = ("s3:GetObjectAcl", "s3:GetObjectVersionAcl");
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        Ok(wanted.demand(facts, bucket, actions).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<AccessControlPolicy>, Fault> {
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let found = read::find(&cx, wanted, "GET")?;
        let owner = found.object.owner(&found.bucket);
        let shown = match found.bucket.ownership() {
            Ownership::BucketOwnerEnforced => None,
            _ => found.object.extras.acl.as_deref(),
        };
        let document = AccessControlPolicy::of(owner, shown);
        Ok(XmlReply::root("AccessControlPolicy", document)
            .header("x-amz-version-id", found.version.as_deref()))
    }
}

impl Operation for PutObjectAcl {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "PutObjectAcl";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let actions = ("s3:PutObjectAcl", "s3:PutObjectVersionAcl");
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let demand = wanted.demand(facts, bucket, actions);
        Ok(demand.with_headers(&self.headers, ACL_KEYS).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let found = read::find_no_marker(&cx, wanted, "PUT")?;
        let (bucket, owner) = (&found.bucket, found.object.owner(&found.bucket));
        let acl = request::of_change(&cx, bucket, owner, &self.headers, self.body, On::Object)?;
        cx.write(|world| {
            let object = wanted.object_mut(world)?;
            object.extras.change(|extras| extras.acl = Some(acl));
            Ok(())
        })?;
        Ok(XmlReply::empty().header("x-amz-version-id", found.version.as_deref()))
    }
}
