//! Certificates and keys in PEM form, as far as IAM looks into them.

use crate::wire::Fault;
use jiff::Timestamp;
use x509_cert::{Certificate, der::DecodePem as _};

/// The certificates of a PEM text, one at least.
pub(super) fn certificates(text: &str) -> Result<Vec<Certificate>, Fault> {
    const END: &str = "-----END CERTIFICATE-----";
    let malformed = || {
        let message =
            "Unable to parse certificate. Please ensure the certificate is in PEM format.";
        Fault::service(400, "MalformedCertificate", message)
    };
    let blocks: Vec<&str> = text.split_inclusive(END).map(str::trim).collect();
    let blocks = blocks.iter().filter(|block| !block.is_empty());
    let read = |block: &&str| Certificate::from_pem(block.as_bytes()).map_err(|_| malformed());
    let found: Vec<Certificate> = blocks.map(read).collect::<Result<_, _>>()?;
    if found.is_empty() {
        return Err(malformed());
    }
    Ok(found)
}

/// The end of a certificate.
pub(super) fn expiration(certificate: &Certificate) -> Option<Timestamp> {
    let end = certificate.tbs_certificate().validity().not_after;
    let seconds = end.to_unix_duration().as_secs();
    Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
}
