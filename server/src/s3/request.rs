//! What is S3's own about a request: addressing styles, headers as one part, and names for what is not served.

use super::{Headers, OPERATIONS, content, control, faults, headers::is_read, subresources};
use crate::wire::{Fault, Parts, Row, Value, decoded};
use http::{HeaderMap, Method, header::HOST};
use std::borrow::Cow;

type Query<'q> = [(Cow<'q, str>, Cow<'q, str>)];

/// The name of the operation that a request means and rolecall does not serve; none when a row may serve it.
pub(crate) fn unserved_name(
    method: &Method,
    path: &str,
    query: &Query<'_>,
    headers: &HeaderMap,
) -> Option<String> {
    if control::is_control(headers, path) {
        // Of another API: never a bucket and a key.
        return (!control::is_served(path)).then(|| format!("{method} {path}"));
    }
    let mut segments = path.trim_start_matches('/').splitn(2, '/');
    let bucket = segments.next().is_some_and(|bucket| !bucket.is_empty());
    let on_object = segments.next().is_some_and(|key| !key.is_empty());
    // A preflight is about the request to come, whatever that will be.
    let preflight = *method == Method::OPTIONS && bucket;
    let named = subresources::operation(method, on_object, query).filter(|_| !preflight);
    if let Some((name, parameter)) = named {
        let about =
            |row: &&Row| row.method == method.as_str() && row.path.contains("{key+}") == on_object;
        if OPERATIONS
            .iter()
            .filter(about)
            .any(|row| is_about(row, parameter, query))
        {
            return None;
        }
        let served = OPERATIONS.iter().any(|row| row.name == name);
        // Part of what the operation asks for is missing, or the method is another's. Whatever AWS answers, it is not
        // what a request without the parameter would get.
        return Some(match served {
            true => format!("{method} ?{parameter}"),
            false => name,
        });
    }
    let plain = OPERATIONS
        .iter()
        .any(|row| row.method == method.as_str() && !row.path.contains('?'));
    (!plain).then(|| subresources::plain(method, on_object, !bucket))
}

/// Whether this row serves the sub-resource, and all that it asks for is there.
fn is_about(row: &Row, parameter: &str, query: &Query<'_>) -> bool {
    let (_, asked) = row.path.split_once('?').unwrap_or_default();
    let asked = || asked.split('#').next().unwrap_or_default().split('&');
    let names = || asked().map(|text| text.split('=').next().unwrap_or_default());
    names().any(|name| name == parameter)
        && names().all(|name| query.iter().any(|(sent, _)| sent == name))
}

/// The path in path style: a bucket in the host name is put in front.
pub(crate) fn path_style<'a>(headers: &HeaderMap, path: &'a str) -> Cow<'a, str> {
    if control::is_control(headers, path) {
        return Cow::Borrowed(path);
    }
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = host.split(':').next().unwrap_or(host);
    // Addresses are most of all.
    if name
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return Cow::Borrowed(path);
    }
    let bucket = [".s3.", ".s3-", ".localhost"].into_iter().find_map(|mark| {
        let (bucket, rest) = name.rsplit_once(mark)?;
        let suffix = mark != ".localhost" || rest.is_empty();
        (suffix && !bucket.is_empty() && bucket != "s3").then_some(bucket)
    });
    // `s3.localhost` is the endpoint itself, `b.s3.localhost` a bucket below it.
    match bucket {
        Some(bucket) => Cow::Owned(format!("/{bucket}{path}")),
        None => Cow::Borrowed(path),
    }
}

/// Keys are UTF-8.
pub(crate) fn check_path(path: &str) -> Result<(), Fault> {
    match decoded(path) {
        Some(_) => Ok(()),
        None => {
            let message = "Couldn't parse the specified URI.";
            Err(Fault::service(400, "InvalidURI", message).detail("URI", path))
        }
    }
}

/// Whether a part of a request is called so that no query parameter may be taken for: labels, headers, content.
pub(crate) fn is_part(name: &str) -> bool {
    const PARTS: &[&str] = &[
        "body",
        "bucket",
        "fields",
        "filename",
        "headers",
        "key",
        "resourceArn",
    ];
    PARTS.contains(&name)
}

/// The bucket that a path in path style names.
pub(crate) fn bucket_of(path: &str) -> Option<Cow<'_, str>> {
    let path = path.trim_start_matches('/');
    let end = path.bytes().position(|byte| byte == b'/');
    let name = decoded(path.get(..end.unwrap_or(path.len()))?)?;
    Some(name).filter(|name| !name.is_empty())
}

/// All headers that S3 reads become one part, `headers`; so a header is never mistaken for a parameter. Headers that
/// a presigned URL carries in its query belong to them.
pub(crate) fn header_parts<'a>(headers: &'a HeaderMap, query: &Query<'a>, parts: &mut Parts<'a>) {
    let mut pairs = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        if is_read(name.as_str()) {
            let text = String::from_utf8_lossy(value.as_bytes());
            pairs.push((Cow::Borrowed(name.as_str()), text));
        }
    }
    let presigned = || query.iter().any(|(name, _)| name == "X-Amz-Signature");
    for (name, value) in query {
        if is_hoisted(name) && !headers.contains_key(name.as_ref()) {
            pairs.push((name.clone(), value.clone()));
        } else if let Some(condition) = condition(name)
            && presigned()
            && !headers.contains_key(condition)
        {
            pairs.push((Cow::Borrowed(condition), value.clone()));
        }
    }
    if !pairs.is_empty() {
        parts.add("headers", Value::Pairs(pairs));
    }
}

/// The header that a parameter of a presigned URL is, when it is a condition.
fn condition(name: &str) -> Option<&'static str> {
    const CONDITIONS: &[&str] = &[
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
    ];
    let mut all = CONDITIONS.iter().copied();
    all.find(|known| known.eq_ignore_ascii_case(name))
}

/// `X-Amz-Signature` and its like are the signature; in small letters it is a header.
fn is_hoisted(name: &str) -> bool {
    name.starts_with("x-amz-")
}

/// Documents that must come with a digest: those for which AWS's clients have always sent one without being asked.
/// `DeleteObjects` asks for its own.
const DIGESTED: &[&str] = &[
    "PutBucketCors",
    "PutBucketLifecycleConfiguration",
    "PutBucketReplication",
    "PutBucketTagging",
    "PutObjectLegalHold",
    "PutObjectLockConfiguration",
    "PutObjectRetention",
    "UpdateObjectEncryption",
];

/// Checks what a request says of its document. The checksum headers of CompleteMultipartUpload are the object's.
pub(crate) fn check_document(
    operation: &str,
    headers: &HeaderMap,
    trailers: &[(String, String)],
    body: &[u8],
) -> Result<(), Fault> {
    let claims = headers.iter().filter(|(name, _)| {
        let name = name.as_str();
        name == "content-md5"
            || operation != "CompleteMultipartUpload"
                && (name.starts_with("x-amz-checksum-")
                    || ["x-amz-trailer", "x-amz-sdk-checksum-algorithm"].contains(&name))
    });
    let claims = claims.fold(Headers::default(), |all, (name, value)| {
        all.with(name.as_str(), String::from_utf8_lossy(value.as_bytes()))
    });
    if claims.is_empty() && body.is_empty() && trailers.is_empty() {
        return Ok(());
    }
    if DIGESTED.contains(&operation) && !body.is_empty() && !claims.has_digest() {
        return Err(faults::invalid_request(
            "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
        ));
    }
    content::check_document(&claims, trailers, body)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use http::HeaderValue;

    #[test]
    fn buckets_in_host_names() {
        let of = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_str(host).unwrap());
            path_style(&headers, "/k").into_owned()
        };
        assert_eq!(of("127.0.0.1:4566"), "/k");
        assert_eq!(of("localhost:4566"), "/k");
        assert_eq!(of("s3.localhost:4566"), "/k");
        assert_eq!(of("s3.us-east-1.amazonaws.com"), "/k");
        assert_eq!(of("b.localhost:4566"), "/b/k");
        assert_eq!(of("b.s3.localhost:4566"), "/b/k");
        assert_eq!(of("a.b.s3.eu-west-1.amazonaws.com"), "/a.b/k");
    }

    #[test]
    fn accounts_in_host_names() {
        let path = "/v20180820/tags/arn%3Aaws%3As3%3A%3A%3Ab";
        let mut headers = HeaderMap::new();
        headers.insert(
            HOST,
            HeaderValue::from_static("123456789012.localhost:4566"),
        );
        assert_eq!(path_style(&headers, path), format!("/123456789012{path}"));
        headers.insert("x-amz-account-id", HeaderValue::from_static("123456789012"));
        assert_eq!(path_style(&headers, path), path);
    }

    #[test]
    fn what_no_row_serves_has_a_name() {
        let of = |method: Method, path: &str, text: &str| {
            let query: Vec<_> = form_urlencoded::parse(text.as_bytes()).collect();
            unserved_name(&method, path, &query, &HeaderMap::new())
        };
        assert_eq!(of(Method::GET, "/b", "acl"), None);
        assert_eq!(of(Method::GET, "/b", ""), None);
        assert_eq!(of(Method::PUT, "/b", "cors"), None);
        assert_eq!(of(Method::OPTIONS, "/b/k", "acl"), None);
        assert_eq!(of(Method::PUT, "/b/k", "partNumber=1&uploadId=u"), None);
        assert_eq!(of(Method::GET, "/b", "analytics"), None);
        // Never the object itself.
        for (method, text) in [
            (Method::PUT, "uploadId=u"),
            (Method::HEAD, "acl"),
            (Method::HEAD, "annotation"),
            (Method::POST, "annotation"),
        ] {
            let parameter = text.split('=').next().unwrap_or_default();
            let said = of(method.clone(), "/b/k", text);
            assert_eq!(said, Some(format!("{method} ?{parameter}")), "{text}");
        }
        assert_eq!(
            of(Method::GET, "/b/k", "torrent").as_deref(),
            Some("GetObjectTorrent")
        );
        assert_eq!(of(Method::POST, "/b", ""), None);
        let mut control = HeaderMap::new();
        control.insert("x-amz-account-id", HeaderValue::from_static("123456789012"));
        let of = |path: &str| unserved_name(&Method::PUT, path, &[], &control);
        assert_eq!(of("/v20180820/tags/arn"), None);
        assert_eq!(
            of("/v20180820/configuration/publicAccessBlock").as_deref(),
            Some("PUT /v20180820/configuration/publicAccessBlock")
        );
    }
}
