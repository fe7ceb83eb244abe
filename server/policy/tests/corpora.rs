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

use rolecall_policy::judge::{Judged, judge};

const DIFFERENCES: &str = include_str!("../DIFFERENCES.md");

/// The judged lines of a corpus, or `None`, said loudly, where there is no corpus.
fn corpus(name: &str) -> Option<Vec<Judged>> {
    let Some(folder) = std::env::var_os("ROLECALL_CORPORA") else {
        eprintln!("SKIPPED: {name}: set ROLECALL_CORPORA to the folder that holds it");
        return None;
    };
    let text = fs::read_to_string(PathBuf::from(folder).join(name)).unwrap();
    Some(judge(&text).map(|judged| judged.unwrap()).collect())
}

/// Every case nobody doubts agrees; every other difference is known by name, and none is listed that is none.
fn check(name: &str, prefix: &str, strict: usize) {
    let Some(cases) = corpus(name) else { return };
    assert_eq!(cases.iter().filter(|case| case.strict).count(), strict);
    let differ: Vec<_> = cases.iter().filter(|case| !case.agrees()).collect();
    let shown = |case: &&&Judged| {
        format!(
            "{}: expected {}, got {}",
            case.id, case.expected, case.verdict
        )
    };
    let wrong: Vec<_> = differ.iter().filter(|case| case.strict).collect();
    assert!(
        wrong.is_empty(),
        "{}",
        wrong.iter().map(shown).collect::<Vec<_>>().join("\n")
    );
    let listed = |id: &str| DIFFERENCES.contains(&format!("`{id}`"));
    let unlisted: Vec<_> = differ.iter().filter(|case| !listed(&case.id)).collect();
    assert!(
        unlisted.is_empty(),
        "not in DIFFERENCES.md:\n{}",
        unlisted.iter().map(shown).collect::<Vec<_>>().join("\n")
    );
    for id in DIFFERENCES.split('`').filter(|id| id.starts_with(prefix)) {
        assert!(
            differ.iter().any(|case| case.id == id),
            "{id} is listed and does not differ"
        );
    }
}

#[test]
fn documents_are_taken_and_refused_as_by_create_policy() {
    check("policy_validation_cases.jsonl", "moto/", 66);
}

#[test]
fn arsenal_agrees() {
    check("arsenal_cases.jsonl", "arsenal/", 138);
}

#[test]
fn minio_agrees() {
    check("minio_cases.jsonl", "minio/", 164);
}
