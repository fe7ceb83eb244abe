//! `rolecall explain`: the tree behind a decision.

use std::process::ExitCode;

use rolecall::endpoint::Endpoint;
use rolecall::report::hops_table;
use rolecall::scenario::run::{Hop, read_hops};
use rolecall_policy::findings;
use serde_json::Value;

use super::args::Explain;
use super::{Failed, Outcome, out, server};

pub(super) fn main(args: &Explain) -> Outcome {
    if let Some(code) = args
        .id
        .as_deref()
        .filter(|id| id.to_ascii_uppercase().starts_with("RC-"))
    {
        return page(code);
    }
    let url = server::address(&args.at);
    let id = args.id.as_deref().unwrap_or_default();
    let hex = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    if args.id.is_some() && !id.bytes().all(hex) {
        return Err(Failed::new(format!("`{id}` is not a request id")).help(
            "a request id is made of hexadecimal digits and dashes; its first digits are enough",
        ));
    }
    let (answer, chain) = server::small_runtime()?.block_on(fetch(&url, args.id.as_deref()))?;
    if args.json {
        out::line(&answer.to_string());
        return Ok(ExitCode::SUCCESS);
    }
    let hops = read_hops(answer)?;
    let mut requests: Vec<&str> = hops
        .iter()
        .map(|hop| hop.of.as_deref().unwrap_or(&hop.id))
        .collect();
    requests.dedup();
    requests.sort_unstable();
    requests.dedup();
    if requests.len() > 1 {
        let known: Vec<String> = requests.iter().map(|id| format!("  {id}")).collect();
        return Err(Failed::new(format!(
            "`{id}` begins {} requests:\n{}",
            requests.len(),
            known.join("\n")
        ))
        .help("give a few digits more"));
    }
    let chain = chain.map(read_hops).transpose()?.unwrap_or_default();
    let chain = if chain.len() > hops.len() {
        &chain
    } else {
        &hops
    };
    out::print(&text(chain, &hops, args.verbose));
    Ok(ExitCode::SUCCESS)
}

/// The decisions asked for, and for a single hop of a job the decisions of the whole job.
async fn fetch(url: &str, id: Option<&str>) -> Result<(Value, Option<Value>), Failed> {
    let endpoint = Endpoint::running(url)?;
    let get = async |id: &str| endpoint.admin_get(&format!("decisions/{id}")).await;
    let id = match id {
        Some(id) => id.to_owned(),
        None => last(&endpoint.admin_get("decisions").await?)?,
    };
    let answer = get(&id).await?;
    let of = match answer
        .get("hops")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        Some([one]) => one.get("of").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let chain = match of {
        Some(of) => Some(get(&of).await?),
        None => None,
    };
    Ok((answer, chain))
}

/// The last request that was denied: whoever asks why a job failed has mostly looked at the job
/// since. When none was, the last of all.
fn last(answer: &Value) -> Result<String, Failed> {
    let all = answer
        .get("decisions")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let denied = all
        .iter()
        .rfind(|record| record.get("allowed") == Some(&Value::Bool(false)));
    let found = denied.or(all.last());
    let id = found.and_then(|record| {
        let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
        text("of").or_else(|| text("id"))
    });
    id.ok_or_else(|| Failed::new("nothing was asked yet"))
}

/// What a code of `rolecall lint` means.
fn page(code: &str) -> Outcome {
    let Some(page) = findings::page(code) else {
        let known: Vec<&str> = findings::pages().iter().map(|page| page.code).collect();
        return Err(Failed::new(format!("there is no page about `{code}`"))
            .help(format!("known: {}", known.join(", "))));
    };
    out::print(&format!("{}  {}\n\n{}\n", page.code, page.title, page.text));
    Ok(ExitCode::SUCCESS)
}

/// The hops in short, and in full the one that said no, or the last.
fn text(chain: &[Hop], hops: &[Hop], all: bool) -> String {
    let mut text = String::new();
    if chain.len() > 1 {
        text.push_str(&format!(
            "{} decisions, request {}\n",
            chain.len(),
            chain.first().map_or("", Hop::short_id)
        ));
        text.push_str(&hops_table(chain, &|hop| hop.what(), &|hop| {
            hop.reasons().join(", ")
        }));
        text.push('\n');
    }
    let decider = hops
        .iter()
        .rposition(|hop| !hop.allowed)
        .or_else(|| hops.len().checked_sub(1));
    let shown = hops
        .iter()
        .enumerate()
        .filter(|(place, _)| all && Some(*place) != decider);
    let last = decider.and_then(|place| hops.get(place));
    for hop in shown.map(|(_, hop)| hop).chain(last) {
        text.push_str(&one(hop));
    }
    text
}

fn one(hop: &Hop) -> String {
    let time = hop.at.get(11..19).unwrap_or(&hop.at);
    let caused = hop
        .of
        .as_ref()
        .map(|of| format!("caused by {}, hop {}, ", of.get(..6).unwrap_or(of), hop.hop));
    let head = format!(
        "{}  ({}{time})\n",
        hop.short_id(),
        caused.unwrap_or_default()
    );
    let fault = hop.fault.as_ref();
    let fault = fault.map(|fault| format!("\n{fault}")).unwrap_or_default();
    if let Some(explanation) = &hop.explanation {
        let excerpt = explanation.excerpt().filter(|_| !hop.allowed);
        let excerpt = excerpt
            .map(|excerpt| format!("\n{excerpt}"))
            .unwrap_or_default();
        return format!("{head}{explanation}{excerpt}{fault}");
    }
    let who = hop
        .principal
        .as_ref()
        .map(|who| format!("caller   {who}\n"))
        .unwrap_or_default();
    let verdict = match (&hop.open, &hop.refused) {
        (Some(why), _) => format!("{}    ALLOWED: needs no permission, {why}", hop.action),
        (None, Some(code)) => {
            let why = hop.why.as_deref().unwrap_or_default();
            format!(
                "{}    REFUSED before any decision\n\n{code}: {why}",
                hop.action
            )
        }
        (None, None) => format!("{}    no tree was kept", hop.action),
    };
    format!("{head}{verdict}\n{who}{fault}")
}
