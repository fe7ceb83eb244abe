//! The calls that an export makes of S3.

use crate::{
    gate::{Access, Actor, Demand, Facts, Gate, Granted, Guard},
    s3::PutObject,
    wire::{Fault, Operation, Payload},
    world::Text,
};
use bytes::Bytes;
use std::sync::Arc;

/// Writes one file as `actor`.
pub(super) async fn put(
    gate: &Arc<Gate>,
    actor: &Actor,
    bucket: &str,
    key: &str,
    content: Vec<Bytes>,
) -> Result<(), Fault> {
    let put = PutObject::new(bucket, key, Payload::Bytes(content), "application/gzip");
    gate.perform(actor, put).await.map(|_| ())
}

/// Whether `actor` might have written `key`, had there been a bucket.
///
/// S3 says that a bucket is not there before it asks any policy. In an export both are worth knowing: a role
/// that may not write there has a mistake that creating the bucket would not mend.
pub(super) async fn might_put(
    gate: &Arc<Gate>,
    actor: &Actor,
    bucket: &str,
    key: &str,
) -> Result<(), Fault> {
    let partition = actor.caller.partition;
    let question = MightPut {
        bucket: bucket.into(),
        object: format!("arn:{partition}:s3:::{bucket}/{key}"),
    };
    gate.perform(actor, question).await
}

/// `s3:PutObject` as a question.
struct MightPut {
    bucket: Text,
    object: String,
}

impl Operation for MightPut {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "PutObject";
    type Output = ();

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        let demand = Demand::new("s3:PutObject", self.object.clone());
        Ok(demand.guarded_by(Guard::Bucket(self.bucket.clone())).into())
    }

    async fn run(self, _: Granted<'_, Self>) -> Result<(), Fault> {
        Ok(())
    }
}
