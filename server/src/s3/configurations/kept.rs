//! The documents that a bucket keeps.

use crate::{s3::xml::Element, world::Text};
use std::{collections::BTreeMap, sync::Arc};

/// The configurations of a bucket, by root element; those of which there are several also by id.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    one: BTreeMap<Text, Arc<Element>>,
    several: BTreeMap<Text, BTreeMap<Text, Arc<Element>>>,
}

impl Kept {
    /// The configuration with this root element.
    pub(in crate::s3) fn one(&self, root: &str) -> Option<&Element> {
        self.one.get(root).map(|document| &**document)
    }

    /// Keeps a configuration in place of the one before.
    pub(in crate::s3) fn set(&mut self, root: &str, document: Element) {
        self.one.insert(root.into(), Arc::new(document));
    }

    /// Forgets a configuration.
    pub(in crate::s3) fn remove(&mut self, root: &str) {
        self.one.remove(root);
    }

    /// The configurations with this root element, in the order of their ids.
    pub(in crate::s3) fn several(
        &self,
        root: &str,
    ) -> impl Iterator<Item = (&Text, &Arc<Element>)> + use<'_> {
        self.several.get(root).into_iter().flatten()
    }

    /// The configurations with this root element, to change.
    pub(in crate::s3) fn several_mut(&mut self, root: &str) -> &mut BTreeMap<Text, Arc<Element>> {
        self.several.entry(root.into()).or_default()
    }
}
