//! Answers and refusals, in one form for all protocols.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::operations::Service;
use super::{Body, Call, CallError, xml};

/// What a service answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The request id, by which `rolecall explain` knows the decision.
    pub request_id: String,
    /// The members of the answer. An XML answer is a tree of texts and lists; the bytes of an
    /// object are under `Body`.
    pub body: Value,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: Bytes,
}

/// What a service said instead.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The HTTP status.
    pub status: u16,
    /// The code, such as `AccessDenied`.
    pub code: String,
    /// AWS's sentence.
    pub message: String,
    /// The request id, by which `rolecall explain` knows the decision.
    pub request_id: String,
    /// The rest of what was said.
    pub body: Value,
    /// The headers.
    pub headers: HeaderMap,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

pub(super) fn read(
    call: &Call,
    status: StatusCode,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Reply, CallError> {
    let request_id = header(&headers, "x-amzn-requestid")
        .or_else(|| header(&headers, "x-amz-request-id"))
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let tree = match call.service {
        Service::Pinpoint => serde_json::from_str(&text).unwrap_or(Value::Null),
        _ => match xml::read(&text) {
            // S3 may say 200 first and fail later: CopyObject, CompleteMultipartUpload.
            Some((root, tree))
                if root == "Error" && status.is_success() && call.operation != "GetObject" =>
            {
                return Err(refused(
                    call.service,
                    StatusCode::INTERNAL_SERVER_ERROR,
                    headers,
                    request_id,
                    tree,
                ));
            }
            Some((_, tree)) => tree,
            None => Value::Null,
        },
    };
    if !status.is_success() {
        return Err(refused(call.service, status, headers, request_id, tree));
    }
    let body = match (call.service, call.operation.as_str()) {
        (Service::Iam | Service::Sts, operation) => tree
            .get(format!("{operation}Result"))
            .filter(|result| result.is_object())
            .cloned()
            .unwrap_or_else(|| json!({})),
        (Service::S3, "GetObject") => json!({ "Body": Value::from(Body(bytes.clone())) }),
        (Service::S3, "GetBucketPolicy") => json!({ "Policy": text }),
        (Service::S3, "GetBucketLocation") => json!({ "LocationConstraint": tree }),
        _ if tree.is_object() || tree.is_array() => tree,
        _ => Value::Object(Map::new()),
    };
    Ok(Reply {
        status: status.as_u16(),
        request_id,
        body,
        headers,
        bytes,
    })
}

fn refused(
    service: Service,
    status: StatusCode,
    headers: HeaderMap,
    request_id: String,
    tree: Value,
) -> CallError {
    let error = match service {
        Service::Iam | Service::Sts => tree.get("Error").cloned(),
        _ => None,
    }
    .unwrap_or_else(|| tree.clone());
    let member = |names: [&str; 2]| {
        let found = names.iter().find_map(|name| error.get(name)?.as_str());
        found.map(str::to_owned)
    };
    // "ForbiddenException:http://..." is ForbiddenException.
    let typed = header(&headers, "x-amzn-errortype").or_else(|| member(["__type", "code"]));
    let typed = typed.and_then(|code| {
        let code = code.split(':').next()?;
        Some(code.rsplit('#').next().unwrap_or(code).to_owned())
    });
    let code = match service {
        Service::Pinpoint => typed.or_else(|| member(["Code", "code"])),
        _ => member(["Code", "code"]).or(typed),
    };
    CallError::Refused(Box::new(Failure {
        status: status.as_u16(),
        // A HEAD has no body: the status is all there is, and what SDKs call it.
        code: code.unwrap_or_else(|| status.as_u16().to_string()),
        message: member(["Message", "message"])
            .unwrap_or_else(|| status.canonical_reason().unwrap_or_default().to_owned()),
        request_id: if request_id.is_empty() {
            member(["RequestId", "RequestID"]).unwrap_or_default()
        } else {
            request_id
        },
        body: tree,
        headers,
    }))
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}
