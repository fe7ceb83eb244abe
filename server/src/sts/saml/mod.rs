//! Becoming a role with an assertion of a SAML provider.

mod assertion;
mod attributes;
mod canonical;
mod document;
mod places;
mod signature;

use super::{
    Federation,
    credentials::Credentials,
    names::{self, ASSERTION, SESSION_NAME},
    role_session::{AssumedRoleUser, RoleArn, Wanted},
    session_policies::PolicyDescriptor,
};
use crate::{
    gate::{Access, Caller, Fact, Facts, Granted},
    iam::{Account, SamlProvider},
    wire::{Constraints, Fault, Operation},
};
use assertion::{Assertion, Reader};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use rolecall_policy::Origin;
use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};
use signature::Key;
use std::sync::Arc;

/// `AssumeRoleWithSAML`: nobody signs it, the assertion says who asks.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AssumeRoleWithSAML {
    role_arn: String,
    principal_arn: String,
    #[serde(rename = "SAMLAssertion")]
    assertion: String,
    #[serde(default)]
    policy_arns: Vec<PolicyDescriptor>,
    policy: Option<String>,
    duration_seconds: Option<i64>,
    minimum_session_token_size: Option<i64>,
}

/// The answer to `AssumeRoleWithSAML`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Assumed {
    credentials: Credentials,
    assumed_role_user: AssumedRoleUser,
    #[serde(skip_serializing_if = "Option::is_none")]
    packed_policy_size: Option<usize>,
    subject: String,
    subject_type: String,
    issuer: String,
    audience: String,
    name_qualifier: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<String>,
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::service(400, "InvalidIdentityToken", message)
}

/// Who vouches: the provider, and what it is called in keys.
struct Voucher {
    arn: String,
    account: String,
    name: String,
}

impl Voucher {
    /// `saml:doc`
    fn doc(&self) -> String {
        format!("{}/{}", self.account, self.name)
    }

    /// `saml:namequalifier`. Source: STS API Reference, "AssumeRoleWithSAML", response elements.
    fn qualifier(&self, issuer: &str) -> String {
        let text = format!("{issuer}{}/{}", self.account, self.name);
        STANDARD.encode(Sha1::digest(text.as_bytes()))
    }

    /// The keys that stay with the session.
    fn session_keys(&self, assertion: &Assertion) -> Vec<(String, Fact)> {
        let key = |name: &str, value: &str| (name.to_owned(), Fact::from(value));
        vec![
            key("saml:namequalifier", &self.qualifier(&assertion.issuer)),
            key("saml:sub", &assertion.subject),
            key("saml:sub_type", &assertion.subject_type),
        ]
    }

    /// Those, and the ones that only the trust policy sees.
    fn trust_keys(&self, assertion: &Assertion) -> Vec<(String, Fact)> {
        let key = |name: &str, value: &str| (name.to_owned(), Fact::from(value));
        let mut keys = self.session_keys(assertion);
        keys.extend([
            key("saml:aud", &assertion.recipient),
            key("saml:iss", &assertion.issuer),
            key("saml:doc", &self.doc()),
        ]);
        keys.extend(assertion.attribute_keys());
        keys
    }
}

impl AssumeRoleWithSAML {
    /// The bounds of what was sent, the assertion apart.
    fn bounds(&self) -> Result<RoleArn<'_>, Fault> {
        Constraints::iam()
            .text("sAMLAssertion", Some(&self.assertion), &ASSERTION)
            .done()?;
        let principal = Some(&*self.principal_arn);
        let more = Constraints::sts().text("principalArn", principal, &names::ARN);
        // The name comes with the assertion; a good one stands in for it here.
        let wanted = Wanted {
            seconds: self.duration_seconds,
            policy: self.policy.as_deref(),
            policy_arns: &self.policy_arns,
            token_size: self.minimum_session_token_size,
            ..Wanted::new(&self.role_arn, "name")
        };
        wanted.bounds(more)
    }

    /// The provider in the role's account, and the assertion that it signed.
    fn checked(
        &self,
        of: &RoleArn<'_>,
        account: Option<&Account>,
        now: Timestamp,
    ) -> Result<(Voucher, Assertion), Fault> {
        let unknown = || invalid("Specified provider doesn't exist.");
        let stored = account.and_then(|account| account.saml_providers.get(&*self.principal_arn));
        let stored: &Arc<SamlProvider> = stored.ok_or_else(unknown)?;
        if stored.has_ended(now) {
            // rolecall's choice: whose metadata have ended vouches for nobody.
            return Err(invalid(
                "The metadata of the specified provider have expired",
            ));
        }
        let metadata = &stored.metadata;
        let keys: Vec<Key> = metadata
            .certificates
            .iter()
            .filter_map(|text| Key::of_certificate(text))
            .collect();
        let reader = Reader {
            entity: &metadata.entity,
            keys: &keys,
            provider: stored.uuid(),
            partition: of.partition,
            now,
        };
        let assertion = reader.read(&self.assertion)?;
        if !assertion.lists(&self.role_arn, &self.principal_arn) {
            return Err(names::denied(
                "Not authorized to perform sts:AssumeRoleWithSAML",
            ));
        }
        let voucher = Voucher {
            arn: stored.arn.to_string(),
            account: of.account.to_owned(),
            name: stored.name.clone(),
        };
        Ok((voucher, assertion))
    }

    /// The session that the assertion is good for.
    fn wanted<'a>(&'a self, assertion: &'a Assertion, now: Timestamp) -> Result<Wanted<'a>, Fault> {
        let name = assertion.session_name()?;
        let fits = |text: &str| {
            let length = text.chars().count();
            (SESSION_NAME.min..=SESSION_NAME.max).contains(&length) && (SESSION_NAME.fits)(text)
        };
        if !fits(name) {
            return Err(invalid(
                "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
            ));
        }
        let identity = assertion.source_identity();
        let strange = |text: &str| !fits(text) || text.to_ascii_lowercase().starts_with("aws:");
        if identity.is_some_and(strange) {
            return Err(invalid(
                "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"",
            ));
        }
        let wanted = Wanted {
            seconds: self.duration_seconds,
            at_most: assertion.seconds(now)?,
            policy: self.policy.as_deref(),
            policy_arns: &self.policy_arns,
            token_size: self.minimum_session_token_size,
            tags: assertion.tags(),
            transitive: assertion.transitive_keys(),
            source_identity: identity.map(str::to_owned),
            ..Wanted::new(&self.role_arn, name)
        };
        wanted.bounds(Constraints::sts())?;
        wanted.check_tags()?;
        Ok(wanted)
    }
}

impl Operation for AssumeRoleWithSAML {
    const SERVICE: &'static str = "sts";
    const NAME: &'static str = "AssumeRoleWithSAML";
    const UNSIGNED: bool = true;
    type Output = Assumed;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let (of, now) = (self.bounds()?, facts.meta().at);
        let (voucher, assertion) = self.checked(&of, facts.account_named(of.account), now)?;
        let wanted = self.wanted(&assertion, now)?;
        let caller = Arc::new(Caller::federated(&voucher.arn, facts.partition()));
        let keys = voucher.trust_keys(&assertion);
        let action = "sts:AssumeRoleWithSAML";
        Ok(wanted.access(facts, &of, action, |demand| {
            let demand = demand.asked_by(caller.clone());
            keys.iter().fold(demand, |demand, (key, fact)| {
                demand.with_from(Origin::Caller, key.clone(), Some(fact.clone()))
            })
        }))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Assumed, Fault> {
        // The same moment as in the decision: what held then holds now.
        let at = cx.meta().at;
        let of = self.bounds()?;
        cx.write(|world| {
            let account = world.law.account(of.account).map(|it| &**it);
            let (voucher, assertion) = self.checked(&of, account, at)?;
            let mut wanted = self.wanted(&assertion, at)?;
            wanted.federation = Some(Federation {
                keys: voucher.session_keys(&assertion),
                provider: voucher.arn.clone(),
            });
            let begun = wanted.begin(&of, world, cx.ids(), cx.now())?;
            Ok(Assumed {
                credentials: begun.credentials,
                assumed_role_user: begun.user,
                packed_policy_size: begun.packed_policy_size,
                source_identity: begun.source_identity,
                name_qualifier: voucher.qualifier(&assertion.issuer),
                subject: assertion.subject,
                subject_type: assertion.subject_type,
                issuer: assertion.issuer,
                audience: assertion.recipient,
            })
        })
    }
}
