//! restXml: S3. Source: Amazon S3 API Reference, "REST error responses".

use super::{
    Body, Fault, Protocol, Response, Unauthenticated,
    query::unserved,
    response,
    rest_json::put_id,
    xml::{self, Tag},
};
use crate::gate::Actor;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, header::CONTENT_TYPE};
use rolecall_sigv4::Family;
use serde::Serialize;
use uuid::Uuid;

/// restXml, as S3 speaks it.
#[derive(Debug)]
pub struct RestXml;

/// The namespace of S3's documents.
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
/// Room for the headers of most answers.
const HEADERS: usize = 12;
/// Room for the headers of most answers but the two ids and what HTTP adds.
const USUAL: usize = 8;
/// Room for most documents.
const DOCUMENT: usize = 1024;

/// An answer of S3: a status, headers, and a document or content.
#[derive(Debug)]
pub struct XmlReply<T> {
    status: Option<u16>,
    headers: Headers,
    body: Content<T>,
}

#[derive(Debug)]
enum Content<T> {
    Nothing,
    Document(&'static str, T),
    Bytes(Body),
}

impl XmlReply<()> {
    /// An answer without a document.
    pub fn empty() -> Self {
        Self {
            status: None,
            headers: Vec::new(),
            body: Content::Nothing,
        }
    }

    /// An object's content.
    pub fn content(body: Body) -> Self {
        Self {
            status: None,
            headers: Vec::new(),
            body: Content::Bytes(body),
        }
    }
}

impl<T> XmlReply<T> {
    /// A document with this root element.
    pub fn root(root: &'static str, document: T) -> Self {
        Self {
            status: None,
            headers: Vec::new(),
            body: Content::Document(root, document),
        }
    }

    /// An answer without a document, where others of its kind have one.
    pub fn nothing() -> Self {
        Self {
            status: None,
            headers: Vec::new(),
            body: Content::Nothing,
        }
    }

    /// Another status than the table's.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds a header, when there is a value.
    #[must_use]
    #[inline]
    pub fn header(mut self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        if let Some(value) = value {
            put(&mut self.headers, name, value.into());
        }
        self
    }

    /// Adds a header that always says the same.
    #[must_use]
    #[inline]
    pub fn fixed_header(mut self, name: &'static str, value: &'static str) -> Self {
        put_fixed(&mut self.headers, name, value);
        self
    }

    /// Adds a header whose name is only known now (`x-amz-meta-…`).
    #[must_use]
    pub fn named_header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            push(&mut self.headers, name, value);
        }
        self
    }
}

// Apart from the builder, which then is never moved for a header.

type Headers = Vec<(HeaderName, HeaderValue)>;

fn put(headers: &mut Headers, name: &'static str, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        push(headers, HeaderName::from_static(name), value);
    }
}

fn put_fixed(headers: &mut Headers, name: &'static str, value: &'static str) {
    if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from_static(value.as_bytes())) {
        push(headers, HeaderName::from_static(name), value);
    }
}

fn push(headers: &mut Headers, name: HeaderName, value: HeaderValue) {
    if headers.capacity() == 0 {
        headers.reserve(USUAL);
    }
    headers.push((name, value));
}

impl<T: Serialize> Protocol<XmlReply<T>> for RestXml {
    fn reply(
        _service: &'static str,
        operation: &'static str,
        actor: &Actor,
        status: u16,
        output: XmlReply<T>,
    ) -> Response {
        let body = match output.body {
            Content::Nothing => Written::Body(Body::empty()),
            Content::Bytes(body) => Written::Body(body),
            Content::Document(root, document) => {
                let mut text = String::with_capacity(DOCUMENT);
                text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
                let tag = match BARE.contains(&root) {
                    true => Tag::named(root),
                    false => Tag::named(root).within(NAMESPACE),
                };
                match xml::write(&mut text, tag, &document) {
                    Ok(()) => Written::Document(text),
                    Err(_) => Written::Failed,
                }
            }
        };
        let status = output.status.unwrap_or(status);
        finish(operation, actor.meta.id, status, output.headers, body)
    }
}

// What does not depend on the answer's type stands apart from `reply`, which is compiled once for every operation.

enum Written {
    Body(Body),
    Document(String),
    Failed,
}

fn finish(operation: &str, id: Uuid, status: u16, headers: Headers, body: Written) -> Response {
    let mut response = match body {
        Written::Body(body) => respond(status, id, body),
        Written::Document(text) => {
            let mut response = respond(status, id, text.into());
            let xml = HeaderValue::from_static("application/xml");
            response.headers_mut().insert(CONTENT_TYPE, xml);
            response
        }
        Written::Failed => {
            let what = format!("write the answer of {operation}");
            return RestXml::fault(id, &Fault::Internal(what), false);
        }
    };
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}

static REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
static HOST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");

/// Documents without a namespace. Source: Amazon S3 API Reference, "POST Object".
const BARE: &[&str] = &["PostResponse"];

impl RestXml {
    /// Writes a fault. `HEAD` gets the status only.
    pub fn fault(id: Uuid, fault: &Fault, head: bool) -> Response {
        let (status, code, message, detail) = words(fault);
        let with_headers = |mut response: Response| {
            if let Fault::Service(fault) = fault {
                for (name, text) in &fault.headers {
                    if let Ok(value) = HeaderValue::from_str(text) {
                        response.headers_mut().insert(*name, value);
                    }
                }
            }
            response
        };
        if head || status == 304 {
            return with_headers(respond(status, id, Body::empty()));
        }
        let mut body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>"
        );
        body.push_str(&quick_xml::escape::minimal_escape(&message));
        body.push_str("</Message>");
        for (name, text) in detail {
            let text = quick_xml::escape::minimal_escape(&text);
            body.push_str(&format!("<{name}>{text}</{name}>"));
        }
        body.push_str(&format!(
            "<RequestId>{id}</RequestId><HostId>{}</HostId></Error>",
            host_id(id)
        ));
        let mut response = respond(status, id, body.into());
        let xml = HeaderValue::from_static("application/xml");
        response.headers_mut().insert("content-type", xml);
        with_headers(response)
    }

    /// Code and message, where a fault is only a part of an answer (`DeleteObjects`).
    pub(crate) fn code_and_message(fault: &Fault) -> (String, String) {
        let (_, code, message, _) = words(fault);
        (code, message)
    }
}

type Words = (u16, String, String, Vec<(&'static str, String)>);

fn words(fault: &Fault) -> Words {
    let mut detail = Vec::new();
    let (status, code, message) = match fault {
        Fault::Unauthenticated(Unauthenticated::Refused(refusal)) => {
            let (code, status) = refusal.code(Family::S3);
            detail = refusal.details(Family::S3);
            (status, code, refusal.message(Family::S3))
        }
        Fault::Unauthenticated(Unauthenticated::UnknownKey(key)) => {
            detail.push(("AWSAccessKeyId", key.clone()));
            let message = "The AWS Access Key Id you provided does not exist in our records.";
            (403, "InvalidAccessKeyId", message.to_owned())
        }
        Fault::Unauthenticated(Unauthenticated::BadToken(token)) => {
            detail.push(("Token-0", token.clone()));
            let message = "The provided token is malformed or otherwise invalid.";
            (400, "InvalidToken", message.to_owned())
        }
        Fault::Unauthenticated(Unauthenticated::Expired(token)) => {
            detail.push(("Token-0", token.clone()));
            (
                400,
                "ExpiredToken",
                "The provided token has expired.".to_owned(),
            )
        }
        Fault::Unauthenticated(Unauthenticated::Missing) => {
            (403, "AccessDenied", "Access Denied".to_owned())
        }
        Fault::Denied(denial) => (403, "AccessDenied", denial.s3_sentence()),
        Fault::Malformed { path, why, .. } if path.is_empty() => {
            detail.push(("Why", why.clone()));
            let message = "The XML you provided was not well-formed or did not validate against our published schema";
            (400, "MalformedXML", message.to_owned())
        }
        Fault::Malformed { path, why, .. } => {
            detail.push(("ArgumentName", path.clone()));
            (400, "InvalidArgument", why.clone())
        }
        Fault::Service(fault) => {
            detail.clone_from(&fault.detail);
            (fault.status, fault.code, fault.message.clone())
        }
        Fault::Unserved { service, operation } => {
            (501, "NotImplemented", unserved(service, operation))
        }
        Fault::Internal(what) => (500, "InternalError", format!("rolecall failed to {what}")),
    };
    (status, code.to_owned(), message, detail)
}

fn respond(status: u16, id: Uuid, body: Body) -> Response {
    let mut response = response::begin(status, body);
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    put_id(headers, &REQUEST_ID, id);
    if let Ok(host) = HeaderValue::try_from(host_id(id)) {
        headers.insert(&HOST_ID, host);
    }
    response
}

/// S3's second id. AWS's is opaque; rolecall's says whose it is.
fn host_id(id: Uuid) -> String {
    let mut text = [0; uuid::fmt::Simple::LENGTH];
    ["rolecall/", id.simple().encode_lower(&mut text)].concat()
}
