//! What a proof did not depend on.

use super::law::covers;
use super::proof::Free;
use super::reach::{Branch, Reach};
use super::settled::settled;
use super::word::fixed;
use crate::Effect;
use crate::action::LowerAction;
use crate::evaluate::named_by;
use crate::pattern::Step;

impl Reach<'_> {
    /// Everything in Allow statements that was taken as free.
    pub(super) fn free(&self) -> Vec<Free> {
        let (question, mut free) = (&self.question, Vec::new());
        let statements = question.sides().flat_map(|side| side.statements());
        for spoken in statements.filter(|spoken| spoken.statement.effect == Effect::Allow) {
            let statement = spoken.statement;
            let about = |branch: &Branch| {
                let action = LowerAction::new(&branch.class.action);
                covers(statement, action.as_str(), question.known)
            };
            if named_by(statement, spoken.layer, &question.principal).is_none()
                || !self.branches.iter().any(about)
            {
                continue;
            }
            let tests = statement
                .conditions
                .iter()
                .filter(|test| settled(test, false, question.known).is_none())
                .map(|test| format!("{} {}", test.operator_name, test.key));
            let patterns = statement.resource.iter().flat_map(|element| &element.list);
            let variables = patterns
                .flat_map(|pattern| pattern.pattern.steps())
                .filter_map(|step| match step {
                    Step::Variable(key) if fixed(question.known, key).is_none() => {
                        Some(format!("${{{key}}}"))
                    }
                    _ => None,
                });
            for what in tests.chain(variables) {
                let entry = Free {
                    statement: spoken.label(),
                    what,
                };
                if !free.contains(&entry) {
                    free.push(entry);
                }
            }
        }
        free
    }
}
