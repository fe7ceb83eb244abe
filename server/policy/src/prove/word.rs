//! Wildcard patterns as sequences of steps over kinds of characters.

use crate::Context;
use crate::pattern::{Pattern, Step};

/// Kinds of characters, as bits; shapes of ARNs are written in them.
pub(super) type Kinds = u16;

pub(super) const LOWER: Kinds = 1;
pub(super) const DIGIT: Kinds = 1 << 1;
pub(super) const UPPER: Kinds = 1 << 2;
pub(super) const DASH: Kinds = 1 << 3;
pub(super) const DOT: Kinds = 1 << 4;
pub(super) const UNDERSCORE: Kinds = 1 << 5;
pub(super) const SLASH: Kinds = 1 << 6;
pub(super) const COLON: Kinds = 1 << 7;
/// Other printable ASCII.
pub(super) const SIGN: Kinds = 1 << 8;
pub(super) const REST: Kinds = 1 << 9;
/// Characters that stand for the unknown value of a policy variable; private use, so no policy means one.
pub(super) const VARIABLE: Kinds = 1 << 10;
pub(super) const ANY: Kinds = Kinds::MAX;

/// The kind of a character.
pub(super) fn kind(character: char) -> Kinds {
    match character {
        'a'..='z' => LOWER,
        '0'..='9' => DIGIT,
        'A'..='Z' => UPPER,
        '-' => DASH,
        '.' => DOT,
        '_' => UNDERSCORE,
        '/' => SLASH,
        ':' => COLON,
        '!'..='~' => SIGN,
        '\u{f0000}'..='\u{ffffd}' => VARIABLE,
        _ => REST,
    }
}

/// One step of a [`Word`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Item {
    /// This character.
    Char(char),
    /// One character of these kinds.
    One(Kinds),
    /// Any number of characters of these kinds.
    Many(Kinds),
}

/// A set of texts that one pattern describes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Word(pub(super) Vec<Item>);

/// Which side an answer may err on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// Holds in some context.
    May,
    /// Holds in some context in which no variable is empty, as none is at AWS. For examples, not for proofs.
    Likely,
    /// Holds in every context.
    Sure,
}

impl Bound {
    pub(super) fn other(self) -> Self {
        match self {
            Self::May | Self::Likely => Self::Sure,
            Self::Sure => Self::May,
        }
    }
}

impl Word {
    /// The texts a policy's pattern covers; `None` when it can be relied on to cover nothing.
    ///
    /// A variable whose value is not known stands for any text where the pattern may cover, and for nothing where
    /// it has to: the request may lack the key.
    pub(super) fn of(pattern: &Pattern, known: &Context<'_>, bound: Bound) -> Option<Self> {
        let mut items = Vec::new();
        for step in pattern.steps() {
            match step {
                Step::Text(text) => items.extend(text.chars().map(Item::Char)),
                Step::One => items.push(Item::One(ANY)),
                Step::Many => items.push(Item::Many(ANY)),
                Step::Variable(key) => match (fixed(known, key), bound) {
                    (Some(entry), _) => {
                        items.extend(entry.single_text()?.chars().map(Item::Char));
                    }
                    (None, Bound::May) => items.push(Item::Many(ANY)),
                    (None, Bound::Likely) => items.extend([Item::One(ANY), Item::Many(ANY)]),
                    (None, Bound::Sure) => return None,
                },
            }
        }
        items.dedup_by(|next, before| *next == Item::Many(ANY) && *before == *next);
        Some(Self(items))
    }

    pub(super) fn exactly(text: &str) -> Self {
        Self(text.chars().map(Item::Char).collect())
    }

    pub(super) fn starting(text: &str) -> Self {
        let mut word = Self::exactly(text);
        word.0.push(Item::Many(ANY));
        word
    }

    /// Whether the text belongs to the set: positions are walked side by side, so nothing backtracks.
    pub(super) fn covers(&self, text: &str) -> bool {
        let mut here = vec![false; self.0.len() + 1];
        if let Some(start) = here.first_mut() {
            *start = true;
        }
        self.skip(&mut here);
        for character in text.chars() {
            let mut next = vec![false; here.len()];
            for (at, item) in self.0.iter().enumerate() {
                if !here.get(at).copied().unwrap_or_default() {
                    continue;
                }
                let (fits, to) = match *item {
                    Item::Char(wanted) => (wanted == character, at + 1),
                    Item::One(kinds) => (kinds & kind(character) != 0, at + 1),
                    Item::Many(kinds) => (kinds & kind(character) != 0, at),
                };
                if let Some(slot) = next.get_mut(to).filter(|_| fits) {
                    *slot = true;
                }
            }
            self.skip(&mut next);
            here = next;
        }
        here.last().copied().unwrap_or_default()
    }

    /// Whoever stands before a repetition also stands behind it.
    fn skip(&self, here: &mut [bool]) {
        for (at, item) in self.0.iter().enumerate() {
            let skips = matches!(item, Item::Many(_)) && here.get(at).copied().unwrap_or_default();
            if let Some(slot) = here.get_mut(at + 1).filter(|_| skips) {
                *slot = true;
            }
        }
    }
}

/// The value of a key that every request has.
///
/// Tag keys that differ in letter case may stand side by side, so only the exact spelling settles them.
pub(super) fn fixed<'c>(known: &'c Context<'c>, key: &str) -> Option<&'c crate::Value<'c>> {
    let entry = known.entry(key)?;
    (entry.key == key || !key.contains('/')).then_some(&entry.value)
}
