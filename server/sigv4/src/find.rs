//! Finds the credentials in a request, without checking them.

use std::borrow::Cow;
use std::time::Duration;

use http::HeaderMap;
use http::header::{AUTHORIZATION, DATE};

use crate::ALGORITHM;
use crate::canonical::decode_component;
use crate::key::is_signature;
use crate::refusal::{BadExpires, Place, Refusal};
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

/// The longest life of a presigned URL: seven days.
const LONGEST_EXPIRES: u64 = 604_800;

/// The parameters that a presigned request must have, in the order in which AWS names them.
const QUERY_PARAMETERS: [&str; 6] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
];

/// Finds the credentials in a request without checking them; `None` when it carries none.
///
/// # Errors
///
/// When there are credentials that cannot be read, of another mechanism, or two of them.
pub fn find<'a>(head: &Head<'a>) -> Result<Option<Signed<'a>>, Refusal> {
    let query = Parameters::of(head.query.unwrap_or_default());
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
            Ok(text) => from_header(text, head.headers).map(Some),
            Err(_) => Err(Refusal::NotKeyValue {
                part: String::from_utf8_lossy(value.as_bytes()).into_owned(),
            }),
        },
        None if query.is_presigned() => from_query(&query, head.headers).map(Some),
        None => Ok(None),
    }
}

// === the Authorization header ===

fn from_header<'a>(text: &'a str, headers: &'a HeaderMap) -> Result<Signed<'a>, Refusal> {
    let (scheme, parts) = text.split_once(' ').unwrap_or((text, ""));
    check_algorithm(scheme, Place::Header)?;
    let (mut credential, mut signed_headers, mut signature) = (None, None, None);
    for part in parts
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let not_key_value = || Refusal::NotKeyValue {
            part: part.to_owned(),
        };
        let (name, value) = part.split_once('=').ok_or_else(not_key_value)?;
        let slot = match name {
            "Credential" => &mut credential,
            "SignedHeaders" => &mut signed_headers,
            "Signature" => &mut signature,
            // Anything else is refused: rolecall's choice.
            _ => return Err(not_key_value()),
        };
        if slot.replace(value).is_some() {
            return Err(Refusal::Repeated {
                place: Place::Header,
                name: name.to_owned(),
            });
        }
    }
    let signed_at = signing_time(headers)?;
    let (Some(credential), Some(signed_headers), Some(signature), Some(signed_at)) =
        (credential, signed_headers, signature, signed_at)
    else {
        let absent = [
            ("Credential", credential.is_none()),
            ("Signature", signature.is_none()),
            ("SignedHeaders", signed_headers.is_none()),
        ];
        let missing: Vec<_> = absent
            .iter()
            .filter(|(_, is)| *is)
            .map(|(name, _)| *name)
            .collect();
        return Err(Refusal::HeaderIncomplete {
            missing,
            no_date: signed_at.is_none(),
        });
    };
    let (access_key, scope) = read_credential(credential, Place::Header)?;
    Ok(Signed {
        access_key,
        scope,
        signed_headers: SignedHeaders::read(Cow::Borrowed(signed_headers), Place::Header)?,
        signature: read_signature(signature, Place::Header)?,
        session_token: token_header(headers)?.map(Cow::Borrowed),
        signed_at,
        how: How::Header,
    })
}

/// `X-Amz-Date`, else `Date`.
fn signing_time(headers: &HeaderMap) -> Result<Option<SignedAt>, Refusal> {
    let bad = |got: &str| Refusal::BadDate {
        place: Place::Header,
        got: got.to_owned(),
    };
    if let Some(text) = single(headers, "x-amz-date")? {
        return SignedAt::parse_basic(text)
            .map(Some)
            .ok_or_else(|| bad(text));
    }
    match single(headers, DATE.as_str())? {
        Some(text) => SignedAt::parse_date_header(text)
            .map(Some)
            .ok_or_else(|| bad(text)),
        None => Ok(None),
    }
}

fn token_header(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    single(headers, "x-amz-security-token")
}

/// The value of a header that may stand only once.
pub(crate) fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    match (values.next(), value.to_str()) {
        (None, Ok(text)) => Ok(Some(text.trim())),
        _ => Err(Refusal::Repeated {
            place: Place::Header,
            name: name.to_owned(),
        }),
    }
}

// === the query ===

/// The parameters of a presigned request, still encoded.
#[derive(Default)]
struct Parameters<'a> {
    /// In the order of [`QUERY_PARAMETERS`].
    values: [Option<&'a str>; 6],
    token: Option<&'a str>,
    /// Access key id, `Signature` and `Expires` of Signature Version 2.
    version_2: [bool; 3],
    repeated: Option<&'static str>,
}

impl<'a> Parameters<'a> {
    fn of(query: &'a str) -> Self {
        let mut found = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // A name that is needlessly encoded still names the parameter.
            let decoded = decode_component(name);
            let version_2 = [&b"AWSAccessKeyId"[..], b"Signature", b"Expires"];
            for (seen, name) in found.version_2.iter_mut().zip(version_2) {
                *seen |= decoded == name;
            }
            let names = QUERY_PARAMETERS.into_iter().chain(["X-Amz-Security-Token"]);
            let slots = found.values.iter_mut().chain([&mut found.token]);
            for (known, slot) in names.zip(slots) {
                if decoded == known.as_bytes() && slot.replace(value).is_some() {
                    found.repeated = Some(known);
                }
            }
        }
        found
    }

    fn is_presigned(&self) -> bool {
        let [algorithm, credential, signature, ..] = self.values;
        let [access_key, signature_2, expires_2] = self.version_2;
        algorithm.or(credential).or(signature).is_some() || access_key || (signature_2 && expires_2)
    }
}

fn from_query<'a>(query: &Parameters<'a>, headers: &'a HeaderMap) -> Result<Signed<'a>, Refusal> {
    let place = Place::Query;
    if let Some(name) = query.repeated {
        return Err(Refusal::Repeated {
            place,
            name: name.to_owned(),
        });
    }
    let [None, None, None, ..] = query.values else {
        return from_version_4(query, headers);
    };
    match query.version_2 {
        [true, true, true] => Err(Refusal::SignatureVersion2),
        _ => Err(Refusal::Version2QueryIncomplete),
    }
}

fn from_version_4<'a>(
    query: &Parameters<'a>,
    headers: &'a HeaderMap,
) -> Result<Signed<'a>, Refusal> {
    let place = Place::Query;
    if let [Some(algorithm), ..] = query.values {
        check_algorithm(&decode_text(algorithm), place)?;
    }
    let [
        Some(_),
        Some(credential),
        Some(signature),
        Some(date),
        Some(signed_headers),
        Some(expires),
    ] = query.values
    else {
        let absent = QUERY_PARAMETERS.into_iter().zip(query.values);
        let missing = absent
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name)
            .collect();
        return Err(Refusal::QueryIncomplete { missing });
    };
    let (access_key, scope) = read_credential(credential, place)?;
    let date = decode_text(date);
    let signed_at = SignedAt::parse_basic(&date).ok_or_else(|| Refusal::BadDate {
        place,
        got: date.into_owned(),
    })?;
    let session_token = match (query.token, token_header(headers)?) {
        (Some(_), Some(_)) => {
            return Err(Refusal::Repeated {
                place,
                name: "X-Amz-Security-Token".to_owned(),
            });
        }
        (Some(token), None) => Some(decode_text(token)),
        (None, token) => token.map(Cow::Borrowed),
    };
    Ok(Signed {
        access_key,
        scope,
        signed_headers: SignedHeaders::read(decode_text(signed_headers), place)?,
        signature: read_signature(signature, place)?,
        session_token,
        signed_at,
        how: How::Presigned {
            expires: read_expires(expires)?,
        },
    })
}

fn read_expires(text: &str) -> Result<Duration, Refusal> {
    let why = match text.parse::<i128>() {
        Err(_) => BadExpires::NotANumber,
        Ok(seconds) if seconds < 0 => BadExpires::Negative,
        // AWS says 1 to 604800; nothing is valid for no time at all.
        Ok(0) => BadExpires::Zero,
        Ok(seconds) => match u64::try_from(seconds) {
            Ok(seconds) if seconds <= LONGEST_EXPIRES => return Ok(Duration::from_secs(seconds)),
            _ => BadExpires::TooLong,
        },
    };
    Err(Refusal::BadExpires {
        got: text.to_owned(),
        why,
    })
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

// === what all places share ===

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
    let separator = ["%2F", "%2f"]
        .into_iter()
        .find(|encoded| raw.contains(encoded));
    let separator = separator.filter(|_| place == Place::Query).unwrap_or("/");
    let mut parts = raw.split(separator);
    let mut part = || {
        let is_plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'%' | b'+' | b'/');
        parts
            .next()
            .filter(|part| !part.is_empty() && part.bytes().all(is_plain))
    };
    match (part(), part(), part(), part(), part(), parts.next()) {
        (Some(access_key), Some(date), Some(region), Some(service), Some(terminator), None) => {
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
        _ => Err(Refusal::MalformedCredential {
            place,
            got: decode_text(raw).into_owned(),
        }),
    }
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
        let is_name =
            |name: &str| !name.is_empty() && !name.bytes().any(|b| b.is_ascii_uppercase());
        if names.split(';').all(is_name) && names.split(';').is_sorted_by(|one, next| one < next) {
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
        self.iter().any(|signed| signed == name)
    }
}
