//! The REST protocols of S3 (XML) and Pinpoint (JSON): the table says where each parameter travels.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value};

use super::operations::{Member, Operation, Place, Service, Shape};
use super::request::{Parts, encode};
use super::{Body, xml};

pub(super) fn write(
    service: Service,
    operation: &Operation,
    params: &Map<String, Value>,
) -> Result<Parts, String> {
    let (method, uri) = operation
        .http
        .split_once(' ')
        .unwrap_or(("GET", operation.http));
    let (path, fixed) = uri.split_once('?').unwrap_or((uri, ""));
    if let Some(stranger) = params.keys().find(|key| operation.member(key).is_none()) {
        return Err(format!("it has no parameter `{stranger}`"));
    }
    let mut query: Vec<String> = fixed
        .split('&')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    let mut headers = Vec::new();
    let mut body = None;
    for member in operation.members() {
        let Some(value) = params.get(member.name).filter(|value| !value.is_null()) else {
            continue;
        };
        match member.place {
            Place::Path | Place::Form => {}
            Place::Query(name) => match value {
                Value::Array(items) => {
                    query.extend(items.iter().map(|item| pair(name, &text(item))))
                }
                value => query.push(pair(name, &text(value))),
            },
            Place::Header(name) => headers.push((name.to_ascii_lowercase(), text(value))),
            Place::Headers(prefix) => {
                let Some(map) = value.as_object() else {
                    return Err(format!("`{}` must be a map", member.name));
                };
                headers.extend(map.iter().map(|(key, value)| {
                    (format!("{prefix}{}", key.to_ascii_lowercase()), text(value))
                }));
            }
            Place::Body => body = Some((member, value)),
        }
    }
    let body = match body {
        Some((member, value)) => content(service, operation.name, &member, value, &mut headers)?,
        None => Bytes::new(),
    };
    Ok(Parts {
        method: known_method(method),
        path: fill(path, params)?,
        query: query.join("&"),
        headers,
        body,
    })
}

fn known_method(method: &str) -> &'static str {
    ["GET", "PUT", "POST", "DELETE", "HEAD"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("GET")
}

fn pair(name: &str, value: &str) -> String {
    format!("{}={}", encode(name, false), encode(value, false))
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The path with its labels filled in; `{Key+}` keeps its slashes.
fn fill(path: &str, params: &Map<String, Value>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, label)) = rest.split_once('{') {
        let (label, after) = label.split_once('}').unwrap_or((label, ""));
        let (name, greedy) = match label.strip_suffix('+') {
            Some(name) => (name, true),
            None => (label, false),
        };
        let value = params.get(name).map(text).unwrap_or_default();
        if value.is_empty() {
            return Err(format!("`{name}` is missing or empty"));
        }
        out.push_str(before);
        out.push_str(&encode(&value, greedy));
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// Operations of S3 that are not taken without a checksum of the body. (In others the same header
/// speaks of the object.)
const CHECKED: [&str; 5] = [
    "DeleteObjects",
    "PutBucketPolicy",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutObjectTagging",
];

fn content(
    service: Service,
    operation: &str,
    member: &Member,
    value: &Value,
    headers: &mut Vec<(String, String)>,
) -> Result<Bytes, String> {
    let mut header = |name: &str, value: String| headers.push((name.to_owned(), value));
    if service == Service::Pinpoint {
        header("content-type", "application/json".to_owned());
        return Ok(value.to_string().into());
    }
    let bytes = match member.shape {
        Shape::Blob => {
            return Body::of(value)
                .map(|body| body.0)
                .ok_or_else(|| "the body is not base64".to_owned());
        }
        Shape::Structure => {
            header("content-type", "application/xml".to_owned());
            Bytes::from(xml::write(xml::root(member.name), value)?)
        }
        _ => Bytes::from(text(value)),
    };
    if CHECKED.contains(&operation) {
        let mut sum = flate2::Crc::new();
        sum.update(&bytes);
        header(
            "x-amz-checksum-crc32",
            STANDARD.encode(sum.sum().to_be_bytes()),
        );
    }
    Ok(bytes)
}
