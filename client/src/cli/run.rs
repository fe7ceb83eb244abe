//! `rolecall run -- CMD`.

use std::process::{Command, ExitCode, ExitStatus};

use rolecall_server::gate::What;
use rolecall_server::{Record, Server};

use rolecall::endpoint::USUAL_SECRET;

use super::args::Run;
use super::{Failed, Outcome, env, out, server};

/// So many denials are told one by one.
const TOLD: usize = 8;

pub(super) fn main(args: Run) -> Outcome {
    let scenario = server::scenario(&args.world)?;
    server::runtime()?.block_on(async {
        let server = server::builder(&args.world, scenario.as_deref(), USUAL_SECRET)?
            .port(0)
            .start()
            .await
            .map_err(|error| Failed::new(error.to_string()))?;
        server::begin_with(scenario.as_ref(), &server.endpoint(), USUAL_SECRET).await?;
        // What the scenario did to make its world is not the command's doing.
        let before = server
            .gate()
            .ring
            .since(0)
            .last()
            .map_or(0, |record| record.number);
        let status = command(&args, &server).await?;
        if !args.quiet {
            out::note(&summary(&server, before));
        }
        server.stop().await;
        Ok(ExitCode::from(code(status)))
    })
}

async fn command(args: &Run, server: &Server) -> Result<ExitStatus, Failed> {
    let Some((program, rest)) = args.command.split_first() else {
        return Err(Failed::new("no command was given").code(2));
    };
    let url = server.endpoint();
    let mut command = Command::new(program);
    command.args(rest);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_ENDPOINT_URL") {
            command.env_remove(name);
        }
    }
    for name in env::STRAY {
        command.env_remove(name);
    }
    command
        .envs(env::variables(&url, USUAL_SECRET))
        // Of some other endpoint, if it is set.
        .env_remove("ROLECALL_ROOT_SECRET")
        .env("ROLECALL_ENDPOINT", &url);
    // Ctrl-C is for the command, which gets it as well; this process waits for it to end.
    let ignored = tokio::spawn(async { while tokio::signal::ctrl_c().await.is_ok() {} });
    let failed = |error: std::io::Error| {
        Failed::new(format!("failed to run `{program}`: {error}")).code(127)
    };
    let mut child = command.spawn().map_err(failed)?;
    let status = tokio::task::spawn_blocking(move || child.wait())
        .await
        .map_err(|error| Failed::new(error.to_string()).code(70))?
        .map_err(|error| Failed::new(format!("failed to wait for the command: {error}")))?;
    ignored.abort();
    Ok(status)
}

#[cfg(unix)]
fn code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;
    let code = status
        .code()
        .or_else(|| Some(128 + status.signal()?))
        .unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

#[cfg(not(unix))]
fn code(status: ExitStatus) -> u8 {
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1)
}

/// `rolecall: 41 decisions, 2 denied: s3:PutObject example-bucket/scratch/x (7f3a9c), ...`
fn summary(server: &Server, before: u64) -> String {
    let records = server.gate().ring.since(before);
    let total = records.last().map_or(0, |record| record.number - before);
    let denied: Vec<String> = records
        .iter()
        .filter(|record| !record.allowed())
        .map(|record| short(record))
        .collect();
    let decisions = if total == 1 { "decision" } else { "decisions" };
    let mut text = format!("rolecall: {total} {decisions}, {} denied", denied.len());
    if !denied.is_empty() {
        let told = denied.get(..TOLD.min(denied.len())).unwrap_or_default();
        let told = told.join(", ");
        text.push_str(&format!(": {}", rolecall::log::on_one_line(&told)));
    }
    if denied.len() > TOLD {
        text.push_str(&format!(" and {} more", denied.len() - TOLD));
    }
    text.push('\n');
    // The endpoint ends with the command, so the last denial is explained while it can be.
    let last = records
        .iter()
        .rfind(|record| !record.allowed())
        .and_then(|record| record.explain()?.excerpt());
    if let Some(excerpt) = last {
        text.push_str(&format!("\n{excerpt}"));
    }
    text
}

fn short(record: &Record) -> String {
    let id = record.id.simple().to_string();
    let id = id.get(..6).unwrap_or(&id);
    match &record.what {
        What::Decided { asked, .. } => {
            let resource = rolecall::scenario::run::short_arn(&asked.demand.resource);
            format!("{} {resource} ({id})", record.action())
        }
        What::Open { .. } => format!("{} ({id})", record.action()),
        What::Refused { code, .. } => format!("{} {code} ({id})", record.action()),
    }
}
