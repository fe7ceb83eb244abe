//! Every file under `decisions` is a rule: policies, requests, outcomes, and the page that says so.
//! What explanations of denials say is kept in snapshots beside.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod harness;

use std::collections::BTreeSet;
use std::path::Path;

use harness::Case;
use rolecall_policy::{Outcome, decide, explain};
use serde_json::Value as Json;

#[test]
fn every_rule_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decisions");
    let mut files = harness::json_files(&folder);
    files.sort();
    assert!(files.len() > 60, "only {} rules found", files.len());
    let mut wrong = Vec::new();
    for file in &files {
        let name = file
            .strip_prefix(&folder)
            .unwrap()
            .with_extension("")
            .display()
            .to_string();
        let text = std::fs::read_to_string(file).unwrap();
        let rule: Json =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            rule["rule"].is_string() && rule["source"].is_string(),
            "{name}: rule and source are needed"
        );
        let cases = rule["cases"]
            .as_array()
            .unwrap_or_else(|| panic!("{name}: no cases"));
        assert!(!cases.is_empty(), "{name}: no cases");
        let mut said = String::new();
        for (index, case) in cases.iter().enumerate() {
            check(
                &rule,
                case,
                &format!("{name}#{index}"),
                &mut wrong,
                &mut said,
            );
        }
        if !said.is_empty() {
            insta::with_settings!({ snapshot_path => "decisions/said", prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(name.replace('/', "__"), said);
            });
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What the policies of the Amazon Pinpoint guide decide was written down row by row before there was an engine.
/// `seed_rows.txt` keeps the numbers of the rows, with a line for each thing that a row asks; the `row` of a case says
/// which it shows.
#[test]
fn every_row_of_the_guide_has_a_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let rows = std::fs::read_to_string(folder.join("seed_rows.txt")).unwrap();
    let wanted: BTreeSet<_> = rows.lines().map(str::to_owned).collect();
    assert_eq!(wanted.len(), rows.lines().count(), "a row stands twice");
    let mut shown = BTreeSet::new();
    for file in harness::json_files(&folder.join("decisions")) {
        let rule: Json = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        for case in rule["cases"].as_array().unwrap() {
            let rows = harness::texts(&case["row"]);
            // None of those policies has a Deny.
            assert!(
                rows.is_empty() || case["outcome"] != "explicitDeny",
                "{rows:?}"
            );
            shown.extend(rows);
        }
    }
    let without: Vec<_> = wanted.difference(&shown).collect();
    assert!(without.is_empty(), "rows without a case: {without:#?}");
    let unknown: Vec<_> = shown.difference(&wanted).collect();
    assert!(unknown.is_empty(), "no such rows: {unknown:#?}");
}

fn check(rule: &Json, overrides: &Json, name: &str, wrong: &mut Vec<String>, said: &mut String) {
    let case = match Case::new(rule, overrides) {
        Ok(case) => case,
        Err(refused) => {
            match overrides["refused"].as_str() {
                Some(wanted) if refused.first().message == wanted => {
                    said.push_str(&harness::refusal(overrides, &refused));
                }
                _ => wrong.push(format!("{name}: refused: {}", harness::faults(&refused))),
            }
            return;
        }
    };
    if overrides.get("refused").is_some() {
        wrong.push(format!("{name}: the document should be refused"));
        return;
    }
    case.ask(|request, layers| {
        let decision = decide(request, layers);
        let explanation = explain(request, layers);
        let wanted = overrides["outcome"]
            .as_str()
            .unwrap_or_else(|| panic!("{name}: no outcome"));
        if decision.outcome.to_string() != wanted {
            wrong.push(format!(
                "{name}: wanted {wanted}, got {}\n{explanation}",
                decision.outcome
            ));
        }
        if (decision.outcome, decision.by) != (explanation.outcome, explanation.by) {
            wrong.push(format!(
                "{name}: decided {decision:?}, explained {:?}",
                explanation.by
            ));
        }
        if overrides["by"]
            .as_str()
            .is_some_and(|by| by != decision.by.name())
        {
            wrong.push(format!(
                "{name}: wanted by {}, got {}",
                overrides["by"], decision.by
            ));
        }
        let why: Vec<String> = explanation.why().iter().map(ToString::to_string).collect();
        for reason in harness::texts(&overrides["why"]) {
            if !why.contains(&reason) {
                wrong.push(format!(
                    "{name}: wanted why {reason}, got {why:?}\n{explanation}"
                ));
            }
        }
        if overrides["reason"]
            .as_str()
            .is_some_and(|reason| reason != decision.reason(request, layers))
        {
            wrong.push(format!(
                "{name}: AWS would say: {}",
                decision.reason(request, layers)
            ));
        }
        // What is stored comes back as it was.
        let stored = serde_json::to_string(&explanation).unwrap();
        assert_eq!(
            serde_json::from_str::<rolecall_policy::Explanation>(&stored).unwrap(),
            explanation,
            "{name}"
        );
        if decision.outcome != Outcome::Allowed {
            said.push_str(&harness::denial(overrides, &explanation, &why));
        }
    });
}
