//! Two actions that hand out roles: `iam:PassRole` and `iam:CreateServiceLinkedRole`.

use crate::findings::Found;
use crate::findings::codes::*;
use crate::findings::document::{Document, Statement, Text};
use crate::findings::finding::PolicyType;
use crate::findings::glob::covers;

/// One of the two, with its six codes.
struct Handing {
    action: &'static str,
    lower: &'static str,
    /// Naming the service that may take the role is narrow enough.
    narrowed_by: &'static str,
    danger: &'static str,
    /// By how the action is given: by name, with a wildcard, by NotAction; each with NotResource and with a star.
    codes: [[&'static Code; 2]; 3],
}

static HANDINGS: [Handing; 2] = [
    Handing {
        action: "iam:PassRole",
        lower: "iam:passrole",
        narrowed_by: "iam:PassedToService",
        danger: "can be overly permissive because it allows iam:PassRole on several roles",
        codes: [
            [
                &PASS_ROLE_WITH_NOTRESOURCE,
                &PASS_ROLE_WITH_STAR_IN_RESOURCE,
            ],
            [
                &PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOTRESOURCE,
                &PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE,
            ],
            [
                &PASS_ROLE_WITH_NOTACTION_AND_NOTRESOURCE,
                &PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOTACTION,
            ],
        ],
    },
    Handing {
        action: "iam:CreateServiceLinkedRole",
        lower: "iam:createservicelinkedrole",
        narrowed_by: "iam:AWSServiceName",
        danger: "can allow creation of unintended service-linked roles",
        codes: [
            [
                &CREATE_SLR_WITH_NOTRESOURCE,
                &CREATE_SLR_WITH_STAR_IN_RESOURCE,
            ],
            [
                &CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOTRESOURCE,
                &CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE,
            ],
            [
                &CREATE_SLR_WITH_NOTACTION_AND_NOTRESOURCE,
                &CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOTACTION,
            ],
        ],
    },
];

pub(super) fn too_wide(document: &Document<'_>, found: &mut Found<'_>) {
    if document.subject.policy_type != PolicyType::Identity {
        return;
    }
    for statement in document
        .statements
        .iter()
        .filter(|statement| statement.allows())
    {
        for handing in &HANDINGS {
            look(statement, handing, found);
        }
    }
}

fn look(statement: &Statement<'_>, handing: &Handing, found: &mut Found<'_>) {
    let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else {
        return;
    };
    if statement.tests_key(handing.narrowed_by) {
        return;
    }
    let fits = |text: &&Text<'_>| covers(&text.text.to_ascii_lowercase(), handing.lower);
    let named = actions.list.iter().find(fits);
    let (row, how, place) = match (actions.negated, named) {
        (false, Some(text)) if text.text.eq_ignore_ascii_case(handing.lower) => {
            (0, format!("the {} action", handing.action), text.span())
        }
        (false, Some(text)) => (1, "an action with a wildcard (*)".to_owned(), text.span()),
        (true, None) => (2, "NotAction".to_owned(), actions.member.name_span.clone()),
        _ => return,
    };
    let star = resources.list.iter().find(|text| is_any_role(text.text));
    let (column, what, other) = match (resources.negated, star) {
        (true, _) => (0, "NotResource", resources.member.name_span.clone()),
        (false, Some(text)) => (1, "a wildcard (*) for the role", text.span()),
        (false, None) => return,
    };
    if let Some(code) = handing.codes.get(row).and_then(|codes| codes.get(column)) {
        found.add(
            code,
            format!(
                "Using {how} with {what} {}. Specify resource ARNs, or add the {} condition key to the statement.",
                handing.danger, handing.narrowed_by
            ),
            [place, other],
        );
    }
}

/// Whether a resource stands for roles whose names have nothing in common; `role/Service*` is let pass.
fn is_any_role(resource: &str) -> bool {
    [
        "arn:aws:iam::123456789012:role/a",
        "arn:aws:iam::123456789012:role/Z/z",
    ]
    .iter()
    .all(|role| {
        covers(resource, role) || covers(&resource.replace("${aws:PrincipalAccount}", "*"), role)
    }) || resource
        .rsplit_once(":role/")
        .is_some_and(|(_, name)| name == "*" || name == "*/*")
}
