//! Block Public Access of a bucket.

use super::{
    Bucket, bucket_policy,
    setting::{Aside, Change, Readable, Removable},
};
use crate::wire::Fault;
use serde::{Deserialize, Serialize};

/// The four switches. Source: S3 User Guide, "Blocking public access to your Amazon S3 storage".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PublicAccessBlock {
    /// Refuses public ACLs when they are set.
    pub block_public_acls: bool,
    /// Counts public ACLs for nothing.
    pub ignore_public_acls: bool,
    /// Refuses public policies when they are set.
    pub block_public_policy: bool,
    /// A public policy speaks only to the owner's account and to services.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// As every new bucket has it.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}

/// `…PublicAccessBlock`
#[derive(Debug)]
pub(super) struct Switches;

impl Readable for Switches {
    const NAME: &'static str = "GetPublicAccessBlock";
    const ACTION: &'static str = "s3:GetBucketPublicAccessBlock";
    const ROOT: &'static str = "PublicAccessBlockConfiguration";
    type Document = PublicAccessBlock;

    fn read(bucket: &Bucket) -> Result<PublicAccessBlock, Fault> {
        bucket.public_access.ok_or_else(|| {
            Fault::service(
                404,
                "NoSuchPublicAccessBlockConfiguration",
                "The public access block configuration was not found",
            )
            .detail("BucketName", &*bucket.name)
        })
    }
}

impl Change for Switches {
    const NAME: &'static str = "PutPublicAccessBlock";
    const ACTION: &'static str = "s3:PutBucketPublicAccessBlock";
    type Body = PublicAccessBlock;

    fn apply(bucket: &mut Bucket, body: PublicAccessBlock, _: &Aside<'_>) -> Result<(), Fault> {
        bucket.public_access = Some(body);
        Ok(())
    }
}

impl Removable for Switches {
    const NAME: &'static str = "DeletePublicAccessBlock";
    const ACTION: &'static str = "s3:PutBucketPublicAccessBlock";

    fn remove(bucket: &mut Bucket) -> Result<(), Fault> {
        bucket.public_access = None;
        Ok(())
    }
}

/// `GetBucketPolicyStatus`
#[derive(Debug)]
pub(super) struct PolicyStatus;

/// Its answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct IsPublic {
    is_public: bool,
}

impl Readable for PolicyStatus {
    const NAME: &'static str = "GetBucketPolicyStatus";
    const ACTION: &'static str = "s3:GetBucketPolicyStatus";
    const ROOT: &'static str = "PolicyStatus";
    type Document = IsPublic;

    fn read(bucket: &Bucket) -> Result<IsPublic, Fault> {
        match bucket.policy {
            Some(_) => Ok(IsPublic {
                is_public: bucket.policy_is_public,
            }),
            None => Err(bucket_policy::no_policy(&bucket.name)),
        }
    }
}
