//! One simulated decision as AWS's simulator shows it.

use super::subject::{Document, Subject};
use crate::{wire::Members, world::World};
use rolecall_policy::{
    Attached, Context, Effect, Explanation, Fit, Layer, Layers, Outcome, Part, Policy, PolicyNode,
    Request, Rule, Says, Source, explain,
};
use serde::Serialize;
use std::{collections::BTreeSet, sync::Arc};

/// One action on one resource.
pub(super) struct Asked<'a> {
    pub(super) subject: &'a Subject,
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    pub(super) owner: Option<String>,
    /// The resource's policy.
    pub(super) guard: Option<Arc<Policy>>,
    pub(super) rule: Rule,
    pub(super) context: &'a Context<'a>,
    /// The request names resources.
    pub(super) of_one: bool,
}

/// `EvaluationResult`. Source: IAM API Reference.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Evaluated {
    eval_action_name: String,
    eval_resource_name: String,
    eval_decision: String,
    matched_statements: Members<Matched>,
    missing_context_values: Members<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organizations_decision_detail: Option<ByOrganizations>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary_decision_detail: Option<ByBoundary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eval_decision_details: Option<Details>,
    resource_specific_results: Members<OfResource>,
}

/// `ResourceSpecificResult`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct OfResource {
    eval_resource_name: String,
    eval_resource_decision: String,
    matched_statements: Members<Matched>,
    missing_context_values: Members<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eval_decision_details: Option<Details>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary_decision_detail: Option<ByBoundary>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Matched {
    source_policy_id: String,
    source_policy_type: &'static str,
    start_position: Position,
    end_position: Position,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Position {
    line: usize,
    column: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ByOrganizations {
    allowed_by_organizations: bool,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ByBoundary {
    allowed_by_permissions_boundary: bool,
}

/// A map; empty within one account. The names of the two sides are rolecall's choice, after `SourcePolicyType`.
#[derive(Debug, Clone, Serialize)]
struct Details {
    entry: Vec<Detail>,
}

#[derive(Debug, Clone, Serialize)]
struct Detail {
    key: &'static str,
    value: String,
}

fn attached(document: &Document) -> Attached<'_> {
    Attached {
        source: Source {
            name: &document.name,
            arn: None,
            holder: None,
        },
        policy: &document.policy,
    }
}

impl Asked<'_> {
    /// Decides, and shows the decision.
    pub(super) fn evaluate(&self, world: &World) -> Evaluated {
        let subject = self.subject;
        let identity: Vec<_> = subject.identity.iter().map(attached).collect();
        let organization = world.law.organization.as_ref();
        let scps = organization
            .filter(|_| !subject.is_linked())
            .map(|organization| organization.scps(subject.account()))
            .unwrap_or_default();
        let scps: Vec<_> = scps.iter().map(Vec::as_slice).collect();
        let layers = Layers {
            scps: &scps,
            identity: &identity,
            boundary: subject.boundary.as_ref().map(attached),
            resource: self.guard.as_ref().map(|policy| Attached {
                source: Source {
                    name: "ResourcePolicy",
                    arn: None,
                    holder: Some(self.resource),
                },
                policy,
            }),
            ..Layers::default()
        };
        let request = Request {
            principal: subject.principal(),
            action: self.action,
            resource: self.resource,
            resource_account: self.owner.as_deref(),
            rule: self.rule,
            context: self.context,
        };
        let explanation = explain(&request, &layers);
        let matched = matched(&explanation);
        let missing: Members<String> = missing(&explanation).into_iter().collect();
        let boundary = says(&explanation, Layer::Boundary)
            .filter(|_| layers.boundary.is_some())
            .map(|allows| ByBoundary {
                allowed_by_permissions_boundary: allows,
            });
        let details = self.details(&explanation);
        let decision = explanation.outcome.to_string();
        let own = self.of_one.then(|| OfResource {
            eval_resource_name: self.resource.to_owned(),
            eval_resource_decision: decision.clone(),
            matched_statements: matched.iter().cloned().collect(),
            missing_context_values: missing.clone(),
            eval_decision_details: details.clone(),
            permissions_boundary_decision_detail: boundary,
        });
        Evaluated {
            eval_action_name: self.action.to_owned(),
            eval_resource_name: self.resource.to_owned(),
            eval_decision: decision,
            matched_statements: matched.into_iter().collect(),
            // With resources they stand beside each of them.
            missing_context_values: if self.of_one {
                Members { member: Vec::new() }
            } else {
                missing
            },
            organizations_decision_detail: (!scps.is_empty()).then(|| ByOrganizations {
                allowed_by_organizations: says(&explanation, Layer::Scp) == Some(true),
            }),
            permissions_boundary_decision_detail: boundary,
            eval_decision_details: details,
            resource_specific_results: own.into_iter().collect(),
        }
    }

    /// What each account's side says, when there are two; nothing at all for `*`.
    fn details(&self, explanation: &Explanation) -> Option<Details> {
        if self.resource == "*" {
            return None;
        }
        let other = |owner: &&String| ***owner != **self.subject.account();
        let sides = [
            ("IAM Policy", &[Layer::Identity][..]),
            (
                "Resource Policy",
                &[Layer::Trust, Layer::Bucket, Layer::Resource],
            ),
        ];
        let entry = self.owner.as_ref().filter(other).map(|_| {
            let side = |(key, layers): &(&'static str, &[Layer])| Detail {
                key,
                value: outcome(explanation, layers).to_string(),
            };
            sides.iter().map(side).collect()
        });
        Some(Details {
            entry: entry.unwrap_or_default(),
        })
    }
}

/// What some layers say on their own.
fn outcome(explanation: &Explanation, layers: &[Layer]) -> Outcome {
    let mut said = explanation
        .layers
        .iter()
        .filter(|node| layers.contains(&node.layer))
        .map(|node| node.says);
    if said.clone().any(|says| says == Says::Deny) {
        Outcome::ExplicitDeny
    } else if said.any(|says| says == Says::Allow) {
        Outcome::Allowed
    } else {
        Outcome::ImplicitDeny
    }
}

/// Whether a layer lets the request through: every level of it.
fn says(explanation: &Explanation, layer: Layer) -> Option<bool> {
    let mut levels = explanation.layers.iter().filter(|it| it.layer == layer);
    let first = levels.next()?;
    Some(
        std::iter::once(first)
            .chain(levels)
            .all(|it| it.says == Says::Allow),
    )
}

/// The statements that decided: all that deny, or all that allow.
fn matched(explanation: &Explanation) -> Vec<Matched> {
    let effect = match explanation.outcome {
        Outcome::Allowed => Effect::Allow,
        Outcome::ExplicitDeny => Effect::Deny,
        Outcome::ImplicitDeny => return Vec::new(),
    };
    let mut found = Vec::new();
    for layer in &explanation.layers {
        // Organizations answer for themselves; a boundary only limits.
        let limits = matches!(layer.layer, Layer::Scp | Layer::Boundary);
        if limits && effect == Effect::Allow {
            continue;
        }
        for policy in &layer.policies {
            let applies = policy
                .statements
                .iter()
                .filter(|statement| statement.applies && statement.effect == effect);
            found.extend(applies.map(|statement| Matched {
                source_policy_id: policy.name.clone(),
                source_policy_type: source_type(layer.layer),
                // Recorded: both columns are one past the brace.
                start_position: position(policy, statement.span.start + 1),
                end_position: position(policy, statement.span.end),
            }));
        }
    }
    found
}

fn source_type(layer: Layer) -> &'static str {
    match layer {
        Layer::Trust | Layer::Bucket | Layer::Resource => "Resource Policy",
        Layer::Boundary => "IAM Permissions Boundary Policy",
        Layer::Scp => "Organizations Service Control Policy",
        _ => "IAM Policy",
    }
}

fn position(policy: &PolicyNode, at: usize) -> Position {
    let (line, column) = policy.position(at);
    Position { line, column }
}

/// Condition keys and variables without a value, of statements that are about the action.
fn missing(explanation: &Explanation) -> BTreeSet<String> {
    let mut missing = BTreeSet::new();
    let policies = explanation.layers.iter().flat_map(|layer| &layer.policies);
    for statement in policies.flat_map(|policy| &policy.statements) {
        let about = |part: Part| {
            let mut nodes = statement.parts.iter().filter(|node| node.part == part);
            nodes.all(|node| {
                node.fit == Fit::Fits || node.checks.iter().any(|it| it.unfilled.is_some())
            })
        };
        if !about(Part::Action) || !about(Part::Principal) || !about(Part::Resource) {
            continue;
        }
        for node in &statement.parts {
            let absent = node.checks.iter().all(|check| check.actual.is_none());
            if node.part == Part::Condition && absent {
                missing.extend(node.key.as_deref().map(str::to_owned));
            }
            missing.extend(
                node.checks
                    .iter()
                    .filter_map(|check| check.unfilled.clone()),
            );
        }
    }
    missing
}
