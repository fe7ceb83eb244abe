//! Edits that keep the style of the document around them.

use std::ops::Range;

use crate::json::{self, Json};

/// A place and what to write there.
pub(super) type Replaced = (Range<usize>, String);

/// A text as JSON writes it.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// The same without quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => escaped.extend(['\\', character]),
            control if control < ' ' => escaped.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Puts an element after the last one of a list; of a single value it makes a list.
pub(super) fn after(text: &str, last: Range<usize>, more: &str) -> Option<Replaced> {
    let (before, rest) = (text.get(..last.start)?, text.get(last.end..)?);
    if !rest.trim_start().starts_with(']') {
        let replacement = format!("[{}, {more}]", text.get(last.clone())?);
        return Some((last, replacement));
    }
    // White space as before the last element.
    let blank = before
        .get(before.trim_end().len()..)
        .filter(|blank| !blank.is_empty())
        .unwrap_or(" ");
    Some((last.end..last.end, format!(",{blank}{more}")))
}

/// The place of a value with its quotes, where it has some.
pub(super) fn with_quotes(text: &str, inner: &Range<usize>) -> Range<usize> {
    let start = inner.start.saturating_sub(1);
    match text.get(start..inner.start) {
        Some("\"") => start..inner.end + 1,
        _ => inner.clone(),
    }
}

/// Names one more in a Principal element.
pub(super) fn one_more_principal(
    text: &str,
    element: &Range<usize>,
    group: &str,
    value: &str,
) -> Option<Replaced> {
    let (node, _) = json::read(text.get(element.clone())?).ok()?;
    let Json::Object(groups) = &node.value else {
        return None;
    };
    match groups.iter().find(|known| &*known.name == group) {
        Some(known) => {
            let last = known.value.each().last()?.span.clone();
            after(
                text,
                element.start + last.start..element.start + last.end,
                &quoted(value),
            )
        }
        None => {
            let at = element.start + 1;
            Some((at..at, format!("\"{group}\": {}, ", quoted(value))))
        }
    }
}
