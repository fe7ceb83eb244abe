//! What AssumeRole and its relatives have in common: the demand on the role, and the session that begins.

use super::{
    Federation, Session, SessionKind,
    credentials::{self, Credentials},
    names::{self, ARN, SESSION_NAME, SOURCE_IDENTITY, TOKEN_SIZES, validation},
    session_policies::{self, PolicyDescriptor},
};
use crate::{
    gate::{Access, Caller, Demand, Facts, Guard},
    iam::{Holder, MOST_TAGS, Role, Tag, Tags, tag_bounds, tag_pairs},
    wire::{Constraints, Fault},
    world::{Ids, Text, World},
};
use jiff::Timestamp;
use rolecall_policy::{Origin, Rule};
use serde::Serialize;
use std::sync::{Arc, OnceLock};

/// A session of a session: an hour at most. Source: IAM User Guide, "Role chaining".
const CHAINED: i64 = 3600;

/// The parts of a role's ARN.
#[derive(Debug, Clone, Copy)]
pub(super) struct RoleArn<'a> {
    pub(super) partition: &'a str,
    pub(super) account: &'a str,
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

/// The session that is asked for.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) role_arn: &'a str,
    pub(super) name: &'a str,
    pub(super) seconds: Option<i64>,
    /// What the identity provider allows, whatever was asked for.
    pub(super) at_most: Option<i64>,
    pub(super) policy: Option<&'a str>,
    pub(super) policy_arns: &'a [PolicyDescriptor],
    pub(super) tags: Vec<Tag>,
    pub(super) transitive: Vec<String>,
    /// What the caller's own session hands on.
    pub(super) inherited: Vec<(String, String)>,
    pub(super) source_identity: Option<String>,
    pub(super) chained: bool,
    /// The caller proved a second factor at this time.
    pub(super) mfa: Option<Timestamp>,
    pub(super) federation: Option<Federation>,
    /// How many bytes the token has at least.
    pub(super) token_size: Option<i64>,
}

/// The role and the name of a session as the API shows them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumedRoleUser {
    assumed_role_id: String,
    arn: String,
}

/// A session that has begun.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) credentials: Credentials,
    pub(super) user: AssumedRoleUser,
    pub(super) packed_policy_size: Option<usize>,
    pub(super) source_identity: Option<String>,
}

impl<'a> Wanted<'a> {
    /// A session of `role_arn` and nothing more.
    pub(super) fn new(role_arn: &'a str, name: &'a str) -> Self {
        Self {
            role_arn,
            name,
            seconds: None,
            at_most: None,
            policy: None,
            policy_arns: &[],
            tags: Vec::new(),
            transitive: Vec::new(),
            inherited: Vec::new(),
            source_identity: None,
            chained: false,
            mfa: None,
            federation: None,
            token_size: None,
        }
    }

    /// The bounds of the members that every relative of AssumeRole has, and those of `more`.
    pub(super) fn bounds(&self, more: Constraints) -> Result<RoleArn<'a>, Fault> {
        let identity = self.source_identity.as_deref();
        let constraints = more
            .text("roleArn", Some(self.role_arn), &ARN)
            .text("roleSessionName", Some(self.name), &SESSION_NAME)
            .number("durationSeconds", self.seconds, 900..=43_200)
            .text("sourceIdentity", identity, &SOURCE_IDENTITY)
            .number("minimumSessionTokenSize", self.token_size, TOKEN_SIZES)
            .count("transitiveTagKeys", self.transitive.len(), MOST_TAGS);
        let constraints = session_policies::bounds(constraints, self.policy, self.policy_arns);
        tag_bounds(constraints, &self.tags).done()?;
        names::distinct(&self.tags)?;
        RoleArn::parse(self.role_arn)
            .ok_or_else(|| validation(format!("{} is invalid", self.role_arn)))
    }

    /// Transitive keys are sent, and not taken by the calling session's.
    pub(super) fn check_tags(&self) -> Result<(), Fault> {
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        let sent = |key: &String| self.tags.iter().any(|tag| same(&tag.key, key));
        if !self.transitive.iter().all(sent) {
            return Err(names::invalid_parameter(
                "The specified transitive tag key must be included in the requested tags.",
            ));
        }
        let taken = |tag: &Tag| self.inherited.iter().any(|(key, _)| same(key, &tag.key));
        if self.tags.iter().any(taken) {
            return Err(names::invalid_parameter(
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
            ));
        }
        Ok(())
    }

    /// The role that is meant. One that is not there has no trust policy, and so admits nobody.
    fn role<'f>(&self, of: &RoleArn<'_>, facts: &Facts<'f>) -> Option<&'f Role> {
        let role = facts.role_of(of.account, of.name)?;
        (role.arn == self.role_arn).then_some(&**role)
    }

    /// `action`, and what tags and a source identity need besides. `dress` adds what is the operation's own.
    pub(super) fn access(
        &self,
        facts: &Facts<'_>,
        of: &RoleArn<'_>,
        action: &'static str,
        dress: impl Fn(Demand) -> Demand,
    ) -> Access {
        let role = self.role(of, facts);
        let ask = |action| dress(self.demand(action, of, role));
        let mut access = Access::from(ask(action));
        // Tags that the calling session hands on are set in the new one too, so they need the permission as well, as
        // everybody finds who goes on from EKS Pod Identity's sessions.
        if !self.tags.is_empty() || !self.inherited.is_empty() {
            access = access.and(ask("sts:TagSession"));
        }
        if self.source_identity.is_some() {
            access = access.and(ask("sts:SetSourceIdentity"));
        }
        access
    }

    fn demand(&self, action: &'static str, of: &RoleArn<'_>, role: Option<&Role>) -> Demand {
        let account = Text::from(of.account);
        let guard = Guard::Role(
            account.clone(),
            role.map(|role| role.name.clone()).unwrap_or_default(),
        );
        let tags = role.map(|role| role.tags.as_slice()).unwrap_or_default();
        let stored = || tags.iter().map(|(key, value)| (key, value));
        let keys: Vec<String> = self.tags.iter().map(|tag| tag.key.clone()).collect();
        let transitive = Some(self.transitive.clone()).filter(|keys| !keys.is_empty());
        let demand = Demand::new(action, self.role_arn.to_owned())
            .owned_by(Some(account))
            .guarded_by(guard)
            .by(Rule::TrustMustAllow)
            .with("sts:RoleSessionName", Some(self.name))
            .with("sts:SourceIdentity", self.source_identity.as_deref())
            .with("sts:TransitiveTagKeys", transitive)
            .with_tags(
                Origin::Request,
                "aws:RequestTag/",
                self.tags.iter().map(|tag| (&tag.key, &tag.value)),
            )
            .with("aws:TagKeys", Some(keys).filter(|keys| !keys.is_empty()))
            .with_tags(Origin::Resource, "aws:ResourceTag/", stored())
            .with_tags(Origin::Resource, "iam:ResourceTag/", stored());
        if self.mfa.is_none() {
            return demand;
        }
        // The code came with this very request.
        demand
            .with_from(Origin::Caller, "aws:MultiFactorAuthPresent", Some(true))
            .with_from(Origin::Caller, "aws:MultiFactorAuthAge", Some(0.0))
    }

    fn seconds(&self, role: &Role) -> Result<i64, Fault> {
        let Some(seconds) = self.seconds else {
            return Ok(CHAINED);
        };
        if self.chained && seconds > CHAINED {
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

    /// Begins it.
    pub(super) fn begin(
        self,
        of: &RoleArn<'_>,
        world: &mut World,
        ids: &Ids,
        now: Timestamp,
    ) -> Result<Begun, Fault> {
        let account = world.law.account(of.account);
        let role = account.and_then(|account| account.roles.get(of.name));
        let role = role
            .cloned()
            .ok_or_else(|| Fault::Internal("find the role that was just assumed".to_owned()))?;
        let seconds = self.seconds(&role)?;
        let seconds = self.at_most.map_or(seconds, |most| seconds.min(most));
        let keys = self.inherited.iter().map(|(key, _)| key.clone());
        let transitive_tags = keys.chain(self.transitive).collect();
        let tags: Tags = self
            .inherited
            .into_iter()
            .chain(tag_pairs(&self.tags))
            .collect();
        let (policies, packed_policy_size) =
            session_policies::read(&world.law, of.account, self.policy, self.policy_arns, &tags)?;
        let name = Text::from(self.name);
        let (partition, account) = (of.partition, of.account);
        let arn = format!(
            "arn:{partition}:sts::{account}:assumed-role/{}/{name}",
            role.name
        );
        let session = Session {
            kind: SessionKind::Role {
                role_arn: role.arn.as_str().into(),
                role_name: role.name.clone(),
                role_id: role.id.clone(),
                arn: arn.as_str().into(),
                name: name.clone(),
            },
            token: ids.session_token(self.token_size),
            issued: now,
            expires: credentials::end(now, seconds),
            policies,
            transitive_tags,
            tags,
            source_identity: self.source_identity.clone(),
            mfa: self.mfa,
            chained: self.chained,
            federation: self.federation.map(Arc::new),
            user_id: OnceLock::new(),
        };
        let user = AssumedRoleUser {
            assumed_role_id: format!("{}:{name}", role.id),
            arn,
        };
        let credentials =
            credentials::issue(world, ids, of.account.into(), Holder::Session, session);
        Ok(Begun {
            credentials,
            user,
            packed_policy_size,
            source_identity: self.source_identity,
        })
    }
}

/// What a session hands on to the next one of its chain.
#[derive(Default)]
pub(super) struct Handed {
    pub(super) chained: bool,
    pub(super) tags: Vec<(String, String)>,
    pub(super) source_identity: Option<String>,
}

impl Handed {
    pub(super) fn by(caller: &Caller) -> Self {
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
                .cloned()
                .collect(),
            source_identity: session.source_identity.clone(),
        }
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
        let mut wanted = Wanted::new("arn:aws:iam::123456789012:role/r", "s1");
        wanted.transitive = vec!["team".to_owned()];
        assert!(wanted.check_tags().is_err());
        wanted.tags = vec![tag("Team")];
        assert!(wanted.check_tags().is_ok());
        wanted.inherited = vec![("TEAM".to_owned(), "x".to_owned())];
        assert!(wanted.check_tags().is_err());
    }
}
