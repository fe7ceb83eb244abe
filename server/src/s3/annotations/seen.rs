//! What the decision was about. A payload takes its time to arrive, and what has the key by then may be somebody else's.

use crate::{
    gate::Facts,
    s3::{faults, object::Object, read::Wanted},
    wire::Fault,
    world::{Text, World},
};
use std::sync::{Arc, OnceLock};

/// The object that was asked about, and whose bucket it is in.
#[derive(Debug, Default)]
pub(super) struct Seen(OnceLock<(Text, Option<Arc<Object>>)>);

impl Seen {
    /// Remembers it.
    pub(super) fn note(&self, facts: &Facts<'_>, wanted: Wanted<'_>) {
        if let Some(bucket) = facts.bucket(wanted.bucket()) {
            let object = wanted.shared(facts).cloned();
            self.0.get_or_init(|| (bucket.owner.clone(), object));
        }
    }

    /// Refuses where it is no longer there, or no longer what the policies were asked about.
    pub(super) fn check(&self, world: &World, wanted: Wanted<'_>) -> Result<(), Fault> {
        let bucket = world.law.buckets.get(wanted.bucket());
        let shelf = world.shelves.get(wanted.bucket());
        let now = shelf.and_then(|shelf| wanted.of(shelf));
        let same = match (self.0.get(), bucket, now) {
            (Some((owner, Some(then))), Some(bucket), Some(now)) => {
                *owner == bucket.owner && is_same(then, now)
            }
            _ => false,
        };
        match same {
            true => Ok(()),
            false => Err(faults::changed_meanwhile()),
        }
    }
}

/// Whether a decision about one holds for the other.
fn is_same(then: &Object, now: &Object) -> bool {
    // The very list: a decision reads it once more only where somebody put another.
    let lists = match (&then.extras.acl, &now.extras.acl) {
        (None, None) => true,
        (Some(then), Some(now)) => Arc::ptr_eq(then, now),
        _ => false,
    };
    lists
        && then.etag == now.etag
        && then.owner == now.owner
        && then.extras.tags == now.extras.tags
        && then.extras.encryption == now.extras.encryption
}
