//! Why: the whole evaluation as a tree.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Effect, Grant, Layer, Outcome, Part, PrincipalKind, Remedy, Rule};

/// The evaluation of one request: layer, policy, statement, element, check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// What was asked.
    pub asked: Asked,
    /// The condition keys of the request.
    pub context: Vec<Given>,
    /// The outcome.
    pub outcome: Outcome,
    /// The layer that decided.
    pub by: Layer,
    /// The end of AWS's sentence; empty when allowed.
    pub reason: String,
    /// Every layer that was looked at, in the order of evaluation.
    pub layers: Vec<LayerNode>,
    /// What would allow it, where somebody asked: [`crate::advise`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
}

/// The request an [`Explanation`] is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The caller as AWS prints it after `User:`.
    pub principal: String,
    /// What kind of caller.
    pub principal_kind: PrincipalKind,
    /// The role behind a role session, the user behind a federated session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<String>,
    /// The caller's account.
    pub account: Option<String>,
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// The account that owns the resource, where it was said.
    pub resource_account: Option<String>,
    /// The special rule of the operation.
    pub rule: Rule,
}

/// A condition key of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The key.
    pub key: String,
    /// Its values; more than one only for a multi-valued key.
    pub values: Vec<String>,
    /// Whether the key may have several values, however many it has here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub several: bool,
    /// Where the value comes from.
    pub origin: OriginNote,
}

/// [`crate::Origin`] in a form that can be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginNote {
    /// `caller`, `request`, `resource`, `service`, `clock`, `connection`, `given` or `choice`.
    pub from: Cow<'static, str>,
    /// The reason for rolecall's choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Cow<'static, str>>,
}

/// What a layer says of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// A statement allows.
    Allow,
    /// A statement denies.
    Deny,
    /// No statement is about this request.
    Nothing,
    /// There is no policy in this layer, and it limits nothing.
    NoPolicy,
}

/// One layer of policies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerNode {
    /// The type of policy.
    pub layer: Layer,
    /// The level, for service and resource control policies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<usize>,
    /// What the layer says.
    pub says: Says,
    /// Its policies.
    pub policies: Vec<PolicyNode>,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyNode {
    /// Its name.
    pub name: String,
    /// Its ARN, for managed policies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// The user, role, group or resource that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// The document as it was written; spans point into it.
    pub text: Arc<str>,
    /// Its statements.
    pub statements: Vec<StatementNode>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatementNode {
    /// Its place, from 0.
    pub index: usize,
    /// Its Sid, or the policy's name and the place: `trust#0`.
    pub label: String,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Where it stands.
    pub span: Range<usize>,
    /// Whether it applies to the request.
    pub applies: bool,
    /// How closely it names the caller, when it applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
    /// Its elements.
    pub parts: Vec<PartNode>,
}

/// How an element fits the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// It fits.
    Fits,
    /// A value is there, and is another one.
    Mismatch,
    /// The request does not carry the condition key.
    Missing,
    /// The policy says something that cannot be understood: an Allow does not apply, a Deny does.
    NotUnderstood,
}

/// One element of a statement; a condition has one for each operator and key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartNode {
    /// Which element.
    pub part: Part,
    /// `NotPrincipal`, `NotAction` or `NotResource`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub negated: bool,
    /// The operator of a condition, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Arc<str>>,
    /// The key of a condition, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Arc<str>>,
    /// How it fits.
    pub fit: Fit,
    /// Whether the statement gets past this element.
    pub holds: bool,
    /// Where it stands.
    pub span: Range<usize>,
    /// Each pattern against each value.
    pub checks: Vec<Check>,
}

/// One pattern against one value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The pattern as written in the policy.
    pub pattern: Arc<str>,
    /// The value in the request; `None` when it has none.
    pub actual: Option<Arc<str>>,
    /// Where the value comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<OriginNote>,
    /// Whether the two match.
    pub matches: bool,
    /// Where the pattern stands, without its quotes.
    pub span: Range<usize>,
    /// Where the two part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<Near>,
    /// A policy variable of the pattern that has no value in this request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfilled: Option<String>,
}

/// Where a pattern and a value part: byte offsets into [`Check::pattern`] and [`Check::actual`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Near {
    /// The first byte of the pattern that does not fit.
    pub pattern: usize,
    /// The byte of the value that stands there.
    pub actual: usize,
}

impl PolicyNode {
    /// The line and the column of a byte of the text, both from 1.
    #[must_use]
    pub fn position(&self, at: usize) -> (usize, usize) {
        crate::document::position(&self.text, at)
    }
}

impl Explanation {
    /// A condition key of the request.
    pub(crate) fn given(&self, key: &str) -> Option<&Given> {
        self.context
            .iter()
            .find(|given| given.key.eq_ignore_ascii_case(key))
    }

    /// Whether the request was allowed.
    #[must_use]
    pub fn allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// The outcome and the layer that decided.
    #[must_use]
    pub fn decision(&self) -> (Outcome, Layer) {
        (self.outcome, self.by)
    }
}
