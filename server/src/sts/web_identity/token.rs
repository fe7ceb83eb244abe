//! The token: whom it is from, and whether it holds. Source: OpenID Connect Core 1.0, "ID Token".

use super::{Keys, claims};
use crate::{
    gate::{Fact, Facts},
    iam::Tag,
    sts::role_session::RoleArn,
    wire::Fault,
    world::World,
};
use jiff::Timestamp;
use jsonwebtoken::dangerous::insecure_decode_claims;
use serde_json::{Map, Value};

/// Providers that AWS knows by themselves: no provider is stored for them, and trust policies name the host.
const BUILT_IN: &[&str] = &["accounts.google.com", "cognito-identity.amazonaws.com"];

/// A token, not yet verified.
#[derive(Debug)]
pub(super) struct Token {
    text: String,
    claims: Map<String, Value>,
    issuer: String,
    subject: String,
    /// What AWS calls the audience: `azp` where there is one, `aud` otherwise.
    audience: String,
}

/// Whom the token is from.
#[derive(Debug)]
pub(super) struct Provider {
    name: String,
    prefix: String,
    /// The audiences that were registered; none where AWS registers none.
    client_ids: Option<Vec<String>>,
}

impl Provider {
    /// As trust policies name it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What its condition keys begin with.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }
}

pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::service(400, "InvalidIdentityToken", message)
}

fn not_a_token() -> Fault {
    invalid(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    )
}

impl Token {
    /// Looks into a token. What it says is not believed before `verify`.
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let claims: Map<String, Value> = insecure_decode_claims(text).map_err(|_| not_a_token())?;
        let said = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let missing = |name: &str| invalid(format!("Missing a required claim: {name}"));
        let issuer = said("iss").ok_or_else(|| missing("iss"))?;
        let subject = said("sub").ok_or_else(|| missing("sub"))?;
        let audiences = claims::texts(claims.get("aud"));
        let audience = match (said("azp"), audiences.as_slice()) {
            (Some(azp), _) => azp,
            (None, [only]) => only.clone(),
            (None, []) => return Err(missing("aud")),
            // With several audiences nobody knows which one is meant.
            (None, _) => return Err(missing("azp")),
        };
        Ok(Self {
            text: text.to_owned(),
            issuer,
            subject,
            audience,
            claims,
        })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(super) fn subject(&self) -> &str {
        &self.subject
    }

    pub(super) fn audience(&self) -> &str {
        &self.audience
    }

    /// The provider in the role's account that has the token's issuer.
    pub(super) fn provider(&self, facts: &Facts<'_>, of: &RoleArn<'_>) -> Result<Provider, Fault> {
        self.find(facts.account_named(of.account), of)
    }

    /// The same, once the decision was made.
    pub(super) fn provider_name(&self, world: &World, of: &RoleArn<'_>) -> Result<Provider, Fault> {
        self.find(world.law.account(of.account).map(|it| &**it), of)
    }

    fn find(
        &self,
        account: Option<&crate::iam::Account>,
        of: &RoleArn<'_>,
    ) -> Result<Provider, Fault> {
        let unknown = || {
            invalid(format!(
                "No OpenIDConnect provider found in your account for {}",
                self.issuer
            ))
        };
        let url = self.issuer.strip_prefix("https://").ok_or_else(unknown)?;
        let (partition, owner) = (of.partition, of.account);
        let arn = format!("arn:{partition}:iam::{owner}:oidc-provider/{url}");
        let stored = account.and_then(|account| account.oidc_providers.get(&*arn));
        match stored {
            Some(stored) => Ok(Provider {
                name: arn,
                prefix: url.to_owned(),
                client_ids: Some(stored.client_ids.clone()),
            }),
            None if BUILT_IN.contains(&url) => Ok(Provider {
                name: url.to_owned(),
                prefix: url.to_owned(),
                client_ids: None,
            }),
            None => Err(unknown()),
        }
    }

    /// Checks signature, time and audience.
    pub(super) fn verify(
        &self,
        keys: Option<&Keys>,
        provider: &Provider,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let keys = keys.ok_or_else(|| {
            invalid(
                "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
            )
        })?;
        // The sentence is rolecall's choice, after the API's description of the error.
        let broken =
            || invalid("The web identity token that was passed could not be validated by AWS.");
        let signed = keys.claims(&self.text).ok_or_else(broken)?;
        if signed != self.claims {
            return Err(broken());
        }
        let seconds = |name: &str| signed.get(name).and_then(Value::as_f64);
        let clock = now.as_second();
        #[expect(clippy::cast_precision_loss, reason = "seconds of this era are exact")]
        let present = clock as f64;
        let end = seconds("exp").ok_or_else(|| invalid("Missing a required claim: exp"))?;
        if present >= end {
            // The missing blank is AWS's.
            let message = format!(
                "Token expired: current date/time {clock} must be before the expiration date/time{end:.0}"
            );
            return Err(Fault::service(400, "ExpiredTokenException", message));
        }
        if seconds("nbf").is_some_and(|begin| begin > present) {
            return Err(invalid("The token is not valid yet"));
        }
        let known = |ids: &Vec<String>| ids.contains(&self.audience);
        if !provider.client_ids.as_ref().is_none_or(known) {
            return Err(invalid("Incorrect token audience"));
        }
        Ok(())
    }

    /// `PROVIDER:sub` and the others that AWS makes of the claims.
    pub(super) fn condition_keys(&self, prefix: &str) -> Vec<(String, Fact)> {
        let mut keys = vec![
            (format!("{prefix}:sub"), Fact::from(&*self.subject)),
            (format!("{prefix}:aud"), Fact::from(&*self.audience)),
        ];
        let audiences = claims::texts(self.claims.get("aud"));
        // Google's tokens carry both: `oaud` is the audience where `aud` is the party that asked for the token.
        if self.claims.contains_key("azp")
            && let Some(audience) = audiences.into_iter().next()
        {
            keys.push((format!("{prefix}:oaud"), audience.into()));
        }
        let amr = claims::texts(self.claims.get("amr"));
        if !amr.is_empty() {
            keys.push((format!("{prefix}:amr"), amr.into()));
        }
        keys.extend(claims::of_provider(prefix, &self.claims));
        keys
    }

    /// Session tags. Source: IAM User Guide, "Pass session tags in AWS STS", the section on web identities.
    pub(super) fn tags(&self) -> Vec<Tag> {
        let tags = self
            .claims
            .get(claims::TAGS)
            .and_then(|it| it.get("principal_tags"));
        let pairs = tags.and_then(Value::as_object).into_iter().flatten();
        pairs
            .filter_map(|(key, value)| {
                Some(Tag {
                    key: key.clone(),
                    value: claims::texts(Some(value)).into_iter().next()?,
                })
            })
            .collect()
    }

    pub(super) fn transitive_keys(&self) -> Vec<String> {
        let tags = self.claims.get(claims::TAGS);
        claims::texts(tags.and_then(|it| it.get("transitive_tag_keys")))
    }

    pub(super) fn source_identity(&self) -> Option<String> {
        let identity = self.claims.get("https://aws.amazon.com/source_identity");
        identity.and_then(Value::as_str).map(str::to_owned)
    }
}
