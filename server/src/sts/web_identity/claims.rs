//! Claims that become condition keys besides `sub`, `aud` and `amr`.

use crate::gate::Fact;
use serde_json::{Map, Value};

/// The claim that holds session tags.
pub(super) const TAGS: &str = "https://aws.amazon.com/tags";

/// The claims of single providers, by the beginning of their keys.
/// Source: Service Authorization Reference, "Condition keys for AWS Security Token Service".
const OF_PROVIDERS: &[(&str, &[&str])] = &[
    ("accounts.google.com", &["google/organization_number"]),
    (
        "agent.buildkite.com",
        &[
            "build_branch",
            "cluster_id",
            "cluster_name",
            "organization_id",
            "organization_slug",
            "pipeline_id",
            "pipeline_slug",
        ],
    ),
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
    ("oidc.circleci.com/org/", &["oidc.circleci.com/project-id"]),
    (
        "token.actions.githubusercontent.com",
        &[
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
        ],
    ),
];

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
        .filter(|(start, _)| prefix.starts_with(start));
    let names = own.flat_map(|(_, names)| *names);
    let key = |name: &&str| {
        let mut values = texts(claims.get(*name)).into_iter();
        Some((format!("{prefix}:{name}"), Fact::from(values.next()?)))
    };
    names.filter_map(key).collect()
}
