//! Whether a reach lies within patterns.

use std::ops::ControlFlow;

use super::proof::{Counterexample, Proof, Verdict};
use super::question::{self, Question};
use super::reach::{Branch, Reach, may_reach};
use super::search::{self, TooLarge};
use super::set::Set;
use super::word::{Bound, Word};
use crate::Context;

/// Examples to put before the evaluator when their conditions turn out to exclude each other.
const MOST_EXAMPLES: usize = 8;

/// Decides whether all resources on which an action can be allowed lie within patterns, whatever the context.
///
/// The patterns have wildcards and no variables. Without any, it proves that nothing can be allowed.
#[must_use]
pub fn prove(question: &Question<'_>, within: &[&str]) -> Proof {
    match may_reach(question) {
        Ok(reach) => reach.within(within),
        Err(too_large) => Proof {
            action: question.action.to_owned(),
            by: question.by(),
            within: within.iter().map(|text| (*text).to_owned()).collect(),
            over: Vec::new(),
            verdict: Verdict::TooLarge(too_large),
        },
    }
}

impl Reach<'_> {
    /// Decides whether the reach lies within patterns.
    #[must_use]
    pub fn within(&self, within: &[&str]) -> Proof {
        let mut over: Vec<String> = Vec::new();
        for branch in &self.branches {
            let name = branch.class.shape.name;
            if !over.iter().any(|known| known == name) {
                over.push(name.to_owned());
            }
        }
        Proof {
            action: self.action().to_owned(),
            by: self.by(),
            within: within.iter().map(|text| (*text).to_owned()).collect(),
            over,
            verdict: self.verdict(within),
        }
    }

    fn verdict(&self, within: &[&str]) -> Verdict {
        let (mut best, mut too_large, mut nothing) = (None, None, true);
        for branch in &self.branches {
            match self.counterexample(branch, within, &mut nothing) {
                Ok(None) => {}
                Ok(Some(found)) if found.certain => {
                    return Verdict::Counterexample(Box::new(found));
                }
                Ok(Some(found)) => match &best {
                    Some(Counterexample {
                        confirmed: true, ..
                    }) => {}
                    Some(_) if !found.confirmed => {}
                    _ => best = Some(found),
                },
                Err(error) => too_large = Some(error),
            }
        }
        match (best, too_large) {
            (Some(found), _) => Verdict::Counterexample(Box::new(found)),
            (None, Some(error)) => Verdict::TooLarge(error),
            (None, None) => Verdict::Proved {
                reaches_nothing: nothing,
                free: self.free(),
            },
        }
    }

    fn counterexample(
        &self,
        branch: &Branch,
        within: &[&str],
        nothing: &mut bool,
    ) -> Result<Option<Counterexample>, TooLarge> {
        let mut pool = self.pool.clone();
        let (shape, action) = (branch.class.shape, &branch.class.action);
        let inside = Set::any(within.iter().map(|text| {
            let pattern = question::plain(text);
            Word::of(&pattern.pattern, &Context::new(), Bound::May)
                .map_or(Set::Nothing, |word| pool.add(word))
        }));
        let outside = inside.not();
        let all = shape.all(&self.question, action, &mut pool);
        let likely = shape.likely(&self.question, action, &mut pool);
        let (may, sure) = (&branch.may, &branch.sure);

        let any = Set::all([may.clone(), all.clone(), outside.clone()]);
        let Some(shortest) = search::shortest(&pool, &any)? else {
            if *nothing {
                *nothing = search::shortest(&pool, &may.clone().and(all))?.is_none();
            }
            return Ok(None);
        };
        *nothing = false;

        // Better than short: one that needs no condition, and one that looks like what people use.
        let better = |one: &Set, other: &Set| {
            let set = Set::all([one.clone(), other.clone(), outside.clone()]);
            search::shortest(&pool, &set).ok().flatten()
        };
        let certain = better(sure, &likely).or_else(|| better(sure, &all));
        if let Some(resource) = certain {
            return Ok(Some(self.example(action, resource, true)));
        }
        let mut fallback = None;
        for (reach, shape) in [(&branch.likely, likely), (may, all)] {
            let set = Set::all([reach.clone(), shape, outside.clone()]);
            let (mut found, mut left) = (None, MOST_EXAMPLES);
            // Whatever ends this search, there is a counterexample already.
            let _ = search::examples(&pool, &set, |resource| {
                let example = self.example(action, resource, false);
                left -= 1;
                if example.confirmed {
                    found = Some(example);
                    return ControlFlow::Break(());
                }
                fallback.get_or_insert(example);
                if left == 0 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            });
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(Some(
            fallback.unwrap_or_else(|| self.example(action, shortest, false)),
        ))
    }
}
