//! `replace:`, whole words inside the values of a document.

use std::cell::Cell;
use std::sync::Arc;

use super::Document;
use crate::diagnostic::{Diagnostic, SourceFile, Spot, nearest};
use crate::scenario::json_text;

/// One entry of a `replace:` map.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) word: Spot<String>,
    pub(super) value: Spot<String>,
    pub(super) found: Cell<bool>,
}

/// A `replace:` map. Its words must be found in at least one of the documents it applies to.
#[derive(Debug, Default)]
pub(crate) struct Replace {
    words: Vec<Word>,
}

impl Replace {
    pub(crate) fn new(words: Vec<(Spot<String>, Spot<String>)>) -> Self {
        let words = words.into_iter().map(|(word, value)| Word {
            word,
            value,
            found: Cell::new(false),
        });
        Self {
            words: words.collect(),
        }
    }

    /// The words that were found nowhere.
    pub(crate) fn complaints<'s>(
        &'s self,
        scenario: &'s Arc<SourceFile>,
        documents: &'s [&Document],
    ) -> impl Iterator<Item = Diagnostic> + 's {
        let lost = self.words.iter().filter(|word| !word.found.get());
        lost.map(move |word| {
            let wanted = &word.word.value;
            let mut known: Vec<String> = Vec::new();
            for document in documents {
                known.extend(words_of(document.original()).map(str::to_owned));
            }
            let place = match documents {
                [one] if one.path().is_some() => format!("`{}`", one.file.path),
                [_] => "the document".to_owned(),
                _ => "any of the documents".to_owned(),
            };
            Diagnostic::error(format!("the word `{wanted}` is not in {place}"))
                .at(scenario, word.word.span, "nothing to replace")
                .maybe_help(
                    nearest(wanted, known.iter().map(String::as_str))
                        .filter(|near| near != wanted)
                        .map(|near| format!("did you mean `{near}`?")),
                )
                .help("only whole words inside the values of the JSON are replaced, never keys")
        })
    }

    /// The longest word of these that `text` begins with.
    pub(super) fn at(&self, text: &str) -> Option<&Word> {
        self.words
            .iter()
            .filter(|word| starts_with_word(text, &word.word.value))
            .max_by_key(|word| word.word.value.len())
    }
}

pub(super) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || byte >= 0x80
}

fn starts_with_word(text: &str, word: &str) -> bool {
    !word.is_empty()
        && text.strip_prefix(word).is_some_and(|rest| {
            let closed = word.as_bytes().last().is_some_and(|b| is_word_byte(*b));
            !closed || rest.bytes().next().is_none_or(|b| !is_word_byte(b))
        })
}

/// The words inside the string values of a JSON text.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    json_text::strings(text)
        .into_iter()
        .filter(|found| !found.key)
        .flat_map(move |found| {
            text.get(found.inner)
                .unwrap_or_default()
                .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
        })
}
