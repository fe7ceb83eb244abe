//! Bytes that somebody stored, in the pieces in which they arrived: small ones in memory, large ones in files.

use super::spool::{SpoolFile, read_at};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error as _};
use std::{
    collections::VecDeque,
    fs::File,
    io, slice,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// How much of a file is read at a time.
const CHUNK: u64 = 256 * 1024;

/// The content of an object or a part. Clones share the bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blob(Arc<Content>);

#[derive(Debug, Default)]
struct Content {
    pieces: Pieces,
    length: u64,
    /// Its place on disk, once it has one. Never set in memory mode.
    place: OnceLock<Box<Place>>,
}

/// Most content came in one piece.
#[derive(Debug)]
enum Pieces {
    One(Piece),
    Several(Box<[Piece]>),
}

impl Default for Pieces {
    fn default() -> Self {
        Self::Several(Box::default())
    }
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
    garbage: Mutex<Garbage>,
}

#[derive(Debug, Default)]
struct Garbage {
    numbers: Vec<u64>,
    /// The endpoint ends: what goes now goes with it, and not because nobody needs it.
    closed: bool,
}

/// A blob as its row has it.
#[derive(Serialize, Deserialize)]
struct Written {
    id: u64,
    length: u64,
}

/// Some bytes in a row.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    /// In memory.
    Memory(Bytes),
    /// In a file, from `at` on.
    File {
        /// The file.
        file: Arc<SpoolFile>,
        /// The first byte.
        at: u64,
        /// How many.
        length: u64,
    },
}

impl From<Bytes> for Piece {
    fn from(bytes: Bytes) -> Self {
        Self::Memory(bytes)
    }
}

impl Piece {
    /// How many bytes there are.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { length, .. } => *length,
        }
    }

    /// The bytes from `from` to before `to`.
    fn part(&self, from: u64, to: u64) -> Self {
        match self {
            Self::Memory(bytes) => Self::Memory(bytes.slice(from as usize..to as usize)),
            Self::File { file, at, .. } => Self::File {
                file: file.clone(),
                at: at + from,
                length: to - from,
            },
        }
    }
}

impl Blob {
    /// Content in pieces.
    pub(crate) fn new(pieces: Vec<Piece>) -> Self {
        let length = pieces.iter().map(Piece::len).sum();
        let pieces = match <[Piece; 1]>::try_from(pieces) {
            Ok([one]) => Pieces::One(one),
            Err(several) => Pieces::Several(several.into()),
        };
        Self(Arc::new(Content {
            pieces,
            length,
            place: OnceLock::new(),
        }))
    }

    /// Content that was read from its place.
    pub(crate) fn from_disk(pieces: Vec<Piece>, id: u64, store: Arc<Store>) -> Self {
        let blob = Self::new(pieces);
        let place = Place {
            id,
            written: true.into(),
            store: Some(store),
        };
        // Nobody else has it yet.
        let _ = blob.0.place.set(Box::new(place));
        blob
    }

    /// Gives it a place in `store`, unless it is empty or has one.
    pub(crate) fn keep(&self, store: &Arc<Store>) {
        if self.0.length > 0 {
            self.0.place.get_or_init(|| {
                Box::new(Place {
                    id: store.next.fetch_add(1, Ordering::Relaxed),
                    written: false.into(),
                    store: Some(store.clone()),
                })
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
    pub(crate) fn slice(&self, range: Option<(u64, u64)>) -> VecDeque<Piece> {
        let (first, end) = range.map_or((0, self.0.length), |(first, last)| (first, last + 1));
        let (mut out, mut at) = (VecDeque::new(), 0u64);
        for piece in self.pieces() {
            let next = at + piece.len();
            if next > first && at < end && next > at {
                let from = first.saturating_sub(at);
                out.push_back(piece.part(from, end.min(next) - at));
            }
            at = next;
        }
        out
    }

    /// The bytes from first to last (all of them without a range), where all content is in memory in one piece.
    pub(crate) fn in_one(&self, range: Option<(u64, u64)>) -> Option<Bytes> {
        let Pieces::One(Piece::Memory(bytes)) = &self.0.pieces else {
            return None;
        };
        let Some((first, last)) = range else {
            return Some(bytes.clone());
        };
        let end = usize::try_from(last).ok()?.checked_add(1)?.min(bytes.len());
        let first = usize::try_from(first).ok()?;
        Some(bytes.slice(first.min(end)..end))
    }

    /// The pieces, for putting parts together.
    pub(crate) fn pieces(&self) -> &[Piece] {
        match &self.0.pieces {
            Pieces::One(piece) => slice::from_ref(piece),
            Pieces::Several(pieces) => pieces,
        }
    }

    /// Shows all bytes in order, and lets others run in between.
    pub(crate) async fn each(&self, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        let mut reader = Reader::new(self.pieces().iter().cloned().collect());
        while let Some(bytes) = reader.next().await? {
            each(&bytes);
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

impl Blob {
    /// Shows all bytes in order. Blocks.
    pub(crate) fn each_now<E: From<io::Error>>(
        &self,
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut reader = Reader::new(self.pieces().iter().cloned().collect());
        while !reader.is_done() {
            let bytes = match reader.ready() {
                Some(bytes) => bytes,
                None => reader.read()?,
            };
            each(&bytes)?;
        }
        Ok(())
    }
}

impl Blob {
    /// The bytes as a reader. It blocks.
    pub(crate) fn reading(&self) -> Reading {
        Reading {
            rest: Reader::new(self.pieces().iter().cloned().collect()),
            now: Bytes::new(),
        }
    }
}

/// Bytes that are read one after the other by a thread that may wait.
#[derive(Debug)]
pub(crate) struct Reading {
    rest: Reader,
    now: Bytes,
}

impl io::Read for Reading {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.now.is_empty() && !self.rest.is_done() {
            self.now = match self.rest.ready() {
                Some(bytes) => bytes,
                None => self.rest.read()?,
            };
        }
        let taken = self.now.len().min(into.len());
        let bytes = self.now.split_to(taken);
        for (place, byte) in into.iter_mut().zip(bytes) {
            *place = byte;
        }
        Ok(taken)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(store) = &self.store {
            store.garbage().numbers.push(self.id);
        }
    }
}

impl Store {
    /// Numbers go on after `last`.
    pub(crate) fn after(last: u64) -> Self {
        Self {
            next: (last + 1).into(),
            ..Self::default()
        }
    }

    /// Nothing more is garbage; what is left over goes at the next start.
    pub(crate) fn close(&self) {
        self.garbage().closed = true;
    }

    /// The numbers of content that nobody has any more.
    pub(crate) fn take_garbage(&self) -> Vec<u64> {
        let mut garbage = self.garbage();
        if garbage.closed {
            return Vec::new();
        }
        std::mem::take(&mut garbage.numbers)
    }

    /// They could not be removed yet.
    pub(crate) fn put_back(&self, garbage: Vec<u64>) {
        self.garbage().numbers.extend(garbage);
    }

    fn garbage(&self) -> MutexGuard<'_, Garbage> {
        self.garbage.lock().unwrap_or_else(PoisonError::into_inner)
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
            let _ = place.set(Box::new(Place {
                id,
                written: true.into(),
                store: None,
            }));
        }
        Ok(Self(Arc::new(Content {
            pieces: Pieces::default(),
            length,
            place,
        })))
    }
}
/// Reads pieces one after the other.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pieces: VecDeque<Piece>,
    /// The file of the front piece, once it was opened.
    open: Option<File>,
}

impl Reader {
    /// Reads these.
    pub(crate) fn new(pieces: VecDeque<Piece>) -> Self {
        Self { pieces, open: None }
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> u64 {
        self.pieces.iter().map(Piece::len).sum()
    }

    /// The next bytes, when they are in memory.
    pub(crate) fn ready(&mut self) -> Option<Bytes> {
        match self.pieces.pop_front()? {
            Piece::Memory(bytes) => Some(bytes),
            file => {
                self.pieces.push_front(file);
                None
            }
        }
    }

    /// Whether all was read.
    pub(crate) fn is_done(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The next bytes; none at the end.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        if let Some(bytes) = self.ready() {
            return Ok(Some(bytes));
        }
        if self.is_done() {
            return Ok(None);
        }
        let mut reader = std::mem::take(self);
        let read = move || {
            let bytes = reader.read()?;
            Ok::<_, io::Error>((reader, bytes))
        };
        let (reader, bytes) = tokio::task::spawn_blocking(read).await??;
        *self = reader;
        Ok(Some(bytes))
    }

    /// Reads from the file in front. Blocks.
    fn read(&mut self) -> io::Result<Bytes> {
        let Some(Piece::File { file, at, length }) = self.pieces.pop_front() else {
            return Ok(Bytes::new());
        };
        let mut handle = match self.open.take() {
            Some(handle) => handle,
            None => file.open()?,
        };
        let now = length.min(CHUNK);
        let bytes = read_at(&mut handle, at, now as usize)?;
        if now < length {
            self.open = Some(handle);
            self.pieces.push_front(Piece::File {
                file,
                at: at + now,
                length: length - now,
            });
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::world::Spool;

    async fn text(blob: &Blob, range: Option<(u64, u64)>) -> String {
        let mut text = Vec::new();
        let part = Blob::new(blob.slice(range).into());
        part.each(|bytes| text.extend_from_slice(bytes))
            .await
            .unwrap();
        String::from_utf8(text).unwrap()
    }

    async fn in_file(spool: &Spool, bytes: &[u8]) -> Piece {
        let mut spooling = spool.create().unwrap().unwrap();
        spooling.write(Bytes::copy_from_slice(bytes)).await.unwrap();
        let (file, length) = spooling.finish().await.unwrap();
        Piece::File {
            file,
            at: 0,
            length,
        }
    }

    fn memory(text: &'static str) -> Piece {
        Bytes::from_static(text.as_bytes()).into()
    }

    #[tokio::test]
    async fn ranges_cross_pieces() {
        let spool = Spool::default();
        let defg = in_file(&spool, b"defg").await;
        let blob = Blob::new(vec![memory("abc"), memory(""), defg, memory("h")]);
        assert_eq!(blob.len(), 8);
        assert_eq!(text(&blob, None).await, "abcdefgh");
        assert_eq!(text(&blob, Some((2, 3))).await, "cd");
        assert_eq!(text(&blob, Some((0, 0))).await, "a");
        assert_eq!(text(&blob, Some((7, 7))).await, "h");
        assert_eq!(text(&blob, Some((3, 7))).await, "defgh");
        assert_eq!(text(&blob, Some((4, 5))).await, "ef");
    }

    #[tokio::test]
    async fn what_is_in_memory_in_one_piece_is_given_whole() {
        let blob = Blob::new(vec![memory("abcdefgh")]);
        for (first, last) in [(0, 0), (0, 7), (2, 3), (7, 7)] {
            let bytes = blob.in_one(Some((first, last))).unwrap();
            assert_eq!(bytes, text(&blob, Some((first, last))).await);
        }
        assert_eq!(blob.in_one(None).unwrap(), "abcdefgh");
        assert!(
            Blob::new(vec![memory("a"), memory("b")])
                .in_one(None)
                .is_none()
        );
        let spool = Spool::default();
        let file = Blob::new(vec![in_file(&spool, b"a").await]);
        assert!(file.in_one(None).is_none());
    }

    #[tokio::test]
    async fn files_go_with_their_last_piece_and_the_directory_with_the_last_file() {
        let spool = Spool::default();
        let large: Vec<u8> = (0..2 * CHUNK + 7).map(|n| b'a' + (n % 23) as u8).collect();
        let blob = Blob::new(vec![in_file(&spool, &large).await]);
        let path = spool.folder().unwrap().path().join("0");
        assert_eq!(text(&blob, None).await.as_bytes(), large);
        let part = blob.slice(Some((CHUNK - 1, CHUNK + 1)));
        drop(blob);
        assert!(path.exists());
        drop(spool);
        assert!(path.exists());
        drop(part);
        assert!(!path.exists() && !path.parent().unwrap().exists());
    }

    #[test]
    fn what_ends_with_the_endpoint_is_not_garbage() {
        let store = Arc::new(Store::after(0));
        let (gone, stays) = (memory("gone"), memory("stays"));
        let [gone, stays] = [gone, stays].map(|piece| Blob::new(vec![piece]));
        gone.keep(&store);
        stays.keep(&store);
        drop(gone);
        assert_eq!(store.take_garbage(), [1]);
        store.close();
        drop(stays);
        assert!(store.take_garbage().is_empty());
    }
}
