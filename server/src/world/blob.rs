//! Bytes that somebody stored, in the pieces in which they arrived.

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error as _};
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// The content of an object or a part. Clones share the bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blob(Arc<Content>);

#[derive(Debug, Default)]
struct Content {
    pieces: Box<[Bytes]>,
    length: u64,
    /// Its place on disk, once it has one. Never set in memory mode.
    place: OnceLock<Place>,
}

/// Where content stands on disk; gone with the last object that has it.
#[derive(Debug)]
struct Place {
    id: u64,
    written: AtomicBool,
    store: Option<Arc<Store>>,
}

/// Numbers for content on disk, and the numbers that nobody needs any more.
#[derive(Debug, Default)]
pub(crate) struct Store {
    next: AtomicU64,
    garbage: Mutex<Vec<u64>>,
}

/// A blob as its row has it.
#[derive(Serialize, Deserialize)]
struct Written {
    id: u64,
    length: u64,
}

impl Blob {
    /// Content in pieces.
    pub(crate) fn new(pieces: Vec<Bytes>) -> Self {
        let length = pieces.iter().map(|piece| piece.len() as u64).sum();
        Self(Arc::new(Content {
            pieces: pieces.into(),
            length,
            place: OnceLock::new(),
        }))
    }

    /// Content that was read from its place.
    pub(crate) fn from_disk(pieces: Vec<Bytes>, id: u64, store: Arc<Store>) -> Self {
        let blob = Self::new(pieces);
        let place = Place {
            id,
            written: true.into(),
            store: Some(store),
        };
        // Nobody else has it yet.
        let _ = blob.0.place.set(place);
        blob
    }

    /// Gives it a place in `store`, unless it is empty or has one.
    pub(crate) fn keep(&self, store: &Arc<Store>) {
        if self.0.length > 0 {
            self.0.place.get_or_init(|| Place {
                id: store.next.fetch_add(1, Ordering::Relaxed),
                written: false.into(),
                store: Some(store.clone()),
            });
        }
    }

    /// Its number on disk.
    pub(crate) fn id(&self) -> Option<u64> {
        self.0.place.get().map(|place| place.id)
    }

    /// Its number, if its bytes must still be written.
    pub(crate) fn unwritten(&self) -> Option<u64> {
        let place = self.0.place.get()?;
        (!place.written.load(Ordering::Acquire)).then_some(place.id)
    }

    /// Its bytes are on disk.
    pub(crate) fn mark_written(&self) {
        if let Some(place) = self.0.place.get() {
            place.written.store(true, Ordering::Release);
        }
    }

    /// How many bytes there are.
    pub(crate) fn len(&self) -> u64 {
        self.0.length
    }

    /// All of it, or the bytes from `first` to `last` inclusive, without copying.
    pub(crate) fn slice(&self, range: Option<(u64, u64)>) -> VecDeque<Bytes> {
        let Some((first, last)) = range else {
            return self
                .pieces()
                .iter()
                .filter(|piece| !piece.is_empty())
                .cloned()
                .collect();
        };
        let (mut out, mut at) = (VecDeque::new(), 0u64);
        for piece in self.pieces() {
            let end = at + piece.len() as u64;
            if end > first && at <= last && !piece.is_empty() {
                let from = first.saturating_sub(at) as usize;
                let to = (last + 1 - at).min(piece.len() as u64) as usize;
                out.push_back(piece.slice(from..to));
            }
            at = end;
        }
        out
    }

    /// The pieces, for putting parts together.
    pub(crate) fn pieces(&self) -> &[Bytes] {
        &self.0.pieces
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(store) = &self.store {
            let mut garbage = store.garbage.lock().unwrap_or_else(PoisonError::into_inner);
            garbage.push(self.id);
        }
    }
}

impl Store {
    /// Numbers go on after `last`.
    pub(crate) fn after(last: u64) -> Self {
        Self {
            next: (last + 1).into(),
            garbage: Mutex::default(),
        }
    }

    /// The numbers of content that nobody has any more.
    pub(crate) fn take_garbage(&self) -> Vec<u64> {
        std::mem::take(&mut *self.garbage.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// They could not be removed yet.
    pub(crate) fn put_back(&self, garbage: Vec<u64>) {
        let mut now = self.garbage.lock().unwrap_or_else(PoisonError::into_inner);
        now.extend(garbage);
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let id = match self.id() {
            Some(id) => id,
            None if self.len() == 0 => 0,
            None => return Err(S::Error::custom("content without a place on disk")),
        };
        Written {
            id,
            length: self.len(),
        }
        .serialize(serializer)
    }
}

/// Without its bytes, which `Rows::fill` reads.
impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { id, length } = Written::deserialize(deserializer)?;
        let place = OnceLock::new();
        if length > 0 {
            let _ = place.set(Place {
                id,
                written: true.into(),
                store: None,
            });
        }
        Ok(Self(Arc::new(Content {
            pieces: Box::default(),
            length,
            place,
        })))
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cross_pieces() {
        let blob = Blob::new(vec!["abc".into(), "".into(), "defg".into(), "h".into()]);
        let text = |range| -> Vec<u8> { blob.slice(range).into_iter().flatten().collect() };
        assert_eq!(blob.len(), 8);
        assert_eq!(text(None), b"abcdefgh");
        assert_eq!(text(Some((2, 3))), b"cd");
        assert_eq!(text(Some((0, 0))), b"a");
        assert_eq!(text(Some((7, 7))), b"h");
        assert_eq!(text(Some((3, 7))), b"defgh");
    }
}
