//! Becoming a role with a token of an OpenID Connect provider.

mod claims;
mod keys;
mod token;

pub(crate) use keys::{Keys, issuer};

use super::{
    Federation,
    credentials::Credentials,
    names::{self, TOKEN},
    role_session::{AssumedRoleUser, RoleArn, Wanted},
    session_policies::PolicyDescriptor,
};
use crate::{
    gate::{Access, Caller, Facts, Granted},
    wire::{Constraints, Fault, Operation},
};
use jiff::Timestamp;
use rolecall_policy::Origin;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use token::Token;

/// `AssumeRoleWithWebIdentity`: nobody signs it, the token says who asks.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AssumeRoleWithWebIdentity {
    role_arn: String,
    role_session_name: String,
    web_identity_token: String,
    provider_id: Option<String>,
    #[serde(default)]
    policy_arns: Vec<PolicyDescriptor>,
    policy: Option<String>,
    duration_seconds: Option<i64>,
    minimum_session_token_size: Option<i64>,
}

/// The answer to `AssumeRoleWithWebIdentity`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Assumed {
    credentials: Credentials,
    subject_from_web_identity_token: String,
    assumed_role_user: AssumedRoleUser,
    #[serde(skip_serializing_if = "Option::is_none")]
    packed_policy_size: Option<usize>,
    provider: String,
    audience: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<String>,
}

impl AssumeRoleWithWebIdentity {
    fn wanted(&self) -> Result<(Wanted<'_>, RoleArn<'_>, Token), Fault> {
        let token = &self.web_identity_token;
        // The token is a secret: no sentence shows it.
        Constraints::iam()
            .text("webIdentityToken", Some(token), &TOKEN)
            .done()?;
        let mut wanted = Wanted {
            seconds: self.duration_seconds,
            policy: self.policy.as_deref(),
            policy_arns: &self.policy_arns,
            token_size: self.minimum_session_token_size,
            ..Wanted::new(&self.role_arn, &self.role_session_name)
        };
        wanted.bounds(Constraints::sts())?;
        if self.provider_id.is_some() {
            // Facebook and Login with Amazon: OAuth 2.0 tokens that only their makers can read.
            return Err(names::invalid_parameter(
                "rolecall reads OpenID Connect tokens only; ProviderId is not served",
            ));
        }
        let token = Token::read(token)?;
        wanted.tags = token.tags();
        wanted.transitive = token.transitive_keys();
        wanted.source_identity = token.source_identity();
        // Tags and source identity come from the token now, and must be in bounds too.
        let of = wanted.bounds(Constraints::sts())?;
        wanted.check_tags()?;
        Ok((wanted, of, token))
    }
}

impl Operation for AssumeRoleWithWebIdentity {
    const SERVICE: &'static str = "sts";
    const NAME: &'static str = "AssumeRoleWithWebIdentity";
    const UNSIGNED: bool = true;
    type Output = Assumed;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let (wanted, of, token) = self.wanted()?;
        let provider = token.provider(facts, &of)?;
        let keys = facts.keys_of(token.issuer());
        token.verify(keys.as_deref(), &provider, facts.meta().at)?;
        if facts.is_own_issuer(token.issuer()) {
            // Source: IAM User Guide, "Getting started with outbound identity federation", the note. The sentence is
            // rolecall's choice.
            return Err(token::invalid(
                "Tokens from GetWebIdentityToken cannot be used for OpenID Connect federation into AWS.",
            ));
        }
        let caller = Arc::new(Caller::federated(provider.name(), facts.partition()));
        let keys = token.condition_keys(provider.prefix());
        let action = "sts:AssumeRoleWithWebIdentity";
        Ok(wanted.access(facts, &of, action, |demand| {
            let demand = demand.asked_by(caller.clone());
            keys.iter().fold(demand, |demand, (key, fact)| {
                demand.with_from(Origin::Caller, key.clone(), Some(fact.clone()))
            })
        }))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Assumed, Fault> {
        let now: Timestamp = cx.now();
        let (mut wanted, of, token) = self.wanted()?;
        cx.write(|world| {
            let name = token.provider_name(world, &of)?;
            wanted.federation = Some(Federation {
                keys: token.condition_keys(name.prefix()),
                provider: name.name().to_owned(),
            });
            let begun = wanted.begin(&of, world, cx.ids(), now)?;
            Ok(Assumed {
                credentials: begun.credentials,
                subject_from_web_identity_token: token.subject().to_owned(),
                assumed_role_user: begun.user,
                packed_policy_size: begun.packed_policy_size,
                provider: token.issuer().to_owned(),
                audience: token.audience().to_owned(),
                source_identity: begun.source_identity,
            })
        })
    }
}
