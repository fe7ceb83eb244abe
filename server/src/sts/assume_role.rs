//! Becoming a role.

use super::{
    credentials::Credentials,
    mfa::{self, Proof},
    names::{EXTERNAL_ID, denied, invalid_parameter},
    role_session::{AssumedRoleUser, Begun, Handed, RoleArn, Wanted},
    session_policies::PolicyDescriptor,
};
use crate::{
    gate::{Access, Caller, Facts, Gate, Granted},
    iam::Tag,
    wire::{Constraints, Fault, Operation},
};
use serde::{Deserialize, Serialize, de::IgnoredAny};

/// `AssumeRole`
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumeRole {
    role_arn: String,
    role_session_name: String,
    duration_seconds: Option<i64>,
    policy: Option<String>,
    #[serde(default)]
    policy_arns: Vec<PolicyDescriptor>,
    external_id: Option<String>,
    source_identity: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    transitive_tag_keys: Vec<String>,
    serial_number: Option<String>,
    token_code: Option<String>,
    /// What a context provider, such as IAM Identity Center, says of somebody: refused, not passed over.
    #[serde(default)]
    provided_contexts: Vec<IgnoredAny>,
    minimum_session_token_size: Option<i64>,
}

/// The answer to `AssumeRole`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumedRole {
    pub(crate) credentials: Credentials,
    assumed_role_user: AssumedRoleUser,
    #[serde(skip_serializing_if = "Option::is_none")]
    packed_policy_size: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<String>,
}

impl AssumedRole {
    /// Whoever holds these credentials: how a service goes on as the role it assumed.
    pub(crate) fn caller(&self, gate: &Gate) -> Option<Caller> {
        gate.caller_with(&self.credentials.access_key_id)
    }
}

impl From<Begun> for AssumedRole {
    fn from(begun: Begun) -> Self {
        Self {
            credentials: begun.credentials,
            assumed_role_user: begun.user,
            packed_policy_size: begun.packed_policy_size,
            source_identity: begun.source_identity,
        }
    }
}

impl AssumeRole {
    /// The request that a service makes: nothing but role and session name.
    pub(crate) fn new(role_arn: impl Into<String>, session_name: impl Into<String>) -> Self {
        Self {
            role_arn: role_arn.into(),
            role_session_name: session_name.into(),
            ..Self::default()
        }
    }

    fn proof(&self) -> Result<Option<Proof<'_>>, Fault> {
        Proof::read(self.serial_number.as_deref(), self.token_code.as_deref())
    }

    /// The bounds of the members that only this operation has.
    fn bounds(&self) -> Constraints {
        let external = self.external_id.as_deref();
        let constraints = Constraints::sts().text("externalId", external, &EXTERNAL_ID);
        mfa::bounds(
            constraints,
            self.serial_number.as_deref(),
            self.token_code.as_deref(),
        )
    }

    fn wanted(
        &self,
        caller: &Caller,
        now: jiff::Timestamp,
    ) -> Result<(Wanted<'_>, RoleArn<'_>), Fault> {
        let handed = Handed::by(caller);
        let (serial, code) = (self.serial_number.as_ref(), self.token_code.as_ref());
        let wanted = Wanted {
            seconds: self.duration_seconds,
            policy: self.policy.as_deref(),
            policy_arns: &self.policy_arns,
            tags: self.tags.clone(),
            transitive: self.transitive_tag_keys.clone(),
            inherited: handed.tags,
            source_identity: self
                .source_identity
                .clone()
                .or(handed.source_identity.clone()),
            chained: handed.chained,
            mfa: serial.zip(code).map(|_| now),
            token_size: self.minimum_session_token_size,
            ..Wanted::new(&self.role_arn, &self.role_session_name)
        };
        let of = wanted.bounds(self.bounds())?;
        let old = handed.source_identity;
        if old.is_some() && wanted.source_identity != old {
            // The sentence is rolecall's choice.
            return Err(denied(
                "The source identity of the calling session cannot be changed.",
            ));
        }
        Ok((wanted, of))
    }
}

impl Operation for AssumeRole {
    const SERVICE: &'static str = "sts";
    const NAME: &'static str = "AssumeRole";
    type Output = AssumedRole;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let (wanted, of) = self.wanted(facts.caller(), facts.meta().at)?;
        if !self.provided_contexts.is_empty() {
            return Err(invalid_parameter(
                "rolecall knows no context providers; ProvidedContexts is not served",
            ));
        }
        if facts.caller().is_root() {
            return Err(denied("Roles may not be assumed by root accounts."));
        }
        if let Some(proof) = self.proof()? {
            proof.check(facts)?;
        }
        wanted.check_tags()?;
        let external = self.external_id.as_deref();
        Ok(wanted.access(facts, &of, "sts:AssumeRole", |demand| {
            demand.with("sts:ExternalId", external)
        }))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<AssumedRole, Fault> {
        let (wanted, of) = self.wanted(cx.caller(), cx.now())?;
        cx.write(|world| {
            if let Some(proof) = self.proof()? {
                proof.consume(world, cx.caller(), cx.now())?;
            }
            wanted.begin(&of, world, cx.ids(), cx.now()).map(Into::into)
        })
    }
}
