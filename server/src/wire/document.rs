//! A body that has to be here in whole before it can be read.

use super::{
    Arriving, Fault,
    budget::{Budget, Share},
};
use bytes::{Bytes, BytesMut};
use std::ops::Deref;

/// All of a body. Its share of the budget is given back with it.
#[derive(Debug)]
pub(crate) struct Document {
    bytes: Bytes,
    _share: Share,
}

impl Deref for Document {
    type Target = Bytes;

    fn deref(&self) -> &Bytes {
        &self.bytes
    }
}

/// Reads a whole small body, at most `limit` bytes.
pub(crate) async fn collect(
    mut body: Arriving,
    limit: u64,
    budget: &Budget,
) -> Result<Document, Fault> {
    let mut first: Option<Bytes> = None;
    let mut all = BytesMut::new();
    let (mut share, mut length) = (budget.share(), 0);
    while let Some(frame) = body.next().await? {
        length += frame.len();
        if length as u64 > limit {
            return Err(Fault::service(
                413,
                "RequestEntityTooLarge",
                format!("the body is larger than the {limit} bytes that this operation takes"),
            ));
        }
        share.reach(length)?;
        match first.take() {
            None if all.is_empty() => first = Some(frame),
            before => {
                all.extend_from_slice(before.as_deref().unwrap_or_default());
                all.extend_from_slice(&frame);
            }
        }
    }
    Ok(Document {
        bytes: first.unwrap_or_else(|| all.freeze()),
        _share: share,
    })
}
