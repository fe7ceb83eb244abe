//! The keys that a provider signs its tokens with. AWS fetches them from the provider; rolecall talks to
//! nobody, so somebody gives them: `--jwks URL=FILE`, or `POST /_rolecall/given`.

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{Jwk, JwkSet},
};
use serde_json::{Map, Value};

/// A JSON Web Key Set that could be read.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Keys(JwkSet);

/// The algorithms that AWS accepts and rolecall can check.
/// Source: IAM User Guide, "Create an OpenID Connect (OIDC) identity provider in IAM".
const ALGORITHMS: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::ES256,
    Algorithm::ES384,
];

impl Keys {
    /// Reads a set; says what is wrong with it otherwise.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let set: JwkSet = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let usable = |key: &Jwk| DecodingKey::from_jwk(key).is_ok();
        if !set.keys.iter().any(usable) {
            return Err("no key of the set can check a signature".to_owned());
        }
        Ok(Self(set))
    }

    /// The claims of `token`, when one of these keys signed it. Time and audience are the caller's to check.
    pub(in crate::sts) fn claims(&self, token: &str) -> Option<Map<String, Value>> {
        let header = decode_header(token).ok()?;
        if !ALGORITHMS.contains(&header.alg) {
            return None;
        }
        let mut rules = Validation::new(header.alg);
        rules.required_spec_claims.clear();
        rules.validate_exp = false;
        rules.validate_nbf = false;
        rules.validate_aud = false;
        let named = |key: &&Jwk| match &header.kid {
            Some(kid) => key.common.key_id.as_ref() == Some(kid),
            None => true,
        };
        self.0.keys.iter().filter(named).find_map(|key| {
            let key = DecodingKey::from_jwk(key).ok()?;
            Some(decode(token, &key, &rules).ok()?.claims)
        })
    }
}

/// The issuer as tokens name it, for a URL with or without its scheme.
pub(crate) fn issuer(url: &str) -> String {
    match url.split_once("://") {
        Some(_) => url.to_owned(),
        None => format!("https://{url}"),
    }
}
