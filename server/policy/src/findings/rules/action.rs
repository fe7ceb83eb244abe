//! Whether actions exist and belong here.

use crate::findings::Found;
use crate::findings::catalog::Catalog;
use crate::findings::codes::*;
use crate::findings::document::{Document, Text};

const ACTIONS: [&str; 2] = ["Action", "NotAction"];

fn each<'t>(document: &Document<'t>) -> impl Iterator<Item = Text<'t>> {
    document
        .statements
        .iter()
        .flat_map(|statement| statement.texts(ACTIONS))
}

/// A prefix that is neither a service nor was one is certainly wrong; names of actions are checked for the services
/// in the catalog only.
pub(super) fn exists(document: &Document<'_>, found: &mut Found<'_>) {
    let catalog = Catalog::get();
    for action in each(document) {
        let text = action.text;
        if text == "*" || text.contains("${") {
            continue;
        }
        let Some((prefix, name)) = text.split_once(':') else {
            found.add(
                &INVALID_ACTION,
                format!("The action `{text}` does not exist. An action is a service and a name, such as `s3:GetObject`."),
                [action.span()],
            );
            continue;
        };
        if prefix.contains(['*', '?']) {
            continue;
        }
        let Some(service) = catalog.service(prefix) else {
            if !catalog.is_prefix(prefix) {
                let place = action.part(0..prefix.len(), document.text);
                let meant = meant(catalog.nearest_prefix(prefix), "");
                found.add(
                    &INVALID_SERVICE_IN_ACTION,
                    format!(
                        "The service `{prefix}` specified in the action does not exist.{meant}"
                    ),
                    [place],
                );
            }
            continue;
        };
        if service.matching(name).next().is_none() {
            let place = action.part(prefix.len() + 1..text.len(), document.text);
            let meant = meant(service.nearest_action(name), &format!("{prefix}:"));
            found.add(
                &INVALID_ACTION,
                format!("The action `{text}` does not exist.{meant}"),
                [place],
            );
        }
    }
}

fn meant(known: Option<&str>, prefix: &str) -> String {
    known.map_or_else(String::new, |known| {
        format!(" Did you mean `{prefix}{known}`?")
    })
}

pub(super) fn wildcard_in_service(document: &Document<'_>, found: &mut Found<'_>) {
    for action in each(document) {
        if let Some((prefix, _)) = action.text.split_once(':')
            && prefix.contains(['*', '?'])
        {
            found.add(
                &WILDCARD_IN_SERVICE_NAME,
                "Avoid using wildcards (*, ?) in the service name: services with similar names, also future ones, would be meant as well.",
                [action.part(0..prefix.len(), document.text)],
            );
        }
    }
}

/// Actions that the resource with the policy knows nothing of.
pub(super) fn fits_policy(document: &Document<'_>, found: &mut Found<'_>) {
    let subject = document.subject;
    let (known, shown): (&[&str], _) = match () {
        () if subject.is_trust() => (&["sts"], "role"),
        () if subject.is_bucket() => (&["s3"], "bucket"),
        () if subject.is_s3() => (&["s3", "s3-object-lambda"], "access point"),
        () => return,
    };
    for action in each(document) {
        let Some((prefix, _)) = action.text.split_once(':') else {
            continue;
        };
        let fits = known.iter().any(|known| prefix.eq_ignore_ascii_case(known));
        if !fits && !prefix.contains(['*', '?']) {
            found.add(
                &UNSUPPORTED_ACTION_IN_POLICY,
                format!(
                    "The action `{}` is not supported in the policy of a {shown}: only actions of {} are.",
                    action.text,
                    known.join(" and ")
                ),
                [action.span()],
            );
        }
    }
}
