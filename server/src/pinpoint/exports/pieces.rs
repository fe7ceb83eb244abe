//! Endpoints as gzip files of one JSON object per line, a bounded number of endpoints at a time.

use crate::{
    pinpoint::{endpoints::Endpoints, segments::Members, shape::Document},
    world::Text,
};
use bytes::{Bytes, BytesMut};
use flate2::{Compression, write::GzEncoder};
use std::io::{self, Write};

/// Endpoints in one file. Bounds what an export holds in memory; rolecall's choice.
pub(super) const PIECE: usize = 100_000;
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
    /// The endpoint after which the next piece begins; none: there is no next piece.
    pub(super) next: Option<Text>,
}

impl Source {
    /// In how many pieces this will come at most.
    pub(super) fn pieces(&self) -> usize {
        self.endpoints.len().div_ceil(PIECE).max(1)
    }

    /// The piece that begins after the endpoint `after`, with at most `most` endpoints.
    pub(super) fn piece(&self, after: Option<&str>, most: usize) -> io::Result<Piece> {
        let mut gzip = GzEncoder::new(Chunks::default(), Compression::new(6));
        let mut rest = self
            .endpoints
            .after(after)
            .filter(|(_, text)| self.takes(text.get()))
            .peekable();
        let (mut records, mut last) = (0, None);
        while records < most
            && let Some((id, text)) = rest.next()
        {
            gzip.write_all(text.get().as_bytes())?;
            gzip.write_all(b"\n")?;
            records += 1;
            last = Some(id.clone());
        }
        let more = rest.peek().is_some();
        Ok(Piece {
            content: gzip.finish()?.finish(),
            records,
            next: last.filter(|_| more),
        })
    }

    fn takes(&self, text: &str) -> bool {
        let Some(members) = &self.members else {
            return true;
        };
        serde_json::from_str::<Document>(text).is_ok_and(|endpoint| members.contain(&endpoint))
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
#[allow(clippy::unwrap_used, reason = "tests")]
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

    #[test]
    fn pieces_hold_every_endpoint_once_in_order() {
        let source = source(25);
        let (mut after, mut all, mut sizes) = (None, Vec::new(), Vec::new());
        loop {
            let piece = source.piece(after.as_deref(), 10).unwrap();
            sizes.push(piece.records);
            all.extend(lines(&piece));
            match piece.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(sizes, [10, 10, 5]);
        assert_eq!(
            all,
            (0..25)
                .map(|n| format!(r#"{{"Id":"e-{n:04}"}}"#))
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_full_last_piece_has_no_empty_one_after_it() {
        let piece = source(10).piece(None, 10).unwrap();
        assert_eq!((piece.records, piece.next), (10, None));
    }

    #[test]
    fn no_endpoints_are_one_empty_file() {
        let source = source(0);
        let piece = source.piece(None, 10).unwrap();
        assert_eq!(
            (source.pieces(), piece.records, lines(&piece)),
            (1, 0, Vec::new())
        );
        assert!(!piece.content.is_empty(), "a valid gzip of nothing");
    }
}
