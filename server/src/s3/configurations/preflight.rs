//! What browsers ask before and with a request: the preflight, and the headers of the answer itself.

use super::cors::{self, Asked, Cors, METHODS};
use crate::{
    gate::{Access, Facts, Granted},
    s3::{Bucket, Headers, configurations::Configuration as _},
    wire::{Fault, Operation, Response, XmlReply},
    world::Law,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;

/// `OPTIONS`: a preflight. Its name is that of its page in the API Reference, "OPTIONS object".
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct Preflight<const ON_OBJECT: bool> {
    bucket: String,
    #[serde(default)]
    headers: Headers,
}

impl<const ON_OBJECT: bool> Operation for Preflight<ON_OBJECT> {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = if ON_OBJECT {
        "OptionsObject"
    } else {
        "OptionsBucket"
    };
    type Output = XmlReply<()>;

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(Access::Open(
            "a browser asks what it may ask; the request itself is decided when it comes",
        ))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let bucket = cx.read(|world| world.law.buckets.get(&*self.bucket).cloned());
        let headers = self.answer(bucket.as_deref())?;
        let reply = headers
            .into_iter()
            .fold(XmlReply::empty(), |reply, (name, value)| {
                reply.header(name, Some(value))
            });
        Ok(reply)
    }
}

impl<const ON_OBJECT: bool> Preflight<ON_OBJECT> {
    fn answer(&self, bucket: Option<&Bucket>) -> Result<Vec<(&'static str, String)>, Fault> {
        let bad = |message: String| Fault::service(400, "BadRequest", message);
        let Some(origin) = self.headers.get("origin") else {
            let message = "Insufficient information. Origin request header needed.";
            return Err(bad(message.to_owned()));
        };
        let method = self.headers.get("access-control-request-method");
        let forbidden = |message: &str, what: &str| {
            Fault::service(403, "AccessForbidden", message)
                .detail("Method", method.unwrap_or("OPTIONS"))
                .detail("ResourceType", what)
        };
        let invalid =
            |method: &str| bad(format!("Invalid Access-Control-Request-Method: {method}"));
        if let Some(method) = method.filter(|method| !METHODS.contains(method)) {
            return Err(invalid(method));
        }
        let Some(bucket) = bucket else {
            return Err(forbidden("CORSResponse: Bucket not found", "BUCKET"));
        };
        if bucket.documents.one(Cors::ROOT).is_none() {
            let message = "CORSResponse: CORS is not enabled for this bucket.";
            return Err(forbidden(message, "BUCKET"));
        }
        let asked = Asked {
            origin,
            method: method.ok_or_else(|| invalid("null"))?,
            headers: self.headers.get("access-control-request-headers"),
        };
        cors::answer(bucket, asked).ok_or_else(|| {
            // The spelling is AWS's.
            let message = "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.";
            forbidden(message, if ON_OBJECT { "OBJECT" } else { "BUCKET" })
        })
    }
}

/// Adds what a bucket's rules say of the request's origin, to answers and to refusals.
pub(crate) fn answer_origin(
    law: &Law,
    (method, path): (&Method, &str),
    headers: &HeaderMap,
    response: &mut Response,
) {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let Some(origin) = text("origin").filter(|_| *method != Method::OPTIONS) else {
        return;
    };
    let path = crate::s3::path_style(headers, path);
    let Some(name) = crate::s3::bucket_of(&path) else {
        return;
    };
    let asked = Asked {
        origin,
        // A request may name the method that it is about, as a preflight does.
        method: text("access-control-request-method").unwrap_or(method.as_str()),
        headers: text("access-control-request-headers"),
    };
    let answer = law
        .buckets
        .get(&*name)
        .and_then(|bucket| cors::answer(bucket, asked));
    for (name, value) in answer.into_iter().flatten() {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
}
