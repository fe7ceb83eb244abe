//! Amazon S3. One file per resource; operations stand next to what they change.

mod buckets;
mod objects;
mod request;

pub use buckets::Bucket;
pub use objects::Shelf;
pub(crate) use request::{check_document, header_parts, path_style, unserved_name};

use crate::wire::{RestXml, Row, operations};

/// Every operation of S3 that rolecall serves.
pub static OPERATIONS: &[Row] = operations![RestXml, "s3";
    GET "/{bucket}?location" 200 => buckets::GetBucketLocation,
];
