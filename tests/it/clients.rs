//! Real clients that are not Rust: every script in `clients/` against an endpoint of its own.
//!
//! `*.py` needs python3 with boto3, `*.sh` the AWS CLI, version 1.

use libtest_mimic::{Failed, Trial};
use rolecall_server::{RootKey, Server};
use rolecall_tests::Cloud;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A kind of script: its ending, what runs it, and how to see that this is there.
const KINDS: &[(&str, &str, &[&str])] = &[
    ("py", "python3", &["python3", "-c", "import boto3"]),
    ("sh", "bash", &["aws", "--version"]),
];

pub(crate) fn tests() -> Vec<Trial> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/clients");
    let mut scripts: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    scripts.sort();
    let required = std::env::var_os("ROLECALL_REQUIRE_CLIENTS").is_some_and(|value| value == "1");
    let mut tests = Vec::new();
    for (ending, runner, probe) in KINDS {
        let there = Command::new(probe[0])
            .args(&probe[1..])
            .output()
            .is_ok_and(|output| output.status.success());
        for script in scripts
            .iter()
            .filter(|script| script.extension().is_some_and(|it| it == *ending))
        {
            let name = format!("clients::{}", script.file_name().unwrap().to_string_lossy());
            if !there && !required {
                eprintln!("SKIPPED {name}: `{}` does not work here", probe.join(" "));
            }
            let (script, runner) = (script.clone(), *runner);
            let again = script.clone();
            let kept = format!("durable::{name} leaves everything on disk");
            let test = Trial::test(name, move || run(runner, &script, None));
            tests.push(test.with_ignored_flag(!there && !required));
            let test = Trial::test(kept, move || run_kept(runner, &again));
            tests.push(test.with_ignored_flag(!there && !required));
        }
    }
    tests
}

/// With a data directory the script sees the same, and what it leaves behind stands on disk row by row.
fn run_kept(runner: &str, script: &Path) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    run(runner, script, Some(folder.path()))
}

fn run(runner: &str, script: &Path, data: Option<&Path>) -> Result<(), Failed> {
    let runtime = tokio::runtime::Runtime::new()?;
    let builder = || {
        // A second account, for what goes from one to another.
        let builder = Server::builder().account(RootKey {
            account: "111122223333".to_owned(),
            access_key: "AKIAMEMBERROOT000001".to_owned(),
            secret: "member".to_owned(),
            ..RootKey::default()
        });
        match data {
            Some(folder) => builder.data(folder),
            None => builder,
        }
    };
    let cloud = runtime.block_on(Cloud::with(builder()));
    let scratch = tempfile::tempdir()?;
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/policies");
    let output = Command::new(runner)
        .arg(script)
        .current_dir(scratch.path())
        .env("AWS_ENDPOINT_URL", cloud.endpoint())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env_remove("AWS_SESSION_TOKEN")
        .env_remove("AWS_PROFILE")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", scratch.path().join("none"))
        .env("AWS_SHARED_CREDENTIALS_FILE", scratch.path().join("none"))
        .env("POLICIES", policies)
        .output()?;
    if output.status.success() {
        let rows = cloud.server().compare_data()?;
        runtime.block_on(cloud.stop());
        if data.is_some() {
            let again = runtime.block_on(Cloud::with(builder()));
            assert_eq!(again.server().compare_data()?, rows);
        }
        return Ok(());
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Err(format!(
        "{}\n{}\n{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    )
    .into())
}
