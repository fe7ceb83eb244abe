//! The Test Anything Protocol, version 14.

use std::io::{self, Write};

use super::junit::message;
use super::{Reporter, failure, trouble};
use crate::scenario::event::Event;

/// Writes a line for each check; the plan comes last, when the number is known.
#[derive(Debug)]
pub struct Tap<W> {
    out: W,
    number: usize,
}

impl<W: Write> Tap<W> {
    /// A reporter that writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, number: 0 }
    }

    fn line(&mut self, ok: bool, name: &str, directive: &str) -> io::Result<()> {
        self.number += 1;
        let answer = if ok { "ok" } else { "not ok" };
        // A `#` would begin a directive.
        let name = name.replace('\\', "\\\\").replace('#', "\\#");
        writeln!(self.out, "{answer} {} - {name}{directive}", self.number)
    }

    fn block(&mut self, message: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, "  ---\n  message: {message:?}\n  text: |")?;
        for line in text.lines() {
            writeln!(self.out, "    {line}")?;
        }
        writeln!(self.out, "  ...")
    }
}

impl<W: Write> Reporter for Tap<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Begin(_) => writeln!(self.out, "TAP version 14"),
            Event::Check(checked) => {
                let row = checked
                    .row
                    .map(|row| format!(" [row {row}]"))
                    .unwrap_or_default();
                let name = format!("{} > {}{row}", checked.scenario, checked.step);
                self.line(checked.ok, &name, "")?;
                if checked.ok {
                    Ok(())
                } else {
                    self.block(&message(checked), &failure(checked, false))
                }
            }
            Event::Skip(skipped) => {
                let name = format!("{} > {}", skipped.scenario, skipped.step);
                self.line(true, &name, &format!(" # SKIP {}", skipped.why))
            }
            Event::Trouble(troubled) => {
                let name = format!(
                    "{} > {}",
                    troubled.scenario,
                    troubled.step.as_deref().unwrap_or("setup")
                );
                self.line(false, &name, "")?;
                self.block(&troubled.message, &trouble(troubled, false))
            }
            Event::End(_) => {
                writeln!(self.out, "1..{}", self.number)?;
                self.out.flush()
            }
            Event::Scenario(_) | Event::Done(_) => Ok(()),
        }
    }
}
