//! Condition keys: whether they exist, and whether they are there when it counts.

use std::collections::HashMap;

use crate::findings::Found;
use crate::findings::catalog::{Catalog, Looked};
use crate::findings::codes::*;
use crate::findings::document::{Document, Statement, Test, members};
use crate::findings::finding::PolicyType;

pub(super) fn names(document: &Document<'_>, found: &mut Found<'_>) {
    for test in document
        .statements
        .iter()
        .flat_map(|statement| &statement.tests)
    {
        name(test, found);
    }
}

fn name(test: &Test<'_>, found: &mut Found<'_>) {
    let key: &str = &test.key.name;
    let place = test.key.name_span.clone();
    if key.eq_ignore_ascii_case("aws:ARN") {
        // AWS has two codes for the same key and does not say which policies get which: rolecall's choice is the error.
        found.add(
            &UNSUPPORTED_GLOBAL_CONDITION_KEY,
            "The condition key aws:ARN is not supported. Use aws:PrincipalArn or aws:SourceArn instead.",
            [place],
        );
        return;
    }
    let parts = key.split_once(':');
    if parts.is_none_or(|(prefix, name)| prefix.is_empty() || name.is_empty()) {
        found.add(
            &INVALID_CONDITION_KEY_FORMAT,
            format!(
                "The condition key format of `{key}` is not valid. Use the format service:keyname."
            ),
            [place],
        );
        return;
    }
    let meant = |known: Option<&str>| {
        known.map_or_else(String::new, |known| format!(" Did you mean `{known}`?"))
    };
    match Catalog::get().key(key) {
        Looked::Known(_) if key.ends_with('/') => tag_missing(key, test, found),
        Looked::Known(_) | Looked::Foreign => {}
        Looked::TagMissing => tag_missing(key, test, found),
        Looked::NoGlobal(known) => found.add(
            &INVALID_GLOBAL_CONDITION_KEY,
            format!("The condition key `{key}` does not exist.{}", meant(known)),
            [place],
        ),
        Looked::NoKey(known) => found.add(
            &INVALID_SERVICE_CONDITION_KEY,
            format!(
                "The condition key `{key}` does not exist in the service.{}",
                meant(known)
            ),
            [place],
        ),
        Looked::NoService => found.add(
            &INVALID_SERVICE,
            format!(
                "The service of the condition key `{key}` does not exist. Use a valid service name."
            ),
            [place],
        ),
    }
}

fn tag_missing(key: &str, test: &Test<'_>, found: &mut Found<'_>) {
    let key = key.trim_end_matches('/');
    found.add(
        &MISSING_TAG_KEY_IN_CONDITION,
        format!("The condition key {key} must include a tag key to control access based on tags. Use the format {key}/tag-key."),
        [test.key.name_span.clone()],
    );
}

pub(super) fn repeated_with_other_case(document: &Document<'_>, found: &mut Found<'_>) {
    let operators = document
        .statements
        .iter()
        .filter_map(|statement| statement.get("Condition"))
        .flat_map(|member| members(&member.value));
    for operator in operators {
        let mut known = HashMap::new();
        for key in members(&operator.value) {
            if let Some(first) = known.insert(key.name.to_lowercase(), key) {
                found.add(
                    &DUPLICATE_KEYS_WITH_DIFFERENT_CASE,
                    format!("The condition key `{}` appears more than once with different capitalization in the same condition block. Remove one of them.", key.name),
                    [key.name_span.clone(), first.name_span.clone()],
                );
            }
        }
    }
}

/// Keys of a service on actions that never carry them. Actions with wildcards are left out, as AWS does.
pub(super) fn fits_actions(document: &Document<'_>, found: &mut Found<'_>) {
    let catalog = Catalog::get();
    for statement in &document.statements {
        for test in &statement.tests {
            let key: &str = &test.key.name;
            let owner = key
                .split_once(':')
                .and_then(|(prefix, _)| catalog.service(prefix));
            if owner.is_none() || !matches!(catalog.key(key), Looked::Known(_)) {
                continue;
            }
            let foreign: Vec<_> = statement
                .named_actions()
                .filter(|action| {
                    let parts = action.text.split_once(':');
                    let service =
                        parts.and_then(|(prefix, name)| Some((catalog.service(prefix)?, name)));
                    service.is_some_and(|(service, name)| {
                        !name.contains(['*', '?'])
                            && service
                                .matching(name)
                                .next()
                                .is_some_and(|action| !action.has_key(key))
                    })
                })
                .collect();
            // Trust policies bind keys of sts to actions that stand beside it; that has a rule of its own.
            if foreign.is_empty() || (document.subject.is_trust() && !trust_key_is_foreign(key)) {
                continue;
            }
            let names: Vec<_> = foreign.iter().map(|action| action.text).collect();
            let places: Vec<_> = std::iter::once(test.key.name_span.clone())
                .chain(foreign.iter().map(|action| action.span()))
                .collect();
            found.add(
                &UNSUPPORTED_ACTION_FOR_CONDITION_KEY,
                format!(
                    "The following actions are not supported by the condition key {key}: {}. Requests for them never carry the key. Move them to a statement without it.",
                    names.join(", ")
                ),
                places,
            );
        }
    }
}

fn trust_key_is_foreign(key: &str) -> bool {
    !key.to_ascii_lowercase().starts_with("sts:")
}

/// Keys that are never present where this kind of policy is evaluated.
pub(super) fn irrelevant(document: &Document<'_>, found: &mut Found<'_>) {
    for test in document
        .statements
        .iter()
        .flat_map(|statement| &statement.tests)
    {
        let key: &str = &test.key.name;
        let place = test.key.name_span.clone();
        if document.subject.is_s3() && key.eq_ignore_ascii_case("s3:ResourceAccount") {
            found.add(
                &IRRELEVANT_CONDITION_KEY_IN_POLICY,
                format!("The condition key {key} is not relevant in the policy of the resource itself. Use it in an identity-based policy."),
                [place],
            );
            continue;
        }
        let direct = document.subject.policy_type == PolicyType::Identity;
        if let Looked::Known(known) = Catalog::get().key(key)
            && known.from_service
            && direct
        {
            found.add_help(
                &IRRELEVANT_CONDITION_KEY_IN_POLICY,
                format!("The condition key {key} is not relevant in an identity policy: it is set only when a service calls for somebody, never in a person's own call."),
                place,
                match never_matches(test) {
                    true => "this statement can never apply to a person's own call; take the condition out, or move it to the policy of the resource",
                    false => "take the condition out, or move it to the policy of the resource",
                },
            );
        }
    }
}

/// Whether a test of an absent key is never true.
fn never_matches(test: &Test<'_>) -> bool {
    test.parsed.is_some_and(|operator| {
        !operator.negated
            && !operator.if_exists
            && operator.family != crate::operator::Family::Null
            && test.qualifier() != Some("ForAllValues")
    })
}

/// Keys that say too little alone: the key, and those of which one should stand beside it.
const PAIRED: [(&str, &[&str]); 1] = [(
    "aws:VpcSourceIp",
    &["aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn"],
)];

pub(super) fn paired(document: &Document<'_>, found: &mut Found<'_>) {
    for statement in &document.statements {
        for (key, others) in PAIRED {
            if others.iter().any(|other| statement.tests_key(other)) {
                continue;
            }
            let alone = statement
                .tests
                .iter()
                .filter(|test| test.key.name.eq_ignore_ascii_case(key));
            for test in alone {
                found.add(
                    &MISSING_PAIRED_CONDITION_KEYS,
                    format!(
                        "Using the condition key {key} can be overly permissive without also using one of the following condition keys: {}. The same address exists in many networks.",
                        others.join(", ")
                    ),
                    [test.key.name_span.clone()],
                );
            }
        }
    }
}

/// `ForAllValues` and `ForAnyValue` belong to keys with several values, and only to those.
pub(super) fn set_operators(document: &Document<'_>, found: &mut Found<'_>) {
    for statement in &document.statements {
        for test in &statement.tests {
            set_operator(statement, test, found);
        }
    }
}

fn set_operator(statement: &Statement<'_>, test: &Test<'_>, found: &mut Found<'_>) {
    let Looked::Known(key) = Catalog::get().key(&test.key.name) else {
        return;
    };
    let null = test.base() == "Null";
    match (test.qualifier(), key.many) {
        (None, true) if !null && test.parsed.is_some() => found.add(
            &MISSING_QUALIFIER,
            format!("The request context key {} has multiple values. Use the ForAllValues or ForAnyValue condition key qualifiers in your policy.", test.key.name),
            [test.key.name_span.clone()],
        ),
        (Some("ForAllValues"), false) if !null && statement.allows() => found.add(
            &FORALLVALUES_WITH_SINGLE_VALUED_KEY,
            format!("Using ForAllValues qualifier with the single-valued condition key {} can be overly permissive: it also holds when the key is absent. Remove ForAllValues:.", test.key.name),
            [test.operator.name_span.clone()],
        ),
        _ => {}
    }
}
