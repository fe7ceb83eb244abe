//! Patterns character by character.

use super::Question;

/// A pattern's character, after variables were filled in.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Sign {
    Just(char),
    One,
    Many,
}

pub(crate) fn matches(pattern: &[Sign], text: &[char]) -> bool {
    // Which prefixes of the text the pattern so far can cover.
    let mut covers = vec![false; text.len() + 1];
    covers[0] = true;
    for sign in pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match sign {
                Sign::Many => covers[..=at].contains(&true),
                Sign::One => at > 0 && covers[at - 1],
                Sign::Just(character) => at > 0 && covers[at - 1] && text[at - 1] == *character,
            };
        }
        covers = next;
    }
    covers[text.len()]
}

/// Wildcards, no variables.
pub(crate) fn plain(pattern: &str, text: &str) -> bool {
    matches(&signs(pattern), &characters(text))
}

pub(crate) fn characters(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn signs(pattern: &str) -> Vec<Sign> {
    pattern.chars().map(sign).collect()
}

fn sign(character: char) -> Sign {
    match character {
        '*' => Sign::Many,
        '?' => Sign::One,
        other => Sign::Just(other),
    }
}

/// A resource pattern: missing parts stand for any, variables count after the fifth colon.
pub(crate) fn resource(
    pattern: &str,
    variables: bool,
    question: &Question<'_>,
    wanted: &str,
) -> bool {
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let pattern = match parts.as_slice() {
        ["*"] => vec![Sign::Many],
        [head @ .., last] if head.len() == 5 => {
            let mut all = signs(&(head.join(":") + ":"));
            match fill(last, variables, true, question) {
                Some(filled) => all.extend(filled),
                None => return false,
            }
            all
        }
        _ => signs(&format!("{pattern}:*")),
    };
    matches(&pattern, &characters(wanted))
}

/// Fills `${key}` and `${key, 'default'}`; `None` when a variable has no single value.
pub(crate) fn fill(
    pattern: &str,
    variables: bool,
    wildcards: bool,
    question: &Question<'_>,
) -> Option<Vec<Sign>> {
    let special = |character| {
        if wildcards {
            sign(character)
        } else {
            Sign::Just(character)
        }
    };
    let mut filled = Vec::new();
    let mut rest = pattern;
    while let Some(character) = rest.chars().next() {
        let inner = rest
            .strip_prefix("${")
            .filter(|_| variables)
            .and_then(|inner| Some(inner.split_once('}')?.0));
        let Some(inner) = inner.filter(|inner| !inner.is_empty()) else {
            filled.push(special(character));
            rest = &rest[character.len_utf8()..];
            continue;
        };
        rest = &rest[inner.len() + 3..];
        let value = match (inner, inner.split_once(", ")) {
            ("*" | "?" | "$", _) => inner.to_owned(),
            (_, Some((key, default))) => match question.values(key) {
                Some([one]) if !question.several(key) => one.clone(),
                Some(_) => return None,
                None => default.trim_matches('\'').to_owned(),
            },
            (key, None) => match question.values(key) {
                Some([one]) if !question.several(key) => one.clone(),
                _ => return None,
            },
        };
        filled.extend(value.chars().map(Sign::Just));
    }
    Some(filled)
}
