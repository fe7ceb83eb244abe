//! Who may be named in a Principal.

use crate::PolicyKind;
use crate::raw::RawPrincipal;
use crate::trouble::{Found, Trouble};
use crate::trustee::{Group, account_named};

/// Whether the named ones exist is for the server to say; here is what nobody can be.
pub(super) fn check(principal: &RawPrincipal, kind: PolicyKind, found: &mut Vec<Found>) {
    for (group, word) in &principal.values {
        if let Some(why) = problem(&group.text, &word.text, kind) {
            let trouble = Trouble::PrincipalInvalid {
                group: group.text.clone(),
                value: word.text.clone(),
                why,
            };
            found.push(Found::at(trouble, word.span.clone()));
        }
    }
}

fn problem(group: &str, value: &str, kind: PolicyKind) -> Option<&'static str> {
    if kind == PolicyKind::Rcp {
        return (value != "*")
            .then_some("cannot be: a resource control policy is about everyone, `\"*\"`");
    }
    let Some(group) = Group::NAMED.into_iter().find(|known| known.name() == group) else {
        return match (group, value) {
            // IAM wants it written as {"AWS": "*"}.
            ("", "*") if kind == PolicyKind::Trust => {
                Some("alone is not taken by IAM; write `{\"AWS\": \"*\"}`")
            }
            ("", "*") => None,
            ("", _) => Some("must stand in an object, such as `{\"AWS\": …}`"),
            _ => Some("stands under a key that is none of AWS, Service, Federated, CanonicalUser"),
        };
    };
    match group {
        Group::Everyone => None,
        Group::Aws => aws(value),
        Group::Service => super::service::problem(value),
        Group::Federated if kind != PolicyKind::Trust => {
            Some("can only be named by a trust policy")
        }
        Group::Federated => federated(value),
        Group::CanonicalUser if kind != PolicyKind::Bucket => {
            Some("is a canonical user id, which only S3 knows; name the account instead")
        }
        Group::CanonicalUser => {
            let hex = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
            (!hex).then_some("is not a canonical user id of 64 hex digits")
        }
    }
}

/// Twelve digits, a unique id, the star, or the ARN of an account, user, role or session; never a pattern.
fn aws(value: &str) -> Option<&'static str> {
    if value == "*" || account_named(value).is_some() {
        return None;
    }
    let Some(parts) = crate::arn::parts(value) else {
        return (!is_unique_id(value)).then_some("is neither an ARN nor an account");
    };
    match parts {
        _ if value.contains(['*', '?']) => Some("has a wildcard; only a lone `*` is one here"),
        ["arn", _, "iam", "", _, path] if path.starts_with("group/") => {
            Some("is a group, and groups cannot act")
        }
        ["arn", _, "iam", "", account, path] if is_account(account) => {
            let known = ["user/", "role/"]
                .iter()
                .any(|kind| path.len() > kind.len() && path.starts_with(kind));
            (!known).then_some("is neither a user, a role nor an account")
        }
        ["arn", _, "sts", "", account, path] if is_account(account) => {
            let session = path
                .strip_prefix("assumed-role/")
                .is_some_and(|rest| rest.split('/').count() == 2);
            (!session && !path.starts_with("federated-user/")).then_some("is no session")
        }
        ["arn", _, "cloudfront" | "iam", ..] => Some("does not name an account of twelve digits"),
        _ => Some("is not the ARN of anybody who can act"),
    }
}

fn is_account(account: &str) -> bool {
    account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit())
}

fn is_unique_id(value: &str) -> bool {
    let known = ["AIDA", "AROA"]
        .iter()
        .any(|prefix| value.starts_with(prefix));
    known
        && value.len() >= 16
        && value
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// An identity provider by its ARN, or one of those that AWS knows by their domain.
fn federated(value: &str) -> Option<&'static str> {
    if value.contains('*') {
        return Some("has a wildcard");
    }
    let provider = match crate::arn::parts(value) {
        Some(["arn", _, "iam", "", account, path]) => {
            let known = ["saml-provider/", "oidc-provider/"];
            is_account(account) && known.iter().any(|kind| path.starts_with(kind))
        }
        Some(_) => false,
        None => value.contains('.'),
    };
    (!provider).then_some("is no identity provider")
}
