//! `/_rolecall/`: health, decisions, questions. It never serves AWS clients and never shows a secret.

mod given;
mod worlds;

use crate::{
    front::Front,
    gate::{Gate, Question, Record, What},
    wire::{Body, Fault, Response, collect},
    worlds::{NoWorld, Worlds},
};
use http::{
    HeaderValue, Method, Request, StatusCode,
    header::{HOST, ORIGIN},
};
use hyper::body::Incoming;
use serde_json::{Value, json};
use std::sync::Arc;

/// Everything below this path. A bucket name cannot contain `_`, so no bucket collides.
pub(crate) const PREFIX: &str = "/_rolecall/";
/// The largest question.
const LIMIT: u64 = 1024 * 1024;

/// Answers an admin request.
pub(crate) async fn answer(
    worlds: &Worlds,
    world: &Arc<Front>,
    request: Request<Incoming>,
) -> Response {
    let gate = &world.gate;
    if !is_local(&request) {
        return reply(
            StatusCode::FORBIDDEN,
            &json!({"error": "another site's page may not ask; the Host header must name this machine by address, localhost or the name it is served under"}),
        );
    }
    let (head, body) = request.into_parts();
    let path = crate::worlds::inner(head.uri.path())
        .trim_start_matches(PREFIX)
        .trim_end_matches('/')
        .to_owned();
    let body = match collect(body, LIMIT).await {
        Ok(body) => body,
        Err(fault) => {
            return reply(
                StatusCode::BAD_REQUEST,
                &json!({"error": fault.to_string()}),
            );
        }
    };
    match (&head.method, path.as_str()) {
        (&Method::GET, "health") => reply(
            StatusCode::OK,
            &json!({"status": "ok", "enforcing": true, "version": env!("CARGO_PKG_VERSION")}),
        ),
        (&Method::GET, "operations") => reply(StatusCode::OK, &operations()),
        (&Method::POST, "can") => can(gate, &body),
        (&Method::POST, "given") => match given::put(gate, &body) {
            Ok(()) => reply(StatusCode::OK, &json!({"status": "ok"})),
            Err(why) => reply(StatusCode::BAD_REQUEST, &json!({"error": why})),
        },
        (&Method::POST, "reset") => match gate.reset() {
            Ok(()) => reply(StatusCode::OK, &json!({"status": "ok"})),
            Err(why) => unwritten(&why),
        },
        (&Method::GET, "worlds") => worlds::list(worlds),
        (method, path) if path.starts_with("worlds/") => {
            worlds::one(worlds, method, path.trim_start_matches("worlds/"))
        }
        (&Method::GET, "decisions") => decisions(gate, head.uri.query().unwrap_or_default()),
        (&Method::GET, path) if path.starts_with("decisions/") => {
            decision(gate, path.trim_start_matches("decisions/"))
        }
        _ => reply(
            StatusCode::NOT_FOUND,
            &json!({"error": format!("there is no {} {PREFIX}{path}", head.method)}),
        ),
    }
}

/// What stands in the way of a world.
pub(crate) fn world_refused(why: &NoWorld) -> Response {
    reply(StatusCode::BAD_REQUEST, &json!({"error": why.to_string()}))
}

/// A change that could not be written to the data directory.
fn unwritten(why: &Fault) -> Response {
    reply(
        StatusCode::INSUFFICIENT_STORAGE,
        &json!({"error": why.to_string()}),
    )
}

/// The answer to a look at a world that nobody made.
pub(crate) fn no_such_world(name: &str) -> Response {
    reply(
        StatusCode::NOT_FOUND,
        &json!({"error": format!("there is no world `{name}`")}),
    )
}

/// Against DNS rebinding and forged requests: a page of another site can ask neither under its own name
/// nor, since browsers say where a request comes from, under ours.
fn is_local(request: &Request<Incoming>) -> bool {
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let host = header(HOST).unwrap_or_default();
    let origin =
        header(ORIGIN).map(|origin| origin.split_once("://").map_or(origin, |(_, host)| host));
    if origin.is_some_and(|origin| origin != host) {
        return false;
    }
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(name, _)| name);
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || name.ends_with(".localhost")
        || !name.contains('.')
        || name.parse::<std::net::IpAddr>().is_ok()
}

fn operations() -> Value {
    let rows = crate::rows().map(|row| json!({"service": row.service, "operation": row.name, "method": row.method, "path": row.path}));
    json!({ "operations": rows.collect::<Vec<_>>() })
}

fn can(gate: &Gate, body: &[u8]) -> Response {
    let question: Question = match serde_json::from_slice(body) {
        Ok(question) => question,
        Err(error) => {
            return reply(
                StatusCode::BAD_REQUEST,
                &json!({"error": format!("failed to read the question: {error}")}),
            );
        }
    };
    match gate.ask(&question) {
        Ok((id, explanation)) => reply(
            StatusCode::OK,
            &json!({"id": id, "explanation": explanation}),
        ),
        Err(why) => reply(StatusCode::NOT_FOUND, &json!({"error": why.to_string()})),
    }
}

fn decisions(gate: &Gate, query: &str) -> Response {
    let since = form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "since")
        .and_then(|(_, text)| text.parse().ok());
    let records = gate.ring.since(since.unwrap_or(0));
    reply(
        StatusCode::OK,
        &json!({"decisions": records.iter().map(|record| summary(record)).collect::<Vec<_>>()}),
    )
}

/// One decision with its tree, and the hops that it caused.
fn decision(gate: &Gate, id: &str) -> Response {
    let found = if id == "last" {
        let all = gate.ring.since(0);
        let last = all
            .last()
            .map(|record| record.of.unwrap_or(record.id).to_string());
        last.map(|id| gate.ring.find(&id)).unwrap_or_default()
    } else {
        gate.ring.find(id)
    };
    if found.is_empty() {
        let error = format!(
            "no decision begins with `{id}`; the last {} are kept",
            crate::gate::RING
        );
        return reply(StatusCode::NOT_FOUND, &json!({ "error": error }));
    }
    let hops = found.iter().map(|record| {
        let mut hop = summary(record);
        if let (Value::Object(hop), Some(explanation)) = (&mut hop, record.explain()) {
            hop.insert(
                "explanation".to_owned(),
                serde_json::to_value(explanation).unwrap_or(Value::Null),
            );
        }
        hop
    });
    reply(StatusCode::OK, &json!({"hops": hops.collect::<Vec<_>>()}))
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
    }
    out
}

fn reply(status: StatusCode, value: &Value) -> Response {
    let mut text = value.to_string();
    text.push('\n');
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert("content-type", json);
    response
}
