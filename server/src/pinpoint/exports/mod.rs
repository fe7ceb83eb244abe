//! Export jobs: endpoints written to a bucket with a role that the caller hands over. After the hops that every job has
//! comes `s3:PutObject`, once for each file.

mod create;
mod door;
mod pieces;
mod run;
mod target;

pub(super) use create::CreateExportJob;

use super::shape::{Member, Shape, may, must};

/// `ExportJobRequest`
static REQUEST: &[Member] = &[
    must("RoleArn", &Shape::Text),
    must("S3UrlPrefix", &Shape::Text),
    may("SegmentId", &Shape::Text),
    may("SegmentVersion", &Shape::Integer),
];
