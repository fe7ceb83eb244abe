//! A request on its way, before it is signed.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};

use super::CallError;

/// What a protocol writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) method: &'static str,
    /// Encoded, and beginning with a slash.
    pub(super) path: String,
    /// Encoded; empty when there is none.
    pub(super) query: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

impl Parts {
    pub(super) fn into_request(self, base_url: &str) -> Result<Request<Bytes>, CallError> {
        let mut url = format!("{base_url}{}", self.path);
        if !self.query.is_empty() {
            let _ = write!(url, "?{}", self.query);
        }
        let wrong = |what: &str| CallError::NotACall(format!("{what} cannot travel over HTTP"));
        let mut request = Request::new(self.body);
        *request.method_mut() =
            Method::from_bytes(self.method.as_bytes()).map_err(|_| wrong("the method"))?;
        *request.uri_mut() = url
            .parse::<Uri>()
            .map_err(|_| wrong(&format!("the address `{url}`")))?;
        for (name, value) in self.headers {
            let header = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| wrong(&format!("the name `{name}`")))?;
            let text = HeaderValue::from_str(&value)
                .map_err(|_| wrong(&format!("the value of `{name}`")))?;
            request.headers_mut().append(header, text);
        }
        Ok(request)
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986, as signatures demand.
pub(super) fn encode(text: &str, keep_slashes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte))
            }
            b'/' if keep_slashes => out.push('/'),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}
