//! A persistent B-tree: entries in order, in leaves that clones share.
//!
//! Every node is exactly as long as what is in it, so that an entry costs little more than its key and its value. Of a
//! binary tree each entry is two allocations more, and a lookup goes through three times as many places in memory.
//! Branches know how many entries are below them: an iterator goes by number, from either end.

use std::{borrow::Borrow, slice, sync::Arc};

/// As many entries or children as a node may have. More would be found faster and copied slower.
const MOST: usize = 8;
/// A node with no more than this many goes into its neighbour, where there is room.
const FEW: usize = MOST / 4;

/// Entries by key: a leaf, or branches that are all equally deep.
#[derive(Clone)]
pub(super) enum Tree<K, V> {
    Leaf(Arc<[(K, V)]>),
    Branch(Arc<[Child<K, V>]>),
}

/// What is below a branch.
#[derive(Clone)]
pub(super) struct Child<K, V> {
    /// No key in here is less, and every key of the child before is. Of the first child nobody asks: what is less than
    /// all the others belongs there.
    first: K,
    /// How many entries there are.
    size: usize,
    tree: Tree<K, V>,
}

/// What became of a tree that an entry was put into.
enum Put<K, V> {
    /// The key was there: its value is another.
    Changed,
    Added,
    /// Added, and the later half is to stand beside it.
    Split(Child<K, V>),
}

impl<K: Ord + Clone, V: Clone> Tree<K, V> {
    /// A tree of one entry.
    pub(super) fn of(key: K, value: V) -> Self {
        Self::Leaf(Arc::new([(key, value)]))
    }

    pub(super) fn get<Q: ?Sized + Ord>(&self, key: &Q) -> Option<&(K, V)>
    where
        K: Borrow<Q>,
    {
        let mut tree = self;
        loop {
            match tree {
                Self::Leaf(entries) => return entries.get(place(entries, key).ok()?),
                Self::Branch(children) => tree = &children.get(child(children, key))?.tree,
            }
        }
    }

    /// The value to change in place, in copies of the nodes that others share.
    pub(super) fn get_mut<Q: ?Sized + Ord>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        match self {
            Self::Leaf(entries) => {
                let at = place(entries, key).ok()?;
                Some(&mut Arc::make_mut(entries).get_mut(at)?.1)
            }
            Self::Branch(children) => {
                let at = child(children, key);
                Arc::make_mut(children).get_mut(at)?.tree.get_mut(key)
            }
        }
    }

    /// Puts an entry in, or another value for its key.
    pub(super) fn insert(&mut self, key: K, value: V) {
        let Put::Split(later) = self.put(key, value) else {
            return;
        };
        if let Some(earlier) = Child::of(self.clone()) {
            *self = Self::Branch(Arc::new([earlier, later]));
        }
    }

    fn put(&mut self, key: K, value: V) -> Put<K, V> {
        match self {
            Self::Leaf(entries) => match place(entries, &key) {
                Ok(at) => {
                    if let Some(entry) = Arc::make_mut(entries).get_mut(at) {
                        entry.1 = value;
                    }
                    Put::Changed
                }
                Err(at) => {
                    *entries = with(entries, at, (key, value));
                    let Some([earlier, later]) = halves(entries) else {
                        return Put::Added;
                    };
                    *entries = earlier;
                    Child::of(Self::Leaf(later)).map_or(Put::Added, Put::Split)
                }
            },
            Self::Branch(children) => {
                let at = child(children, &key);
                let Some(below) = Arc::make_mut(children).get_mut(at) else {
                    return Put::Changed;
                };
                match below.tree.put(key, value) {
                    Put::Changed => return Put::Changed,
                    Put::Added => {
                        below.size += 1;
                        return Put::Added;
                    }
                    Put::Split(later) => {
                        below.size = below.size + 1 - later.size;
                        *children = with(children, at + 1, later);
                    }
                }
                let Some([earlier, later]) = halves(children) else {
                    return Put::Added;
                };
                *children = earlier;
                Child::of(Self::Branch(later)).map_or(Put::Added, Put::Split)
            }
        }
    }

    /// Takes the entry of a key out that is there. What is left of the tree; none when that is nothing.
    pub(super) fn without<Q: ?Sized + Ord>(mut self, key: &Q) -> Option<Self>
    where
        K: Borrow<Q>,
    {
        self.take(key);
        // A branch with a single child is no branch.
        while let Self::Branch(children) = &self {
            match &**children {
                [] => return None,
                [only] => self = only.tree.clone(),
                _ => break,
            }
        }
        (self.width() > 0).then_some(self)
    }

    fn take<Q: ?Sized + Ord>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        match self {
            Self::Leaf(entries) => {
                if let Ok(at) = place(entries, key) {
                    *entries = cut(entries, at);
                }
            }
            Self::Branch(children) => {
                let at = child(children, key);
                let Some(below) = Arc::make_mut(children).get_mut(at) else {
                    return;
                };
                below.tree.take(key);
                below.size = below.tree.size();
                match below.tree.width() {
                    0 => *children = cut(children, at),
                    1..=FEW => join(children, at),
                    _ => {}
                }
            }
        }
    }

    /// How many entries there are.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Leaf(entries) => entries.len(),
            Self::Branch(children) => children.iter().map(|child| child.size).sum(),
        }
    }

    /// How many entries or children the node itself has.
    fn width(&self) -> usize {
        match self {
            Self::Leaf(entries) => entries.len(),
            Self::Branch(children) => children.len(),
        }
    }

    /// A key that nothing in here is less than, unless it is the first child.
    fn first(&self) -> Option<K> {
        match self {
            Self::Leaf(entries) => entries.first().map(|(key, _)| key.clone()),
            Self::Branch(children) => children.first().map(|child| child.first.clone()),
        }
    }

    /// How many entries come before `key`, and with it where that is asked for.
    pub(super) fn count<Q: ?Sized + Ord>(&self, key: &Q, with_it: bool) -> usize
    where
        K: Borrow<Q>,
    {
        let (mut tree, mut before) = (self, 0);
        loop {
            match tree {
                Self::Leaf(entries) => {
                    return before
                        + match place(entries, key) {
                            Ok(at) => at + usize::from(with_it),
                            Err(at) => at,
                        };
                }
                Self::Branch(children) => {
                    let at = child(children, key);
                    before += children.iter().take(at).map(|it| it.size).sum::<usize>();
                    match children.get(at) {
                        Some(child) => tree = &child.tree,
                        None => return before,
                    }
                }
            }
        }
    }

    /// The leaf that has the entry of this number, and the entry's number in there.
    fn leaf(&self, number: usize) -> Option<(&[(K, V)], usize)> {
        let (mut tree, mut left) = (self, number);
        loop {
            match tree {
                Self::Leaf(entries) => return Some((entries, left)),
                Self::Branch(children) => {
                    let below = children.iter().find(|child| {
                        let here = left < child.size;
                        if !here {
                            left -= child.size;
                        }
                        here
                    });
                    tree = &below?.tree;
                }
            }
        }
    }
}

/// Where the entry of `key` is among these, or where it would be.
fn place<K: Borrow<Q>, V, Q: ?Sized + Ord>(entries: &[(K, V)], key: &Q) -> Result<usize, usize> {
    entries.binary_search_by(|(known, _)| known.borrow().cmp(key))
}

/// The child that `key` belongs to.
fn child<K: Borrow<Q>, V, Q: ?Sized + Ord>(children: &[Child<K, V>], key: &Q) -> usize {
    let later = children.get(1..).unwrap_or_default();
    later.partition_point(|child| child.first.borrow() <= key)
}

impl<K: Ord + Clone, V: Clone> Child<K, V> {
    fn of(tree: Tree<K, V>) -> Option<Self> {
        Some(Self {
            first: tree.first()?,
            size: tree.size(),
            tree,
        })
    }
}

/// The node with one more.
fn with<T: Clone>(node: &[T], at: usize, new: T) -> Arc<[T]> {
    let (before, after) = node.split_at_checked(at).unwrap_or((node, &[]));
    before
        .iter()
        .cloned()
        .chain([new])
        .chain(after.iter().cloned())
        .collect()
}

/// The node without one of it.
fn cut<T: Clone>(node: &[T], at: usize) -> Arc<[T]> {
    let before = node.get(..at).unwrap_or(node);
    let after = node.get(at + 1..).unwrap_or_default();
    before.iter().chain(after).cloned().collect()
}

/// Both halves of a node that has too many.
fn halves<T: Clone>(node: &[T]) -> Option<[Arc<[T]>; 2]> {
    if node.len() <= MOST {
        return None;
    }
    let (earlier, later) = node.split_at_checked(node.len() / 2)?;
    Some([earlier.into(), later.into()])
}

/// Puts the child at `at` and a neighbour together, where they fit into one.
fn join<K: Ord + Clone, V: Clone>(children: &mut Arc<[Child<K, V>]>, at: usize) {
    let pair = |first: usize| match (children.get(first), children.get(first + 1)) {
        (Some(earlier), Some(later)) if earlier.tree.width() + later.tree.width() <= MOST => {
            Some((first, joined(earlier, later)?))
        }
        _ => None,
    };
    let found = pair(at).or_else(|| pair(at.checked_sub(1)?));
    if let Some((first, one)) = found {
        let mut fewer = cut(children, first + 1);
        if let Some(place) = Arc::make_mut(&mut fewer).get_mut(first) {
            *place = one;
        }
        *children = fewer;
    }
}

fn joined<K: Ord + Clone, V: Clone>(
    earlier: &Child<K, V>,
    later: &Child<K, V>,
) -> Option<Child<K, V>> {
    let tree = match (&earlier.tree, &later.tree) {
        (Tree::Leaf(one), Tree::Leaf(other)) => {
            Tree::Leaf(one.iter().chain(&**other).cloned().collect())
        }
        (Tree::Branch(one), Tree::Branch(other)) => {
            let mut all: Arc<[_]> = one.iter().chain(&**other).cloned().collect();
            // It is not the first child any more.
            Arc::make_mut(&mut all).get_mut(one.len())?.first = later.first.clone();
            Tree::Branch(all)
        }
        _ => return None,
    };
    Some(Child {
        first: earlier.first.clone(),
        size: earlier.size + later.size,
        tree,
    })
}

/// Entries in order, from either end.
pub(super) struct Iter<'a, K, V> {
    tree: Option<&'a Tree<K, V>>,
    /// The number of the next entry, and of the one that is not meant any more.
    next: usize,
    end: usize,
    /// What is left of the leaves at both ends.
    front: slice::Iter<'a, (K, V)>,
    back: slice::Iter<'a, (K, V)>,
}

impl<'a, K, V> Iter<'a, K, V> {
    /// The entries from number `next` to before number `end`.
    pub(super) fn new(tree: Option<&'a Tree<K, V>>, next: usize, end: usize) -> Self {
        Self {
            tree,
            next,
            end,
            front: [].iter(),
            back: [].iter(),
        }
    }
}

impl<'a, K: Ord + Clone, V: Clone> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        if self.front.as_slice().is_empty() {
            let (leaf, at) = self.tree?.leaf(self.next)?;
            self.front = leaf.get(at..)?.iter();
        }
        self.next += 1;
        self.front.next().map(|(key, value)| (key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.end.saturating_sub(self.next);
        (left, Some(left))
    }
}

impl<K: Ord + Clone, V: Clone> DoubleEndedIterator for Iter<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        self.end -= 1;
        if self.back.as_slice().is_empty() {
            let (leaf, at) = self.tree?.leaf(self.end)?;
            self.back = leaf.get(..=at)?.iter();
        }
        self.back.next_back().map(|(key, value)| (key, value))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Checks every node, and returns how deep the tree is.
    fn sound(tree: &Tree<u32, u32>, root: bool, from: Option<u32>, to: Option<u32>) -> usize {
        assert!(tree.width() <= MOST, "{} in one node", tree.width());
        assert!(tree.width() > 0);
        match tree {
            Tree::Leaf(entries) => {
                assert!(entries.is_sorted_by(|(one, _), (other, _)| one < other));
                assert!(
                    entries
                        .iter()
                        .all(|(key, _)| from.is_none_or(|from| *key >= from))
                );
                assert!(entries.iter().all(|(key, _)| to.is_none_or(|to| *key < to)));
                1
            }
            Tree::Branch(children) => {
                assert!(!root || children.len() > 1);
                let firsts: Vec<u32> = children.iter().map(|child| child.first).collect();
                let mut depths = Vec::new();
                for (at, child) in children.iter().enumerate() {
                    assert_eq!(child.size, child.tree.size());
                    let from = if at == 0 { from } else { Some(child.first) };
                    let to = firsts.get(at + 1).copied().or(to);
                    depths.push(sound(&child.tree, false, from, to));
                }
                depths.dedup();
                assert_eq!(depths.len(), 1);
                depths.first().unwrap() + 1
            }
        }
    }

    fn keys(tree: &Option<Tree<u32, u32>>) -> Vec<u32> {
        let size = tree.as_ref().map_or(0, Tree::size);
        let iter = Iter::new(tree.as_ref(), 0, size);
        iter.map(|(key, _)| *key).collect()
    }

    /// Every number below `most` once, as if shuffled.
    fn shuffled(most: u32) -> impl Iterator<Item = u32> {
        (0..most).map(move |n| (u64::from(n) * 7919 % u64::from(most)) as u32)
    }

    fn grown(numbers: impl Iterator<Item = u32>) -> Option<Tree<u32, u32>> {
        let mut tree: Option<Tree<u32, u32>> = None;
        for n in numbers {
            match &mut tree {
                Some(tree) => tree.insert(n, n),
                None => tree = Some(Tree::of(n, n)),
            }
        }
        tree
    }

    #[test]
    fn grows_in_any_order_and_stays_flat() {
        for tree in [
            grown(0..5000),
            grown((0..5000).rev()),
            grown(shuffled(5000)),
        ] {
            let depth = sound(tree.as_ref().unwrap(), true, None, None);
            // Nodes are full at best, and half full at worst.
            assert!((5..=7).contains(&depth), "{depth}");
            assert!(keys(&tree).into_iter().eq(0..5000));
        }
    }

    #[test]
    fn shrinks_in_any_order_to_nothing_while_a_clone_keeps_all() {
        let whole = grown(shuffled(3000));
        let orders: [Vec<u32>; 3] = [
            (0..3000).collect(),
            (0..3000).rev().collect(),
            shuffled(3000).collect(),
        ];
        for order in orders {
            let mut tree = whole.clone();
            for (gone, key) in order.iter().enumerate() {
                tree = tree.unwrap().without(key);
                let left = 3000 - gone - 1;
                assert_eq!(tree.as_ref().map_or(0, Tree::size), left);
                if let Some(tree) = &tree {
                    let depth = sound(tree, true, None, None);
                    // Two neighbours with few in each would have been put together.
                    assert!(left > 20 || depth <= 3, "{left} in {depth} levels");
                    assert!(tree.get(key).is_none());
                }
            }
            assert!(tree.is_none());
        }
        assert!(keys(&whole).into_iter().eq(0..3000));
    }

    /// Branches whose first child went are put together, and get what is less than that child had.
    #[test]
    fn grows_again_where_it_shrank() {
        let mut rng = fastrand::Rng::with_seed(29);
        let (mut tree, mut model) = (grown(0..3000), (0..3000u32).collect::<BTreeSet<_>>());
        for round in 0..60 {
            let from = rng.u32(0..2800);
            let to = from + rng.u32(1..1500);
            for n in from..to.min(3000) {
                // Whole ranges go and come back in part, from either end.
                let key = if round % 3 == 0 { from + to - 1 - n } else { n };
                if round % 2 == 0 {
                    if model.remove(&key) {
                        tree = tree.unwrap().without(&key);
                    }
                } else if rng.bool() && key < 3000 {
                    model.insert(key);
                    match &mut tree {
                        Some(tree) => tree.insert(key, key),
                        None => tree = Some(Tree::of(key, key)),
                    }
                }
            }
            if let Some(tree) = &tree {
                sound(tree, true, None, None);
                for key in [0, from, to, 1500, 2999] {
                    assert_eq!(tree.count(&key, false), model.range(..key).count());
                    assert_eq!(tree.count(&key, true), model.range(..=key).count());
                    assert_eq!(tree.get(&key).is_some(), model.contains(&key));
                }
            }
            assert!(keys(&tree).iter().eq(&model));
        }
    }

    #[test]
    fn both_ends_meet_in_any_order_of_steps() {
        let tree = grown(shuffled(1000));
        for (from, to) in [(0, 1000), (17, 18), (5, 5), (9, 3), (400, 700)] {
            for pattern in 0u32..64 {
                let mut iter = Iter::new(tree.as_ref(), from, to);
                let (mut early, mut late) = (Vec::new(), Vec::new());
                for step in 0.. {
                    let front = pattern >> (step % 6) & 1 == 0;
                    let next = if front { iter.next() } else { iter.next_back() };
                    let Some((key, _)) = next else { break };
                    if front {
                        early.push(*key)
                    } else {
                        late.push(*key)
                    }
                }
                early.extend(late.into_iter().rev());
                assert!(early.into_iter().eq(from as u32..to as u32));
            }
        }
    }

    #[test]
    fn counts_what_comes_before() {
        let tree = grown((0..1000).map(|n| n * 2)).unwrap();
        for n in 0..1000u32 {
            assert_eq!(tree.count(&(n * 2), false), n as usize);
            assert_eq!(tree.count(&(n * 2), true), n as usize + 1);
            assert_eq!(tree.count(&(n * 2 + 1), false), n as usize + 1);
        }
    }

    #[test]
    fn changes_are_seen_by_nobody_else() {
        let mut tree = grown(0..1000).unwrap();
        let before = tree.clone();
        *tree.get_mut(&500).unwrap() = 1;
        tree.insert(501, 1);
        assert_eq!(tree.get(&500), Some(&(500, 1)));
        assert_eq!(tree.get(&501), Some(&(501, 1)));
        assert_eq!(before.get(&500), Some(&(500, 500)));
        assert_eq!(before.get(&501), Some(&(501, 501)));
        assert_eq!((tree.size(), before.size()), (1000, 1000));
    }
}
