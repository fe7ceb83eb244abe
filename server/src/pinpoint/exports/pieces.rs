//! Endpoints as gzip files of one JSON object per line, a bounded number of endpoints at a time.

use crate::{
    pinpoint::{
        endpoints::{Endpoint, Endpoints},
        segments::Members,
        shape::Document,
    },
    world::Text,
};
use bytes::{Bytes, BytesMut};
use flate2::{Compression, write::GzEncoder};
use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::Arc,
};
use tokio::task::{JoinHandle, spawn_blocking};

/// Endpoints in one file. Bounds what an export holds in memory; rolecall's choice.
const PIECE: usize = 100_000;
/// Pieces that are compressed at the same time, or wait to be written.
const AT_ONCE: usize = 2;
/// The size in which compressed bytes are handed on.
const CHUNK: usize = 256 * 1024;

/// What an export reads: the endpoints as they were when the job was created.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) endpoints: Endpoints,
    /// Only these; all of them without a segment.
    pub(super) members: Option<Members>,
}

/// One file.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) content: Vec<Bytes>,
    /// Its lines.
    pub(super) records: usize,
}

/// The pieces of an export in their order. While one is written, the next are compressed.
#[derive(Debug)]
pub(super) struct Pieces {
    source: Arc<Source>,
    most: usize,
    begun: VecDeque<JoinHandle<io::Result<Piece>>>,
    rest: Rest,
}

/// What no piece was begun of yet.
#[derive(Debug, Clone)]
enum Rest {
    All,
    After(Text),
    Nothing,
}

/// The lines of one file.
struct Lines {
    endpoints: Vec<Endpoint>,
    rest: Rest,
}

impl Source {
    /// In how many pieces this will come at most.
    pub(super) fn pieces(&self) -> usize {
        self.endpoints.len().div_ceil(PIECE).max(1)
    }

    /// The first endpoints of `rest`, at most `most`.
    fn lines(&self, rest: &Rest, most: usize) -> Lines {
        let after = match rest {
            Rest::All => None,
            Rest::After(id) => Some(&**id),
            Rest::Nothing => {
                return Lines {
                    endpoints: Vec::new(),
                    rest: Rest::Nothing,
                };
            }
        };
        let all = self.endpoints.after(after);
        let mut members = all.filter(|(_, text)| self.takes(text.get())).peekable();
        let (mut endpoints, mut last) = (Vec::new(), None);
        for (id, text) in members.by_ref().take(most) {
            endpoints.push(text.clone());
            last = Some(id);
        }
        let rest = match last {
            Some(id) if members.peek().is_some() => Rest::After(id.clone()),
            _ => Rest::Nothing,
        };
        Lines { endpoints, rest }
    }

    fn takes(&self, text: &str) -> bool {
        let Some(members) = &self.members else {
            return true;
        };
        serde_json::from_str::<Document>(text).is_ok_and(|endpoint| members.contain(&endpoint))
    }
}

impl Lines {
    fn compress(&self) -> io::Result<Piece> {
        let mut gzip = GzEncoder::new(Chunks::default(), Compression::new(6));
        for text in &self.endpoints {
            gzip.write_all(text.get().as_bytes())?;
            gzip.write_all(b"\n")?;
        }
        Ok(Piece {
            content: gzip.finish()?.finish(),
            records: self.endpoints.len(),
        })
    }
}

impl Pieces {
    /// The pieces of `source`.
    pub(super) fn of(source: Arc<Source>) -> Self {
        Self::sized(source, PIECE)
    }

    fn sized(source: Arc<Source>, most: usize) -> Self {
        Self {
            source,
            most,
            begun: VecDeque::new(),
            rest: Rest::All,
        }
    }

    /// The next piece; no endpoints are one piece without lines.
    pub(super) async fn next(&mut self) -> io::Result<Option<Piece>> {
        while self.begun.len() < AT_ONCE && !matches!(self.rest, Rest::Nothing) {
            let (source, rest, most) = (self.source.clone(), self.rest.clone(), self.most);
            let lines = spawn_blocking(move || source.lines(&rest, most)).await?;
            self.rest = lines.rest.clone();
            self.begun
                .push_back(spawn_blocking(move || lines.compress()));
        }
        match self.begun.pop_front() {
            Some(piece) => piece.await?.map(Some),
            None => Ok(None),
        }
    }
}

/// Gathers bytes in pieces of one size.
#[derive(Default)]
struct Chunks {
    done: Vec<Bytes>,
    open: BytesMut,
}

impl Chunks {
    fn finish(mut self) -> Vec<Bytes> {
        self.close();
        self.done
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            self.done.push(self.open.split().freeze());
        }
    }
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open.extend_from_slice(bytes);
        if self.open.len() >= CHUNK {
            self.close();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read as _;

    fn lines(piece: &Piece) -> Vec<String> {
        let (bytes, mut text) = (piece.content.concat(), String::new());
        GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    fn source(count: usize) -> Source {
        let endpoints = Endpoints::of_texts(
            (0..count).map(|n| (format!("e-{n:04}"), format!(r#"{{"Id":"e-{n:04}"}}"#))),
        );
        Source {
            endpoints,
            members: None,
        }
    }

    /// The pieces of so many endpoints, with at most ten in each.
    async fn pieces(count: usize) -> Vec<Piece> {
        let mut pieces = Pieces::sized(Arc::new(source(count)), 10);
        let mut all = Vec::new();
        while let Some(piece) = pieces.next().await.unwrap() {
            all.push(piece);
        }
        all
    }

    fn sizes(pieces: &[Piece]) -> Vec<usize> {
        pieces.iter().map(|piece| piece.records).collect()
    }

    #[tokio::test]
    async fn pieces_hold_every_endpoint_once_in_order() {
        let pieces = pieces(45).await;
        assert_eq!(sizes(&pieces), [10, 10, 10, 10, 5]);
        let expected = (0..45).map(|n| format!(r#"{{"Id":"e-{n:04}"}}"#));
        assert!(pieces.iter().flat_map(lines).eq(expected));
    }

    #[tokio::test]
    async fn a_full_last_piece_has_no_empty_one_after_it() {
        assert_eq!(sizes(&pieces(10).await), [10]);
    }

    #[tokio::test]
    async fn no_endpoints_are_one_empty_file() {
        let pieces = pieces(0).await;
        assert_eq!((source(0).pieces(), sizes(&pieces)), (1, vec![0]));
        assert!(lines(&pieces[0]).is_empty());
        assert!(!pieces[0].content.is_empty(), "a valid gzip of nothing");
    }
}
