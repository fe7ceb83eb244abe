//! Which statements of a policy are about an action, found without asking each of them.

use crate::pattern::Pattern;
use crate::{Context, Statement};

/// Statements for which one index can answer: the bits of a `u128`.
const WIDTH: usize = 128;

/// The actions of all statements of a policy, each once.
#[derive(Debug, Clone)]
pub(crate) struct ActionIndex {
    chunks: Box<[Chunk]>,
}

/// The index of up to [`WIDTH`] statements.
#[derive(Debug, Clone, Default)]
struct Chunk {
    /// Actions without wildcard in lower case, sorted, with the statements that list them.
    exact: Vec<(Box<str>, Places)>,
    wild: Vec<(Pattern, Places)>,
    /// The statements with `NotAction`.
    negated: Places,
    /// All statements.
    all: Places,
}

/// A set of statements; iterates from the first to the last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Places(u128);

impl ActionIndex {
    pub(crate) fn new(statements: &[Statement]) -> Self {
        Self {
            chunks: statements.chunks(WIDTH).map(Chunk::new).collect(),
        }
    }

    /// For every run of statements: where it begins, its statements, and those about `action`, which is in lower case.
    pub(crate) fn about<'i>(
        &'i self,
        action: &'i str,
        context: &'i Context<'_>,
    ) -> impl Iterator<Item = (usize, Places, Places)> + 'i {
        self.chunks
            .iter()
            .zip((0..).step_by(WIDTH))
            .map(move |(chunk, start)| (start, chunk.all, chunk.about(action, context)))
    }
}

impl Chunk {
    fn new(statements: &[Statement]) -> Self {
        let mut chunk = Self::default();
        for (place, statement) in statements.iter().enumerate() {
            let place = Places(1 << place);
            chunk.all = chunk.all.and(place);
            if statement.action.negated {
                chunk.negated = chunk.negated.and(place);
            }
            for action in &statement.action.list {
                match action.pattern.exact() {
                    Some(exact) => {
                        match chunk
                            .exact
                            .binary_search_by(|(known, _)| (**known).cmp(exact))
                        {
                            Ok(at) => chunk
                                .exact
                                .get_mut(at)
                                .map(|(_, places)| *places = places.and(place)),
                            Err(at) => {
                                chunk.exact.insert(at, (exact.into(), place));
                                None
                            }
                        };
                    }
                    None => match chunk
                        .wild
                        .iter_mut()
                        .find(|(known, _)| *known == action.pattern)
                    {
                        Some((_, places)) => *places = places.and(place),
                        None => chunk.wild.push((action.pattern.clone(), place)),
                    },
                }
            }
        }
        chunk
    }

    fn about(&self, action: &str, context: &Context<'_>) -> Places {
        let exact = self
            .exact
            .binary_search_by(|(known, _)| (**known).cmp(action));
        let mut named = exact
            .ok()
            .and_then(|at| self.exact.get(at))
            .map_or(Places(0), |(_, places)| *places);
        for (pattern, places) in &self.wild {
            if pattern.matches(action, context) {
                named = named.and(*places);
            }
        }
        // `NotAction` is about all but the named.
        Places(named.0 ^ self.negated.0)
    }
}

impl Places {
    fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }
}

impl Iterator for Places {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let first = (self.0 != 0).then(|| self.0.trailing_zeros() as usize);
        self.0 &= self.0.wrapping_sub(1);
        first
    }
}
