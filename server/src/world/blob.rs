//! Bytes that somebody stored, in the pieces in which they arrived.

use bytes::Bytes;
use std::{collections::VecDeque, sync::Arc};

/// The content of an object or a part. Clones share the bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blob {
    pieces: Arc<[Bytes]>,
    length: u64,
}

impl Blob {
    /// Content in pieces.
    pub(crate) fn new(pieces: Vec<Bytes>) -> Self {
        let length = pieces.iter().map(|piece| piece.len() as u64).sum();
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
    pub(crate) fn slice(&self, range: Option<(u64, u64)>) -> VecDeque<Bytes> {
        let Some((first, last)) = range else {
            return self
                .pieces
                .iter()
                .filter(|piece| !piece.is_empty())
                .cloned()
                .collect();
        };
        let (mut out, mut at) = (VecDeque::new(), 0u64);
        for piece in self.pieces.iter() {
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
        &self.pieces
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
