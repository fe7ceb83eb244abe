//! restJson1: Pinpoint and Access Analyzer. Source: Smithy 2.0, "AWS restJson1 protocol".

use super::{Body, Fault, Protocol, Response, Unauthenticated, query::unserved, response};
use crate::gate::Actor;
use http::{HeaderMap, HeaderName, HeaderValue};
use rolecall_sigv4::Family;
use serde::Serialize;
use uuid::Uuid;

/// The header that tells the id of a request.
pub(super) static REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// restJson1.
#[derive(Debug)]
pub struct RestJson;

impl<T: Serialize> Protocol<T> for RestJson {
    fn reply(
        service: &'static str,
        operation: &'static str,
        actor: &Actor,
        status: u16,
        output: T,
    ) -> Response {
        let id = actor.meta.id;
        match serde_json::to_vec(&output) {
            Ok(_) if status == 204 => respond(status, id, Vec::new()),
            Ok(body) => respond(status, id, body),
            Err(_) => RestJson::fault(
                service,
                id,
                &Fault::Internal(format!("write the answer of {operation}")),
            ),
        }
    }
}

impl RestJson {
    /// Writes a fault.
    pub fn fault(service: &str, id: Uuid, fault: &Fault) -> Response {
        let (status, code, message) = words(service, fault);
        // The front end's own refusals and Access Analyzer's write `message`, Pinpoint's and the denials `Message`.
        let pinpoint = service != "access-analyzer";
        let member = if pinpoint && !matches!(fault, Fault::Unauthenticated(_)) {
            "Message"
        } else {
            "message"
        };
        let mut body = serde_json::Map::new();
        body.insert(member.to_owned(), message.into());
        if pinpoint {
            body.insert("RequestID".to_owned(), id.to_string().into());
        }
        if let Fault::Service(fault) = fault {
            let detail = fault.detail.iter();
            body.extend(detail.map(|(name, text)| ((*name).to_owned(), text.as_str().into())));
        }
        let body = serde_json::Value::Object(body);
        let mut response = respond(status, id, body.to_string().into_bytes());
        if let Ok(code) = HeaderValue::from_str(&code) {
            response.headers_mut().insert("x-amzn-errortype", code);
        }
        response
    }
}

fn words(service: &str, fault: &Fault) -> (u16, String, String) {
    let (unreadable, failed) = match service {
        "access-analyzer" => ("ValidationException", "InternalServerException"),
        _ => ("BadRequestException", "InternalServerErrorException"),
    };
    let (status, code, message) = match fault {
        Fault::Unauthenticated(Unauthenticated::Refused(refusal)) => {
            let (code, status) = refusal.code(Family::Json);
            (status, code, refusal.message(Family::Json))
        }
        Fault::Unauthenticated(Unauthenticated::UnknownKey(_) | Unauthenticated::BadToken(_)) => (
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.".to_owned(),
        ),
        Fault::Unauthenticated(Unauthenticated::Expired(_)) => (
            403,
            "ExpiredTokenException",
            "The security token included in the request is expired".to_owned(),
        ),
        Fault::Unauthenticated(Unauthenticated::Missing) => (
            403,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token".to_owned(),
        ),
        Fault::Denied(denial) => (403, "AccessDeniedException", denial.to_string()),
        Fault::Malformed { path, why, .. } if path.is_empty() => (400, unreadable, why.clone()),
        Fault::Malformed { path, why, .. } => (400, unreadable, format!("{path}: {why}")),
        Fault::Service(fault) => (fault.status, fault.code, fault.message.clone()),
        Fault::Unserved { service, operation } => {
            (501, "NotImplemented", unserved(service, operation))
        }
        Fault::Internal(what) => (500, failed, format!("rolecall failed to {what}")),
    };
    (status, code.to_owned(), message)
}

fn respond(status: u16, id: Uuid, body: Vec<u8>) -> Response {
    let mut response = response::begin(status, Body::from(body));
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    put_id(headers, &REQUEST_ID, id);
    response
}

/// Puts the request id into a header.
pub(super) fn put_id(headers: &mut HeaderMap, name: &HeaderName, id: Uuid) {
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    if let Ok(value) = HeaderValue::from_str(id.hyphenated().encode_lower(&mut text)) {
        headers.insert(name, value);
    }
}
