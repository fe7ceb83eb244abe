//! Credentials in the `Authorization` header.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::DATE;

use super::{
    AMZ_DATE, How, Signed, SignedHeaders, check_algorithm, read_credential, read_signature, single,
    token_header,
};
use crate::refusal::{Place, Refusal};
use crate::time::SignedAt;

pub(super) fn read<'a>(text: &'a str, headers: &'a HeaderMap) -> Result<Signed<'a>, Refusal> {
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
    if let Some(text) = single(headers, &AMZ_DATE)? {
        return SignedAt::parse_basic(text)
            .map(Some)
            .ok_or_else(|| bad(text));
    }
    match single(headers, &DATE)? {
        Some(text) => SignedAt::parse_date_header(text)
            .map(Some)
            .ok_or_else(|| bad(text)),
        None => Ok(None),
    }
}
