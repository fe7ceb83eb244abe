#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::sync::Arc;

use super::{Detail, Github, Json, Junit, Reporter, Tap, Terminal};
use crate::diagnostic::SourceFile;
use crate::scenario::run::{Choice, Exit, Options, run};
use crate::scenario::vars::Overrides;
use crate::scenario::{Scenario, read};

/// A scenario of `scenarios/`, or one that stands there for this test.
fn scenario(name: &str, text: Option<&str>, overrides: &Overrides) -> Arc<Scenario> {
    // Relative, so that lines are as long on every machine.
    let path = format!("../scenarios/{name}.rolecall.yaml");
    let text = text.map_or_else(|| std::fs::read_to_string(&path).unwrap(), str::to_owned);
    let file = SourceFile::new(path, text);
    Arc::new(read(&file, overrides).unwrap_or_else(|said| panic!("{}", said[0])))
}

/// Runs it and writes it down, in one format.
fn written<R: Reporter>(
    scenario: Arc<Scenario>,
    words: &[&str],
    reporter: impl FnOnce(Vec<u8>) -> R,
) -> (Exit, R) {
    let options = Options {
        choice: Choice {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            tags: Vec::new(),
        },
        ..Options::default()
    };
    let mut reporter = reporter(Vec::new());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let exit = runtime.block_on(run(&[scenario], &options, |event| {
        reporter.event(&event).unwrap()
    }));
    (exit, reporter)
}

fn terminal(scenario: Arc<Scenario>, words: &[&str]) -> (Exit, String) {
    let shared = Shared::default();
    let (exit, _) = written(scenario, words, |_| {
        Terminal::new(shared.clone(), false, Detail::Scenarios)
    });
    (exit, shared.text())
}

/// A writer that can still be read when the reporter has it.
#[derive(Clone, Default)]
struct Shared(Arc<std::sync::Mutex<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is another in every run: times and ids.
fn settled(check: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\.\./scenarios", "scenarios");
    settings.add_filter(r"\d+(\.\d+)?ms", "[time]");
    // Short and long times end in the same column.
    settings.add_filter(r"checks +\[time\]", "checks    [time]");
    settings.add_filter(r"- \d+\.\d\ds", "- [time]");
    settings.add_filter(r#""ms":[\d.]+"#, r#""ms":"[time]""#);
    settings.add_filter(r#"time="[\d.]+""#, r#"time="[time]""#);
    settings.add_filter(
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "[id]",
    );
    settings.add_filter(r"\b[0-9a-f]{32}\b", "[id]");
    // The first digits of a job's id, where a key is cut short, and the blanks that fill a column.
    settings.add_filter(r"\b[0-9a-f]{8,31}\.\.\.", "[id]...");
    settings.add_filter(r"\b[0-9a-f]{32}_", "[id]_");
    settings.bind(check);
}

#[test]
fn a_pass_is_short() {
    let (exit, text) = terminal(scenario("01-export", None, &Overrides::default()), &[]);
    settled(|| insta::assert_snapshot!(text));
    assert_eq!(exit, Exit::Passed);
}

#[test]
fn the_reader_changed_the_folder_in_one_place_only() {
    let mut overrides = Overrides::default();
    overrides
        .flags
        .insert("folder".to_owned(), "exports".to_owned());
    let (exit, text) = terminal(scenario("01-export", None, &overrides), &["inside Exports"]);
    settled(|| insta::assert_snapshot!(text));
    assert_eq!(exit, Exit::Failed);
}

const DEPUTY: &str = r#"rolecall: 1
name: a role that was meant to be guarded
files: policies
given:
  roles:
    exportRole: { trust: file://trustpolicy.json }
steps:
  - name: whose Pinpoint may use it?
    as: service/pinpoint.amazonaws.com
    check: sts:AssumeRole
    resource: role/exportRole
    context: { aws:SourceAccount: $from }
    table:
      - [from,           expect]
      - ["123456789012", allowed]
      - ["999988887777", denied]
"#;

#[test]
fn an_allowed_that_should_have_been_denied() {
    let (exit, text) = terminal(scenario("x", Some(DEPUTY), &Overrides::default()), &[]);
    settled(|| insta::assert_snapshot!(text));
    assert_eq!(exit, Exit::Failed);
}

const PEOPLE: &str = r#"rolecall: 1
name: what people see
files: policies
given:
  buckets: { example-bucket: { objects: { Exports/b.gz: "b" } } }
  policies: { s3ExportPolicy: file://s3policy.json }
  users:
    ana: { attach: [s3ExportPolicy] }
    bob: {}
    eve: { inline: { stop: { Version: "2012-10-17", Statement: [ { Sid: NoWay, Effect: Deny, Action: "s3:*", Resource: "*" } ] } } }
steps:
  - name: a key is absent
    as: user/ana
    call: s3:ListObjectsV2
    with: { Bucket: example-bucket }
    expect: allowed
  - name: another reason
    as: user/ana
    call: s3:ListObjectsV2
    with: { Bucket: example-bucket, Prefix: Private/, Delimiter: "/" }
    expect: { denied: missing s3:prefix }
  - name: no policy at all
    as: user/bob
    call: s3:GetObject
    with: { Bucket: example-bucket, Key: Exports/b.gz }
    expect: allowed
  - name: a denial that is written down
    as: user/eve
    call: s3:GetObject
    with: { Bucket: example-bucket, Key: Exports/b.gz }
    expect: allowed
  - name: allowed, and not there
    as: root
    call: s3:GetObject
    with: { Bucket: example-bucket, Key: Exports/none.gz }
    expect: allowed
  - name: allowed by another statement
    as: user/ana
    call: s3:ListBuckets
    expect: { allowed: AllowListingOfUserFolder }
  - name: nothing is there afterwards
    as: user/ana
    call: s3:DeleteObject
    with: { Bucket: example-bucket, Key: Exports/b.gz }
    expect: allowed
    then: { s3: [ { in: s3://example-bucket/, objects: 1 } ] }
"#;

#[test]
fn every_kind_of_failure() {
    let (exit, text) = terminal(scenario("x", Some(PEOPLE), &Overrides::default()), &[]);
    settled(|| insta::assert_snapshot!(text));
    assert_eq!(exit, Exit::Failed);
}

const SETUP: &str = r#"rolecall: 1
name: a document that AWS does not take
files: policies
setup:
  - aws iam create-policy --policy-name sms --policy-document file://sms-voice-full-access.json
steps:
  - { check: s3:GetObject, resource: "*", expect: allowed }
"#;

#[test]
fn a_setup_failure_is_no_failed_expectation() {
    let (exit, text) = terminal(scenario("x", Some(SETUP), &Overrides::default()), &[]);
    settled(|| insta::assert_snapshot!(text));
    assert_eq!(exit, Exit::Trouble);
}

const ACTORS: &str = r#"rolecall: 1
name: who cannot call
given:
  users: { ana: {} }
steps:
  - name: STEP
    as: ACTOR
    call: s3:ListBuckets
    expect: denied
"#;

#[test]
fn actors_that_cannot_call() {
    let mut all = String::new();
    for actor in ["service/pinpoint.amazonaws.com", "role/any", "user/anna"] {
        let text = ACTORS
            .replace("ACTOR", actor)
            .replace("STEP", &format!("as {actor}"));
        let (exit, text) = terminal(scenario("x", Some(&text), &Overrides::default()), &[]);
        assert_eq!(exit, Exit::Trouble, "{text}");
        all.push_str(&text);
    }
    settled(|| insta::assert_snapshot!(all));
}

#[test]
fn the_other_formats() {
    let source = || scenario("x", Some(DEPUTY), &Overrides::default());
    let shared = Shared::default();
    written(source(), &[], |_| Json::new(shared.clone()));
    settled(|| insta::assert_snapshot!("json", shared.text()));
    for line in shared.text().lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["v"], 1);
        assert!(value["event"].is_string());
    }
    let shared = Shared::default();
    written(source(), &[], |_| Junit::new(shared.clone()));
    settled(|| insta::assert_snapshot!("junit", shared.text()));
    let shared = Shared::default();
    written(source(), &[], |_| Tap::new(shared.clone()));
    settled(|| insta::assert_snapshot!("tap", shared.text()));
    let shared = Shared::default();
    written(source(), &[], |_| Github::new(shared.clone()));
    settled(|| insta::assert_snapshot!("github", shared.text()));
}
