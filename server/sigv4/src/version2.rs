//! Signature Version 2, as S3 takes it in its older Regions: HMAC-SHA1 over a few lines of the request.
//!
//! Only the head is signed, never the body. Source: Amazon S3 Developer Guide, "Signing and Authenticating REST Requests"
//! and "Browser-Based Uploads Using POST (AWS Signature Version 2)".

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use sha1::Sha1;
use subtle::ConstantTimeEq;

use crate::find::{AMZ_DATE, Head, single, token_header};
use crate::refusal::{Mismatch, Place, Refusal};
use crate::time::SignedAt;
use crate::verify::check_skew;

/// How far the time of a signature may be from the server's.
const SKEW: Duration = Duration::from_secs(15 * 60);

/// The parameters that belong to the resource which is signed; all others may be changed by anybody. Those that are younger
/// than Version 2 are here too (rolecall's choice): what nobody signed must not turn a request into another one.
const SIGNED_PARAMETERS: &[&str] = &[
    "abac",
    "accelerate",
    "acl",
    "analytics",
    "annotation",
    "annotations",
    "attributes",
    "cors",
    "defaultObjectAcl",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "partNumber",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "retention",
    "select",
    "select-type",
    "session",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// The credentials of a request that is signed with Version 2.
#[derive(Clone, Debug)]
pub struct Signed2<'a> {
    /// The access key id that the request claims.
    pub access_key: Cow<'a, str>,
    /// The session token; the caller compares it with the one it issued.
    pub session_token: Option<Cow<'a, str>>,
    /// When it was signed; a presigned URL says only when it ends.
    pub signed_at: Option<Timestamp>,
    /// Base64, as it was sent.
    signature: Cow<'a, str>,
    /// The line of the date: empty when `x-amz-date` says it.
    date: Cow<'a, str>,
    at: At,
}

#[derive(Clone, Copy, Debug)]
enum At {
    Header(SignedAt),
    Query { ends: Timestamp },
}

impl<'a> Signed2<'a> {
    /// Reads the credentials of a request of which [`crate::find`] said [`Refusal::SignatureVersion2`].
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn find(head: &Head<'a>) -> Result<Self, Refusal> {
        match head.headers.get(AUTHORIZATION) {
            Some(value) => Self::in_header(value.to_str().unwrap_or_default(), head.headers),
            None => Self::in_query(head),
        }
    }

    /// Whether it is a presigned URL.
    pub fn is_presigned(&self) -> bool {
        matches!(self.at, At::Query { .. })
    }

    fn in_header(text: &'a str, headers: &'a HeaderMap) -> Result<Self, Refusal> {
        let credentials = text.strip_prefix("AWS ").unwrap_or_default().trim();
        let (access_key, signature) = credentials
            .split_once(':')
            .filter(|(access_key, signature)| !access_key.is_empty() && !signature.is_empty())
            .ok_or(Refusal::Version2Malformed)?;
        let amz = single(headers, &AMZ_DATE)?;
        let date = single(headers, &DATE)?;
        let sent = amz.or(date).unwrap_or_default();
        // There was no S3 before 1970, and no such date is read.
        let at =
            SignedAt::parse_date_header(sent).filter(|at| at.timestamp() >= Timestamp::UNIX_EPOCH);
        let at = at.ok_or_else(|| Refusal::BadDate {
            place: Place::Header,
            got: sent.to_owned(),
        })?;
        Ok(Self {
            access_key: access_key.into(),
            session_token: token_header(headers)?.map(Cow::Borrowed),
            signed_at: Some(at.timestamp()),
            signature: signature.into(),
            date: if amz.is_some() { "" } else { sent }.into(),
            at: At::Header(at),
        })
    }

    fn in_query(head: &Head<'a>) -> Result<Self, Refusal> {
        let get = |name: &str| parameter(head, name);
        let (Some(access_key), Some(signature), Some(expires)) =
            (get("AWSAccessKeyId"), get("Signature"), get("Expires"))
        else {
            return Err(Refusal::Version2QueryIncomplete);
        };
        let ends = expires
            .parse()
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .ok_or_else(|| Refusal::Version2Expires {
                got: expires.clone().into_owned(),
            })?;
        let token = match token_header(head.headers)? {
            Some(token) => Some(Cow::Borrowed(token)),
            None => get("x-amz-security-token"),
        };
        Ok(Self {
            access_key,
            session_token: token,
            signed_at: None,
            // A plus sign that was not encoded is one: base64 has them, and no spaces.
            signature: signature.replace(' ', "+").into(),
            date: expires,
            at: At::Query { ends },
        })
    }

    /// Checks the time and the signature. `resource` is the path as it was sent, with the bucket of a virtual host in front.
    /// Of a bucket alone it may be signed with a slash at the end, as clients do that send none.
    ///
    /// # Errors
    ///
    /// The first check that fails; a signature that does not match carries the string to sign.
    pub fn verify(
        &self,
        head: &Head<'_>,
        resource: &str,
        secret: &str,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        match self.at {
            At::Header(at) => check_skew(at, SKEW, now)?,
            At::Query { ends } if now > ends => return Err(Refusal::Version2Expired { ends, now }),
            At::Query { .. } => {}
        }
        let text = self.string_to_sign(head, resource);
        let slashed = format!("{resource}/");
        let holds = |text: &str| same(&sign(secret, text), &self.signature);
        if holds(&text) || holds(&self.string_to_sign(head, &slashed)) {
            return Ok(());
        }
        Err(Refusal::Mismatch(Box::new(Mismatch {
            access_key: self.access_key.clone().into_owned(),
            string_to_sign: text,
            signature: self.signature.clone().into_owned(),
            canonical_request: None,
        })))
    }

    fn string_to_sign(&self, head: &Head<'_>, resource: &str) -> String {
        let line = |name: &str| header(head.headers, name).unwrap_or_default();
        let mut text = format!(
            "{}\n{}\n{}\n{}\n",
            head.method,
            line("content-md5"),
            line(CONTENT_TYPE.as_str()),
            self.date
        );
        for (name, value) in self.amz_headers(head) {
            text.push_str(&format!("{name}:{value}\n"));
        }
        text.push_str(resource);
        let mut mark = '?';
        for (name, value) in signed_parameters(head) {
            text.push(mark);
            text.push_str(&name);
            if let Some(value) = value {
                text.push('=');
                text.push_str(&value);
            }
            mark = '&';
        }
        text
    }

    /// `x-amz-…`, sorted. In a query they count as headers too, so there they are signed as well, wherever the signature is.
    fn amz_headers(&self, head: &Head<'_>) -> Vec<(String, String)> {
        let is_amz = |name: &str| name.starts_with("x-amz-");
        let names = head.headers.keys().map(http::HeaderName::as_str);
        let sent = names.filter(|name| is_amz(name)).map(|name| {
            let value = header(head.headers, name).unwrap_or_default();
            (name.to_owned(), value)
        });
        let mut all: Vec<_> = sent.collect();
        let hoisted = parameters(head).filter(|(name, _)| is_amz(name));
        all.extend(hoisted.map(|(name, value)| {
            let value = decoded(value.unwrap_or_default());
            (name.into_owned(), value.into_owned())
        }));
        all.sort();
        all
    }
}

/// Checks the signature of a form's policy, given as base64.
///
/// # Errors
///
/// The signature is not the one of this policy.
pub fn verify_form2(
    access_key: &str,
    policy: &str,
    signature: &str,
    secret: &str,
) -> Result<(), Refusal> {
    if same(&sign(secret, policy), signature) {
        return Ok(());
    }
    Err(Refusal::Mismatch(Box::new(Mismatch {
        access_key: access_key.to_owned(),
        string_to_sign: policy.to_owned(),
        signature: signature.to_owned(),
        canonical_request: None,
    })))
}

/// The values of a header, joined by commas.
fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(name).iter();
    let values: Vec<_> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
        .collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// Names as the request is read: one that is needlessly encoded is still that name, and must be signed as it.
fn parameters<'a>(
    head: &Head<'a>,
) -> impl Iterator<Item = (Cow<'a, str>, Option<&'a str>)> + use<'a> {
    let pairs = head.query.unwrap_or_default().split('&');
    pairs
        .filter(|pair| !pair.is_empty())
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => (decoded(name), Some(value)),
            None => (decoded(pair), None),
        })
}

fn parameter<'a>(head: &Head<'a>, name: &str) -> Option<Cow<'a, str>> {
    let found = parameters(head).find(|(known, _)| *known == name);
    found.map(|(_, value)| decoded(value.unwrap_or_default()))
}

fn signed_parameters<'a>(head: &Head<'a>) -> Vec<(Cow<'a, str>, Option<Cow<'a, str>>)> {
    let signed = parameters(head).filter(|(name, _)| SIGNED_PARAMETERS.contains(&&**name));
    let mut signed: Vec<_> = signed
        .map(|(name, value)| (name, value.filter(|value| !value.is_empty()).map(decoded)))
        .collect();
    signed.sort();
    signed
}

fn decoded(raw: &str) -> Cow<'_, str> {
    percent_decode_str(raw).decode_utf8_lossy()
}

fn sign(secret: &str, text: &str) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(text.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

fn same(computed: &str, sent: &str) -> bool {
    computed.as_bytes().ct_eq(sent.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use http::HeaderName;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    /// The examples of "Signing and Authenticating REST Requests".
    fn check(method: &str, path: &str, resource: &str, headers: &[(&str, &str)], signature: &str) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let authorization = format!("AWS AKIAIOSFODNN7EXAMPLE:{signature}");
        map.insert(AUTHORIZATION, authorization.parse().unwrap());
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let head = Head {
            method,
            path,
            query: Some(query),
            headers: &map,
        };
        let signed = Signed2::find(&head).unwrap();
        let now = signed.signed_at.unwrap();
        assert_eq!(signed.verify(&head, resource, SECRET, now), Ok(()));
        let late = now + SKEW + Duration::from_secs(1);
        let refused = signed.verify(&head, resource, SECRET, late);
        assert!(
            matches!(refused, Err(Refusal::TooOld { .. })),
            "{refused:?}"
        );
        let refused = signed.verify(&head, "/other", SECRET, now);
        assert!(matches!(refused, Err(Refusal::Mismatch(_))), "{refused:?}");
    }

    #[test]
    fn the_examples_of_the_guide() {
        check(
            "GET",
            "/photos/puppy.jpg",
            "/johnsmith/photos/puppy.jpg",
            &[("date", "Tue, 27 Mar 2007 19:36:42 +0000")],
            "bWq2s1WEIj+Ydj0vQ697zp+IXMU=",
        );
        check(
            "PUT",
            "/photos/puppy.jpg",
            "/johnsmith/photos/puppy.jpg",
            &[
                ("content-type", "image/jpeg"),
                ("content-length", "94328"),
                ("date", "Tue, 27 Mar 2007 21:15:45 +0000"),
            ],
            "MyyxeRY7whkBe+bq8fHCL/2kKUg=",
        );
        check(
            "GET",
            "/?prefix=photos&max-keys=50&marker=puppy",
            "/johnsmith/",
            &[("date", "Tue, 27 Mar 2007 19:42:41 +0000")],
            "htDYFYduRNen8P9ZfE/s9SuKy0U=",
        );
        check(
            "GET",
            "/?acl",
            "/johnsmith/",
            &[("date", "Tue, 27 Mar 2007 19:44:46 +0000")],
            "c2WLPFtWHVgbEmeEG93a4cG37dM=",
        );
    }

    #[test]
    fn a_url_ends_and_keeps_its_headers() {
        let headers = HeaderMap::new();
        let text = "GET\n\n\n1141889120\nx-amz-security-token:a+b\n/quotes/nelson?versionId=a b";
        let signature = sign(SECRET, text);
        let encoded = signature.replace('+', "%2B").replace('=', "%3D");
        let query = format!(
            "versionId=a%20b&x-amz-security-token=a%2Bb&AWSAccessKeyId=AK&Signature={encoded}&Expires=1141889120&x=1"
        );
        let head = Head {
            method: "GET",
            path: "/quotes/nelson",
            query: Some(&query),
            headers: &headers,
        };
        let signed = Signed2::find(&head).unwrap();
        assert_eq!(signed.session_token.as_deref(), Some("a+b"));
        let at = |second| Timestamp::from_second(second).unwrap();
        let verify = |now| signed.verify(&head, "/quotes/nelson", SECRET, now);
        // What is added to the URL is not signed, however its name is written.
        for added in [
            "attributes",
            "%61cl",
            "%76ersionId=old",
            "x-amz-acl=public-read",
            "%78-amz-acl=public-read",
        ] {
            let query = format!("{query}&{added}");
            let head = Head {
                query: Some(&query),
                ..head
            };
            let refused = signed.verify(&head, "/quotes/nelson", SECRET, at(1_141_889_120));
            assert!(matches!(refused, Err(Refusal::Mismatch(_))), "{added}");
        }
        assert_eq!(verify(at(1_141_889_120)), Ok(()));
        let refused = verify(at(1_141_889_121));
        assert!(matches!(refused, Err(Refusal::Version2Expired { .. })));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for (authorization, date) in [
            ("AWS", "x"),
            ("AWS AK", "x"),
            ("AWS :s", "x"),
            ("AWS AK:s", "x"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, authorization.parse().unwrap());
            headers.insert(DATE, date.parse().unwrap());
            let head = Head {
                method: "GET",
                path: "/",
                query: None,
                headers: &headers,
            };
            assert!(Signed2::find(&head).is_err(), "{authorization}");
        }
    }
}
