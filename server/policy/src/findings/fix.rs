//! Repairs what copying out of a web page or a word processor does to JSON.

use std::borrow::Cow;
use std::ops::Range;

use crate::json::{self, NotJson};

/// One repair, in bytes of the damaged text.
#[derive(Debug, Clone)]
pub(crate) struct Repair {
    at: Range<usize>,
    damage: Damage,
}

#[derive(Debug, Clone, Copy)]
enum Damage {
    TrailingComma,
    BrokenLine,
    CurlyQuote,
    OddBlank,
    ByteOrderMark,
}

impl Damage {
    /// What to put there, what is wrong, and what to do.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::TrailingComma => (
                "",
                "a comma before the closing bracket",
                "take the comma out",
            ),
            Self::BrokenLine => (
                "",
                "a line break inside a string",
                "join the lines; text copied from a web page often breaks there",
            ),
            Self::CurlyQuote => (
                "\"",
                "a curly or single quote where a straight double quote should stand",
                "replace it by `\"`",
            ),
            Self::OddBlank => (
                " ",
                "a blank that JSON does not know",
                "replace it by an ordinary blank",
            ),
            Self::ByteOrderMark => (
                "",
                "an invisible character outside of a string",
                "take it out; save the file as UTF-8 without a byte order mark",
            ),
        }
    }
}

impl Repair {
    pub(crate) fn fault(&self) -> NotJson {
        let (_, why, help) = self.damage.words();
        NotJson {
            span: self.at.clone(),
            why: why.to_owned(),
            help: Some(help),
        }
    }
}

/// A text with its repairs.
pub(crate) struct Repaired<'t> {
    pub(crate) text: Cow<'t, str>,
    pub(crate) repairs: Vec<Repair>,
}

impl Repaired<'_> {
    /// Where a stretch of the repaired text stood before.
    pub(crate) fn original(&self, bytes: &Range<usize>) -> Range<usize> {
        let start = self.before(bytes.start).start;
        let end = match bytes.end.checked_sub(1) {
            Some(last) if bytes.end > bytes.start => self.before(last).end,
            _ => start,
        };
        start..end.max(start)
    }

    /// Where one byte of the repaired text comes from.
    fn before(&self, byte: usize) -> Range<usize> {
        // How far the texts have drifted apart up to here.
        let (mut taken, mut put) = (0, 0);
        for repair in &self.repairs {
            let start = repair.at.start + put - taken;
            let new = repair.damage.words().0.len();
            if byte < start {
                break;
            }
            if byte < start + new {
                return repair.at.clone();
            }
            taken += repair.at.len();
            put += new;
        }
        let byte = byte + taken - put;
        byte..byte + 1
    }
}

/// The repaired text, or `None` when there is nothing to repair or repairing does not make it JSON.
///
/// Taken out or replaced: commas before a closing bracket, line breaks inside strings with the blanks around them,
/// curly and single quotes around strings, no-break spaces and byte order marks outside of strings.
/// Everything else stays byte for byte.
#[must_use]
pub fn fix(text: &str) -> Option<String> {
    repair(text).map(|repaired| repaired.text.into_owned())
}

pub(crate) fn repair(text: &str) -> Option<Repaired<'_>> {
    if json::read(text).is_ok() {
        return None;
    }
    let repairs = find(text);
    let mut fixed = String::with_capacity(text.len());
    let mut done = 0;
    for repair in &repairs {
        fixed.push_str(text.get(done..repair.at.start)?);
        fixed.push_str(repair.damage.words().0);
        done = repair.at.end;
    }
    fixed.push_str(text.get(done..)?);
    json::read(&fixed).ok()?;
    Some(Repaired {
        text: Cow::Owned(fixed),
        repairs,
    })
}

/// How the string was opened in which the scanner is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    Straight,
    Curly,
    Single,
}

fn find(text: &str) -> Vec<Repair> {
    let mut repairs = Vec::new();
    let mut inside: Option<Quote> = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let here = at..at + character.len_utf8();
        let damage = match (inside, character) {
            (None, '"') => {
                inside = Some(Quote::Straight);
                continue;
            }
            (None, '“' | '”' | '„' | '‟') => {
                inside = Some(Quote::Curly);
                Damage::CurlyQuote
            }
            (None, '‘' | '’' | '\'') => {
                inside = Some(Quote::Single);
                Damage::CurlyQuote
            }
            (None, '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' | '\u{3000}') => {
                Damage::OddBlank
            }
            (None, '\u{feff}' | '\u{200b}'..='\u{200d}' | '\u{2060}') => Damage::ByteOrderMark,
            (None, ',') if closes(text.get(here.end..).unwrap_or_default()) => {
                Damage::TrailingComma
            }
            (None, _) => continue,
            (Some(_), '\\') => {
                characters.next();
                continue;
            }
            (Some(_), '\n' | '\r') => {
                let (start, end) = around(text, at);
                while characters.next_if(|(at, _)| *at < end).is_some() {}
                repairs.push(Repair {
                    at: start..end,
                    damage: Damage::BrokenLine,
                });
                continue;
            }
            (Some(_), '"') => {
                inside = None;
                continue;
            }
            (Some(Quote::Curly), '“' | '”' | '„' | '‟')
            | (Some(Quote::Single), '‘' | '’' | '\'') => {
                inside = None;
                Damage::CurlyQuote
            }
            (Some(_), _) => continue,
        };
        repairs.push(Repair { at: here, damage });
    }
    repairs
}

/// Whether nothing but blanks stands before the next closing bracket.
fn closes(rest: &str) -> bool {
    rest.trim_start_matches(|character: char| character.is_whitespace())
        .starts_with([']', '}'])
}

/// The line break at `at` with the blanks and breaks around it.
fn around(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at..).unwrap_or_default();
    let blank = [' ', '\t', '\r', '\n'];
    (
        before.trim_end_matches(blank).len(),
        text.len() - after.trim_start_matches(blank).len(),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn what_pasting_breaks_is_mended_and_nothing_else() {
        for (damaged, mended) in [
            ("{\"a\": [1, 2,\n ],}", "{\"a\": [1, 2\n ]}"),
            ("{“a”: ‘b’, 'c': “d\"}", "{\"a\": \"b\", \"c\": \"d\"}"),
            (
                "{\"a\": \"arn:aws:s3:::\n      bucket/*\"}",
                "{\"a\": \"arn:aws:s3:::bucket/*\"}",
            ),
            ("\u{feff}{\u{a0}\"a\":\t1 }\r\n", "{ \"a\":\t1 }\r\n"),
            ("{\"a\": \"“\\\"”, ]\",}", "{\"a\": \"“\\\"”, ]\"}"),
        ] {
            assert_eq!(fix(damaged).unwrap(), mended);
        }
    }

    #[test]
    fn what_is_whole_or_past_mending_is_left() {
        for text in ["{\"a\": 1}", "{\"a\" 1,}", "", "{,,}", "“"] {
            assert_eq!(fix(text), None, "{text}");
        }
    }

    #[test]
    fn places_lead_back_to_the_damaged_text() {
        let damaged = "{“a”: \"b\n  c\",}";
        let repaired = repair(damaged).unwrap();
        let at = repaired.text.find("\"bc\"").unwrap();
        assert_eq!(
            damaged.get(repaired.original(&(at..at + 4))).unwrap(),
            "\"b\n  c\""
        );
        let at = repaired.text.find('a').unwrap();
        assert_eq!(damaged.get(repaired.original(&(at..at + 1))).unwrap(), "a");
    }
}
