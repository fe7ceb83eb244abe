//! Claims that become condition keys besides `sub`, `aud` and `amr`.

use crate::gate::Fact;
use serde_json::{Map, Value};

/// The claim that holds session tags.
pub(super) const TAGS: &str = "https://aws.amazon.com/tags";

/// The claims of Buildkite's agents.
const BUILDKITE: &[&str] = &[
    "build_branch",
    "cluster_id",
    "cluster_name",
    "organization_id",
    "organization_slug",
    "pipeline_id",
    "pipeline_slug",
];

/// The claims of GitHub's actions.
const GITHUB: &[&str] = &[
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "repository_owner_id",
    "workflow",
];

/// The claims of single providers, by what their keys begin with; `*` is one name without `/`.
/// Source: Service Authorization Reference, "Condition keys for AWS Security Token Service".
const OF_PROVIDERS: &[(&str, &[&str])] = &[
    ("accounts.google.com", &["google/organization_number"]),
    ("agent.buildkite.com", BUILDKITE),
    ("agent.*.buildkite.dev", BUILDKITE),
    ("agent.*.buildkite.site", BUILDKITE),
    ("github.com/enterprises/*", GITHUB),
    (
        "gitlab.com",
        &[
            "namespace_id",
            "pipeline_source",
            "project_id",
            "ref_protected",
            "runner_environment",
            "user_access_level",
            "user_email",
            "user_id",
            "user_login",
        ],
    ),
    ("idcs-*.identity.oraclecloud.com", &["rpst_id"]),
    ("oidc.circleci.com/org/*", &["oidc.circleci.com/project-id"]),
    ("token.actions.*.ghe.com", GITHUB),
    ("token.actions.githubusercontent.com", GITHUB),
    ("token.actions.githubusercontent.com/*", GITHUB),
];

/// Whether a provider is one of those that `pattern` describes.
fn is_of(prefix: &str, pattern: &str) -> bool {
    let Some((start, end)) = pattern.split_once('*') else {
        return prefix == pattern;
    };
    let name = prefix
        .strip_prefix(start)
        .and_then(|rest| rest.strip_suffix(end));
    name.is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

/// A claim as text, or several.
pub(super) fn texts(claim: Option<&Value>) -> Vec<String> {
    match claim {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(values)) => values.iter().flat_map(|value| texts(Some(value))).collect(),
        Some(Value::Bool(value)) => vec![value.to_string()],
        Some(Value::Number(number)) => vec![number.to_string()],
        Some(Value::Null | Value::Object(_)) | None => Vec::new(),
    }
}

/// The keys of the provider's own claims.
pub(super) fn of_provider(prefix: &str, claims: &Map<String, Value>) -> Vec<(String, Fact)> {
    let own = OF_PROVIDERS
        .iter()
        .filter(|(pattern, _)| is_of(prefix, pattern));
    let names = own.flat_map(|(_, names)| *names);
    let key = |name: &&str| {
        let mut values = texts(claims.get(*name)).into_iter();
        Some((format!("{prefix}:{name}"), Fact::from(values.next()?)))
    };
    names.filter_map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_provider_has_its_claims() {
        let Value::Object(claims) = json!({
            "actor": "ana", "build_branch": "main", "rpst_id": "r", "user_login": "bea",
            "oidc.circleci.com/project-id": "p", "google/organization_number": 7,
        }) else {
            unreachable!("an object")
        };
        for (prefix, key) in [
            ("token.actions.githubusercontent.com", "actor"),
            ("token.actions.githubusercontent.com/octo", "actor"),
            ("token.actions.octo.ghe.com", "actor"),
            ("github.com/enterprises/octo", "actor"),
            ("agent.buildkite.com", "build_branch"),
            ("agent.eu.buildkite.dev", "build_branch"),
            ("agent.eu.buildkite.site", "build_branch"),
            ("idcs-0a1b.identity.oraclecloud.com", "rpst_id"),
            ("gitlab.com", "user_login"),
            ("oidc.circleci.com/org/o", "oidc.circleci.com/project-id"),
            ("accounts.google.com", "google/organization_number"),
        ] {
            let keys: Vec<String> = of_provider(prefix, &claims)
                .into_iter()
                .map(|(key, _)| key)
                .collect();
            assert_eq!(keys, [format!("{prefix}:{key}")], "{prefix}");
        }
        for other in [
            "token.actions.ghe.com",
            "token.actions.githubusercontent.com.example.com",
            "agent..buildkite.dev",
            "idcs-a/b.identity.oraclecloud.com",
            "issuer.example.com",
        ] {
            assert!(of_provider(other, &claims).is_empty(), "{other}");
        }
    }
}
