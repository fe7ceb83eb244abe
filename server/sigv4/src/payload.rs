//! What the last line of the canonical request says about the body.

use http::{HeaderMap, HeaderName};

use crate::find::{How, Signed, single};
use crate::hex::{self, Hex};
use crate::refusal::{Place, Refusal};

/// Where the last line of the canonical request comes from.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'a> {
    /// The body was read and this is its SHA-256 (all services but S3).
    Hash(&'a [u8; 32]),
    /// As `x-amz-content-sha256` says (S3); the body is checked while it streams in.
    Header,
}

/// How the body of a verified request must be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// The body must have this SHA-256.
    Exact([u8; 32]),
    /// The signature says nothing of the body.
    Unsigned,
    /// The body is `aws-chunked`.
    Chunked {
        /// Whether each chunk carries a signature.
        signed: bool,
        /// Whether trailing headers follow the last chunk.
        trailer: bool,
        /// `x-amz-decoded-content-length`.
        decoded_length: u64,
        /// The names in `x-amz-trailer`, in lower case.
        announced: Vec<String>,
    },
}

static HEADER: HeaderName = HeaderName::from_static("x-amz-content-sha256");
static DECODED: HeaderName = HeaderName::from_static("x-amz-decoded-content-length");
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// The words that stand for an `aws-chunked` body: word, signed, with trailer.
const STREAMING: [(&str, bool, bool); 3] = [
    ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", true, false),
    ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", true, true),
    ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", false, true),
];

/// The last line itself, without a heap.
pub(crate) enum Line<'a> {
    Sent(&'a str),
    Computed(Hex),
}

impl Line<'_> {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Sent(text) => text.as_bytes(),
            Self::Computed(hex) => hex.as_bytes(),
        }
    }
}

impl Payload<'_> {
    pub(crate) fn resolve<'h>(
        self,
        signed: &Signed<'_>,
        headers: &'h HeaderMap,
    ) -> Result<(Line<'h>, BodyKind), Refusal> {
        let sent = single(headers, &HEADER)?;
        match self {
            Self::Hash(computed) => {
                if let Some(claimed) = sent
                    && hex::parse(claimed).is_some_and(|claimed| claimed != *computed)
                {
                    return Err(Refusal::body_hash(claimed, computed));
                }
                Ok((
                    Line::Computed(Hex::of(computed)),
                    BodyKind::Exact(*computed),
                ))
            }
            Self::Header => match (sent, signed.how) {
                (None, How::Header) => Err(Refusal::ContentSha256Missing),
                (None, How::Presigned { .. }) => Ok((Line::Sent(UNSIGNED), BodyKind::Unsigned)),
                (Some(text), _) => {
                    let body = read(text, headers)?;
                    if signed.signed_headers.contains(HEADER.as_str()) {
                        return Ok((Line::Sent(text), body));
                    }
                    // Beside a presigned URL S3 lets this header be unsigned. It may then ask for
                    // more (a hash) but not change how the body is read: rolecall's choice.
                    match body {
                        BodyKind::Chunked { .. } => Err(Refusal::HeadersNotSigned {
                            names: vec![HEADER.as_str().to_owned()],
                        }),
                        body => Ok((Line::Sent(UNSIGNED), body)),
                    }
                }
            },
        }
    }
}

/// How the body of a request without credentials must be read: its `x-amz-content-sha256` may
/// announce a hash or an unsigned `aws-chunked` body.
///
/// # Errors
///
/// When the header is not one of the values that it may have, or announces signed chunks.
pub fn unsigned_body(headers: &HeaderMap) -> Result<BodyKind, Refusal> {
    let Some(text) = single(headers, &HEADER)? else {
        return Ok(BodyKind::Unsigned);
    };
    match read(text, headers)? {
        BodyKind::Chunked { signed: true, .. } => Err(Refusal::ContentSha256Invalid {
            got: text.to_owned(),
        }),
        body => Ok(body),
    }
}

fn read(text: &str, headers: &HeaderMap) -> Result<BodyKind, Refusal> {
    if text == UNSIGNED {
        return Ok(BodyKind::Unsigned);
    }
    if let Some(hash) = hex::parse(text) {
        return Ok(BodyKind::Exact(hash));
    }
    if let Some((_, signed, trailer)) = STREAMING.into_iter().find(|(word, ..)| *word == text) {
        return Ok(BodyKind::Chunked {
            signed,
            trailer,
            decoded_length: decoded_length(headers)?,
            announced: announced(headers),
        });
    }
    if text.starts_with("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD") {
        let algorithm = text.to_owned();
        return Err(Refusal::UnsupportedAlgorithm {
            place: Place::Header,
            algorithm,
        });
    }
    Err(Refusal::ContentSha256Invalid {
        got: text.to_owned(),
    })
}

fn decoded_length(headers: &HeaderMap) -> Result<u64, Refusal> {
    let text = single(headers, &DECODED)?;
    text.filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .ok_or(Refusal::DecodedLengthMissing)
}

fn announced(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all("x-amz-trailer").iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect()
}
