//! A document read into its elements, before any rule of a policy kind is applied.

use std::ops::Range;

use crate::json::{Json, Member, Node};
use crate::trouble::{Found, Trouble};

/// A text of the document and its place, without quotes.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) text: Box<str>,
    pub(crate) span: Range<usize>,
}

#[derive(Debug, Default)]
pub(crate) struct RawPolicy {
    pub(crate) version: Option<Word>,
    pub(crate) span: Range<usize>,
    pub(crate) statements: Vec<RawStatement>,
}

#[derive(Debug, Default)]
pub(crate) struct RawStatement {
    pub(crate) span: Range<usize>,
    pub(crate) sid: Option<Word>,
    pub(crate) effect: Option<Word>,
    pub(crate) principal: Option<RawPrincipal>,
    pub(crate) action: Option<RawList>,
    pub(crate) resource: Option<RawList>,
    pub(crate) conditions: Vec<RawOperator>,
    pub(crate) condition_span: Option<Range<usize>>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug)]
pub(crate) struct RawList {
    pub(crate) negated: bool,
    pub(crate) key_span: Range<usize>,
    pub(crate) span: Range<usize>,
    pub(crate) values: Vec<Word>,
}

#[derive(Debug)]
pub(crate) struct RawPrincipal {
    pub(crate) negated: bool,
    pub(crate) key_span: Range<usize>,
    pub(crate) span: Range<usize>,
    /// The group as written, and the value; the bare star has an empty group.
    pub(crate) values: Vec<(Word, Word)>,
}

#[derive(Debug)]
pub(crate) struct RawOperator {
    pub(crate) operator: Word,
    pub(crate) keys: Vec<(Word, RawValues)>,
}

#[derive(Debug)]
pub(crate) struct RawValues {
    pub(crate) span: Range<usize>,
    pub(crate) values: Vec<Word>,
}

/// Reads the elements; whatever has the wrong shape is left out and reported.
pub(crate) fn read(node: &Node, found: &mut Vec<Found>) -> RawPolicy {
    let mut policy = RawPolicy {
        span: node.span.clone(),
        ..RawPolicy::default()
    };
    let Json::Object(members) = &node.value else {
        found.push(wrong_type("a policy document", "an object", node));
        return policy;
    };
    let mut statement = None;
    for member in members {
        match &*member.name {
            "Version" => policy.version = text(member, found),
            "Id" => drop(text(member, found)),
            "Statement" => statement = Some(&member.value),
            _ => found.push(unknown(
                member,
                "a policy document",
                &["Version", "Id", "Statement"],
            )),
        }
    }
    match statement.map(|node| (node, node.each())) {
        None => found.push(Found::at(Trouble::StatementMissing, node.span.clone())),
        Some((node, [])) => found.push(Found::at(Trouble::StatementEmpty, node.span.clone())),
        Some((_, list)) => {
            policy.statements = list.iter().map(|node| statement_of(node, found)).collect()
        }
    }
    policy
}

const STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

fn statement_of(node: &Node, found: &mut Vec<Found>) -> RawStatement {
    let mut statement = RawStatement {
        span: node.span.clone(),
        ..RawStatement::default()
    };
    let Json::Object(members) = &node.value else {
        found.push(wrong_type("a statement", "an object", node));
        return statement;
    };
    for member in members {
        match &*member.name {
            "Sid" => statement.sid = text(member, found),
            "Effect" => statement.effect = text(member, found),
            "Principal" | "NotPrincipal" => {
                let principal = principal(member, found);
                only_one(
                    &mut statement.principal,
                    principal,
                    member,
                    |known| &known.key_span,
                    found,
                );
            }
            "Action" | "NotAction" => {
                let list = list(member, found);
                only_one(
                    &mut statement.action,
                    list,
                    member,
                    |known| &known.key_span,
                    found,
                );
            }
            "Resource" | "NotResource" => {
                let list = list(member, found);
                only_one(
                    &mut statement.resource,
                    list,
                    member,
                    |known| &known.key_span,
                    found,
                );
            }
            "Condition" => {
                statement.condition_span = Some(member.value.span.clone());
                statement.conditions = conditions(member, found);
            }
            _ => found.push(unknown(member, "a statement", &STATEMENT)),
        }
    }
    if !members.iter().any(|member| &*member.name == "Effect") {
        found.push(Found::at(Trouble::EffectMissing, node.span.clone()));
    }
    statement
}

/// Keeps the first of an element and its negation, and reports the second.
fn only_one<T>(
    slot: &mut Option<T>,
    value: T,
    member: &Member,
    place: impl Fn(&T) -> &Range<usize>,
    found: &mut Vec<Found>,
) {
    match slot {
        Some(known) => found.push(
            Found::at(Trouble::Both(member.name.clone()), member.name_span.clone())
                .and(place(known).clone(), "the other one"),
        ),
        None => *slot = Some(value),
    }
}

fn list(member: &Member, found: &mut Vec<Found>) -> RawList {
    RawList {
        negated: member.name.starts_with("Not"),
        key_span: member.name_span.clone(),
        span: member.value.span.clone(),
        values: texts(&member.name, &member.value, found),
    }
}

/// Strings of a list; IAM lets `null` entries pass.
fn texts(name: &str, node: &Node, found: &mut Vec<Found>) -> Vec<Word> {
    let mut words = Vec::new();
    for value in node.each() {
        match &value.value {
            Json::Text(text) => words.push(Word {
                text: text.clone(),
                span: value.inner_span(),
            }),
            Json::Null if matches!(node.value, Json::List(_)) => {}
            _ => found.push(wrong_type(
                &format!("`{name}`"),
                "a string or a list of strings",
                value,
            )),
        }
    }
    words
}

fn principal(member: &Member, found: &mut Vec<Found>) -> RawPrincipal {
    let mut values = Vec::new();
    match &member.value.value {
        Json::Object(groups) => {
            for group in groups {
                let name = Word {
                    text: group.name.clone(),
                    span: group.name_span.clone(),
                };
                let words = texts(&group.name, &group.value, found);
                if words.is_empty() {
                    found.push(Found::at(Trouble::PrincipalEmpty, group.value.span.clone()));
                }
                values.extend(words.into_iter().map(|word| (name.clone(), word)));
            }
            if groups.is_empty() {
                found.push(Found::at(
                    Trouble::PrincipalEmpty,
                    member.value.span.clone(),
                ));
            }
        }
        Json::Text(text) => {
            let span = member.value.inner_span();
            let group = Word {
                text: "".into(),
                span: span.clone(),
            };
            values.push((
                group,
                Word {
                    text: text.clone(),
                    span,
                },
            ));
        }
        _ => found.push(wrong_type(
            &format!("`{}`", member.name),
            "`\"*\"` or an object",
            &member.value,
        )),
    }
    RawPrincipal {
        negated: member.name.starts_with("Not"),
        key_span: member.name_span.clone(),
        span: member.value.span.clone(),
        values,
    }
}

fn conditions(member: &Member, found: &mut Vec<Found>) -> Vec<RawOperator> {
    let Json::Object(operators) = &member.value.value else {
        found.push(wrong_type("`Condition`", "an object", &member.value));
        return Vec::new();
    };
    let mut conditions = Vec::new();
    for operator in operators {
        let Json::Object(keys) = &operator.value.value else {
            found.push(wrong_type(
                &format!("`{}`", operator.name),
                "an object of keys",
                &operator.value,
            ));
            continue;
        };
        let keys = keys
            .iter()
            .map(|key| (named(key), values(key, found)))
            .collect();
        conditions.push(RawOperator {
            operator: named(operator),
            keys,
        });
    }
    conditions
}

fn named(member: &Member) -> Word {
    Word {
        text: member.name.clone(),
        span: member.name_span.start + 1..member.name_span.end - 1,
    }
}

/// Values of a condition key: strings, and numbers and booleans without quotes.
fn values(member: &Member, found: &mut Vec<Found>) -> RawValues {
    let mut words = Vec::new();
    for value in member.value.each() {
        let text = match &value.value {
            Json::Text(text) | Json::Number(text) => text.clone(),
            Json::Bool(value) => value.to_string().into(),
            Json::Null => continue,
            Json::List(_) | Json::Object(_) => {
                found.push(wrong_type(
                    &format!("`{}`", member.name),
                    "a value or a list of values",
                    value,
                ));
                continue;
            }
        };
        words.push(Word {
            text,
            span: value.inner_span(),
        });
    }
    RawValues {
        span: member.value.span.clone(),
        values: words,
    }
}

fn text(member: &Member, found: &mut Vec<Found>) -> Option<Word> {
    match &member.value.value {
        Json::Text(text) => Some(Word {
            text: text.clone(),
            span: member.value.inner_span(),
        }),
        _ => {
            found.push(wrong_type(
                &format!("`{}`", member.name),
                "a string",
                &member.value,
            ));
            None
        }
    }
}

fn wrong_type(what: &str, wanted: &'static str, node: &Node) -> Found {
    let trouble = Trouble::WrongType {
        what: what.into(),
        wanted,
        is: node.value.type_name(),
    };
    Found::at(trouble, node.span.clone())
}

/// An element nobody knows, with the one probably meant.
fn unknown(member: &Member, place: &'static str, known: &[&'static str]) -> Found {
    let distance = |known: &str| {
        strsim::damerau_levenshtein(&known.to_lowercase(), &member.name.to_lowercase())
    };
    let meant = known
        .iter()
        .copied()
        .min_by_key(|known| distance(known))
        .filter(|known| distance(known) <= 2);
    Found::at(
        Trouble::UnknownElement {
            name: member.name.clone(),
            place,
            meant,
        },
        member.name_span.clone(),
    )
}
