//! The words of IAM and STS, and of the JSON services, which say the same under other codes.
//!
//! Sources: IAM User Guide, "Troubleshoot Signature Version 4 requests"; IAM and STS API
//! References, "Common Errors". Where AWS's words are not known, rolecall's own stand.

use crate::ALGORITHM;
use crate::refusal::{Refusal, list};
use crate::time::basic;

const MISMATCH: &str = "The request signature we calculated does not match the signature you \
provided. Check your AWS Secret Access Key and signing method. Consult the service documentation \
for details.";

/// The code and status of IAM and STS; beside it the code of the JSON services.
const CODES: [(&str, u16, &str); 6] = [
    (
        "MissingAuthenticationToken",
        403,
        "MissingAuthenticationTokenException",
    ),
    ("InvalidClientTokenId", 403, "UnrecognizedClientException"),
    ("ExpiredToken", 403, "ExpiredTokenException"),
    ("IncompleteSignature", 400, "IncompleteSignatureException"),
    ("SignatureDoesNotMatch", 403, "InvalidSignatureException"),
    ("InvalidRequest", 400, "BadRequestException"),
];

fn row(refusal: &Refusal) -> (&'static str, u16, &'static str) {
    let [missing, client, expired, incomplete, mismatch, body] = CODES;
    match refusal {
        Refusal::NoCredentials => missing,
        Refusal::UnknownAccessKey { .. } | Refusal::InvalidToken { .. } => client,
        Refusal::ExpiredToken { .. } => expired,
        Refusal::TwoMechanisms { .. }
        | Refusal::UnsupportedAlgorithm { .. }
        | Refusal::SignatureVersion2
        | Refusal::Version2QueryIncomplete
        | Refusal::Version2Malformed
        | Refusal::Version2Expires { .. }
        | Refusal::Version2Expired { .. }
        | Refusal::NotKeyValue { .. }
        | Refusal::HeaderIncomplete { .. }
        | Refusal::QueryIncomplete { .. }
        | Refusal::FieldMissing { .. }
        | Refusal::Repeated { .. }
        | Refusal::MalformedCredential { .. }
        | Refusal::MalformedSignedHeaders { .. }
        | Refusal::MalformedSignature { .. }
        | Refusal::BadDate { .. }
        | Refusal::BadExpires { .. } => incomplete,
        Refusal::ScopeTerminator { .. }
        | Refusal::ScopeService { .. }
        | Refusal::ScopeRegion { .. }
        | Refusal::ScopeDateFormat { .. }
        | Refusal::ScopeDate { .. }
        | Refusal::HostNotSigned { .. }
        | Refusal::HeadersNotSigned { .. }
        | Refusal::TooOld { .. }
        | Refusal::TooNew { .. }
        | Refusal::Expired { .. }
        | Refusal::NotYetValid { .. }
        | Refusal::Mismatch(_)
        | Refusal::BodyHash { .. } => mismatch,
        Refusal::ContentSha256Missing
        | Refusal::ContentSha256Invalid { .. }
        | Refusal::DecodedLengthMissing
        | Refusal::DecodedLength { .. }
        | Refusal::MalformedChunk { .. }
        | Refusal::ChunkTooSmall { .. }
        | Refusal::MalformedTrailer { .. }
        | Refusal::Truncated => body,
    }
}

pub(super) fn code(refusal: &Refusal) -> (&'static str, u16) {
    let (code, status, _) = row(refusal);
    (code, status)
}

/// The front end of the JSON services answers 403 to whatever is wrong with credentials.
pub(super) fn json_code(refusal: &Refusal) -> (&'static str, u16) {
    match row(refusal) {
        (_, _, code @ "BadRequestException") => (code, 400),
        (_, _, code) => (code, 403),
    }
}

pub(super) fn json_message(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoCredentials => "Missing Authentication Token".to_owned(),
        other => message(other),
    }
}

pub(super) fn message(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoCredentials => "Request is missing Authentication Token".to_owned(),
        Refusal::UnknownAccessKey { .. } | Refusal::InvalidToken { .. } => {
            "The security token included in the request is invalid.".to_owned()
        }
        Refusal::ExpiredToken { .. } => {
            "The security token included in the request is expired".to_owned()
        }
        Refusal::UnsupportedAlgorithm { algorithm, .. } => unsupported(algorithm),
        Refusal::SignatureVersion2 => unsupported("AWS"),
        Refusal::NotKeyValue { part } => format!(
            "'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: \
             '{part}'."
        ),
        Refusal::HeaderIncomplete { missing, no_date } => {
            let mut parts: Vec<String> = missing
                .iter()
                .map(|name| format!("Authorization header requires '{name}' parameter."))
                .collect();
            if *no_date {
                parts.push(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' \
                     header."
                        .to_owned(),
                );
            }
            parts.join(" ")
        }
        Refusal::QueryIncomplete { missing } => {
            format!(
                "AWS query-string parameters must include {}.",
                list(missing, false)
            )
        }
        Refusal::MalformedCredential { got, .. } => format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. \
             keyid/date/region/service/term, got '{got}'"
        ),
        Refusal::BadDate { got, .. } => format!(
            "Date must be in ISO-8601 'basic format'. Got '{got}'. See \
             http://en.wikipedia.org/wiki/ISO_8601"
        ),
        Refusal::ScopeTerminator { got, .. } => format!(
            "Credential should be scoped with a valid terminator: 'aws4_request', not '{got}'."
        ),
        Refusal::ScopeService { expected, .. } => {
            format!("Credential should be scoped to correct service: '{expected}'.")
        }
        Refusal::ScopeRegion { got, .. } => {
            format!("Credential should be scoped to a valid region, not '{got}'.")
        }
        Refusal::ScopeDateFormat { got, .. } => {
            format!("Date in Credential scope must be in ISO-8601 'basic format'. Got '{got}'.")
        }
        Refusal::ScopeDate { got, signed_at, .. } => format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
             HTTP: '{got}' != '{}', from '{signed_at}'.",
            signed_at.date()
        ),
        Refusal::HostNotSigned { .. } => {
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned()
        }
        Refusal::HeadersNotSigned { names } => format!(
            "There were headers present in the request which were not signed: {}",
            names.join(", ")
        ),
        Refusal::TooOld {
            signed_at,
            now,
            skew,
        } => old(signed_at, *now, *skew),
        Refusal::Expired {
            signed_at,
            now,
            expires,
        } => old(signed_at, *now, *expires),
        Refusal::TooNew {
            signed_at,
            now,
            skew,
        }
        | Refusal::NotYetValid {
            signed_at,
            now,
            skew,
        } => {
            let limit = now
                .saturating_add(*skew)
                .map_or_else(|_| String::new(), basic);
            format!(
                "Signature not yet current: {signed_at} is still later than {limit} ({} + {}.)",
                basic(*now),
                span(*skew)
            )
        }
        Refusal::Mismatch(_) | Refusal::BodyHash { .. } => MISMATCH.to_owned(),
        other => format!("Failed to {other}."),
    }
}

fn unsupported(algorithm: &str) -> String {
    format!("Unsupported AWS 'algorithm': '{algorithm}' (supported algorithms: {ALGORITHM})")
}

fn old(signed_at: &crate::SignedAt, now: jiff::Timestamp, by: std::time::Duration) -> String {
    let limit = now.saturating_sub(by).map_or_else(|_| String::new(), basic);
    format!(
        "Signature expired: {signed_at} is now earlier than {limit} ({} - {}.)",
        basic(now),
        span(by)
    )
}

/// `5 min`, and seconds where minutes would not be true.
fn span(by: std::time::Duration) -> String {
    match by.as_secs() {
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} sec"),
    }
}
