//! Objects.

use crate::world::{Blob, Map, Text};
use std::sync::Arc;

/// The objects of one bucket.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    /// Objects by key.
    pub(crate) objects: Map<Text, Arc<Object>>,
}

/// An object.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    /// Its bytes.
    #[expect(dead_code, reason = "read when objects are served")]
    pub(crate) blob: Blob,
    /// Its tags.
    pub(crate) tags: Vec<(String, String)>,
}

impl Shelf {
    /// The tags of an object.
    pub(crate) fn tags(&self, key: &str, _version: Option<&str>) -> Vec<(String, String)> {
        self.objects
            .get(key)
            .map(|object| object.tags.clone())
            .unwrap_or_default()
    }
}
