//! Finds the credentials in a request, without checking them.

mod header;
mod presigned;

use std::borrow::Cow;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

use crate::ALGORITHM;
use crate::canonical::decode_component;
use crate::key::is_signature;
use crate::refusal::{Place, Refusal};
use crate::scope::Scope;
use crate::time::SignedAt;

/// The part of a request which is signed, as it came over the wire.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// `GET`, `PUT` and so on.
    pub method: &'a str,
    /// The path, still percent-encoded.
    pub path: &'a str,
    /// What follows `?`, still percent-encoded.
    pub query: Option<&'a str>,
    /// All headers, `host` among them.
    pub headers: &'a HeaderMap,
}

/// The credentials of a request.
#[derive(Clone, Debug)]
pub struct Signed<'a> {
    /// The access key id that the request claims.
    pub access_key: &'a str,
    /// What the signature is good for.
    pub scope: Scope<'a>,
    /// The headers which the client says it signed.
    pub signed_headers: SignedHeaders<'a>,
    /// 64 hexadecimal digits.
    pub signature: &'a str,
    /// The session token; the caller compares it with the one it issued.
    pub session_token: Option<Cow<'a, str>>,
    /// When the request was signed.
    pub signed_at: SignedAt,
    /// How the credentials were sent.
    pub how: How,
}

/// How the credentials of a request were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// In the `Authorization` header.
    Header,
    /// In the query, good for a while.
    Presigned {
        /// `X-Amz-Expires`.
        expires: Duration,
    },
}

/// The names in `SignedHeaders`, as they were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHeaders<'a>(Cow<'a, str>);

/// Finds the credentials in a request without checking them; `None` when it carries none.
///
/// # Errors
///
/// When there are credentials that cannot be read, of another mechanism, or two of them.
pub fn find<'a>(head: &Head<'a>) -> Result<Option<Signed<'a>>, Refusal> {
    let query = presigned::Parameters::of(head.query.unwrap_or_default());
    let mut headers = head.headers.get_all(AUTHORIZATION).iter();
    let header = headers.next();
    if header.is_some() && (headers.next().is_some() || query.is_presigned()) {
        let sent = header.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        return Err(Refusal::TwoMechanisms {
            authorization: sent.unwrap_or_default(),
        });
    }
    match header {
        Some(value) => match value.to_str() {
            Ok(text) => header::read(text, head.headers).map(Some),
            Err(_) => Err(Refusal::NotKeyValue {
                part: String::from_utf8_lossy(value.as_bytes()).into_owned(),
            }),
        },
        None if query.is_presigned() => presigned::read(&query, head.headers).map(Some),
        None => Ok(None),
    }
}

// === what all places share ===

/// `X-Amz-Date`
pub(crate) static AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
static TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

pub(crate) fn token_header(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    single(headers, &TOKEN)
}

/// The value of a header that may stand only once.
pub(crate) fn single<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    match (values.next(), value.to_str()) {
        (None, Ok(text)) => Ok(Some(text.trim())),
        _ => Err(Refusal::Repeated {
            place: Place::Header,
            name: name.as_str().to_owned(),
        }),
    }
}

fn decode_text(raw: &str) -> Cow<'_, str> {
    match decode_component(raw) {
        Cow::Borrowed(_) => Cow::Borrowed(raw),
        Cow::Owned(bytes) => Cow::Owned(
            String::from_utf8(bytes)
                .unwrap_or_else(|not_text| String::from_utf8_lossy(not_text.as_bytes()).into()),
        ),
    }
}

pub(crate) fn check_algorithm(algorithm: &str, place: Place) -> Result<(), Refusal> {
    match algorithm {
        ALGORITHM => Ok(()),
        "AWS" if place == Place::Header => Err(Refusal::SignatureVersion2),
        other => Err(Refusal::UnsupportedAlgorithm {
            place,
            algorithm: other.to_owned(),
        }),
    }
}

/// Cuts `AKID/date/region/service/aws4_request`; in a query the slashes come encoded.
pub(crate) fn read_credential(raw: &str, place: Place) -> Result<(&str, Scope<'_>), Refusal> {
    let encoded = ["%2F", "%2f"]
        .into_iter()
        .find(|encoded| place == Place::Query && raw.contains(encoded));
    let cut = match encoded {
        Some(slash) => five(raw.split(slash)),
        None => five(raw.split('/')),
    };
    let Some([access_key, date, region, service, terminator]) = cut else {
        return Err(Refusal::MalformedCredential {
            place,
            got: decode_text(raw).into_owned(),
        });
    };
    Ok((
        access_key,
        Scope {
            date,
            region,
            service,
            terminator,
        },
    ))
}

/// Five parts without anything special in them.
fn five<'a>(mut parts: impl Iterator<Item = &'a str>) -> Option<[&'a str; 5]> {
    let is_plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'%' | b'+' | b'/');
    let mut part = || {
        let part = parts.next();
        part.filter(|part| !part.is_empty() && part.bytes().all(is_plain))
    };
    let five = [part()?, part()?, part()?, part()?, part()?];
    parts.next().is_none().then_some(five)
}

/// Takes 64 hexadecimal digits.
pub(crate) fn read_signature(raw: &str, place: Place) -> Result<&str, Refusal> {
    if is_signature(raw) {
        Ok(raw)
    } else {
        Err(Refusal::MalformedSignature {
            place,
            got: raw.to_owned(),
        })
    }
}

// === impl SignedHeaders ===

impl<'a> SignedHeaders<'a> {
    /// Takes only what the documents ask for: names in lower case, sorted, each once. Besides being
    /// the rule, it keeps a list of one long header many times from costing many hashes.
    fn read(names: Cow<'a, str>, place: Place) -> Result<Self, Refusal> {
        let is_name = |name: &[u8]| !name.is_empty() && !name.iter().any(u8::is_ascii_uppercase);
        let each = names.as_bytes().split(|byte| *byte == b';');
        if each.clone().all(is_name) && each.is_sorted_by(|one, next| one < next) {
            Ok(Self(names))
        } else {
            Err(Refusal::MalformedSignedHeaders {
                place,
                got: names.into_owned(),
            })
        }
    }

    /// The names, joined by semicolons as they were sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names one by one.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(';')
    }

    /// Whether `name` (in lower case) was signed.
    pub fn contains(&self, name: &str) -> bool {
        let mut names = self.0.as_bytes().split(|byte| *byte == b';');
        names.any(|signed| signed == name.as_bytes())
    }
}
