//! What to say of an element that does not fit: what is different, and what to do about it.

use std::ops::Range;

use crate::{Asked, Check, Explanation, Fit, Part, PartNode, PrincipalKind};

/// The words for one misfit, and the piece of the pattern they are about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hint {
    /// Stands under the caret.
    pub(super) label: String,
    /// What to do.
    pub(super) help: Option<String>,
    /// Byte offsets into the pattern; `None` means all of it.
    pub(super) piece: Option<Range<usize>>,
}

/// Words that AWS's pages tell their readers to replace.
const PLACEHOLDERS: [&str; 14] = [
    "accountId",
    "account-id",
    "account_id",
    "accountID",
    "ACCOUNT_ID",
    "region",
    "REGION",
    "applicationId",
    "application-id",
    "projectId",
    "project-id",
    "userName",
    "user-name",
    "emailId",
];

/// Keys that only a service carries, when it calls in its own name.
const SERVICE_KEYS: [&str; 4] = [
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
];

/// The names of the parts of an ARN between its colons, where another value is worth a word of its own.
const ARN_PARTS: [(usize, &str); 4] = [
    (1, "partition"),
    (2, "service"),
    (3, "Region"),
    (4, "account"),
];

/// The check of a misfit that says most: for a negated element the pattern that matched, else the one that
/// followed the value longest.
pub(super) fn telling(part: &PartNode) -> Option<&Check> {
    if let Some(matched) = part.checks.iter().find(|check| check.matches) {
        return Some(matched);
    }
    let mut best: Option<&Check> = None;
    for check in &part.checks {
        let reach = |check: &Check| check.near.map_or(0, |near| near.actual.max(near.pattern));
        if best.is_none_or(|known| reach(check) > reach(known)) {
            best = Some(check);
        }
    }
    best
}

/// What to say of a misfit.
pub(super) fn hint(explanation: &Explanation, part: &PartNode, check: &Check) -> Hint {
    let asked = &explanation.asked;
    let key = part.key.as_deref().unwrap_or_default();
    match (part.part, part.fit, &check.actual) {
        (Part::Condition, Fit::Missing, _) => missing(asked, key, check),
        (Part::Condition, Fit::NotUnderstood, _) => Hint {
            label: "rolecall cannot tell what this means, so it grants nothing".to_owned(),
            ..Hint::default()
        },
        (Part::Principal, _, _) => Hint {
            label: format!("the caller is {}", asked.principal),
            ..Hint::default()
        },
        (Part::Action, _, _) if !part.negated => Hint {
            label: format!("not about {}", asked.action),
            ..Hint::default()
        },
        (_, _, Some(actual)) if check.matches => Hint {
            label: format!("leaves out `{actual}`"),
            ..Hint::default()
        },
        (_, _, Some(actual)) => mismatch(asked, part, check, actual),
        (_, _, None) => Hint::default(),
    }
}

fn missing(asked: &Asked, key: &str, check: &Check) -> Hint {
    let label = format!("the request has no {key}");
    let from_service = SERVICE_KEYS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(key));
    let help = match asked.principal_kind {
        _ if !from_service => placeholder(&check.pattern, 0).map(|(_, help)| help),
        PrincipalKind::Service => Some(format!("{} did not send it", asked.principal)),
        _ => Some(format!(
            "{key} is there only when a service calls in its own name; a person's or a role's own call never carries it"
        )),
    };
    let fallback = || "an absent key is not the same as an empty one".to_owned();
    Hint {
        label,
        help: help.or_else(|| Some(fallback())),
        piece: None,
    }
}

fn mismatch(asked: &Asked, part: &PartNode, check: &Check, actual: &str) -> Hint {
    if let Some(variable) = &check.unfilled {
        let label = format!("`${{{variable}}}` has no value for this caller");
        let help = (variable == "aws:username")
            .then(|| "only IAM users have a user name; sessions of roles do not".to_owned());
        return Hint {
            label,
            help,
            piece: None,
        };
    }
    let Some(near) = check.near else {
        return Hint {
            label: format!("the request says {}", quoted(actual)),
            ..Hint::default()
        };
    };
    let piece = segment(&check.pattern, near.pattern);
    let wanted = check.pattern.get(piece.clone()).unwrap_or_default();
    let said = actual.get(segment(actual, near.actual)).unwrap_or_default();
    let piece = Some(piece).filter(|piece| !piece.is_empty());
    let says = format!("the request says {}", quoted(said));
    if let Some((placeholder, help)) = placeholder(&check.pattern, near.pattern) {
        return Hint {
            label: says,
            help: Some(help),
            piece: Some(placeholder),
        };
    }
    if said != wanted && said.eq_ignore_ascii_case(wanted) {
        let place = match part.part {
            Part::Resource if asked.resource.starts_with("arn:aws:s3:") => {
                "S3 keys and in Resource"
            }
            Part::Resource => "Resource",
            _ => "values",
        };
        let label = format!("{says}: letter case counts in {place}");
        return Hint {
            label,
            help: Some(format!(
                "ask for {}, or write {said} in the policy",
                quoted(wanted)
            )),
            piece,
        };
    }
    if check.pattern.trim_end_matches('*').strip_suffix('/') == Some(actual) {
        let label = format!(
            "{} is not {}",
            quoted(actual),
            quoted(check.pattern.trim_end_matches('*'))
        );
        return Hint {
            label,
            help: Some("with a slash at its end it would fit".to_owned()),
            piece,
        };
    }
    if let Some(name) = arn_part(&check.pattern, near.pattern) {
        return Hint {
            label: format!("{says}: another {name}"),
            help: None,
            piece,
        };
    }
    if check
        .pattern
        .get(near.pattern..)
        .is_some_and(|rest| rest.starts_with('/'))
        && check
            .pattern
            .get(..near.pattern)
            .is_some_and(|before| before.ends_with(':'))
    {
        let help = "no resource has a slash there; take it out".to_owned();
        return Hint {
            label: says,
            help: Some(help),
            piece: Some(near.pattern..near.pattern + 1),
        };
    }
    let label = match (said.is_empty(), actual.get(near.actual..)) {
        (true, _) | (_, Some("")) => format!("the request says {} and ends there", quoted(actual)),
        (false, Some(rest)) if near.pattern >= check.pattern.len() => {
            format!("the request goes on: {}", quoted(rest))
        }
        _ => says,
    };
    Hint {
        label,
        help: None,
        piece,
    }
}

/// A placeholder at the place where pattern and value part, or anywhere after it.
fn placeholder(pattern: &str, from: usize) -> Option<(Range<usize>, String)> {
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

/// The stretch between slashes, colons and wildcards around a byte.
fn segment(text: &str, at: usize) -> Range<usize> {
    let at = at.min(text.len());
    let border = ['/', ':', '*', '?', '$', '{', '}'];
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at..).unwrap_or_default();
    let start = before.rfind(border).map_or(0, |found| found + 1);
    let end = after.find(border).map_or(text.len(), |found| at + found);
    start..end
}

/// The name of the ARN part around a byte of an ARN.
fn arn_part(pattern: &str, at: usize) -> Option<&'static str> {
    let before = pattern.get(..at).filter(|_| pattern.starts_with("arn:"))?;
    let part = before.matches(':').count();
    ARN_PARTS
        .into_iter()
        .find(|(place, _)| *place == part)
        .map(|(_, name)| name)
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
