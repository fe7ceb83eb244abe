//! Calling any served operation by its wire name.
//!
//! There is no SDK in here: one table says where an operation goes, three short modules write the
//! three protocols, and `aws-sigv4` signs. Every scenario is thereby an interoperability test of the
//! server's own verification.

mod admin;
pub mod operations;
mod query;
mod reply;
mod request;
mod rest;
mod sign;
mod xml;

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Map, Value, json};

pub use self::reply::{Failure, Reply};
use operations::Service;

/// The secret of root keys, unless the endpoint has another.
pub const USUAL_SECRET: &str = "test";

/// An answer larger than this is not read: no scenario needs one.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// One call of one operation, its parameters spelled as in the API.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The service.
    pub service: Service,
    /// The operation, such as `CreatePolicy`.
    pub operation: String,
    /// The parameters.
    pub params: Map<String, Value>,
    /// The Region, where the call names one.
    pub region: Option<String>,
}

impl Call {
    /// A call in the Region of whoever makes it.
    pub fn new(service: Service, operation: impl Into<String>, params: Map<String, Value>) -> Self {
        Self {
            service,
            operation: operation.into(),
            params,
            region: None,
        }
    }

    /// The same from pairs.
    pub(crate) fn with<const N: usize>(
        service: Service,
        operation: &str,
        params: [(&str, Value); N],
    ) -> Self {
        let params = params.map(|(key, value)| (key.to_owned(), value));
        Self::new(service, operation, Map::from_iter(params))
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.operation)
    }
}

/// An access key.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key id.
    pub access_key: String,
    /// The secret.
    pub secret: String,
    /// The session token of temporary credentials.
    pub token: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key", &self.access_key)
            .finish_non_exhaustive()
    }
}

/// Bytes as a parameter or a result: text where they are text, `{"base64": ...}` where not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body(pub Bytes);

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<Body> for Value {
    fn from(body: Body) -> Self {
        match std::str::from_utf8(&body.0) {
            Ok(text) => Value::from(text),
            Err(_) => json!({ "base64": STANDARD.encode(&body.0) }),
        }
    }
}

impl Body {
    /// The bytes of such a value.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self(Bytes::copy_from_slice(text.as_bytes()))),
            Value::Object(map) => {
                let text = map.get("base64")?.as_str()?;
                Some(Self(STANDARD.decode(text).ok()?.into()))
            }
            Value::Null => Some(Self(Bytes::new())),
            other => Some(Self(other.to_string().into())),
        }
    }
}

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The service said no.
    #[error(transparent)]
    Refused(Box<Failure>),
    /// The call cannot be written down: a parameter of the path is missing, and the like.
    #[error("{0}")]
    NotACall(String),
    /// Nobody answered.
    #[error("no answer from {url}: {why}")]
    Unreachable {
        /// Where it was sent.
        url: String,
        /// What went wrong.
        why: String,
    },
}

impl CallError {
    /// What the service said, if it said anything.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            CallError::Refused(failure) => Some(failure),
            _ => None,
        }
    }
}

/// Where the calls go: a base address, possibly with a path in front of everything, and a pool of
/// connections. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Endpoint {
    base_url: String,
    root_secret: Arc<str>,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Endpoint {
    /// An endpoint at `base_url`, such as `http://127.0.0.1:4566` or `http://127.0.0.1:4566/world`.
    ///
    /// # Errors
    /// The address is not an `http://` one.
    pub fn new(base_url: &str) -> Result<Self, CallError> {
        let base_url = base_url.trim_end_matches('/');
        let good = base_url.parse::<http::Uri>().is_ok_and(|uri| {
            uri.scheme_str() == Some("http") && uri.host().is_some() && uri.query().is_none()
        });
        if !good {
            return Err(CallError::NotACall(format!(
                "`{base_url}` is not an address such as http://127.0.0.1:4566"
            )));
        }
        Ok(Self {
            base_url: base_url.to_owned(),
            root_secret: USUAL_SECRET.into(),
            client: Client::builder(TokioExecutor::new()).build(HttpConnector::new()),
        })
    }

    /// An endpoint that was started elsewhere; ROLECALL_ROOT_SECRET says its root secret.
    ///
    /// # Errors
    /// The address is not an `http://` one.
    pub fn running(base_url: &str) -> Result<Self, CallError> {
        let endpoint = Self::new(base_url)?;
        match std::env::var("ROLECALL_ROOT_SECRET") {
            Ok(secret) if !secret.is_empty() => Ok(endpoint.with_root_secret(&secret)),
            _ => Ok(endpoint),
        }
    }

    /// An endpoint whose root keys have another secret than `test`.
    #[must_use]
    pub fn with_root_secret(mut self, secret: &str) -> Self {
        self.root_secret = secret.into();
        self
    }

    /// The secret of its root keys.
    #[must_use]
    pub fn root_secret(&self) -> &str {
        &self.root_secret
    }

    /// The base address, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Makes a call, signed as `who`; unsigned when that is nobody.
    ///
    /// # Errors
    /// The call cannot be written down, nobody answered, or the service said no.
    pub async fn call(
        &self,
        who: Option<&Credentials>,
        region: &str,
        call: &Call,
    ) -> Result<Reply, CallError> {
        let Some(operation) = call.service.operation(&call.operation) else {
            return Err(CallError::NotACall(format!(
                "`{call}` is not an operation that is known here"
            )));
        };
        let parts = match call.service {
            Service::Iam | Service::Sts => query::write(call.service, operation, &call.params),
            Service::S3 | Service::Pinpoint => rest::write(call.service, operation, &call.params),
        }
        .map_err(|why| CallError::NotACall(format!("`{call}` cannot be sent: {why}")))?;
        // As AWS's own clients do: IAM is called at its one home, whatever Region is set.
        let region = match call.service {
            Service::Iam => rolecall_server::DEFAULT_REGION,
            _ => call.region.as_deref().unwrap_or(region),
        };
        let sent = self.send_signed(parts.clone(), who, call.service, region);
        let (status, headers, bytes) = sent.await?;
        // And a bucket in another Region is asked again there.
        let there = headers.get("x-amz-bucket-region");
        let there = there
            .and_then(|there| there.to_str().ok())
            .map(str::to_owned);
        if let Some(there) = there.filter(|there| status == 400 && there != region) {
            let sent = self.send_signed(parts, who, call.service, &there);
            let (status, headers, bytes) = sent.await?;
            return reply::read(call, status, headers, bytes);
        }
        reply::read(call, status, headers, bytes)
    }

    async fn send_signed(
        &self,
        parts: request::Parts,
        who: Option<&Credentials>,
        service: Service,
        region: &str,
    ) -> Result<(StatusCode, HeaderMap, Bytes), CallError> {
        let mut request = parts.into_request(&self.base_url)?;
        if let Some(who) = who {
            sign::sign(&mut request, who, &sign::Scope { service, region })?;
        }
        self.send(request).await
    }

    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<(StatusCode, HeaderMap, Bytes), CallError> {
        let url = request.uri().to_string();
        let unreachable = |why: String| CallError::Unreachable {
            url: url.clone(),
            why,
        };
        let answer = self
            .client
            .request(request.map(Full::new))
            .await
            .map_err(|error| unreachable(innermost(&error)))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MOST_BYTES)
            .collect()
            .await
            .map_err(|error| unreachable(innermost(&*error)))?;
        Ok((head.status, head.headers, body.to_bytes()))
    }
}

/// The last of a chain of causes: "connection refused" rather than "client error (Connect)".
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}

#[cfg(test)]
mod tests;
