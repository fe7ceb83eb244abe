//! Cases of other projects: policies, a request and the outcome somebody expects, one JSON object on a line.
//!
//! A case has `identity_policies`, `resource_policy`, `permission_boundaries`, `session_policy`, `scps`, `rcps`
//! (levels with their policies), `endpoint_policies`, a `request` of `principal` (`arn`, `service` or `anonymous`),
//! `action`, `resource`, `resource_account` and `context`, and `expected`: `Allowed`, `ImplicitlyDenied`,
//! `ExplicitlyDenied`, or `Denied` where the kind is not known. The context is complete: nothing is filled in.
//! A case with a `document` asks whether IAM would store it: `valid`, or the `message` of the refusal.
//!
//! Resource control policies count for the services that they reach; the root user keeps its hold on a bucket's policy.
//!
//! What IAM would not store grants nothing: a case with such a policy counts as implicitly denied.

mod case;
mod field;

use std::fmt;

use crate::{Explanation, Faults, Outcome};

/// One case and what came of it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The line in the file, from 1.
    pub line: usize,
    /// The case's own name.
    pub id: String,
    /// What the case expects, in its own words.
    pub expected: String,
    /// What was decided.
    pub verdict: Verdict,
    /// Why the expectation may differ from AWS, as the case says.
    pub doubt: Option<String>,
    /// Whether the case is marked `strict_core`: nobody doubts what it expects.
    pub strict: bool,
}

/// What came of a case.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// The request was decided.
    Decided(Box<Explanation>),
    /// A document of the case is refused.
    Refused(Faults),
    /// The document of the case is taken; nothing was asked.
    Taken,
}

/// A line that is no case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct NotACase {
    /// The line in the file, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// Judges every line of a file of cases; empty lines are passed over.
pub fn judge(text: &str) -> impl Iterator<Item = Result<Judged, NotACase>> + '_ {
    let lines = text
        .lines()
        .zip(1..)
        .filter(|(line, _)| !line.trim().is_empty());
    lines.map(|(text, line)| case::judge(text, line).map_err(|why| NotACase { line, why }))
}

impl Judged {
    /// Whether it came out as expected.
    #[must_use]
    pub fn agrees(&self) -> bool {
        match (&self.verdict, self.expected.as_str()) {
            (Verdict::Taken, expected) => expected == case::VALID,
            (Verdict::Refused(faults), expected) => {
                faults.first().message == expected
                    || matches!(expected, "ImplicitlyDenied" | "Denied")
            }
            (Verdict::Decided(explanation), "Denied") => !explanation.allowed(),
            (Verdict::Decided(explanation), expected) => word(explanation.outcome) == expected,
        }
    }
}

/// An outcome in the words of case files.
fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "Allowed",
        Outcome::ImplicitDeny => "ImplicitlyDenied",
        Outcome::ExplicitDeny => "ExplicitlyDenied",
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decided(explanation) => out.write_str(word(explanation.outcome)),
            Self::Refused(faults) => write!(out, "refused: {faults} ({})", faults.first().why),
            Self::Taken => out.write_str(case::VALID),
        }
    }
}
