//! Just enough of JSON's surface to edit a document without parsing and printing it again.
//!
//! The pages' documents are sent as they are, broken ones too, so nothing here may fail: what is
//! not JSON yields fewer strings or members, and the endpoint says what is wrong with it.

use std::ops::Range;

/// A string literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// What is between the quotes.
    pub(crate) inner: Range<usize>,
    /// Whether a colon follows.
    pub(crate) key: bool,
}

/// Every string literal of the text, in order.
pub(crate) fn strings(text: &str) -> Vec<Found> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(open) = find(bytes, at, b'"') {
        let close = string_end(bytes, open);
        let after = skip_space(bytes, close + 1);
        out.push(Found {
            inner: open + 1..close,
            key: bytes.get(after) == Some(&b':'),
        });
        at = close + 1;
    }
    out
}

/// The members (`"key": value,`) whose key comes again later in the same object.
pub(crate) fn repeated_members(text: &str) -> Vec<Range<usize>> {
    struct Open {
        object: bool,
        members: Vec<(Range<usize>, usize)>,
    }
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => open.push(Open {
                object: *byte == b'{',
                members: Vec::new(),
            }),
            b'}' | b']' => {
                let Some(closed) = open.pop() else { return out };
                for (i, (key, start)) in closed.members.iter().enumerate() {
                    let later = closed.members.get(i + 1..).unwrap_or_default();
                    let again = later
                        .iter()
                        .any(|(other, _)| text.get(other.clone()) == text.get(key.clone()));
                    if let (true, Some((_, next))) = (again, later.first()) {
                        out.push(*start..*next);
                    }
                }
            }
            b'"' => {
                let close = string_end(bytes, at);
                let key = bytes.get(skip_space(bytes, close + 1)) == Some(&b':');
                if let Some(top) = open.last_mut().filter(|top| top.object && key) {
                    top.members.push((at + 1..close, at));
                }
                at = close;
            }
            _ => {}
        }
        at += 1;
    }
    // A member inside one that is cut anyway must not be cut twice.
    out.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut done = 0;
    out.retain(|range| {
        let keep = range.start >= done;
        done = done.max(range.end);
        keep
    });
    out
}

/// Text as the inside of a JSON string.
pub(crate) fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or_default()
        .to_owned()
}

fn find(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    let rest = bytes.get(from..)?;
    Some(from + rest.iter().position(|byte| *byte == wanted)?)
}

/// The closing quote of the string that opens at `open`; the end of the text when there is none.
fn string_end(bytes: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    loop {
        match bytes.get(at) {
            Some(b'"') | None => return at.min(bytes.len()),
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
        }
    }
}

fn skip_space(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(&str, bool)> {
        strings(text)
            .into_iter()
            .map(|found| (text.get(found.inner).unwrap_or("?"), found.key))
            .collect()
    }

    #[test]
    fn keys_and_values_are_told_apart() {
        assert_eq!(
            texts(r#"{ "a" : "b", "c\"d": ["e", {}], } "open"#),
            [
                ("a", true),
                ("b", false),
                ("c\\\"d", true),
                ("e", false),
                ("open", false)
            ]
        );
    }

    #[test]
    fn the_earlier_of_two_equal_keys_is_cut() {
        let text = r#"{"a": {"x": 1, "x": 2}, "b": 0, "a": [{"y": 1}]}"#;
        let cut = repeated_members(text);
        assert_eq!(cut.len(), 1);
        let mut left = text.to_owned();
        for range in cut.into_iter().rev() {
            left.replace_range(range, "");
        }
        assert_eq!(left, r#"{"b": 0, "a": [{"y": 1}]}"#);
    }

    #[test]
    fn broken_text_is_left_alone() {
        assert!(repeated_members("}]{\"a\"").is_empty());
        assert_eq!(strings("\\\"").len(), 1);
        assert_eq!(strings("\"ab\\").len(), 1);
    }
}
