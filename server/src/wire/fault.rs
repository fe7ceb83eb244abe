//! Why a request was not done. One type for every service; each protocol writes it in its own form.

use crate::gate::Denial;
use rolecall_sigv4::Refusal;

/// A request that ends without its effect.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The signature or the credentials were refused: nobody knows who asks.
    #[error("the caller is not authenticated")]
    Unauthenticated(Unauthenticated),
    /// The policies say no.
    #[error("{0}")]
    Denied(Box<Denial>),
    /// The request cannot be read as this operation's input.
    #[error("`{path}`: {why}")]
    Malformed {
        /// The member that is wrong, as it stands in the request; empty for the whole body.
        path: String,
        /// What is wrong with it.
        why: String,
        /// The member is required and was not sent.
        missing: bool,
    },
    /// The service's own refusal, with AWS's code and sentence.
    #[error("{}: {}", .0.code, .0.message)]
    Service(Box<ServiceFault>),
    /// An operation of AWS that rolecall does not serve.
    #[error("{service}:{operation} is not served")]
    Unserved {
        /// The service as IAM names it.
        service: String,
        /// The operation, or what is known of it.
        operation: String,
    },
    /// A mistake of rolecall's.
    #[error("rolecall failed to {0}")]
    Internal(String),
}

/// Why nobody knows who asks.
#[derive(Debug)]
pub enum Unauthenticated {
    /// The signature does not hold.
    Refused(Box<Refusal>),
    /// The access key id is not known, or not active.
    UnknownKey(String),
    /// The session token is not the one that came with the key.
    BadToken(String),
    /// The temporary credentials are past their time.
    Expired(String),
    /// The operation takes no anonymous callers, and the request carries no credentials.
    Missing,
}

/// A service's own refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFault {
    /// HTTP status.
    pub status: u16,
    /// AWS's error code, such as `NoSuchEntity`.
    pub code: &'static str,
    /// AWS's sentence.
    pub message: String,
    /// More elements of the error body (S3): name and text.
    pub detail: Vec<(&'static str, String)>,
    /// More headers of the answer (S3).
    pub headers: Vec<(&'static str, String)>,
    /// Where in a document of the request the mistake is. AWS never says; `explain` does.
    pub place: Option<Place>,
}

/// A place in a document that came with the request, and what is really the matter there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// rolecall's own words.
    pub why: String,
}

impl Fault {
    /// A service's own refusal.
    // Made in a thousand places, and seldom: one call each, out of the way.
    #[cold]
    #[inline(never)]
    pub fn service(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self::Service(Box::new(ServiceFault {
            status,
            code,
            message: message.into(),
            detail: Vec::new(),
            headers: Vec::new(),
            place: None,
        }))
    }

    /// A policy document that AWS refuses: its sentence is that of the first fault.
    pub fn document(
        status: u16,
        code: &'static str,
        text: &str,
        faults: &rolecall_policy::Faults,
    ) -> Self {
        let first = faults.first();
        Self::service(status, code, first.message.clone()).place(text, first)
    }

    /// Says where in `text` the fault of a policy document is.
    #[must_use]
    pub fn place(mut self, text: &str, fault: &rolecall_policy::Fault) -> Self {
        if let Self::Service(service) = &mut self {
            let (line, column) = fault.line_column(text);
            let why = fault.why.clone();
            service.place = Some(Place { line, column, why });
        }
        self
    }

    /// Adds an element to the error body.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn detail(mut self, name: &'static str, text: impl Into<String>) -> Self {
        if let Self::Service(fault) = &mut self {
            fault.detail.push((name, text.into()));
        }
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn header(mut self, name: &'static str, text: impl Into<String>) -> Self {
        if let Self::Service(fault) = &mut self {
            fault.headers.push((name, text.into()));
        }
        self
    }

    /// A member that cannot be what it is.
    #[cold]
    #[inline(never)]
    pub fn malformed(path: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Malformed {
            path: path.into(),
            why: why.into(),
            missing: false,
        }
    }
}

impl From<super::parts::Unreadable> for Fault {
    fn from(error: super::parts::Unreadable) -> Self {
        match error {
            super::parts::Unreadable::Missing(path) => Self::Malformed {
                path,
                why: "it is required".to_owned(),
                missing: true,
            },
            super::parts::Unreadable::Other(why) => Self::malformed("", why),
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Unauthenticated(Unauthenticated::Refused(Box::new(refusal)))
    }
}
