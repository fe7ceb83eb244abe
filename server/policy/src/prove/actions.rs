//! From a pattern of actions to one action for each way the policies treat them.

use std::ops::ControlFlow;

use super::law::covers;
use super::question::Question;
use super::search::{self, TooLarge};
use super::set::{Pool, Set};
use super::shape::{SHAPES, Shape};
use super::word::{Bound, DASH, DIGIT, Item, LOWER, Word};
use crate::Statement;
use crate::action::{ActionPattern, LowerAction};
use crate::pattern::Step;

/// Actions that are treated alike, by the name of one.
pub(super) struct Class {
    pub(super) action: String,
    pub(super) shape: &'static Shape,
}

/// Names to prefer as examples.
const WELL_KNOWN: [&str; 18] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:GetBucketLocation",
    "s3:ListAllMyBuckets",
    "s3:CreateJob",
    "iam:PassRole",
    "iam:GetRole",
    "iam:GetUser",
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
    "mobiletargeting:GetApp",
    "mobiletargeting:CreateExportJob",
    "mobiletargeting:GetEndpoint",
    "ses:SendEmail",
    "sms-voice:SendTextMessages",
    "sqs:SendMessage",
    "sns:Publish",
];

/// One action of each class, or the one that was asked about.
pub(super) fn classes(question: &Question<'_>) -> Result<Vec<Class>, TooLarge> {
    if !question.action.contains(['*', '?']) {
        let action = question.action.to_owned();
        return Ok(shape_of(&action)
            .map(|shape| Class { action, shape })
            .into_iter()
            .collect());
    }
    let asked = pattern(question.action);
    let statements: Vec<&Statement> = question
        .sides()
        .flat_map(|side| side.statements())
        .map(|spoken| spoken.statement)
        .collect();
    let mut seen: Vec<Vec<bool>> = Vec::new();
    let mut classes = Vec::new();
    let written = statements
        .iter()
        .flat_map(|statement| &statement.action.list)
        .filter(|pattern| !pattern.text.contains(['*', '?']))
        .map(|pattern| &*pattern.text);
    for name in written.chain(WELL_KNOWN) {
        let lower = LowerAction::new(name);
        let lower = lower.as_str();
        if !asked.pattern.matches(lower, question.known) || !Word(form()).covers(lower) {
            continue;
        }
        let Some(shape) = shape_of(name) else {
            continue;
        };
        let mut standing: Vec<bool> = SHAPES.iter().map(|row| std::ptr::eq(row, shape)).collect();
        standing.extend(
            statements
                .iter()
                .map(|statement| covers(statement, lower, question.known)),
        );
        if !seen.contains(&standing) {
            seen.push(standing);
            classes.push(Class {
                action: name.to_owned(),
                shape,
            });
        }
    }

    // Whatever has no name yet.
    let mut pool = Pool::default();
    let mut set = |pattern: &ActionPattern| words(pattern, question, &mut pool);
    let asked = set(&asked);
    let mut sets = vec![Set::Nothing];
    for row in &SHAPES {
        sets.push(Set::any(row.actions.iter().map(|text| set(&pattern(text)))));
    }
    for statement in &statements {
        let listed = Set::any(statement.action.list.iter().map(&mut set));
        sets.push(if statement.action.negated {
            listed.not()
        } else {
            listed
        });
    }
    let asked = asked.and(pool.add(Word(form())));
    if let Some(first) = sets.first_mut() {
        *first = asked;
    }
    search::explore(&pool, sets, |holds, text| {
        let Some((true, rest)) = holds.split_first() else {
            return ControlFlow::Continue(());
        };
        let mut standing = rest.to_vec();
        // Only the first row that names an action counts.
        let first = rest.iter().position(|holds| *holds).unwrap_or_default();
        for (at, holds) in standing.iter_mut().enumerate().take(SHAPES.len()) {
            *holds = at == first;
        }
        if !seen.contains(&standing) {
            seen.push(standing);
            let text = text();
            if let Some(shape) = shape_of(&text) {
                let action = spelled_like(question.action, text);
                classes.push(Class { action, shape });
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(classes)
}

fn pattern(text: &str) -> ActionPattern {
    ActionPattern::compile(text, 0..text.len())
}

fn words(pattern: &ActionPattern, question: &Question<'_>, pool: &mut Pool) -> Set {
    Word::of(&pattern.pattern, question.known, Bound::May)
        .map_or(Set::Nothing, |word| pool.add(word))
}

/// `prefix:name` in lower case.
fn form() -> Vec<Item> {
    vec![
        Item::One(LOWER),
        Item::Many(LOWER | DIGIT | DASH),
        Item::Char(':'),
        Item::One(LOWER),
        Item::Many(LOWER | DIGIT),
    ]
}

fn shape_of(action: &str) -> Option<&'static Shape> {
    let lower = LowerAction::new(action);
    let nothing = crate::Context::new();
    SHAPES.iter().find(|row| {
        row.actions
            .iter()
            .any(|text| pattern(text).pattern.matches(lower.as_str(), &nothing))
    })
}

/// Takes over the letter case of the pattern's plain beginning.
fn spelled_like(asked: &str, found: String) -> String {
    let pattern = crate::pattern::Pattern::compile(
        asked,
        crate::pattern::Syntax {
            wildcards: true,
            variables_from: None,
        },
    );
    match pattern.steps().first() {
        Some(Step::Text(start)) => match found.get(start.len()..) {
            Some(rest) => format!("{start}{rest}"),
            None => found,
        },
        _ => found,
    }
}
