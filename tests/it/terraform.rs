//! Terraform: apply, a plan without a difference, destroy.
//!
//! Needs `terraform` and, since nothing is fetched here, a folder with its AWS provider in
//! `ROLECALL_TF_PLUGINS`; where one is missing the test says so and counts as ignored, even where every client is
//! required: the provider is too big to be brought along.

use libtest_mimic::{Failed, Trial};
use rolecall_tests::Cloud;
use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Output},
};

pub(crate) fn tests() -> Vec<Trial> {
    let name = "clients::terraform";
    let plugins = std::env::var_os("ROLECALL_TF_PLUGINS");
    let there = plugins.is_some()
        && Command::new("terraform")
            .arg("version")
            .output()
            .is_ok_and(|output| output.status.success());
    if !there {
        eprintln!(
            "SKIPPED {name}: it needs terraform, and ROLECALL_TF_PLUGINS for its AWS provider"
        );
    }
    let test = Trial::test(name, move || run(&plugins.unwrap_or_default()));
    vec![test.with_ignored_flag(!there)]
}

/// Each step, and how it must end: 0 of `plan -detailed-exitcode` means that nothing differs.
const STEPS: &[&[&str]] = &[
    &["apply", "-auto-approve", "-input=false", "-no-color"],
    &["plan", "-detailed-exitcode", "-input=false", "-no-color"],
    &["destroy", "-auto-approve", "-input=false", "-no-color"],
];

fn run(plugins: &OsStr) -> Result<(), Failed> {
    let runtime = tokio::runtime::Runtime::new()?;
    let cloud = runtime.block_on(Cloud::start());
    let scratch = tempfile::tempdir()?;
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/clients/terraform/main.tf");
    std::fs::copy(module, scratch.path().join("main.tf"))?;
    let terraform = |arguments: &[&str]| -> std::io::Result<Output> {
        Command::new("terraform")
            .args(arguments)
            .current_dir(scratch.path())
            .env("TF_VAR_endpoint", cloud.endpoint())
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_SESSION_TOKEN")
            .output()
    };
    let folder = format!("-plugin-dir={}", plugins.to_string_lossy());
    ended(
        &terraform(&["init", "-input=false", "-no-color", &folder])?,
        "init",
    )?;
    for step in STEPS {
        ended(&terraform(step)?, step.first().unwrap())?;
    }
    Ok(())
}

fn ended(output: &Output, step: &str) -> Result<(), Failed> {
    if output.status.success() {
        return Ok(());
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Err(format!(
        "{step}: {}\n{}\n{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    )
    .into())
}
