//! What would allow a denied request: the words for every denial of the decision files, and that they hold.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

#[expect(dead_code, reason = "shared with the other tests")]
mod harness;
mod worlds;

use std::fmt::Write as _;
use std::path::Path;

use harness::Case;
use proptest::prelude::*;
use rolecall_policy::{
    Attached, Change, Layer, Layers, Outcome, Policy, PolicyKind, Remedy, Request, Source, Value,
    advise, decide, remedy,
};
use serde_json::{Value as Json, json};

/// Makes the changes to whatever they are for, one after the other, and decides anew.
fn holds(remedy: &Remedy, request: &Request<'_>, layers: &Layers<'_>) -> bool {
    let Some((change, rest)) = remedy.changes.split_first() else {
        return decide(request, layers).allowed();
    };
    let rest = Remedy {
        changes: rest.to_vec(),
        sentence: String::new(),
    };
    match change {
        Change::Carry { key, value } => {
            let mut context = request.context.clone();
            context.unset(key);
            context.set(
                key.as_str(),
                Value::from(value.as_str()),
                rolecall_policy::Origin::Given,
            );
            holds(
                &rest,
                &Request {
                    context: &context,
                    ..*request
                },
                layers,
            )
        }
        Change::Attach { document } => {
            let policy = Policy::parse(document, PolicyKind::Identity).unwrap();
            let source = Source {
                name: "new",
                arn: None,
                holder: None,
            };
            assert!(layers.identity.is_empty());
            holds(
                &rest,
                request,
                &Layers {
                    identity: &[Attached {
                        source,
                        policy: &policy,
                    }],
                    ..*layers
                },
            )
        }
        Change::Edit(edit) => {
            let edited = |attached: &Attached<'_>| {
                let text = edit.apply(attached.policy.text())?;
                Policy::parse(&text, attached.policy.kind()).ok()
            };
            // Policies of one layer have names of their own in few cases: any that takes the edit and allows will do.
            let lists: Vec<Vec<Attached<'_>>> = match edit.layer {
                Layer::Identity => vec![layers.identity.to_vec()],
                Layer::Session => vec![layers.session.unwrap().to_vec()],
                Layer::Boundary => vec![vec![layers.boundary.unwrap()]],
                Layer::Endpoint => vec![vec![layers.endpoint.unwrap()]],
                Layer::Scp => layers.scps.iter().map(|level| level.to_vec()).collect(),
                _ => vec![vec![layers.resource.unwrap()]],
            };
            (0..lists.len()).any(|level| {
                (0..lists[level].len())
                    .filter(|place| lists[level][*place].source.name == edit.policy)
                    .any(|place| {
                        let Some(policy) = edited(&lists[level][place]) else {
                            return false;
                        };
                        let mut lists = lists.clone();
                        lists[level][place].policy = &policy;
                        let list = &lists[0];
                        let levels: Vec<&[_]> = lists.iter().map(Vec::as_slice).collect();
                        let changed = match edit.layer {
                            Layer::Identity => Layers {
                                identity: list,
                                ..*layers
                            },
                            Layer::Session => Layers {
                                session: Some(list),
                                ..*layers
                            },
                            Layer::Boundary => Layers {
                                boundary: Some(list[0]),
                                ..*layers
                            },
                            Layer::Endpoint => Layers {
                                endpoint: Some(list[0]),
                                ..*layers
                            },
                            Layer::Scp => Layers {
                                scps: &levels,
                                ..*layers
                            },
                            _ => Layers {
                                resource: Some(list[0]),
                                ..*layers
                            },
                        };
                        holds(&rest, request, &changed)
                    })
            })
        }
    }
}

fn checked(request: &Request<'_>, layers: &Layers<'_>) -> Option<Remedy> {
    let decision = decide(request, layers);
    let remedy = remedy(request, layers);
    assert_eq!(advise(request, layers).remedy, remedy);
    if let Some(remedy) = &remedy {
        assert!(!remedy.sentence.is_empty());
        match decision.outcome {
            Outcome::Allowed => panic!("a remedy for what is allowed: {remedy}"),
            Outcome::ExplicitDeny => assert!(remedy.changes.is_empty(), "{remedy}"),
            Outcome::ImplicitDeny => assert!(
                !remedy.changes.is_empty() && holds(remedy, request, layers),
                "{remedy:#?}"
            ),
        }
    }
    remedy
}

#[test]
fn what_every_denial_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decisions");
    let mut files = harness::json_files(&folder);
    files.sort();
    let mut said = String::new();
    for file in files {
        let rule: Json = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let name = file
            .strip_prefix(&folder)
            .unwrap()
            .with_extension("")
            .display()
            .to_string();
        for overrides in rule["cases"].as_array().unwrap() {
            let Ok(case) = Case::new(&rule, overrides) else {
                continue;
            };
            case.ask(|request, layers| {
                if let Some(remedy) = checked(request, layers) {
                    writeln!(
                        said,
                        "{name}, {}:\n  {remedy}",
                        overrides["name"].as_str().unwrap_or("(unnamed)")
                    )
                    .unwrap();
                }
            });
        }
    }
    insta::assert_snapshot!(said);
}

#[test]
fn an_edit_keeps_the_style_of_the_document() {
    let edited = |statement: &str, resource: &str| {
        let text = format!(
            "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {statement}\n  ]\n}}"
        );
        let world = json!({"identity": [{"name": "p", "text": text}], "action": "s3:GetObject", "resource": resource});
        let mut edited = String::new();
        Case::new(&json!({}), &world)
            .unwrap()
            .ask(|request, layers| {
                let remedy = checked(request, layers).unwrap();
                let Change::Edit(edit) = &remedy.changes[0] else {
                    panic!("{remedy}")
                };
                edited = edit.apply(&text).unwrap();
            });
        edited
            .lines()
            .skip(3)
            .take_while(|line| *line != "  ]")
            .collect::<Vec<_>>()
            .join("\n")
            .trim_start()
            .to_owned()
    };
    let one = r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/k"}"#;
    assert_eq!(
        edited(one, "arn:aws:s3:::other/x"),
        r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::b/k", "arn:aws:s3:::other/x"]}"#
    );
    assert_eq!(
        edited(
            &one.replace("\"arn:aws:s3:::b/k\"", "[ \"arn:aws:s3:::b/k\" ]"),
            "arn:aws:s3:::other/x"
        ),
        r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": [ "arn:aws:s3:::b/k", "arn:aws:s3:::other/x" ]}"#
    );
    let lines = "{\"Effect\": \"Allow\", \"Action\": [\n      \"s3:PutObject\"\n    ], \"Resource\": \"*\"}";
    assert_eq!(
        edited(lines, "arn:aws:s3:::b/k"),
        "{\"Effect\": \"Allow\", \"Action\": [\n      \"s3:PutObject\",\n      \"s3:GetObject\"\n    ], \"Resource\": \"*\"}"
    );
    assert_eq!(
        edited(&one.replace("GetObject", "PutObject"), "arn:aws:s3:::b/x"),
        one.replace("GetObject", "PutObject")
            + ",\n    {\"Effect\": \"Allow\", \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::b/x\"}"
    );
    assert_eq!(
        edited(
            &one.replace("b/k", "b/Exports/*"),
            "arn:aws:s3:::b/exports/x"
        ),
        one.replace("b/k", "b/exports/*")
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_remedy_that_is_told_helps(world in worlds::world()) {
        let case = Case::new(&json!({}), &world).unwrap();
        case.ask(|request, layers| {
            checked(request, layers);
        });
    }
}
