//! One small document for each finding: which codes it gets, and what is underlined.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rolecall_policy::findings::{
    self, Finding, PathElement, PolicyType, Severity, check, fix, guess, lint,
};
use serde_json::{Value, json};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// Code and underlined text of each finding.
fn told(text: &str, findings: &[Finding]) -> Value {
    findings
        .iter()
        .map(|finding| {
            let places = finding.locations.iter();
            let underlined = places.map(|place| {
                let bytes = place.bytes.clone();
                text.get(bytes).unwrap_or_else(|| panic!("{finding:?}"))
            });
            std::iter::once(finding.code)
                .chain(underlined)
                .collect::<Value>()
        })
        .collect()
}

/// `ROLECALL_BLESS=1` writes what is found into the files, to be looked at before it is kept.
#[test]
fn every_code_has_a_document_and_every_document_its_findings() {
    let bless = std::env::var_os("ROLECALL_BLESS").is_some();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for path in json_files(&folder("findings")) {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut case: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let text = match (&case["text"], &case["policy"]) {
            (Value::String(text), _) => text.clone(),
            (Value::Array(lines), _) => {
                let lines: Vec<_> = lines.iter().map(|line| line.as_str().unwrap()).collect();
                lines.join("\n")
            }
            (_, policy) => serde_json::to_string_pretty(policy).unwrap(),
        };
        let policy_type: PolicyType = serde_json::from_value(case["type"].clone()).unwrap();
        let resource = case["resource"].as_str();
        let own = name.starts_with("RC-");
        let findings = match own {
            true => lint(&text, policy_type, resource),
            false => check(&text, policy_type, resource),
        };
        let told = told(&text, &findings);
        let code = name.split('.').next().unwrap();
        let about = |finding: &Finding| match own {
            true => finding.rc == Some(code),
            false => finding.code == code,
        };
        if !findings.iter().any(about) {
            wrong.push(format!("{name}: not found, but {told}"));
        }
        seen.insert(code.to_owned());
        if bless {
            case["findings"] = told;
            let text = serde_json::to_string_pretty(&case).unwrap();
            fs::write(&path, text + "\n").unwrap();
        } else if case["findings"] != told {
            wrong.push(format!(
                "{name}: expected {}, found {told}",
                case["findings"]
            ));
        }
    }
    for code in findings::issue_codes() {
        if !seen.contains(code) {
            wrong.push(format!("{code}: no document"));
        }
    }
    for page in findings::pages() {
        if !seen.contains(page.code) {
            wrong.push(format!("{}: no document", page.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the guide's own policies get, in the words of `rolecall lint`.
#[test]
fn the_policies_of_the_guide() {
    for path in json_files(&folder("guide")) {
        let text = fs::read_to_string(&path).unwrap();
        let (policy_type, resource) = guess(&text);
        let mut shown = format!("{policy_type:?} {}\n", resource.unwrap_or("-"));
        for finding in lint(&text, policy_type, resource) {
            let places: Vec<_> = finding
                .locations
                .iter()
                .map(|place| {
                    let start = place.span.start;
                    let text = text.get(place.bytes.clone()).unwrap();
                    let text = text.lines().next().unwrap_or_default();
                    format!("{}:{} {text}", start.line, start.column + 1)
                })
                .collect();
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warn",
                Severity::Note => "note",
            };
            shown += &format!(
                "{severity} {} {}\n  {}\n  {}\n",
                finding.rc.unwrap_or("-"),
                finding.code,
                finding.details,
                places.join("\n  ")
            );
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        insta::with_settings!({ snapshot_path => "snapshots/findings", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, shown);
        });
    }
}

#[test]
fn the_shape_is_the_one_of_validate_policy() {
    let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\"Effect\": \"Allow\", \"Action\": [\"s3:GetObjet\"], \"Resource\": \"*\"}]\n}";
    let found = check(text, PolicyType::Identity, None);
    assert_eq!(
        serde_json::to_value(&found).unwrap(),
        json!([{
            "findingType": "ERROR",
            "issueCode": "INVALID_ACTION",
            "findingDetails": "The action `s3:GetObjet` does not exist. Did you mean `s3:GetObject`?",
            "learnMoreLink": "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-error-invalid-action",
            "locations": [{
                "path": [
                    { "value": "Statement" },
                    { "index": 0 },
                    { "value": "Action" },
                    { "index": 0 },
                    { "substring": { "start": 3, "length": 8 } },
                ],
                "span": {
                    "start": { "line": 3, "column": 51, "offset": 80 },
                    "end": { "line": 3, "column": 59, "offset": 88 },
                },
            }],
        }])
    );
}

#[test]
fn places_count_characters_and_see_through_escapes() {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Sid": "é\u00e9", "Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::é\"\u00e9/${}"}}"#;
    let found = check(text, PolicyType::Resource, None);
    let empty = found
        .iter()
        .find(|finding| finding.code == "EMPTY_VARIABLE")
        .unwrap();
    let place = &empty.locations[0];
    assert_eq!(&text[place.bytes.clone()], "${}");
    assert_eq!(
        place.path.last().unwrap(),
        &PathElement::Substring {
            start: 17,
            length: 3
        }
    );
    let offset = text.chars().position(|character| character == '$').unwrap();
    assert_eq!(place.span.start.offset, offset);
}

#[test]
fn pages_are_whole() {
    let codes: Vec<_> = findings::pages().iter().map(|page| page.code).collect();
    let expected: Vec<_> = (1..=12).map(|number| format!("RC-P{number:03}")).collect();
    assert_eq!(codes, expected);
    for page in findings::pages() {
        assert!(page.text.contains("What to do"), "{}", page.code);
        assert!(!page.title.is_empty());
    }
    assert!(findings::page("rc-p003").is_some());
    assert!(findings::page("RC-P013").is_none());
}

/// Damage is reported in the place where it is, and the rest is looked at all the same.
#[test]
fn a_damaged_document_is_still_looked_at() {
    let text = "{\"Version\": “2012-10-17”, \"Statement\": [{\n \"Effect\": \"Allow\", \"Action\": [\"s3:GetObjet\",],\n\
                \"Resource\": \"arn:aws:s3:::\n        b/Exports*\"}]}";
    let found = lint(text, PolicyType::Identity, None);
    let codes: Vec<_> = found.iter().map(|finding| finding.rc.unwrap()).collect();
    assert_eq!(
        codes,
        [
            "RC-P001", "RC-P001", "RC-P012", "RC-P008", "RC-P001", "RC-P001", "RC-P010"
        ]
    );
    let last = found.last().unwrap();
    assert_eq!(&text[last.locations[0].bytes.clone()], "Exports*");
    assert_eq!(last.locations[0].span.start.line, 4);
    assert_eq!(check(text, PolicyType::Identity, None).len(), 1);
}

fn kinds() -> impl Strategy<Value = (PolicyType, Option<&'static str>)> {
    prop_oneof![
        Just((PolicyType::Identity, None)),
        Just((PolicyType::Resource, None)),
        Just((PolicyType::Resource, Some("AWS::S3::Bucket"))),
        Just((
            PolicyType::Resource,
            Some("AWS::IAM::AssumeRolePolicyDocument")
        )),
        Just((PolicyType::ServiceControl, None)),
        Just((PolicyType::ResourceControl, None)),
    ]
}

/// Whatever a finding points at can be cut out of the text.
fn places_hold(text: &str, findings: &[Finding]) {
    for place in findings.iter().flat_map(|finding| &finding.locations) {
        assert!(text.get(place.bytes.clone()).is_some(), "{place:?} {text}");
        assert!(
            place.span.start.offset <= place.span.end.offset,
            "{place:?}"
        );
    }
}

/// Words that policies are made of, and words that trip readers.
const WORDS: [&str; 42] = [
    "Version",
    "2012-10-17",
    "Statement",
    "Sid",
    "Effect",
    "Allow",
    "Deny",
    "Principal",
    "NotPrincipal",
    "AWS",
    "Service",
    "Federated",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
    "StringEquals",
    "Null",
    "ForAllValues:StringLike",
    "IpAddress",
    "DateLessThan",
    "NumericLessThan",
    "aws:SourceIp",
    "aws:TagKeys",
    "aws:ResourceTag/a",
    "s3:prefix",
    "s3:*",
    "*",
    "iam:PassRole",
    "arn:aws:s3:::b/${aws:username}",
    "${",
    "${}",
    "arn:aws:iam::123456789012:role/r",
    "é:ü",
    ":",
    "arn:::::",
    "",
    "10.0.0.1/8",
    "1",
    "pinpoint.amazonaws.com",
    "repo:*",
];

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        8 => prop::sample::select(&WORDS[..]).prop_map(|word| serde_json::to_string(word).unwrap()),
        1 => any::<String>().prop_map(|word| serde_json::to_string(&word).unwrap()),
        1 => Just("true".to_owned()),
        1 => Just("12".to_owned()),
        1 => Just("null".to_owned()),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        let key = prop::sample::select(&WORDS[..]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|list| format!("[{}]", list.join(", "))),
            prop::collection::vec((key, inner), 0..6).prop_map(|members| {
                let members: Vec<_> = members
                    .into_iter()
                    .map(|(key, value)| format!("{}: {value}", serde_json::to_string(key).unwrap()))
                    .collect();
                format!("{{{}}}", members.join(",\n"))
            }),
        ]
    })
}

/// An element of a statement with a value that may or may not belong there.
fn policy() -> impl Strategy<Value = String> {
    let member = (prop::sample::select(&WORDS[3..17]), value())
        .prop_map(|(key, value)| format!("\"{key}\": {value}"));
    let statement = prop::collection::vec(member, 0..7)
        .prop_map(|members| format!("{{{}}}", members.join(", ")));
    prop::collection::vec(statement, 0..4).prop_map(|statements| {
        format!(
            "{{\"Version\": \"2012-10-17\", \"Statement\": [{}]}}",
            statements.join(", ")
        )
    })
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>(), kind in kinds()) {
        places_hold(&text, &lint(&text, kind.0, kind.1));
        let _ = guess(&text);
        let _ = fix(&text);
    }

    #[test]
    fn no_damage_panics(text in "[\\{\\}\\[\\]:,\"“”‘'\\\\ \\n\u{a0}aé1]{0,40}", kind in kinds()) {
        places_hold(&text, &lint(&text, kind.0, kind.1));
        if let Some(fixed) = fix(&text) {
            prop_assert_eq!(fix(&fixed), None);
        }
    }

    #[test]
    fn no_document_panics(text in prop_oneof![value(), policy()], kind in kinds()) {
        places_hold(&text, &lint(&text, kind.0, kind.1));
        let checked = check(&text, kind.0, kind.1);
        places_hold(&text, &checked);
        prop_assert!(checked.iter().all(|finding| !finding.code.starts_with("RC-")));
    }

    #[test]
    fn a_broken_document_is_mended_or_left(text in policy(), at in any::<prop::sample::Index>()) {
        let at = at.index(text.len());
        prop_assume!(text.is_char_boundary(at));
        let broken = format!("{}\n{}", &text[..at], &text[at..]);
        places_hold(&broken, &lint(&broken, PolicyType::Identity, None));
    }
}
