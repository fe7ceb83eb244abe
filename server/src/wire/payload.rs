//! The content of a streaming request: hashed and unwrapped while it arrives, kept in pieces, in a file when there are
//! many.

use super::{
    Arriving, Fault,
    arriving::incomplete,
    budget::{Budget, Share},
};
use crate::world::{Blob, Holding, Piece, Spool, Spooling};
use bytes::Bytes;
use rolecall_sigv4::{BodyKind, Chunked, Verified};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The largest piece that is stored.
const PIECE: usize = 256 * 1024;
/// The first piece of a body whose length nobody said.
const UNTOLD: usize = 16 * 1024;
/// A frame is a slice of the buffer that its connection reads into. On the way to a file it may keep that buffer for a
/// moment, from this size on.
const KEPT_FOR_A_FILE: usize = 4 * 1024;

/// The SHA-256 of nothing.
const EMPTY: [u8; 32] = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// Content on its way to an operation.
#[derive(Default)]
pub enum Payload {
    /// None.
    #[default]
    Empty,
    /// Already here: a service's own call, or a body that was read before.
    Bytes(Vec<Bytes>),
    /// Still arriving.
    Stream(Box<Stream>),
}

/// A body that is still arriving, and how it is to be checked.
pub struct Stream {
    body: Arriving,
    check: Check,
    limit: u64,
    /// `Content-Length` of what is sent, to tell a client that stopped halfway.
    expected: Option<u64>,
}

enum Check {
    /// Nothing is signed over the content.
    Unsigned,
    /// The SHA-256 that the client signed.
    Exact([u8; 32], Sha256),
    /// aws-chunked.
    Chunked(Box<Chunked>),
}

/// Content that arrived whole and held every check.
#[derive(Debug, Default)]
pub struct Stored {
    /// The pieces.
    pub(crate) pieces: Vec<Piece>,
    /// Trailing headers of an aws-chunked body, names in lower case: `x-amz-checksum-crc32` and the like.
    pub trailers: Vec<(String, String)>,
    /// What it takes of the budget, when it has to be in memory.
    pub(crate) _share: Option<Share>,
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "Empty",
            Self::Bytes(_) => "Bytes",
            Self::Stream(_) => "Stream",
        })
    }
}

impl Payload {
    /// Content that `verified` says how to check; at most `limit` bytes.
    pub(crate) fn stream(
        body: Arriving,
        kind: &BodyKind,
        verified: Option<&Verified>,
        expected: Option<u64>,
        limit: u64,
    ) -> Result<Self, Fault> {
        // Most requests have no body, and all of them the same hash.
        if body.is_over()
            && expected.is_none_or(|expected| expected == 0)
            && matches!(kind, BodyKind::Unsigned | BodyKind::Exact(EMPTY))
        {
            return Ok(Self::Empty);
        }
        let chunked = || match verified {
            Some(verified) => Chunked::new(verified),
            None => Chunked::unsigned(kind),
        };
        let check = match kind {
            BodyKind::Unsigned => Check::Unsigned,
            BodyKind::Exact(hash) => Check::Exact(*hash, Sha256::new()),
            BodyKind::Chunked { .. } => {
                let chunked = chunked()
                    .ok_or_else(|| Fault::Internal("read an aws-chunked body".to_owned()))?;
                Check::Chunked(Box::new(chunked))
            }
        };
        let stream = Stream {
            body,
            check,
            limit,
            expected,
        };
        Ok(Self::Stream(Box::new(stream)))
    }

    /// The same content, at most `limit` bytes of it.
    pub(crate) fn limited(mut self, limit: u64) -> Self {
        if let Self::Stream(stream) = &mut self {
            stream.limit = stream.limit.min(limit);
        }
        self
    }

    /// The length of content that is already here.
    pub(crate) fn known_length(&self) -> u64 {
        match self {
            Self::Bytes(pieces) => pieces.iter().map(|piece| piece.len() as u64).sum(),
            Self::Empty | Self::Stream(_) => 0,
        }
    }

    /// Takes all of it in; `each` sees every piece of decoded content once, in order, for further hashes. What is more
    /// than `room` takes goes into a file.
    ///
    /// # Errors
    /// The content is not what was signed, too long, cut short or too slow. Nothing may be published then.
    pub(crate) async fn store(
        self,
        room: Room<'_>,
        mut each: impl FnMut(&[u8]) + Send,
    ) -> Result<Stored, Fault> {
        match self {
            Self::Empty => Ok(Stored::default()),
            Self::Bytes(bytes) => {
                let comes = bytes.iter().map(|piece| piece.len() as u64).sum();
                let mut pieces = Pieces::new(room, Some(comes));
                for bytes in bytes {
                    each(&bytes);
                    pieces.add(bytes);
                    pieces.settle().await?;
                }
                pieces.finish(Vec::new()).await
            }
            Self::Stream(stream) => stream.store(room, each).await,
        }
    }
}

/// Where content goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room<'s> {
    spool: Option<&'s Spool>,
    /// The most bytes that stay in memory.
    most: u64,
    /// What it takes part in, when it is in memory until its request ends.
    budget: Option<&'s Budget>,
}

impl<'s> Room<'s> {
    /// In memory, all of it, until the request ends: documents.
    pub(crate) fn memory(budget: &'s Budget) -> Self {
        Self {
            spool: None,
            most: u64::MAX,
            budget: Some(budget),
        }
    }

    /// In a file of `spool`, when there are more than `most` bytes.
    pub(crate) fn spool(spool: &'s Spool, most: u64) -> Self {
        Self {
            spool: Some(spool),
            most,
            budget: None,
        }
    }
}

impl Stored {
    /// The content.
    pub(crate) fn into_blob(self) -> Blob {
        Blob::new(self.pieces)
    }

    /// The pieces, when they are in memory.
    pub(crate) fn in_memory(&mut self) -> Option<Vec<Bytes>> {
        let in_memory = |piece| match piece {
            Piece::Memory(bytes) => Some(bytes),
            Piece::File { .. } => None,
        };
        std::mem::take(&mut self.pieces)
            .into_iter()
            .map(in_memory)
            .collect()
    }

    /// The content in one piece, when it is in memory.
    pub(crate) fn bytes(&mut self) -> Option<Bytes> {
        let mut pieces = self.in_memory()?;
        Some(match pieces.as_mut_slice() {
            [] => Bytes::new(),
            [one] => std::mem::take(one),
            many => many.concat().into(),
        })
    }
}

impl Stream {
    async fn store(
        mut self: Box<Self>,
        room: Room<'_>,
        mut each: impl FnMut(&[u8]) + Send,
    ) -> Result<Stored, Fault> {
        let (limit, expected) = (self.limit, self.expected);
        let comes = match &self.check {
            Check::Chunked(chunked) => Some(chunked.expected()),
            Check::Unsigned | Check::Exact(..) => expected,
        };
        let mut pieces = Pieces::new(room, comes);
        let mut arrived = 0u64;
        while let Some(frame) = self.body.next().await? {
            arrived += frame.len() as u64;
            match &mut self.check {
                Check::Unsigned => {
                    each(&frame);
                    pieces.add(frame);
                }
                Check::Exact(_, hash) => {
                    hash.update(&frame);
                    each(&frame);
                    pieces.add(frame);
                }
                Check::Chunked(chunked) => chunked.push(&frame, &mut |content| {
                    each(content);
                    pieces.copy(content);
                })?,
            }
            if pieces.length > limit {
                return Err(too_large(limit, pieces.length));
            }
            pieces.settle().await?;
        }
        if expected.is_some_and(|expected| expected != arrived) {
            return Err(incomplete());
        }
        let trailers = match self.check {
            Check::Unsigned => Vec::new(),
            Check::Exact(signed, hash) => {
                let computed: [u8; 32] = hash.finalize().into();
                if computed != signed {
                    let claimed: String = signed.iter().map(|byte| format!("{byte:02x}")).collect();
                    return Err(rolecall_sigv4::Refusal::body_hash(&claimed, &computed).into());
                }
                Vec::new()
            }
            Check::Chunked(chunked) => chunked.finish()?,
        };
        pieces.finish(trailers).await
    }
}

fn too_large(limit: u64, proposed: u64) -> Fault {
    Fault::service(
        400,
        "EntityTooLarge",
        "Your proposed upload exceeds the maximum allowed object size.",
    )
    .detail("MaxSizeAllowed", limit.to_string())
    .detail("ProposedSize", proposed.to_string())
}

/// Gathers what arrives into pieces that stay, or moves it to a file when there is much of it.
struct Pieces<'s> {
    room: Room<'s>,
    /// How much there will be, as far as anybody said.
    comes: Option<u64>,
    done: Vec<Bytes>,
    open: Option<Holding>,
    length: u64,
    file: Option<Spooling>,
    share: Option<Share>,
}

impl<'s> Pieces<'s> {
    fn new(room: Room<'s>, comes: Option<u64>) -> Self {
        Self {
            room,
            comes,
            done: Vec::new(),
            open: None,
            length: 0,
            file: None,
            share: room.budget.map(Budget::share),
        }
    }

    fn add(&mut self, frame: Bytes) {
        let only = self.length == 0 && self.comes == Some(frame.len() as u64);
        let keeps = match self.spool() {
            Some(_) => frame.len() >= KEPT_FOR_A_FILE,
            None => self.room.budget.is_some() && only,
        };
        if keeps {
            self.length += frame.len() as u64;
            self.close();
            self.done.push(frame);
        } else {
            self.copy(&frame);
        }
    }

    fn copy(&mut self, mut content: &[u8]) {
        while !content.is_empty() {
            let next = self.next_room();
            let open = self.open.get_or_insert_with(|| Holding::with_room(next));
            let rest = open.fill(content);
            self.length += (content.len() - rest.len()) as u64;
            content = rest;
            if open.room() == 0 {
                self.close();
            }
        }
    }

    /// The size of the piece that begins here.
    fn next_room(&self) -> usize {
        let left = self.comes.and_then(|comes| comes.checked_sub(self.length));
        match left {
            Some(left) if left > 0 => left.min(PIECE as u64) as usize,
            _ if self.done.is_empty() => UNTOLD,
            _ => PIECE,
        }
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.done.push(open.finish());
        }
    }

    /// Where files are made, once it is known that there is more than fits into memory.
    fn spool(&self) -> Option<&'s Spool> {
        let length = self.length.max(self.comes.unwrap_or_default());
        self.room.spool.filter(|_| length > self.room.most)
    }

    /// Moves what is here to the file, once there is more than fits into memory.
    async fn settle(&mut self) -> Result<(), Fault> {
        if let Some(share) = &mut self.share {
            share.reach(self.length as usize)?;
        }
        match self.spool() {
            None => Ok(()),
            Some(_) if self.file.is_some() && self.done.is_empty() => Ok(()),
            // Seldom, and too much to be a part of every answer that is on its way.
            Some(spool) => Box::pin(self.move_to(spool)).await,
        }
    }

    async fn move_to(&mut self, spool: &Spool) -> Result<(), Fault> {
        if self.file.is_none() {
            self.file = spool.create().map_err(unkept)?;
        }
        let Some(file) = &mut self.file else {
            // Nowhere to put one: what came so far stays here as well.
            self.room.spool = None;
            self.close();
            self.length = 0;
            for frame in std::mem::take(&mut self.done) {
                self.copy(&frame);
            }
            return Ok(());
        };
        for piece in self.done.drain(..) {
            file.write(piece).await.map_err(unkept)?;
        }
        Ok(())
    }

    async fn finish(&mut self, trailers: Vec<(String, String)>) -> Result<Stored, Fault> {
        self.close();
        self.settle().await?;
        self.close();
        let pieces = match self.file.take() {
            None => self.done.drain(..).map(Piece::Memory).collect(),
            Some(file) => {
                let (file, length) = Box::pin(file.finish()).await.map_err(unkept)?;
                vec![Piece::File {
                    file,
                    at: 0,
                    length,
                }]
            }
        };
        Ok(Stored {
            pieces,
            trailers,
            _share: self.share.take(),
        })
    }
}

/// The directory of large objects cannot take it: full, or gone. As where the data directory cannot be written.
fn unkept(error: std::io::Error) -> Fault {
    let why =
        format!("rolecall cannot keep the content: {error}. Nothing was changed; reads go on");
    Fault::service(507, "InsufficientStorage", why)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn frames(sizes: &[usize]) -> Vec<Bytes> {
        let frame = |(&size, byte): (&usize, u8)| Bytes::from(vec![byte; size]);
        sizes.iter().zip(b'a'..).map(frame).collect()
    }

    /// Stores these frames, and gives back the pieces.
    async fn stored(room: Room<'_>, comes: Option<u64>, frames: &[Bytes]) -> Vec<Piece> {
        let mut pieces = Pieces::new(room, comes);
        for frame in frames {
            pieces.add(frame.clone());
            pieces.settle().await.unwrap();
        }
        pieces.finish(Vec::new()).await.unwrap().pieces
    }

    async fn bytes(pieces: Vec<Piece>) -> Vec<u8> {
        let mut all = Vec::new();
        let each = |bytes: &[u8]| all.extend_from_slice(bytes);
        Blob::new(pieces).each(each).await.unwrap();
        all
    }

    const KIB: usize = 1024;

    #[test]
    fn nothing_has_this_hash() {
        assert_eq!(Sha256::digest(b"")[..], EMPTY);
    }

    #[tokio::test]
    async fn content_is_what_arrived_whatever_was_said_of_its_length() {
        let spool = Spool::default();
        let missing = std::env::temp_dir().join("rolecall-no-such-folder");
        let nowhere = Spool::optional_within(missing);
        for sizes in [
            &[][..],
            &[1],
            &[1, 0, 5000, 70 * KIB],
            &[64 * KIB; 17],
            &[3, 600 * KIB, 3, 600 * KIB, 3],
        ] {
            let frames = frames(sizes);
            let whole = frames.concat();
            for spool in [&spool, &nowhere] {
                for most in [0, 100 * KIB as u64, u64::MAX] {
                    for comes in [None, Some(0), Some(7), Some(whole.len() as u64)] {
                        let room = Room::spool(spool, most);
                        let pieces = stored(room, comes, &frames).await;
                        assert!(bytes(pieces).await == whole, "{sizes:?} {most} {comes:?}");
                    }
                }
            }
        }
    }

    #[tokio::test]
    async fn what_stays_in_memory_is_as_large_as_it_is() {
        let spool = Spool::default();
        let sizes = |pieces: Vec<Piece>| pieces.iter().map(Piece::len).collect::<Vec<_>>();
        let frames = frames(&[64 * KIB, 64 * KIB, 64 * KIB, 64 * KIB, 3 * KIB]);
        let room = Room::spool(&spool, u64::MAX);
        let told = stored(room, Some(259 * KIB as u64), &frames).await;
        assert_eq!(sizes(told), [256 * KIB as u64, 3 * KIB as u64]);
        let untold = stored(room, None, &frames).await;
        assert_eq!(sizes(untold), [16 * KIB as u64, 243 * KIB as u64]);
    }

    #[tokio::test]
    async fn a_document_that_came_in_one_frame_is_not_copied() {
        let frame = Bytes::from_static(b"<Tagging/>");
        let document = Payload::Bytes(vec![frame.clone()]);
        let budget = Budget::default();
        let room = Room::memory(&budget);
        let mut stored = document.store(room, |_| ()).await.unwrap();
        assert_eq!(stored.bytes().unwrap().as_ptr(), frame.as_ptr());
    }

    #[tokio::test]
    async fn documents_have_a_budget_and_content_has_none() {
        let (budget, spool) = (Budget::of(50 * KIB), Spool::default());
        let large = || Payload::Bytes(frames(&[30 * KIB; 3]));
        let refused = large().store(Room::memory(&budget), |_| ()).await;
        assert!(matches!(refused, Err(Fault::Service(fault)) if fault.code == "SlowDown"));
        let fits = || Payload::Bytes(frames(&[30 * KIB; 2]));
        let held = fits().store(Room::memory(&budget), |_| ()).await.unwrap();
        assert!(fits().store(Room::memory(&budget), |_| ()).await.is_err());
        drop(held);
        assert!(fits().store(Room::memory(&budget), |_| ()).await.is_ok());
        let content = large().store(Room::spool(&spool, u64::MAX), |_| ()).await;
        assert!(content.is_ok());
    }
}
