//! The chain of signatures: each chunk's builds on the one before, the first on the request's.

use sha2::{Digest, Sha256};

use super::Trailers;
use crate::hex::Hex;
use crate::key::same_signature;
use crate::refusal::{Mismatch, Refusal};
use crate::verify::Seed;

/// What is known of signatures so far.
#[derive(Debug)]
pub(super) struct Signing {
    seed: Seed,
    /// The signature before the current one.
    previous: String,
    /// The signature of the chunk being read.
    current: String,
    hash: Sha256,
}

impl Signing {
    pub(super) fn new(seed: Seed) -> Self {
        Self {
            previous: seed.signature.clone(),
            current: String::new(),
            hash: Sha256::new(),
            seed,
        }
    }

    /// A chunk with this signature begins.
    pub(super) fn begin(&mut self, signature: &str) {
        self.current.clear();
        self.current.push_str(signature);
    }

    /// Takes bytes of the chunk.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    /// Checks the chunk that was read and makes its signature the base of the next.
    pub(super) fn end_of_chunk(&mut self) -> Result<(), Refusal> {
        let empty = Hex::of(&Sha256::digest(b"").into());
        let hash = Hex::of(&std::mem::take(&mut self.hash).finalize().into());
        let lines = [empty.as_bytes(), hash.as_bytes()];
        self.check("AWS4-HMAC-SHA256-PAYLOAD", &lines, &self.current)?;
        std::mem::swap(&mut self.previous, &mut self.current);
        Ok(())
    }

    /// Checks the signature over all trailing headers, sorted, each as `name:value` and line feed.
    pub(super) fn check_trailer(
        &self,
        trailers: &Trailers,
        signature: &str,
    ) -> Result<(), Refusal> {
        let mut sorted: Vec<_> = trailers.iter().collect();
        sorted.sort_unstable();
        let mut hash = Sha256::new();
        for (name, value) in sorted {
            for piece in [name.as_str(), ":", value, "\n"] {
                hash.update(piece);
            }
        }
        let hash = Hex::of(&hash.finalize().into());
        self.check("AWS4-HMAC-SHA256-TRAILER", &[hash.as_bytes()], signature)
    }

    fn check(&self, algorithm: &str, lines: &[&[u8]], signature: &str) -> Result<(), Refusal> {
        let first = [
            algorithm,
            self.seed.signed_at.as_str(),
            &self.seed.scope,
            &self.previous,
        ];
        let all = || {
            first
                .iter()
                .map(|line| line.as_bytes())
                .chain(lines.iter().copied())
        };
        let pieces = all().enumerate().flat_map(|(place, line)| {
            let separator: &[u8] = if place == 0 { b"" } else { b"\n" };
            [separator, line]
        });
        if same_signature(&self.seed.key.sign(pieces), signature) {
            return Ok(());
        }
        let lines: Vec<_> = all().map(String::from_utf8_lossy).collect();
        Err(Refusal::Mismatch(Box::new(Mismatch {
            access_key: self.seed.access_key.clone(),
            string_to_sign: lines.join("\n"),
            signature: signature.to_owned(),
            canonical_request: None,
        })))
    }
}
