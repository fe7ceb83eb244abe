//! `rolecall ping`.

use std::process::ExitCode;
use std::time::Duration;

use rolecall::endpoint::Endpoint;

use super::args::Ping;
use super::{Failed, Outcome, out, server};

/// A health check that takes longer has its answer.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn main(args: &Ping) -> Outcome {
    let url = server::address(&args.at);
    let asked = server::small_runtime()?.block_on(async {
        let endpoint = Endpoint::new(&url)?;
        tokio::time::timeout(PATIENCE, endpoint.admin_get("health"))
            .await
            .map_err(|_| Failed::new(format!("no answer from {url} within {PATIENCE:?}")))?
            .map_err(Failed::from)
    });
    match asked {
        Ok(health) if health.get("enforcing").is_some() => {
            if !args.quiet {
                let version = health
                    .get("version")
                    .and_then(serde_json::Value::as_str)
                    .unwrap_or_default();
                out::line(&format!("rolecall {version} on {url}"));
            }
            Ok(ExitCode::SUCCESS)
        }
        Ok(_) => silent(
            args,
            Failed::new(format!("{url} answers, but it is not a rolecall")),
        ),
        Err(failed) => silent(args, failed),
    }
}

fn silent(args: &Ping, failed: Failed) -> Outcome {
    if args.quiet {
        return Ok(ExitCode::FAILURE);
    }
    Err(failed)
}
