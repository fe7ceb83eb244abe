//! Checks the credentials of a request.

use std::cell::Cell;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::ALGORITHM;
use crate::canonical::Canonical;
use crate::find::{Head, How, Signed};
use crate::hex::Hex;
use crate::key::{SigningKey, same_signature};
use crate::payload::{BodyKind, Payload};
use crate::refusal::{Mismatch, Place, Refusal};
use crate::scope::Rules;
use crate::time::SignedAt;

/// Room for most canonical requests, those with a session token among them, and the most that is kept for the next one.
const CANONICAL: usize = 2048;
const KEPT: usize = 16 * 1024;

thread_local! {
    /// Every request writes one: the room for it is used again.
    static TEXT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A request whose signature holds.
#[derive(Clone, Debug)]
pub struct Verified {
    /// When it was signed.
    pub signed_at: SignedAt,
    /// How its body must be read.
    pub body: BodyKind,
    /// What the first chunk's signature builds on, when the chunks are signed.
    pub seed: Option<Seed>,
}

/// What the signature of a chunk builds on.
#[derive(Clone, Debug)]
pub struct Seed {
    pub(crate) key: SigningKey,
    pub(crate) access_key: String,
    pub(crate) signed_at: SignedAt,
    pub(crate) scope: String,
    pub(crate) signature: String,
}

/// Headers that may stay unsigned although their names begin with `x-amz-`, and where.
///
/// `x-amz-user-agent` is left out by the SDKs for browsers and by presigners, `x-amz-checksum-mode`
/// by presigners; S3 was recorded to tolerate `x-amz-content-sha256` beside a presigned URL. No
/// condition key and no decision reads the first two, and a hash can only make a request stricter.
const MAY_BE_UNSIGNED: [(&str, In); 3] = [
    ("x-amz-user-agent", In::AnyRequest),
    ("x-amz-checksum-mode", In::Presigned),
    ("x-amz-content-sha256", In::Presigned),
];

#[derive(Clone, Copy)]
enum In {
    AnyRequest,
    Presigned,
}

impl In {
    fn holds(self, how: How) -> bool {
        match self {
            Self::AnyRequest => true,
            Self::Presigned => matches!(how, How::Presigned { .. }),
        }
    }
}

impl How {
    pub(crate) fn place(self) -> Place {
        match self {
            Self::Header => Place::Header,
            Self::Presigned { .. } => Place::Query,
        }
    }
}

impl Signed<'_> {
    /// Checks scope, time, the set of signed headers and the signature, in this order.
    ///
    /// `key` comes from [`SigningKey::derive`] for the secret of [`Signed::access_key`] and
    /// [`Signed::scope`]. The session token is part of what is signed; whether it is the right one
    /// is for the caller to say.
    ///
    /// # Errors
    ///
    /// The first check that fails; a signature that does not match carries the canonical request.
    pub fn verify(
        &self,
        head: &Head<'_>,
        key: &SigningKey,
        rules: &Rules<'_>,
        now: Timestamp,
        payload: Payload<'_>,
    ) -> Result<Verified, Refusal> {
        self.scope.check(self.how.place(), &self.signed_at, rules)?;
        self.check_time(rules, now)?;
        self.check_headers(head, rules)?;
        let (line, body) = payload.resolve(self, head.headers)?;
        let left_out: &[&str] = match (self.how, rules.token_unsigned) {
            (How::Header, _) => &[],
            (How::Presigned { .. }, false) => &["X-Amz-Signature"],
            (How::Presigned { .. }, true) => &["X-Amz-Signature", "X-Amz-Security-Token"],
        };
        let canonical = Canonical {
            head,
            signed_headers: self.signed_headers.as_str(),
            left_out,
            payload: line.as_bytes(),
        };
        let mut text = TEXT.take();
        text.clear();
        text.reserve(CANONICAL);
        let all_there = canonical.write(rules, &mut text);
        let hash = Hex::of(&Sha256::digest(&text).into());
        let computed = key.sign([
            ALGORITHM.as_bytes(),
            b"\n",
            self.signed_at.as_str().as_bytes(),
            b"\n",
            self.scope.date.as_bytes(),
            b"/",
            self.scope.region.as_bytes(),
            b"/",
            self.scope.service.as_bytes(),
            b"/",
            self.scope.terminator.as_bytes(),
            b"\n",
            hash.as_bytes(),
        ]);
        if !same_signature(&computed, self.signature) || !all_there {
            return Err(Refusal::Mismatch(Box::new(Mismatch {
                access_key: self.access_key.to_owned(),
                string_to_sign: format!("{ALGORITHM}\n{}\n{}\n{hash}", self.signed_at, self.scope),
                signature: self.signature.to_owned(),
                canonical_request: Some(String::from_utf8_lossy(&text).into_owned()),
            })));
        }
        if text.capacity() <= KEPT {
            TEXT.set(text);
        }
        let seed = matches!(body, BodyKind::Chunked { signed: true, .. }).then(|| Seed {
            key: key.clone(),
            access_key: self.access_key.to_owned(),
            signed_at: self.signed_at,
            scope: self.scope.to_string(),
            signature: self.signature.to_owned(),
        });
        Ok(Verified {
            signed_at: self.signed_at,
            body,
            seed,
        })
    }

    fn check_time(&self, rules: &Rules<'_>, now: Timestamp) -> Result<(), Refusal> {
        match self.how {
            How::Header => check_skew(self.signed_at, rules.skew, now),
            How::Presigned { expires } => {
                check_future(self.signed_at, rules.skew, now)?;
                if is_after(now, self.signed_at.timestamp(), expires) {
                    return Err(Refusal::Expired {
                        signed_at: self.signed_at,
                        expires,
                        now,
                    });
                }
                Ok(())
            }
        }
    }

    fn check_headers(&self, head: &Head<'_>, rules: &Rules<'_>) -> Result<(), Refusal> {
        if !self.signed_headers.contains("host") {
            return Err(Refusal::HostNotSigned {
                place: self.how.place(),
            });
        }
        let must_be_signed = |name: &str| {
            if name == "date" {
                // Then it is what says when the request was signed.
                return self.how == How::Header && !head.headers.contains_key("x-amz-date");
            }
            name.starts_with("x-amz-")
                && !MAY_BE_UNSIGNED
                    .iter()
                    .any(|(free, when)| name == *free && when.holds(self.how))
                && !(rules.token_unsigned && name == "x-amz-security-token")
        };
        let mut names = head.headers.keys().map(http::HeaderName::as_str);
        if names.all(|name| !must_be_signed(name) || self.signed_headers.contains(name)) {
            return Ok(());
        }
        let mut names: Vec<String> = head
            .headers
            .keys()
            .map(http::HeaderName::as_str)
            .filter(|name| must_be_signed(name) && !self.signed_headers.contains(name))
            .map(str::to_owned)
            .collect();
        names.sort_unstable();
        Err(Refusal::HeadersNotSigned { names })
    }
}

pub(crate) fn check_skew(
    signed_at: SignedAt,
    skew: Duration,
    now: Timestamp,
) -> Result<(), Refusal> {
    if is_after(now, signed_at.timestamp(), skew) {
        return Err(Refusal::TooOld {
            signed_at,
            now,
            skew,
        });
    }
    if is_after(signed_at.timestamp(), now, skew) {
        return Err(Refusal::TooNew {
            signed_at,
            now,
            skew,
        });
    }
    Ok(())
}

/// For what stays valid for a time of its own: it may be old but not from the future.
pub(crate) fn check_future(
    signed_at: SignedAt,
    skew: Duration,
    now: Timestamp,
) -> Result<(), Refusal> {
    if is_after(signed_at.timestamp(), now, skew) {
        return Err(Refusal::NotYetValid {
            signed_at,
            now,
            skew,
        });
    }
    Ok(())
}

/// Whether `late` is more than `by` after `early`.
fn is_after(late: Timestamp, early: Timestamp, by: Duration) -> bool {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    late.duration_since(early) > by
}
