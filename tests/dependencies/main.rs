//! What rolecall is made of: licences, sources and known weaknesses of every crate in the lock file.
//!
//! `cargo deny check` does this with the licence texts, for every platform, and with the advisory database of the day;
//! the workflow of the repository runs it. Building it takes longer than all that it would find here, and its database
//! is a git repository that is not everywhere in reach; so this reads `deny.toml` and a table of advisories instead.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

mod licence;
mod version;

use std::{collections::BTreeSet, path::Path, process::Command};

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(path).expect(name)
}

/// Name with version, and licence, of every crate that is built on this platform, with every feature of ours.
fn built() -> BTreeSet<(String, String)> {
    let arguments = "tree --workspace --all-features --locked --offline --prefix none --no-dedupe";
    let output = Command::new(env!("CARGO"))
        .args(arguments.split(' '))
        .args(["--format", "{p}|{l}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines = text.lines().filter_map(|line| line.split_once('|'));
    lines
        .map(|(package, licence)| (package.to_owned(), licence.to_owned()))
        .collect()
}

/// The texts in a list of `deny.toml`, comments aside.
fn listed<'t>(settings: &'t str, section: &str, key: &str) -> BTreeSet<&'t str> {
    let (_, rest) = settings.split_once(&format!("\n[{section}]\n")).unwrap();
    let (_, rest) = rest.split_once(&format!("\n{key} = [\n")).unwrap();
    let (list, _) = rest.split_once("\n]").unwrap();
    let lines = list.lines().filter(|line| !line.trim().starts_with('#'));
    lines.filter_map(|line| line.split('"').nth(1)).collect()
}

#[test]
fn every_licence_is_permissive() {
    let settings = file("deny.toml");
    let allowed = listed(&settings, "licenses", "allow");
    let wrong: Vec<(String, String)> = built()
        .into_iter()
        .filter(|(_, licence)| !licence::permits(licence, &allowed))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_is_built_that_is_banned() {
    let settings = file("deny.toml");
    let banned = listed(&settings, "bans", "deny");
    let built = built();
    assert!(built.len() > 100 && banned.contains("ring"));
    for (package, _) in built {
        let name = package.split(' ').next().unwrap();
        assert!(!banned.contains(name), "{package}");
    }
}

#[test]
fn every_crate_comes_from_the_registry() {
    for line in file("Cargo.lock").lines() {
        if let Some(source) = line.strip_prefix("source = ") {
            assert_eq!(source.trim_matches('"'), CRATES_IO);
        }
    }
}

/// A tag can be moved to other code; a commit cannot.
#[test]
fn every_action_of_a_workflow_is_pinned() {
    for name in ["ci.yml", "release.yml"] {
        let text = file(&format!(".github/workflows/{name}"));
        let used = text.lines().filter_map(|line| line.split_once("uses: "));
        for (_, action) in used.filter(|(_, action)| !action.starts_with("./")) {
            let (_, rest) = action.split_once('@').expect(action);
            let (commit, version) = rest.split_once("  # v").expect(action);
            let is_commit = commit.len() == 40 && commit.bytes().all(|it| it.is_ascii_hexdigit());
            assert!(is_commit && !version.is_empty(), "{name}: {action}");
        }
    }
}

#[test]
fn no_version_has_a_known_weakness() {
    let settings = file("deny.toml");
    let accepted = listed(&settings, "advisories", "ignore");
    let table = file("tests/dependencies/advisories.txt");
    let rows: Vec<(&str, &str, &str)> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (id, rest) = line.split_once(' ').expect(line);
            let (name, good) = rest.trim().split_once(' ').expect(line);
            (id, name, good.trim())
        })
        .collect();
    assert!(rows.len() > 50);
    let lock = file("Cargo.lock");
    let mut wrong = Vec::new();
    for package in lock.split("[[package]]").skip(1) {
        let field = |key: &str| {
            let (_, rest) = package.split_once(&format!("{key} = \"")).unwrap();
            rest.split_once('"').unwrap().0
        };
        let (name, version) = (field("name"), field("version"));
        for (id, _, good) in rows.iter().filter(|row| row.1 == name) {
            if !version::within(version, good) && !accepted.contains(id) {
                wrong.push(format!("{name} {version} has {id}; good are {good}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
