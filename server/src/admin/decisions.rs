//! The decisions of a world: a list, one with its tree, the same in words, and a stream of them as they are made.

use super::{Answer, Ask, Refused, refused};
use crate::{
    gate::{Gate, RING, Record, What},
    wire::Body,
};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use std::{fmt::Write as _, sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// An open stream says something at least this often, so that both ends see when the other is gone.
const QUIET: Duration = Duration::from_secs(15);
/// Events that may wait for a slow reader before the ring does.
const WAITING: usize = 64;

/// All that are kept, after the number `since`, at most `limit`.
pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let since = ask.number("since")?.unwrap_or(0);
    let limit = ask.number("limit")?.unwrap_or(u64::MAX);
    let records = ask.gate().ring.since(since);
    let some = records
        .iter()
        .take(usize::try_from(limit).unwrap_or(usize::MAX));
    let some: Vec<_> = some.map(|record| summary(record)).collect();
    Ok(Answer::json(&json!({ "decisions": some })))
}

/// One decision with its tree, and the hops that it caused.
pub(super) fn one(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let hops = find(ask)?;
    let hops = hops.iter().map(|record| {
        let mut hop = summary(record);
        if let (Value::Object(hop), Some(explanation)) = (&mut hop, record.explain()) {
            let tree = serde_json::to_value(explanation).unwrap_or(Value::Null);
            hop.insert("explanation".to_owned(), tree);
        }
        hop
    });
    Ok(Answer::json(&json!({"hops": hops.collect::<Vec<_>>()})))
}

/// The same in words, with the lines of the policies underlined.
pub(super) fn explain(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let mut text = String::new();
    for record in find(ask)? {
        // Writing to a String cannot fail.
        let _ = match (record.explain(), &record.what) {
            (Some(explanation), _) => {
                let excerpt = explanation.excerpt().filter(|_| !record.allowed());
                let excerpt = excerpt
                    .map(|excerpt| format!("\n{excerpt}"))
                    .unwrap_or_default();
                writeln!(text, "{}\n{explanation}{excerpt}", record.id)
            }
            (None, What::Open { why, .. }) => {
                writeln!(
                    text,
                    "{}\n{}    ALLOWED: needs no permission, {why}",
                    record.id,
                    record.action()
                )
            }
            (None, What::Refused { code, why, .. }) => {
                writeln!(
                    text,
                    "{}\n{}    REFUSED before any decision\n{code}: {why}",
                    record.id,
                    record.action()
                )
            }
            (None, What::Decided { .. }) => Ok(()),
        };
        if let Some(fault) = record.fault.get() {
            let place = fault.place.as_ref().map(|place| {
                format!(
                    "  at {}:{} of the document: {}\n",
                    place.line, place.column, place.why
                )
            });
            let _ = write!(
                text,
                "\nREFUSED after the decision\n{}: {}\n{}",
                fault.code,
                fault.message,
                place.unwrap_or_default()
            );
        }
    }
    Ok(Answer::text("text/plain; charset=utf-8", text))
}

fn find(ask: &Ask<'_>) -> Result<Vec<Arc<Record>>, Refused> {
    let ring = &ask.gate().ring;
    let found = if ask.name == "last" {
        let last = ring
            .last()
            .map(|record| record.of.unwrap_or(record.id).to_string());
        last.map(|id| ring.find(&id)).unwrap_or_default()
    } else {
        ring.find(ask.name)
    };
    if found.is_empty() {
        let why = format!(
            "no decision begins with `{}`; the last {RING} are kept",
            ask.name
        );
        return Err(refused(StatusCode::NOT_FOUND, why));
    }
    Ok(found)
}

/// Server-sent events: every decision from now on, or after `Last-Event-ID` (or `since`).
pub(super) fn events(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let after = match ask.last_event {
        Some(text) => Some(text.parse().map_err(|_| {
            let why = format!("`Last-Event-ID: {text}` is not the number of a decision");
            refused(StatusCode::BAD_REQUEST, why)
        })?),
        None => ask.number("since")?,
    };
    let gate = ask.gate().clone();
    let after = after.unwrap_or_else(|| gate.ring.total());
    let (send, receive) = mpsc::channel(WAITING);
    tokio::spawn(stream(gate, after, send));
    Ok(Answer::stream("text/event-stream", Body::live(receive)))
}

/// Sends what the ring gets, until the reader or the server is gone.
async fn stream(gate: Arc<Gate>, mut after: u64, send: mpsc::Sender<Bytes>) {
    let mut text = String::from("retry: 1000\n\n");
    loop {
        let news = gate.ring.news();
        for record in gate.ring.since(after) {
            // What the ring has dropped meanwhile is said to be missing, not passed over.
            if record.number > after + 1 {
                let missing = record.number - after - 1;
                let _ = write!(text, "event: gap\ndata: {{\"missing\":{missing}}}\n\n");
            }
            after = record.number;
            let _ = write!(
                text,
                "id: {after}\nevent: decision\ndata: {}\n\n",
                summary(&record)
            );
        }
        if !text.is_empty() && send.send(std::mem::take(&mut text).into()).await.is_err() {
            return;
        }
        tokio::select! {
            () = news => {}
            () = send.closed() => return,
            () = tokio::time::sleep(QUIET) => text.push_str(": still here\n\n"),
        }
        if gate.ring.is_closed() {
            return;
        }
    }
}

/// A record without its tree. The words are those of the scenario file.
fn summary(record: &Record) -> Value {
    let mut out = json!({
        "v": 1,
        "event": "decision",
        "number": record.number,
        "id": record.id,
        "of": record.of,
        "hop": record.hop,
        "at": record.at.to_string(),
        "action": record.action(),
        "allowed": record.allowed(),
    });
    let more = match &record.what {
        What::Decided { asked, outcome, .. } => json!({
            "principal": asked.caller.arn,
            "resource": asked.demand.resource,
            "EvalDecision": outcome,
        }),
        What::Open { caller, why, .. } => json!({"principal": caller, "open": why}),
        What::Refused { code, why, .. } => json!({"refused": code, "why": why}),
    };
    if let (Value::Object(out), Value::Object(more)) = (&mut out, more) {
        out.extend(more);
        if let Some(fault) = record.fault.get() {
            let place = fault.place.as_ref();
            let place =
                place.map(|at| json!({"line": at.line, "column": at.column, "why": at.why}));
            let fault = json!({"code": fault.code, "message": fault.message, "place": place});
            out.insert("fault".to_owned(), fault);
        }
    }
    out
}
