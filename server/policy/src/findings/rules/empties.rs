//! Elements with nothing in them.

use crate::findings::Found;
use crate::findings::codes::*;
use crate::findings::document::{Document, members};
use crate::json::{Json, Member};

fn is_empty_list(member: &Member) -> bool {
    matches!(&member.value.value, Json::List(list) if list.is_empty())
}

pub(super) fn elements(document: &Document<'_>, found: &mut Found<'_>) {
    for member in document
        .statements
        .iter()
        .flat_map(|statement| statement.members)
    {
        let (code, what) = match &*member.name {
            "Action" | "NotAction" => (&EMPTY_ARRAY_ACTION, "actions"),
            "Resource" | "NotResource" => (&EMPTY_ARRAY_RESOURCE, "resources"),
            "Principal" | "NotPrincipal" => {
                principal(member, found);
                continue;
            }
            _ => continue,
        };
        if is_empty_list(member) {
            found.add(
                code,
                format!("This statement includes no {what} and does not affect the policy. Specify {what}."),
                [member.value.span.clone()],
            );
        }
    }
}

fn principal(member: &Member, found: &mut Found<'_>) {
    const DETAILS: &str =
        "This statement includes no principals and does not affect the policy. Specify principals.";
    if matches!(&member.value.value, Json::Object(groups) if groups.is_empty()) {
        found.add(
            &EMPTY_OBJECT_PRINCIPAL,
            DETAILS,
            [member.value.span.clone()],
        );
    }
    let empty = members(&member.value)
        .iter()
        .chain([member])
        .filter(|group| is_empty_list(group));
    for group in empty {
        found.add(&EMPTY_ARRAY_PRINCIPAL, DETAILS, [group.value.span.clone()]);
    }
}

pub(super) fn conditions(document: &Document<'_>, found: &mut Found<'_>) {
    for statement in &document.statements {
        let Some(condition) = statement.get("Condition") else {
            continue;
        };
        let blocks = members(&condition.value).iter().chain([condition]);
        for block in blocks {
            if matches!(&block.value.value, Json::Object(inside) if inside.is_empty()) {
                found.add(
                    &EMPTY_OBJECT_CONDITION,
                    "This condition block is empty and it does not affect the policy. Specify conditions.",
                    [block.value.span.clone()],
                );
            }
        }
        for test in statement
            .tests
            .iter()
            .filter(|test| is_empty_list(test.key))
        {
            let key = &test.key.name;
            let (code, details) = match test.qualifier() {
                Some("ForAllValues") => (
                    &EMPTY_ARRAY_CONDITION_FORALLVALUES,
                    format!(
                        "The ForAllValues prefix with an empty condition key {key} matches only if the key is missing from the request context. Use the Null condition operator with the value of true instead."
                    ),
                ),
                Some(_) => (
                    &EMPTY_ARRAY_CONDITION_FORANYVALUE,
                    format!(
                        "The ForAnyValue prefix with an empty condition key {key} never matches the request context. Specify conditions."
                    ),
                ),
                None if test.operator.name.ends_with("IfExists") => (
                    &EMPTY_ARRAY_CONDITION_IFEXISTS,
                    format!(
                        "The IfExists suffix with an empty condition key matches only if the key {key} is missing from the request context. Use the Null condition operator with the value of true instead."
                    ),
                ),
                None => (
                    &EMPTY_ARRAY_CONDITION,
                    format!("There are no values for the condition key {key}. Specify conditions."),
                ),
            };
            found.add(code, details, [test.key.value.span.clone()]);
        }
    }
}
