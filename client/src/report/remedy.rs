//! The smallest change that would allow what was denied, as lines of the user's own file.

use std::fmt::Write as _;

use rolecall_policy::{Change, Edit, Explanation, PolicyNode};

use super::place;
use crate::scenario::Scenario;

/// The change in words, and line by line. It was tried out: with it, the request is allowed.
pub(super) fn remedy(scenario: &Scenario, explanation: &Explanation) -> Option<(String, String)> {
    let remedy = explanation.remedy.as_ref()?;
    let mut texts: Vec<(&PolicyNode, String)> = Vec::new();
    let mut lines = String::new();
    for change in &remedy.changes {
        match change {
            Change::Edit(edit) => {
                let Some(policy) = changed(explanation, edit) else {
                    continue;
                };
                let known = texts
                    .iter()
                    .position(|(node, _)| std::ptr::eq(*node, policy));
                let at = known.unwrap_or(texts.len());
                if known.is_none() {
                    texts.push((policy, policy.text.to_string()));
                }
                let Some((_, text)) = texts.get_mut(at) else {
                    continue;
                };
                // Only the document as it was has lines in the user's file.
                let place = (**text == *policy.text)
                    .then(|| place::file_line(scenario, policy, &edit.span))
                    .flatten();
                let place = place.unwrap_or_else(|| policy.name.clone());
                if let Some(after) = edit.apply(text) {
                    let _ = writeln!(lines, "  {place}");
                    for (mark, line) in difference(text, &after) {
                        let _ = writeln!(lines, "  {mark} {line}");
                    }
                    *text = after;
                }
            }
            Change::Attach { document } => {
                let _ = writeln!(lines, "  + {document}");
            }
            Change::Carry { .. } => {}
        }
    }
    Some((remedy.sentence.clone(), lines))
}

/// The policy that an edit is of.
fn changed<'e>(explanation: &'e Explanation, edit: &Edit) -> Option<&'e PolicyNode> {
    let layers = explanation.layers.iter();
    let mut policies = layers
        .filter(|node| node.layer == edit.layer)
        .flat_map(|node| &node.policies);
    policies.find(|policy| policy.name == edit.policy && policy.holder == edit.holder)
}

/// The lines that are not the same, those before first; without what all of them are indented by.
fn difference<'t>(before: &'t str, after: &'t str) -> Vec<(char, &'t str)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = |one: &[&str], two: &[&str]| {
        let pairs = one.iter().zip(two);
        pairs.take_while(|(one, two)| one == two).count()
    };
    let start = same(&old, &new);
    let backwards = |lines: &[&'t str]| lines.iter().skip(start).rev().copied().collect::<Vec<_>>();
    let end = same(&backwards(&old), &backwards(&new));
    let middle = |lines: &[&'t str]| -> Vec<&'t str> {
        let until = lines.len().saturating_sub(end);
        lines.get(start..until).unwrap_or_default().to_vec()
    };
    let (old, new) = (middle(&old), middle(&new));
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let all = old.iter().chain(&new);
    let shared = all.filter(|line| !line.trim().is_empty()).map(indent).min();
    let cut = |line: &'t str| line.get(shared.unwrap_or_default()..).unwrap_or_default();
    let old = old.into_iter().map(|line| ('-', cut(line)));
    old.chain(new.into_iter().map(|line| ('+', cut(line))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn only_the_lines_that_change_are_shown() {
        let before = "{\n  \"a\": 1,\n    \"b\": [ 2 ]\n}";
        let after = "{\n  \"a\": 1,\n    \"b\": [ 2, 3 ]\n}";
        assert_eq!(
            difference(before, after),
            [('-', "\"b\": [ 2 ]"), ('+', "\"b\": [ 2, 3 ]")]
        );
        let longer = "{\n  \"a\": 1,\n    \"b\": [ 2 ],\n    \"c\": 3\n}";
        assert_eq!(
            difference(before, longer),
            [
                ('-', "\"b\": [ 2 ]"),
                ('+', "\"b\": [ 2 ],"),
                ('+', "\"c\": 3")
            ]
        );
        assert_eq!(difference(before, before), []);
    }
}
