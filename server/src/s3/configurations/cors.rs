//! CORS rules, and which of them a browser's request meets.

use super::{Call, Configuration, not_found};
use crate::{
    s3::{
        Bucket, faults,
        schema::{Kind, Member, any, maybe, some},
        setting::Aside,
        xml::Element,
    },
    wire::Fault,
};

/// `…BucketCors`
#[derive(Debug)]
pub(in crate::s3) struct Cors;

/// The methods that a rule may name.
pub(super) const METHODS: &[&str] = &["GET", "PUT", "POST", "DELETE", "HEAD"];

impl Configuration for Cors {
    const READ: Call = ("GetBucketCors", "s3:GetBucketCORS");
    const WRITE: Call = ("PutBucketCors", "s3:PutBucketCORS");
    const REMOVE: Call = ("DeleteBucketCors", "s3:PutBucketCORS");
    const ROOT: &'static str = "CORSConfiguration";
    const MEMBERS: &'static [Member] = &[some(
        "CORSRule",
        100,
        Kind::Tree(&[
            maybe("ID", Kind::Text),
            any("AllowedHeader", Kind::Text),
            some("AllowedMethod", usize::MAX, Kind::Text),
            some("AllowedOrigin", usize::MAX, Kind::Text),
            any("ExposeHeader", Kind::Text),
            maybe("MaxAgeSeconds", Kind::Whole),
        ]),
    )];

    fn unset(bucket: &Bucket) -> Result<Element, Fault> {
        let message = "The CORS configuration does not exist";
        not_found(bucket, "NoSuchCORSConfiguration", message)
    }

    fn check(document: &Element, _: &Bucket, _: &Aside<'_>) -> Result<(), Fault> {
        for rule in document.all("CORSRule") {
            if let Some(method) = rule
                .values("AllowedMethod")
                .find(|it| !METHODS.contains(it))
            {
                return Err(faults::invalid_request(format!(
                    "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
                )));
            }
            for (member, what) in [("AllowedOrigin", "origin"), ("AllowedHeader", "header")] {
                let twice = |text: &&str| text.matches('*').count() > 1;
                if let Some(text) = rule.values(member).find(twice) {
                    return Err(faults::invalid_request(format!(
                        "{member} \"{text}\" can not have more than one wildcard."
                    ))
                    .detail("Kind", what));
                }
            }
            if rule.values("ExposeHeader").any(|name| name.contains('*')) {
                return Err(faults::invalid_request(
                    "ExposeHeader contains wildcard. We currently do not support wildcard for ExposeHeader",
                ));
            }
        }
        Ok(())
    }
}

/// What a browser asks, in a preflight or with the request itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) origin: &'a str,
    pub(super) method: &'a str,
    /// `Access-Control-Request-Headers`
    pub(super) headers: Option<&'a str>,
}

/// The headers that answer `asked`; none when no rule of the bucket allows it.
/// Source: S3 User Guide, "How Amazon S3 evaluates the CORS configuration on a bucket", and recorded answers.
pub(super) fn answer(bucket: &Bucket, asked: Asked<'_>) -> Option<Vec<(&'static str, String)>> {
    let mut rules = bucket.documents.one(Cors::ROOT)?.all("CORSRule");
    let (rule, everybody) = rules.find_map(|rule| {
        let pattern = rule
            .values("AllowedOrigin")
            .find(|it| fits(it, asked.origin))?;
        let method = rule.values("AllowedMethod").any(|it| it == asked.method);
        let named = |name: String| {
            let lower = |it: &str| fits(&it.to_ascii_lowercase(), &name);
            rule.values("AllowedHeader").any(lower)
        };
        (method && names(asked.headers).all(named)).then_some((rule, pattern == "*"))
    })?;
    let list = |member| rule.values(member).collect::<Vec<_>>().join(", ");
    let origin = if everybody { "*" } else { asked.origin };
    let mut headers = vec![
        ("access-control-allow-origin", origin.to_owned()),
        ("access-control-allow-methods", list("AllowedMethod")),
    ];
    let allowed: Vec<_> = names(asked.headers).collect();
    if !allowed.is_empty() {
        headers.push(("access-control-allow-headers", allowed.join(", ")));
    }
    if rule.has("ExposeHeader") {
        headers.push(("access-control-expose-headers", list("ExposeHeader")));
    }
    if let Some(age) = rule.value("MaxAgeSeconds") {
        headers.push(("access-control-max-age", age.trim().to_owned()));
    }
    if !everybody {
        headers.push(("access-control-allow-credentials", "true".to_owned()));
    }
    let vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
    headers.push(("vary", vary.to_owned()));
    Some(headers)
}

fn names(list: Option<&str>) -> impl Iterator<Item = String> {
    let names = list.into_iter().flat_map(|list| list.split(','));
    names
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
}

/// A text, or one with a star for anything.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => {
            text.len() >= before.len() + after.len()
                && text.starts_with(before)
                && text.ends_with(after)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_one_star() {
        assert!(fits("*", "http://a"));
        assert!(fits("http://*.example.com", "http://www.example.com"));
        assert!(!fits("http://*.example.com", "http://example.com"));
        assert!(!fits("aba*aba", "aba"));
        assert!(fits("x-amz-*", "x-amz-date"));
        assert!(!fits("http://a", "http://b"));
    }
}
