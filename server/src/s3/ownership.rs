//! Object Ownership: whose an object is, and whether ACLs count.

use super::{
    Bucket, faults,
    setting::{Aside, Change, Readable, Removable},
};
use crate::wire::Fault;
use serde::{Deserialize, Serialize};

/// The three modes. Source: S3 User Guide, "Controlling ownership of objects and disabling ACLs".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ownership {
    /// ACLs are off; everything belongs to the bucket's owner.
    BucketOwnerEnforced,
    /// The writer's, unless the ACL `bucket-owner-full-control` comes along.
    BucketOwnerPreferred,
    /// The writer's.
    ObjectWriter,
}

impl Ownership {
    /// The mode of this name.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "BucketOwnerEnforced" => Some(Self::BucketOwnerEnforced),
            "BucketOwnerPreferred" => Some(Self::BucketOwnerPreferred),
            "ObjectWriter" => Some(Self::ObjectWriter),
            _ => None,
        }
    }
}

/// `…BucketOwnershipControls`
#[derive(Debug)]
pub(super) struct Controls;

/// `<OwnershipControls>`
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct OwnershipControls {
    #[serde(rename = "Rule", default)]
    rules: Vec<Rule>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    object_ownership: String,
}

impl Readable for Controls {
    const NAME: &'static str = "GetBucketOwnershipControls";
    const ACTION: &'static str = "s3:GetBucketOwnershipControls";
    const ROOT: &'static str = "OwnershipControls";
    type Document = OwnershipControls;

    fn read(bucket: &Bucket) -> Result<OwnershipControls, Fault> {
        let mode = bucket.ownership.ok_or_else(|| {
            Fault::service(
                404,
                "OwnershipControlsNotFoundError",
                "The bucket ownership controls were not found",
            )
            .detail("BucketName", &*bucket.name)
        })?;
        Ok(OwnershipControls {
            rules: vec![Rule {
                object_ownership: format!("{mode:?}"),
            }],
        })
    }
}

impl Change for Controls {
    const NAME: &'static str = "PutBucketOwnershipControls";
    const ACTION: &'static str = "s3:PutBucketOwnershipControls";
    type Body = OwnershipControls;

    fn apply(bucket: &mut Bucket, body: OwnershipControls, _: &Aside<'_>) -> Result<(), Fault> {
        let [rule] = body.rules.as_slice() else {
            return Err(faults::malformed_xml());
        };
        let mode = Ownership::parse(&rule.object_ownership).ok_or_else(faults::malformed_xml)?;
        let granted = bucket
            .acl
            .as_ref()
            .is_some_and(|acl| acl.grants_to_others());
        if mode == Ownership::BucketOwnerEnforced && granted {
            return Err(faults::no_acls_in_enforced());
        }
        bucket.ownership = Some(mode);
        Ok(())
    }
}

impl Removable for Controls {
    const NAME: &'static str = "DeleteBucketOwnershipControls";
    const ACTION: &'static str = "s3:PutBucketOwnershipControls";

    fn remove(bucket: &mut Bucket) -> Result<(), Fault> {
        bucket.ownership = None;
        Ok(())
    }
}
