//! What is kept on disk: the world as rows, one for each thing, under its path.
//!
//! A path is the names from the world's down to the thing, each name JSON behind a zero byte, which JSON never
//! contains. So what lies below a thing follows it, and nothing else stands between. A row is the thing as JSON;
//! members added later have defaults, so older rows stay readable.
//!
//! No operation knows of this. Maps remember which keys were touched since they were cloned, and publishing a world
//! writes what differs from the one before it.

use super::{
    Map, Text,
    blob::{Blob, Store},
    clock::Setting,
    rows::{Rows, Unreadable},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{collections::BTreeSet, sync::Arc};

/// A part of the world that has rows.
pub(crate) trait Kept: Sized {
    /// Adds what differs from `old`; everything where there was nothing.
    fn save(&self, old: Option<&Self>, to: &mut Changes) -> Result<(), Unkept>;

    /// Reads what `save` wrote.
    fn load(from: &mut Rows<'_>) -> Result<Self, Unreadable>;
}

/// Something cannot be written as a row: a mistake of rolecall's.
#[derive(Debug, thiserror::Error)]
#[error("write a row of the world: {0}")]
pub(crate) struct Unkept(#[from] serde_json::Error);

/// What turns one world into the next.
#[derive(Debug)]
pub(crate) struct Changes {
    path: Vec<u8>,
    store: Arc<Store>,
    /// Compare everything, whatever maps remember: the new world does not come from the old one.
    whole: bool,
    /// In the order in which they happened.
    pub(crate) rows: Vec<Change>,
    /// Content that the rows speak of and that may not be on disk yet.
    pub(crate) blobs: Vec<Blob>,
}

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Put {
        path: Vec<u8>,
        row: Vec<u8>,
    },
    /// The row goes, and everything below it.
    Remove {
        path: Vec<u8>,
    },
    /// How a world's clock goes; none when the world goes.
    Clock {
        world: Text,
        setting: Option<Vec<u8>>,
    },
}

impl Changes {
    fn below_path(path: &str, store: &Arc<Store>) -> Self {
        Self {
            path: path.as_bytes().to_vec(),
            store: store.clone(),
            whole: false,
            rows: Vec::new(),
            blobs: Vec::new(),
        }
    }

    /// No change of the world itself.
    pub(crate) fn nothing(store: &Arc<Store>) -> Self {
        Self::below_path("", store)
    }

    /// What turns `old` into `new`, a changed clone of it, under `path`.
    pub(crate) fn between<T: Kept>(
        path: &str,
        old: Option<&T>,
        new: &T,
        store: &Arc<Store>,
    ) -> Result<Self, Unkept> {
        let mut changes = Self::below_path(path, store);
        new.save(old, &mut changes)?;
        Ok(changes)
    }

    /// The same where `new` does not come from `old`.
    pub(crate) fn from_whole<T: Kept>(
        path: &str,
        old: &T,
        new: &T,
        store: &Arc<Store>,
    ) -> Result<Self, Unkept> {
        let mut changes = Self::below_path(path, store);
        changes.whole = true;
        new.save(Some(old), &mut changes)?;
        Ok(changes)
    }

    /// A world goes, with everything in it.
    pub(crate) fn of_end(world: &Text, store: &Arc<Store>) -> Self {
        let mut changes = Self::below_path(world, store);
        changes.remove();
        let world = world.clone();
        changes.rows.push(Change::Clock {
            world,
            setting: None,
        });
        changes
    }

    /// And the world's clock goes like this.
    pub(crate) fn clock(&mut self, world: &Text, setting: Setting) -> Result<(), Unkept> {
        let setting = Some(serde_json::to_vec(&setting)?);
        let world = world.clone();
        self.rows.push(Change::Clock { world, setting });
        Ok(())
    }

    /// Content that the next row speaks of.
    pub(crate) fn blob(&mut self, blob: &Blob) {
        blob.keep(&self.store);
        if blob.unwritten().is_some() {
            self.blobs.push(blob.clone());
        }
    }

    /// Writes `it` at the path where we are.
    pub(crate) fn put(&mut self, it: &impl Serialize) -> Result<(), Unkept> {
        let row = serde_json::to_vec(it)?;
        self.rows.push(Change::Put {
            path: self.path.clone(),
            row,
        });
        Ok(())
    }

    /// Writes `it` unless it is as it was.
    pub(crate) fn put_changed<T: Serialize>(
        &mut self,
        old: Option<&T>,
        it: &T,
    ) -> Result<(), Unkept> {
        let row = serde_json::to_vec(it)?;
        if let Some(old) = old
            && serde_json::to_vec(old)? == row
        {
            return Ok(());
        }
        self.rows.push(Change::Put {
            path: self.path.clone(),
            row,
        });
        Ok(())
    }

    /// Goes one name down for `what`.
    pub(crate) fn below(
        &mut self,
        name: &[u8],
        what: impl FnOnce(&mut Self) -> Result<(), Unkept>,
    ) -> Result<(), Unkept> {
        let here = self.path.len();
        self.path.push(0);
        self.path.extend_from_slice(name);
        let done = what(self);
        self.path.truncate(here);
        done
    }

    fn remove(&mut self) {
        self.rows.push(Change::Remove {
            path: self.path.clone(),
        });
    }
}

/// Things that are one row: written anew when they were touched.
macro_rules! kept_as_row {
    ($($type:ty),* $(,)?) => { $(
        impl $crate::world::Kept for $type {
            fn save(&self, _: Option<&Self>, to: &mut $crate::world::Changes) -> Result<(), $crate::world::Unkept> {
                to.put(self)
            }

            fn load(from: &mut $crate::world::Rows<'_>) -> Result<Self, $crate::world::Unreadable> {
                from.row()
            }
        }
    )* };
}

/// Things with maps of their own: the named fields have rows below, everything else is the thing's own row.
/// The named fields are `#[serde(skip)]`.
macro_rules! kept_in_rows {
    ($type:ty { $($field:ident),* $(,)? }) => {
        impl $crate::world::Kept for $type {
            fn save(&self, old: Option<&Self>, to: &mut $crate::world::Changes) -> Result<(), $crate::world::Unkept> {
                to.put_changed(old, self)?;
                $( to.below(stringify!($field).as_bytes(), |to| {
                    $crate::world::Kept::save(&self.$field, old.map(|old| &old.$field), to)
                })?; )*
                Ok(())
            }

            fn load(from: &mut $crate::world::Rows<'_>) -> Result<Self, $crate::world::Unreadable> {
                let mut it: Self = from.row()?;
                from.each_below(|from, name| {
                    $( if name == stringify!($field).as_bytes() {
                        it.$field = $crate::world::Kept::load(from)?;
                        return Ok(());
                    } )*
                    Err(from.unknown())
                })?;
                Ok(it)
            }
        }
    };
}

pub(crate) use {kept_as_row, kept_in_rows};

kept_as_row!((), String, super::Text);

impl<T: Kept> Kept for Arc<T> {
    fn save(&self, old: Option<&Self>, to: &mut Changes) -> Result<(), Unkept> {
        match old {
            Some(old) if Arc::ptr_eq(self, old) => Ok(()),
            old => T::save(self, old.map(|old| &**old), to),
        }
    }

    fn load(from: &mut Rows<'_>) -> Result<Self, Unreadable> {
        T::load(from).map(Arc::new)
    }
}

impl<K, V> Kept for Map<K, V>
where
    K: Ord + Clone + Serialize + DeserializeOwned,
    V: Clone + Kept,
{
    fn save(&self, old: Option<&Self>, to: &mut Changes) -> Result<(), Unkept> {
        let whole = to.whole;
        let mut one = |key: &K, was: Option<&V>, is: Option<&V>| {
            let name = serde_json::to_vec(key)?;
            to.below(&name, |to| match (was, is) {
                (_, Some(is)) => is.save(was, to),
                (Some(_), None) => {
                    to.remove();
                    Ok(())
                }
                (None, None) => Ok(()),
            })
        };
        let Some(old) = old else {
            return self
                .iter()
                .try_for_each(|(key, value)| one(key, None, Some(value)));
        };
        match self.touched().filter(|_| !whole) {
            Some(touched) => {
                let touched: BTreeSet<&K> = touched.iter().collect();
                touched
                    .into_iter()
                    .try_for_each(|key| one(key, old.get(key), self.get(key)))
            }
            None => {
                for (key, was) in old.iter() {
                    one(key, Some(was), self.get(key))?;
                }
                let new = self.iter().filter(|(key, _)| !old.contains_key(*key));
                new.into_iter()
                    .try_for_each(|(key, value)| one(key, None, Some(value)))
            }
        }
    }

    fn load(from: &mut Rows<'_>) -> Result<Self, Unreadable> {
        let mut map = Self::default();
        from.each_below(|from, name| {
            let key = from.name(name)?;
            map.insert(key, V::load(from)?);
            Ok(())
        })?;
        Ok(map)
    }
}
