//! Which elements there are, which are missing, and what type they have.

use std::collections::HashMap;

use crate::Effect;
use crate::findings::Found;
use crate::findings::codes::*;
use crate::findings::document::{Document, Statement, Text};
use crate::findings::finding::PolicyType;
use crate::json::{Json, Member, Node};

const POLICY: [&str; 3] = ["Version", "Id", "Statement"];
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
const PAIRS: [(&str, &str); 3] = [
    ("Action", "NotAction"),
    ("Resource", "NotResource"),
    ("Principal", "NotPrincipal"),
];

fn mismatch(found: &mut Found<'_>, node: &Node, wanted: &str) {
    let details = format!("The text does not match the expected JSON data type: {wanted}.");
    found.add(&DATA_TYPE_MISMATCH, details, [node.span.clone()]);
}

fn unknown(found: &mut Found<'_>, members: &[Member], known: &[&'static str]) {
    for member in members
        .iter()
        .filter(|member| !known.contains(&&*member.name))
    {
        let meant = crate::findings::catalog::nearest(&member.name, known.iter().copied());
        let details = format!("The policy element `{}` is not valid.", member.name);
        match meant {
            Some(meant) => found.add_help(
                &INVALID_POLICY_ELEMENT,
                details,
                member.name_span.clone(),
                format!("did you mean `{meant}`? letter case counts"),
            ),
            None => found.add(&INVALID_POLICY_ELEMENT, details, [member.name_span.clone()]),
        }
    }
}

pub(super) fn policy(document: &Document<'_>, found: &mut Found<'_>) {
    if !matches!(document.root.value, Json::Object(_)) {
        mismatch(found, document.root, "a policy is an object");
        return;
    }
    unknown(found, document.members, &POLICY);
    version(document, found);
    if let Some(id) = document.get("Id")
        && Text::of(&id.value).is_none()
    {
        mismatch(found, &id.value, "`Id` is a string");
    }
    let Some(member) = document.get("Statement") else {
        found.add(
            &MISSING_STATEMENT,
            "Add a statement to the policy.",
            [document.root.span.clone()],
        );
        return;
    };
    if member.value.each().is_empty() {
        found.add(
            &MISSING_STATEMENT,
            "Add a statement to the policy.",
            [member.value.span.clone()],
        );
    }
    for node in member.value.each() {
        if !matches!(node.value, Json::Object(_)) {
            mismatch(found, node, "a statement is an object");
        }
    }
}

fn version(document: &Document<'_>, found: &mut Found<'_>) {
    match (document.get("Version"), document.version()) {
        (None, _) => found.add(
            &MISSING_VERSION,
            "Add the Version element: without it the policy follows the rules of 2008-10-17, which know no variables.",
            [document.root.span.clone()],
        ),
        (Some(member), None) => mismatch(found, &member.value, "`Version` is a string"),
        (_, Some(text)) if matches!(text.text, "2012-10-17" | "2008-10-17") => {}
        (_, Some(text)) => found.add(
            &INVALID_VERSION,
            "The version is not valid. Use one of the following versions: 2012-10-17, 2008-10-17.",
            [text.span()],
        ),
    }
}

pub(super) fn statements(document: &Document<'_>, found: &mut Found<'_>) {
    for statement in &document.statements {
        unknown(found, statement.members, &STATEMENT);
        for (one, other) in PAIRS {
            if let (Some(first), Some(second)) = (statement.get(one), statement.get(other)) {
                found.add(
                    &UNSUPPORTED_ELEMENT_COMBINATION,
                    format!(
                        "The policy elements {one} and {other} can not be used in the same statement. Remove one of them."
                    ),
                    [first.name_span.clone(), second.name_span.clone()],
                );
            }
        }
        effect(statement, found);
        present(document, statement, found);
        types(statement, found);
    }
}

fn effect(statement: &Statement<'_>, found: &mut Found<'_>) {
    let place = match (statement.get("Effect"), statement.effect) {
        (_, Some(Effect::Allow | Effect::Deny)) => return,
        (None, _) => {
            found.add(
                &MISSING_EFFECT,
                "Add an Effect element to the policy statement with a value of Allow or Deny.",
                [statement.node.span.clone()],
            );
            return;
        }
        (Some(member), None) => &member.value,
    };
    match Text::of(place) {
        None => mismatch(found, place, "`Effect` is a string"),
        Some(text) => found.add(
            &INVALID_EFFECT,
            format!(
                "The effect `{}` is not valid. Use Allow or Deny.",
                text.text
            ),
            [text.span()],
        ),
    }
}

fn present(document: &Document<'_>, statement: &Statement<'_>, found: &mut Found<'_>) {
    let place = statement.node.span.clone();
    if statement.actions.is_none() {
        found.add(
            &MISSING_ACTION,
            "Add an Action or NotAction element to the policy statement.",
            [place.clone()],
        );
    }
    // Policies of resources may leave it out where the resource is the one they hang on; buckets do not let them.
    let needs_resource =
        document.subject.policy_type != PolicyType::Resource || document.subject.is_s3();
    if statement.resources.is_none() && needs_resource {
        found.add(
            &MISSING_RESOURCE,
            "Add a Resource or NotResource element to the policy statement.",
            [place.clone()],
        );
    }
    let needs_principal = matches!(
        document.subject.policy_type,
        PolicyType::Resource | PolicyType::ResourceControl
    );
    if statement.principal.is_none() && needs_principal {
        found.add(
            &MISSING_PRINCIPAL,
            "Add a Principal element to the policy statement: a policy of a resource says whom it is about.",
            [place],
        );
    }
}

fn types(statement: &Statement<'_>, found: &mut Found<'_>) {
    for member in statement.members {
        match &*member.name {
            "Sid" if Text::of(&member.value).is_none() => {
                mismatch(found, &member.value, "`Sid` is a string");
            }
            "Action" | "NotAction" | "Resource" | "NotResource" => {
                for node in member.value.each() {
                    if Text::of(node).is_none() {
                        let wanted = format!("`{}` is a string or a list of strings", member.name);
                        mismatch(found, node, &wanted);
                    }
                }
            }
            "Condition" => condition_types(member, found),
            _ => {}
        }
    }
}

fn condition_types(member: &Member, found: &mut Found<'_>) {
    let Json::Object(operators) = &member.value.value else {
        mismatch(found, &member.value, "`Condition` is an object");
        return;
    };
    for operator in operators {
        let Json::Object(keys) = &operator.value.value else {
            mismatch(
                found,
                &operator.value,
                "an operator holds an object of keys",
            );
            continue;
        };
        for node in keys.iter().flat_map(|key| key.value.each()) {
            if matches!(node.value, Json::Object(_) | Json::List(_) | Json::Null) {
                mismatch(
                    found,
                    node,
                    "a condition key holds a value or a list of values",
                );
            }
        }
    }
}

pub(super) fn sids(document: &Document<'_>, found: &mut Found<'_>) {
    let is_resource = document.subject.policy_type == PolicyType::Resource;
    let mut known: HashMap<&str, Text<'_>> = HashMap::new();
    let sids = document
        .statements
        .iter()
        .filter_map(|statement| statement.get("Sid"))
        .filter_map(|member| Text::of(&member.value));
    for sid in sids {
        if sid.text.is_empty() {
            found.add(
                &EMPTY_SID_VALUE,
                "Add a value to the empty string in the Sid element, or remove the element.",
                [sid.span()],
            );
            continue;
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric();
        if !is_resource && !sid.text.bytes().all(plain) {
            found.add(
                &UNSUPPORTED_SID,
                "Update the characters in the Sid element to use one of the following character types: [a-z, A-Z, 0-9].",
                [sid.span()],
            );
        }
        match (known.get(sid.text), is_resource) {
            (None, _) => drop(known.insert(sid.text, sid)),
            (Some(first), false) => found.add(
                &UNIQUE_SIDS_REQUIRED,
                format!("The statement ID `{}` is used twice, which this policy type does not support. Update one.", sid.text),
                [sid.span(), first.span()],
            ),
            (Some(first), true) => found.add(
                &UNIQUE_SIDS_RECOMMENDED,
                format!("The statement ID `{}` is used twice. Statement IDs that are unique in the policy are easier to refer to.", sid.text),
                [sid.span(), first.span()],
            ),
        }
    }
}
