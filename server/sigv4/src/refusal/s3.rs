//! The words of Amazon S3.
//!
//! Sources: Amazon S3 API Reference, "Error responses" and "Authenticating Requests"; answers of
//! S3 as they were recorded. Words that are not known to be AWS's are rolecall's choice.

use crate::ALGORITHM;
use crate::refusal::{BadExpires, Place, Refusal};
use crate::time::extended;

const HASH_HEADER: &str = "x-amz-content-sha256";

const CREDENTIAL: &str =
    "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";

const HASH_VALUES: &str = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, \
STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, \
STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, \
STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.";

pub(super) fn code(refusal: &Refusal) -> (&'static str, u16) {
    match refusal {
        Refusal::NoCredentials
        | Refusal::Version2QueryIncomplete
        | Refusal::Version2Expires { .. }
        | Refusal::Version2Expired { .. }
        | Refusal::HeadersNotSigned { .. }
        | Refusal::Expired { .. }
        | Refusal::NotYetValid { .. }
        | Refusal::BadDate {
            place: Place::Header | Place::Form,
            ..
        } => ("AccessDenied", 403),
        Refusal::HeaderIncomplete { missing, .. } if missing.is_empty() => ("AccessDenied", 403),
        Refusal::UnknownAccessKey { .. } => ("InvalidAccessKeyId", 403),
        Refusal::InvalidToken { .. } => ("InvalidToken", 400),
        Refusal::ExpiredToken { .. } => ("ExpiredToken", 400),
        Refusal::TwoMechanisms { .. }
        | Refusal::Version2Malformed
        | Refusal::FieldMissing { .. }
        | Refusal::ContentSha256Invalid { .. } => ("InvalidArgument", 400),
        Refusal::UnsupportedAlgorithm {
            place: Place::Query,
            ..
        }
        | Refusal::BadExpires { .. } => ("AuthorizationQueryParametersError", 400),
        Refusal::UnsupportedAlgorithm { algorithm, .. } if is_foreign(algorithm) => {
            ("InvalidArgument", 400)
        }
        Refusal::UnsupportedAlgorithm { .. }
        | Refusal::SignatureVersion2
        | Refusal::ContentSha256Missing
        | Refusal::MalformedChunk { .. } => ("InvalidRequest", 400),
        Refusal::NotKeyValue { .. } | Refusal::HeaderIncomplete { .. } => {
            ("AuthorizationHeaderMalformed", 400)
        }
        Refusal::QueryIncomplete { .. } | Refusal::BadDate { .. } => {
            ("AuthorizationQueryParametersError", 400)
        }
        Refusal::Repeated { place, .. }
        | Refusal::MalformedCredential { place, .. }
        | Refusal::MalformedSignedHeaders { place, .. }
        | Refusal::MalformedSignature { place, .. }
        | Refusal::ScopeTerminator { place, .. }
        | Refusal::ScopeService { place, .. }
        | Refusal::ScopeRegion { place, .. }
        | Refusal::ScopeDateFormat { place, .. }
        | Refusal::ScopeDate { place, .. }
        | Refusal::HostNotSigned { place } => match place {
            Place::Header => ("AuthorizationHeaderMalformed", 400),
            Place::Query => ("AuthorizationQueryParametersError", 400),
            Place::Form => ("InvalidArgument", 400),
        },
        Refusal::TooOld { .. } | Refusal::TooNew { .. } => ("RequestTimeTooSkewed", 403),
        Refusal::Mismatch(_) => ("SignatureDoesNotMatch", 403),
        Refusal::BodyHash { .. } => ("XAmzContentSHA256Mismatch", 400),
        Refusal::DecodedLengthMissing => ("MissingContentLength", 411),
        Refusal::ChunkTooSmall { .. } => ("InvalidChunkSizeError", 403),
        Refusal::MalformedTrailer { .. } => ("MalformedTrailerError", 400),
        Refusal::DecodedLength { .. } | Refusal::Truncated => ("IncompleteBody", 400),
    }
}

pub(super) fn message(refusal: &Refusal) -> String {
    let fixed = match refusal {
        Refusal::NoCredentials => "Access Denied",
        Refusal::UnknownAccessKey { .. } => {
            "The AWS Access Key Id you provided does not exist in our records."
        }
        Refusal::InvalidToken { .. } => "The provided token is malformed or otherwise invalid.",
        Refusal::ExpiredToken { .. } => "The provided token has expired.",
        Refusal::TwoMechanisms { .. } => {
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature \
             query string parameter or the Authorization header should be specified"
        }
        Refusal::SignatureVersion2 => {
            "The authorization mechanism you have provided is not supported. Please use \
             AWS4-HMAC-SHA256."
        }
        Refusal::Version2QueryIncomplete => {
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId \
             parameters"
        }
        Refusal::Version2Malformed => {
            "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature"
        }
        Refusal::BadDate {
            place: Place::Query,
            ..
        } => "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
        Refusal::BadDate { .. } => "AWS authentication requires a valid Date or x-amz-date header",
        Refusal::HeaderIncomplete { missing, .. } if missing.is_empty() => {
            "AWS authentication requires a valid Date or x-amz-date header"
        }
        Refusal::NotKeyValue { .. } | Refusal::HeaderIncomplete { .. } => {
            "The authorization header is malformed; the authorization header requires three \
             components: Credential, SignedHeaders, and Signature."
        }
        Refusal::QueryIncomplete { .. } => {
            "Query-string authentication version 4 requires the X-Amz-Algorithm, \
             X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires \
             parameters."
        }
        Refusal::BadExpires { why, .. } => match why {
            BadExpires::NotANumber => "X-Amz-Expires should be a number",
            BadExpires::Negative => "X-Amz-Expires must be non-negative",
            BadExpires::Zero => "X-Amz-Expires must be at least 1 second",
            BadExpires::TooLong => {
                "X-Amz-Expires must be less than a week (in seconds); that is, the given \
                 X-Amz-Expires must be less than 604800 seconds"
            }
        },
        Refusal::HeadersNotSigned { .. } => {
            "There were headers present in the request which were not signed"
        }
        Refusal::TooOld { .. } | Refusal::TooNew { .. } => {
            "The difference between the request time and the current time is too large."
        }
        Refusal::Expired { .. } | Refusal::Version2Expired { .. } => "Request has expired",
        Refusal::NotYetValid { .. } => "Request is not valid yet",
        Refusal::ContentSha256Missing => {
            "Missing required header for this request: x-amz-content-sha256"
        }
        Refusal::ContentSha256Invalid { .. } => HASH_VALUES,
        Refusal::Mismatch(_) => {
            "The request signature we calculated does not match the signature you provided. Check \
             your key and signing method."
        }
        Refusal::BodyHash { .. } => {
            "The provided 'x-amz-content-sha256' header does not match what was computed."
        }
        Refusal::DecodedLengthMissing => "You must provide the Content-Length HTTP header.",
        Refusal::ChunkTooSmall { .. } => {
            "Only the last chunk is allowed to have a size less than 8192 bytes"
        }
        Refusal::MalformedTrailer { .. } => {
            "The request contained trailing data that was not well-formed or did not conform to \
             our published schema."
        }
        Refusal::DecodedLength { .. } | Refusal::Truncated => {
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        }
        other => return made(other),
    };
    fixed.to_owned()
}

/// The messages that repeat what was sent.
fn made(refusal: &Refusal) -> String {
    match refusal {
        Refusal::UnsupportedAlgorithm {
            place: Place::Query,
            ..
        } => {
            format!("X-Amz-Algorithm only supports \"{ALGORITHM}\"")
        }
        Refusal::UnsupportedAlgorithm { algorithm, .. } if is_foreign(algorithm) => {
            "Unsupported Authorization Type".to_owned()
        }
        Refusal::UnsupportedAlgorithm { algorithm, .. } => format!(
            "The authorization mechanism you have provided is not supported. Please use \
             {ALGORITHM}, not {algorithm}."
        ),
        Refusal::Version2Expires { got } => {
            format!("Invalid date (should be seconds since epoch): {got}")
        }
        Refusal::FieldMissing { name } => format!(
            "Bucket POST must contain a field named '{name}'.  If it is specified, please check \
             the order of the fields."
        ),
        Refusal::MalformedCredential { place, .. } => credential(*place, CREDENTIAL.to_owned()),
        Refusal::ScopeTerminator { place, got } => credential(
            *place,
            format!("incorrect terminator \"{got}\". This endpoint uses \"aws4_request\"."),
        ),
        Refusal::ScopeService {
            place,
            got,
            expected,
        } => credential(
            *place,
            format!("incorrect service \"{got}\". This endpoint belongs to \"{expected}\"."),
        ),
        Refusal::ScopeRegion {
            place,
            got,
            expected: Some(expected),
        } => credential(
            *place,
            format!("the region '{got}' is wrong; expecting '{expected}'"),
        ),
        Refusal::ScopeRegion {
            place,
            got,
            expected: None,
        } => credential(*place, format!("the region '{got}' is wrong")),
        Refusal::ScopeDateFormat { place, got } => credential(
            *place,
            format!(
                "incorrect date format \"{got}\". This date in the credential must be in the \
                 format \"yyyyMMdd\"."
            ),
        ),
        Refusal::ScopeDate {
            place,
            got,
            signed_at,
        } => credential(
            *place,
            format!(
                "Invalid credential date \"{got}\". This date is not the same as X-Amz-Date: \
                 \"{}\".",
                signed_at.date()
            ),
        ),
        Refusal::MalformedSignedHeaders {
            place: Place::Header,
            ..
        }
        | Refusal::MalformedSignature {
            place: Place::Header,
            ..
        }
        | Refusal::HostNotSigned {
            place: Place::Header,
        }
        | Refusal::Repeated {
            place: Place::Header,
            ..
        } => {
            format!("The authorization header is malformed; failed to {refusal}.")
        }
        other => format!("Failed to {other}."),
    }
}

/// `Basic`, `Bearer` and the like, rather than a signature that is not served.
fn is_foreign(algorithm: &str) -> bool {
    !algorithm.starts_with("AWS") && !algorithm.starts_with("STREAMING-")
}

fn credential(place: Place, what: String) -> String {
    match place {
        Place::Header => format!("The authorization header is malformed; {what}"),
        Place::Query | Place::Form => {
            format!("Error parsing the X-Amz-Credential parameter; {what}")
        }
    }
}

pub(super) fn details(refusal: &Refusal) -> Vec<(&'static str, String)> {
    match refusal {
        Refusal::UnknownAccessKey { access_key } => vec![("AWSAccessKeyId", access_key.clone())],
        Refusal::InvalidToken { token, .. } | Refusal::ExpiredToken { token } => {
            vec![("Token-0", token.clone())]
        }
        Refusal::TwoMechanisms { authorization } => argument("Authorization", authorization),
        Refusal::UnsupportedAlgorithm {
            place: Place::Header,
            algorithm,
        } if is_foreign(algorithm) => argument("Authorization", algorithm),
        Refusal::FieldMissing { name } => argument(name, ""),
        Refusal::ContentSha256Invalid { got } => argument(HASH_HEADER, got),
        Refusal::ScopeRegion {
            expected: Some(expected),
            ..
        } => {
            vec![("Region", expected.clone())]
        }
        Refusal::HeadersNotSigned { names } => vec![("HeadersNotSigned", names.join(", "))],
        Refusal::TooOld {
            signed_at,
            now,
            skew,
        }
        | Refusal::TooNew {
            signed_at,
            now,
            skew,
        } => vec![
            ("RequestTime", signed_at.to_string()),
            ("ServerTime", extended(*now)),
            ("MaxAllowedSkewMilliseconds", skew.as_millis().to_string()),
        ],
        Refusal::Expired {
            signed_at,
            expires,
            now,
        } => {
            let end = signed_at.timestamp().saturating_add(*expires);
            vec![
                ("X-Amz-Expires", expires.as_secs().to_string()),
                ("Expires", end.map_or_else(|_| String::new(), extended)),
                ("ServerTime", extended(*now)),
            ]
        }
        Refusal::Version2Expired { ends, now } => {
            vec![("Expires", extended(*ends)), ("ServerTime", extended(*now))]
        }
        Refusal::NotYetValid { signed_at, now, .. } => vec![
            ("X-Amz-Date", signed_at.to_string()),
            ("ServerTime", extended(*now)),
        ],
        Refusal::Mismatch(mismatch) => {
            let mut details = vec![
                ("AWSAccessKeyId", mismatch.access_key.clone()),
                ("StringToSign", mismatch.string_to_sign.clone()),
                ("SignatureProvided", mismatch.signature.clone()),
                ("StringToSignBytes", bytes(&mismatch.string_to_sign)),
            ];
            if let Some(canonical) = &mismatch.canonical_request {
                details.push(("CanonicalRequest", canonical.clone()));
                details.push(("CanonicalRequestBytes", bytes(canonical)));
            }
            details
        }
        Refusal::BodyHash { claimed, computed } => vec![
            ("ClientComputedContentSHA256", claimed.clone()),
            ("S3ComputedContentSHA256", computed.clone()),
        ],
        Refusal::ChunkTooSmall { number, size } => {
            vec![
                ("Chunk", number.to_string()),
                ("BadChunkSize", size.to_string()),
            ]
        }
        _ => Vec::new(),
    }
}

fn argument(name: &str, value: &str) -> Vec<(&'static str, String)> {
    vec![
        ("ArgumentName", name.to_owned()),
        ("ArgumentValue", value.to_owned()),
    ]
}

/// `41 57 53`: S3 shows the bytes as well, which tells look-alikes apart.
fn bytes(text: &str) -> String {
    let pairs: Vec<String> = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(" ")
}
