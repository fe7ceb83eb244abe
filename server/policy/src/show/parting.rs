//! Where a pattern and a value part, and what usually lies behind it.

use std::ops::Range;

use super::hint::Hint;
use crate::known::PLACEHOLDERS;
use crate::{Check, Explanation, Near, Part, PartNode};

/// The parts of an ARN where another value is worth a word of its own.
const ARN_PARTS: [(usize, &str); 4] = [
    (1, "partition"),
    (2, "service"),
    (3, "Region"),
    (4, "account"),
];

/// A pattern and a value that have something in common and then part.
struct Parting<'e> {
    explanation: &'e Explanation,
    part: &'e PartNode,
    pattern: &'e str,
    actual: &'e str,
    near: Near,
    /// The stretch of the pattern around the place.
    piece: Range<usize>,
    /// That stretch.
    wanted: &'e str,
    /// The stretch of the value around the place.
    said: &'e str,
}

/// The usual causes, the most telling first.
const CAUSES: [fn(&Parting<'_>) -> Option<Hint>; 9] = [
    placeholder_left,
    variable,
    letter_case,
    slash_at_the_end,
    slash_in_front,
    another_arn_part,
    ends_early,
    goes_on,
    another_value,
];

/// What to say of a value that a pattern does not cover.
pub(super) fn hint(
    explanation: &Explanation,
    part: &PartNode,
    check: &Check,
    actual: &str,
) -> Hint {
    if let Some(variable) = &check.unfilled {
        let help = "only IAM users have a user name; sessions of roles do not";
        return Hint {
            label: format!("`${{{variable}}}` has no value for this caller"),
            help: variable
                .eq_ignore_ascii_case("aws:username")
                .then(|| help.to_owned()),
            piece: None,
        };
    }
    let says = || Hint {
        label: format!("the request says {}", quoted(actual)),
        ..Hint::default()
    };
    let Some(near) = check.near else {
        return says();
    };
    let piece = segment(&check.pattern, near.pattern);
    let parting = Parting {
        explanation,
        part,
        pattern: &check.pattern,
        actual,
        near,
        wanted: check.pattern.get(piece.clone()).unwrap_or_default(),
        piece,
        said: actual.get(segment(actual, near.actual)).unwrap_or_default(),
    };
    CAUSES
        .iter()
        .find_map(|cause| cause(&parting))
        .unwrap_or_else(says)
}

fn placeholder_left(parting: &Parting<'_>) -> Option<Hint> {
    let (piece, help) = placeholder(parting.pattern, parting.near.pattern)?;
    Some(Hint {
        label: parting.says(),
        help: Some(help),
        piece: Some(piece),
    })
}

/// A placeholder at the place where pattern and value part, or anywhere after it.
pub(super) fn placeholder(pattern: &str, from: usize) -> Option<(Range<usize>, String)> {
    let start = segment(pattern, from).start;
    let mut at = start;
    for word in pattern.get(start..)?.split([':', '/']) {
        if PLACEHOLDERS.contains(&word) {
            let help = format!("`{word}` looks like a placeholder that was never replaced");
            return Some((at..at + word.len(), help));
        }
        at += word.len() + 1;
    }
    None
}

/// A policy variable that stands for something else here.
fn variable(parting: &Parting<'_>) -> Option<Hint> {
    let at = parting.near.pattern;
    let rest = parting.pattern.get(at..)?;
    let start = if rest.starts_with("${") {
        at
    } else {
        parting
            .pattern
            .get(..at)
            .filter(|before| before.ends_with('}'))?
            .rfind("${")?
    };
    let end = start + parting.pattern.get(start..)?.find('}')? + 1;
    let name = parting
        .pattern
        .get(start + 2..end - 1)?
        .split(',')
        .next()?
        .trim();
    let given = parting.explanation.given(name)?;
    let label = match given.several {
        true => format!("`${{{name}}}` may have several values, so it fills nothing"),
        false => format!(
            "`${{{name}}}` is {} here, and {}",
            quoted(given.values.first()?),
            parting.says()
        ),
    };
    Some(Hint {
        label,
        help: None,
        piece: Some(start..end),
    })
}

fn letter_case(parting: &Parting<'_>) -> Option<Hint> {
    let Parting { said, wanted, .. } = *parting;
    (said != wanted && said.eq_ignore_ascii_case(wanted)).then_some(())?;
    let place = match parting.part.part {
        Part::Resource
            if parting
                .explanation
                .asked
                .resource
                .starts_with("arn:aws:s3:") =>
        {
            "S3 keys and in Resource"
        }
        Part::Resource => "Resource",
        _ => "values",
    };
    let label = format!("{}: letter case counts in {place}", parting.says());
    let help = format!(
        "ask for {}, or write {} in the policy",
        quoted(wanted),
        quoted(said)
    );
    Some(Hint {
        label,
        help: Some(help),
        piece: Some(parting.piece.clone()),
    })
}

/// `Exports` against `Exports/` or `Exports/*`.
fn slash_at_the_end(parting: &Parting<'_>) -> Option<Hint> {
    let wanted = parting.pattern.trim_end_matches('*');
    (wanted.strip_suffix('/') == Some(parting.actual)).then_some(())?;
    if parting.part.part == Part::Resource && parting.actual.starts_with("arn:") {
        let action = &parting.explanation.asked.action;
        return Some(Hint {
            label: format!(
                "covers what is in {}, not it itself",
                quoted(parting.actual)
            ),
            help: Some(format!(
                "{action} is about {} itself: write the ARN without `/*`",
                quoted(parting.actual)
            )),
            piece: Some(parting.near.pattern..parting.pattern.len()),
        });
    }
    Some(Hint {
        label: format!("{} is not {}", quoted(parting.actual), quoted(wanted)),
        help: Some("with a slash at its end it would fit".to_owned()),
        piece: Some(parting.near.pattern..parting.pattern.len()),
    })
}

/// `:/apps/`, as one of AWS's pages prints it.
fn slash_in_front(parting: &Parting<'_>) -> Option<Hint> {
    let at = parting.near.pattern;
    let here =
        parting.pattern.get(at..)?.starts_with('/') && parting.pattern.get(..at)?.ends_with(':');
    here.then(|| Hint {
        label: parting.says(),
        help: Some("no resource has a slash there; take it out".to_owned()),
        piece: Some(at..at + 1),
    })
}

fn another_arn_part(parting: &Parting<'_>) -> Option<Hint> {
    let before = parting
        .pattern
        .get(..parting.near.pattern)
        .filter(|_| parting.pattern.starts_with("arn:"))?;
    let place = before.matches(':').count();
    let (_, name) = ARN_PARTS.into_iter().find(|(known, _)| *known == place)?;
    Some(Hint {
        label: format!("{}: another {name}", parting.says()),
        help: None,
        piece: Some(parting.piece.clone()).filter(|piece| !piece.is_empty()),
    })
}

/// The value is only the beginning of what the pattern asks for.
fn ends_early(parting: &Parting<'_>) -> Option<Hint> {
    let rest = parting.near.pattern..parting.pattern.len();
    (parting.near.actual == parting.actual.len() && !rest.is_empty()).then(|| Hint {
        label: format!("the request ends before this: {}", quoted(parting.actual)),
        help: None,
        piece: Some(rest),
    })
}

/// The pattern is only the beginning of the value.
fn goes_on(parting: &Parting<'_>) -> Option<Hint> {
    (parting.near.pattern == parting.pattern.len() && !parting.pattern.is_empty()).then_some(())?;
    let rest = parting.actual.get(parting.near.actual..)?;
    let wildcards = parting.part.part == Part::Resource
        || parting
            .part
            .operator
            .as_ref()
            .is_some_and(|operator| operator.contains("Like"));
    let below = wildcards && rest.starts_with('/');
    Some(Hint {
        label: format!("the request goes on: {}", quoted(rest)),
        help: below.then(|| "a pattern that ends in `/*` reaches what lies below".to_owned()),
        piece: Some(parting.piece.clone()).filter(|piece| !piece.is_empty()),
    })
}

fn another_value(parting: &Parting<'_>) -> Option<Hint> {
    Some(Hint {
        label: parting.says(),
        help: None,
        piece: Some(parting.piece.clone()).filter(|piece| !piece.is_empty()),
    })
}

impl Parting<'_> {
    fn says(&self) -> String {
        let said = if self.said.is_empty() {
            self.actual
        } else {
            self.said
        };
        format!("the request says {}", quoted(said))
    }
}

/// The stretch between slashes, colons and wildcards around a byte.
pub(crate) fn segment(text: &str, at: usize) -> Range<usize> {
    let at = at.min(text.len());
    let border = ['/', ':', '*', '?', '$', '{', '}'];
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at..).unwrap_or_default();
    let start = before.rfind(border).map_or(0, |found| found + 1);
    let end = after.find(border).map_or(text.len(), |found| at + found);
    start..end
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
