//! Who asks.

use serde::{Deserialize, Serialize};

/// The caller of a request, as its credentials describe it.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal<'a> {
    /// The root user of an account.
    Root {
        /// Twelve digits.
        account: &'a str,
        /// `arn:aws:iam::ACCOUNT:root`.
        arn: &'a str,
    },
    /// An IAM user, with long-term keys or GetSessionToken credentials.
    User {
        /// Twelve digits.
        account: &'a str,
        /// `arn:aws:iam::ACCOUNT:user/PATH/NAME`.
        arn: &'a str,
        /// The unique id, `AIDA…`.
        id: &'a str,
        /// The bare name, without path.
        name: &'a str,
    },
    /// A session of a role.
    RoleSession {
        /// Twelve digits.
        account: &'a str,
        /// `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
        role_arn: &'a str,
        /// The unique id of the role, `AROA…`.
        role_id: &'a str,
        /// `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
        session_arn: &'a str,
        /// The session name.
        session_name: &'a str,
    },
    /// A session made by GetFederationToken.
    FederatedUser {
        /// Twelve digits.
        account: &'a str,
        /// `arn:aws:sts::ACCOUNT:federated-user/NAME`.
        arn: &'a str,
        /// The IAM user who made the session.
        user_arn: &'a str,
        /// That user's unique id, `AIDA…`; none when it was the root user.
        user_id: Option<&'a str>,
        /// The name of the session.
        name: &'a str,
    },
    /// Somebody an identity provider vouches for (web identity, SAML).
    Federated {
        /// The provider as trust policies name it.
        provider: &'a str,
    },
    /// An AWS service that calls in its own name.
    Service {
        /// `pinpoint.amazonaws.com`.
        name: &'a str,
    },
    /// Nobody signed.
    Anonymous,
}

impl<'a> Principal<'a> {
    /// The account the caller belongs to; services and unsigned callers have none.
    #[must_use]
    pub fn account(&self) -> Option<&'a str> {
        match *self {
            Self::Root { account, .. }
            | Self::User { account, .. }
            | Self::RoleSession { account, .. }
            | Self::FederatedUser { account, .. } => Some(account),
            Self::Federated { .. } | Self::Service { .. } | Self::Anonymous => None,
        }
    }

    /// What AWS prints after `User:`: the ARN, the session's for a session; a provider or service by its name.
    #[must_use]
    pub fn display(&self) -> &'a str {
        match *self {
            Self::Root { arn, .. } | Self::User { arn, .. } | Self::FederatedUser { arn, .. } => {
                arn
            }
            Self::RoleSession { session_arn, .. } => session_arn,
            Self::Federated { provider } => provider,
            Self::Service { name } => name,
            Self::Anonymous => "anonymous",
        }
    }

    /// What kind of caller this is.
    #[must_use]
    pub fn kind(&self) -> PrincipalKind {
        match self {
            Self::Root { .. } => PrincipalKind::Root,
            Self::User { .. } => PrincipalKind::User,
            Self::RoleSession { .. } => PrincipalKind::RoleSession,
            Self::FederatedUser { .. } => PrincipalKind::FederatedUser,
            Self::Federated { .. } => PrincipalKind::Federated,
            Self::Service { .. } => PrincipalKind::Service,
            Self::Anonymous => PrincipalKind::Anonymous,
        }
    }

    /// Whether identity-based policies and boundaries exist for this kind of caller at all.
    pub(crate) fn has_identity_policies(&self) -> bool {
        matches!(
            self,
            Self::User { .. } | Self::RoleSession { .. } | Self::FederatedUser { .. }
        )
    }

    /// The partition in the caller's ARN.
    pub(crate) fn partition(&self) -> Option<&'a str> {
        self.account()?;
        let rest = self.display().strip_prefix("arn:")?;
        rest.get(..rest.find(':')?)
    }
}

/// The kinds of [`Principal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalKind {
    /// The root user of an account.
    Root,
    /// An IAM user.
    User,
    /// A session of a role.
    RoleSession,
    /// A session made by GetFederationToken.
    FederatedUser,
    /// A caller an identity provider vouches for.
    Federated,
    /// An AWS service.
    Service,
    /// Nobody signed.
    Anonymous,
}
