//! Every file under `proofs` is a question about all resources at once; the answers' words are kept in snapshots.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

#[allow(dead_code, reason = "shared with the decision files")]
mod harness;

use std::path::Path;

use harness::Case;
use rolecall_policy::{Layers, Owned, Proof, Question, Request, Verdict, may_reach, prove};
use serde_json::Value as Json;

#[test]
fn every_proof_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proofs");
    let mut files = harness::json_files(&folder);
    files.sort();
    assert!(files.len() >= 8, "only {} files found", files.len());
    for file in &files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file).unwrap();
        let rule: Json =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut said = String::new();
        for (index, case) in rule["cases"].as_array().unwrap().iter().enumerate() {
            let title = case["name"].as_str().unwrap();
            said += &format!("--- {title}\n");
            let loaded = Case::new(&rule, case)
                .unwrap_or_else(|faults| panic!("{name}#{index}: {}", harness::faults(&faults)));
            loaded.ask(|request, layers| said += &answer(&name, &rule, case, request, layers));
            said += "\n";
        }
        insta::with_settings!({ snapshot_path => "proofs/said", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, said);
        });
    }
}

fn answer(
    name: &str,
    rule: &Json,
    case: &Json,
    request: &Request<'_>,
    layers: &Layers<'_>,
) -> String {
    let field = |key: &str| {
        if case[key].is_null() {
            &rule[key]
        } else {
            &case[key]
        }
    };
    let within = harness::texts(field("within"));
    let within: Vec<&str> = within.iter().map(String::as_str).collect();
    let on = harness::texts(field("owned"));
    let on: Vec<&str> = on.iter().map(String::as_str).collect();
    // The resource's policy and account belong to the resources in `owned`, if that is said.
    let owned = [Owned {
        on: &on,
        policy: layers.resource,
        acl: layers.acl,
        account: request.resource_account,
        rule: None,
    }];
    let mut question = Question {
        principal: request.principal,
        action: request.action,
        layers: *layers,
        rule: request.rule,
        resource_account: request.resource_account,
        owned: &[],
        known: request.context,
    };
    if !on.is_empty() {
        question.owned = &owned;
        question.layers.resource = None;
        question.layers.acl = None;
        question.resource_account = None;
    }
    let proof = prove(&question, &within);
    let title = format!("{name}: {}", case["name"]);
    let verdict = match &proof.verdict {
        Verdict::Proved { .. } => "proved",
        Verdict::Counterexample(found) if !found.confirmed => "unconfirmed",
        Verdict::Counterexample(found) if found.certain => "counterexample",
        Verdict::Counterexample(_) => "conditional",
        Verdict::TooLarge(_) => "too-large",
    };
    assert_eq!(case["verdict"], verdict, "{title}\n{proof}");
    if let Some(resource) = case["resource"].as_str() {
        assert_eq!(
            proof.counterexample().unwrap().resource,
            resource,
            "{title}"
        );
    }
    // What is stored comes back as it was.
    let stored = serde_json::to_string(&proof).unwrap();
    assert_eq!(serde_json::from_str::<Proof>(&stored).unwrap(), proof);
    match case["terms"].as_bool() {
        Some(true) => format!("{proof}{}", may_reach(&question).unwrap()),
        _ => proof.to_string(),
    }
}

/// Many statements about many folders, as an organization grows them: no blow-up, and the one that leaks is found.
#[test]
fn a_hundred_statements_are_no_trouble() {
    let statement = |at: usize| {
        let (bucket, folder) = (at % 7, at);
        let actions = [
            ["s3:Get*", "s3:PutObject"],
            ["s3:*Object", "s3:ListBucket"],
            ["s3:*", "sqs:*"],
        ];
        serde_json::json!({
            "Sid": format!("S{at}"),
            "Effect": if at % 9 == 8 { "Deny" } else { "Allow" },
            "Action": actions[at % 3],
            "Resource": [
                format!("arn:aws:s3:::team-{bucket}/folder-{folder}/*"),
                format!("arn:aws:s3:::team-{bucket}/*/shared-{}/*", at % 5),
            ],
        })
    };
    let ask = |leak: bool, action: &str| {
        let mut list: Vec<Json> = (0..100).map(statement).collect();
        if leak {
            list[50]["Resource"] = "arn:aws:s3:::team-*".into();
        }
        let rule = serde_json::json!({
            "action": action,
            "identity": [{"Version": "2012-10-17", "Statement": list}],
            "boundary": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}},
        });
        let mut proof = None;
        Case::new(&rule, &Json::Null)
            .unwrap()
            .ask(|request, layers| {
                let question = Question {
                    principal: request.principal,
                    action: request.action,
                    layers: *layers,
                    rule: request.rule,
                    resource_account: None,
                    owned: &[],
                    known: request.context,
                };
                proof = Some(prove(&question, &["arn:aws:s3:::team-?/*"]));
            });
        proof.unwrap()
    };
    for action in ["s3:PutObject", "s3:G*"] {
        let proof = ask(false, action);
        assert!(proof.proved(), "{proof}");
        let proof = ask(true, action);
        let found = proof.counterexample().unwrap();
        assert!(found.certain && found.confirmed, "{proof}");
    }
}
