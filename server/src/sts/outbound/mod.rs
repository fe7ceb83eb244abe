//! Tokens that stand for the caller outside AWS.
//! Source: STS API Reference, "GetWebIdentityToken"; IAM User Guide, "Controlling access with IAM policies".

mod claims;
mod signers;

pub(crate) use signers::Signers;

use super::names::{self, denied};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    iam::{Tag, tag_bounds, tag_pairs},
    wire::{Constraints, Fault, Form, Operation, Rule, anything, iam_time},
};
use claims::Claims;
use jiff::{Timestamp, ToSpan as _};
use rolecall_policy::Origin;
use serde::{Deserialize, Serialize};
use signers::Algorithm;
use std::fmt;

/// Audiences of one token.
const MOST: usize = 10;

const AUDIENCE: Rule = Rule {
    min: 1,
    max: 1000,
    form: Form::Pattern(""),
    fits: anything,
};

/// Whom a token may name.
const MODES: &[&str] = &["AWSIdentity", "OriginIdentity"];

/// Five minutes unless said.
const SECONDS: i64 = 300;

/// What a token may claim, in bytes. AWS has a limit and does not say which; that a token always fits into
/// AssumeRoleWithWebIdentity's 20,000 characters is rolecall's choice.
const LARGEST: usize = 14_000;

/// `GetWebIdentityToken`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetWebIdentityToken {
    audience: Vec<String>,
    duration_seconds: Option<i64>,
    signing_algorithm: String,
    #[serde(default)]
    tags: Vec<Tag>,
    subject_mode: Option<String>,
    scope: Option<String>,
}

/// The answer to `GetWebIdentityToken`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WebIdentityToken {
    web_identity_token: String,
    expiration: String,
}

/// Shows everything but the token.
impl fmt::Debug for WebIdentityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebIdentityToken")
            .field("expiration", &self.expiration)
            .finish_non_exhaustive()
    }
}

impl GetWebIdentityToken {
    fn seconds(&self) -> i64 {
        self.duration_seconds.unwrap_or(SECONDS)
    }

    fn bounds(&self) -> Result<(), Fault> {
        let algorithm = Some(&*self.signing_algorithm);
        let mut constraints = Constraints::sts()
            .count("audience", self.audience.len(), MOST)
            .some("audience", self.audience.len())
            .number("durationSeconds", self.duration_seconds, 60..=3600)
            .one_of("signingAlgorithm", algorithm, Algorithm::NAMES);
        for (audience, number) in self.audience.iter().zip(1..) {
            let member = format!("audience.{number}.member");
            constraints = constraints.text(&member, Some(audience), &AUDIENCE);
        }
        let mode = self.subject_mode.as_deref();
        constraints = constraints.one_of("subjectMode", mode, MODES);
        tag_bounds(constraints, &self.tags).done()?;
        // A scope goes with that mode only.
        if mode == Some("OriginIdentity") || self.scope.is_some() {
            return Err(names::invalid_parameter(
                "rolecall knows no trusted identity propagation; SubjectMode=OriginIdentity and Scope are not served",
            ));
        }
        names::distinct(&self.tags)
    }

    /// All keys are those of the request, and the same for both actions: recorded is that a statement on
    /// TagGetWebIdentityToken sees the audience too. `sts:DurationSeconds` is what the token gets, whether it was sent
    /// or not (rolecall's choice: a Deny of long tokens then has no gap).
    fn demand(&self, action: &'static str) -> Demand {
        let keys: Vec<String> = self.tags.iter().map(|tag| tag.key.clone()).collect();
        let tags = self.tags.iter().map(|tag| (&tag.key, &tag.value));
        #[expect(clippy::cast_precision_loss, reason = "at most an hour")]
        let seconds = self.seconds() as f64;
        Demand::new(action, "*")
            .with("sts:IdentityTokenAudience", Some(self.audience.clone()))
            .with("sts:SigningAlgorithm", Some(&*self.signing_algorithm))
            .with("sts:DurationSeconds", Some(seconds))
            .with_tags(Origin::Request, "aws:RequestTag/", tags)
            .with("aws:TagKeys", Some(keys).filter(|keys| !keys.is_empty()))
    }
}

// The sentences of the three are rolecall's choice, after the API's descriptions.

fn disabled() -> Fault {
    let message = "Outbound identity federation is not enabled for this account.";
    Fault::service(
        403,
        "OutboundWebIdentityFederationDisabledException",
        message,
    )
}

fn escalation() -> Fault {
    let message = "The requested token duration would extend the session beyond its original expiration time.";
    Fault::service(403, "SessionDurationEscalationException", message)
}

fn too_large() -> Fault {
    let message = "The requested token payload size exceeds the maximum allowed size.";
    Fault::service(400, "JWTPayloadSizeExceededException", message)
}

impl Operation for GetWebIdentityToken {
    const SERVICE: &'static str = "sts";
    const NAME: &'static str = "GetWebIdentityToken";
    type Output = WebIdentityToken;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        self.bounds()?;
        if facts.caller().is_root() {
            // AWS speaks of users and roles only: rolecall's choice, and its sentence.
            return Err(denied(
                "Cannot call GetWebIdentityToken with root user credentials",
            ));
        }
        let access = Access::from(self.demand("sts:GetWebIdentityToken"));
        Ok(if self.tags.is_empty() {
            access
        } else {
            access.and(self.demand("sts:TagGetWebIdentityToken"))
        })
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<WebIdentityToken, Fault> {
        let algorithm = Algorithm::named(&self.signing_algorithm)
            .ok_or_else(|| Fault::Internal("find the algorithm of a token".to_owned()))?;
        let ends = cx.now().checked_add(self.seconds().seconds());
        let ends = ends.unwrap_or(Timestamp::MAX);
        let session = cx.caller().session();
        if session.is_some_and(|session| session.expires < ends) {
            return Err(escalation());
        }
        let claims = cx.read(|world| {
            let account = world.law.account(cx.account());
            let outbound = account.and_then(|account| account.outbound.as_ref());
            let outbound = outbound.filter(|outbound| outbound.is_enabled());
            let claims = Claims {
                issuer: outbound.ok_or_else(disabled)?.issuer(),
                audience: &self.audience,
                caller: cx.caller(),
                organization: world.law.organization.as_deref(),
                region: &cx.meta().region,
                tags: &tag_pairs(&self.tags),
                id: cx.ids().request(),
                issued: cx.now(),
                ends,
            };
            Ok::<_, Fault>(claims.text())
        })?;
        if claims.len() > LARGEST {
            return Err(too_large());
        }
        Ok(WebIdentityToken {
            web_identity_token: Signers::sign(algorithm, &claims)?,
            expiration: iam_time(ends),
        })
    }
}
