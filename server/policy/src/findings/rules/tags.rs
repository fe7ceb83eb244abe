//! `aws:ResourceTag` on actions whose requests never carry it.

use crate::Effect;
use crate::findings::Found;
use crate::findings::catalog::Catalog;
use crate::findings::codes::*;
use crate::findings::document::{Document, Statement};

/// AWS speaks of services; here actions decide, as they do in AWS's own tables: a service is named when none of the
/// actions that an entry stands for carries the tag. Only services in the catalog can be looked up.
pub(super) fn unsupported(document: &Document<'_>, found: &mut Found<'_>) {
    for statement in &document.statements {
        let tag = statement.tests.iter().find(|test| {
            test.key
                .name
                .to_ascii_lowercase()
                .starts_with("aws:resourcetag/")
        });
        let (Some(tag), Some(effect), Some(actions)) = (tag, statement.effect, &statement.actions)
        else {
            continue;
        };
        if actions.negated {
            let code = match effect {
                Effect::Deny => &DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
                Effect::Allow => &ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
            };
            found.add(
                code,
                format!("Using NotAction with the tag condition key {} does not say what it seems to: many actions never carry the key, and the statement does not apply to those. Use Action instead.", tag.key.name),
                [actions.member.name_span.clone(), tag.key.name_span.clone()],
            );
            continue;
        }
        let without = without_tags(statement);
        if without.is_empty() {
            continue;
        }
        let (code, effect) = match effect {
            Effect::Deny => (
                &DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
                "not denied",
            ),
            Effect::Allow => (
                &ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE,
                "not allowed",
            ),
        };
        let names: Vec<&str> = without.iter().map(|(text, _)| *text).collect();
        found.add(
            code,
            format!(
                "The tag condition key {} is never present for {}; these are {effect} by this statement. Move them to a statement without the condition key.",
                tag.key.name,
                names.join(", ")
            ),
            std::iter::once(tag.key.name_span.clone())
                .chain(without.into_iter().map(|(_, span)| span))
                .collect::<Vec<_>>(),
        );
    }
}

fn without_tags<'t>(statement: &Statement<'t>) -> Vec<(&'t str, std::ops::Range<usize>)> {
    let carries = |text: &str| {
        let (prefix, name) = text.split_once(':')?;
        let mut known = Catalog::get().service(prefix)?.matching(name).peekable();
        known.peek()?;
        Some(known.any(|action| action.has_resource_tags()))
    };
    statement
        .named_actions()
        .filter(|action| carries(action.text) == Some(false))
        .map(|action| (action.text, action.span()))
        .collect()
}
