//! The commands of a page, run in one shell: variables, folders and the endpoint last from block to block.

use crate::{
    command,
    page::{Block, Kind, Page},
    root,
    same::same,
};
use libtest_mimic::{Failed, Trial};
use std::{
    fmt::Write as _,
    net::TcpListener,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// How the pages call the binary in a checkout, where it is not installed.
const SPELLINGS: [&str; 2] = ["cargo run --release --", "target/release/rolecall"];
/// What `rolecall serve` adds to a command in its banner where its port is not the usual one.
const ADDRESS: &str = " --endpoint http://127.0.0.1:4566";
/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(180);

struct Step {
    place: String,
    command: String,
    /// What must come; nothing shown is nothing asked.
    shown: String,
    serve: bool,
    block: usize,
}

pub(crate) fn trial(page: &Page) -> Option<Trial> {
    let steps = steps(page);
    if steps.is_empty() {
        return None;
    }
    let missing = missing(&steps);
    let required = std::env::var_os("ROLECALL_REQUIRE_CLIENTS").is_some_and(|value| value == "1");
    let skipped = !missing.is_empty() && !required;
    let name = format!("commands of {}", page.name);
    if skipped {
        eprintln!("SKIPPED {name}: {} does not work here", missing.join(", "));
    }
    let page = page.clone();
    Some(Trial::test(name, move || run(&page, &steps)).with_ignored_flag(skipped))
}

fn steps(page: &Page) -> Vec<Step> {
    let mut steps = Vec::new();
    for (number, block) in page.blocks.iter().enumerate() {
        let found = match &block.kind {
            Ok(Kind::Shell { serve, .. }) if block.info.starts_with("sh") => {
                prompted(block, number, *serve, "")
            }
            Ok(Kind::Shell { serve, .. }) => prompted(block, number, *serve, "$ "),
            Ok(Kind::Python) => vec![Step {
                place: block.place.clone(),
                command: format!("python3 - <<'PYTHON'\n{}PYTHON", block.text),
                shown: String::new(),
                serve: false,
                block: number,
            }],
            _ => continue,
        };
        steps.extend(found);
    }
    steps
}

/// The commands of a block, each with the lines below it. One that ends in a backslash goes on in the next line.
fn prompted(block: &Block, number: usize, serve: bool, prompt: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut goes_on = false;
    for line in block.text.lines() {
        match (line.strip_prefix(prompt), steps.last_mut()) {
            (_, Some(step)) if goes_on => {
                step.command.push('\n');
                step.command.push_str(line);
            }
            (Some(command), _) if !command.trim().is_empty() => steps.push(Step {
                place: block.place.clone(),
                command: command.to_owned(),
                shown: String::new(),
                serve,
                block: number,
            }),
            (_, Some(step)) => {
                step.shown.push_str(line);
                step.shown.push('\n');
            }
            (_, None) => panic!("{}: begins with an output", block.place),
        }
        goes_on = steps
            .last()
            .is_some_and(|step| step.shown.is_empty() && step.command.ends_with('\\'));
    }
    steps
}

/// The clients that the commands need and that do not work here.
fn missing(steps: &[Step]) -> Vec<&'static str> {
    let clients: [(&str, &[&str]); 3] = [
        ("aws", &["aws", "--version"]),
        ("python3", &["python3", "-c", "import boto3"]),
        ("curl", &["curl", "--version"]),
    ];
    let used = |client: &str| {
        let words = steps
            .iter()
            .flat_map(|step| step.command.split([' ', '(', '\n', '"']));
        words.into_iter().any(|word| word == client)
    };
    let works = |probe: &[&str]| {
        let output = Command::new(probe[0]).args(&probe[1..]).output();
        output.is_ok_and(|output| output.status.success())
    };
    clients
        .into_iter()
        .filter(|(client, probe)| used(client) && !works(probe))
        .map(|(client, _)| client)
        .collect()
}

fn run(page: &Page, steps: &[Step]) -> Result<(), Failed> {
    let scratch = tempfile::tempdir()?;
    let outputs = tempfile::tempdir()?;
    furnish(page, scratch.path())?;
    let port = free_port()?.to_string();
    let here = |text: &str| {
        let called = SPELLINGS.iter().fold(text.to_owned(), |text, spelling| {
            text.replace(spelling, "rolecall")
        });
        called.replace("4566", &port)
    };
    let script = script(steps, outputs.path(), &here)?;
    let binary = Path::new(env!("CARGO_BIN_EXE_rolecall"));
    let path = format!(
        "{}:{}",
        binary.parent().unwrap().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let none = outputs.path().join("none");
    let mut shell = command("bash", scratch.path())
        .args(["-c", &script])
        .env("PATH", path)
        .env("ROLECALL_PORT", &port)
        .env("ROLECALL_ENDPOINT", format!("http://127.0.0.1:{port}"))
        .env("AWS_CONFIG_FILE", &none)
        .env("AWS_SHARED_CREDENTIALS_FILE", &none)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("COLUMNS", "100")
        .spawn()?;
    let started = Instant::now();
    while shell.try_wait()?.is_none() {
        if started.elapsed() > PATIENCE {
            shell.kill()?;
            return Err(format!("{} takes longer than {PATIENCE:?}", page.name).into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let wrong = judge(page, steps, outputs.path(), &port);
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.into()),
    }
}

/// What the page's folder holds: the scenarios of the repository, and the blocks that are files.
fn furnish(page: &Page, folder: &Path) -> Result<(), Failed> {
    let copied = Command::new("cp")
        .arg("-R")
        .arg(root().join("scenarios"))
        .arg(folder)
        .status()?;
    assert!(copied.success());
    for block in &page.blocks {
        if let Some(name) = &block.file {
            std::fs::write(folder.join(name), &block.text)?;
        }
    }
    Ok(())
}

/// A port that nobody has, below those that the system gives away for a moment.
fn free_port() -> Result<u16, Failed> {
    let from = 20_000 + (std::process::id() % 5_000) as u16;
    let taken = (from..from + 5_000).find(|port| {
        static LAST: std::sync::atomic::AtomicU16 = std::sync::atomic::AtomicU16::new(0);
        let free = TcpListener::bind(("127.0.0.1", *port)).is_ok();
        free && LAST.fetch_max(*port, std::sync::atomic::Ordering::SeqCst) < *port
    });
    taken.ok_or_else(|| "no port is free".into())
}

/// Every command with its output and its exit code in files of their own.
fn script(steps: &[Step], outputs: &Path, here: &dyn Fn(&str) -> String) -> Result<String, Failed> {
    let mut script = "trap 'kill $(jobs -p) 2> /dev/null; wait' EXIT\n".to_owned();
    // An answer that is an error is a failure.
    script.push_str("curl() { command curl --silent --show-error --fail-with-body \"$@\"; }\n");
    let ready =
        "for _ in $(seq 200); do grep -qs 'rolecall ready on' \"$O\" && break; sleep 0.05; done";
    if !steps.iter().any(|step| step.serve) {
        // A page that starts no endpoint talks to one that is there.
        let file = outputs.join("served");
        writeln!(
            script,
            "O={}; rolecall serve > $O 2>&1 & {ready}",
            file.display()
        )?;
    }
    for (number, step) in steps.iter().enumerate() {
        let file = |ending: &str| outputs.join(format!("{number}.{ending}"));
        std::fs::write(file("command"), here(&step.command))?;
        let run = format!("eval \"$(cat {})\" > $O 2>&1", file("command").display());
        writeln!(script, "O={}", file("out").display())?;
        match step.serve {
            true => writeln!(script, "{run} & {ready}")?,
            false => writeln!(script, "{run}")?,
        }
        writeln!(script, "echo $? > {}", file("status").display())?;
    }
    Ok(script)
}

/// Everything that did not come as the page has it.
fn judge(page: &Page, steps: &[Step], outputs: &Path, port: &str) -> String {
    let mut wrong = String::new();
    let mut failed = vec![false; page.blocks.len()];
    for (number, step) in steps.iter().enumerate() {
        let read = |ending: &str| {
            let path = outputs.join(format!("{number}.{ending}"));
            let text = std::fs::read(path).map(|it| String::from_utf8_lossy(&it).into_owned());
            // The banner names the address only where it is not the usual one.
            text.map(|text| text.replace(port, "4566").replace(ADDRESS, ""))
        };
        let (got, status) = (read("out").unwrap_or_default(), read("status"));
        let status = status.unwrap_or_else(|_| "it did not end".to_owned());
        let status = status.trim();
        let must_not_fail = !matches!(
            page.blocks[step.block].kind,
            Ok(Kind::Shell { fails: true, .. })
        );
        failed[step.block] |= status != "0";
        // What an endpoint says once it is ready is about the commands that come later.
        let later = if step.serve { "...\n" } else { "" };
        let as_shown = step.shown.trim().is_empty() || same(&(step.shown.clone() + later), &got);
        if !as_shown || status != "0" && must_not_fail {
            let _ = writeln!(
                wrong,
                "{}: `{}` ended with {status}\n-- shown:\n{}-- got:\n{got}",
                step.place, step.command, step.shown
            );
        }
    }
    for (block, failed) in page.blocks.iter().zip(failed) {
        if matches!(block.kind, Ok(Kind::Shell { fails: true, .. })) && !failed {
            let _ = writeln!(wrong, "{}: nothing fails", block.place);
        }
    }
    wrong
}
