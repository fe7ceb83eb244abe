//! Cases other projects collected, read from the folder that `ROLECALL_CORPORA` names. They are not ours to ship.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

use std::fs;
use std::path::PathBuf;

use rolecall_policy::{
    Attached, Context, Layers, Origin, Outcome, Policy, PolicyKind, Principal, Request, Rule,
    Source, Value, decide, explain,
};
use serde_json::Value as Json;

/// The lines of a corpus, or `None`, said loudly, where there is no corpus.
fn corpus(name: &str) -> Option<Vec<Json>> {
    let Some(folder) = std::env::var_os("ROLECALL_CORPORA") else {
        eprintln!("SKIPPED: {name}: set ROLECALL_CORPORA to the folder that holds it");
        return None;
    };
    let text = fs::read_to_string(PathBuf::from(folder).join(name)).unwrap();
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

#[test]
fn documents_are_taken_and_refused_as_by_create_policy() {
    let Some(cases) = corpus("policy_validation_cases.jsonl") else {
        return;
    };
    let mut wrong = Vec::new();
    for case in &cases {
        let result = Policy::parse(case["document"].as_str().unwrap(), PolicyKind::Identity);
        let got = result
            .as_ref()
            .err()
            .map(|faults| faults.first().message.as_str());
        let wanted = case["message"].as_str();
        if got != wanted {
            wrong.push(format!("{}: wanted {wanted:?}, got {got:?}", case["id"]));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

#[test]
fn arsenal_and_minio_agree() {
    for name in ["arsenal_cases.jsonl", "minio_cases.jsonl"] {
        let Some(cases) = corpus(name) else { return };
        let mut wrong = Vec::new();
        let strict = cases.iter().filter(|case| case["strict_core"] == true);
        let total = strict.clone().count();
        for case in strict {
            let got = decided(case);
            let wanted = case["expected"].as_str().unwrap();
            let same = match wanted {
                "Denied" => got != "Allowed",
                // What AWS would not store grants nothing.
                "ImplicitlyDenied" if cannot_be_stored(&got) => true,
                wanted => got == wanted,
            };
            if !same {
                wrong.push(format!(
                    "{}: wanted {wanted}, got {got}\n  {case}",
                    case["id"]
                ));
            }
        }
        assert!(
            wrong.is_empty(),
            "{name}: {} of {total} differ:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
}

/// Two things those engines take and IAM does not.
fn cannot_be_stored(got: &str) -> bool {
    got.contains("`BinaryNotEquals`") || got.contains("`Statement` is an empty list")
}

fn decided(case: &Json) -> String {
    let identity: Result<Vec<Policy>, _> = case["identity_policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|policy| Policy::parse(&with_version(policy), PolicyKind::Identity))
        .collect();
    let identity = match identity {
        Ok(identity) => identity,
        Err(faults) => return format!("refused: {faults}: {}", faults.first().why),
    };
    let resource = match &case["resource_policy"] {
        Json::Null => None,
        policy => match Policy::parse(&policy.to_string(), PolicyKind::Bucket) {
            Ok(policy) => Some(policy),
            Err(faults) => return format!("refused: {faults}: {}", faults.first().why),
        },
    };
    let source = Source {
        name: "policy",
        arn: None,
        holder: None,
    };
    let identity: Vec<_> = identity
        .iter()
        .map(|policy| Attached { source, policy })
        .collect();
    let request = &case["request"];
    let mut context = Context::new();
    for (key, value) in request["context"].as_object().unwrap() {
        let value = match value {
            Json::Array(list) => Value::List(
                list.iter()
                    .map(|item| item.as_str().unwrap().into())
                    .collect(),
            ),
            // Milliseconds, as that engine keeps the time of a token.
            Json::String(text) if key == "aws:TokenIssueTime" && text.len() == 13 => {
                Value::Time(jiff::Timestamp::from_millisecond(text.parse().unwrap()).unwrap())
            }
            Json::String(text) => Value::from(text.as_str()),
            other => Value::from(other.to_string()),
        };
        context.set(key.as_str(), value, Origin::Given);
    }
    let arn = request["principal"]["arn"].as_str().unwrap_or_default();
    let account = arn.split(':').nth(4).unwrap_or_default();
    let principal = match arn {
        "" => Principal::Anonymous,
        arn if arn.ends_with(":root") => Principal::Root { account, arn },
        arn => Principal::User {
            account,
            arn,
            id: "AIDAEXAMPLEEXAMPLE",
            name: "test",
        },
    };
    let request = Request {
        principal,
        action: request["action"].as_str().unwrap(),
        resource: request["resource"].as_str().unwrap(),
        resource_account: request["resource_account"].as_str(),
        rule: Rule::Plain,
        context: &context,
    };
    let layers = Layers {
        identity: &identity,
        resource: resource.as_ref().map(|policy| Attached { source, policy }),
        ..Layers::default()
    };
    let decision = decide(&request, &layers);
    assert_eq!(decision.outcome, explain(&request, &layers).outcome);
    match decision.outcome {
        Outcome::Allowed => "Allowed",
        Outcome::ImplicitDeny => "ImplicitlyDenied",
        Outcome::ExplicitDeny => "ExplicitlyDenied",
    }
    .to_owned()
}

/// Some cases leave the version out, which their engines let pass.
fn with_version(policy: &Json) -> String {
    let mut policy = policy.clone();
    policy["Version"] = "2012-10-17".into();
    policy.to_string()
}
