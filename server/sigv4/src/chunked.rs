//! Decodes `aws-chunked` bodies and checks every signature on the way.
//!
//! Source: Amazon S3 API Reference, "Signature Calculations for the Authorization Header:
//! Transferring Payload in Multiple Chunks" and "... Including Trailing Headers".
//!
//! Decoded bytes are handed on as they arrive, so memory stays bounded whatever the size of a
//! chunk; a chunk's signature is checked at its end. **Nothing may be published before
//! [`Chunked::finish`] has returned.**

mod signing;

use crate::chunked::signing::Signing;
use crate::key::is_signature;
use crate::payload::BodyKind;
use crate::refusal::Refusal;
use crate::verify::{Seed, Verified};

/// Trailing headers: names in lower case, values trimmed, in the order they came.
pub type Trailers = Vec<(String, String)>;

/// The longest line of the framing: a chunk's head or a trailing header.
const LONGEST_LINE: usize = 2 * 1024;
/// The most trailing headers.
const MOST_TRAILERS: usize = 32;
/// Only the last chunk may be smaller, when chunks are signed.
const SMALLEST_CHUNK: u64 = 8 * 1024;
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";

/// A decoder of one `aws-chunked` body.
#[derive(Debug)]
pub struct Chunked {
    state: State,
    /// The line being read.
    line: Vec<u8>,
    signing: Option<Signing>,
    with_trailer: bool,
    announced: Vec<String>,
    trailers: Trailers,
    expected: u64,
    decoded: u64,
    /// How many chunks there were, and the size of the current one.
    chunks: u64,
    size: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// `size[;chunk-signature=...]` up to its line feed.
    ChunkHead,
    /// This many bytes of a chunk are to come.
    Data(u64),
    /// The line break after a chunk.
    DataEnd,
    /// Trailing headers, up to an empty line.
    Trailer,
    /// Nothing may follow.
    End,
}

impl Chunked {
    /// A decoder for the body of a verified request; `None` when that body is not `aws-chunked`.
    pub fn new(verified: &Verified) -> Option<Self> {
        Self::with_seed(&verified.body, verified.seed.clone())
    }

    /// A decoder for an unsigned `aws-chunked` body of a request without credentials.
    pub fn unsigned(body: &BodyKind) -> Option<Self> {
        Self::with_seed(body, None)
    }

    fn with_seed(body: &BodyKind, seed: Option<Seed>) -> Option<Self> {
        let BodyKind::Chunked {
            signed,
            trailer,
            decoded_length,
            announced,
        } = body
        else {
            return None;
        };
        if *signed != seed.is_some() {
            return None;
        }
        Some(Self {
            state: State::ChunkHead,
            line: Vec::new(),
            signing: seed.map(Signing::new),
            with_trailer: *trailer,
            announced: announced.clone(),
            trailers: Trailers::new(),
            expected: *decoded_length,
            decoded: 0,
            chunks: 0,
            size: 0,
        })
    }

    /// Takes the next bytes of the body and hands on what they decode to.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the bytes so far; the decoder is of no use afterwards.
    pub fn push(&mut self, mut input: &[u8], out: &mut impl FnMut(&[u8])) -> Result<(), Refusal> {
        while !input.is_empty() {
            input = match self.state {
                State::Data(remaining) => self.data(remaining, input, out),
                State::End => return Err(malformed("bytes after its end")),
                State::ChunkHead | State::DataEnd | State::Trailer => self.text(input)?,
            };
        }
        Ok(())
    }

    /// The number of bytes that were announced.
    pub fn expected(&self) -> u64 {
        self.expected
    }

    /// The number of bytes decoded so far.
    pub fn decoded(&self) -> u64 {
        self.decoded
    }

    /// Says that the body has ended, and returns its trailing headers.
    ///
    /// # Errors
    ///
    /// When the body is not complete.
    pub fn finish(self) -> Result<Trailers, Refusal> {
        match self.state {
            State::End => Ok(self.trailers),
            _ => Err(Refusal::Truncated),
        }
    }

    fn data<'i>(
        &mut self,
        remaining: u64,
        input: &'i [u8],
        out: &mut impl FnMut(&[u8]),
    ) -> &'i [u8] {
        let take = usize::try_from(remaining)
            .unwrap_or(usize::MAX)
            .min(input.len());
        let (bytes, rest) = input.split_at_checked(take).unwrap_or((input, &[]));
        if let Some(signing) = &mut self.signing {
            signing.update(bytes);
        }
        out(bytes);
        let taken = u64::try_from(take).unwrap_or(remaining);
        self.decoded += taken;
        self.state = match remaining.saturating_sub(taken) {
            0 => State::DataEnd,
            left => State::Data(left),
        };
        rest
    }

    /// Collects a line, and reads it when it is complete.
    fn text<'i>(&mut self, input: &'i [u8]) -> Result<&'i [u8], Refusal> {
        let end = input.iter().position(|byte| *byte == b'\n');
        let (bytes, rest) = match end {
            Some(end) => input.split_at_checked(end + 1).unwrap_or((input, &[])),
            None => (input, &[][..]),
        };
        let limit = if self.state == State::DataEnd {
            2
        } else {
            LONGEST_LINE
        };
        if self.line.len() + bytes.len() > limit {
            return Err(match self.state {
                State::DataEnd => malformed("no line break after a chunk"),
                State::Trailer => trailer("a line is too long"),
                _ => malformed("the head of a chunk is too long"),
            });
        }
        self.line.extend_from_slice(bytes);
        if end.is_some() {
            let line = std::mem::take(&mut self.line);
            let text = std::str::from_utf8(&line).map_err(|_| malformed("a line is not text"))?;
            match self.state {
                State::Trailer => self.trailer_line(text)?,
                State::DataEnd => self.data_end(text)?,
                _ => self.chunk_head(text)?,
            }
            self.line = line;
            self.line.clear();
        }
        Ok(rest)
    }

    fn chunk_head(&mut self, line: &str) -> Result<(), Refusal> {
        let line = line
            .strip_suffix("\r\n")
            .ok_or(malformed("a line ends without `\\r\\n`"))?;
        let (size, extension) = match line.split_once(';') {
            Some((size, extension)) => (size, Some(extension)),
            None => (line, None),
        };
        let is_hex = !size.is_empty() && size.bytes().all(|b| b.is_ascii_hexdigit());
        let next = u64::from_str_radix(size, 16).ok().filter(|_| is_hex);
        let next = next.ok_or(malformed("the size of a chunk is not a hexadecimal number"))?;
        match (&mut self.signing, extension) {
            (None, None) => {}
            (None, Some(_)) => return Err(malformed("an unsigned chunk has an extension")),
            (Some(signing), extension) => {
                let signature = extension.and_then(|text| text.strip_prefix("chunk-signature="));
                let signature = signature.filter(|text| is_signature(text));
                signing.begin(signature.ok_or(malformed("a chunk has no signature"))?);
                if next > 0 && self.chunks > 0 && self.size < SMALLEST_CHUNK {
                    return Err(Refusal::ChunkTooSmall {
                        number: self.chunks,
                        size: self.size,
                    });
                }
            }
        }
        let got = self.decoded.saturating_add(next);
        if got > self.expected || (next == 0 && got < self.expected) {
            return Err(Refusal::DecodedLength {
                expected: self.expected,
                got,
            });
        }
        self.size = next;
        if next > 0 {
            self.chunks += 1;
            self.state = State::Data(next);
            return Ok(());
        }
        if let Some(signing) = &mut self.signing {
            signing.end_of_chunk()?;
        }
        self.state = if self.with_trailer {
            State::Trailer
        } else {
            State::DataEnd
        };
        Ok(())
    }

    fn data_end(&mut self, line: &str) -> Result<(), Refusal> {
        if line != "\r\n" {
            return Err(malformed("no line break after a chunk"));
        }
        if self.size == 0 {
            // The empty chunk was the last and its signature is checked.
            self.state = State::End;
            return Ok(());
        }
        if let Some(signing) = &mut self.signing {
            signing.end_of_chunk()?;
        }
        self.state = State::ChunkHead;
        Ok(())
    }

    /// A trailing header. Some clients end it with a line feed alone; S3 takes both.
    fn trailer_line(&mut self, line: &str) -> Result<(), Refusal> {
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            return self.end_of_trailer();
        }
        let (name, value) = line.split_once(':').ok_or(trailer("a line has no colon"))?;
        let name = name.trim().to_ascii_lowercase();
        if self.trailers.len() >= MOST_TRAILERS {
            return Err(trailer("too many lines"));
        }
        if self.trailers.iter().any(|(seen, _)| *seen == name) {
            return Err(trailer("a header stands twice"));
        }
        if name != TRAILER_SIGNATURE && !self.announced.contains(&name) {
            return Err(trailer("a header was not announced in x-amz-trailer"));
        }
        self.trailers.push((name, value.trim().to_owned()));
        Ok(())
    }

    fn end_of_trailer(&mut self) -> Result<(), Refusal> {
        let place = self
            .trailers
            .iter()
            .position(|(name, _)| name == TRAILER_SIGNATURE);
        let signature = place.map(|place| self.trailers.remove(place).1);
        let has = |name: &String| self.trailers.iter().any(|(seen, _)| seen == name);
        if !self.announced.iter().all(has) {
            return Err(trailer("an announced header is absent"));
        }
        match (&self.signing, signature) {
            (Some(signing), Some(signature)) => {
                signing.check_trailer(&self.trailers, &signature)?
            }
            (Some(_), None) => return Err(trailer("x-amz-trailer-signature is absent")),
            (None, Some(_)) => return Err(trailer("unsigned, but with x-amz-trailer-signature")),
            (None, None) => {}
        }
        self.state = State::End;
        Ok(())
    }
}

fn malformed(why: &'static str) -> Refusal {
    Refusal::MalformedChunk { why }
}

fn trailer(why: &'static str) -> Refusal {
    Refusal::MalformedTrailer { why }
}
