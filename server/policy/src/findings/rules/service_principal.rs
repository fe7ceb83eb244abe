//! Services named as principals.

use crate::findings::Found;
use crate::findings::catalog::{Catalog, Looked};
use crate::findings::codes::*;
use crate::findings::document::{Document, Statement, Text};
use crate::findings::finding::PolicyType;
use crate::known::SERVICE_ONLY_KEYS;

/// Services that do not call on behalf of a resource, so that no source can be asked for. AWS's own list is not
/// public; these are certain.
const WITHOUT_SOURCE: [&str; 2] = ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"];

fn services<'t>(statement: &Statement<'t>) -> Vec<Text<'t>> {
    statement
        .trusted("Service")
        .filter(|service| !WITHOUT_SOURCE.contains(&service.text))
        .collect()
}

/// The confused deputy: whoever can make the service call has what the statement allows.
pub(super) fn source(document: &Document<'_>, found: &mut Found<'_>) {
    if document.subject.policy_type != PolicyType::Resource {
        return;
    }
    for statement in document
        .statements
        .iter()
        .filter(|statement| statement.allows())
    {
        let services = services(statement);
        let Some(first) = services.first() else {
            continue;
        };
        if SERVICE_ONLY_KEYS.iter().any(|key| statement.tests_key(key)) {
            continue;
        }
        let referer = statement
            .tests
            .iter()
            .find(|test| test.key.name.eq_ignore_ascii_case("aws:Referer"));
        match referer {
            Some(test) => found.add(
                &RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL,
                format!(
                    "To restrict access to the service principal {} operating on your behalf, use aws:SourceArn or aws:SourceAccount instead of {}.",
                    first.text, test.key.name
                ),
                [test.key.name_span.clone()],
            ),
            None => found.add(
                &RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL,
                format!(
                    "Granting access to the service principal {} without specifying a source is overly permissive: it may come on behalf of any account. Use the aws:SourceArn or aws:SourceAccount condition key.",
                    first.text
                ),
                services.iter().map(Text::span).collect::<Vec<_>>(),
            ),
        }
    }
}

/// Keys about people, where only services are named.
pub(super) fn keys(document: &Document<'_>, found: &mut Found<'_>) {
    for statement in document
        .statements
        .iter()
        .filter(|statement| statement.allows())
    {
        let only_services = statement.principal.as_ref().is_some_and(|principal| {
            !principal.negated
                && !principal.list.is_empty()
                && principal
                    .list
                    .iter()
                    .all(|(group, _)| group.is_some_and(|group| &*group.name == "Service"))
        });
        if !only_services {
            continue;
        }
        let foreign: Vec<_> = statement
            .tests
            .iter()
            .filter(|test| matches!(Catalog::get().key(&test.key.name), Looked::Known(key) if key.no_service))
            .collect();
        if foreign.is_empty() {
            continue;
        }
        let names: Vec<&str> = foreign.iter().map(|test| &*test.key.name).collect();
        found.add(
            &UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL,
            format!("The following condition keys are not supported when used with a service principal: {}. A service carries none of them.", names.join(", ")),
            foreign.iter().map(|test| test.key.name_span.clone()).collect::<Vec<_>>(),
        );
    }
}
