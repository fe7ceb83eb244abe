//! Credentials in the query of a presigned request.

use std::borrow::Cow;
use std::time::Duration;

use http::HeaderMap;

use super::{
    How, Signed, SignedHeaders, check_algorithm, decode_text, read_credential, read_signature,
    token_header,
};
use crate::canonical::decode_component;
use crate::refusal::{BadExpires, Place, Refusal};
use crate::time::SignedAt;

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

/// The parameters of a presigned request, still encoded.
#[derive(Default)]
pub(super) struct Parameters<'a> {
    /// In the order of [`QUERY_PARAMETERS`].
    values: [Option<&'a str>; 6],
    token: Option<&'a str>,
    /// Access key id, `Signature` and `Expires` of Signature Version 2.
    version_2: [bool; 3],
    repeated: Option<&'static str>,
}

impl<'a> Parameters<'a> {
    pub(super) fn of(query: &'a str) -> Self {
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

    pub(super) fn is_presigned(&self) -> bool {
        let [algorithm, credential, signature, ..] = self.values;
        let [access_key, signature_2, expires_2] = self.version_2;
        algorithm.or(credential).or(signature).is_some() || access_key || (signature_2 && expires_2)
    }
}

pub(super) fn read<'a>(
    query: &Parameters<'a>,
    headers: &'a HeaderMap,
) -> Result<Signed<'a>, Refusal> {
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
