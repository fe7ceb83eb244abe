//! Content that arrives: hashed on the way for its ETag and its checksum, kept when every claim holds.

use super::{
    Headers,
    checksum::{Algorithm, Checksum, Claim, Hasher},
};
use crate::{
    wire::{Fault, Payload, Room},
    world::Blob,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use md5::{Digest as _, Md5};

/// Content that held every check.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) blob: Blob,
    /// The MD5, which is the ETag in hex.
    pub(super) md5: [u8; 16],
    pub(super) checksum: Option<Checksum>,
    /// CRC64NVME, which the sum of a multipart object is made of.
    pub(super) crc64: Option<Checksum>,
}

/// What is made of content besides its MD5, and where it goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'s> {
    /// The checksum that is computed when none is claimed.
    pub(super) otherwise: Algorithm,
    /// CRC64NVME too, whatever is claimed: it is a part.
    pub(super) crc64: bool,
    pub(super) room: Room<'s>,
}

/// Objects above this size are kept in files; parts already above the second, as an object may have 10,000 of them.
pub(super) const LARGE: u64 = 1024 * 1024;
pub(super) const LARGE_PART: u64 = 128 * 1024;

/// Takes content in.
pub(super) async fn take(
    payload: Payload,
    headers: &Headers,
    wish: Wish<'_>,
) -> Result<Content, Fault> {
    let claim = Claim::read(headers)?;
    let claimed_md5 = headers.get("content-md5").map(decode_md5).transpose()?;
    let algorithm = claim
        .as_ref()
        .map_or(wish.otherwise, |claim| claim.algorithm);
    let mut md5 = Md5::new();
    let mut hasher = Hasher::new(algorithm);
    let second = wish.crc64 && algorithm != Algorithm::Crc64Nvme;
    let mut crc64 = second.then(|| Box::new(Hasher::new(Algorithm::Crc64Nvme)));
    let mut stored = payload
        .store(wish.room, |piece| {
            md5.update(piece);
            hasher.update(piece);
            if let Some(crc64) = &mut crc64 {
                crc64.update(piece);
            }
        })
        .await?;
    let md5: [u8; 16] = md5.finalize().into();
    if let Some(claimed) = claimed_md5 {
        // Of a part S3 tells the digest as it was sent. Recorded.
        let shown = if wish.crc64 { in_base64 } else { hex };
        check_md5(&claimed, &md5, shown)?;
    }
    let computed = hasher.finish();
    if let Some(claim) = &claim {
        claim.check(&computed, &std::mem::take(&mut stored.trailers))?;
    }
    let checksum = Checksum::full(algorithm, &computed);
    let crc64 = match crc64 {
        Some(hasher) => Some(Checksum::full(Algorithm::Crc64Nvme, &hasher.finish())),
        None => wish.crc64.then(|| checksum.clone()),
    };
    Ok(Content {
        blob: stored.into_blob(),
        md5,
        checksum: Some(checksum),
        crc64,
    })
}

/// Checks what a request says of its document, in headers or in trailers.
pub(super) fn check_document(
    headers: &Headers,
    trailers: &[(String, String)],
    body: &[u8],
) -> Result<(), Fault> {
    let claim = Claim::read(headers)?;
    if let Some(claim) = claim {
        claim.check(&claim.algorithm.of([body]), trailers)?;
    }
    match headers.get("content-md5") {
        Some(sent) => check_md5(&decode_md5(sent)?, &Md5::digest(body).into(), hex),
        None => Ok(()),
    }
}

fn decode_md5(text: &str) -> Result<[u8; 16], Fault> {
    let digest = BASE64_STANDARD.decode(text).ok();
    digest
        .and_then(|digest| digest.try_into().ok())
        .ok_or_else(|| {
            Fault::service(
                400,
                "InvalidDigest",
                "The Content-MD5 you specified was invalid.",
            )
            .detail("Content-MD5", text)
        })
}

fn check_md5(
    claimed: &[u8; 16],
    computed: &[u8; 16],
    shown: fn(&[u8]) -> String,
) -> Result<(), Fault> {
    if claimed == computed {
        return Ok(());
    }
    Err(Fault::service(
        400,
        "BadDigest",
        "The Content-MD5 you specified did not match what we received.",
    )
    .detail("ExpectedDigest", shown(claimed))
    .detail("CalculatedDigest", in_base64(computed)))
}

fn in_base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
