//! Conditions as facts that hold or do not hold, the same in both documents.

use super::sides::Side;
use crate::condition::Test;
use crate::prove::search::TooLarge;
use crate::{Effect, Policy, Statement};

/// Facts that are tried both ways before a comparison gives up: 2 to this many cases.
const MOST_FREE: usize = 10;

/// One condition, however it is written.
#[derive(Debug, PartialEq)]
struct Fact {
    operator: String,
    key: String,
    values: Vec<String>,
    negated: bool,
}

/// What a statement asks for.
#[derive(Debug)]
enum Needs {
    /// All of these facts.
    Facts(Vec<usize>),
    /// It never applies: an Allow under a condition that nobody understands.
    Never,
}

/// All facts of two documents, and what each statement needs.
pub(super) struct Facts {
    facts: Vec<Fact>,
    new: Vec<Needs>,
    existing: Vec<Needs>,
}

impl Fact {
    fn of(test: &Test) -> Self {
        let mut values: Vec<String> = test.operands.iter().map(|it| it.text.to_string()).collect();
        values.sort();
        values.dedup();
        Self {
            operator: test.operator_name.to_ascii_lowercase(),
            key: test.key.to_ascii_lowercase(),
            values,
            negated: test.operator.is_some_and(|operator| operator.negated),
        }
    }

    /// Whether `other` holds wherever this one does: it lists more values (fewer, where it excludes them), or lets
    /// the key be absent.
    fn implies(&self, other: &Self) -> bool {
        let same = self.operator == other.operator
            || other.operator.strip_suffix("ifexists") == Some(&*self.operator);
        let (fewer, more) = if self.negated {
            (other, self)
        } else {
            (self, other)
        };
        same && self.key == other.key
            && fewer.values.iter().all(|value| more.values.contains(value))
    }
}

impl Facts {
    pub(super) fn of(new: &Policy, existing: &Policy) -> Self {
        let mut facts: Vec<Fact> = Vec::new();
        let mut needs = |statement: &Statement| {
            let mut needed = Vec::new();
            for test in &statement.conditions {
                if test.operator.is_none() {
                    match statement.effect {
                        // What cannot be understood never allows and always denies.
                        Effect::Allow => return Needs::Never,
                        Effect::Deny => continue,
                    }
                }
                let fact = Fact::of(test);
                let at = facts.iter().position(|known| *known == fact);
                needed.push(at.unwrap_or(facts.len()));
                if at.is_none() {
                    facts.push(fact);
                }
            }
            Needs::Facts(needed)
        };
        let new = new.statements().iter().map(&mut needs).collect();
        let existing = existing.statements().iter().map(&mut needs).collect();
        Self {
            facts,
            new,
            existing,
        }
    }

    fn needs(&self, side: Side, at: usize) -> Option<&[usize]> {
        let needs = match side {
            Side::New => &self.new,
            Side::Existing => &self.existing,
        };
        match needs.get(at)? {
            Needs::Facts(needed) => Some(needed),
            Needs::Never => None,
        }
    }

    /// Whether a statement applies when just these facts hold.
    pub(super) fn applies(&self, side: Side, at: usize, holds: &[bool]) -> bool {
        let holds = |fact: &usize| holds.get(*fact).copied().unwrap_or_default();
        self.needs(side, at)
            .is_some_and(|needed| needed.iter().all(holds))
    }

    /// Whether one statement of a document applies wherever another does.
    pub(super) fn follows(&self, of: usize, at: usize) -> bool {
        let Some(needed) = self.needs(Side::New, of) else {
            return true;
        };
        let holds = self.with(needed);
        self.applies(Side::New, at, &holds)
    }

    /// These facts, and all that follow from them.
    fn with(&self, needed: &[usize]) -> Vec<bool> {
        let given: Vec<&Fact> = needed.iter().filter_map(|at| self.facts.get(*at)).collect();
        let follows = |fact: &Fact| given.iter().any(|known| known.implies(fact));
        self.facts.iter().map(follows).collect()
    }

    /// Which facts may hold when an Allow of the new document applies. Facts that can only help the existing document
    /// are taken as false, those that can only hurt it as true; the rest is tried both ways.
    pub(super) fn cases(
        &self,
        allow: usize,
        new_denies: &[usize],
        held: &[usize],
        old_denies: &[usize],
    ) -> Result<Vec<Vec<bool>>, TooLarge> {
        let Some(needed) = self.needs(Side::New, allow) else {
            return Ok(Vec::new());
        };
        let start = self.with(needed);
        let part = |side: Side, of: &[usize]| -> Vec<usize> {
            let needs = of.iter().filter_map(|at| self.needs(side, *at));
            needs.flatten().copied().collect()
        };
        let mut helps = part(Side::New, new_denies);
        helps.extend(part(Side::Existing, held));
        let hurts = part(Side::Existing, old_denies);
        let open = |fact: usize| start.get(fact) == Some(&false);
        let bound = |fact: usize| {
            let linked = |other: usize| {
                let pair = self.facts.get(fact).zip(self.facts.get(other));
                other != fact && pair.is_some_and(|(one, two)| one.implies(two) || two.implies(one))
            };
            let all = helps.iter().chain(&hurts);
            (helps.contains(&fact) && hurts.contains(&fact))
                || (hurts.contains(&fact) && all.clone().any(|other| linked(*other)))
        };
        let mut free: Vec<usize> = helps
            .iter()
            .chain(&hurts)
            .copied()
            .filter(|fact| open(*fact) && bound(*fact))
            .collect();
        free.sort_unstable();
        free.dedup();
        if free.len() > MOST_FREE {
            return Err(TooLarge {
                states: 1 << MOST_FREE,
            });
        }
        let mut first = start.clone();
        for fact in hurts
            .iter()
            .filter(|fact| open(**fact) && !free.contains(fact))
        {
            if let Some(slot) = first.get_mut(*fact) {
                *slot = true;
            }
        }
        let mut cases = Vec::new();
        for choice in 0..1_usize << free.len() {
            let mut case = first.clone();
            for (bit, fact) in free.iter().enumerate() {
                if let Some(slot) = case.get_mut(*fact) {
                    *slot = choice >> bit & 1 == 1;
                }
            }
            // What follows from a fact holds with it.
            let given: Vec<usize> = (0..case.len())
                .filter(|at| case.get(*at) == Some(&true))
                .collect();
            cases.push(self.with(&given));
        }
        Ok(cases)
    }
}
