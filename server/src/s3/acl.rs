//! ACLs. Buckets have them off unless somebody turned them on; rolecall keeps none, so what it shows is always
//! "the bucket's owner may do everything", and what would need one is refused.

use super::{
    Bucket, Headers,
    asking::{Asking, existing},
    faults,
    headers::ACL_KEYS,
    owner::Owner,
    ownership::Ownership,
    read::{self, Wanted},
    setting::Readable,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Fault, Operation, XmlReply},
};
use rolecall_policy::Origin;
use serde::{Deserialize, Serialize};

/// `<AccessControlPolicy>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AccessControlPolicy {
    owner: Owner,
    access_control_list: Grants,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Grants {
    grant: Vec<Grant>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Grant {
    grantee: Grantee,
    permission: &'static str,
}

#[derive(Debug, Serialize)]
struct Grantee {
    #[serde(rename = "@xmlns:xsi")]
    namespace: &'static str,
    #[serde(rename = "@xsi:type")]
    kind: &'static str,
    #[serde(rename = "ID")]
    id: String,
}

impl AccessControlPolicy {
    fn of(account: &str) -> Self {
        let owner = Owner::of(account);
        let grantee = Grantee {
            namespace: "http://www.w3.org/2001/XMLSchema-instance",
            kind: "CanonicalUser",
            id: owner.id().to_owned(),
        };
        Self {
            owner,
            access_control_list: Grants {
                grant: vec![Grant {
                    grantee,
                    permission: "FULL_CONTROL",
                }],
            },
        }
    }
}

/// Refuses the ACL headers of a write that the bucket does not take, and those that rolecall does not have.
/// Source: S3 User Guide, "Controlling ownership of objects and disabling ACLs for your bucket".
pub(super) fn check_write(headers: &Headers, bucket: &Bucket, writer: &str) -> Result<(), Fault> {
    let canned = headers.get("x-amz-acl");
    let grants = headers.under("x-amz-grant-").next().is_some();
    if canned.is_some() && grants {
        return Err(faults::invalid_request(
            "Specifying both Canned ACLs and Header Grants is not allowed",
        ));
    }
    let mode = bucket.ownership.unwrap_or(Ownership::ObjectWriter);
    if mode == Ownership::BucketOwnerEnforced {
        return match canned {
            _ if grants => Err(faults::no_acls()),
            None | Some("bucket-owner-full-control") => Ok(()),
            Some(_) => Err(faults::no_acls()),
        };
    }
    if canned.is_some_and(|acl| acl.starts_with("public-"))
        && bucket.public_access.is_some_and(|it| it.block_public_acls)
    {
        return Err(faults::access_denied());
    }
    let own = writer == &*bucket.owner;
    match canned {
        _ if grants => Err(faults::not_implemented("x-amz-grant-*")),
        None | Some("private") if own => Ok(()),
        Some("bucket-owner-full-control" | "bucket-owner-read") if own => Ok(()),
        Some("bucket-owner-full-control") if mode == Ownership::BucketOwnerPreferred => Ok(()),
        // The object would belong to the writer's account, which needs ACLs.
        _ => Err(faults::not_implemented("x-amz-acl")),
    }
}

/// `GetBucketAcl`
#[derive(Debug)]
pub(super) struct BucketAcl;

impl Readable for BucketAcl {
    const NAME: &'static str = "GetBucketAcl";
    const ACTION: &'static str = "s3:GetBucketAcl";
    const ROOT: &'static str = "AccessControlPolicy";
    type Document = AccessControlPolicy;

    fn read(bucket: &Bucket) -> Result<AccessControlPolicy, Fault> {
        Ok(AccessControlPolicy::of(&bucket.owner))
    }
}

/// `GetObjectAcl`
#[derive(Debug, Deserialize)]
pub(super) struct GetObjectAcl {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
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
        Ok(XmlReply::root(
            "AccessControlPolicy",
            AccessControlPolicy::of(&found.bucket.owner),
        ))
    }
}

/// `PutBucketAcl`
#[derive(Debug, Deserialize)]
pub(super) struct PutBucketAcl {
    bucket: String,
    #[serde(default)]
    headers: Headers,
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
        change(&bucket, &self.headers)
    }
}

/// `PutObjectAcl`
#[derive(Debug, Deserialize)]
pub(super) struct PutObjectAcl {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
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
        let found = read::find(&cx, wanted, "PUT")?;
        change(&found.bucket, &self.headers)
    }
}

/// The only change that is served is the one that changes nothing.
fn change(bucket: &Bucket, headers: &Headers) -> Result<XmlReply<()>, Fault> {
    let mode = bucket.ownership.unwrap_or(Ownership::ObjectWriter);
    if mode == Ownership::BucketOwnerEnforced {
        return Err(faults::no_acls());
    }
    check_write(headers, bucket, &bucket.owner)?;
    if headers.has("x-amz-acl") {
        Ok(XmlReply::empty())
    } else {
        Err(faults::not_implemented("AccessControlPolicy"))
    }
}

/// The demand for an action about existing tags: `s3:ExistingObjectTag/…`.
pub(super) const EXISTING_TAGS: (Origin, &str) = (Origin::Resource, "s3:ExistingObjectTag/");
