//! The resources that can be allowed, as a language and as the patterns it is made of.

use serde::{Deserialize, Serialize};

use super::actions::{self, Class};
use super::law::{Law, covers};
use super::question::{Question, Spoken};
use super::search::TooLarge;
use super::set::{Pool, Set};
use super::settled::settled;
use super::word::Bound;
use crate::action::LowerAction;
use crate::evaluate::named_by;
use crate::{Effect, Layer};

/// The resources on which an action can be allowed to a caller, in some context.
///
/// It errs to the side of more: conditions are free and independent of each other.
pub struct Reach<'q> {
    pub(super) question: Question<'q>,
    pub(super) pool: Pool,
    pub(super) branches: Vec<Branch>,
}

/// What holds for one of the actions.
pub(super) struct Branch {
    pub(super) class: Class,
    pub(super) may: Set,
    pub(super) likely: Set,
    pub(super) sure: Set,
}

/// The resources one statement is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The type of policy.
    pub layer: Layer,
    /// The level, for service and resource control policies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<usize>,
    /// The statement's Sid, or the policy's name and its place.
    pub statement: String,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Whether it is about all resources but those of the patterns.
    pub negated: bool,
    /// The patterns as written; none means everything.
    pub patterns: Vec<String>,
    /// Which of the actions, when not all that were asked about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// Whether it has conditions that depend on the request.
    pub conditional: bool,
}

/// The resources on which an action can be allowed to a caller.
///
/// # Errors
///
/// When the action is a pattern that falls into too many cases.
pub fn may_reach<'q>(question: &Question<'q>) -> Result<Reach<'q>, TooLarge> {
    let mut pool = Pool::default();
    let branches = actions::classes(question)?;
    let branches = branches.into_iter().map(|class| {
        let mut law = |bound| {
            let mut law = Law {
                question,
                action: LowerAction::new(&class.action),
                bound,
                pool: &mut pool,
            };
            law.reach()
        };
        let (may, likely, sure) = (law(Bound::May), law(Bound::Likely), law(Bound::Sure));
        Branch {
            class,
            may,
            likely,
            sure,
        }
    });
    let branches = branches.collect();
    Ok(Reach {
        question: *question,
        pool,
        branches,
    })
}

impl Reach<'_> {
    /// Whether a resource can be allowed, in some context. What [`crate::decide`] allows is always contained.
    #[must_use]
    pub fn contains(&self, resource: &str) -> bool {
        self.branches
            .iter()
            .any(|branch| self.pool.contains(&branch.may, resource))
    }

    /// Whether a resource is allowed in every context, for some of the actions.
    #[must_use]
    pub fn certainly_contains(&self, resource: &str) -> bool {
        self.branches
            .iter()
            .any(|branch| self.pool.contains(&branch.sure, resource))
    }

    /// The action that was asked about.
    #[must_use]
    pub fn action(&self) -> &str {
        self.question.action
    }

    /// The caller, short: `role/s3ExportRole`.
    #[must_use]
    pub fn by(&self) -> String {
        self.question.by()
    }

    /// The statements the reach is made of, in the order they are heard.
    #[must_use]
    pub fn terms(&self) -> Vec<Term> {
        let mut terms = Vec::new();
        for side in self.question.sides() {
            for spoken in side.statements() {
                let term = self.term(&spoken);
                terms.extend(term.filter(|term| !terms.contains(term)));
            }
        }
        terms
    }

    fn term(&self, spoken: &Spoken<'_>) -> Option<Term> {
        let statement = spoken.statement;
        named_by(statement, spoken.layer, &self.question.principal)?;
        let known = self.question.known;
        let actions: Vec<String> = self
            .branches
            .iter()
            .map(|branch| &branch.class.action)
            .filter(|action| covers(statement, LowerAction::new(action).as_str(), known))
            .cloned()
            .collect();
        let denies = statement.effect == Effect::Deny;
        let mut settled = statement
            .conditions
            .iter()
            .map(|test| settled(test, denies, known));
        if actions.is_empty() || settled.clone().any(|holds| holds == Some(false)) {
            return None;
        }
        let resource = statement.resource.as_ref();
        let all = actions.len() == self.branches.len();
        Some(Term {
            layer: spoken.layer,
            level: matches!(spoken.layer, Layer::Scp | Layer::Rcp).then_some(spoken.level),
            statement: spoken.label(),
            effect: statement.effect,
            negated: resource.is_some_and(|element| element.negated),
            patterns: resource.map_or_else(Vec::new, |element| {
                element
                    .list
                    .iter()
                    .map(|pattern| pattern.text.to_string())
                    .collect()
            }),
            actions: if all { Vec::new() } else { actions },
            conditional: settled.any(|holds| holds.is_none()),
        })
    }
}
