//! Whether the tags of a bucket count in policies: `aws:ResourceTag/…` and `s3:BucketTag/…` of the bucket and of all
//! that is in it. Source: S3 User Guide, "Enabling ABAC in general purpose buckets".

use super::{Call, Configuration};
use crate::{
    s3::{
        Bucket,
        schema::{Member, STATUS, one},
        xml::Element,
    },
    wire::Fault,
};

/// `…BucketAbac`
#[derive(Debug)]
pub(in crate::s3) struct Abac;

impl Configuration for Abac {
    const READ: Call = ("GetBucketAbac", "s3:GetBucketABAC");
    const WRITE: Call = ("PutBucketAbac", "s3:PutBucketABAC");
    const ROOT: &'static str = "AbacStatus";
    const MEMBERS: &'static [Member] = &[one("Status", STATUS)];

    fn unset(_: &Bucket) -> Result<Element, Fault> {
        let status = Element::leaf("Status", "Disabled");
        Ok(Element::node(Self::ROOT, [status]))
    }
}

/// Whether the bucket's tags count.
pub(in crate::s3) fn is_enabled(bucket: &Bucket) -> bool {
    let status = bucket.documents.one(Abac::ROOT);
    status.and_then(|it| it.value("Status")) == Some("Enabled")
}
