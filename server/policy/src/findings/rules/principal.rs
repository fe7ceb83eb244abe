//! Who is named, and how.

use super::arn;
use crate::findings::Found;
use crate::findings::codes::*;
use crate::findings::document::{Document, Principals, Text};
use crate::findings::finding::PolicyType;
use crate::json::{Json, Member};

const GROUPS: [&str; 4] = ["AWS", "CanonicalUser", "Federated", "Service"];

pub(super) fn element(document: &Document<'_>, found: &mut Found<'_>) {
    for statement in &document.statements {
        let Some(principal) = &statement.principal else {
            continue;
        };
        if document.subject.policy_type == PolicyType::Identity {
            found.add_help(
                &UNSUPPORTED_PRINCIPAL,
                "The policy type does not support the Principal element: it is about whoever it is attached to. Remove the element.",
                principal.member.name_span.clone(),
                "only a policy of a resource names principals; IAM refuses this one",
            );
            continue;
        }
        if principal.negated && statement.allows() && !document.subject.is_trust() {
            found.add(
                &ALLOW_WITH_NOTPRINCIPAL,
                "Using Allow with NotPrincipal can be overly permissive: everybody else is allowed, anonymous callers too. Use Principal instead.",
                [principal.member.name_span.clone()],
            );
        }
        shape(principal, found);
    }
}

/// `"*"`, or an object of known groups that hold strings.
fn shape(principal: &Principals<'_>, found: &mut Found<'_>) {
    match &principal.member.value.value {
        Json::Object(groups) => {
            for group in groups {
                if !GROUPS.contains(&&*group.name) {
                    found.add(
                        &INVALID_PRINCIPAL_KEY,
                        format!("The principal key `{}` is not valid. Use AWS, Service, Federated or CanonicalUser.", group.name),
                        [group.name_span.clone()],
                    );
                }
                for node in group.value.each() {
                    if Text::of(node).is_none() {
                        found.add(
                            &DATA_TYPE_MISMATCH,
                            "The text does not match the expected JSON data type: a principal is a string or a list of strings.",
                            [node.span.clone()],
                        );
                    }
                }
            }
        }
        Json::Text(text) if &**text == "*" => {}
        Json::List(list) if list.is_empty() => {}
        _ => found.add(
            &INVALID_PRINCIPAL_FORMAT,
            "The Principal element contents are not valid. Specify a key-value pair, such as {\"AWS\": \"123456789012\"}.",
            [principal.member.value.span.clone()],
        ),
    }
}

pub(super) fn values(document: &Document<'_>, found: &mut Found<'_>) {
    if document.subject.policy_type != PolicyType::Resource {
        return;
    }
    for (group, text) in document
        .statements
        .iter()
        .filter_map(|statement| statement.principal.as_ref())
        .flat_map(|principal| &principal.list)
        .filter_map(|(group, text)| group.map(|group| (group, text)))
    {
        if text.text.contains("${") {
            continue;
        }
        value(group, text, found);
    }
}

fn value(group: &Member, text: &Text<'_>, found: &mut Found<'_>) {
    let wild = text.text.contains(['*', '?']);
    match &*group.name {
        "AWS" if text.text == "*" => {}
        "AWS" | "Service" | "Federated" if wild => found.add(
            &UNSUPPORTED_WILDCARD_IN_PRINCIPAL,
            format!("Wildcards (*, ?) are not supported within a principal: `{}` is nobody. Name each one.", text.text),
            [text.span()],
        ),
        "AWS" => account_or_entity(text, found),
        "Service" if !is_service_principal(text.text) => found.add(
            &INVALID_SERVICE_PRINCIPAL_FORMAT,
            format!("The service principal `{}` does not match the expected format. Use the format service-name.amazonaws.com.", text.text),
            [text.span()],
        ),
        _ => {}
    }
}

fn account_or_entity(text: &Text<'_>, found: &mut Found<'_>) {
    let unique = |prefix: &str| {
        text.text.starts_with(prefix)
            && text.text.len() >= 16
            && text.text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if unique("AROA") {
        found.add(
            &INVALID_ROLE_REFERENCE,
            "The Principal element includes the unique ID of an IAM role; such IDs are left behind when the role is deleted. Use the ARN of a role instead.",
            [text.span()],
        );
    } else if unique("AIDA") {
        found.add(
            &INVALID_USER_REFERENCE,
            "The Principal element includes the unique ID of an IAM user; such IDs are left behind when the user is deleted. Use the ARN of a user instead.",
            [text.span()],
        );
    } else if !arn::is_account(text.text) && !is_entity(text.text) {
        found.add(
            &INVALID_PRINCIPAL_FORMAT,
            format!("The principal `{}` is neither a 12-digit account nor the ARN of an account, user, role or session.", text.text),
            [text.span()],
        );
    }
}

fn is_entity(text: &str) -> bool {
    let fields = arn::fields(text);
    let [
        (_, "arn"),
        _,
        (_, vendor),
        (_, ""),
        (_, account),
        (_, resource),
    ] = fields.as_slice()
    else {
        return false;
    };
    let starts = |known: &[&str]| {
        known
            .iter()
            .any(|known| resource.len() > known.len() && resource.starts_with(known))
    };
    let account = arn::is_account(account) || *account == "cloudfront";
    account
        && match *vendor {
            // AWS takes the session of a role under iam as well as under sts.
            "iam" => *resource == "root" || starts(&["user/", "role/", "assumed-role/"]),
            "sts" => starts(&["assumed-role/", "federated-user/"]),
            _ => false,
        }
}

/// `name.amazonaws.com`, with a Region or more names in between and a partition's ending.
pub(super) fn is_service_principal(text: &str) -> bool {
    const ENDINGS: [&str; 8] = [
        ".amazonaws.com",
        ".amazonaws.com.cn",
        ".amazon.com",
        ".aws.internal",
        ".c2s.ic.gov",
        ".sc2s.sgov.gov",
        ".amazonaws.eu",
        ".aws.com",
    ];
    let name = ENDINGS.iter().find_map(|ending| text.strip_suffix(ending));
    name.is_some_and(|name| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
    })
}
