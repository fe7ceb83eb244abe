//! The tags of a bucket.

use super::{
    Bucket,
    setting::{Aside, Change, Readable, Removable},
    tags::{self, Tagging},
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
    type Body = Tagging;

    fn apply(bucket: &mut Bucket, body: Tagging, _: &Aside<'_>) -> Result<(), Fault> {
        tags::check(&body.tag_set.tag, tags::Of::Bucket)?;
        bucket.tags = tags::pairs(&body.tag_set.tag);
        Ok(())
    }
}

impl Removable for BucketTagging {
    const NAME: &'static str = "DeleteBucketTagging";
    const ACTION: &'static str = "s3:PutBucketTagging";

    fn remove(bucket: &mut Bucket) {
        bucket.tags.clear();
    }
}
