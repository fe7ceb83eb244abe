//! Memory for content. From a size on it is a map of its own, which the system gets back with the content: an allocator
//! keeps what is freed below something that lives, and so would stay as large as it ever was.

use bytes::Bytes;
use memmap2::{MmapMut, MmapOptions};
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

/// From this size on content has a map of its own.
const MAPPED: usize = 32 * 1024;
/// The unit of maps.
const PAGE: usize = 4096;
/// Linux gives a process 65,530 maps (vm.max_map_count); beyond this many, content is allocated as anything else is.
const MOST: usize = 32 * 1024;
/// So many bytes of maps that are free are kept for the next of their size: making one costs as much as filling it.
const SPARE: usize = 8 * 1024 * 1024;

/// Maps that are in use or free.
static MAPS: AtomicUsize = AtomicUsize::new(0);
static FREE: Mutex<Free> = Mutex::new(Free {
    maps: Vec::new(),
    size: 0,
});

struct Free {
    maps: Vec<Map>,
    /// Of all of them.
    size: usize,
}

/// Memory that is being filled.
#[derive(Debug)]
pub(crate) enum Holding {
    /// Of the allocator.
    Small(Vec<u8>),
    /// A map, filled up to here.
    Large(Map, usize),
}

/// A map, counted.
#[derive(Debug)]
pub(crate) struct Map(MmapMut);

/// A map with content, up to here.
struct Filled(Option<Map>, usize);

impl Holding {
    /// For so many bytes.
    pub(crate) fn with_room(bytes: usize) -> Self {
        match Map::of(bytes) {
            Some(map) => Self::Large(map, 0),
            None => Self::Small(Vec::with_capacity(bytes)),
        }
    }

    /// Takes what there is room for, and gives back the rest.
    pub(crate) fn fill<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let (taken, rest) = bytes.split_at(bytes.len().min(self.room()));
        match self {
            Self::Small(vec) => vec.extend_from_slice(taken),
            Self::Large(map, filled) => {
                let end = *filled + taken.len();
                if let Some(place) = map.0.get_mut(*filled..end) {
                    place.copy_from_slice(taken);
                }
                *filled = end;
            }
        }
        rest
    }

    /// How many bytes it still takes.
    pub(crate) fn room(&self) -> usize {
        match self {
            Self::Small(vec) => vec.capacity() - vec.len(),
            Self::Large(map, filled) => map.0.len() - filled,
        }
    }

    /// What it was filled with; room that was not needed is given back when it is more than a page.
    pub(crate) fn finish(self) -> Bytes {
        match self {
            Self::Small(mut vec) => {
                vec.shrink_to_fit();
                vec.into()
            }
            Self::Large(map, filled) if map.0.len() - filled > PAGE => {
                let mut exact = Self::with_room(filled);
                exact.fill(map.0.get(..filled).unwrap_or_default());
                exact.finish()
            }
            Self::Large(map, filled) => Bytes::from_owner(Filled(Some(map), filled)),
        }
    }
}

impl Map {
    /// For so many bytes, where they are enough and the system has one.
    fn of(bytes: usize) -> Option<Self> {
        if bytes < MAPPED {
            return None;
        }
        let size = bytes.next_multiple_of(PAGE);
        if let Some(map) = free(|free| free.take(size)) {
            return Some(map);
        }
        if MAPS.fetch_add(1, Ordering::Relaxed) < MOST
            && let Ok(map) = MmapOptions::new().len(size).populate().map_anon()
        {
            return Some(Self(map));
        }
        MAPS.fetch_sub(1, Ordering::Relaxed);
        None
    }
}

impl Free {
    fn take(&mut self, size: usize) -> Option<Map> {
        let place = self.maps.iter().rposition(|map| map.0.len() == size)?;
        self.size -= size;
        Some(self.maps.swap_remove(place))
    }

    /// What does not fit is given back.
    fn put(&mut self, map: Map) -> Option<Map> {
        if self.size + map.0.len() > SPARE {
            return Some(map);
        }
        self.size += map.0.len();
        self.maps.push(map);
        None
    }
}

fn free<T>(with: impl FnOnce(&mut Free) -> T) -> T {
    with(&mut FREE.lock().unwrap_or_else(PoisonError::into_inner))
}

impl AsRef<[u8]> for Filled {
    fn as_ref(&self) -> &[u8] {
        let map = self.0.as_ref().map(|map| &*map.0).unwrap_or_default();
        map.get(..self.1).unwrap_or_default()
    }
}

impl Drop for Filled {
    fn drop(&mut self) {
        let beyond = self.0.take().and_then(|map| free(|free| free.put(map)));
        // Unmapped only here, while nobody waits.
        drop(beyond);
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        MAPS.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fills in pieces, and gives back what was kept.
    fn held(room: usize, pieces: &[&[u8]]) -> Bytes {
        let mut holding = Holding::with_room(room);
        for piece in pieces {
            assert!(holding.fill(piece).is_empty());
        }
        holding.finish()
    }

    #[test]
    fn what_was_put_in_comes_out() {
        let long = vec![b'x'; MAPPED + 5];
        for room in [9, MAPPED - 1, MAPPED, 10 * MAPPED] {
            assert_eq!(held(room, &[b"abc", b"", b"defghi"]), "abcdefghi");
        }
        assert_eq!(
            held(MAPPED + 8, &[b"abc", &long]),
            [b"abc", &*long].concat()
        );
        assert_eq!(held(0, &[]), "");
    }

    #[test]
    fn what_finds_no_room_is_given_back() {
        let mut small = Holding::with_room(4);
        let rest = small.fill(b"abcdef");
        assert!(small.room() == 0 && rest == b"ef");
        let long = vec![b'x'; MAPPED + 1];
        let mut large = Holding::with_room(MAPPED);
        assert_eq!(large.fill(&long), b"x");
        assert_eq!(large.room(), 0);
        assert_eq!(large.finish(), vec![b'x'; MAPPED]);
    }

    #[test]
    fn a_map_is_used_again_and_shows_nothing_of_what_it_held() {
        // A size of its own, since tests share what is free.
        let size = MAPPED + 7 * PAGE;
        let secret = vec![b's'; size];
        drop(held(size, &[&secret]));
        let new = vec![b'n'; size - PAGE + 1];
        assert_eq!(held(size - PAGE + 1, &[&new]), new);
    }

    #[test]
    fn only_so_much_is_kept_for_later() {
        let mut kept = Free {
            maps: Vec::new(),
            size: 0,
        };
        let beyond = (0..SPARE / MAPPED + 3).filter_map(|_| kept.put(Map::of(MAPPED)?));
        assert_eq!(beyond.count(), 3);
        assert_eq!(kept.size, SPARE);
        assert!(kept.take(MAPPED).is_some() && kept.take(MAPPED + PAGE).is_none());
        assert_eq!(kept.size, SPARE - MAPPED);
    }
}
