//! `/_rolecall/`: health, decisions, questions, clocks, snapshots and worlds. It never serves AWS clients and never
//! shows a secret. `docs/openapi.json` describes it.

mod clock;
mod decisions;
mod given;
mod health;
mod metrics;
mod oidc;
mod questions;
mod routes;
mod snapshots;
mod words;
mod worlds;

pub(crate) use snapshots::Snapshots;

use crate::{
    front::Front,
    gate::Gate,
    wire::{Arriving, Body, Fault, Response, collect},
    worlds::{NoWorld, Worlds},
};
use http::{
    HeaderMap, HeaderValue, Request, StatusCode,
    header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HOST, ORIGIN},
};
use routes::Found;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{borrow::Cow, net::SocketAddr, sync::Arc};
use subtle::ConstantTimeEq as _;

/// Everything below this path. A bucket name cannot contain `_`, so no bucket collides.
pub(crate) const PREFIX: &str = "/_rolecall/";
/// The largest question.
const LIMIT: u64 = 1024 * 1024;
/// What everybody may ask from everywhere: probes carry no secret, and public keys are none.
const OPEN: [&str; 4] = [
    "/health",
    "/ready",
    routes::OIDC_CONFIGURATION,
    routes::OIDC_KEYS,
];

/// A call that was understood.
struct Ask<'a> {
    worlds: &'a Worlds,
    world: &'a Arc<Front>,
    /// The segment of the path that is a name.
    name: &'a str,
    query: &'a str,
    body: &'a [u8],
    /// Where the world is, as the caller knows it: `http://localhost:4566/_w/ci42`.
    base: String,
    /// `Last-Event-ID`
    last_event: Option<&'a str>,
}

/// An answer to it.
struct Answer(Response);

/// Why there is none.
struct Refused {
    status: StatusCode,
    why: String,
}

/// Answers an admin request that speaks of the world of this name. It is made for who may ask, and not by looking at it.
pub(crate) async fn answer(
    worlds: &Worlds,
    world: Option<&str>,
    request: Request<Arriving>,
    peer: SocketAddr,
) -> Response {
    let (head, body) = request.into_parts();
    if !is_local(&head.headers) {
        return foreign();
    }
    let whole = head.uri.path();
    let path = crate::worlds::inner(whole);
    let world_path = whole.strip_suffix(path).unwrap_or_default();
    let path = path.strip_prefix("/_rolecall").unwrap_or(path);
    let (route, name) = match routes::find(head.method.as_str(), path) {
        Found::Route(route, name) => (route, name),
        Found::OtherMethods(methods) => {
            let why = format!(
                "{PREFIX}{} takes {}",
                path.trim_start_matches('/'),
                methods.join(", ")
            );
            let mut response = Response::from(refused(StatusCode::METHOD_NOT_ALLOWED, why));
            if let Ok(methods) = HeaderValue::from_str(&methods.join(", ")) {
                response.headers_mut().insert(ALLOW, methods);
            }
            return response;
        }
        Found::Nothing => {
            let why = format!("there is no {PREFIX}{}", path.trim_start_matches('/'));
            return refused(StatusCode::NOT_FOUND, why).into();
        }
    };
    if !OPEN.contains(&route.path) && !may_ask(worlds, peer, &head.headers) {
        let why = "from another machine this takes `Authorization: Bearer` and the root secret";
        return refused(StatusCode::UNAUTHORIZED, why).into();
    }
    let world = match world {
        None => worlds.home().clone(),
        Some(name) if route.method == "GET" => match worlds.find(name) {
            Some(world) => world,
            None => return none(name).into(),
        },
        Some(name) => match worlds.want(name) {
            Ok(world) => world,
            Err(why) => return no_world(&why).into(),
        },
    };
    let body = match collect(body, LIMIT, &worlds.home().budget).await {
        Ok(body) => body,
        Err(fault) => return Refused::from(fault).into(),
    };
    let last_event = head.headers.get("last-event-id");
    // Plain HTTP is answered on the same port where TLS is.
    let host = head.headers.get(HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let ask = Ask {
        worlds,
        world: &world,
        name,
        query: head.uri.query().unwrap_or_default(),
        body: &body,
        base: format!("http://{host}{world_path}"),
        last_event: last_event.and_then(|value| value.to_str().ok()),
    };
    match (route.handler)(&ask) {
        Ok(Answer(response)) => response,
        Err(refused) => refused.into(),
    }
}

/// Whoever reaches an endpoint with a root secret of its own from another machine must know that secret.
fn may_ask(worlds: &Worlds, peer: SocketAddr, headers: &HeaderMap) -> bool {
    let Some(secret) = worlds.own_secret() else {
        return true;
    };
    let sent = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let sent = sent
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    peer.ip().to_canonical().is_loopback() || bool::from(sent.as_bytes().ct_eq(secret.as_bytes()))
}

/// Against DNS rebinding and forged requests: a page of another site can ask neither under its own name
/// nor, since browsers say where a request comes from, under ours.
pub(crate) fn is_local(headers: &HeaderMap) -> bool {
    let header = |name| {
        headers
            .get(name)
            .map(|value: &HeaderValue| value.to_str().unwrap_or("?"))
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

/// The answer to a request that is not.
pub(crate) fn foreign() -> Response {
    let why = "another site's page may not ask; the Host header must name this machine by address, localhost or the name it is served under";
    refused(StatusCode::FORBIDDEN, why).into()
}

impl<'a> Ask<'a> {
    fn gate(&self) -> &'a Arc<Gate> {
        &self.world.gate
    }

    /// The body as what it must be: an object, although serde would take a list of its members too.
    fn read<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        if !self.body.trim_ascii_start().starts_with(b"{") {
            let why = "failed to read the body: it must be a JSON object";
            return Err(refused(StatusCode::BAD_REQUEST, why));
        }
        serde_json::from_slice(self.body).map_err(|error| {
            let why = format!("failed to read the body: {error}");
            refused(StatusCode::BAD_REQUEST, why)
        })
    }

    /// The body, which may be left out.
    fn read_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Refused> {
        if self.body.is_empty() {
            Ok(T::default())
        } else {
            self.read()
        }
    }

    /// A parameter of the query.
    fn query(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut all = form_urlencoded::parse(self.query.as_bytes());
        all.find(|(known, _)| known == name).map(|(_, text)| text)
    }

    /// A parameter that is a number.
    fn number(&self, name: &str) -> Result<Option<u64>, Refused> {
        let number = self.query(name).map(|text| text.parse());
        number.transpose().map_err(|_| {
            refused(
                StatusCode::BAD_REQUEST,
                format!("`{name}` must be a whole number"),
            )
        })
    }
}

impl Answer {
    fn json(value: &Value) -> Self {
        Self::text("application/json", format!("{value}\n"))
    }

    fn ok() -> Self {
        Self::json(&json!({"status": "ok"}))
    }

    fn text(kind: &'static str, text: String) -> Self {
        Self::stream(kind, Body::from(text))
    }

    fn stream(kind: &'static str, body: Body) -> Self {
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Self(response)
    }
}

fn refused(status: StatusCode, why: impl Into<String>) -> Refused {
    Refused {
        status,
        why: why.into(),
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        let status = match &fault {
            Fault::Service(fault) => {
                StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
            Fault::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        refused(status, fault.to_string())
    }
}

impl From<Refused> for Response {
    fn from(refused: Refused) -> Self {
        let Answer(mut response) = Answer::json(&json!({"error": refused.why}));
        *response.status_mut() = refused.status;
        response
    }
}

/// What stands in the way of a world.
fn no_world(why: &NoWorld) -> Refused {
    let status = match why {
        NoWorld::BadName(_) => StatusCode::BAD_REQUEST,
        NoWorld::TooMany(_) | NoWorld::Taken(_) => StatusCode::CONFLICT,
        NoWorld::Unwritten(_) => StatusCode::INSUFFICIENT_STORAGE,
    };
    refused(status, why.to_string())
}

/// Nobody made that world.
fn none(name: &str) -> Refused {
    refused(StatusCode::NOT_FOUND, format!("there is no world `{name}`"))
}
