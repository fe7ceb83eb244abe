//! For people: a pass is short, a failure is a picture.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Reporter, failure, trouble};
use crate::scenario::event::{Checked, Counts, Done, End, Event, Outcome, Totals, Troubled};

const PASS: Style = AnsiColor::Green.on_default().bold();
const FAIL: Style = AnsiColor::Red.on_default().bold();
const SKIP: Style = AnsiColor::Yellow.on_default().bold();
const FAINT: Style = AnsiColor::BrightBlack.on_default();

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Failures and the summary.
    Quiet,
    /// A line for each scenario.
    Scenarios,
    /// A line for each check.
    Checks,
    /// The tree of each decision.
    Trees,
}

/// Writes for people.
pub struct Terminal<W> {
    out: W,
    colour: bool,
    detail: Detail,
    /// How wide the names of scenarios are shown.
    width: usize,
    min_checks: usize,
}

impl<W> std::fmt::Debug for Terminal<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal")
            .field("detail", &self.detail)
            .finish_non_exhaustive()
    }
}

impl<W: Write> Terminal<W> {
    /// A reporter that writes to `out`.
    pub fn new(out: W, colour: bool, detail: Detail) -> Self {
        Self {
            out,
            colour,
            detail,
            width: 34,
            min_checks: 0,
        }
    }

    /// Says so when fewer checks ran.
    #[must_use]
    pub fn min_checks(mut self, least: usize) -> Self {
        self.min_checks = least;
        self
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn check(&mut self, checked: &Checked) -> io::Result<()> {
        if !checked.ok {
            let row = row(checked);
            let head = format!("{} > {}{row}", checked.scenario, checked.step);
            writeln!(
                self.out,
                "  {}  {head}  {}\n",
                self.paint(FAIL, "FAIL"),
                self.time(checked.ms)
            )?;
            self.out
                .write_all(indented(&failure(checked, self.colour)).as_bytes())?;
            writeln!(self.out)?;
        } else if self.detail >= Detail::Checks {
            let why = if checked.why.is_empty() {
                String::new()
            } else {
                format!("  {}", checked.why.join(", "))
            };
            let answer = match checked.got.as_str() {
                "allowed" | "proved" => "ok",
                _ => "NO",
            };
            writeln!(
                self.out,
                "        {answer}  {} > {}{}  {}{}",
                checked.scenario,
                checked.step,
                row(checked),
                checked.got,
                self.paint(FAINT, &why),
            )?;
        }
        if self.detail == Detail::Trees {
            if let Some(proof) = &checked.evidence.answer.proof {
                writeln!(self.out, "{}", indented(&indented(&proof.to_string())))?;
            }
            for hop in &checked.evidence.answer.hops {
                let tree = match &hop.explanation {
                    Some(explanation) => explanation.to_string(),
                    None => format!(
                        "{}  {}\n",
                        hop.action,
                        hop.refused.as_deref().unwrap_or("needs no permission")
                    ),
                };
                writeln!(self.out, "{}", indented(&indented(&tree)))?;
            }
        }
        Ok(())
    }

    fn time(&self, ms: f64) -> String {
        self.paint(FAINT, &milliseconds(ms))
    }

    fn trouble(&mut self, troubled: &Troubled) -> io::Result<()> {
        let step = troubled.step.as_deref().unwrap_or("setup");
        let head = format!("{} > {step}", troubled.scenario);
        writeln!(
            self.out,
            "  {}  {head}  (not a failed expectation: the verdict is unknown)\n",
            self.paint(FAIL, "ERROR")
        )?;
        self.out
            .write_all(indented(&trouble(troubled, self.colour)).as_bytes())?;
        writeln!(self.out)
    }

    fn done(&mut self, done: &Done) -> io::Result<()> {
        let checks = done.ok + done.not;
        let word = match done.outcome {
            Outcome::Passed => self.paint(PASS, "PASS"),
            Outcome::Skipped => self.paint(SKIP, "SKIP"),
            // The failures stand above; one more line would only repeat them.
            Outcome::Failed | Outcome::Trouble | Outcome::Stopped => return Ok(()),
        };
        if self.detail == Detail::Quiet {
            return Ok(());
        }
        let skipped = if done.skipped > 0 {
            format!("  {} skipped", done.skipped)
        } else {
            String::new()
        };
        let width = self.width;
        writeln!(
            self.out,
            "  {word}  {:<width$} {:>4} {}  {:>7}{skipped}",
            done.scenario,
            checks,
            if checks == 1 { "check " } else { "checks" },
            self.time(done.ms),
        )?;
        if let Some(mutants) = done.mutants {
            let which = match (mutants.written, mutants.auto) {
                (0, _) => "auto".to_owned(),
                (written, false) => format!("{written} written"),
                (written, true) => format!("{written} written and auto"),
            };
            let said = format!("        mutants: {which}, not run in this version");
            writeln!(self.out, "{}", self.paint(FAINT, &said))?;
        }
        Ok(())
    }

    fn end(&mut self, end: &End) -> io::Result<()> {
        writeln!(self.out, "  --------")?;
        let time = end.took.as_secs_f64();
        writeln!(
            self.out,
            "  {} - {} - {time:.2}s",
            scenarios(end.scenarios),
            checks(end.checks)
        )?;
        let ran = end.checks.ok + end.checks.not;
        if ran < self.min_checks {
            writeln!(
                self.out,
                "  {} checks ran, and --min-checks asks for {}",
                ran, self.min_checks
            )?;
        }
        self.out.flush()
    }
}

impl<W: Write> Reporter for Terminal<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Begin(begin) if self.detail > Detail::Quiet => {
                let target = match begin.target.as_str() {
                    "embedded" => "embedded server".to_owned(),
                    url => url.to_owned(),
                };
                let plural = if begin.scenarios == 1 { "" } else { "s" };
                writeln!(
                    self.out,
                    "  rolecall {} - {} scenario{plural}, {target}, account {}, {}\n",
                    begin.version, begin.scenarios, begin.account, begin.region
                )
            }
            Event::Check(checked) => self.check(checked),
            Event::Skip(skipped) if self.detail >= Detail::Checks => {
                writeln!(
                    self.out,
                    "        --  {} > {}  skipped: {}",
                    skipped.scenario, skipped.step, skipped.why
                )
            }
            Event::Trouble(troubled) => self.trouble(troubled),
            Event::Done(done) => self.done(done),
            Event::End(end) => self.end(end),
            Event::Begin(_) | Event::Scenario(_) | Event::Skip(_) => Ok(()),
        }
    }
}

/// ` [row 5]`, with the value when there is only one.
fn row(checked: &Checked) -> String {
    let Some(row) = checked.row else {
        return String::new();
    };
    let of = checked.evidence.step().map_or(0, |step| step.cases.len());
    let values: Vec<&serde_json::Value> = checked.case.values().collect();
    match values.as_slice() {
        [serde_json::Value::String(text)] if !text.is_empty() => {
            format!("  row {row} of {of} [{text}]")
        }
        _ => format!("  row {row} of {of}"),
    }
}

fn milliseconds(ms: f64) -> String {
    if ms < 10.0 {
        format!("{ms:.1}ms")
    } else {
        format!("{ms:.0}ms")
    }
}

fn scenarios(totals: Totals) -> String {
    let mut text = format!("{} passed, {} failed", totals.passed, totals.failed);
    for (count, word) in [(totals.trouble, "unknown"), (totals.skipped, "skipped")] {
        if count > 0 {
            text.push_str(&format!(", {count} {word}"));
        }
    }
    text
}

fn checks(counts: Counts) -> String {
    let total = counts.ok + counts.not;
    if total == 0 {
        return "no check ran".to_owned();
    }
    let plural = if total == 1 { "" } else { "s" };
    let mut kinds = vec![
        format!("{} allowed", counts.allowed),
        format!("{} denied", counts.denied),
    ];
    if counts.refused > 0 {
        let documents = if counts.refused == 1 {
            "document"
        } else {
            "documents"
        };
        kinds.push(format!("{} {documents} refused", counts.refused));
    }
    if counts.proved > 0 {
        kinds.push(format!("{} proved", counts.proved));
    }
    let mut text = if counts.not == 0 {
        format!("{total} check{plural} as expected: {}", kinds.join(", "))
    } else {
        format!(
            "{total} check{plural}: {} as expected, {} not",
            counts.ok, counts.not
        )
    };
    if counts.skipped > 0 {
        text.push_str(&format!(", {} skipped", counts.skipped));
    }
    text
}

/// Every line two further to the right.
fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| {
        if line.is_empty() {
            "\n".to_owned()
        } else {
            format!("  {line}\n")
        }
    });
    lines.collect()
}
