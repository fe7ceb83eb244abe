//! The checksums of S3 but the XXHash family: computed while content arrives, compared with what the client said, kept.
//! Source: S3 User Guide, "Checking object integrity for data uploads in Amazon S3".

use super::{Headers, faults};
use crate::wire::Fault;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use crc_fast::{CrcAlgorithm, Digest as Crc};
use md5::Md5;
use serde::Serialize;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

/// An algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
    Sha512,
    Md5,
}

/// Whether a checksum is of the whole content or of its parts' checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Kind {
    FullObject,
    Composite,
}

/// A checksum that is kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: Kind,
    /// base64; a composite one ends with `-` and the number of parts.
    pub(crate) value: String,
}

/// A checksum as an element of an answer.
#[derive(Debug, Serialize)]
pub(super) enum Element {
    #[serde(rename = "ChecksumCRC32")]
    Crc32(String),
    #[serde(rename = "ChecksumCRC32C")]
    Crc32c(String),
    #[serde(rename = "ChecksumCRC64NVME")]
    Crc64Nvme(String),
    #[serde(rename = "ChecksumSHA1")]
    Sha1(String),
    #[serde(rename = "ChecksumSHA256")]
    Sha256(String),
    #[serde(rename = "ChecksumSHA512")]
    Sha512(String),
    #[serde(rename = "ChecksumMD5")]
    Md5(String),
}

impl Algorithm {
    pub(crate) const ALL: [Self; 7] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::Md5,
    ];

    /// As `x-amz-checksum-algorithm` spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
            Self::Md5 => "MD5",
        }
    }

    /// The header that carries a value.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
            Self::Sha512 => "x-amz-checksum-sha512",
            Self::Md5 => "x-amz-checksum-md5",
        }
    }

    /// As error messages spell it.
    pub(crate) fn lower(self) -> String {
        self.name().to_ascii_lowercase()
    }

    /// The algorithm of this name.
    pub(super) fn parse(name: &str) -> Result<Self, Fault> {
        let found = Self::ALL
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(name));
        found.ok_or_else(unsupported)
    }

    /// The length of a value in bytes.
    fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
            Self::Md5 => 16,
        }
    }

    /// The CRC behind it; none for the hashes.
    pub(super) fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 | Self::Sha512 | Self::Md5 => None,
        }
    }

    /// The bytes of a CRC.
    pub(super) fn crc_bytes(self, crc: u64) -> Vec<u8> {
        let bytes = crc.to_be_bytes();
        bytes.into_iter().skip(8 - self.length().min(8)).collect()
    }

    /// A value in base64; none when it cannot be one.
    pub(super) fn decode(self, text: &str) -> Option<Vec<u8>> {
        let bytes = BASE64_STANDARD.decode(text).ok()?;
        (bytes.len() == self.length()).then_some(bytes)
    }

    /// The checksum of content that is here.
    pub(super) fn of<'p>(self, pieces: impl IntoIterator<Item = &'p [u8]>) -> Vec<u8> {
        let mut hasher = Hasher::new(self);
        pieces.into_iter().for_each(|piece| hasher.update(piece));
        hasher.finish()
    }
}

impl Kind {
    /// As `x-amz-checksum-type` spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

impl Checksum {
    /// The checksum of whole content.
    pub(super) fn full(algorithm: Algorithm, bytes: &[u8]) -> Self {
        Self {
            algorithm,
            kind: Kind::FullObject,
            value: BASE64_STANDARD.encode(bytes),
        }
    }

    /// Without the number of parts at the end of a composite one.
    pub(super) fn without_count(&self) -> Self {
        let value = self.value.split('-').next().unwrap_or_default();
        Self {
            value: value.to_owned(),
            ..*self
        }
    }

    /// As an element.
    pub(super) fn element(&self) -> Element {
        let value = self.value.clone();
        match self.algorithm {
            Algorithm::Crc32 => Element::Crc32(value),
            Algorithm::Crc32c => Element::Crc32c(value),
            Algorithm::Crc64Nvme => Element::Crc64Nvme(value),
            Algorithm::Sha1 => Element::Sha1(value),
            Algorithm::Sha256 => Element::Sha256(value),
            Algorithm::Sha512 => Element::Sha512(value),
            Algorithm::Md5 => Element::Md5(value),
        }
    }
}

/// A checksum in the making.
pub(super) enum Hasher {
    Crc(Algorithm, Crc),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Box<Sha512>),
    Md5(Md5),
}

impl Hasher {
    pub(super) fn new(algorithm: Algorithm) -> Self {
        match (algorithm, algorithm.crc()) {
            (_, Some(crc)) => Self::Crc(algorithm, Crc::new(crc)),
            (Algorithm::Sha1, None) => Self::Sha1(Sha1::new()),
            (Algorithm::Sha512, None) => Self::Sha512(Box::default()),
            (Algorithm::Md5, None) => Self::Md5(Md5::new()),
            (_, None) => Self::Sha256(Sha256::new()),
        }
    }

    pub(super) fn update(&mut self, piece: &[u8]) {
        match self {
            Self::Crc(_, crc) => crc.update(piece),
            Self::Sha1(sha) => sha.update(piece),
            Self::Sha256(sha) => sha.update(piece),
            Self::Sha512(sha) => sha.update(piece),
            Self::Md5(md5) => md5.update(piece),
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        match self {
            Self::Crc(algorithm, crc) => algorithm.crc_bytes(crc.finalize()),
            Self::Sha1(sha) => sha.finalize().to_vec(),
            Self::Sha256(sha) => sha.finalize().to_vec(),
            Self::Sha512(sha) => sha.finalize().to_vec(),
            Self::Md5(md5) => md5.finalize().to_vec(),
        }
    }
}

/// What a request says about the checksum of its content.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// The algorithm.
    pub(super) algorithm: Algorithm,
    /// The value, when it stands in a header; otherwise a trailer brings it.
    value: Option<String>,
    /// The trailer must bring a value.
    trailer: bool,
}

impl Claim {
    /// Reads the headers of a request; none when they say nothing of a checksum.
    pub(super) fn read(headers: &Headers) -> Result<Option<Self>, Fault> {
        let sent = |algorithm: &Algorithm| headers.has(algorithm.header());
        let mut in_headers = Algorithm::ALL.into_iter().filter(sent);
        let trailer = headers.get("x-amz-trailer").unwrap_or_default();
        // What cannot be checked is not taken for checked.
        let others = trailer.split(',').map(str::trim);
        let others = others.filter_map(|name| name.strip_prefix("x-amz-checksum-"));
        if headers
            .checksums()
            .chain(others)
            .any(|name| !is_known(name))
        {
            return Err(unsupported());
        }
        let announced = |algorithm: &Algorithm| {
            trailer
                .split(',')
                .any(|name| name.trim().eq_ignore_ascii_case(algorithm.header()))
        };
        let mut in_trailer = Algorithm::ALL.into_iter().filter(announced);
        let claim = match (in_headers.next(), in_trailer.next()) {
            (None, None) => None,
            (Some(algorithm), None) => Some(Self {
                algorithm,
                value: headers.get(algorithm.header()).map(str::to_owned),
                trailer: false,
            }),
            (None, Some(algorithm)) => Some(Self {
                algorithm,
                value: None,
                trailer: true,
            }),
            (Some(_), Some(_)) => return Err(several()),
        };
        if in_headers.next().is_some() || in_trailer.next().is_some() {
            return Err(several());
        }
        if let Some(Self {
            algorithm,
            value: Some(value),
            ..
        }) = &claim
        {
            algorithm.decode(value).ok_or_else(|| bad(*algorithm))?;
        }
        if let Some(named) = headers.get("x-amz-sdk-checksum-algorithm") {
            let named = Algorithm::parse(named)?;
            match &claim {
                None => {
                    return Err(faults::invalid_request(
                        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
                    ));
                }
                Some(claim) if claim.algorithm != named => {
                    return Err(faults::invalid_request(
                        "Value for x-amz-sdk-checksum-algorithm header is invalid.",
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(claim)
    }

    /// Compares with what was computed over the content.
    pub(super) fn check(
        &self,
        computed: &[u8],
        trailers: &[(String, String)],
    ) -> Result<(), Fault> {
        let in_trailer = || {
            let found = trailers
                .iter()
                .find(|(name, _)| name == self.algorithm.header());
            found.map(|(_, value)| value.as_str())
        };
        let claimed = match self.value.as_deref() {
            None if self.trailer => in_trailer(),
            sent => sent,
        };
        let claimed = claimed
            .and_then(|text| self.algorithm.decode(text))
            .ok_or_else(|| bad(self.algorithm))?;
        if claimed == computed {
            return Ok(());
        }
        let name = self.algorithm.name();
        Err(Fault::service(
            400,
            "BadDigest",
            format!("The {name} you specified did not match the calculated checksum."),
        ))
    }
}

/// Whether this is what stands behind `x-amz-checksum-` in the header of an algorithm.
fn is_known(name: &str) -> bool {
    let mut all = Algorithm::ALL.into_iter();
    all.any(|known| known.name().eq_ignore_ascii_case(name))
}

fn unsupported() -> Fault {
    faults::invalid_request(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
    )
}

fn several() -> Fault {
    faults::invalid_request(
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    )
}

fn bad(algorithm: Algorithm) -> Fault {
    let message = format!("Value for {} header is invalid.", algorithm.header());
    faults::invalid_request(message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// The check values of the CRC catalogue and the FIPS examples.
    #[test]
    fn known_values() {
        let of = |algorithm: Algorithm, text: &str| {
            let bytes = algorithm.of([text.as_bytes()]);
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        assert_eq!(of(Algorithm::Crc32, "123456789"), "cbf43926");
        assert_eq!(of(Algorithm::Crc32c, "123456789"), "e3069283");
        assert_eq!(of(Algorithm::Crc64Nvme, "123456789"), "ae8b14860a799888");
        assert_eq!(
            of(Algorithm::Sha1, "abc"),
            "a9993e364706816aba3e25717850c26c9cd0d89d"
        );
        assert!(of(Algorithm::Sha256, "abc").starts_with("ba7816bf"));
    }

    #[test]
    fn claims_are_read_and_checked() {
        let headers = |pairs: &[(&str, &str)]| {
            pairs.iter().fold(Headers::default(), |all, (name, value)| {
                all.with(name, *value)
            })
        };
        assert_eq!(Claim::read(&headers(&[])).unwrap(), None);
        let good = headers(&[
            ("x-amz-checksum-crc32", "y/Q5Jg=="),
            ("x-amz-sdk-checksum-algorithm", "CRC32"),
        ]);
        let claim = Claim::read(&good).unwrap().unwrap();
        assert!(
            claim
                .check(&Algorithm::Crc32.of([b"123456789".as_slice()]), &[])
                .is_ok()
        );
        assert!(
            claim
                .check(&Algorithm::Crc32.of([b"12345678".as_slice()]), &[])
                .is_err()
        );
        for bad in [
            vec![("x-amz-checksum-crc32", "y/Q5Jg")],
            vec![
                ("x-amz-checksum-crc32", "y/Q5Jg=="),
                ("x-amz-checksum-sha1", "x"),
            ],
            vec![("x-amz-sdk-checksum-algorithm", "CRC32")],
            vec![
                ("x-amz-checksum-crc32", "y/Q5Jg=="),
                ("x-amz-sdk-checksum-algorithm", "SHA1"),
            ],
            vec![
                ("x-amz-checksum-crc32", "y/Q5Jg=="),
                ("x-amz-trailer", "x-amz-checksum-crc32"),
            ],
        ] {
            assert!(Claim::read(&headers(&bad)).is_err(), "{bad:?}");
        }
        let late = headers(&[("x-amz-trailer", "x-amz-checksum-crc32")]);
        let late = Claim::read(&late).unwrap().unwrap();
        let crc = Algorithm::Crc32.of([b"123456789".as_slice()]);
        assert!(
            late.check(&crc, &[("x-amz-checksum-crc32".into(), "y/Q5Jg==".into())])
                .is_ok()
        );
        assert!(
            late.check(&crc, &[]).is_err(),
            "an announced trailer must come"
        );
    }
}
