//! `rolecall prove`: one question about all resources at once.

use std::process::ExitCode;

use rolecall::endpoint::Endpoint;
use rolecall_policy::Proof;
use rolecall_server::Server;
use serde_json::{Value, json};

use super::args::{Prove, World};
use super::{Failed, Outcome, can, out, server};

pub(super) fn main(args: Prove) -> Outcome {
    let proof = server::runtime()?.block_on(prove(&args))?;
    if args.json {
        let line = serde_json::to_string(&proof)
            .map_err(|error| Failed::new(format!("failed to print: {error}")))?;
        out::print(&format!("{line}\n"));
    } else {
        out::print(&proof.to_string());
    }
    Ok(if proof.proved() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn prove(args: &Prove) -> Result<Proof, Failed> {
    let by = args.by.as_deref().unwrap_or("user/somebody");
    if args.policy.is_empty() && args.scenario.is_none() {
        return ask(&Endpoint::new(&server::address(&args.at))?, by, args).await;
    }
    let world = World {
        accounts: Vec::new(),
        honest_tls: false,
        compat: None,
        load: args.scenario.clone(),
    };
    let scenario = server::scenario(&world)?;
    let server = server::builder(&world, scenario.as_deref(), server::USUAL_SECRET)?
        .port(0)
        .start();
    let server: Server = server
        .await
        .map_err(|error| Failed::new(error.to_string()))?;
    let endpoint = Endpoint::new(&server.endpoint())?;
    server::begin_with(scenario.as_ref(), &server.endpoint(), server::USUAL_SECRET).await?;
    if !args.policy.is_empty() {
        can::make_world(by, "*", &args.policy, None, &endpoint).await?;
    }
    let proof = ask(&endpoint, by, args).await;
    server.stop().await;
    proof
}

async fn ask(endpoint: &Endpoint, by: &str, args: &Prove) -> Result<Proof, Failed> {
    let question = json!({ "action": args.action, "by": by, "within": args.within });
    let answer = endpoint.admin_post("prove", &question).await;
    let mut answer = answer.map_err(|error| {
        let status = error.failure().map(|failure| failure.status);
        let failed = Failed::from(error);
        // The question itself is wrong.
        if status == Some(400) {
            failed.code(2)
        } else {
            failed
        }
    })?;
    let proof = answer.get_mut("proof").map(Value::take).unwrap_or_default();
    serde_json::from_value(proof).map_err(|error| {
        Failed::new(format!(
            "failed to read the answer (another version of rolecall?): {error}"
        ))
    })
}
