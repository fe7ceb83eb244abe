//! Characters that no word tells apart, put together.

use std::collections::BTreeSet;

use super::word::{self, Item, Kinds, Word};

/// One or more characters that every word treats alike.
#[derive(Debug, Clone, Copy)]
pub(super) struct Letter {
    /// The one to print.
    pub(super) character: char,
    pub(super) kind: Kinds,
    /// Whether it stands for itself only; else for all of its kind that are not named.
    pub(super) named: bool,
}

/// The letters of a search, those that read well first.
pub(super) fn letters(words: &[Word]) -> Vec<Letter> {
    let named: BTreeSet<char> = words
        .iter()
        .flat_map(|word| &word.0)
        .filter_map(|item| match item {
            Item::Char(character) => Some(*character),
            _ => None,
        })
        .collect();
    let mut letters: Vec<Letter> = named
        .iter()
        .map(|character| Letter {
            character: *character,
            kind: word::kind(*character),
            named: true,
        })
        .collect();
    // For each kind the first character that no word names.
    let mut seen: Kinds = 0;
    for character in printable() {
        let kind = word::kind(character);
        if seen & kind == 0 && !named.contains(&character) {
            seen |= kind;
            letters.push(Letter {
                character,
                kind,
                named: false,
            });
        }
    }
    letters.sort_by_key(|letter| (letter.kind, rank(letter.character)));
    letters
}

/// ASCII, then a few beyond of which at least one is not named in any sane policy.
fn printable() -> impl Iterator<Item = char> {
    ('x'..='z')
        .chain('a'..='w')
        .chain('1'..='9')
        .chain(' '..='~')
        .chain('\u{e9}'..='\u{ffff}')
}

/// `x` reads as a placeholder, so it comes first among its like.
fn rank(character: char) -> u32 {
    match character {
        'x'..='z' => u32::from(character) - u32::from('x'),
        '0' => u32::from('9') + 1,
        other => u32::from(other) + 3,
    }
}
