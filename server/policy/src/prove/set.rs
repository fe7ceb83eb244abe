//! Sets of texts: patterns joined by and, or, not.

use super::word::Word;

/// A set of texts, or what is left of one after some characters were read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Set {
    Nothing,
    Everything,
    /// A word of the [`Pool`], and how far it has been read.
    Word {
        word: usize,
        state: usize,
    },
    Not(Box<Self>),
    Any(Box<[Self]>),
    All(Box<[Self]>),
}

impl Set {
    pub(super) fn not(self) -> Self {
        match self {
            Self::Nothing => Self::Everything,
            Self::Everything => Self::Nothing,
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    pub(super) fn any(sets: impl IntoIterator<Item = Self>) -> Self {
        let mut kept: Vec<Self> = Vec::new();
        for set in sets {
            match set {
                Self::Nothing => {}
                Self::Everything => return Self::Everything,
                Self::Any(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        in_order(&mut kept);
        match kept.len() {
            0 => Self::Nothing,
            1 => kept.pop().unwrap_or(Self::Nothing),
            _ => Self::Any(kept.into()),
        }
    }

    pub(super) fn all(sets: impl IntoIterator<Item = Self>) -> Self {
        let mut kept: Vec<Self> = Vec::new();
        for set in sets {
            match set {
                Self::Everything => {}
                Self::Nothing => return Self::Nothing,
                Self::All(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        in_order(&mut kept);
        match kept.len() {
            0 => Self::Everything,
            1 => kept.pop().unwrap_or(Self::Everything),
            _ => Self::All(kept.into()),
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self::all([self, other])
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self::any([self, other])
    }

    pub(super) fn except(self, other: Self) -> Self {
        self.and(other.not())
    }

    /// Rewrites every word and simplifies on the way up.
    pub(super) fn map(&self, step: &mut impl FnMut(usize, usize) -> Self) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Everything => Self::Everything,
            Self::Word { word, state } => step(*word, *state),
            Self::Not(inner) => inner.map(step).not(),
            Self::Any(sets) => Self::any(sets.iter().map(|set| set.map(step))),
            Self::All(sets) => Self::all(sets.iter().map(|set| set.map(step))),
        }
    }

    /// Whether it holds when each word answers for itself.
    pub(super) fn holds(&self, word_holds: &mut impl FnMut(usize, usize) -> bool) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Word { word, state } => word_holds(*word, *state),
            Self::Not(inner) => !inner.holds(word_holds),
            Self::Any(sets) => sets.iter().any(|set| set.holds(word_holds)),
            Self::All(sets) => sets.iter().all(|set| set.holds(word_holds)),
        }
    }
}

/// Equal sets should look alike, so that a search meets them once.
fn in_order(sets: &mut Vec<Set>) {
    sets.sort_unstable();
    sets.dedup();
}

/// The words that sets speak of, each once.
#[derive(Debug, Clone, Default)]
pub(super) struct Pool {
    words: Vec<Word>,
}

impl Pool {
    pub(super) fn add(&mut self, word: Word) -> Set {
        let at = self.words.iter().position(|known| *known == word);
        let word = at.unwrap_or_else(|| {
            self.words.push(word);
            self.words.len() - 1
        });
        Set::Word { word, state: 0 }
    }

    pub(super) fn words(&self) -> &[Word] {
        &self.words
    }

    /// Whether a whole set, nothing of it read yet, contains a text.
    pub(super) fn contains(&self, set: &Set, text: &str) -> bool {
        set.holds(&mut |word, _| self.words.get(word).is_some_and(|word| word.covers(text)))
    }
}
