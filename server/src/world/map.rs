//! The persistent ordered map that all state is made of.
//!
//! A clone shares everything and costs one reference count; a change copies only the path to it.

use super::tree::{Iter, Tree};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{
    borrow::Borrow,
    fmt::Debug,
    ops::{Bound, RangeBounds},
    sync::atomic::{AtomicBool, Ordering},
};

/// Somebody keeps worlds on disk, so maps remember what was touched. Memory mode pays nothing for it.
static KEPT: AtomicBool = AtomicBool::new(false);

/// Lets maps remember from now on.
pub(crate) fn keep_touched() {
    KEPT.store(true, Ordering::Relaxed);
}

/// An ordered map whose clones share structure.
///
/// A value that is a map itself, and has rows of its own, stands behind an `Arc`: values are cloned when a neighbour
/// comes or goes, and the clone of a map has forgotten what was touched.
pub(crate) struct Map<K: Ord + Clone, V: Clone> {
    /// None when there is nothing in it.
    tree: Option<Tree<K, V>>,
    touched: Touched<K>,
}

/// What may differ from the map that this one was cloned from.
enum Touched<K> {
    /// Nobody remembers, or it is no clone.
    Anything,
    Nothing,
    /// The entries of these keys; a key may stand here twice.
    #[expect(
        clippy::box_collection,
        reason = "a map is in every account, bucket and policy; most touch nothing"
    )]
    Keys(Box<Vec<K>>),
}

impl<K: Ord + Clone, V: Clone> Default for Map<K, V> {
    fn default() -> Self {
        Self {
            tree: None,
            touched: Touched::Anything,
        }
    }
}

/// A clone has touched nothing yet.
impl<K: Ord + Clone, V: Clone> Clone for Map<K, V> {
    fn clone(&self) -> Self {
        let touched = if KEPT.load(Ordering::Relaxed) {
            Touched::Nothing
        } else {
            Touched::Anything
        };
        Self {
            tree: self.tree.clone(),
            touched,
        }
    }
}

impl<K: Ord + Clone + Debug, V: Clone + Debug> Debug for Map<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord + Clone, V: Clone> Map<K, V> {
    /// The keys whose entries may differ from the map that this one was cloned from; none when nobody remembers.
    pub(super) fn touched(&self) -> Option<&[K]> {
        match &self.touched {
            Touched::Anything => None,
            Touched::Nothing => Some(&[]),
            Touched::Keys(keys) => Some(keys),
        }
    }

    fn touch(&mut self, key: impl FnOnce() -> K) {
        match &mut self.touched {
            Touched::Anything => {}
            Touched::Nothing => self.touched = Touched::Keys(Box::new(vec![key()])),
            Touched::Keys(keys) => keys.push(key()),
        }
    }

    pub(crate) fn get<Q: ?Sized + Ord>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.tree.as_ref()?.get(key).map(|(_, value)| value)
    }

    pub(crate) fn contains_key<Q: ?Sized + Ord>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    /// The value to change in place; copies what other clones still share.
    pub(crate) fn get_mut<Q: ?Sized + Ord>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let tree = self.tree.as_ref()?;
        let known = tree.get(key)?.0.clone();
        self.touch(|| known);
        self.tree.as_mut()?.get_mut(key)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.touch(|| key.clone());
        match &mut self.tree {
            Some(tree) => tree.insert(key, value),
            None => self.tree = Some(Tree::of(key, value)),
        }
    }

    /// Takes the entry out; says whether there was one.
    pub(crate) fn remove<Q: ?Sized + Ord>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        let Some(tree) = self.tree.as_ref() else {
            return false;
        };
        let Some((known, _)) = tree.get(key) else {
            return false;
        };
        let known = known.clone();
        self.touch(|| known);
        self.tree = self.tree.take().and_then(|tree| tree.without(key));
        true
    }

    pub(crate) fn len(&self) -> usize {
        self.tree.as_ref().map_or(0, Tree::size)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tree.is_none()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        Iter::new(self.tree.as_ref(), 0, self.len())
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// The entries whose keys lie in `range`, in order.
    pub(crate) fn range<'a, Q, R>(
        &'a self,
        range: R,
    ) -> impl DoubleEndedIterator<Item = (&'a K, &'a V)>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized + 'a,
        R: RangeBounds<Q> + 'a,
    {
        let count = |key, with_it| {
            let tree = self.tree.as_ref();
            tree.map_or(0, |tree| tree.count(key, with_it))
        };
        let from = match range.start_bound() {
            Bound::Included(key) => count(key, false),
            Bound::Excluded(key) => count(key, true),
            Bound::Unbounded => 0,
        };
        let to = match range.end_bound() {
            Bound::Included(key) => count(key, true),
            Bound::Excluded(key) => count(key, false),
            Bound::Unbounded => self.len(),
        };
        Iter::new(self.tree.as_ref(), from, to)
    }

    /// The entries after `key` (all of them without one), in order: one page of a listing starts here.
    pub(crate) fn after<'a, Q>(
        &'a self,
        key: Option<&'a Q>,
    ) -> impl DoubleEndedIterator<Item = (&'a K, &'a V)>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized + 'a,
    {
        let start = key.map_or(Bound::Unbounded, Bound::Excluded);
        self.range::<Q, _>((start, Bound::Unbounded))
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

/// As a list of pairs: keys need not be text.
impl<K: Ord + Clone + Serialize, V: Clone + Serialize> Serialize for Map<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de, K, V> Deserialize<'de> for Map<K, V>
where
    K: Ord + Clone + Deserialize<'de>,
    V: Clone + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs = Vec::<(K, V)>::deserialize(deserializer)?;
        Ok(pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeMap, sync::Arc};

    proptest::proptest! {
        #[test]
        fn behaves_as_a_btreemap_and_clones_keep_what_they_saw(steps in proptest::collection::vec((0u8..3, 0u16..200), 0..400)) {
            let (mut map, mut model) = (Map::<Arc<str>, u16>::default(), BTreeMap::<String, u16>::new());
            let mut kept = (map.clone(), model.clone());
            for (i, (what, n)) in steps.into_iter().enumerate() {
                let key: Arc<str> = format!("{n:03}").into();
                match what {
                    0 => { map.insert(key.clone(), n); model.insert(key.to_string(), n); }
                    1 => proptest::prop_assert_eq!(map.remove(&*key), model.remove(&*key).is_some()),
                    _ => { if let Some(v) = map.get_mut(&*key) { *v += 1; }
                           if let Some(v) = model.get_mut(&*key) { *v += 1; } }
                }
                if i == 50 { kept = (map.clone(), model.clone()); }
            }
            let same = |map: &Map<Arc<str>, u16>, model: &BTreeMap<String, u16>| map.iter().map(|(k, v)| (k.to_string(), *v)).eq(model.iter().map(|(k, v)| (k.clone(), *v)));
            proptest::prop_assert!(same(&map, &model));
            proptest::prop_assert!(same(&kept.0, &kept.1));
            proptest::prop_assert_eq!(map.len(), model.len());
            let after: Vec<_> = map.after(Some("100")).map(|(k, _)| k.to_string()).collect();
            proptest::prop_assert_eq!(after, model.range::<str, _>((Bound::Excluded("100"), Bound::Unbounded)).map(|(k, _)| k.clone()).collect::<Vec<_>>());
        }
    }
}
