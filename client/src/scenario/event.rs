//! What happens in a run, as one stream that every reporter reads.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Scenario;
use super::file::expect::Decision;
use super::file::step::{Case, Step};
use super::run::{Answer, Hop, Trouble, Wrong};

/// Something that happened. Events of one scenario come together, in the order of its file.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run begins.
    Begin(Begin),
    /// A scenario begins.
    Scenario(Begun),
    /// A case was asked.
    Check(Box<Checked>),
    /// A step was left out.
    Skip(Skipped),
    /// The verdict of a scenario is not known.
    Trouble(Box<Troubled>),
    /// A scenario is over.
    Done(Done),
    /// The run is over.
    End(End),
}

/// The run begins.
#[derive(Clone, Debug, Serialize)]
pub struct Begin {
    /// The version of rolecall.
    pub version: &'static str,
    /// How many scenarios.
    pub scenarios: usize,
    /// `embedded`, or the address of an endpoint.
    pub target: String,
    /// The account.
    pub account: String,
    /// The Region.
    pub region: String,
}

/// A scenario begins.
#[derive(Clone, Debug, Serialize)]
pub struct Begun {
    /// Its short name: the file's, without its endings.
    pub scenario: String,
    /// Its file.
    pub file: String,
    /// Its sentence.
    pub name: String,
    /// The scenario itself.
    #[serde(skip)]
    pub source: Arc<Scenario>,
}

/// A case was asked.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// The scenario.
    pub scenario: String,
    /// The step.
    pub step: String,
    /// The row of its table or list, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// The variables of this row.
    pub case: Map<String, Value>,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub got: String,
    /// Whether that is the same.
    pub ok: bool,
    /// The reasons of the deciding hop.
    pub why: Vec<String>,
    /// The id of the deciding hop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// The scenario's file.
    pub file: String,
    /// The line of the expectation.
    pub line: usize,
    /// The column of the expectation.
    pub column: usize,
    /// How long it took, in milliseconds.
    pub ms: f64,
    /// What it counts as.
    #[serde(skip)]
    pub verdict: Verdict,
    /// Everything else that a reporter may show.
    #[serde(skip)]
    pub evidence: Evidence,
}

/// What a check counts as in the summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It was allowed.
    Allowed,
    /// It was denied.
    Denied,
    /// The policies allow it, and the service would not take it: a malformed document, mostly.
    Refused,
    /// It holds for all resources.
    Proved,
}

/// What was asked, what came, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The scenario.
    pub source: Arc<Scenario>,
    /// The place of the step.
    pub step: usize,
    /// The place of the case in its step.
    pub case: usize,
    /// What came.
    pub answer: Answer,
    /// What is not as expected.
    pub wrong: Vec<Wrong>,
    /// Names of apps by their ids, for showing.
    pub apps: Vec<(String, String)>,
    /// Whether the endpoint outlives the run, so that it can still be asked.
    pub lasting: bool,
}

impl Evidence {
    /// The step.
    #[must_use]
    pub fn step(&self) -> Option<&Step> {
        self.source.steps.get(self.step)
    }

    /// The case.
    #[must_use]
    pub fn case(&self) -> Option<&Case> {
        self.step()?.cases.get(self.case)
    }

    /// A resource in few words, apps by their names.
    #[must_use]
    pub fn what(&self, hop: &Hop) -> String {
        let what = hop.what();
        let named = self.apps.iter().find_map(|(id, name)| {
            let rest = what.strip_prefix("app/")?.strip_prefix(id.as_str())?;
            Some(format!("app/{name}{rest}"))
        });
        named.unwrap_or(what)
    }
}

/// A step was left out.
#[derive(Clone, Debug, Serialize)]
pub struct Skipped {
    /// The scenario.
    pub scenario: String,
    /// The step.
    pub step: String,
    /// How many cases it has.
    pub checks: usize,
    /// Why.
    pub why: String,
}

/// The verdict of a scenario is not known.
#[derive(Clone, Debug, Serialize)]
pub struct Troubled {
    /// The scenario.
    pub scenario: String,
    /// The step that could not be asked; none while the world was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The sentence.
    pub message: String,
    /// The scenario's file.
    pub file: String,
    /// The line it is about.
    pub line: usize,
    /// Everything.
    #[serde(skip)]
    pub trouble: Trouble,
    /// The scenario itself.
    #[serde(skip)]
    pub source: Arc<Scenario>,
}

/// A scenario is over.
#[derive(Clone, Debug, Serialize)]
pub struct Done {
    /// The scenario.
    pub scenario: String,
    /// `passed`, `failed`, `trouble`, `skipped` or `stopped`.
    pub outcome: Outcome,
    /// How many checks came out as expected.
    pub ok: usize,
    /// How many did not.
    pub not: usize,
    /// How many were left out.
    pub skipped: usize,
    /// Negative twins that were written and are not run.
    pub mutants: Option<Mutants>,
    /// How long it took, in milliseconds.
    pub ms: f64,
}

/// Negative twins that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Mutants {
    /// How many are written down.
    pub written: usize,
    /// Whether more were to be made up.
    pub auto: bool,
}

/// How a scenario ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All as expected.
    Passed,
    /// Something was not.
    Failed,
    /// Not known.
    Trouble,
    /// Every step was left out.
    Skipped,
    /// An earlier failure ended the run.
    Stopped,
}

/// Counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Checks that came out as expected.
    pub ok: usize,
    /// Checks that did not.
    pub not: usize,
    /// Of the expected ones: allowed.
    pub allowed: usize,
    /// Of the expected ones: denied.
    pub denied: usize,
    /// Of the expected ones: documents that were refused.
    pub refused: usize,
    /// Of the expected ones: proved for all resources.
    pub proved: usize,
    /// Checks that were left out.
    pub skipped: usize,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, checked: &Checked) {
        if !checked.ok {
            self.not += 1;
            return;
        }
        self.ok += 1;
        match checked.verdict {
            Verdict::Allowed => self.allowed += 1,
            Verdict::Denied => self.denied += 1,
            Verdict::Refused => self.refused += 1,
            Verdict::Proved => self.proved += 1,
        }
    }
}

/// Counts of scenarios.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// All as expected.
    pub passed: usize,
    /// Something was not.
    pub failed: usize,
    /// Not known.
    pub trouble: usize,
    /// Left out.
    pub skipped: usize,
}

impl Totals {
    /// Counts one more.
    pub fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Trouble => self.trouble += 1,
            Outcome::Skipped | Outcome::Stopped => self.skipped += 1,
        }
    }
}

/// The run is over.
#[derive(Clone, Debug, Serialize)]
pub struct End {
    /// Scenarios.
    pub scenarios: Totals,
    /// Checks.
    pub checks: Counts,
    /// The exit code.
    pub exit: u8,
    /// How long it took.
    #[serde(rename = "ms", serialize_with = "millis")]
    pub took: Duration,
}

fn millis<S: serde::Serializer>(took: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(rounded(*took))
}

/// Milliseconds with two digits after the point.
pub(crate) fn rounded(took: Duration) -> f64 {
    (took.as_secs_f64() * 100_000.0).round() / 100.0
}

/// What a case counts as.
pub(crate) fn verdict(answer: &Answer, error_expected: bool) -> Verdict {
    match answer.decision() {
        _ if answer.proof.is_some() => Verdict::Proved,
        Some(Decision::Denied) => Verdict::Denied,
        _ if error_expected && answer.failure.is_some() => Verdict::Refused,
        Some(Decision::Allowed) => Verdict::Allowed,
        None => Verdict::Refused,
    }
}
