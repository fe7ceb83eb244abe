//! What few things have: a place for it costs the others no more than a pointer.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ops::Deref;

/// Something that is mostly nothing.
pub(crate) trait Seldom: Default + 'static {
    /// What it is mostly; the default.
    fn nothing() -> &'static Self;

    /// Whether it is that.
    fn is_nothing(&self) -> bool;
}

/// Something that is mostly nothing, and then takes no room.
#[derive(Debug, Clone)]
pub(crate) struct Rare<T>(Option<Box<T>>);

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self(None)
    }
}

#[cfg(test)]
impl<T> Rare<T> {
    /// Whether there is something.
    pub(crate) fn takes_room(&self) -> bool {
        self.0.is_some()
    }
}

impl<T: Seldom> From<T> for Rare<T> {
    fn from(it: T) -> Self {
        Self((!it.is_nothing()).then(|| Box::new(it)))
    }
}

impl<T: Seldom> Deref for Rare<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some(it) => it,
            None => T::nothing(),
        }
    }
}

impl<T: Seldom> Rare<T> {
    /// Changes it. What is nothing after that takes no room.
    pub(crate) fn change<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R {
        let mut it = self.0.take().unwrap_or_default();
        let answer = change(&mut it);
        self.0 = (!it.is_nothing()).then_some(it);
        answer
    }
}

impl<T: Seldom + Serialize> Serialize for Rare<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::serialize(self, serializer)
    }
}

impl<'de, T: Seldom + Deserialize<'de>> Deserialize<'de> for Rare<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}
