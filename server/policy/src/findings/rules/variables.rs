//! Policy variables: `${key}` and `${key, 'default'}`.

use std::ops::Range;

use crate::findings::Found;
use crate::findings::codes::*;
use crate::findings::document::{Document, Text};
use crate::json::Json;
use crate::operator::Family;

/// A variable in a text: the whole of it, and what stands between the braces, if they close.
struct Variable<'t> {
    at: Range<usize>,
    inside: Option<&'t str>,
}

fn variables(text: &str) -> Vec<Variable<'_>> {
    let mut variables = Vec::new();
    let mut at = 0;
    while let Some(start) = text
        .get(at..)
        .and_then(|rest| rest.find("${"))
        .map(|found| at + found)
    {
        let rest = text.get(start + 2..).unwrap_or_default();
        // A brace that opens anew means that this one never closed.
        let end = rest.find('}');
        let again = rest.find("${");
        let inside = match (end, again) {
            (Some(end), Some(again)) if again < end => None,
            (Some(end), _) => rest.get(..end),
            (None, _) => None,
        };
        let stop = match inside {
            Some(inside) => start + 2 + inside.len() + 1,
            None => again.map_or(text.len(), |again| start + 2 + again),
        };
        variables.push(Variable {
            at: start..stop,
            inside,
        });
        at = stop;
    }
    variables
}

/// `${*}`, `${?}` and `${$}` are the characters themselves.
fn is_escape(inside: &str) -> bool {
    matches!(inside, "*" | "?" | "$")
}

/// All strings of the document's statements, and whether variables may stand there.
fn texts<'t>(document: &Document<'t>) -> Vec<(Text<'t>, bool)> {
    let mut texts = Vec::new();
    for statement in &document.statements {
        for member in statement.members {
            let allowed = matches!(&*member.name, "Resource" | "NotResource");
            match &member.value.value {
                Json::Object(groups) if member.name.ends_with("Principal") => {
                    let nodes = groups.iter().flat_map(|group| group.value.each());
                    texts.extend(nodes.filter_map(Text::of).map(|text| (text, false)));
                }
                _ => texts.extend(
                    member
                        .value
                        .each()
                        .iter()
                        .filter_map(Text::of)
                        .map(|text| (text, allowed)),
                ),
            }
        }
        let values = statement.tests.iter().flat_map(|test| test.texts());
        texts.extend(values.map(|text| (text, true)));
    }
    texts
}

pub(super) fn syntax(document: &Document<'_>, found: &mut Found<'_>) {
    for (text, allowed) in texts(document) {
        for variable in variables(text.text) {
            let place = text.part(variable.at.clone(), document.text);
            if !allowed {
                found.add(
                    &VARIABLE_UNSUPPORTED_IN_ELEMENT,
                    "Policy variables are supported in the Resource and Condition elements. Remove the policy variable from this element.",
                    [place],
                );
                continue;
            }
            let Some(inside) = variable.inside else {
                found.add(
                    &MISSING_BRACE_IN_VARIABLE,
                    "The policy variable is missing a closing curly brace. Add } after the variable text.",
                    [place],
                );
                continue;
            };
            if inside.trim().is_empty() {
                found.add(
                    &EMPTY_VARIABLE,
                    "Empty policy variable. Remove the variable structure or provide a variable within the structure.",
                    [place],
                );
                continue;
            }
            let (name, default) = match inside.split_once(',') {
                Some((name, default)) => (name, Some(default.trim())),
                None => (inside, None),
            };
            if name.contains(char::is_whitespace) {
                found.add(
                    &UNSUPPORTED_SPACE_IN_VARIABLE,
                    "A space is not supported within the policy variable text. Remove the space.",
                    [place.clone()],
                );
            }
            let quoted = |default: &str| {
                default.len() >= 2 && default.starts_with('\'') && default.ends_with('\'')
            };
            if default.is_some_and(|default| !quoted(default)) {
                found.add(
                    &MISSING_QUOTE_IN_VARIABLE,
                    "The policy variable default value must begin and end with a single quote. Add the missing quote.",
                    [place],
                );
            }
        }
    }
}

/// Whether the version and the operator know variables.
pub(super) fn allowed(document: &Document<'_>, found: &mut Found<'_>) {
    let old = document
        .version()
        .is_none_or(|version| version.text == "2008-10-17");
    if old {
        for (text, _) in texts(document).into_iter().filter(|(_, allowed)| *allowed) {
            for variable in variables(text.text) {
                found.add(
                    &VARIABLE_UNSUPPORTED_IN_VERSION,
                    "Under version 2008-10-17 a policy variable is plain text. To include variables in your policy, use the policy version 2012-10-17.",
                    [text.part(variable.at, document.text)],
                );
            }
        }
    }
    for test in document
        .statements
        .iter()
        .flat_map(|statement| &statement.tests)
    {
        let takes = test
            .parsed
            .is_none_or(|operator| matches!(operator.family, Family::Text(_) | Family::Arn));
        if takes {
            continue;
        }
        for text in test.texts() {
            for variable in variables(text.text) {
                if variable.inside.is_some_and(is_escape) {
                    continue;
                }
                found.add(
                    &INVALID_VARIABLE_FOR_OPERATOR,
                    "Policy variables can only be used with String and ARN operators.",
                    [text.part(variable.at, document.text)],
                );
            }
        }
    }
}
