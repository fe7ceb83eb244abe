//! When, from where and how a request came: what the condition keys of the connection are made of.

use super::Fact;
use crate::world::Text;
use jiff::Timestamp;
use rolecall_policy::{Context, Origin, Value};
use std::{borrow::Cow, net::IpAddr};
use uuid::Uuid;

/// The circumstances of one request.
#[derive(Debug, Clone)]
pub struct Meta {
    /// The request id, which is the id of its decision.
    pub id: Uuid,
    /// When it arrived.
    pub at: Timestamp,
    /// The Region of the endpoint (the credential scope's).
    pub region: Text,
    /// The peer's address; none for calls that a service makes inside rolecall.
    pub source_ip: Option<IpAddr>,
    /// `User-Agent`
    pub user_agent: Option<String>,
    /// `Referer`
    pub referer: Option<String>,
    /// `aws:SecureTransport`
    pub secure: bool,
    /// The connection really is TLS; otherwise `secure` is rolecall's choice.
    pub tls: bool,
    /// Its version, for `s3:TlsVersion`; none over plain http and inside rolecall.
    pub tls_version: Option<f64>,
    /// How the request was signed; none when it was not.
    pub signed: Option<SignedHow>,
    /// Keys that a question sets (`Some`) or takes away (`None`), on top of everything else.
    pub given: Vec<(String, Option<Fact>)>,
    /// The job that made this call, and which hop of it this is.
    pub of: Option<Cause>,
}

/// The job behind a call that nobody sent over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// The request id of the call that started the job.
    pub id: Uuid,
    /// The place in the chain, from 1.
    pub hop: u32,
}

/// How a request was signed, for `s3:authType`, `s3:signatureAge` and the like.
#[derive(Debug, Clone)]
pub struct SignedHow {
    /// `REST-HEADER`, `REST-QUERY-STRING` or `POST`.
    pub auth_type: &'static str,
    /// `AWS4-HMAC-SHA256`, or `AWS` for Signature Version 2.
    pub version: &'static str,
    /// When it was signed; a presigned URL of Version 2 does not say.
    pub at: Option<Timestamp>,
    /// The value of `x-amz-content-sha256`, when sent.
    pub content_sha256: Option<String>,
}

impl Meta {
    /// The circumstances of a call that happens inside rolecall.
    pub fn internal(id: Uuid, at: Timestamp, region: Text) -> Self {
        Self {
            id,
            at,
            region,
            source_ip: None,
            user_agent: None,
            referer: None,
            secure: true,
            tls: true,
            tls_version: None,
            signed: None,
            given: Vec::new(),
            of: None,
        }
    }

    /// Adds the condition keys about the connection and the signature that every action of S3 has.
    /// Source: Service Authorization Reference, "Condition keys for Amazon S3".
    pub(super) fn signature<'a>(&'a self, context: &mut Context<'a>) {
        if let Some(version) = self.tls_version {
            let version = Value::Number(version);
            context.add("s3:TlsVersion", version, Origin::Connection);
        }
        let Some(signed) = &self.signed else {
            return;
        };
        let text = |text: &'a str| Value::Text(Cow::Borrowed(text));
        context.add("s3:authType", text(signed.auth_type), Origin::Connection);
        context.add(
            "s3:signatureversion",
            text(signed.version),
            Origin::Connection,
        );
        if let Some(at) = signed.at {
            let age = (self.at.as_millisecond() - at.as_millisecond()) as f64;
            context.add("s3:signatureAge", Value::Number(age), Origin::Connection);
        }
        if let Some(hash) = &signed.content_sha256 {
            context.add("s3:x-amz-content-sha256", text(hash), Origin::Request);
        }
    }

    /// The hop of a decision in this request: the job's, or `place` where no job made the call.
    pub(super) fn hop(&self, place: u32) -> u32 {
        self.of.map_or(place, |cause| cause.hop)
    }

    /// Where `aws:SecureTransport` comes from.
    pub(super) fn secure_origin(&self) -> Origin {
        if self.tls {
            Origin::Connection
        } else {
            Origin::Choice("plain http counts as secure")
        }
    }
}
