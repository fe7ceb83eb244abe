//! Annotations of a GitHub workflow: one on the scenario, one on the line of the policy, so that a
//! pull request shows the reason where the reviewer is reading.

use std::io::{self, Write};

use rolecall_policy::Explanation;

use super::junit::message;
use super::{Reporter, place};
use crate::scenario::event::{Checked, Event};

/// Writes workflow commands.
#[derive(Debug)]
pub struct Github<W> {
    out: W,
}

impl<W: Write> Github<W> {
    /// A reporter that writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    fn error(&mut self, place: (&str, usize, usize), title: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", annotation("error", place, title, text))
    }

    fn check(&mut self, checked: &Checked) -> io::Result<()> {
        let title = format!("{} > {}", checked.scenario, checked.step);
        let said = message(checked);
        self.error((&checked.file, checked.line, checked.column), &title, &said)?;
        let evidence = &checked.evidence;
        let verdict = evidence.wrong.iter().any(|wrong| wrong.verdict);
        let explanation = evidence
            .answer
            .decider()
            .and_then(|hop| hop.explanation.as_ref())
            .filter(|_| verdict);
        let Some(excerpt) = explanation.and_then(Explanation::excerpt) else {
            return Ok(());
        };
        let Some((file, line, column)) = place::decisive(&evidence.source, &excerpt) else {
            return Ok(());
        };
        // Of a statement that allows or denies the title says all; of one that came near, the marks do.
        let nearest = explanation.is_some_and(|explanation| explanation.nearest().is_some());
        let decisive = excerpt.marks.iter().filter(|mark| mark.decisive && nearest);
        let labels: Vec<&str> = decisive.map(|mark| mark.label.as_str()).collect();
        let text = match labels.is_empty() {
            true => format!("{said}: {}", excerpt.title),
            false => format!("{}: {}", excerpt.title, labels.join("; ")),
        };
        self.error((&file, line, column), &title, &text)
    }
}

impl<W: Write> Reporter for Github<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Check(checked) if !checked.ok => self.check(checked),
            Event::Trouble(troubled) => {
                let title = format!(
                    "{} > {}",
                    troubled.scenario,
                    troubled.step.as_deref().unwrap_or("setup")
                );
                let label = troubled
                    .trouble
                    .said
                    .primary
                    .as_ref()
                    .map_or("", |label| label.text.as_str());
                let text = format!("{}: {label}", troubled.message);
                self.error((&troubled.file, troubled.line, 0), &title, &text)
            }
            Event::End(_) => self.out.flush(),
            _ => Ok(()),
        }
    }
}

/// A workflow command: `error`, `warning` or `notice` at a file, line and column (0 for none).
#[must_use]
pub fn annotation(
    level: &str,
    (file, line, column): (&str, usize, usize),
    title: &str,
    text: &str,
) -> String {
    let column = if column > 0 {
        format!(",col={column}")
    } else {
        String::new()
    };
    let (file, title) = (property(file), property(title));
    format!(
        "::{level} file={file},line={line}{column},title={title}::{}",
        data(text)
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
