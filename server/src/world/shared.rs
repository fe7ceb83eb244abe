//! A part of the world that is taken along as a whole: one reference count, whatever is in it.

use super::{Changes, Kept, Rows, Unkept, Unreadable};
use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

/// Clones share it; a change copies it first, as far as others have it.
///
/// Whoever changes a world takes no clone of its parts along: the next change would copy the part once more, and its maps
/// forget what the first one touched.
#[derive(Debug, Default)]
pub struct Shared<T>(Arc<T>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> From<T> for Shared<T> {
    fn from(it: T) -> Self {
        Self(Arc::new(it))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T: Kept> Kept for Shared<T> {
    fn save(&self, old: Option<&Self>, to: &mut Changes) -> Result<(), Unkept> {
        self.0.save(old.map(|old| &old.0), to)
    }

    fn load(from: &mut Rows<'_>) -> Result<Self, Unreadable> {
        Kept::load(from).map(Self)
    }
}
