//! Becoming a role.

use super::{
    Session, SessionKind,
    credentials::{self, Credentials},
    names::{self, ARN, EXTERNAL_ID, SESSION_NAME, denied, validation},
    session_policies::{self, PolicyDescriptor},
};
use crate::{
    gate::{Access, Caller, Demand, Facts, Gate, Granted, Guard},
    iam::{Holder, Role, Tag, Tags, tag_bounds, tag_pairs},
    wire::{Constraints, Fault, Operation},
    world::Text,
};
use rolecall_policy::{Origin, Rule};
use serde::{Deserialize, Serialize};

/// A session of a session: an hour at most. Source: IAM User Guide, "Role chaining".
const CHAINED: i64 = 3600;

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

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumedRoleUser {
    assumed_role_id: String,
    arn: String,
}

/// The parts of a role's ARN.
struct RoleArn<'a> {
    partition: &'a str,
    account: &'a str,
    name: &'a str,
}

impl<'a> RoleArn<'a> {
    fn parse(arn: &'a str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (start, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account, path) = (parts.next()?, parts.next()?, parts.next()?);
        let name = path.strip_prefix("role/")?.rsplit('/').next()?;
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let whole =
            start == "arn" && service == "iam" && region.is_empty() && !partition.is_empty();
        (whole && is_account && !name.is_empty()).then_some(Self {
            partition,
            account,
            name,
        })
    }
}

/// What a session hands on to the next one of its chain.
#[derive(Default)]
struct Handed<'a> {
    chained: bool,
    tags: Vec<&'a (String, String)>,
    source_identity: Option<&'a str>,
}

impl<'a> Handed<'a> {
    fn by(caller: &'a Caller) -> Self {
        let Some(session) = caller.session().filter(|session| session.role().is_some()) else {
            return Self::default();
        };
        let goes_on = |key: &str| {
            session
                .transitive_tags
                .iter()
                .any(|other| other.eq_ignore_ascii_case(key))
        };
        Self {
            chained: true,
            tags: session
                .tags
                .iter()
                .filter(|(key, _)| goes_on(key))
                .collect(),
            source_identity: session.source_identity.as_deref(),
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

    fn bounds(&self) -> Result<RoleArn<'_>, Fault> {
        let constraints = Constraints::sts()
            .text("roleArn", Some(&self.role_arn), &ARN)
            .text(
                "roleSessionName",
                Some(&self.role_session_name),
                &SESSION_NAME,
            )
            .number("durationSeconds", self.duration_seconds, 900..=43_200)
            .text("externalId", self.external_id.as_deref(), &EXTERNAL_ID)
            .text(
                "sourceIdentity",
                self.source_identity.as_deref(),
                &SESSION_NAME,
            );
        let constraints =
            session_policies::bounds(constraints, self.policy.as_deref(), &self.policy_arns);
        tag_bounds(constraints, &self.tags).done()?;
        names::distinct(&self.tags)?;
        RoleArn::parse(&self.role_arn)
            .ok_or_else(|| validation(format!("{} is invalid", self.role_arn)))
    }

    fn check_tags(&self, handed: &Handed<'_>) -> Result<(), Fault> {
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        let sent = |key: &&String| self.tags.iter().any(|tag| same(&tag.key, key));
        if !self.transitive_tag_keys.iter().all(|key| sent(&key)) {
            return Err(names::invalid_parameter(
                "The specified transitive tag key must be included in the requested tags.",
            ));
        }
        let taken = |tag: &Tag| handed.tags.iter().any(|(key, _)| same(key, &tag.key));
        if self.tags.iter().any(taken) {
            return Err(names::invalid_parameter(
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
            ));
        }
        Ok(())
    }

    fn demand(
        &self,
        action: &'static str,
        of: &RoleArn<'_>,
        role: Option<&Role>,
        identity: Option<&str>,
    ) -> Demand {
        let account = Text::from(of.account);
        // A role that is not there has no trust policy, and so admits nobody.
        let guard = Guard::Role(
            account.clone(),
            role.map(|role| role.name.clone()).unwrap_or_default(),
        );
        let tags = role.map(|role| role.tags.as_slice()).unwrap_or_default();
        let stored = || tags.iter().map(|(key, value)| (key, value));
        let keys: Vec<String> = self.tags.iter().map(|tag| tag.key.clone()).collect();
        let transitive = Some(self.transitive_tag_keys.clone()).filter(|keys| !keys.is_empty());
        Demand::new(action, self.role_arn.clone())
            .owned_by(Some(account))
            .guarded_by(guard)
            .by(Rule::TrustMustAllow)
            .with("sts:RoleSessionName", Some(&*self.role_session_name))
            .with("sts:ExternalId", self.external_id.as_deref())
            .with("sts:SourceIdentity", identity)
            .with("sts:TransitiveTagKeys", transitive)
            .with_tags(
                Origin::Request,
                "aws:RequestTag/",
                self.tags.iter().map(|tag| (&tag.key, &tag.value)),
            )
            .with("aws:TagKeys", Some(keys).filter(|keys| !keys.is_empty()))
            .with_tags(Origin::Resource, "aws:ResourceTag/", stored())
            .with_tags(Origin::Resource, "iam:ResourceTag/", stored())
    }

    fn seconds(&self, role: &Role, chained: bool) -> Result<i64, Fault> {
        let Some(seconds) = self.duration_seconds else {
            return Ok(CHAINED);
        };
        if chained && seconds > CHAINED {
            return Err(validation(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            ));
        }
        if seconds > i64::from(role.max_session_duration) {
            return Err(validation(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ));
        }
        Ok(seconds)
    }
}

impl Operation for AssumeRole {
    const SERVICE: &'static str = "sts";
    const NAME: &'static str = "AssumeRole";
    type Output = AssumedRole;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let of = self.bounds()?;
        if facts.caller().is_root() {
            return Err(denied("Roles may not be assumed by root accounts."));
        }
        names::no_mfa(self.serial_number.as_deref(), self.token_code.as_deref())?;
        let handed = Handed::by(facts.caller());
        self.check_tags(&handed)?;
        let identity = self.source_identity.as_deref().or(handed.source_identity);
        if handed
            .source_identity
            .is_some_and(|old| identity != Some(old))
        {
            // The sentence is rolecall's choice.
            return Err(denied(
                "The source identity of the calling session cannot be changed.",
            ));
        }
        let role = facts
            .role_of(of.account, of.name)
            .filter(|role| role.arn == self.role_arn)
            .map(|role| &**role);
        let mut access = Access::from(self.demand("sts:AssumeRole", &of, role, identity));
        if !self.tags.is_empty() {
            access = access.and(self.demand("sts:TagSession", &of, role, identity));
        }
        if identity.is_some() {
            access = access.and(self.demand("sts:SetSourceIdentity", &of, role, identity));
        }
        Ok(access)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<AssumedRole, Fault> {
        let of = self.bounds()?;
        let handed = Handed::by(cx.caller());
        cx.write(|world| {
            let role = world
                .law
                .account(of.account)
                .and_then(|account| account.roles.get(of.name))
                .cloned();
            let role = role
                .ok_or_else(|| Fault::Internal("find the role that was just assumed".to_owned()))?;
            let seconds = self.seconds(&role, handed.chained)?;
            let (policies, packed_policy_size) = session_policies::read(
                &world.law,
                of.account,
                self.policy.as_deref(),
                &self.policy_arns,
                &self.tags,
            )?;
            let name = Text::from(&*self.role_session_name);
            let arn = format!(
                "arn:{}:sts::{}:assumed-role/{}/{name}",
                of.partition, of.account, role.name
            );
            let tags: Tags = handed
                .tags
                .iter()
                .map(|tag| (*tag).clone())
                .chain(tag_pairs(&self.tags))
                .collect();
            let inherited = handed.tags.iter().map(|(key, _)| key.clone());
            let source_identity = self
                .source_identity
                .clone()
                .or(handed.source_identity.map(str::to_owned));
            let session = Session {
                kind: SessionKind::Role {
                    role_arn: role.arn.as_str().into(),
                    role_name: role.name.clone(),
                    role_id: role.id.clone(),
                    arn: arn.as_str().into(),
                    name: name.clone(),
                },
                token: cx.ids().session_token(),
                issued: cx.now(),
                expires: credentials::end(cx.now(), seconds),
                policies,
                transitive_tags: inherited
                    .chain(self.transitive_tag_keys.iter().cloned())
                    .collect(),
                tags,
                source_identity: source_identity.clone(),
                mfa: None,
                chained: handed.chained,
            };
            let assumed_role_user = AssumedRoleUser {
                assumed_role_id: format!("{}:{name}", role.id),
                arn,
            };
            let credentials =
                credentials::issue(world, cx.ids(), of.account.into(), Holder::Session, session);
            Ok(AssumedRole {
                credentials,
                assumed_role_user,
                packed_policy_size,
                source_identity,
            })
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn only_role_arns_are_role_arns() {
        let of = RoleArn::parse("arn:aws:iam::123456789012:role/a/b/r").unwrap();
        assert_eq!(
            (of.partition, of.account, of.name),
            ("aws", "123456789012", "r")
        );
        for bad in [
            "nothing-valid-in-here",
            "arn:a:a::aaaaaaaaaa:",
            "arn:aws:iam::123456789012:user/u",
            "arn:aws:iam::1:role/r",
            "arn:aws:iam::123456789012:role/",
        ] {
            assert!(RoleArn::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn transitive_keys_are_sent_and_not_taken() {
        let tag = |key: &str| Tag {
            key: key.to_owned(),
            value: String::new(),
        };
        let mut op = AssumeRole::new("arn:aws:iam::123456789012:role/r", "s1");
        op.transitive_tag_keys = vec!["team".to_owned()];
        assert!(op.check_tags(&Handed::default()).is_err());
        op.tags = vec![tag("Team")];
        assert!(op.check_tags(&Handed::default()).is_ok());
        let old = ("TEAM".to_owned(), "x".to_owned());
        assert!(
            op.check_tags(&Handed {
                tags: vec![&old],
                ..Handed::default()
            })
            .is_err()
        );
    }
}
