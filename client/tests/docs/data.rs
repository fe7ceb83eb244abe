//! Blocks that are documents: scenarios, policies, JSON and YAML.

use crate::{
    command,
    page::{Block, Kind, Page},
    root,
};
use libtest_mimic::Trial;
use std::path::Path;

pub(crate) fn trial(page: &Page) -> Option<Trial> {
    let check = |block: &&Block| {
        matches!(
            block.kind,
            Ok(Kind::Scenario | Kind::Step | Kind::Policy(_) | Kind::Json | Kind::Yaml)
        )
    };
    let blocks: Vec<Block> = page.blocks.iter().filter(check).cloned().collect();
    if blocks.is_empty() {
        return None;
    }
    let name = format!("documents of {}", page.name);
    Some(Trial::test(name, move || {
        let wrong: Vec<String> = blocks
            .iter()
            .filter_map(|block| Some(format!("{}: {}", block.place, judge(block).err()?)))
            .collect();
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(wrong.join("\n").into()),
        }
    }))
}

fn judge(block: &Block) -> Result<(), String> {
    match &block.kind {
        Ok(Kind::Scenario) => scenario(&block.text),
        Ok(Kind::Step) => scenario(&format!("{}{}", world(), indented(&block.text))),
        Ok(Kind::Policy(codes)) => policy(&block.text, codes),
        Ok(Kind::Json) => serde_json::from_str::<serde_json::Value>(&block.text)
            .map(drop)
            .map_err(|error| error.to_string()),
        Ok(Kind::Yaml) => serde_saphyr::from_str::<serde_json::Value>(&block.text)
            .map(drop)
            .map_err(|error| error.to_string()),
        _ => Ok(()),
    }
}

/// The first scenario up to its steps, with a person in it.
fn world() -> String {
    let hello = root().join("scenarios/00-hello.rolecall.yaml");
    let hello = std::fs::read_to_string(hello).unwrap();
    let (world, _) = hello.split_once("steps:").unwrap();
    format!("{world}  users: {{ ana: {{ attach: [s3ExportPolicy] }} }}\nsteps:\n")
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

fn scenario(text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().join("policies");
    std::os::unix::fs::symlink(root().join("scenarios/policies"), policies).unwrap();
    std::fs::write(folder.path().join("x.rolecall.yaml"), text).unwrap();
    ended(folder.path(), &["test", "x.rolecall.yaml"]).map(drop)
}

/// Nothing is found in it but what the page says, notes aside.
fn policy(text: &str, codes: &[String]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("policy.json"), text).unwrap();
    let said = match ended(folder.path(), &["lint", "--format", "json", "policy.json"]) {
        Ok(said) | Err(said) => said,
    };
    let found = |code: &str| said.contains(&format!("\"{code}\""));
    if let Some(code) = codes.iter().find(|code| !found(code)) {
        return Err(format!("{code} is not found\n{said}"));
    }
    let more = said
        .lines()
        .filter(|line| line.contains("\"warning\"") || line.contains("\"error\""))
        .find(|line| !codes.iter().any(|code| line.contains(code.as_str())));
    more.map_or(Ok(()), |line| Err(line.to_owned()))
}

/// Standard output of a command that succeeded, everything of one that did not.
fn ended(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = command(env!("CARGO_BIN_EXE_rolecall"), folder)
        .args(arguments)
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.success() {
        true => Ok(out),
        false => Err(out + &String::from_utf8_lossy(&output.stderr)),
    }
}
