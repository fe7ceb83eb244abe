//! One resource put before the real [`decide`], in a context made so that it is allowed.

use super::law::covers;
use super::question::{Question, Side, Spoken};
use super::sample::{Wanted, satisfy};
use super::word::{Bound, Word};
use crate::action::{LowerAction, ResourcePattern};
use crate::evaluate::named_by;
use crate::pattern::Step;
use crate::{Context, Decision, Effect, Layer, Origin, Outcome, Request, decide};

/// A context in which the resource is allowed.
pub(super) struct Witness<'q> {
    pub(super) context: Context<'static>,
    pub(super) decision: Decision,
    /// The Allow statements it was made for.
    pub(super) chosen: Vec<Spoken<'q>>,
}

/// Looks for a context that allows; there may be one even where none is found.
pub(super) struct Trial<'a, 'q> {
    pub(super) question: &'a Question<'q>,
    pub(super) side: &'a Side<'q>,
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    /// Decisions that may still be made.
    pub(super) left: usize,
}

/// Decisions for one trial.
pub(super) const MOST_DECISIONS: usize = 400;

impl<'q> Trial<'_, 'q> {
    pub(super) fn run(&mut self) -> Option<Witness<'q>> {
        let groups = self.groups();
        // The first choice of every layer; then in each layer another one.
        let mut choices = vec![vec![0; groups.len()]];
        for (group, (_, list)) in groups.iter().enumerate() {
            choices.extend((1..list.len()).map(|other| {
                let mut choice = vec![0; groups.len()];
                choice
                    .iter_mut()
                    .skip(group)
                    .take(1)
                    .for_each(|slot| *slot = other);
                choice
            }));
        }
        // An Allow in every layer is more than is needed: with or without the resource's own policy.
        let kept: [fn(Layer) -> bool; 3] = [
            |layer| !of_resource(layer),
            |layer| !matches!(layer, Layer::Identity | Layer::Boundary | Layer::Session),
            |_| true,
        ];
        for choice in &choices {
            for keep in kept {
                let chosen: Vec<Spoken<'q>> = groups
                    .iter()
                    .zip(choice)
                    .filter(|((layer, _), _)| keep(*layer))
                    .filter_map(|((_, list), at)| list.get(*at).copied())
                    .collect();
                if let Some(witness) = self.attempt(chosen) {
                    return Some(witness);
                }
            }
        }
        None
    }

    /// The Allow statements about the resource, layer by layer, those with few conditions first.
    fn groups(&self) -> Vec<(Layer, Vec<Spoken<'q>>)> {
        let mut groups: Vec<((Layer, usize), Vec<Spoken<'q>>)> = Vec::new();
        for spoken in self.side.statements() {
            if spoken.statement.effect != Effect::Allow || !self.concerns(&spoken) {
                continue;
            }
            let group = (spoken.layer, spoken.level);
            match groups.iter_mut().find(|(known, _)| *known == group) {
                Some((_, list)) => list.push(spoken),
                None => groups.push((group, vec![spoken])),
            }
        }
        for (_, list) in &mut groups {
            list.sort_by_key(|spoken| spoken.statement.conditions.len());
        }
        groups
            .into_iter()
            .map(|((layer, _), list)| (layer, list))
            .collect()
    }

    /// Whether a statement may be about caller, action and resource.
    pub(super) fn concerns(&self, spoken: &Spoken<'_>) -> bool {
        let (statement, known) = (spoken.statement, self.question.known);
        let action = LowerAction::new(self.action);
        let bound = |negated| if negated { Bound::Sure } else { Bound::May };
        named_by(statement, spoken.layer, &self.question.principal).is_some()
            && covers(statement, action.as_str(), known)
            && statement.resource.as_ref().is_none_or(|element| {
                let listed = element.list.iter().any(|pattern| {
                    Word::of(&pattern.pattern, known, bound(element.negated))
                        .is_some_and(|word| word.covers(self.resource))
                });
                listed != element.negated
            })
    }

    /// Whether a pattern covers the resource for some values of its variables.
    pub(super) fn may_cover(&self, pattern: &ResourcePattern) -> bool {
        Word::of(&pattern.pattern, self.question.known, Bound::May)
            .is_some_and(|word| word.covers(self.resource))
    }

    fn attempt(&mut self, chosen: Vec<Spoken<'q>>) -> Option<Witness<'q>> {
        let mut context = self.question.known_owned();
        for spoken in &chosen {
            self.fill(spoken, &mut context);
        }
        let wanted: Vec<Wanted<'_>> = chosen
            .iter()
            .flat_map(|spoken| &spoken.statement.conditions)
            .map(|test| Wanted {
                test,
                denies: false,
                holds: true,
            })
            .collect();
        let (context, decision) = self.avoid(&context, &wanted, 6)?;
        Some(Witness {
            context,
            decision,
            chosen,
        })
    }

    /// Gives the variables of a resource pattern the values that make it fit.
    fn fill(&self, spoken: &Spoken<'_>, context: &mut Context<'static>) {
        let Some(element) = spoken
            .statement
            .resource
            .as_ref()
            .filter(|element| !element.negated)
        else {
            return;
        };
        for pattern in &element.list {
            let steps = pattern.pattern.steps();
            let mut values = Vec::new();
            if assign(&steps, self.resource, context, &mut values, &mut 20_000) {
                for (key, value) in values {
                    context.set(key.to_owned(), value.to_owned(), Origin::Given);
                }
                return;
            }
        }
    }

    /// Decides; where a Deny applies, makes one of its conditions fail and decides again.
    fn avoid(
        &mut self,
        context: &Context<'static>,
        wanted: &[Wanted<'_>],
        depth: usize,
    ) -> Option<(Context<'static>, Decision)> {
        self.left = self.left.checked_sub(1)?;
        let tried = satisfy(context.clone(), wanted)?;
        let decision = decide(&self.request(&tried), &self.side.layers);
        match decision.outcome {
            Outcome::Allowed => Some((tried, decision)),
            Outcome::ImplicitDeny => None,
            Outcome::ExplicitDeny => {
                let tests = &decision.statement(&self.side.layers)?.conditions;
                tests.iter().filter(|_| depth > 0).find_map(|test| {
                    let mut wanted = wanted.to_vec();
                    wanted.push(Wanted {
                        test,
                        denies: true,
                        holds: false,
                    });
                    self.avoid(context, &wanted, depth - 1)
                })
            }
        }
    }

    fn request<'c>(&'c self, context: &'c Context<'c>) -> Request<'c> {
        Request {
            principal: self.question.principal,
            action: self.action,
            resource: self.resource,
            resource_account: self.side.account,
            rule: self.side.rule,
            context,
        }
    }
}

fn of_resource(layer: Layer) -> bool {
    matches!(
        layer,
        Layer::Trust | Layer::Bucket | Layer::Resource | Layer::Acl
    )
}

/// Splits the text among the variables of a pattern; `left` bounds the work.
fn assign<'p>(
    steps: &[Step<'p>],
    text: &'p str,
    context: &Context<'_>,
    values: &mut Vec<(&'p str, &'p str)>,
    left: &mut usize,
) -> bool {
    let Some(fewer) = left.checked_sub(1) else {
        return false;
    };
    *left = fewer;
    let Some((step, rest)) = steps.split_first() else {
        return text.is_empty();
    };
    let ends = || {
        text.char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .map(|at| text.split_at(at))
    };
    match *step {
        Step::Text(literal) => text
            .strip_prefix(literal)
            .is_some_and(|text| assign(rest, text, context, values, left)),
        Step::One => {
            let mut characters = text.chars();
            characters.next().is_some() && assign(rest, characters.as_str(), context, values, left)
        }
        Step::Many => ends().any(|(_, text)| assign(rest, text, context, values, left)),
        Step::Variable(key) => {
            let set = values
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(key));
            let value = match set {
                Some((_, value)) => Some((*value).to_owned()),
                None => context.get(key).map(|value| {
                    value
                        .single_text()
                        .map_or_else(String::new, |text| text.to_owned())
                }),
            };
            if let Some(value) = value {
                return text
                    .strip_prefix(&*value)
                    .is_some_and(|text| assign(rest, text, context, values, left));
            }
            // No real key is empty, so that comes last.
            ends().skip(1).chain(ends().take(1)).any(|(value, text)| {
                values.push((key, value));
                let fits = assign(rest, text, context, values, left);
                if !fits {
                    values.pop();
                }
                fits
            })
        }
    }
}
