//! Import jobs: endpoints read from a bucket with a role that the caller hands over. After the hops that every job has come
//! `s3:ListBucket`, and `s3:GetObject` once for each file.

mod create;
mod csv;
mod lines;
mod run;
mod source;
mod take;

pub(super) use create::CreateImportJob;

use super::shape::{Member, Shape, may, must};

/// `ImportJobRequest`
static REQUEST: &[Member] = &[
    must("Format", &Shape::Word(&["CSV", "JSON"])),
    must("RoleArn", &Shape::Text),
    must("S3Url", &Shape::Text),
    may("DefineSegment", &Shape::Bool),
    may("ExternalId", &Shape::Text),
    may("RegisterEndpoints", &Shape::Bool),
    may("SegmentId", &Shape::Text),
    may("SegmentName", &Shape::Text),
];
