//! What other people's suites ask of an endpoint besides AWS: off unless it was asked for, and never on AWS's own paths.

use crate::{
    RootKey,
    gate::Gate,
    wire::{Body, Response},
};
use http::{HeaderValue, Method, StatusCode};

/// Whose suites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compat {
    /// moto's, in its server mode: two routes that begin anew, and the key that its decorators sign with.
    Moto,
}

/// Everything of moto's own lies below this path.
const MOTO: &str = "/moto-api/";

impl Compat {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Moto => "moto",
        }
    }

    /// One more root key of the default account, with the credentials that the suite signs with.
    pub(crate) fn root(self) -> RootKey {
        match self {
            Self::Moto => RootKey {
                access_key: "FOOBARKEY".to_owned(),
                secret: "FOOBARSECRET".to_owned(),
                ..RootKey::default()
            },
        }
    }

    /// Whether a request to `path` is the suite's and not AWS's.
    pub(crate) fn owns(self, path: &str) -> bool {
        match self {
            Self::Moto => path.starts_with(MOTO),
        }
    }

    /// Answers such a request. moto's `reset-auth` counts requests that pass unchecked; here none does, so it
    /// changes nothing and says so.
    pub(crate) fn answer(self, gate: &Gate, method: &Method, path: &str) -> Response {
        let Self::Moto = self;
        let (status, text) = match (method, path.trim_start_matches(MOTO)) {
            (&Method::POST, "reset") => match gate.reset() {
                Ok(()) => (StatusCode::OK, r#"{"status": "ok"}"#),
                Err(_) => (
                    StatusCode::INSUFFICIENT_STORAGE,
                    r#"{"error": "the data directory cannot be written"}"#,
                ),
            },
            (&Method::POST, "reset-auth") => (
                StatusCode::OK,
                r#"{"status": "ok", "PREVIOUS_INITIAL_NO_AUTH_ACTION_COUNT": "0", "enforcing": "always"}"#,
            ),
            _ => (
                StatusCode::NOT_FOUND,
                r#"{"error": "only POST reset and POST reset-auth are there"}"#,
            ),
        };
        let mut response = Response::new(Body::from(format!("{text}\n")));
        *response.status_mut() = status;
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert("content-type", json);
        response
    }
}
