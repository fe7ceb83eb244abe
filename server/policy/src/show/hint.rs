//! What to say of an element that does not fit: what is different, and what to do about it.

use std::ops::Range;

use super::parting;
use crate::known::SERVICE_ONLY_KEYS;
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

/// The check of a misfit that says most: for a negated element the pattern that matched, else the one that
/// followed the value longest.
pub(super) fn telling(part: &PartNode) -> Option<&Check> {
    if let Some(matched) = part.checks.iter().find(|check| check.matches) {
        return Some(matched);
    }
    let mut best: Option<&Check> = None;
    for check in &part.checks {
        let reach = |check: &Check| {
            let near = check.near.map_or(0, |near| near.actual.max(near.pattern));
            (near, !check.pattern.is_empty())
        };
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
        (Part::Condition, Fit::NotUnderstood, _) => unclear(explanation, part, key),
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
        (_, _, Some(actual)) => parting::hint(explanation, part, check, actual),
        (_, _, None) => Hint::default(),
    }
}

/// An operator for one value over a key that may have several, or a value that is none of its kind.
fn unclear(explanation: &Explanation, part: &PartNode, key: &str) -> Hint {
    let operator = part.operator.as_deref().unwrap_or_default();
    let several = explanation.given(key).is_some_and(|given| given.several);
    if !several || operator.contains(':') {
        return Hint {
            label: "rolecall cannot tell what this means, so it grants nothing".to_owned(),
            ..Hint::default()
        };
    }
    Hint {
        label: format!(
            "{key} may have several values, and {operator} is for one: it grants nothing"
        ),
        help: Some(format!(
            "write `ForAnyValue:{operator}`, or `ForAllValues:{operator}` beside a check that the key is there"
        )),
        piece: None,
    }
}

fn missing(asked: &Asked, key: &str, check: &Check) -> Hint {
    let label = format!("the request has no {key}");
    let from_service = SERVICE_ONLY_KEYS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(key));
    let help = match asked.principal_kind {
        _ if !from_service => parting::placeholder(&check.pattern, 0).map(|(_, help)| help),
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
