//! Service control policies and resource control policies.

use crate::Effect;
use crate::findings::Found;
use crate::findings::catalog::Catalog;
use crate::findings::codes::*;
use crate::findings::document::Document;
use crate::findings::finding::PolicyType;

pub(super) fn service_control(document: &Document<'_>, found: &mut Found<'_>) {
    if document.subject.policy_type != PolicyType::ServiceControl {
        return;
    }
    for principal in document
        .statements
        .iter()
        .filter_map(|statement| statement.principal.as_ref())
    {
        found.add(
            &SCP_SYNTAX_ERROR_PRINCIPAL,
            "SCPs do not support specifying principals. Remove the Principal or NotPrincipal element; the aws:PrincipalArn condition key can say the same.",
            [principal.member.name_span.clone()],
        );
    }
}

/// Everybody, Deny, and actions of services that such policies reach.
pub(super) fn resource_control(document: &Document<'_>, found: &mut Found<'_>) {
    if document.subject.policy_type != PolicyType::ResourceControl {
        return;
    }
    for statement in &document.statements {
        if let Some(principal) = &statement.principal {
            let everybody = matches!(principal.list.as_slice(), [(None, text)] if text.text == "*");
            if principal.negated || !everybody {
                found.add(
                    &UNSUPPORTED_PRINCIPAL,
                    "Resource control policies are about everybody: the Principal element is \"*\".",
                    [principal.member.name_span.clone()],
                );
            }
        }
        if statement.effect == Some(Effect::Allow)
            && let Some(member) = statement.get("Effect")
        {
            found.add(
                &INVALID_EFFECT,
                "Resource control policies only deny. Use Deny.",
                [member.value.span.clone()],
            );
        }
        if let Some(not_action) = statement.get("NotAction") {
            found.add(
                &INVALID_POLICY_ELEMENT,
                "Resource control policies do not support the NotAction element. Use Action.",
                [not_action.name_span.clone()],
            );
        }
        for action in statement.named_actions() {
            let reached = match action.text.split_once(':') {
                None => action.text != "*",
                Some((prefix, _)) => {
                    prefix.contains(['*', '?']) || Catalog::get().in_resource_control(prefix)
                }
            };
            if action.text == "*" || !reached {
                found.add(
                    &UNSUPPORTED_ACTION_IN_POLICY,
                    format!("The action `{}` is not supported in resource control policies: they name actions of services that they reach.", action.text),
                    [action.span()],
                );
            }
        }
    }
}
