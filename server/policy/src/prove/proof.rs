//! The answer: proved, or a counterexample.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::search::TooLarge;
use crate::{Excerpt, Layer, Mark};

/// Whether every resource that can be allowed lies within some patterns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The action that was asked about.
    pub action: String,
    /// Who asks, short: `role/s3ExportRole`.
    pub by: String,
    /// The patterns; none means that nothing at all may be allowed.
    pub within: Vec<String>,
    /// The resources it was proved over: those the action can be asked about.
    pub over: Vec<String>,
    /// The answer.
    pub verdict: Verdict,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds whatever the context of the request.
    Proved {
        /// Whether nothing is allowed at all.
        reaches_nothing: bool,
        /// Conditions and variables that were free, so that it does not depend on them.
        free: Vec<Free>,
    },
    /// It does not hold.
    Counterexample(Box<Counterexample>),
    /// Nobody knows.
    TooLarge(TooLarge),
}

/// A condition or a policy variable that could be anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Free {
    /// The statement.
    pub statement: String,
    /// `StringEquals s3:prefix` or `${aws:username}`.
    pub what: String,
}

/// A resource outside the patterns that can be allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterexample {
    /// One action; another than was asked about when that is a pattern.
    pub action: String,
    /// The shortest resource that needs no condition; where there is none, the shortest.
    pub resource: String,
    /// Whether it is allowed in every context.
    pub certain: bool,
    /// Whether a request was put before the evaluator, and allowed. Conditions that exclude each other prevent it.
    pub confirmed: bool,
    /// The statement that allows it; the root user needs none.
    pub because: Option<Because>,
    /// The conditions on which it depends.
    pub under: Vec<Requirement>,
    /// Condition keys of the request that was allowed.
    pub with: Vec<(String, String)>,
}

/// The statement that allows the counterexample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    /// The type of policy.
    pub layer: Layer,
    /// The policy's name.
    pub policy: String,
    /// The user, role, group or resource that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// The statement's Sid, or the policy's name and its place.
    pub statement: String,
    /// The document; spans point into it.
    pub text: String,
    /// The pattern that covers the resource.
    pub span: Range<usize>,
    /// What to say there.
    pub label: String,
}

/// What a counterexample depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "kebab-case")]
pub enum Requirement {
    /// A condition.
    Condition {
        /// The statement.
        statement: String,
        /// The operator as written.
        operator: String,
        /// The condition key as written.
        key: String,
        /// The values as written.
        values: Vec<String>,
        /// Whether it has to hold; a condition of a Deny has to fail.
        holds: bool,
    },
    /// A policy variable in the resources of a statement.
    Variable {
        /// The statement.
        statement: String,
        /// The condition key.
        key: String,
        /// A value with which it is so; `None` when the key is absent.
        value: Option<String>,
    },
}

impl Proof {
    /// Whether it holds whatever the context.
    #[must_use]
    pub fn proved(&self) -> bool {
        matches!(self.verdict, Verdict::Proved { .. })
    }

    /// The counterexample, when there is one.
    #[must_use]
    pub fn counterexample(&self) -> Option<&Counterexample> {
        match &self.verdict {
            Verdict::Counterexample(found) => Some(found),
            Verdict::Proved { .. } | Verdict::TooLarge(_) => None,
        }
    }
}

impl Counterexample {
    /// The policy that allows it, with the pattern marked.
    #[must_use]
    pub fn excerpt(&self) -> Option<Excerpt> {
        let because = self.because.as_ref()?;
        Some(Excerpt {
            title: format!("{} allows it", because.statement),
            policy: because.policy.clone(),
            holder: because.holder.clone(),
            text: because.text.as_str().into(),
            marks: vec![Mark {
                span: because.span.clone(),
                label: because.label.clone(),
                decisive: true,
            }],
            help: Vec::new(),
            rest: None,
        })
    }
}
