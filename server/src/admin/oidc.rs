//! What an account's issuer publishes, so that others can check its tokens. At AWS both stand at the issuer's own
//! address; here they stand below `/_rolecall/oidc/ID/`, and the document says so in `jwks_uri`.
//! Source: OpenID Connect Discovery 1.0; the document of an issuer of AWS as recorded in 2026.

use super::{Answer, Ask, PREFIX, Refused, refused};
use crate::{iam::OutboundFederation, sts::Signers};
use http::StatusCode;
use serde_json::json;

/// The issuer. One that was turned off still answers: its tokens hold on.
fn issuer(ask: &Ask<'_>) -> Result<OutboundFederation, Refused> {
    let world = ask.gate().world();
    let mut accounts = world.law.accounts.values();
    let found = accounts.find_map(|account| {
        let outbound = account.outbound.as_ref()?;
        outbound.has_id(ask.name).then(|| outbound.clone())
    });
    found.ok_or_else(|| {
        let why = format!("no account has the issuer `{}`", ask.name);
        refused(StatusCode::NOT_FOUND, why)
    })
}

/// `/.well-known/openid-configuration`
pub(super) fn configuration(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let issuer = issuer(ask)?;
    let (base, id) = (&ask.base, ask.name);
    Ok(Answer::json(&json!({
        "issuer": issuer.issuer(),
        "jwks_uri": format!("{base}{PREFIX}oidc/{id}/.well-known/jwks.json"),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES384"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "jti", "https://sts.amazonaws.com/"],
    })))
}

/// `/.well-known/jwks.json`
pub(super) fn keys(ask: &Ask<'_>) -> Result<Answer, Refused> {
    issuer(ask)?;
    Ok(Answer::json(&Signers::published()?))
}
