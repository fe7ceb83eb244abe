//! Trust policies of roles.

use crate::findings::Found;
use crate::findings::codes::*;
use crate::findings::document::{Document, Statement};
use crate::findings::glob::covers;

pub(super) fn elements(document: &Document<'_>, found: &mut Found<'_>) {
    if !document.subject.is_trust() {
        return;
    }
    for statement in &document.statements {
        if let Some(resources) = &statement.resources {
            found.add(
                &ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE,
                "Role trust policies apply to the role that they are attached to. Remove the Resource or NotResource element.",
                [resources.member.name_span.clone()],
            );
        }
        let Some(principal) = &statement.principal else {
            continue;
        };
        if principal.negated {
            found.add(
                &ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL,
                "Role trust policies do not support NotPrincipal. Update the policy to use a Principal element instead.",
                [principal.member.name_span.clone()],
            );
        }
        if let [(None, text)] = principal.list.as_slice()
            && text.text == "*"
        {
            found.add(
                &ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL,
                "\"Principal\": \"*\" is not supported in a role trust policy. Replace the wildcard with a valid principal value.",
                [text.span()],
            );
        }
        sessions(statement, found);
    }
}

/// A session named beside its own role.
fn sessions(statement: &Statement<'_>, found: &mut Found<'_>) {
    for session in statement.trusted("AWS") {
        let Some((head, tail)) = session.text.split_once(":assumed-role/") else {
            continue;
        };
        let role = tail.split('/').next().unwrap_or_default();
        let account = head.rsplit(':').next().unwrap_or_default();
        let parent = statement.trusted("AWS").find(|other| {
            other.text.split_once(":role/").is_some_and(|(head, name)| {
                head.rsplit(':').next() == Some(account) && name.rsplit('/').next() == Some(role)
            })
        });
        if let Some(parent) = parent {
            found.add(
                &REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY,
                format!("The assumed-role principal {} is redundant with its parent role {}. Remove the assumed-role principal.", session.text, parent.text),
                [session.span(), parent.span()],
            );
        }
    }
}

/// Condition keys that only mean something for an action that must stand beside.
const NEEDS: [(&str, &str); 4] = [
    ("sts:sourceidentity", "sts:SetSourceIdentity"),
    ("sts:transitivetagkeys", "sts:TagSession"),
    ("aws:tagkeys", "sts:TagSession"),
    ("aws:requesttag/", "sts:TagSession"),
];

fn has(statement: &Statement<'_>, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    statement
        .named_actions()
        .any(|text| covers(&text.text.to_ascii_lowercase(), &action))
}

pub(super) fn actions(document: &Document<'_>, found: &mut Found<'_>) {
    if !document.subject.is_trust() {
        return;
    }
    for statement in &document.statements {
        for test in &statement.tests {
            let key = test.key.name.to_ascii_lowercase();
            let needed = NEEDS.iter().find(|(known, _)| {
                key == *known || (known.ends_with('/') && key.starts_with(known))
            });
            if let Some((_, action)) = needed
                && !has(statement, action)
            {
                found.add(
                    &MISSING_ACTION_FOR_CONDITION_KEY,
                    format!("The {action} action must be in the action block to allow setting values for the condition key {}. Add {action} to the action block.", test.key.name),
                    [test.key.name_span.clone()],
                );
            }
        }
        let anywhere = statement
            .trusted("Service")
            .find(|service| service.text.starts_with("rolesanywhere."));
        let missing = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
            .into_iter()
            .filter(|action| !has(statement, action))
            .collect::<Vec<_>>();
        if let Some(service) = anywhere
            && !missing.is_empty()
            && statement.allows()
        {
            found.add(
                &MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY,
                format!("The rolesanywhere.amazonaws.com service principal requires the sts:AssumeRole, sts:SetSourceIdentity and sts:TagSession permissions to assume a role. Add {}.", missing.join(" and ")),
                [service.span()],
            );
        }
    }
}
