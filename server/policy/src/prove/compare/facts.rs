//! Conditions as facts that hold or do not hold, the same in both documents.

use super::narrower::{MOST_SEARCHES, implies};
use super::sides::Side;
use crate::condition::Test;
use crate::prove::sample::{Wanted, satisfy};
use crate::prove::search::TooLarge;
use crate::{Context, Effect, Policy, Statement};

/// Facts that are tried both ways before a comparison gives up: 2 to this many cases.
const MOST_FREE: usize = 10;

/// One condition, however it is written.
#[derive(Debug)]
struct Fact<'p> {
    test: &'p Test,
    operator: String,
    key: String,
    values: Vec<&'p str>,
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
pub(super) struct Facts<'p> {
    facts: Vec<Fact<'p>>,
    /// Of each fact, those that hold with it, itself among them.
    implied: Vec<Vec<usize>>,
    new: Vec<Needs>,
    existing: Vec<Needs>,
}

impl<'p> Fact<'p> {
    fn of(test: &'p Test) -> Self {
        let mut values: Vec<&str> = test.operands.iter().map(|it| &*it.text).collect();
        values.sort_unstable();
        values.dedup();
        Self {
            test,
            operator: test.operator_name.to_ascii_lowercase(),
            key: test.key.to_ascii_lowercase(),
            values,
        }
    }

    /// Whether it is the same fact in other words: values in another order, keys in another case.
    fn is(&self, other: &Self) -> bool {
        self.operator == other.operator && self.key == other.key && self.values == other.values
    }

    /// Whether `other` holds wherever this one does: it lists more values (fewer, where it excludes them), lets the
    /// key be absent, or is wider in another way that can be proved.
    fn implies(&self, other: &Self, searches: &mut usize) -> bool {
        let same = self.operator == other.operator
            || other.operator.strip_suffix("ifexists") == Some(&*self.operator);
        let negated = self.test.operator.is_some_and(|operator| operator.negated);
        let (fewer, more) = if negated {
            (other, self)
        } else {
            (self, other)
        };
        self.key == other.key
            && (same && fewer.values.iter().all(|value| more.values.contains(value))
                || implies(self.test, other.test, searches))
    }
}

impl<'p> Facts<'p> {
    pub(super) fn of(new: &'p Policy, existing: &'p Policy) -> Self {
        let mut facts: Vec<Fact<'p>> = Vec::new();
        let mut needs = |statement: &'p Statement| {
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
                let at = facts.iter().position(|known| known.is(&fact));
                needed.push(at.unwrap_or(facts.len()));
                if at.is_none() {
                    facts.push(fact);
                }
            }
            Needs::Facts(needed)
        };
        let new = new.statements().iter().map(&mut needs).collect();
        let existing = existing.statements().iter().map(&mut needs).collect();
        let mut searches = MOST_SEARCHES;
        let mut follow = |at: usize, fact: &Fact<'p>| -> Vec<usize> {
            let others = facts.iter().enumerate();
            others
                .filter(|(to, other)| *to == at || fact.implies(other, &mut searches))
                .map(|(to, _)| to)
                .collect()
        };
        let implied = facts.iter().enumerate();
        let implied = implied.map(|(at, fact)| follow(at, fact)).collect();
        Self {
            facts,
            implied,
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

    /// The facts that hold at least where a statement of the new document applies.
    pub(super) fn least(&self, of: usize) -> Vec<bool> {
        self.with(self.needs(Side::New, of).unwrap_or_default())
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
        let mut holds = vec![false; self.facts.len()];
        let given = needed.iter().filter_map(|at| self.implied.get(*at));
        for at in given.flatten() {
            if let Some(slot) = holds.get_mut(*at) {
                *slot = true;
            }
        }
        holds
    }

    /// Requests in which an Allow of the new document applies and facts stand as a case has them: with all facts of
    /// the statements said, with those that are false, with the Allow's own.
    pub(super) fn requests(
        &self,
        allow: usize,
        others: &[(Side, &[usize])],
        holds: &[bool],
    ) -> Vec<Context<'static>> {
        let own = self.needs(Side::New, allow).unwrap_or_default();
        let parts = others.iter().flat_map(|(side, of)| {
            let needs = of.iter().filter_map(|at| self.needs(*side, *at));
            needs.flatten().copied()
        });
        let parts: Vec<usize> = parts.collect();
        let is = |fact: usize| holds.get(fact).copied().unwrap_or_default();
        let denied = parts.iter().copied().filter(|fact| !is(*fact)).collect();
        let mut contexts: Vec<Context<'static>> = Vec::new();
        for chosen in [parts, denied, Vec::new()] {
            let mut wanted: Vec<Wanted<'_>> = Vec::new();
            for fact in own.iter().chain(&chosen) {
                let test = self.facts.get(*fact).map(|fact| fact.test);
                wanted.extend(test.map(|test| Wanted {
                    test,
                    denies: false,
                    holds: is(*fact),
                }));
            }
            contexts.extend(satisfy(Context::new(), &wanted));
        }
        contexts
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
                let leads = |from: usize, to: usize| {
                    let implied = self.implied.get(from);
                    implied.is_some_and(|implied| implied.contains(&to))
                };
                other != fact && (leads(fact, other) || leads(other, fact))
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
