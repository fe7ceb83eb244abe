//! JUnit's XML: a scenario is a suite, a step or a row is a case.

use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Reporter, failure, place, trouble};
use crate::scenario::event::{Checked, Event, Skipped, Troubled};

/// Writes one document at the end.
#[derive(Debug)]
pub struct Junit<W> {
    out: W,
    report: Report,
    suite: Option<TestSuite>,
}

impl<W: Write> Junit<W> {
    /// A reporter that writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            report: Report::new("rolecall"),
            suite: None,
        }
    }

    fn add(&mut self, case: TestCase) {
        if let Some(suite) = &mut self.suite {
            suite.add_test_case(case);
        }
    }
}

impl<W: Write> Reporter for Junit<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Begin(_) => {}
            Event::Scenario(begun) => {
                let mut suite = TestSuite::new(begun.scenario.as_str());
                suite.add_property(("file", begun.file.as_str()));
                suite.add_property(("name", begun.name.as_str()));
                self.suite = Some(suite);
            }
            Event::Check(checked) => self.add(check(checked)),
            Event::Skip(skipped) => self.add(skip(skipped)),
            Event::Trouble(troubled) => self.add(unknown(troubled)),
            Event::Done(done) => {
                if let Some(mut suite) = self.suite.take() {
                    suite.set_time(time(done.ms));
                    self.report.add_test_suite(suite);
                }
            }
            Event::End(end) => {
                self.report.set_time(end.took);
                self.report
                    .serialize(&mut self.out)
                    .map_err(io::Error::other)?;
                self.out.flush()?;
            }
        }
        Ok(())
    }
}

fn time(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1000.0).unwrap_or_default()
}

fn check(checked: &Checked) -> TestCase {
    let status = if checked.ok {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(message(checked));
        status.set_type("expectation");
        status.set_description(failure(checked, false));
        status
    };
    let name = match checked.row {
        Some(row) => format!("{} [row {row}]", checked.step),
        None => checked.step.clone(),
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(checked.scenario.as_str());
    case.set_time(time(checked.ms));
    if let Some(id) = &checked.decision {
        case.add_property(("decision", id.as_str()));
    }
    let explanation = checked
        .evidence
        .answer
        .decider()
        .and_then(|hop| hop.explanation.as_ref());
    let excerpt = explanation
        .and_then(rolecall_policy::Explanation::excerpt)
        .or_else(|| checked.evidence.answer.counterexample()?.excerpt());
    if let Some((file, line, column)) =
        excerpt.and_then(|excerpt| place::decisive(&checked.evidence.source, &excerpt))
    {
        case.add_property(("policy", format!("{file}:{line}:{column}").as_str()));
    }
    case
}

/// `expected allowed, got denied: mismatch resource (SID)`
pub(super) fn message(checked: &Checked) -> String {
    let wrong = checked.evidence.wrong.first();
    let title = wrong.map_or("not as expected", |wrong| wrong.title.as_str());
    let nearest = checked
        .evidence
        .answer
        .decider()
        .and_then(|hop| hop.explanation.as_ref()?.nearest());
    match (wrong.is_some_and(|wrong| wrong.verdict), nearest) {
        (true, Some(hit)) => format!(
            "{title}: {} ({})",
            checked.why.join(", "),
            hit.statement.label
        ),
        _ => title.to_owned(),
    }
}

fn skip(skipped: &Skipped) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message(skipped.why.as_str());
    let mut case = TestCase::new(skipped.step.as_str(), status);
    case.set_classname(skipped.scenario.as_str());
    case
}

fn unknown(troubled: &Troubled) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(troubled.message.as_str());
    status.set_type("setup");
    status.set_description(trouble(troubled, false));
    let mut case = TestCase::new(troubled.step.as_deref().unwrap_or("setup"), status);
    case.set_classname(troubled.scenario.as_str());
    case
}
