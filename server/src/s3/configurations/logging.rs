//! Server access logging. The configuration is kept; no logs are written.

use super::{Call, Configuration};
use crate::{
    s3::{
        Bucket,
        schema::{Kind, Member, any, maybe, one},
        setting::Aside,
        xml::Element,
    },
    wire::Fault,
};

/// `…BucketLogging`
#[derive(Debug)]
pub(in crate::s3) struct Logging;

const GRANTEE: Kind = Kind::Typed(&[
    maybe("ID", Kind::Text),
    maybe("DisplayName", Kind::Text),
    maybe("EmailAddress", Kind::Text),
    maybe("URI", Kind::Text),
]);

/// The recorded AWS takes every ACL permission here, also those that logging cannot grant.
const PERMISSION: Kind = Kind::OneOf(&["FULL_CONTROL", "READ", "WRITE", "READ_ACP", "WRITE_ACP"]);

impl Configuration for Logging {
    const READ: Call = ("GetBucketLogging", "s3:GetBucketLogging");
    const WRITE: Call = ("PutBucketLogging", "s3:PutBucketLogging");
    const ROOT: &'static str = "BucketLoggingStatus";
    const MEMBERS: &'static [Member] = &[maybe(
        "LoggingEnabled",
        Kind::Tree(&[
            one("TargetBucket", Kind::Text),
            one("TargetPrefix", Kind::Text),
            maybe(
                "TargetGrants",
                Kind::Tree(&[any(
                    "Grant",
                    Kind::Tree(&[one("Grantee", GRANTEE), one("Permission", PERMISSION)]),
                )]),
            ),
            maybe(
                "TargetObjectKeyFormat",
                Kind::Only(&[
                    maybe("SimplePrefix", Kind::Tree(&[])),
                    maybe(
                        "PartitionedPrefix",
                        Kind::Tree(&[maybe(
                            "PartitionDateSource",
                            Kind::OneOf(&["EventTime", "DeliveryTime"]),
                        )]),
                    ),
                ]),
            ),
        ]),
    )];

    fn unset(_: &Bucket) -> Result<Element, Fault> {
        Ok(Element::node(Self::ROOT, []))
    }

    /// The target is a bucket of the same owner in the same Region.
    fn check(document: &Element, bucket: &Bucket, aside: &Aside<'_>) -> Result<(), Fault> {
        let Some(enabled) = document.child("LoggingEnabled") else {
            return Ok(());
        };
        let name = enabled.value("TargetBucket").unwrap_or_default();
        let invalid = |message: &str| {
            Fault::service(400, "InvalidTargetBucketForLogging", message)
                .detail("TargetBucket", name)
        };
        let Some(target) = aside.law.buckets.get(name) else {
            return Err(invalid("The target bucket for logging does not exist"));
        };
        if target.owner != bucket.owner {
            return Err(invalid(
                "The owner for the bucket to be logged and the target bucket must be the same.",
            ));
        }
        if target.region == bucket.region {
            return Ok(());
        }
        // The spelling of the code and the blank at the end are AWS's.
        let fault = Fault::service(
            403,
            "CrossLocationLoggingProhibitted",
            "Cross S3 location logging not allowed. ",
        );
        // A bucket of us-east-1 has no location to name.
        let fault = match &*bucket.region {
            "us-east-1" => fault,
            region => fault.detail("SourceBucketLocation", region),
        };
        Err(match &*target.region {
            "us-east-1" => fault,
            region => fault.detail("TargetBucketLocation", region),
        })
    }
}
