//! The verdict, and the layer it came from.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Layers, Request, Statement};

/// Allowed or not, in the words of AWS's own simulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Some statement allows and none denies.
    Allowed,
    /// No statement allows.
    ImplicitDeny,
    /// A statement denies.
    ExplicitDeny,
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Allowed => "allowed",
            Self::ImplicitDeny => "implicitDeny",
            Self::ExplicitDeny => "explicitDeny",
        })
    }
}

/// A type of policy, as the thing that decided.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// The account's root user, who needs no policy.
    Root,
    /// Identity-based policies.
    #[serde(rename = "identity-policy")]
    Identity,
    /// A permissions boundary.
    Boundary,
    /// Session policies.
    #[serde(rename = "session-policy")]
    Session,
    /// The trust policy of a role.
    #[serde(rename = "trust-policy")]
    Trust,
    /// A bucket policy.
    #[serde(rename = "bucket-policy")]
    Bucket,
    /// Another resource-based policy.
    #[serde(rename = "resource-policy")]
    Resource,
    /// An access control list. It only ever allows.
    #[serde(rename = "acl")]
    Acl,
    /// Service control policies.
    Scp,
    /// Resource control policies.
    Rcp,
    /// A VPC endpoint policy.
    #[serde(rename = "endpoint-policy")]
    Endpoint,
}

impl Layer {
    /// Every layer.
    pub const ALL: [Self; 11] = [
        Self::Root,
        Self::Identity,
        Self::Boundary,
        Self::Session,
        Self::Trust,
        Self::Bucket,
        Self::Resource,
        Self::Acl,
        Self::Scp,
        Self::Rcp,
        Self::Endpoint,
    ];

    /// The name scenarios use: `identity-policy`, `trust-policy`, `boundary`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Identity => "identity-policy",
            Self::Boundary => "boundary",
            Self::Session => "session-policy",
            Self::Trust => "trust-policy",
            Self::Bucket => "bucket-policy",
            Self::Resource => "resource-policy",
            Self::Acl => "acl",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::Endpoint => "endpoint-policy",
        }
    }

    /// The policy type as AWS's denials name it.
    fn aws_name(self) -> &'static str {
        match self {
            Self::Root | Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Trust => "role trust policy",
            Self::Bucket | Self::Resource | Self::Acl => "resource-based policy",
            Self::Scp => "service control policy",
            Self::Rcp => "resource control policy",
            Self::Endpoint => "VPC endpoint policy",
        }
    }

    /// The article AWS puts before the name of a policy that denies.
    fn article(self) -> &'static str {
        match self {
            Self::Root | Self::Identity => "an",
            Self::Trust => "the",
            _ => "a",
        }
    }

    /// Whether AWS adds the ARN of the denying policy: it never does for resource-based policies.
    fn names_policy(self) -> bool {
        !matches!(
            self,
            Self::Trust | Self::Bucket | Self::Resource | Self::Acl | Self::Endpoint
        )
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Layer {
    type Err = UnknownLayer;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|layer| layer.name() == name)
            .ok_or_else(|| UnknownLayer(name.to_owned()))
    }
}

/// A policy type nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown policy type `{0}`")]
pub struct UnknownLayer(String);

/// The place of a statement in [`Layers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The level, for service and resource control policies.
    pub level: usize,
    /// The policy within its layer.
    pub policy: usize,
    /// The statement within its policy, from 0.
    pub statement: usize,
}

/// The verdict on one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Allowed or not.
    pub outcome: Outcome,
    /// The layer that decided.
    pub by: Layer,
    /// The statement that allowed or denied; an implicit denial has none.
    pub at: Option<Place>,
}

impl Decision {
    /// Whether the request may go on.
    #[must_use]
    pub fn allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// The statement that allowed or denied.
    #[must_use]
    pub fn statement<'a>(&self, layers: &Layers<'a>) -> Option<&'a Statement> {
        let place = self.at?;
        layers
            .get(self.by, place)?
            .policy
            .statements()
            .get(place.statement)
    }

    /// Whether caller and resource are close enough for the policy to be named.
    fn is_told(&self, request: &Request<'_>) -> bool {
        let owner = request.resource_account;
        let same = owner.is_none_or(|owner| request.principal.account() == Some(owner));
        let organization = |key| request.context.get(key).and_then(|id| id.single_text());
        let within = || {
            let own = organization("aws:PrincipalOrgID").map(|id| id.to_owned());
            own.is_some() && own == organization("aws:ResourceOrgID").map(|id| id.to_owned())
        };
        same || (matches!(self.by, Layer::Scp | Layer::Rcp) && within())
    }

    /// The end of AWS's sentence `User: … is not authorized to perform: …`; empty when allowed.
    ///
    /// The action is printed as the request has it, so ask with the official spelling. The ARN of a policy that
    /// denies is told only within its account, that of a policy of an organization within the organization.
    /// <https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns>
    #[must_use]
    pub fn reason(&self, request: &Request<'_>, layers: &Layers<'_>) -> String {
        let (name, action) = (self.by.aws_name(), request.action);
        match self.outcome {
            Outcome::Allowed => String::new(),
            Outcome::ImplicitDeny => format!("because no {name} allows the {action} action"),
            Outcome::ExplicitDeny => {
                let reason = format!("with an explicit deny in {} {name}", self.by.article());
                let arn = self
                    .at
                    .and_then(|place| layers.get(self.by, place))
                    .and_then(|policy| policy.source.arn);
                match arn.filter(|_| self.by.names_policy() && self.is_told(request)) {
                    Some(arn) => format!("{reason}: {arn}"),
                    None => reason,
                }
            }
        }
    }
}

impl<'a> Layers<'a> {
    /// The policy at a level and a place.
    pub(crate) fn policy(
        &self,
        layer: Layer,
        level: usize,
        policy: usize,
    ) -> Option<crate::Attached<'a>> {
        let place = Place {
            level,
            policy,
            statement: 0,
        };
        self.get(layer, place)
    }

    /// The policy at a place.
    pub(crate) fn get(&self, layer: Layer, place: Place) -> Option<crate::Attached<'a>> {
        match layer {
            Layer::Root => None,
            Layer::Identity => self.identity.get(place.policy).copied(),
            Layer::Boundary => self.boundary,
            Layer::Session => self.session?.get(place.policy).copied(),
            Layer::Trust | Layer::Bucket | Layer::Resource => self.resource,
            Layer::Acl => self.acl,
            Layer::Scp => self.scps.get(place.level)?.get(place.policy).copied(),
            Layer::Rcp => self.rcps.get(place.level)?.get(place.policy).copied(),
            Layer::Endpoint => self.endpoint,
        }
    }
}
