//! Configurations of one member: transfer acceleration and who pays.

use super::{Call, Configuration};
use crate::{
    s3::{
        Bucket, faults,
        schema::{Kind, Member, maybe, one},
        xml::Element,
    },
    wire::Fault,
};

/// `…BucketAccelerateConfiguration`
#[derive(Debug)]
pub(in crate::s3) struct Accelerate;

impl Configuration for Accelerate {
    const READ: Call = (
        "GetBucketAccelerateConfiguration",
        "s3:GetAccelerateConfiguration",
    );
    const WRITE: Call = (
        "PutBucketAccelerateConfiguration",
        "s3:PutAccelerateConfiguration",
    );
    const ROOT: &'static str = "AccelerateConfiguration";
    const MEMBERS: &'static [Member] = &[maybe("Status", Kind::OneOf(&["Enabled", "Suspended"]))];

    fn unset(_: &Bucket) -> Result<Element, Fault> {
        Ok(Element::node(Self::ROOT, []))
    }

    fn check_bucket(bucket: &Bucket) -> Result<(), Fault> {
        if !bucket.name.contains('.') {
            return Ok(());
        }
        Err(faults::invalid_request(
            "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names",
        ))
    }
}

/// `…BucketRequestPayment`
#[derive(Debug)]
pub(in crate::s3) struct RequestPayment;

impl Configuration for RequestPayment {
    const READ: Call = ("GetBucketRequestPayment", "s3:GetBucketRequestPayment");
    const WRITE: Call = ("PutBucketRequestPayment", "s3:PutBucketRequestPayment");
    const ROOT: &'static str = "RequestPaymentConfiguration";
    const MEMBERS: &'static [Member] = &[one("Payer", Kind::OneOf(&["BucketOwner", "Requester"]))];

    fn unset(_: &Bucket) -> Result<Element, Fault> {
        let payer = Element::leaf("Payer", "BucketOwner");
        Ok(Element::node(Self::ROOT, [payer]))
    }
}
