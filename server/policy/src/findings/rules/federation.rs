//! Identity providers as principals.

use super::arn;
use crate::findings::Found;
use crate::findings::codes::*;
use crate::findings::document::{Document, Statement, Text};
use crate::findings::finding::PolicyType;

const GITHUB: &str = "token.actions.githubusercontent.com";

/// Providers whose `aud` is known to have one value.
const ONE_AUDIENCE: [&str; 6] = [
    GITHUB,
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
    "saml",
];

/// A provider in a Principal.
enum Provider<'t> {
    Saml,
    /// By its domain, without scheme.
    Oidc(&'t str),
}

fn provider(text: &str) -> Option<Provider<'_>> {
    if let [
        (_, "arn"),
        _,
        (_, "iam"),
        (_, ""),
        (_, account),
        (_, resource),
    ] = arn::fields(text).as_slice()
    {
        let named = arn::is_account(account) || account.contains("${");
        return match resource.split_once('/') {
            Some(("saml-provider", name)) if named && !name.is_empty() => Some(Provider::Saml),
            Some(("oidc-provider", name)) if named && !name.is_empty() => {
                Some(Provider::Oidc(name))
            }
            _ => None,
        };
    }
    let domain = text.contains('.')
        && !text.contains(':')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/'));
    domain.then_some(Provider::Oidc(text))
}

pub(super) fn providers(document: &Document<'_>, found: &mut Found<'_>) {
    for statement in &document.statements {
        for text in statement.trusted("Federated") {
            if document.subject.is_trust() {
                in_trust(statement, &text, found);
            } else if document.subject.policy_type == PolicyType::Resource
                && !is_assuming(statement)
            {
                found.add(
                    &FEDERATED_PRINCIPAL_NOT_SUPPORTED,
                    "The policy type does not support a federated identity provider in the principal element. Use a supported principal.",
                    [text.span()],
                );
            }
        }
    }
}

/// Without a resource type the document may still be the trust policy of a role.
fn is_assuming(statement: &Statement<'_>) -> bool {
    statement
        .named_actions()
        .any(|action| action.text.to_ascii_lowercase().starts_with("sts:"))
}

fn in_trust(statement: &Statement<'_>, text: &Text<'_>, found: &mut Found<'_>) {
    // A wildcard has a finding of its own.
    if text.text.contains(['*', '?']) {
        return;
    }
    let Some(provider) = provider(text.text) else {
        found.add(
            &INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY,
            format!("The federated principal `{}` does not match the expected format. Use a domain name or the ARN of a provider.", text.text),
            [text.span()],
        );
        return;
    };
    let wrong: &[&str] = match provider {
        Provider::Saml => &["sts:assumerole", "sts:assumerolewithwebidentity"],
        Provider::Oidc(_) => &["sts:assumerole", "sts:assumerolewithsaml"],
    };
    for action in statement.named_actions() {
        if wrong.contains(&&*action.text.to_ascii_lowercase()) {
            mismatched(&action, text, found);
        }
    }
}

fn mismatched(action: &Text<'_>, who: &Text<'_>, found: &mut Found<'_>) {
    found.add(
        &MISMATCHED_ACTION_FOR_PRINCIPAL,
        format!(
            "The {} action is invalid with the principal {}. Use a SAML provider with sts:AssumeRoleWithSAML, an OIDC provider with sts:AssumeRoleWithWebIdentity, and everybody else with sts:AssumeRole.",
            action.text, who.text
        ),
        [action.span(), who.span()],
    );
}

/// What a trust in an identity provider must ask for.
pub(super) fn conditions(document: &Document<'_>, found: &mut Found<'_>) {
    if !document.subject.is_trust() {
        return;
    }
    for statement in &document.statements {
        others(statement, found);
        if statement.allows() {
            for text in statement.trusted("Federated") {
                if let Some(Provider::Oidc(domain)) = provider(text.text) {
                    oidc(statement, &text, domain, found);
                }
            }
        }
        for test in &statement.tests {
            let Some((idp, "aud")) = test.key.name.rsplit_once(':') else {
                continue;
            };
            if !ONE_AUDIENCE.contains(&idp) {
                found.add(
                    &CONFIRM_AUDIENCE_CLAIM_TYPE,
                    "The 'aud' (audience) claim can have one value or several. With several, use a ForAllValues or ForAnyValue qualifier; with one, use none.",
                    [test.key.name_span.clone()],
                );
            }
        }
    }
}

/// Actions for providers, where none is named.
fn others(statement: &Statement<'_>, found: &mut Found<'_>) {
    let people = ["AWS", "Service"]
        .into_iter()
        .find_map(|group| statement.trusted(group).next());
    let Some(who) = people.filter(|_| statement.trusted("Federated").next().is_none()) else {
        return;
    };
    for action in statement.named_actions() {
        let lower = action.text.to_ascii_lowercase();
        if matches!(
            &*lower,
            "sts:assumerolewithsaml" | "sts:assumerolewithwebidentity"
        ) {
            mismatched(&action, &who, found);
        }
    }
}

fn oidc(statement: &Statement<'_>, text: &Text<'_>, domain: &str, found: &mut Found<'_>) {
    let about: Vec<_> = statement
        .tests
        .iter()
        .filter(|test| {
            test.key
                .name
                .rsplit_once(':')
                .is_some_and(|(idp, _)| idp.eq_ignore_ascii_case(domain))
        })
        .collect();
    if about.is_empty() {
        found.add(
            &MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL,
            format!("Using an Open ID Connect principal without a condition can be overly permissive. Add condition keys that begin with {domain}: to say whose tokens count."),
            [text.span()],
        );
    }
    if !domain.eq_ignore_ascii_case(GITHUB) {
        return;
    }
    let subjects: Vec<_> = about
        .iter()
        .filter(|test| {
            let claim = test.key.name.rsplit_once(':').map(|(_, claim)| claim);
            claim.is_some_and(|claim| matches!(claim, "sub" | "job_workflow_ref"))
        })
        .collect();
    if subjects.is_empty() {
        found.add(
            &MISSING_GITHUB_REPO_CONDITION_KEY,
            format!("Every repository on GitHub can assume this role. Add the {GITHUB}:sub condition key with the repository and branch."),
            [text.span()],
        );
    }
    for value in subjects.iter().flat_map(|test| test.texts()) {
        if loose(value.text) {
            found.add(
                &SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED,
                format!("Using a wildcard (*) in {GITHUB}:sub can allow requests from more sources than you intended. Name the repository and branch."),
                [value.span()],
            );
        }
    }
}

/// Whether a wildcard stands in the owner or the repository of `repo:OWNER/REPOSITORY:...`, or nothing is fixed.
fn loose(subject: &str) -> bool {
    let repository = subject
        .strip_prefix("repo:")
        .map(|rest| rest.split(':').next().unwrap_or_default());
    match repository {
        Some(repository) => repository.contains(['*', '?']),
        None => subject.contains(['*', '?']),
    }
}
