//! On what a counterexample depends.

use super::proof::Requirement;
use super::question::{Side, Spoken};
use super::settled::settled;
use super::witness::{Trial, Witness};
use super::word::fixed;
use crate::condition::Test;
use crate::pattern::Step;
use crate::{Context, Effect};

/// What the Allows need that the witness was made for, and what keeps each Deny away.
pub(super) fn requirements(
    trial: &Trial<'_, '_>,
    side: &Side<'_>,
    witness: &Witness<'_>,
) -> Vec<Requirement> {
    let (known, context) = (trial.question.known, &witness.context);
    let mut under = Vec::new();
    for spoken in &witness.chosen {
        let tests = spoken.statement.conditions.iter();
        let free = tests.filter(|test| settled(test, false, known).is_none());
        under.extend(free.map(|test| condition(spoken, test, true)));
        under.extend(variables(spoken, trial, context));
    }
    for spoken in side.statements() {
        if spoken.statement.effect == Effect::Allow || !trial.concerns(&spoken) {
            continue;
        }
        // One condition that fails is enough; where none does, the variables make the difference.
        let mut tests = spoken.statement.conditions.iter();
        match tests.find(|test| !test.holds(true, context)) {
            Some(test) => under.extend(
                settled(test, true, known)
                    .is_none()
                    .then(|| condition(&spoken, test, false)),
            ),
            None => under.extend(variables(&spoken, trial, context)),
        }
    }
    under
}

fn condition(spoken: &Spoken<'_>, test: &Test, holds: bool) -> Requirement {
    let values = test.operands.iter().map(|operand| operand.text.to_string());
    Requirement::Condition {
        statement: spoken.label(),
        operator: test.operator_name.to_string(),
        key: test.key.to_string(),
        values: values.collect(),
        holds,
    }
}

/// The variables in those patterns of a statement that matter for the resource.
fn variables(
    spoken: &Spoken<'_>,
    trial: &Trial<'_, '_>,
    context: &Context<'_>,
) -> Vec<Requirement> {
    let mut found = Vec::new();
    let Some(element) = &spoken.statement.resource else {
        return found;
    };
    let plain = |pattern: &&crate::action::ResourcePattern| {
        pattern
            .pattern
            .matches(trial.resource, trial.question.known)
    };
    if !element.negated && element.list.iter().any(|pattern| plain(&pattern)) {
        return found;
    }
    let steps = element
        .list
        .iter()
        .filter(|pattern| trial.may_cover(pattern))
        .flat_map(|pattern| pattern.pattern.steps());
    for step in steps {
        if let Step::Variable(key) = step
            && fixed(trial.question.known, key).is_none()
        {
            let requirement = Requirement::Variable {
                statement: spoken.label(),
                key: key.to_owned(),
                value: context.get(key).map(ToString::to_string),
            };
            if !found.contains(&requirement) {
                found.push(requirement);
            }
        }
    }
    found
}
