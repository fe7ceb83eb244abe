//! The persistent ordered map that all state is made of.
//!
//! A clone shares everything and costs one reference count; a change copies only the path to it.

use rpds::RedBlackTreeMapSync;
use std::{
    borrow::Borrow,
    fmt::Debug,
    ops::{Bound, RangeBounds},
};

/// An ordered map whose clones share structure.
#[derive(Clone)]
pub(crate) struct Map<K: Ord + Clone, V: Clone>(RedBlackTreeMapSync<K, V>);

impl<K: Ord + Clone, V: Clone> Default for Map<K, V> {
    fn default() -> Self {
        Self(RedBlackTreeMapSync::new_sync())
    }
}

impl<K: Ord + Clone + Debug, V: Clone + Debug> Debug for Map<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord + Clone, V: Clone> Map<K, V> {
    pub(crate) fn get<Q: ?Sized + Ord>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    pub(crate) fn contains_key<Q: ?Sized + Ord>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.get(key).is_some()
    }

    /// The value to change in place; copies what other clones still share.
    pub(crate) fn get_mut<Q: ?Sized + Ord>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.0.get_mut(key)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.0.insert_mut(key, value);
    }

    /// Takes the entry out; says whether there was one.
    pub(crate) fn remove<Q: ?Sized + Ord>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.remove_mut(key)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.size()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter()
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
        self.0.range(range)
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
        self.0.range::<Q, _>((start, Bound::Unbounded))
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
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
