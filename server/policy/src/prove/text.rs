//! Proofs and reaches for people.

use std::fmt::{self, Display, Formatter, Write as _};

use super::proof::{Counterexample, Free, Proof, Requirement, Verdict};
use super::reach::{Reach, Term};

impl Display for Proof {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Self { action, by, .. } = self;
        let within = self.within.join(" or ");
        match &self.verdict {
            Verdict::Proved {
                reaches_nothing: true,
                ..
            } => writeln!(
                out,
                "proved: {action} by {by} is allowed on nothing, whatever the context"
            ),
            Verdict::Proved { free, .. } => {
                writeln!(
                    out,
                    "proved: {action} by {by} stays within {within}, whatever the context"
                )?;
                free.iter().try_for_each(|free| writeln!(out, "  {free}"))
            }
            Verdict::TooLarge(why) => writeln!(
                out,
                "not decided: whether {action} by {by} stays within {within}: {why}"
            ),
            Verdict::Counterexample(found) => {
                let how = if found.confirmed { "can" } else { "may" };
                match self.within.as_slice() {
                    [] => writeln!(out, "not proved: {action} by {by} {how} be allowed")?,
                    _ => writeln!(out, "not proved: {action} by {by} {how} leave {within}")?,
                }
                found.write(out, action)
            }
        }
    }
}

impl Counterexample {
    fn write(&self, out: &mut Formatter<'_>, asked: &str) -> fmt::Result {
        out.write_str("for example ")?;
        if self.action != asked {
            write!(out, "{} on ", self.action)?;
        }
        out.write_str(&self.resource)?;
        match (self.certain, self.under.is_empty()) {
            (true, _) => writeln!(out, ", whatever the context")?,
            (false, true) => writeln!(out)?,
            (false, false) => {
                writeln!(out, ", only when")?;
                for requirement in &self.under {
                    writeln!(out, "  {requirement}")?;
                }
            }
        }
        if !self.with.is_empty() {
            let keys = self
                .with
                .iter()
                .map(|(key, value)| format!("{key} = \"{value}\""));
            writeln!(
                out,
                "confirmed with {}",
                keys.collect::<Vec<_>>().join(", ")
            )?;
        }
        if !self.confirmed {
            writeln!(
                out,
                "not confirmed: no request was found that all policies allow, so the conditions may exclude each other"
            )?;
        }
        match self.excerpt() {
            Some(excerpt) => write!(out, "{excerpt}"),
            None => writeln!(out, "the root user needs no policy"),
        }
    }
}

impl Display for Requirement {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Condition {
                statement,
                operator,
                key,
                values,
                holds,
            } => {
                let verb = if *holds { "holds" } else { "does not hold" };
                write!(out, "`{operator}` `{key}`")?;
                for (at, value) in values.iter().enumerate() {
                    write!(out, "{} \"{value}\"", if at == 0 { "" } else { " or" })?;
                }
                write!(out, " of {statement} {verb}")
            }
            Self::Variable {
                statement,
                key,
                value,
            } => {
                write!(out, "`${{{key}}}` of {statement} ")?;
                match value {
                    Some(value) => write!(out, "stands for \"{value}\""),
                    None => out.write_str("has another value, or none"),
                }
            }
        }
    }
}

impl Display for Free {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "`{}` of {} may be anything", self.what, self.statement)
    }
}

impl Display for Reach<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let terms = self.terms();
        let (action, by) = (self.action(), self.by());
        if terms.is_empty() {
            return writeln!(out, "no statement is about {action} by {by}");
        }
        writeln!(out, "{action} by {by}, at most:")?;
        let mut layer = None;
        for term in &terms {
            let heading = (term.layer, term.level);
            if layer != Some(heading) {
                match term.level {
                    Some(level) => writeln!(out, "  {} {level}", term.layer)?,
                    None => writeln!(out, "  {}", term.layer)?,
                }
                layer = Some(heading);
            }
            writeln!(out, "    {term}")?;
        }
        Ok(())
    }
}

impl Display for Term {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let effect = match self.effect {
            crate::Effect::Allow => "allows",
            crate::Effect::Deny => "denies",
        };
        write!(out, "{effect} ")?;
        match (self.negated, self.patterns.is_empty()) {
            (_, true) => out.write_str("everything")?,
            (true, false) => write!(out, "all but {}", self.patterns.join(", "))?,
            (false, false) => out.write_str(&self.patterns.join(", "))?,
        }
        if !self.actions.is_empty() {
            write!(out, " for {}", self.actions.join(", "))?;
        }
        if self.conditional {
            out.write_str(", under conditions")?;
        }
        out.write_char(' ')?;
        write!(out, "({})", self.statement)
    }
}
