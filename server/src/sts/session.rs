//! What temporary credentials stand for.

use crate::{
    gate::Fact,
    iam::{InlinePolicy, Tags},
    world::Text,
};
use jiff::Timestamp;
use rolecall_policy::{Context, Origin, Principal, Value};
use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
};

/// A session: temporary credentials of a role, a user, root, or a federated user.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Session {
    /// Whose.
    pub kind: SessionKind,
    /// The token that must come with every request.
    pub token: String,
    /// When the credentials were made.
    pub issued: Timestamp,
    /// From when on they are refused.
    pub expires: Timestamp,
    /// Session policies, by text and by ARN, frozen when the session began; none when none were passed.
    pub policies: Option<Vec<InlinePolicy>>,
    /// Session tags.
    pub tags: Tags,
    /// The tag keys that go on to the next session of a chain.
    pub transitive_tags: Vec<String>,
    /// The source identity.
    pub source_identity: Option<String>,
    /// The session was begun with an MFA code, at this time.
    pub mfa: Option<Timestamp>,
    /// It was begun by another role session (chaining: at most an hour).
    pub chained: bool,
    /// The identity provider that vouched for whoever began it.
    #[serde(default)]
    pub federation: Option<Arc<Federation>>,
    /// `aws:userid`, once somebody asked.
    #[serde(skip)]
    pub user_id: OnceLock<Text>,
}

/// Who vouched for a session, and the condition keys that stay with it.
/// Source: IAM User Guide, "IAM and AWS STS condition context keys", keys for web identity and SAML federation.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Federation {
    /// The provider, as trust policies name it.
    pub provider: String,
    /// `PROVIDER:sub`, `PROVIDER:aud` and the like.
    pub keys: Vec<(String, Fact)>,
}

/// The kinds of session.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum SessionKind {
    /// AssumeRole and its relatives.
    Role {
        /// The role's ARN, with its path.
        role_arn: Text,
        /// The role's bare name.
        role_name: Text,
        /// `AROA…`
        role_id: Text,
        /// `arn:aws:sts::A:assumed-role/ROLE/SESSION`
        arn: Text,
        /// The session's name.
        name: Text,
    },
    /// GetFederationToken: a user's (or root's) permissions, limited by the session policies.
    Federated {
        /// `arn:aws:sts::A:federated-user/NAME`
        arn: Text,
        /// The name.
        name: Text,
        /// The unique id of the user who asked for it; none for root.
        user_id: Option<Text>,
        /// That user's ARN.
        user_arn: Text,
    },
    /// GetSessionToken: exactly the user (or root).
    Same,
    /// AssumeRoot: the root user of a member account, within a task policy.
    Root,
}

/// Shows everything but the token.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("kind", &self.kind)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// The session as the engine sees it.
    pub fn principal<'a>(&'a self, account: &'a str) -> Principal<'a> {
        match &self.kind {
            SessionKind::Role {
                role_arn,
                role_id,
                arn,
                name,
                ..
            } => Principal::RoleSession {
                account,
                role_arn,
                role_id,
                session_arn: arn,
                session_name: name,
            },
            SessionKind::Federated {
                arn,
                name,
                user_id,
                user_arn,
            } => Principal::FederatedUser {
                account,
                arn,
                user_arn,
                user_id: user_id.as_deref(),
                name,
            },
            // Never callers of their own: such credentials are the user's, or root's.
            SessionKind::Same | SessionKind::Root => Principal::Anonymous,
        }
    }

    /// `aws:PrincipalType`
    pub fn principal_type(&self) -> &'static str {
        match self.kind {
            SessionKind::Role { .. } => "AssumedRole",
            SessionKind::Federated { .. } => "FederatedUser",
            SessionKind::Same => "User",
            SessionKind::Root => "Account",
        }
    }

    /// `aws:PrincipalArn`: the role, not the session.
    pub fn principal_arn(&self) -> &str {
        match &self.kind {
            SessionKind::Role { role_arn, .. } => role_arn,
            SessionKind::Federated { arn, .. } => arn,
            SessionKind::Same | SessionKind::Root => "",
        }
    }

    /// The name and id of the role whose policies count.
    pub fn role(&self) -> Option<(&Text, &Text)> {
        match &self.kind {
            SessionKind::Role {
                role_name, role_id, ..
            } => Some((role_name, role_id)),
            _ => None,
        }
    }

    /// `aws:userid`: who began it, and the session's own name; empty for credentials that are a user's or root's.
    pub fn user_id(&self, account: &str) -> &Text {
        self.user_id.get_or_init(|| match &self.kind {
            SessionKind::Role { role_id, name, .. } => [role_id, ":", name].concat().into(),
            SessionKind::Federated { name, .. } => [account, ":", name].concat().into(),
            SessionKind::Same | SessionKind::Root => Text::default(),
        })
    }

    /// The session's own name.
    pub fn name(&self) -> &str {
        match &self.kind {
            SessionKind::Role { name, .. } | SessionKind::Federated { name, .. } => name,
            SessionKind::Root => "root",
            SessionKind::Same => "",
        }
    }

    /// The condition keys that only temporary credentials carry.
    /// Source: IAM User Guide, "AWS global condition context keys".
    pub fn facts<'a>(&'a self, now: Timestamp, context: &mut Context<'a>) {
        context.add(
            "aws:TokenIssueTime",
            Value::Time(self.issued),
            Origin::Caller,
        );
        context.add(
            "aws:MultiFactorAuthPresent",
            Value::Bool(self.mfa.is_some()),
            Origin::Caller,
        );
        if self.kind == SessionKind::Root {
            context.add("aws:AssumedRoot", Value::Bool(true), Origin::Caller);
        }
        if let Some(at) = self.mfa {
            // Seconds, exact enough for a number of JSON's.
            let age = now.duration_since(at).as_secs_f64().floor();
            context.add("aws:MultiFactorAuthAge", Value::Number(age), Origin::Caller);
        }
        if let Some(federation) = &self.federation {
            context.add(
                "aws:FederatedProvider",
                Value::Text(Cow::Borrowed(&federation.provider)),
                Origin::Caller,
            );
            for (key, fact) in &federation.keys {
                context.set(key.as_str(), fact.value(), Origin::Caller);
            }
        }
        if let Some(identity) = &self.source_identity {
            context.add(
                "aws:SourceIdentity",
                Value::Text(Cow::Borrowed(identity)),
                Origin::Caller,
            );
        }
    }
}
