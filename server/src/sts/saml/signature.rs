//! An enveloped XML signature over the element it stands in. Source: W3C, "XML Signature Syntax and Processing 1.1",
//! and OASIS, "SAML 2.0 Core", section 5.4.
//!
//! Nothing is looked up by its id: the element that holds the signature is the element that is checked, and the caller
//! reads on from that very element. A key that comes with the signature is not looked at.

use super::{
    canonical,
    document::{Element, Node},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, DecodingKey};
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_cert::{Certificate, der::Decode as _};

pub(super) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// The signatures that are believed: no SHA-1, and nothing that two readers could canonicalize differently.
const METHODS: &[(&str, Algorithm)] = &[
    (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        Algorithm::RS256,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        Algorithm::RS384,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        Algorithm::RS512,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        Algorithm::ES256,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        Algorithm::ES384,
    ),
];

type Hash = fn(&[u8]) -> Vec<u8>;

const DIGESTS: &[(&str, Hash)] = &[
    ("http://www.w3.org/2001/04/xmlenc#sha256", hash::<Sha256>),
    (
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        hash::<Sha384>,
    ),
    ("http://www.w3.org/2001/04/xmlenc#sha512", hash::<Sha512>),
];

fn hash<D: Digest>(bytes: &[u8]) -> Vec<u8> {
    D::digest(bytes).to_vec()
}

/// A key of the provider.
#[derive(Debug)]
pub(super) struct Key {
    family: Family,
    key: DecodingKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Rsa,
    Ec,
}

impl Key {
    /// The key of a certificate in base 64; none when it is of a kind that is not known here. Whether the certificate
    /// has ended does not matter to AWS. Source: IAM User Guide, "Create a SAML identity provider in IAM".
    pub(super) fn of_certificate(text: &str) -> Option<Self> {
        let certificate = Certificate::from_der(&STANDARD.decode(text).ok()?).ok()?;
        let info = certificate.tbs_certificate().subject_public_key_info();
        let bits = info.subject_public_key.as_bytes()?;
        let (family, key) = match &*info.algorithm.oid.to_string() {
            "1.2.840.113549.1.1.1" => (Family::Rsa, DecodingKey::from_rsa_der(bits)),
            "1.2.840.10045.2.1" => (Family::Ec, DecodingKey::from_ec_der(bits)),
            _ => return None,
        };
        Some(Self { family, key })
    }

    fn signed(&self, method: Algorithm, message: &[u8], signature: &str) -> bool {
        let family = match method {
            Algorithm::ES256 | Algorithm::ES384 => Family::Ec,
            _ => Family::Rsa,
        };
        family == self.family
            && jsonwebtoken::crypto::verify(signature, message, &self.key, method).unwrap_or(false)
    }
}

/// Whether `element` carries a signature at all.
pub(super) fn is_there(element: &Element) -> bool {
    element.all(DSIG, "Signature").next().is_some()
}

/// Whether the one signature in `element` is over `element`, and one of `keys` made it.
pub(super) fn holds(element: &Element, keys: &[Key]) -> bool {
    checked(element, keys).is_some()
}

fn checked(element: &Element, keys: &[Key]) -> Option<()> {
    let signature = element.only(DSIG, "Signature")?;
    let signed = signature.only(DSIG, "SignedInfo")?;

    let reference = signed.only(DSIG, "Reference")?;
    let id = element.attribute("ID").filter(|id| !id.is_empty())?;
    (reference.attribute("URI")?.strip_prefix('#')? == id).then_some(())?;
    let inclusive = transforms(reference)?;
    let form = canonical::form(element, Some(signature), &inclusive);
    let digest = named(DIGESTS, reference.only(DSIG, "DigestMethod")?)?;
    let value = bytes(reference.only(DSIG, "DigestValue")?)?;
    (digest(form.as_bytes()) == value).then_some(())?;

    let inclusive = exclusive(signed.only(DSIG, "CanonicalizationMethod")?)?;
    let form = canonical::form(signed, None, &inclusive);
    let method = named(METHODS, signed.only(DSIG, "SignatureMethod")?)?;
    let value = URL_SAFE_NO_PAD.encode(bytes(signature.only(DSIG, "SignatureValue")?)?);
    let made = |key: &Key| key.signed(method, form.as_bytes(), &value);
    keys.iter().any(made).then_some(())
}

/// The signature is taken out, then comes the canonical form: these two and nothing else. Its inclusive prefixes.
fn transforms(reference: &Element) -> Option<Vec<String>> {
    let steps = reference.only(DSIG, "Transforms")?;
    let mut steps = steps.elements();
    let (first, second) = (steps.next()?, steps.next()?);
    let whole = first.is(DSIG, "Transform")
        && first.attribute("Algorithm") == Some(ENVELOPED)
        && second.is(DSIG, "Transform")
        && steps.next().is_none();
    whole.then(|| exclusive(second)).flatten()
}

/// The inclusive prefixes of an exclusive canonicalization; none when it is another one.
fn exclusive(method: &Element) -> Option<Vec<String>> {
    (method.attribute("Algorithm")? == EXCLUSIVE).then_some(())?;
    let mut parameters = method.elements();
    let Some(list) = parameters.next() else {
        return Some(Vec::new());
    };
    let whole = list.is(EXCLUSIVE, "InclusiveNamespaces") && parameters.next().is_none();
    let prefixes = whole.then(|| list.attribute("PrefixList")).flatten()?;
    let prefix = |word: &str| match word {
        "#default" => String::new(),
        word => word.to_owned(),
    };
    Some(prefixes.split_whitespace().map(prefix).collect())
}

/// The row of `table` that the `Algorithm` of `method` names. A method with parameters is not in any table.
fn named<T: Copy>(table: &[(&str, T)], method: &Element) -> Option<T> {
    let plain = method.children.iter().all(|node| match node {
        Node::Text(text) => text.trim().is_empty(),
        Node::Element(_) => false,
    });
    let name = method.attribute("Algorithm").filter(|_| plain)?;
    let (_, row) = table.iter().find(|(other, _)| *other == name)?;
    Some(*row)
}

/// Base 64 with line breaks.
fn bytes(element: &Element) -> Option<Vec<u8>> {
    let mut text = element.text()?;
    text.retain(|c| !c.is_ascii_whitespace());
    STANDARD.decode(text).ok()
}
