//! Object lock of a bucket: that it is on, and the retention that new objects get. What it does stands in `lock/`.

use super::{Call, Configuration, not_found};
use crate::{
    s3::{
        Bucket, Versioning, faults,
        schema::{Kind, Member, maybe, one},
        setting::Aside,
        xml::Element,
    },
    wire::Fault,
};

/// `…ObjectLockConfiguration`
#[derive(Debug)]
pub(in crate::s3) struct ObjectLock;

/// The longest retention. Source: Amazon S3 API Reference, DefaultRetention.
const LONGEST: (i64, i64) = (36_500, 100);

impl Configuration for ObjectLock {
    const READ: Call = (
        "GetObjectLockConfiguration",
        "s3:GetBucketObjectLockConfiguration",
    );
    const WRITE: Call = (
        "PutObjectLockConfiguration",
        "s3:PutBucketObjectLockConfiguration",
    );
    const ROOT: &'static str = "ObjectLockConfiguration";
    const MEMBERS: &'static [Member] = &[
        one("ObjectLockEnabled", Kind::OneOf(&["Enabled"])),
        maybe(
            "Rule",
            Kind::Tree(&[one(
                "DefaultRetention",
                Kind::Tree(&[
                    one("Mode", Kind::OneOf(&["GOVERNANCE", "COMPLIANCE"])),
                    maybe("Days", Kind::Whole),
                    maybe("Years", Kind::Whole),
                ]),
            )]),
        ),
    ];

    fn unset(bucket: &Bucket) -> Result<Element, Fault> {
        let message = "Object Lock configuration does not exist for this bucket";
        not_found(bucket, "ObjectLockConfigurationNotFoundError", message)
    }

    fn check(document: &Element, bucket: &Bucket, _: &Aside<'_>) -> Result<(), Fault> {
        let retention = document
            .child("Rule")
            .and_then(|rule| rule.child("DefaultRetention"));
        if let Some(retention) = retention {
            check_retention(retention)?;
        }
        if bucket.versioning == Some(Versioning::Enabled) {
            return Ok(());
        }
        let message =
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
        Err(Fault::service(409, "InvalidBucketState", message))
    }
}

fn check_retention(retention: &Element) -> Result<(), Fault> {
    let (days, years) = (retention.number("Days"), retention.number("Years"));
    let (length, longest, unit) = match (days, years) {
        (Some(days), None) => (days, LONGEST.0, "Days"),
        (None, Some(years)) => (years, LONGEST.1, "Years"),
        _ => return Err(faults::malformed_xml()),
    };
    if length < 1 {
        let message = "Default retention period must be a positive integer value.";
        return Err(Fault::service(400, "InvalidArgument", message).detail("ArgumentName", unit));
    }
    if length > longest {
        let message = "Default retention period too large";
        return Err(faults::invalid_argument(message, unit, length.to_string()));
    }
    Ok(())
}

/// What `x-amz-bucket-object-lock-enabled` makes of a new bucket.
pub(in crate::s3) fn enable(bucket: &mut Bucket) {
    let enabled = Element::leaf("ObjectLockEnabled", "Enabled");
    bucket.versioning = Some(Versioning::Enabled);
    bucket
        .documents
        .set(ObjectLock::ROOT, Element::node(ObjectLock::ROOT, [enabled]));
}

/// Whether object lock is on.
pub(in crate::s3) fn has_lock(bucket: &Bucket) -> bool {
    bucket.documents.one(ObjectLock::ROOT).is_some()
}

/// The `<DefaultRetention>` that new objects get.
pub(in crate::s3) fn default_retention(bucket: &Bucket) -> Option<&Element> {
    let document = bucket.documents.one(ObjectLock::ROOT)?;
    document.child("Rule")?.child("DefaultRetention")
}
