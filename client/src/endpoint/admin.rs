//! rolecall's own addresses, under `/_rolecall/`: unsigned, JSON in and out. Where the root secret is not the usual one it
//! goes along: an endpoint asks other machines for it.

use bytes::Bytes;
use serde_json::Value;

use super::request::Parts;
use super::{CallError, Endpoint, Failure};

impl Endpoint {
    /// `GET /_rolecall/{path}`, which may end in a query.
    ///
    /// # Errors
    /// Nobody answered, or the answer was no.
    pub async fn admin_get(&self, path: &str) -> Result<Value, CallError> {
        self.admin("GET", path, Bytes::new()).await
    }

    /// `POST /_rolecall/{path}`.
    ///
    /// # Errors
    /// Nobody answered, or the answer was no.
    pub async fn admin_post(&self, path: &str, body: &Value) -> Result<Value, CallError> {
        self.admin("POST", path, body.to_string().into()).await
    }

    async fn admin(
        &self,
        method: &'static str,
        path: &str,
        body: Bytes,
    ) -> Result<Value, CallError> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        if self.root_secret() != super::USUAL_SECRET {
            let bearer = format!("Bearer {}", self.root_secret());
            headers.push(("authorization".to_owned(), bearer));
        }
        let request = Parts {
            method,
            path: format!("/_rolecall/{}", path.trim_start_matches('/')),
            query: query.to_owned(),
            headers,
            body,
        }
        .into_request(self.base_url())?;
        let (status, headers, bytes) = self.send(request).await?;
        let value: Value = match serde_json::from_slice(&bytes) {
            Ok(value) => value,
            Err(_) => Value::from(String::from_utf8_lossy(&bytes)),
        };
        if status.is_success() {
            return Ok(value);
        }
        let said = |names: [&str; 2]| {
            let found = names.iter().find_map(|name| value.get(name)?.as_str());
            found.map(str::to_owned)
        };
        Err(CallError::Refused(Box::new(Failure {
            status: status.as_u16(),
            code: said(["code", "Code"]).unwrap_or_else(|| status.as_u16().to_string()),
            message: said(["message", "error"])
                .or_else(|| value.as_str().map(str::to_owned))
                .unwrap_or_default(),
            request_id: String::new(),
            body: value,
            headers,
        })))
    }
}
