//! The recipes of `docs/containers.md`: the Python one is run as it stands.

use crate::test;
use libtest_mimic::Trial;
use std::{path::Path, process::Command};

pub(crate) fn tests() -> Vec<Trial> {
    let modules = ["-c", "import boto3, testcontainers"];
    let works = Command::new("python3").args(modules).output();
    let works = works.is_ok_and(|output| output.status.success());
    let required = std::env::var_os("ROLECALL_REQUIRE_DOCKER").is_some_and(|value| value == "1");
    if !works && !required {
        eprintln!("SKIPPED recipe_python: python3 has no boto3 and testcontainers here");
    }
    let trial = test("recipe_python", || async { python() });
    vec![if works || required {
        trial
    } else {
        trial.with_ignored_flag(true)
    }]
}

fn python() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/containers.md");
    let page = std::fs::read_to_string(page).unwrap();
    let recipe = page.split_once("```python").unwrap().1;
    let recipe = recipe.split_once('\n').unwrap().1;
    let recipe = recipe.split_once("```").unwrap().0;
    let output = Command::new("python3")
        .args(["-c", recipe])
        // Its helper that cleans up is an image of its own, which would have to be pulled.
        .env("TESTCONTAINERS_RYUK_DISABLED", "true")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_eq!(text.trim(), "['example-bucket']");
}
