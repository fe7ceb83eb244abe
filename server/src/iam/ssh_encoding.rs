//! An RSA public key as `ssh-rsa` text and as PEM. Source: RFC 4253, section 6.6; RFC 8017, appendix A.1.1; RFC 5280.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use x509_cert::{
    Certificate,
    der::{
        AnyRef, Decode, Encode, Reader as _, SliceReader, Tag,
        asn1::{BitStringRef, ObjectIdentifier, UintRef},
    },
    spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef},
};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const NAME: &[u8] = b"ssh-rsa";

/// Modulus and exponent, without leading zeros.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RsaKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl RsaKey {
    /// The key in an `ssh-rsa` line, or in a PEM text: a public key, a bare RSA key, or a certificate.
    pub(super) fn read(body: &str) -> Option<Self> {
        let body = body.trim();
        let Some(rest) = body.strip_prefix("-----BEGIN ") else {
            let mut words = body.split_whitespace();
            words.next().filter(|name| name.as_bytes() == NAME)?;
            return Self::of_ssh(&STANDARD.decode(words.next()?).ok()?);
        };
        let (label, rest) = rest.split_once("-----")?;
        let (text, _) = rest.split_once("-----END ")?;
        let text: String = text.split_whitespace().collect();
        let der = STANDARD.decode(text).ok()?;
        match label {
            "PUBLIC KEY" => Self::of_info(&der),
            "RSA PUBLIC KEY" => Self::of_rsa(&der),
            "CERTIFICATE" => {
                let certificate = Certificate::from_der(&der).ok()?;
                let info = certificate.tbs_certificate().subject_public_key_info();
                Self::of_info(&info.to_der().ok()?)
            }
            _ => None,
        }
    }

    /// A name, the exponent and the modulus, each with its length before it.
    fn of_ssh(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut field = || {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            let (field, after) = after.split_at_checked(length)?;
            rest = after;
            Some(field)
        };
        let (name, exponent, modulus) = (field()?, field()?, field()?);
        let plain = |number: &[u8]| {
            let zeros = number.iter().take_while(|byte| **byte == 0).count();
            number.get(zeros..).map(<[u8]>::to_vec)
        };
        let whole = name == NAME && rest.is_empty();
        whole.then_some(())?;
        Self::new(plain(modulus)?, plain(exponent)?)
    }

    fn of_info(der: &[u8]) -> Option<Self> {
        let info = SubjectPublicKeyInfoRef::from_der(der).ok()?;
        (info.algorithm.oid == RSA).then_some(())?;
        Self::of_rsa(info.subject_public_key.as_bytes()?)
    }

    fn of_rsa(der: &[u8]) -> Option<Self> {
        let mut reader = SliceReader::new(der).ok()?;
        let numbers = reader.sequence(|numbers| {
            let modulus = UintRef::decode(numbers)?.as_bytes().to_vec();
            Ok::<_, x509_cert::der::Error>((modulus, UintRef::decode(numbers)?.as_bytes().to_vec()))
        });
        let (modulus, exponent) = numbers.ok()?;
        reader.finish().ok()?;
        Self::new(modulus, exponent)
    }

    fn new(modulus: Vec<u8>, exponent: Vec<u8>) -> Option<Self> {
        (!modulus.is_empty() && !exponent.is_empty()).then_some(Self { modulus, exponent })
    }

    /// `ssh-rsa AAAA...`
    pub(super) fn ssh(&self) -> Option<String> {
        let mut bytes = Vec::new();
        for number in [NAME, &self.exponent, &self.modulus] {
            // A number whose first bit is set would be negative.
            let negative = *number.first()? >= 0x80;
            let length = u32::try_from(number.len() + usize::from(negative)).ok()?;
            bytes.extend(length.to_be_bytes());
            bytes.extend(negative.then_some(0));
            bytes.extend(number);
        }
        Some(format!("ssh-rsa {}", STANDARD.encode(bytes)))
    }

    /// `-----BEGIN PUBLIC KEY-----`
    pub(super) fn pem(&self) -> Option<String> {
        let mut numbers = UintRef::new(&self.modulus).ok()?.to_der().ok()?;
        numbers.extend(UintRef::new(&self.exponent).ok()?.to_der().ok()?);
        let key = AnyRef::new(Tag::Sequence, &numbers).ok()?.to_der().ok()?;
        let info = SubjectPublicKeyInfoRef {
            algorithm: AlgorithmIdentifierRef {
                oid: RSA,
                parameters: Some(AnyRef::NULL),
            },
            subject_public_key: BitStringRef::from_bytes(&key).ok()?,
        };
        let text = STANDARD.encode(info.to_der().ok()?);
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for (place, character) in text.chars().enumerate() {
            if place > 0 && place % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem.push_str("\n-----END PUBLIC KEY-----\n");
        Some(pem)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn one_key_in_two_forms() {
        let (ssh, pem) = (include_str!("ssh_key.pub"), include_str!("ssh_key.pem"));
        let key = RsaKey::read(ssh).unwrap();
        assert_eq!(RsaKey::read(pem).unwrap(), key);
        assert_eq!(key.pem().unwrap(), pem);
        assert!(ssh.starts_with(&key.ssh().unwrap()));
    }

    #[test]
    fn what_is_no_rsa_key_is_none() {
        for bad in [
            "",
            "ssh-rsa",
            "ssh-rsa AAAAB3NzaC1yc2E=",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            "-----BEGIN X-----\n-----END X-----",
        ] {
            assert!(RsaKey::read(bad).is_none(), "{bad}");
        }
    }
}
