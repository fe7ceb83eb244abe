//! The two keys that tokens are signed with. They belong to the process: made when first needed, never in a world, so
//! neither in a snapshot nor in a data directory. A process that begins again has others, under other names; tokens from
//! before, which live an hour at most, hold no longer. rolecall's choice.

use crate::{sts::Keys, tls::processor_will_do, wire::Fault};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use graviola::{
    hashing::Sha384,
    signing::{
        ecdsa::{P384, SigningKey as EcKey},
        rsa::{KeySize, SigningKey as RsaKey},
    },
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::OnceLock;
use x509_cert::der::{Decode as _, Reader as _, SliceReader, asn1::UintRef};

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// RSA, PKCS #1 1.5, with SHA-256.
    Rs256,
}

impl Algorithm {
    pub(super) const NAMES: &'static [&'static str] = &["RS256", "ES384"];

    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "ES384" => Some(Self::Es384),
            "RS256" => Some(Self::Rs256),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Es384 => "ES384",
            Self::Rs256 => "RS256",
        }
    }
}

/// A key, and what the world may know of it.
struct Signer {
    key: Key,
    /// The public half as a JSON Web Key.
    public: Value,
    id: String,
}

enum Key {
    Ec(Box<EcKey<P384>>),
    Rsa(Box<RsaKey>),
}

/// What is in the way: a word for the fault.
type Failed = &'static str;

static ES384: OnceLock<Result<Signer, Failed>> = OnceLock::new();
static RS256: OnceLock<Result<Signer, Failed>> = OnceLock::new();

/// The keys of this process.
pub(crate) struct Signers;

impl Signers {
    /// A token with these claims.
    pub(super) fn sign(algorithm: Algorithm, claims: &str) -> Result<String, Fault> {
        let signer = signer(algorithm).map_err(fault)?;
        let header = json!({"kid": signer.id, "typ": "JWT", "alg": algorithm.name()}).to_string();
        let mut token = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
        let signature = signer.key.sign(token.as_bytes()).map_err(fault)?;
        token.push('.');
        BASE64.encode_string(signature, &mut token);
        Ok(token)
    }

    /// Both public keys, for whoever checks tokens: a JSON Web Key Set.
    pub(crate) fn published() -> Result<Value, Fault> {
        let both = [Algorithm::Rs256, Algorithm::Es384].map(signer);
        let [rsa, ec] = both.map(|signer| signer.map(|signer| &signer.public).map_err(fault));
        Ok(json!({"keys": [rsa?, ec?]}))
    }

    /// The public keys that there are. One that was never needed signed nothing.
    pub(crate) fn known() -> Option<Keys> {
        let made = [&RS256, &ES384].into_iter().filter_map(|cell| {
            let signer = cell.get()?.as_ref().ok()?;
            Some(&signer.public)
        });
        let made: Vec<_> = made.collect();
        Keys::read(&json!({ "keys": made }).to_string()).ok()
    }
}

fn fault(what: Failed) -> Fault {
    Fault::Internal(what.to_owned())
}

fn signer(algorithm: Algorithm) -> Result<&'static Signer, Failed> {
    let signer = match algorithm {
        Algorithm::Es384 => ES384.get_or_init(Signer::of_curve),
        Algorithm::Rs256 => RS256.get_or_init(Signer::of_rsa),
    };
    signer.as_ref().map_err(|failed| *failed)
}

const MAKING: Failed = "make the key of web identity tokens";
const SIGNING: Failed = "sign a web identity token";

impl Signer {
    fn of_curve() -> Result<Self, Failed> {
        check_processor()?;
        let key = EcKey::<P384>::generate().map_err(|_| MAKING)?;
        let mut room = [0; 256];
        let der = key.to_spki_der(&mut room).map_err(|_| MAKING)?;
        // The point ends the structure: two coordinates of 48 bytes.
        let point = der.last_chunk::<96>().ok_or(MAKING)?;
        let (x, y) = point.split_at(48);
        let id = id("EC384", point);
        Ok(Self {
            public: json!({
                "kty": "EC", "use": "sig", "alg": "ES384", "crv": "P-384", "kid": id,
                "x": BASE64.encode(x), "y": BASE64.encode(y),
            }),
            key: Key::Ec(Box::new(key)),
            id,
        })
    }

    fn of_rsa() -> Result<Self, Failed> {
        check_processor()?;
        let key = RsaKey::generate(KeySize::Rsa2048).map_err(|_| MAKING)?;
        let mut room = [0; 512];
        let der = key.public_key();
        let der = der.to_pkcs1_der(&mut room).map_err(|_| MAKING)?;
        let (modulus, exponent) = rsa_numbers(der).map_err(|_| MAKING)?;
        let id = id("RSA", &modulus);
        Ok(Self {
            public: json!({
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id,
                "n": BASE64.encode(&modulus), "e": BASE64.encode(exponent),
            }),
            key: Key::Rsa(Box::new(key)),
            id,
        })
    }
}

impl Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failed> {
        let mut room = [0; 256];
        let signature = match self {
            Self::Ec(key) => key.sign::<Sha384>(&[message], &mut room),
            Self::Rsa(key) => key.sign_pkcs1_sha256(&mut room, message),
        };
        signature.map(<[u8]>::to_vec).map_err(|_| SIGNING)
    }
}

fn check_processor() -> Result<(), Failed> {
    if processor_will_do() {
        Ok(())
    } else {
        Err("sign tokens: that needs a processor with AES, AVX2, BMI1, ADX and PCLMULQDQ")
    }
}

/// AWS's are called `EC384_0` and `RSA_0`; here another key has another name.
fn id(kind: &str, public: &[u8]) -> String {
    let hash = BASE64.encode(Sha256::digest(public));
    format!("{kind}_{}", hash.get(..8).unwrap_or(&hash))
}

/// Modulus and exponent. Source: RFC 8017, "RSA public key syntax".
fn rsa_numbers(der: &[u8]) -> x509_cert::der::Result<(Vec<u8>, Vec<u8>)> {
    let mut reader = SliceReader::new(der)?;
    reader.sequence(|numbers| {
        let modulus = UintRef::decode(numbers)?.as_bytes().to_vec();
        Ok::<_, x509_cert::der::Error>((modulus, UintRef::decode(numbers)?.as_bytes().to_vec()))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_can_be_checked_with_what_is_published() {
        for algorithm in [Algorithm::Es384, Algorithm::Rs256] {
            let token = Signers::sign(algorithm, r#"{"sub":"a"}"#).unwrap();
            let published = Keys::read(&Signers::published().unwrap().to_string()).unwrap();
            for keys in [Signers::known().unwrap(), published] {
                assert!(keys.claims(&token).is_some());
                let (start, _) = token.rsplit_once('.').unwrap();
                assert!(keys.claims(&format!("{start}.AAAA")).is_none());
            }
        }
        let published = Signers::published().unwrap().to_string();
        assert!(!published.contains("\"d\""), "{published}");
    }
}
