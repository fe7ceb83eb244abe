//! Bytes that somebody stored, in the pieces in which they arrived: small ones in memory, large ones in files.

use super::spool::{SpoolFile, read_at};
use bytes::Bytes;
use std::{collections::VecDeque, fs::File, io, sync::Arc};

/// How much of a file is read at a time.
const CHUNK: u64 = 256 * 1024;

/// The content of an object or a part. Clones share the bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blob {
    pieces: Arc<[Piece]>,
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
        Self {
            pieces: pieces.into(),
            length,
        }
    }

    /// How many bytes there are.
    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    /// All of it, or the bytes from `first` to `last` inclusive, without copying.
    pub(crate) fn slice(&self, range: Option<(u64, u64)>) -> VecDeque<Piece> {
        let (first, end) = range.map_or((0, self.length), |(first, last)| (first, last + 1));
        let (mut out, mut at) = (VecDeque::new(), 0u64);
        for piece in self.pieces.iter() {
            let next = at + piece.len();
            if next > first && at < end && next > at {
                let from = first.saturating_sub(at);
                out.push_back(piece.part(from, end.min(next) - at));
            }
            at = next;
        }
        out
    }

    /// The pieces, for putting parts together.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Shows all bytes in order, and lets others run in between.
    pub(crate) async fn each(&self, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        let mut reader = Reader::new(self.pieces.iter().cloned().collect());
        while let Some(bytes) = reader.next().await? {
            each(&bytes);
            tokio::task::yield_now().await;
        }
        Ok(())
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
        let mut spooling = spool.create().await.unwrap();
        spooling.write(bytes).await.unwrap();
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
    async fn files_go_with_their_last_piece_and_the_directory_with_the_last_file() {
        let spool = Spool::default();
        let large: Vec<u8> = (0..2 * CHUNK + 7).map(|n| b'a' + (n % 23) as u8).collect();
        let blob = Blob::new(vec![in_file(&spool, &large).await]);
        let Piece::File { file, .. } = &blob.pieces()[0] else {
            panic!("it is in memory");
        };
        let folder = file
            .open()
            .map(|_| ())
            .and(Ok::<_, io::Error>(()))
            .map(|()| {
                let path = format!("{file:?}");
                path.split('"')
                    .nth(1)
                    .map(std::path::PathBuf::from)
                    .unwrap()
            });
        let path = folder.unwrap();
        assert_eq!(text(&blob, None).await.as_bytes(), large);
        let part = blob.slice(Some((CHUNK - 1, CHUNK + 1)));
        drop(blob);
        assert!(path.exists());
        drop(spool);
        assert!(path.exists());
        drop(part);
        assert!(!path.exists() && !path.parent().unwrap().exists());
    }
}
