//! A word read character by character: positions side by side, their sets made when they are met.

use std::collections::HashMap;

use super::alphabet::Letter;
use super::set::Set;
use super::word::{ANY, Item, Word};

/// No state computed yet.
const UNKNOWN: usize = usize::MAX;

/// The lazily determinised automaton of one word.
#[derive(Debug)]
pub(super) struct Machine<'w> {
    items: &'w [Item],
    letters: usize,
    states: Vec<Box<[u16]>>,
    ids: HashMap<Box<[u16]>, usize>,
    next: Vec<usize>,
}

impl<'w> Machine<'w> {
    pub(super) fn new(word: &'w Word, letters: usize) -> Self {
        let mut machine = Self {
            items: &word.0,
            letters,
            states: Vec::new(),
            ids: HashMap::new(),
            next: Vec::new(),
        };
        machine.state(vec![0]);
        machine
    }

    /// How many sets of positions have been met.
    pub(super) fn size(&self) -> usize {
        self.states.len()
    }

    fn state(&mut self, positions: Vec<u16>) -> usize {
        let positions = self.close(positions);
        if let Some(id) = self.ids.get(&positions) {
            return *id;
        }
        let id = self.states.len();
        self.states.push(positions.clone());
        self.ids.insert(positions, id);
        self.next.resize(self.next.len() + self.letters, UNKNOWN);
        id
    }

    /// Adds the positions behind repetitions, and drops those that a later `*` makes superfluous: whatever
    /// leads from an earlier position over the star, the star takes as well. So a pattern without `?` has no more
    /// states than characters.
    fn close(&self, mut positions: Vec<u16>) -> Box<[u16]> {
        positions.sort_unstable();
        positions.dedup();
        let mut closed: Vec<u16> = Vec::with_capacity(positions.len() + 1);
        for position in positions {
            let mut position = position;
            while closed.last().is_none_or(|last| *last < position) {
                closed.push(position);
                match self.items.get(usize::from(position)) {
                    Some(Item::Many(_)) => position += 1,
                    _ => break,
                }
            }
        }
        let star = closed
            .iter()
            .rposition(|at| self.items.get(usize::from(*at)) == Some(&Item::Many(ANY)));
        closed.drain(..star.unwrap_or_default());
        closed.into()
    }

    /// What is left of the word after a letter.
    pub(super) fn step(&mut self, state: usize, index: usize, letter: &Letter) -> usize {
        let slot = state * self.letters + index;
        match self.next.get(slot) {
            Some(&known) if known != UNKNOWN => return known,
            _ => {}
        }
        let mut positions = Vec::new();
        for &at in self.states.get(state).map(|set| &**set).unwrap_or_default() {
            let (fits, to) = match self.items.get(usize::from(at)) {
                Some(Item::Char(wanted)) => (letter.named && *wanted == letter.character, at + 1),
                Some(Item::One(kinds)) => (kinds & letter.kind != 0, at + 1),
                Some(Item::Many(kinds)) => (kinds & letter.kind != 0, at),
                None => (false, at),
            };
            if fits {
                positions.push(to);
            }
        }
        let next = self.state(positions);
        if let Some(slot) = self.next.get_mut(slot) {
            *slot = next;
        }
        next
    }

    pub(super) fn accepts(&self, state: usize) -> bool {
        let end = self.items.len();
        self.states
            .get(state)
            .is_some_and(|set| set.iter().any(|at| usize::from(*at) == end))
    }

    /// The state as a set: one that can only fail or only hold is no longer a matter of the word.
    pub(super) fn set(&self, word: usize, state: usize) -> Set {
        let positions = self.states.get(state).map(|set| &**set).unwrap_or_default();
        let ends_in_star = self.items.last() == Some(&Item::Many(ANY));
        match positions.last() {
            None => Set::Nothing,
            Some(_) if ends_in_star && self.accepts(state) => Set::Everything,
            Some(_) => Set::Word { word, state },
        }
    }
}
