//! The compiled evaluator against one that is plainly right: the same outcome for every policy and every request.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

#[expect(dead_code, reason = "shared with the other tests")]
mod harness;
mod naive;
mod worlds;

use std::path::Path;

use harness::Case;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use rolecall_policy::{decide, explain};
use serde_json::{Value as Json, json};

/// Decides three ways: compiled, aloud, naively.
fn agree(case: &Case, name: &str) -> Result<(), TestCaseError> {
    let mut result = Ok(());
    case.ask(|request, layers| {
        let (compiled, naive) = (
            decide(request, layers).outcome,
            naive::decide(request, layers),
        );
        let explanation = explain(request, layers);
        if compiled != naive || explanation.outcome != compiled {
            result = Err(TestCaseError::fail(format!(
                "{name}: naively {naive}, compiled {compiled}\n{explanation}"
            )));
        }
    });
    result
}

#[test]
fn every_decision_file_is_decided_alike() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decisions");
    let mut cases = 0;
    for file in harness::json_files(&folder) {
        let rule: Json = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        for (index, overrides) in rule["cases"].as_array().unwrap().iter().enumerate() {
            if let Ok(case) = Case::new(&rule, overrides) {
                cases += 1;
                agree(&case, &format!("{}#{index}", file.display())).unwrap();
            }
        }
    }
    assert!(cases > 200, "only {cases} cases");
}

/// A comparison says little when everything is denied: every outcome by every kind of caller, and often enough.
#[test]
fn the_worlds_are_of_every_kind() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    for _ in 0..800 {
        let world = worlds::world().new_tree(&mut runner).unwrap().current();
        Case::new(&json!({}), &world)
            .unwrap()
            .ask(|request, layers| {
                let decision = decide(request, layers);
                *seen.entry(decision.outcome.to_string()).or_default() += 1;
                *seen
                    .entry(format!("{} by {}", decision.outcome, decision.by))
                    .or_default() += 1;
            });
    }
    for (kind, least) in [
        ("allowed", 40),
        ("implicitDeny", 80),
        ("explicitDeny", 80),
        ("allowed by identity-policy", 5),
        ("allowed by resource-policy", 5),
        ("allowed by trust-policy", 1),
        ("implicitDeny by scp", 1),
        ("implicitDeny by boundary", 1),
        ("implicitDeny by session-policy", 1),
        ("explicitDeny by rcp", 5),
    ] {
        assert!(
            seen.get(kind).is_some_and(|count| *count >= least),
            "{kind}: {seen:#?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn worlds_are_decided_alike(world in worlds::world()) {
        let case = Case::new(&json!({}), &world).map_err(|faults| {
            TestCaseError::fail(format!("{}\n{world:#}", harness::faults(&faults)))
        })?;
        agree(&case, &format!("{world:#}"))?;
    }

    /// One statement and one condition: more values, every operator.
    #[test]
    fn conditions_are_decided_alike(condition in worlds::condition(), context in worlds::context(), effect in prop::sample::select(vec!["Allow", "Deny"])) {
        let statement = json!({"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition});
        let all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        let statements = if effect == "Deny" { json!([statement, all]) } else { json!([statement]) };
        let world = json!({
            "identity": [{"Version": "2012-10-17", "Statement": statements}],
            "context": context,
            "resource": "arn:aws:s3:::b/k",
        });
        let case = Case::new(&json!({}), &world).map_err(|faults| {
            TestCaseError::fail(format!("{}\n{world:#}", harness::faults(&faults)))
        })?;
        agree(&case, &format!("{world:#}"))?;
    }
}
