//! A resource outside the patterns, made into a counterexample that explains itself.

use super::proof::{Because, Counterexample};
use super::question::{Side, Spoken};
use super::reach::Reach;
use super::requirement::requirements;
use super::witness::{MOST_DECISIONS, Trial, Witness};
use super::word::{Bound, Word};
use crate::{Effect, Part};

impl Reach<'_> {
    /// Puts a resource before the evaluator and says what it depended on.
    pub(super) fn example(&self, action: &str, resource: String, certain: bool) -> Counterexample {
        let question = &self.question;
        let side = question.side(&resource);
        let mut trial = Trial {
            question,
            side: &side,
            action,
            resource: &resource,
            left: MOST_DECISIONS,
        };
        let witness = trial.run();
        let because = self.because(&trial, &side, witness.as_ref());
        let (mut under, mut with) = (Vec::new(), Vec::new());
        if let Some(witness) = witness.as_ref().filter(|_| !certain) {
            under = requirements(&trial, &side, witness);
            let new = witness
                .context
                .iter()
                .filter(|entry| question.known.iter().all(|known| known.key != entry.key));
            with.extend(new.map(|entry| (entry.key.to_string(), entry.value.to_string())));
        }
        Counterexample {
            action: action.to_owned(),
            certain,
            confirmed: witness.is_some(),
            because,
            under,
            with,
            resource,
        }
    }

    fn because(
        &self,
        trial: &Trial<'_, '_>,
        side: &Side<'_>,
        witness: Option<&Witness<'_>>,
    ) -> Option<Because> {
        let statements = side.statements();
        let mut allows = statements
            .iter()
            .filter(|spoken| spoken.statement.effect == Effect::Allow);
        let spoken = match witness {
            Some(witness) => {
                let place = witness.decision.at?;
                allows.find(|spoken| {
                    let at = side.layers.get(witness.decision.by, place);
                    spoken.layer == witness.decision.by
                        && spoken.index == place.statement
                        && at.is_some_and(|at| std::ptr::eq(at.policy, spoken.attached.policy))
                })
            }
            None => allows.find(|spoken| trial.concerns(spoken)),
        }?;
        let (span, label) = covering(spoken, trial);
        Some(Because {
            layer: spoken.layer,
            policy: spoken.attached.source.name.to_owned(),
            holder: spoken.attached.source.holder.map(str::to_owned),
            statement: spoken.label(),
            text: spoken.attached.policy.text().to_owned(),
            span,
            label,
        })
    }
}

/// The pattern that covers a resource, and what to say there.
fn covering(spoken: &Spoken<'_>, trial: &Trial<'_, '_>) -> (std::ops::Range<usize>, String) {
    let (statement, resource) = (spoken.statement, trial.resource);
    let Some(element) = &statement.resource else {
        let span = statement
            .span_of(Part::Action)
            .unwrap_or_else(|| statement.span());
        return (span, format!("allows `{}` here", trial.action));
    };
    if element.negated {
        return (
            element.span.clone(),
            format!("does not leave out `{resource}`"),
        );
    }
    let fits = element.list.iter().find(|pattern| {
        Word::of(&pattern.pattern, trial.question.known, Bound::May)
            .is_some_and(|word| word.covers(resource))
    });
    let span = fits.map_or_else(|| element.span.clone(), |pattern| pattern.span.clone());
    (span, format!("covers `{resource}`"))
}
