//! The pages: every example in them is run, every link and every path in them is there.
//!
//! A fenced block says by its first words what it is, and so how it is held to the truth:
//!
//! | block | what happens |
//! | --- | --- |
//! | `console`, `sh` | run with the real binary, one shell for each page; shown output must come, `...` stands for anything |
//! | `console serve` | the endpoint that the rest of the page talks to |
//! | `console fails` | one of the commands must fail |
//! | `python` | run in the same shell, against the same endpoint |
//! | `yaml scenario`, `yaml step` | run by `rolecall test`; a step is put behind the world of the first scenario |
//! | `json policy` | linted: nothing may be found but what `finds=RC-P005` says |
//! | `json`, `yaml` | parsed |
//! | `rust` | a doctest of the crate that includes the page |
//! | `text` | a picture; it holds no command |
//! | `... ignore=REASON` | not run, and counted |
//!
//! `file=NAME` at the end of such words puts the block into the page's folder first. Anything else is an error.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "tests fail loudly"
)]

mod book;
mod data;
mod page;
mod paths;
mod same;
mod shell;

use libtest_mimic::{Arguments, Failed, Trial};
use page::{Block, Kind, Page};
use std::path::{Path, PathBuf};

/// How many blocks say that they must not run. Another one is counted here, and thought about.
const IGNORED: usize = 8;

fn main() {
    let pages = Page::all();
    let mut tests = vec![
        Trial::test("every block is of a kind that is known", {
            let pages = pages.clone();
            move || every_block_has_a_kind(&pages)
        }),
        Trial::test("every page is in the summary", book::summary),
        Trial::test("paths in the pages are there", {
            let pages = pages.clone();
            move || paths::all(&pages)
        }),
    ];
    for page in pages {
        tests.extend(shell::trial(&page));
        tests.extend(data::trial(&page));
        let name = format!("links of {}", page.name);
        tests.push(Trial::test(name, move || book::links(&page)));
    }
    libtest_mimic::run(&Arguments::from_args(), tests).exit();
}

fn every_block_has_a_kind(pages: &[Page]) -> Result<(), Failed> {
    let blocks = || pages.iter().flat_map(|page| &page.blocks);
    let unknown: Vec<String> = blocks()
        .filter_map(|block| Some(format!("{}: {}", block.place, block.kind.as_ref().err()?)))
        .collect();
    if !unknown.is_empty() {
        return Err(unknown.join("\n").into());
    }
    let ignored: Vec<&Block> = blocks()
        .filter(|block| matches!(block.kind, Ok(Kind::Ignored(_))))
        .collect();
    for block in &ignored {
        eprintln!("ignored: {} {}", block.place, block.info);
    }
    if ignored.len() != IGNORED {
        return Err(format!("{} blocks are ignored, {IGNORED} are known", ignored.len()).into());
    }
    Ok(())
}

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The real command in a folder, with nothing of the environment that could decide how it ends.
fn command(program: &str, folder: &Path) -> std::process::Command {
    let mut command = std::process::Command::new(program);
    for (name, _) in std::env::vars() {
        if name.starts_with("ROLECALL_") || name.starts_with("AWS_") || name == "GITHUB_ACTIONS" {
            command.env_remove(name);
        }
    }
    command
        .current_dir(folder)
        .stdin(std::process::Stdio::null());
    command
}
