//! Breadth first through all texts at once, so that what is found first is shortest.

use std::collections::HashMap;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::alphabet;
use super::machine::Machine;
use super::set::{Pool, Set};

/// The question needs more states than anyone should wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error(
    "the patterns interact in too many ways to go through them all (stopped after {states} states)"
)]
pub struct TooLarge {
    /// How many states were looked at.
    pub states: usize,
}

/// States of a search before it gives up.
const MOST_STATES: usize = 20_000;
/// Single steps of words, over all states.
const MOST_STEPS: usize = 20_000_000;

/// The shortest text in a set; of several as short, the one that reads best.
pub(super) fn shortest(pool: &Pool, set: &Set) -> Result<Option<String>, TooLarge> {
    let mut found = None;
    examples(pool, set, |text| {
        found = Some(text);
        ControlFlow::Break(())
    })?;
    Ok(found)
}

/// Texts in a set, shortest first, none that the patterns treat like one before.
pub(super) fn examples(
    pool: &Pool,
    set: &Set,
    mut take: impl FnMut(String) -> ControlFlow<()>,
) -> Result<(), TooLarge> {
    explore(pool, vec![set.clone()], |holds, text| match holds.first() {
        Some(true) => take(text()),
        _ => ControlFlow::Continue(()),
    })
}

/// Visits every different standing of the sets, shortest text first, as long as the first set can still hold.
pub(super) fn explore(
    pool: &Pool,
    sets: Vec<Set>,
    mut visit: impl FnMut(&[bool], &dyn Fn() -> String) -> ControlFlow<()>,
) -> Result<(), TooLarge> {
    let letters = alphabet::letters(pool.words());
    let mut machines: Vec<Machine<'_>> = pool
        .words()
        .iter()
        .map(|word| Machine::new(word, letters.len()))
        .collect();
    let start = sets
        .iter()
        .map(|set| set.map(&mut |word, _| at(&machines, word, 0)))
        .collect::<Vec<_>>();
    let mut search = Search::default();
    search.meet(start, None);
    let (mut done, mut steps) = (0, 0);
    while let Some(standing) = search.standings.get(done).cloned() {
        let holds: Vec<bool> = standing
            .iter()
            .map(|set| set.holds(&mut |word, state| accepts(&machines, word, state)))
            .collect();
        if visit(&holds, &|| search.text(done)).is_break() {
            return Ok(());
        }
        for (index, letter) in letters.iter().enumerate() {
            let next = standing.iter().map(|set| {
                set.map(&mut |word, state| {
                    steps += 1;
                    match machines.get_mut(word) {
                        Some(machine) => {
                            let state = machine.step(state, index, letter);
                            machine.set(word, state)
                        }
                        None => Set::Nothing,
                    }
                })
            });
            let next: Vec<Set> = next.collect();
            if next.first() != Some(&Set::Nothing) {
                search.meet(next, Some((done, letter.character)));
            }
        }
        done += 1;
        let states = search.standings.len() + machines.iter().map(Machine::size).sum::<usize>();
        if states > MOST_STATES || steps > MOST_STEPS {
            return Err(TooLarge { states });
        }
    }
    Ok(())
}

fn at(machines: &[Machine<'_>], word: usize, state: usize) -> Set {
    machines
        .get(word)
        .map_or(Set::Nothing, |machine| machine.set(word, state))
}

fn accepts(machines: &[Machine<'_>], word: usize, state: usize) -> bool {
    machines
        .get(word)
        .is_some_and(|machine| machine.accepts(state))
}

/// The standings met, in the order they were met, each with the letter that led to it.
#[derive(Default)]
struct Search {
    standings: Vec<std::rc::Rc<[Set]>>,
    from: Vec<Option<(usize, char)>>,
    known: HashMap<std::rc::Rc<[Set]>, ()>,
}

impl Search {
    fn meet(&mut self, standing: Vec<Set>, from: Option<(usize, char)>) {
        let standing: std::rc::Rc<[Set]> = standing.into();
        if self.known.insert(standing.clone(), ()).is_none() {
            self.standings.push(standing);
            self.from.push(from);
        }
    }

    /// The text that led to a standing.
    fn text(&self, mut at: usize) -> String {
        let mut text = Vec::new();
        while let Some((before, character)) = self.from.get(at).copied().flatten() {
            text.push(character);
            at = before;
        }
        text.iter().rev().collect()
    }
}
