//! What could be left out.

use std::collections::HashSet;

use crate::Effect;
use crate::findings::Found;
use crate::findings::codes::*;
use crate::findings::document::{Document, Principals, Statement, Test, Text, Texts};
use crate::findings::glob::covers;
use crate::json::{Json, Node};
use crate::operator::{Family, Order};

/// Pairs are compared up to this many; no policy within IAM's quotas has more.
const MOST: usize = 512;

/// The elements of a list that another element covers.
fn covered<'t>(texts: &Texts<'t>, lower: bool) -> Vec<(Text<'t>, Text<'t>)> {
    let words: Vec<(String, Text<'t>)> = texts
        .list
        .iter()
        .take(MOST)
        .map(|text| match lower {
            true => (text.text.to_ascii_lowercase(), *text),
            false => (text.text.to_owned(), *text),
        })
        .collect();
    let wide: Vec<_> = words
        .iter()
        .filter(|(word, _)| word.contains(['*', '?']))
        .collect();
    let mut seen = HashSet::new();
    let mut covered = Vec::new();
    for (word, text) in &words {
        if !seen.insert(word) {
            if let Some((_, first)) = words.iter().find(|(other, _)| other == word) {
                covered.push((*text, *first));
            }
            continue;
        }
        if let Some((_, by)) = wide
            .iter()
            .find(|(other, _)| other != word && covers(other, word))
        {
            covered.push((*text, *by));
        }
    }
    covered
}

pub(super) fn actions(document: &Document<'_>, found: &mut Found<'_>) {
    for texts in document
        .statements
        .iter()
        .filter_map(|statement| statement.actions.as_ref())
    {
        let covered = covered(texts, true);
        if let Some((first, by)) = covered.first() {
            found.add(
                &REDUNDANT_ACTION,
                format!(
                    "{} action(s) are redundant because another one covers them. Update the policy to remove the redundant action such as: {} (covered by {}).",
                    covered.len(),
                    first.text,
                    by.text
                ),
                covered.iter().map(|(text, _)| text.span()).collect::<Vec<_>>(),
            );
        }
    }
}

pub(super) fn resources(document: &Document<'_>, found: &mut Found<'_>) {
    for texts in document
        .statements
        .iter()
        .filter_map(|statement| statement.resources.as_ref())
    {
        let covered = covered(texts, false);
        if let Some((first, by)) = covered.first() {
            found.add(
                &REDUNDANT_RESOURCE,
                format!(
                    "{} resource ARN(s) are redundant because another one covers them, such as {} (covered by {}). Review the use of wildcards (*).",
                    covered.len(),
                    first.text,
                    by.text
                ),
                covered.iter().map(|(text, _)| text.span()).collect::<Vec<_>>(),
            );
        }
    }
}

/// Of several bounds only one decides.
pub(super) fn numbers(document: &Document<'_>, found: &mut Found<'_>) {
    for test in document
        .statements
        .iter()
        .flat_map(|statement| &statement.tests)
    {
        let which = match test.parsed.map(|operator| operator.family) {
            Some(Family::Number(Order::Less | Order::LessEqual)) => "greatest",
            Some(Family::Number(Order::Greater | Order::GreaterEqual)) => "least",
            _ => continue,
        };
        if test.values.len() > 1 {
            found.add(
                &REDUNDANT_CONDITION_VALUE_NUM,
                format!("Multiple values in {} are redundant. Replace with the {which} single value for {}.", test.operator.name, test.key.name),
                [test.key.value.span.clone()],
            );
        }
    }
}

/// Statements that say the same as another one, or less of the same.
pub(super) fn statements(document: &Document<'_>, found: &mut Found<'_>) {
    let statements = || document.statements.iter().enumerate().take(MOST);
    for (index, statement) in statements() {
        let mut covering = statements().filter(|(other, by)| {
            *other != index && by.effect == statement.effect && within(statement, by)
        });
        // Of two that say the same the later is reported.
        let twin = |(other, by): &(usize, &Statement<'_>)| !within(by, statement) || *other < index;
        let Some((_, by)) = covering.find(twin) else {
            continue;
        };
        let said = if within(by, statement) {
            "The statements are redundant because they provide identical permissions. Update the policy to remove the redundant statement.".to_owned()
        } else {
            let verb = match statement.effect {
                Some(Effect::Deny) => "denies",
                _ => "allows",
            };
            format!(
                "The statement is redundant because {} already {verb} all of it. Update the policy to remove the redundant statement.",
                named(by)
            )
        };
        found.add(&REDUNDANT_STATEMENT, said, [place(statement), place(by)]);
    }
}

fn named(statement: &Statement<'_>) -> String {
    let sid = statement
        .get("Sid")
        .and_then(|member| Text::of(&member.value));
    match sid {
        Some(sid) if !sid.text.is_empty() => format!("`{}`", sid.text),
        _ => "another statement".to_owned(),
    }
}

/// Allows that a Deny leaves nothing to decide.
pub(super) fn shadowed(document: &Document<'_>, found: &mut Found<'_>) {
    let of = |effect| {
        let statements = document.statements.iter().take(MOST);
        statements.filter(move |statement| statement.effect == Some(effect))
    };
    for statement in of(Effect::Allow) {
        if let Some(by) = of(Effect::Deny).find(|by| within(statement, by)) {
            found.add(
                &SHADOWED,
                format!(
                    "This statement never decides: {} already denies all of it.",
                    named(by)
                ),
                [place(statement), place(by)],
            );
        }
    }
}

/// The Sid, or the whole statement.
fn place(statement: &Statement<'_>) -> std::ops::Range<usize> {
    statement
        .get("Sid")
        .map_or(statement.node.span.clone(), |member| {
            member.value.span.clone()
        })
}

/// Whether every request that `inner` is about, `outer` is about as well.
fn within(inner: &Statement<'_>, outer: &Statement<'_>) -> bool {
    list_within(inner.actions.as_ref(), outer.actions.as_ref(), true)
        && list_within(inner.resources.as_ref(), outer.resources.as_ref(), false)
        && principals_within(inner.principal.as_ref(), outer.principal.as_ref())
        && outer
            .tests
            .iter()
            .all(|test| inner.tests.iter().any(|other| same_test(test, other)))
}

fn list_within(inner: Option<&Texts<'_>>, outer: Option<&Texts<'_>>, lower: bool) -> bool {
    let (inner, outer) = match (inner, outer) {
        (None, None) => return true,
        (Some(inner), Some(outer)) => (inner, outer),
        _ => return false,
    };
    let words = |texts: &Texts<'_>| -> Vec<String> {
        let fold = |text: &Text<'_>| match lower {
            true => text.text.to_ascii_lowercase(),
            false => text.text.to_owned(),
        };
        texts.list.iter().map(fold).collect()
    };
    let (inner_words, outer_words) = (words(inner), words(outer));
    if inner_words.is_empty()
        || outer_words.is_empty()
        || inner_words.len() * outer_words.len() > MOST * MOST
    {
        return false;
    }
    let all = |these: &[String], those: &[String]| {
        these
            .iter()
            .all(|word| those.iter().any(|wide| covers(wide, word)))
    };
    match (inner.negated, outer.negated) {
        (false, false) => all(&inner_words, &outer_words),
        // What one spares, the other spares as well.
        (true, true) => all(&outer_words, &inner_words),
        (true, false) => outer_words.iter().any(|word| word == "*"),
        (false, true) => false,
    }
}

fn principals_within(inner: Option<&Principals<'_>>, outer: Option<&Principals<'_>>) -> bool {
    let (inner, outer) = match (inner, outer) {
        (None, None) => return true,
        (Some(inner), Some(outer)) if !inner.negated && !outer.negated => (inner, outer),
        _ => return false,
    };
    let everyone = |group: Option<&str>, who: &str| group.is_none() && who == "*";
    !inner.list.is_empty()
        && inner.list.iter().all(|(group, who)| {
            let group = group.map(|group| &*group.name);
            outer.list.iter().any(|(known, wide)| {
                let known = known.map(|known| &*known.name);
                everyone(known, wide.text) || (known == group && wide.text == who.text)
            })
        })
}

fn same_test(one: &Test<'_>, other: &Test<'_>) -> bool {
    let words = |nodes: &[Node]| -> HashSet<String> {
        nodes
            .iter()
            .map(|node| match &node.value {
                Json::Text(text) | Json::Number(text) => text.to_string(),
                Json::Bool(value) => value.to_string(),
                _ => String::new(),
            })
            .collect()
    };
    one.operator.name == other.operator.name
        && one.key.name.eq_ignore_ascii_case(&other.key.name)
        && words(one.values) == words(other.values)
}
