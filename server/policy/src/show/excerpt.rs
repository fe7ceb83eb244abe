//! The lines of a policy that decided, with what fits and what does not marked.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::hint::{hint, telling};
use crate::document::position;
use crate::{
    Explanation, Fit, Layer, Nearest, Outcome, Part, PartNode, Policy, PrincipalKind, Why, arn,
};

/// A piece of a policy's text with marks: everything a renderer needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// One sentence: what was found.
    pub title: String,
    /// The policy's name.
    pub policy: String,
    /// The user, role, group or resource that holds it.
    pub holder: Option<String>,
    /// The policy's text; spans point into it.
    pub text: Arc<str>,
    /// The places to mark, in the order of the text.
    pub marks: Vec<Mark>,
    /// What to do about it.
    pub help: Vec<String>,
    /// How many other statements of the layer there are, and what they are not about.
    pub rest: Option<String>,
}

/// A marked place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Bytes of [`Excerpt::text`].
    pub span: Range<usize>,
    /// What to say there.
    pub label: String,
    /// Whether this is what decided; other marks only show what fits.
    pub decisive: bool,
}

impl Explanation {
    /// The statement that decided, or came nearest, in the policy as it was written.
    #[must_use]
    pub fn excerpt(&self) -> Option<Excerpt> {
        let hit = self.nearest().or_else(|| self.matched().next())?;
        let mut excerpt = Excerpt {
            title: self.title(&hit),
            policy: hit.policy.name.clone(),
            holder: hit.policy.holder.clone(),
            text: hit.policy.text.clone(),
            marks: Vec::new(),
            help: Vec::new(),
            rest: self.rest(&hit),
        };
        let misfits = hit.misfits();
        for part in &hit.statement.parts {
            match misfits.iter().any(|misfit| std::ptr::eq(*misfit, part)) {
                true => excerpt.misfit(self, part),
                false if part.part == Part::Effect => {
                    if self.outcome != Outcome::ImplicitDeny {
                        let label = if self.allowed() { "allows" } else { "denies" }.to_owned();
                        excerpt.marks.push(Mark {
                            span: part.span.clone(),
                            label,
                            decisive: true,
                        });
                    }
                }
                // Of a statement about other actions nothing else matters.
                false if misfits.iter().any(|misfit| misfit.part == Part::Action) => {}
                false => excerpt.marks.push(Mark {
                    span: part.span.clone(),
                    label: fits(part),
                    decisive: false,
                }),
            }
        }
        excerpt.help.extend(self.foreign());
        excerpt.marks.sort_by_key(|mark| mark.span.start);
        excerpt.help.dedup();
        Some(excerpt)
    }

    /// Why a statement that applies is not enough.
    fn all_the_same(&self) -> &'static str {
        let partitions = arn::parts(&self.asked.principal).zip(arn::parts(&self.asked.resource));
        let foreign = partitions.is_some_and(|(own, other)| own[1] != other[1]);
        match (self.by, self.asked.principal_kind) {
            (Layer::Trust, PrincipalKind::Root) => "but the root user takes on no role",
            (Layer::Trust, PrincipalKind::Anonymous) => {
                "but whoever takes on a role must have signed"
            }
            _ if foreign => "but nobody reaches into another partition",
            // Else no denial names the layer of a statement that applies.
            (Layer::Identity, _) if self.asked.action.eq_ignore_ascii_case("iam:PassRole") => {
                "but a role can be passed within its own account only"
            }
            _ => "and the caller's own policies must allow it too",
        }
    }

    /// A resource of another account that nothing there grants: the account may be a slip of the pen.
    fn foreign(&self) -> Option<String> {
        let owner = self.asked.resource_account.as_ref()?;
        let other = self.asked.account.as_ref() != Some(owner);
        let nothing = self.by != Layer::Identity && self.why().contains(&Why::NoPolicy);
        (other && nothing).then(|| {
            format!(
                "the resource is of account {owner}, and no policy there grants anything to others"
            )
        })
    }

    fn title(&self, hit: &Nearest<'_>) -> String {
        let label = &hit.statement.label;
        match self.outcome {
            Outcome::Allowed => format!("{label} allows it"),
            Outcome::ExplicitDeny => format!("{label} denies it"),
            Outcome::ImplicitDeny => {
                if hit.statement.applies {
                    return format!("{label} allows it, {}", self.all_the_same());
                }
                let parts = hit.statement.parts.len();
                let wrong = hit
                    .statement
                    .parts
                    .iter()
                    .filter(|part| !part.holds)
                    .count();
                let verb = if wrong == 1 { "does" } else { "do" };
                format!(
                    "no statement allows it; nearest: {label} ({wrong} of {parts} parts {verb} not fit)"
                )
            }
        }
    }

    fn rest(&self, hit: &Nearest<'_>) -> Option<String> {
        let others: Vec<_> = self
            .statements()
            .filter(|other| {
                other.layer == hit.layer && !std::ptr::eq(other.statement, hit.statement)
            })
            .collect();
        let about = |other: &&Nearest<'_>| {
            other
                .statement
                .parts
                .iter()
                .filter(|part| part.part == Part::Action)
                .all(|part| part.holds)
        };
        let unrelated = others.iter().filter(|other| !about(other)).count();
        (unrelated > 0 && self.outcome == Outcome::ImplicitDeny).then(|| {
            let (statements, are) = if unrelated == 1 {
                ("statement", "is")
            } else {
                ("statements", "are")
            };
            format!(
                "{unrelated} other {statements} {are} not about {}",
                self.asked.action
            )
        })
    }
}

fn fits(part: &PartNode) -> String {
    match part.part {
        Part::Principal => "fits: the caller".to_owned(),
        _ => "fits".to_owned(),
    }
}

/// The key of a condition, without its quotes.
fn key_span(part: &PartNode, text: &str) -> Range<usize> {
    let start = part.span.start + 1;
    let key = part.key.as_deref().unwrap_or_default();
    match text.get(start..start + key.len()) {
        Some(written) if written == key => start..start + key.len(),
        _ => part.span.clone(),
    }
}

impl Excerpt {
    fn misfit(&mut self, explanation: &Explanation, part: &PartNode) {
        let Some(check) = telling(part) else {
            self.marks.push(Mark {
                span: part.span.clone(),
                label: "names nothing".to_owned(),
                decisive: true,
            });
            return;
        };
        let hint = hint(explanation, part, check);
        // One value is underlined where it differs; of several to choose from the nearest.
        let piece = hint.piece.unwrap_or(0..check.pattern.len());
        let start = Policy::place(&self.text, &check.span, piece.start);
        let end = Policy::place(&self.text, &check.span, piece.end).max(start);
        let whole = part.part == Part::Action && part.checks.len() > 1;
        let span = match part.fit {
            Fit::Missing => key_span(part, &self.text),
            _ if whole => part.span.clone(),
            _ => start..end,
        };
        self.marks.push(Mark {
            span,
            label: hint.label,
            decisive: true,
        });
        self.help.extend(hint.help);
    }

    /// The underlined text.
    #[must_use]
    pub fn underlined(&self) -> Vec<&str> {
        let decisive = self.marks.iter().filter(|mark| mark.decisive);
        decisive
            .filter_map(|mark| self.text.get(mark.span.clone()))
            .collect()
    }
}

/// Lines longer than this are cut around the mark.
const WIDEST: usize = 100;

impl fmt::Display for Excerpt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.title)?;
        let decisive = self
            .marks
            .iter()
            .find(|mark| mark.decisive)
            .or(self.marks.first());
        let (line, column) = decisive.map_or((1, 1), |mark| position(&self.text, mark.span.start));
        writeln!(out, "    ,-[{}:{line}:{column}]", self.policy)?;
        let mut shown = None;
        for mark in &self.marks {
            let (line, column) = position(&self.text, mark.span.start);
            let text = self.text.lines().nth(line - 1).unwrap_or_default();
            let (cut, shift) = cut(text, column - 1);
            let piece = self.text.get(mark.span.clone()).unwrap_or_default();
            let first_line = piece.lines().next().unwrap_or_default();
            if !mark.decisive {
                if shown != Some(line) {
                    writeln!(out, "{line:>4} | {cut}    {}", mark.label)?;
                }
                shown = Some(line);
                continue;
            }
            if shown != Some(line) {
                writeln!(out, "{line:>4} | {cut}")?;
            }
            shown = Some(line);
            let width = first_line.chars().count().clamp(1, WIDEST);
            writeln!(
                out,
                "     : {}{} {}",
                " ".repeat((column - 1).saturating_sub(shift)),
                "^".repeat(width),
                mark.label
            )?;
        }
        writeln!(out, "    `----")?;
        if let Some(rest) = &self.rest {
            writeln!(out, "{rest}")?;
        }
        for help in &self.help {
            writeln!(out, "help: {help}")?;
        }
        Ok(())
    }
}

/// The part of a long line around a column, and how many characters were cut off in front.
fn cut(line: &str, column: usize) -> (String, usize) {
    let length = line.chars().count();
    if length <= WIDEST {
        return (line.trim_end().to_owned(), 0);
    }
    let start = column.saturating_sub(WIDEST / 2).min(length - WIDEST);
    (line.chars().skip(start).take(WIDEST).collect(), start)
}
