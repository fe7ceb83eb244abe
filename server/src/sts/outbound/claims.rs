//! What a token says of the caller. Claims that rolecall has no counterpart of (EC2, Lambda, Identity Center) are never
//! there. Source: IAM User Guide, "Understanding token claims", and recorded tokens for `principal_id` and the list of
//! `ou_path`.

use crate::{gate::Caller, organizations::Organization, wire::iam_time};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The claim below which AWS's own stand.
const NAMESPACE: &str = "https://sts.amazonaws.com/";

/// What the claims are made of.
pub(super) struct Claims<'a> {
    pub(super) issuer: String,
    pub(super) audience: &'a [String],
    pub(super) caller: &'a Caller,
    pub(super) organization: Option<&'a Organization>,
    pub(super) region: &'a str,
    pub(super) tags: &'a [(String, String)],
    pub(super) id: Uuid,
    pub(super) issued: Timestamp,
    pub(super) ends: Timestamp,
}

impl Claims<'_> {
    /// The payload.
    pub(super) fn text(&self) -> String {
        // One audience is a text, several are a list: RFC 7519, "aud".
        let audience = match self.audience {
            [only] => json!(only),
            several => json!(several),
        };
        json!({
            "aud": audience,
            "sub": self.caller.principal_arn(),
            NAMESPACE: self.of_aws(),
            "iss": self.issuer,
            "exp": self.ends.as_second(),
            "iat": self.issued.as_second(),
            "jti": self.id.to_string(),
        })
        .to_string()
    }

    fn of_aws(&self) -> Map<String, Value> {
        let caller = self.caller;
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| {
            claims.insert(name.to_owned(), value);
        };
        put("aws_account", json!(&*caller.account));
        put("source_region", json!(self.region));
        put("principal_id", json!(caller.principal_arn()));
        if let Some(organization) = self.organization
            && let Some(path) = organization.path(&caller.account)
        {
            put("org_id", json!(&*organization.id));
            put("ou_path", json!([path]));
        }
        let tags = caller.tags.iter().map(|(key, value)| {
            let key = key.strip_prefix("aws:PrincipalTag/").unwrap_or(key);
            (key.to_owned(), json!(value))
        });
        let tags: Map<String, Value> = tags.collect();
        if !tags.is_empty() {
            put("principal_tags", tags.into());
        }
        if let Some(session) = caller.session() {
            if session.role().is_some() {
                put("original_session_exp", json!(iam_time(session.expires)));
            }
            if let Some(federation) = &session.federation {
                put("federated_provider", json!(federation.provider));
            }
            if let Some(identity) = &session.source_identity {
                put("source_identity", json!(identity));
            }
        }
        let tags = self.tags.iter();
        let tags: Map<String, Value> = tags
            .map(|(key, value)| (key.clone(), json!(value)))
            .collect();
        if !tags.is_empty() {
            put("request_tags", tags.into());
        }
        claims
    }
}
