//! awsQuery: IAM, STS and SES. Source: Smithy 2.0, "AWS query protocol".

use super::{
    Body, Fault, Protocol, Response, Unauthenticated, response, rest_json,
    xml::{self, Tag},
};
use crate::gate::Actor;
use rolecall_sigv4::Family;
use serde::Serialize;
use std::any::TypeId;
use uuid::Uuid;

/// awsQuery.
#[derive(Debug)]
pub struct Query;

/// A list as awsQuery writes it: `<Users><member>…</member></Users>`.
#[derive(Debug, Clone, Serialize)]
pub struct Members<T> {
    /// The members.
    pub member: Vec<T>,
}

impl<T> FromIterator<T> for Members<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        Self {
            member: members.into_iter().collect(),
        }
    }
}

/// The namespace of the answers of a service; of those that are not served it is not known.
fn namespace(service: &str) -> Option<&'static str> {
    Some(match service {
        "sts" => "https://sts.amazonaws.com/doc/2011-06-15/",
        "iam" => "https://iam.amazonaws.com/doc/2010-05-08/",
        "ses" => "http://ses.amazonaws.com/doc/2010-12-01/",
        _ => return None,
    })
}

impl<T: Serialize + 'static> Protocol<T> for Query {
    fn reply(
        service: &'static str,
        operation: &'static str,
        actor: &Actor,
        status: u16,
        output: T,
    ) -> Response {
        let mut body = begin(service, operation);
        // Operations without an answer of their own have `()`, and no result element.
        let is_void = TypeId::of::<T>() == TypeId::of::<()>();
        let root = format!("{operation}Result");
        let written = is_void || xml::write(&mut body, Tag::named(&root), &output).is_ok();
        end(
            service,
            operation,
            actor.meta.id,
            status,
            written.then_some(body),
        )
    }
}

// What does not depend on the answer's type stands apart from `reply`, which is compiled once for every operation.

/// Room for most answers.
const ANSWER: usize = 2048;

fn begin(service: &str, operation: &str) -> String {
    let mut body = String::with_capacity(ANSWER);
    for piece in [
        "<",
        operation,
        "Response xmlns=\"",
        namespace(service).unwrap_or_default(),
        "\">",
    ] {
        body.push_str(piece);
    }
    body
}

fn end(service: &str, operation: &str, id: Uuid, status: u16, body: Option<String>) -> Response {
    let Some(mut body) = body else {
        let what = format!("write the answer of {operation}");
        return Query::fault(service, id, &Fault::Internal(what));
    };
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    for piece in [
        "<ResponseMetadata><RequestId>",
        id.hyphenated().encode_lower(&mut text),
        "</RequestId></ResponseMetadata></",
        operation,
        "Response>",
    ] {
        body.push_str(piece);
    }
    respond(status, id, body)
}

impl Query {
    /// Writes a fault.
    pub fn fault(service: &str, id: Uuid, fault: &Fault) -> Response {
        let (status, code, message) = Self::words(fault);
        let kind = if status < 500 { "Sender" } else { "Receiver" };
        let mut body = match namespace(service) {
            Some(namespace) => format!("<ErrorResponse xmlns=\"{namespace}\">"),
            None => "<ErrorResponse>".to_owned(),
        };
        body.push_str(&format!(
            "<Error><Type>{kind}</Type><Code>{code}</Code><Message>"
        ));
        body.push_str(&quick_xml::escape::minimal_escape(&message));
        body.push_str(&format!(
            "</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
        ));
        respond(status, id, body)
    }

    fn words(fault: &Fault) -> (u16, String, String) {
        match fault {
            Fault::Unauthenticated(why) => {
                let (code, status, message) = match why {
                    Unauthenticated::Refused(refusal) => {
                        let (code, status) = refusal.code(Family::Query);
                        (code, status, refusal.message(Family::Query))
                    }
                    Unauthenticated::UnknownKey(_) | Unauthenticated::BadToken(_) => (
                        "InvalidClientTokenId",
                        403,
                        "The security token included in the request is invalid.".to_owned(),
                    ),
                    Unauthenticated::Expired(_) => (
                        "ExpiredToken",
                        403,
                        "The security token included in the request is expired".to_owned(),
                    ),
                    Unauthenticated::Missing => (
                        "MissingAuthenticationToken",
                        403,
                        "Request is missing Authentication Token".to_owned(),
                    ),
                };
                (status, code.to_owned(), message)
            }
            Fault::Denied(denial) => (403, "AccessDenied".to_owned(), denial.to_string()),
            Fault::Malformed { path, why, missing } => (
                400,
                "ValidationError".to_owned(),
                validation(path, why, *missing),
            ),
            Fault::Service(fault) => (fault.status, fault.code.to_owned(), fault.message.clone()),
            Fault::Unserved { service, operation } => (
                501,
                "NotImplemented".to_owned(),
                unserved(service, operation),
            ),
            Fault::Internal(what) => (
                500,
                "InternalFailure".to_owned(),
                format!("rolecall failed to {what}"),
            ),
        }
    }
}

/// AWS's form of "this member is wrong".
fn validation(path: &str, why: &str, missing: bool) -> String {
    if missing {
        let mut member = path.to_owned();
        if let Some(first) = member.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
        )
    } else if path.is_empty() {
        why.to_owned()
    } else {
        format!("{path}: {why}")
    }
}

/// What is said of an operation that AWS has and rolecall has not.
pub(super) fn unserved(service: &str, operation: &str) -> String {
    format!(
        "rolecall does not serve {service}:{operation}; nothing was done (see /_rolecall/operations for what it serves)"
    )
}

fn respond(status: u16, id: Uuid, body: String) -> Response {
    let mut response = response::begin(status, Body::from(body));
    let headers = response.headers_mut();
    headers.insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("text/xml"),
    );
    rest_json::put_id(headers, &rest_json::REQUEST_ID, id);
    response
}
