//! From the tree to the reason: the closed list of words, and the nearest statement.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Effect, Explanation, Fit, Grant, Layer, LayerNode, Outcome, Part, PartNode, PolicyNode, Says,
    StatementNode,
};

/// A reason, from the closed list that scenarios use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Allowed by this statement: its Sid, or `policy#2`.
    Statement(String),
    /// The account's root user needs no policy.
    Root,
    /// No policy at all is there to allow.
    NoPolicy,
    /// `mismatch action`, `mismatch aws:SourceArn`.
    Mismatch(String),
    /// `missing s3:delimiter`.
    Missing(String),
    /// Denied by this statement.
    Explicit(String),
    /// The permissions boundary does not allow it.
    Boundary,
    /// The session policies do not allow it.
    SessionPolicy,
    /// A service control policy does not allow it.
    Scp,
    /// The VPC endpoint policy does not allow it.
    EndpointPolicy,
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Statement(label) => out.write_str(label),
            Self::Root => out.write_str("root"),
            Self::NoPolicy => out.write_str("no-policy"),
            Self::Mismatch(part) => write!(out, "mismatch {part}"),
            Self::Missing(key) => write!(out, "missing {key}"),
            Self::Explicit(label) => write!(out, "explicit {label}"),
            Self::Boundary => out.write_str("boundary"),
            Self::SessionPolicy => out.write_str("session-policy"),
            Self::Scp => out.write_str("scp"),
            Self::EndpointPolicy => out.write_str("endpoint-policy"),
        }
    }
}

/// A statement in its policy and layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearest<'a> {
    /// The layer of the policy.
    pub layer: Layer,
    /// The policy.
    pub policy: &'a PolicyNode,
    /// The statement.
    pub statement: &'a StatementNode,
}

impl Nearest<'_> {
    /// The elements that do not fit. Of a statement about other actions only that is said.
    #[must_use]
    pub fn misfits(&self) -> Vec<&PartNode> {
        let wrong: Vec<&PartNode> = self
            .statement
            .parts
            .iter()
            .filter(|part| !part.holds)
            .collect();
        match wrong.iter().find(|part| part.part == Part::Action) {
            Some(action) => vec![action],
            None => wrong,
        }
    }

    /// Fits the action, then the resource, then fails on the fewest parts.
    fn closeness(&self) -> (bool, bool, std::cmp::Reverse<usize>) {
        let parts = &self.statement.parts;
        let holds = |wanted| {
            parts
                .iter()
                .filter(|part| part.part == wanted)
                .all(|part| part.holds)
        };
        let wrong = parts.iter().filter(|part| !part.holds).count();
        (
            holds(Part::Action),
            holds(Part::Resource),
            std::cmp::Reverse(wrong),
        )
    }
}

impl Explanation {
    /// The reasons. Of an allowed request: the statements that allow it. Of an explicit denial: those that deny.
    /// Of an implicit one: what keeps the nearest statement from allowing.
    #[must_use]
    pub fn why(&self) -> Vec<Why> {
        match self.outcome {
            Outcome::Allowed if self.by == Layer::Root => vec![Why::Root],
            Outcome::Allowed => self
                .matched()
                .map(|hit| Why::Statement(hit.statement.label.clone()))
                .collect(),
            Outcome::ExplicitDeny => self
                .matched()
                .map(|hit| Why::Explicit(hit.statement.label.clone()))
                .collect(),
            Outcome::ImplicitDeny => self.why_not(),
        }
    }

    /// The statement that came nearest to allowing, when none did: the one that fits the action, then the resource,
    /// then fails on the fewest parts; of several the first.
    #[must_use]
    pub fn nearest(&self) -> Option<Nearest<'_>> {
        if self.outcome != Outcome::ImplicitDeny {
            return None;
        }
        self.candidates(|layer| layer == self.by)
            // Nothing there that could allow: then the resource's own policy might have.
            .or_else(|| {
                self.candidates(is_resource)
                    .filter(|_| self.by == Layer::Identity)
            })
            // Nothing grants across accounts: the caller's own policies may tell whose resource was meant.
            .or_else(|| {
                self.candidates(|layer| layer == Layer::Identity)
                    .filter(|hit| is_resource(self.by) && !hit.statement.applies)
            })
    }

    /// The statements that decided: all that allow, or all that deny, those of the deciding layer first.
    pub fn matched(&self) -> impl Iterator<Item = Nearest<'_>> {
        let effect = match self.outcome {
            Outcome::Allowed => Some(Effect::Allow),
            Outcome::ExplicitDeny => Some(Effect::Deny),
            Outcome::ImplicitDeny => None,
        };
        let hits = move |decisive: bool| {
            self.statements().filter(move |hit| {
                (hit.layer == self.by) == decisive
                    && hit.statement.applies
                    && Some(hit.statement.effect) == effect
                    && self.counts(hit)
            })
        };
        hits(true).chain(hits(false))
    }

    /// Every statement of every layer.
    pub fn statements(&self) -> impl Iterator<Item = Nearest<'_>> {
        self.layers.iter().flat_map(LayerNode::hits)
    }

    /// Whether an applying statement had a say: what limits does not grant, and an account that is named
    /// grants nothing to its own.
    fn counts(&self, hit: &Nearest<'_>) -> bool {
        let grants = hit.layer == Layer::Identity
            || (is_resource(hit.layer)
                && (hit.layer == self.by || hit.statement.grant != Some(Grant::Account)));
        hit.statement.effect == Effect::Deny || grants
    }

    fn candidates(&self, wanted: impl Fn(Layer) -> bool) -> Option<Nearest<'_>> {
        let allows = |hit: &Nearest<'_>| wanted(hit.layer) && hit.statement.effect == Effect::Allow;
        // Of several levels only one that does not allow is to blame.
        let blamed = |layer: &&LayerNode| layer.layer != Layer::Scp || layer.says != Says::Allow;
        let mut nearest: Option<Nearest<'_>> = None;
        for hit in self
            .layers
            .iter()
            .filter(blamed)
            .flat_map(LayerNode::hits)
            .filter(allows)
        {
            if nearest.is_none_or(|known| hit.closeness() > known.closeness()) {
                nearest = Some(hit);
            }
        }
        nearest
    }

    fn why_not(&self) -> Vec<Why> {
        let mut why = Vec::new();
        why.extend(match self.by {
            Layer::Boundary => Some(Why::Boundary),
            Layer::Session => Some(Why::SessionPolicy),
            Layer::Scp => Some(Why::Scp),
            Layer::Endpoint => Some(Why::EndpointPolicy),
            _ => None,
        });
        let policies = || {
            self.layers
                .iter()
                .filter(|layer| layer.layer == self.by)
                .flat_map(|layer| &layer.policies)
        };
        if why.is_empty() && policies().next().is_none() {
            why.push(Why::NoPolicy);
        }
        if let Some(nearest) = self.nearest() {
            why.extend(nearest.misfits().into_iter().map(Why::from));
        }
        if why.is_empty() {
            // Every part fits or no statement allows anything: a role is not for root, a partition out of reach.
            why.push(Why::Mismatch(match self.by {
                Layer::Trust => "principal".to_owned(),
                _ if self.nearest().is_none() => "action".to_owned(),
                _ => "resource".to_owned(),
            }));
        }
        why
    }
}

impl LayerNode {
    fn hits(&self) -> impl Iterator<Item = Nearest<'_>> {
        self.policies.iter().flat_map(move |policy| {
            policy.statements.iter().map(move |statement| Nearest {
                layer: self.layer,
                policy,
                statement,
            })
        })
    }
}

fn is_resource(layer: Layer) -> bool {
    matches!(
        layer,
        Layer::Trust | Layer::Bucket | Layer::Resource | Layer::Acl
    )
}

impl From<&PartNode> for Why {
    fn from(part: &PartNode) -> Self {
        match (&part.key, part.fit) {
            (Some(key), Fit::Missing) => Self::Missing(key.to_string()),
            (Some(key), _) if !key.is_empty() => Self::Mismatch(key.to_string()),
            _ => Self::Mismatch(
                match part.part {
                    Part::Sid => "sid",
                    Part::Effect => "effect",
                    Part::Principal => "principal",
                    Part::Action => "action",
                    Part::Resource => "resource",
                    Part::Condition => "condition",
                }
                .to_owned(),
            ),
        }
    }
}
