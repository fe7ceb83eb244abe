//! Whether a private key is that of a certificate.
//!
//! The key is looked at and not kept. Both say their public half: an RSA key its modulus and exponent (PKCS #1), a key of
//! an elliptic curve its point (SEC 1), either of them plain or within PKCS #8.

use crate::wire::Fault;
use p256::elliptic_curve::sec1::ToSec1Point as _;
use x509_cert::{
    Certificate,
    der::{
        AnyRef, Decode as _, Document, Reader as _, SliceReader, Tag, TagNumber, Tagged as _,
        asn1::BitStringRef,
    },
};

/// Code and meaning are AWS's, the sentences rolecall's choice.
/// Source: IAM API Reference, "UploadServerCertificate", Errors.
pub(super) fn check(key: &str, certificate: &Certificate) -> Result<(), Fault> {
    let unreadable = || {
        let sentence = "Unable to parse private key. Please ensure the private key is in PEM format and not encrypted.";
        Fault::service(400, "MalformedCertificate", sentence)
    };
    let key = decoded(key).ok_or_else(unreadable)?;
    let public = Public::of_private(key.as_bytes()).ok_or_else(unreadable)?;
    let info = certificate.tbs_certificate().subject_public_key_info();
    if public.is_that_of(info.subject_public_key.raw_bytes()) {
        return Ok(());
    }
    let sentence = "The public key certificate and the private key do not match.";
    Err(Fault::service(400, "KeyPairMismatch", sentence))
}

/// The last block of a PEM text: openssl writes the parameters of a curve before its key.
fn decoded(text: &str) -> Option<Document> {
    let (at, _) = text.rmatch_indices("-----BEGIN ").next()?;
    let (label, key) = Document::from_pem(text.get(at..)?.trim()).ok()?;
    matches!(label, "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY").then_some(key)
}

/// The public half of a key.
#[derive(Debug, PartialEq, Eq)]
enum Public {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    Point(Vec<u8>),
    /// The key does not say it, and rolecall does not know the curve.
    Unsaid,
}

impl Public {
    /// Of a key that may stand within PKCS #8.
    fn of_private(der: &[u8]) -> Option<Self> {
        match fields(der)?.as_slice() {
            [_, kind, inner, ..] if kind.tag() == Tag::Sequence => Self::of_plain(inner.value()),
            _ => Self::of_plain(der),
        }
    }

    fn of_plain(der: &[u8]) -> Option<Self> {
        let fields = fields(der)?;
        let tags: Vec<Tag> = fields.iter().map(|field| field.tag()).collect();
        match (tags.as_slice(), fields.as_slice()) {
            ([Tag::Integer, Tag::Integer, Tag::Integer, ..], [_, modulus, exponent, ..]) => {
                Some(Self::Rsa {
                    modulus: modulus.value().to_vec(),
                    exponent: exponent.value().to_vec(),
                })
            }
            ([Tag::Integer, Tag::OctetString, ..], [_, secret, more @ ..]) => {
                let said = more.iter().find(|field| {
                    matches!(field.tag(), Tag::ContextSpecific { number, .. } if number == TagNumber(1))
                });
                Some(match said {
                    Some(field) => {
                        let point = BitStringRef::from_der(field.value()).ok()?;
                        Self::Point(point.raw_bytes().to_vec())
                    }
                    None => {
                        p256::SecretKey::from_slice(secret.value()).map_or(Self::Unsaid, |secret| {
                            let point = secret.public_key().to_sec1_point(false);
                            Self::Point(point.as_bytes().to_vec())
                        })
                    }
                })
            }
            _ => None,
        }
    }

    /// Whether a certificate's key is this one.
    fn is_that_of(&self, key: &[u8]) -> bool {
        match self {
            Self::Unsaid => true,
            Self::Point(point) => point == key,
            Self::Rsa { modulus, exponent } => match fields(key).as_deref() {
                Some([n, e]) => n.value() == modulus && e.value() == exponent,
                _ => false,
            },
        }
    }
}

/// The members of a sequence.
fn fields(der: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let whole = AnyRef::from_der(der).ok()?;
    if whole.tag() != Tag::Sequence {
        return None;
    }
    let mut reader = SliceReader::new(whole.value()).ok()?;
    let mut fields = Vec::new();
    while !reader.is_finished() {
        fields.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(fields)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::iam::pem;

    const RSA: &str = include_str!("test_keys/rsa.crt.pem");
    const EC: &str = include_str!("test_keys/ec.crt.pem");
    const P384: &str = include_str!("test_keys/p384.crt.pem");

    #[test]
    fn a_key_is_that_of_its_certificate_in_every_encoding() {
        for (key, own) in [
            (include_str!("test_keys/rsa.pkcs1.pem"), RSA),
            (include_str!("test_keys/rsa.pkcs8.pem"), RSA),
            (include_str!("test_keys/ec.sec1.pem"), EC),
            (include_str!("test_keys/ec.pkcs8.pem"), EC),
            (include_str!("test_keys/ec.bare.pem"), EC),
            (include_str!("test_keys/p384.sec1.pem"), P384),
        ] {
            for certificate in [RSA, EC, P384] {
                let read = pem::certificates(certificate).unwrap();
                let said = check(key, read.first().unwrap()).map_err(|fault| fault.to_string());
                match certificate == own {
                    true => assert_eq!(said, Ok(())),
                    false => assert!(said.unwrap_err().starts_with("KeyPairMismatch: ")),
                }
            }
        }
    }

    #[test]
    fn what_is_no_key_is_said_to_be_none() {
        let read = pem::certificates(RSA).unwrap();
        let locked = include_str!("test_keys/rsa.locked.pem");
        let empty = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
        for key in ["", "nothing", RSA, locked, empty] {
            let fault = check(key, read.first().unwrap()).unwrap_err();
            assert!(
                fault.to_string().starts_with("MalformedCertificate: "),
                "{fault}"
            );
        }
    }
}
