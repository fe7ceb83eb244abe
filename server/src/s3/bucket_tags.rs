//! The tags of a bucket.

use super::{
    Bucket,
    configurations::has_abac,
    setting::{Aside, Change, Readable, Removable},
    tags::{self, Tagging},
    xml::Element,
};
use crate::wire::Fault;

/// `…BucketTagging`
#[derive(Debug)]
pub(super) struct BucketTagging;

impl Readable for BucketTagging {
    const NAME: &'static str = "GetBucketTagging";
    const ACTION: &'static str = "s3:GetBucketTagging";
    const ROOT: &'static str = "Tagging";
    type Document = Tagging;

    fn read(bucket: &Bucket) -> Result<Tagging, Fault> {
        if bucket.tags.is_empty() {
            return Err(
                Fault::service(404, "NoSuchTagSet", "The TagSet does not exist")
                    .detail("BucketName", &*bucket.name),
            );
        }
        Ok(Tagging::of(&bucket.tags))
    }
}

impl Change for BucketTagging {
    const NAME: &'static str = "PutBucketTagging";
    const ACTION: &'static str = "s3:PutBucketTagging";
    type Body = Element;

    fn apply(bucket: &mut Bucket, body: Element, _: &Aside<'_>) -> Result<(), Fault> {
        refuse_under_abac(bucket, "PUT")?;
        let body = Tagging::read(&body)?;
        tags::check(&body.tag_set.tag, tags::Of::Bucket)?;
        bucket.tags = tags::pairs(&body.tag_set.tag);
        Ok(())
    }
}

impl Removable for BucketTagging {
    const NAME: &'static str = "DeleteBucketTagging";
    const ACTION: &'static str = "s3:PutBucketTagging";

    fn remove(bucket: &mut Bucket) -> Result<(), Fault> {
        refuse_under_abac(bucket, "DELETE")?;
        bucket.tags.clear();
        Ok(())
    }
}

/// Where tags decide, only TagResource and UntagResource change them; in which words S3 says so is not known
/// (rolecall's choice).
fn refuse_under_abac(bucket: &Bucket, method: &str) -> Result<(), Fault> {
    if !has_abac(bucket) {
        return Ok(());
    }
    let message = "The specified method is not allowed against this resource.";
    Err(Fault::service(405, "MethodNotAllowed", message)
        .detail("Method", method)
        .detail("ResourceType", "BUCKET"))
}
