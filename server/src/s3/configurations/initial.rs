//! What a bucket got when it was made and never changes: its location.

use crate::{
    s3::{Bucket, names, setting::Readable, xml::Element},
    wire::Fault,
};
use serde::Serialize;

/// `GetBucketLocation`
#[derive(Debug)]
pub(in crate::s3) struct Location;

/// `<LocationConstraint>`
#[derive(Debug, Serialize)]
pub(in crate::s3) struct LocationConstraint {
    #[serde(rename = "$text")]
    region: String,
}

impl Readable for Location {
    const NAME: &'static str = "GetBucketLocation";
    const ACTION: &'static str = "s3:GetBucketLocation";
    const ROOT: &'static str = "LocationConstraint";
    type Document = LocationConstraint;

    fn read(bucket: &Bucket) -> Result<LocationConstraint, Fault> {
        let named = bucket.documents.one(Self::ROOT).map(Element::text);
        let region = named.unwrap_or_else(|| names::location_of(&bucket.region));
        Ok(LocationConstraint {
            region: region.to_owned(),
        })
    }
}

/// Keeps the name by which the Region was asked for: `EU` stays `EU`.
pub(in crate::s3) fn call(bucket: &mut Bucket, name: &str) {
    bucket
        .documents
        .set(Location::ROOT, Element::leaf(Location::ROOT, name));
}
