//! Why credentials are refused, and how each family of services says so.

mod query;
mod s3;

use std::time::Duration;

use jiff::Timestamp;

use crate::hex::Hex;
use crate::time::SignedAt;

/// The families of services, which differ in their error codes and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IAM and STS.
    Query,
    /// Amazon S3.
    S3,
    /// Amazon Pinpoint and other services with JSON bodies.
    Json,
}

/// Where the credentials stand in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The `Authorization` header.
    Header,
    /// The query of a presigned URL.
    Query,
    /// The fields of a form upload.
    Form,
}

/// What is wrong with `X-Amz-Expires`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadExpires {
    /// Not an integer.
    NotANumber,
    /// Less than zero.
    Negative,
    /// Zero: never valid.
    Zero,
    /// More than seven days.
    TooLong,
}

/// What was signed, when the signature is not the one that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The access key id.
    pub access_key: String,
    /// The string to sign as it was computed here.
    pub string_to_sign: String,
    /// The signature as it was sent.
    pub signature: String,
    /// The canonical request as it was computed here; chunks and forms have none.
    pub canonical_request: Option<String>,
}

/// Why credentials are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    // --- the caller's part: what only a store of keys can say ---
    /// There are none, and the operation needs some.
    #[error("find credentials in the request")]
    NoCredentials,
    /// No such key, or an inactive one.
    #[error("find access key `{access_key}`")]
    UnknownAccessKey {
        /// The access key id.
        access_key: String,
    },
    /// The session token is absent, superfluous, or not the one that came with the key.
    #[error("match the session token with access key `{access_key}`")]
    InvalidToken {
        /// The access key id.
        access_key: String,
        /// The token as it was sent.
        token: String,
    },
    /// The temporary credentials are no longer valid.
    #[error("accept a session token that has expired")]
    ExpiredToken {
        /// The token as it was sent.
        token: String,
    },

    // --- reading the credentials ---
    /// Credentials in more than one place.
    #[error("choose between two sets of credentials in one request")]
    TwoMechanisms {
        /// The `Authorization` header.
        authorization: String,
    },
    /// Something other than `AWS4-HMAC-SHA256`.
    #[error("verify algorithm `{algorithm}`: only `AWS4-HMAC-SHA256` is supported")]
    UnsupportedAlgorithm {
        /// Where it was named.
        place: Place,
        /// As it was named.
        algorithm: String,
    },
    /// Signature Version 2.
    #[error("verify Signature Version 2: only `AWS4-HMAC-SHA256` is supported")]
    SignatureVersion2,
    /// Not `AWS AccessKeyId:signature`.
    #[error("read `AccessKeyId:signature` in the Authorization header")]
    Version2Malformed,
    /// `Expires` is not a time.
    #[error("read `{got}` seconds in Expires")]
    Version2Expires {
        /// As it was sent.
        got: String,
    },
    /// A presigned URL past its time.
    #[error("accept a presigned request that has expired")]
    Version2Expired {
        /// When it ended.
        ends: Timestamp,
        /// The server's time.
        now: Timestamp,
    },
    /// A part of Signature Version 2's query parameters.
    #[error("find `Signature`, `Expires` and `AWSAccessKeyId` in the query")]
    Version2QueryIncomplete,
    /// A part of the `Authorization` header which is not one of the three `key=value` pairs.
    #[error("read `{part}` in the Authorization header")]
    NotKeyValue {
        /// The part.
        part: String,
    },
    /// The `Authorization` header or the date is not complete.
    #[error("find all parts of the credentials: {} missing", list(.missing, *.no_date))]
    HeaderIncomplete {
        /// Which of `Credential`, `Signature` and `SignedHeaders`.
        missing: Vec<&'static str>,
        /// Whether there is neither `X-Amz-Date` nor `Date`.
        no_date: bool,
    },
    /// A presigned request without all of its parameters.
    #[error("find all query parameters of a presigned request: {} missing", list(.missing, false))]
    QueryIncomplete {
        /// The parameters.
        missing: Vec<&'static str>,
    },
    /// A form without one of the fields of the signature.
    #[error("find form field `{name}`")]
    FieldMissing {
        /// The field.
        name: &'static str,
    },
    /// A header, part or parameter which may stand only once, or is not text.
    #[error("read a single value of `{name}`")]
    Repeated {
        /// Where it stands.
        place: Place,
        /// Its name.
        name: String,
    },
    /// Not five elements.
    #[error("read credential `{got}`: not `keyid/date/region/service/aws4_request`")]
    MalformedCredential {
        /// Where it stands.
        place: Place,
        /// The credential.
        got: String,
    },
    /// Names that are not in lower case, sorted, each once.
    #[error("read signed headers `{got}`: not in lower case, sorted and each once")]
    MalformedSignedHeaders {
        /// Where they stand.
        place: Place,
        /// The names.
        got: String,
    },
    /// Not 64 hexadecimal digits.
    #[error("read signature `{got}`: not 64 hexadecimal digits")]
    MalformedSignature {
        /// Where it stands.
        place: Place,
        /// The signature.
        got: String,
    },
    /// Not a time.
    #[error("read date `{got}`: not of the form `YYYYMMDD'T'HHMMSS'Z'`")]
    BadDate {
        /// Where it stands.
        place: Place,
        /// The date.
        got: String,
    },
    /// `X-Amz-Expires` out of its range.
    #[error("read `{got}` seconds: X-Amz-Expires is 1 to 604800")]
    BadExpires {
        /// As it was sent.
        got: String,
        /// What is wrong.
        why: BadExpires,
    },

    // --- checking them ---
    /// The scope does not end in `aws4_request`.
    #[error("accept a scope ending in `{got}`: expected `aws4_request`")]
    ScopeTerminator {
        /// Where it stands.
        place: Place,
        /// The terminator.
        got: String,
    },
    /// The scope names another service.
    #[error("accept a scope for service `{got}`: expected `{expected}`")]
    ScopeService {
        /// Where it stands.
        place: Place,
        /// The service of the scope.
        got: String,
        /// The service of the request.
        expected: String,
    },
    /// The scope names another Region, or none.
    #[error("accept a scope for Region `{got}`")]
    ScopeRegion {
        /// Where it stands.
        place: Place,
        /// The Region of the scope.
        got: String,
        /// The Region that would do.
        expected: Option<String>,
    },
    /// The scope's date is not a day.
    #[error("read date `{got}` of the scope: not `YYYYMMDD`")]
    ScopeDateFormat {
        /// Where it stands.
        place: Place,
        /// The date of the scope.
        got: String,
    },
    /// The scope's date is not the day of the signature.
    #[error("accept a scope of `{got}` on a request signed at `{signed_at}`")]
    ScopeDate {
        /// Where it stands.
        place: Place,
        /// The date of the scope.
        got: String,
        /// When the request was signed.
        signed_at: SignedAt,
    },
    /// The signature would hold for any host.
    #[error("find `host` among the signed headers")]
    HostNotSigned {
        /// Where the list of signed headers stands.
        place: Place,
    },
    /// Headers that matter and could have been added by anyone.
    #[error("trust headers that were not signed: {}", .names.join(", "))]
    HeadersNotSigned {
        /// Their names, sorted.
        names: Vec<String>,
    },
    /// Signed too long ago.
    #[error("accept a request signed at `{signed_at}`, too long before the server's time")]
    TooOld {
        /// When the request was signed.
        signed_at: SignedAt,
        /// The server's time.
        now: Timestamp,
        /// The greatest difference.
        skew: Duration,
    },
    /// Signed in the future.
    #[error("accept a request signed at `{signed_at}`, after the server's time")]
    TooNew {
        /// When the request was signed.
        signed_at: SignedAt,
        /// The server's time.
        now: Timestamp,
        /// The greatest difference.
        skew: Duration,
    },
    /// A presigned URL past its time.
    #[error("accept a presigned request that has expired")]
    Expired {
        /// When it was signed.
        signed_at: SignedAt,
        /// For how long it was valid.
        expires: Duration,
        /// The server's time.
        now: Timestamp,
    },
    /// A presigned URL before its time.
    #[error("accept a presigned request before its time")]
    NotYetValid {
        /// When it was signed.
        signed_at: SignedAt,
        /// The server's time.
        now: Timestamp,
        /// The greatest difference.
        skew: Duration,
    },
    /// S3 needs `x-amz-content-sha256`.
    #[error("find header `x-amz-content-sha256`")]
    ContentSha256Missing,
    /// `x-amz-content-sha256` is neither a hash nor one of the words.
    #[error("read `{got}` in `x-amz-content-sha256`")]
    ContentSha256Invalid {
        /// As it was sent.
        got: String,
    },
    /// The signature is not the one of this request.
    #[error("match the signature of access key `{}`", .0.access_key)]
    Mismatch(Box<Mismatch>),

    // --- the body ---
    /// The body is not the one that was signed.
    #[error("match the body with its SHA-256 `{claimed}`: it is `{computed}`")]
    BodyHash {
        /// As `x-amz-content-sha256` has it.
        claimed: String,
        /// As it is.
        computed: String,
    },
    /// `aws-chunked` without a length.
    #[error("find a number in `x-amz-decoded-content-length`")]
    DecodedLengthMissing,
    /// The decoded body is longer or shorter than announced.
    #[error("decode {expected} bytes: the chunks hold {got}")]
    DecodedLength {
        /// `x-amz-decoded-content-length`.
        expected: u64,
        /// What the chunks hold so far.
        got: u64,
    },
    /// The framing is broken.
    #[error("read an aws-chunked body: {why}")]
    MalformedChunk {
        /// What is wrong.
        why: &'static str,
    },
    /// A chunk that is not the last has less than 8 KiB.
    #[error("accept chunk {number} of {size} bytes: only the last may have less than 8192")]
    ChunkTooSmall {
        /// Which chunk, from 1.
        number: u64,
        /// Its size.
        size: u64,
    },
    /// The trailing headers are broken or not the announced ones.
    #[error("read the trailing headers of an aws-chunked body: {why}")]
    MalformedTrailer {
        /// What is wrong.
        why: &'static str,
    },
    /// The body ended within a chunk or before the last.
    #[error("read an aws-chunked body to its end")]
    Truncated,
}

impl Refusal {
    /// A body whose SHA-256 is not the one that was signed.
    pub fn body_hash(claimed: &str, computed: &[u8; 32]) -> Self {
        Self::BodyHash {
            claimed: claimed.to_owned(),
            computed: Hex::of(computed).to_string(),
        }
    }

    /// The error code and the HTTP status.
    pub fn code(&self, family: Family) -> (&'static str, u16) {
        match family {
            Family::Query => query::code(self),
            Family::Json => query::json_code(self),
            Family::S3 => s3::code(self),
        }
    }

    /// The message.
    pub fn message(&self, family: Family) -> String {
        match family {
            Family::Query => query::message(self),
            Family::Json => query::json_message(self),
            Family::S3 => s3::message(self),
        }
    }

    /// The elements beside the message: S3 has some, the other families have none.
    pub fn details(&self, family: Family) -> Vec<(&'static str, String)> {
        match family {
            Family::Query | Family::Json => Vec::new(),
            Family::S3 => s3::details(self),
        }
    }
}

fn list(missing: &[&str], no_date: bool) -> String {
    let date = no_date.then_some("X-Amz-Date");
    missing
        .iter()
        .copied()
        .chain(date)
        .collect::<Vec<_>>()
        .join(", ")
}
