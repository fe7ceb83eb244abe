#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::sync::{Arc, Mutex};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rolecall_sigv4::{Head, Payload, Regions, Rules, SigningKey};
use sha2::{Digest as _, Sha256};

use super::request::Parts;
use super::*;

fn call(name: &str, params: Value) -> Call {
    let (service, operation) = name.split_once(':').unwrap();
    let Value::Object(params) = params else {
        panic!()
    };
    Call::new(Service::named(service).unwrap(), operation, params)
}

fn written(name: &str, params: Value) -> Result<Parts, String> {
    let call = call(name, params);
    let row = call.service.operation(&call.operation).unwrap();
    match call.service {
        Service::Iam | Service::Sts => query::write(call.service, row, &call.params),
        Service::S3 | Service::Pinpoint => rest::write(call.service, row, &call.params),
    }
}

fn shown(name: &str, params: Value) -> String {
    let parts = written(name, params).unwrap();
    let query = if parts.query.is_empty() {
        String::new()
    } else {
        format!("?{}", parts.query)
    };
    let mut out = format!("{} {}{query}\n", parts.method, parts.path);
    for (name, value) in &parts.headers {
        out.push_str(&format!("{name}: {value}\n"));
    }
    out + &String::from_utf8_lossy(&parts.body)
}

#[test]
fn requests_are_those_of_the_sdks() {
    let mut out = String::new();
    for (name, params) in [
        (
            "iam:CreateRole",
            json!({"RoleName": "r e", "AssumeRolePolicyDocument": "{\"a\": \"ü+\"}", "Tags": [{"Key": "a", "Value": "b"}]}),
        ),
        (
            "iam:UntagRole",
            json!({"RoleName": "r", "TagKeys": ["a", "b"]}),
        ),
        (
            "sts:AssumeRole",
            json!({"RoleArn": "arn", "RoleSessionName": "s", "PolicyArns": [], "DurationSeconds": 900}),
        ),
        ("s3:ListBuckets", json!({})),
        (
            "s3:CreateBucket",
            json!({"Bucket": "b", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
        ),
        (
            "s3:PutObject",
            json!({"Bucket": "b", "Key": "a b/+c?*ü//../x", "Body": "hi", "Metadata": {"Color": "red"}, "ContentType": "text/plain"}),
        ),
        (
            "s3:PutObject",
            json!({"Bucket": "b", "Key": "k", "Body": {"base64": "/w=="}}),
        ),
        (
            "s3:ListObjectsV2",
            json!({"Bucket": "b", "Prefix": "", "Delimiter": "/", "MaxKeys": "3"}),
        ),
        (
            "s3:DeleteObjects",
            json!({"Bucket": "b", "Delete": {"Objects": [{"Key": "a<b"}, {"Key": "c"}], "Quiet": "true"}}),
        ),
        ("s3:PutBucketPolicy", json!({"Bucket": "b", "Policy": "{}"})),
        (
            "s3:PutObjectTagging",
            json!({"Bucket": "b", "Key": "k", "Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}),
        ),
        (
            "s3:CompleteMultipartUpload",
            json!({"Bucket": "b", "Key": "k", "UploadId": "u", "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": "\"e\""}]}}),
        ),
        (
            "s3:UploadPart",
            json!({"Bucket": "b", "Key": "k", "UploadId": "u", "PartNumber": 1, "Body": "x"}),
        ),
        (
            "pinpoint:CreateApp",
            json!({"CreateApplicationRequest": {"Name": "demo"}}),
        ),
        (
            "pinpoint:TagResource",
            json!({"ResourceArn": "arn:aws:mobiletargeting:us-east-1:1:apps/a", "TagsModel": {"tags": {"a": "b"}}}),
        ),
        (
            "pinpoint:UntagResource",
            json!({"ResourceArn": "arn:a/b", "TagKeys": ["a", "b c"]}),
        ),
        (
            "pinpoint:GetSegmentVersion",
            json!({"ApplicationId": "a", "SegmentId": "s", "Version": "1"}),
        ),
    ] {
        out.push_str(&format!("{}\n\n", shown(name, params)));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn what_cannot_be_sent_says_why() {
    for (name, params, why) in [
        (
            "s3:GetObject",
            json!({"Bucket": "b"}),
            "`Key` is missing or empty",
        ),
        (
            "s3:GetObject",
            json!({"Bucket": "b", "Key": ""}),
            "`Key` is missing or empty",
        ),
        (
            "s3:GetObject",
            json!({"Bucket": "b", "Key": "k", "Kee": "k"}),
            "it has no parameter `Kee`",
        ),
        (
            "s3:PutObject",
            json!({"Bucket": "b", "Key": "k", "Body": {"base64": "*"}}),
            "the body is not base64",
        ),
        (
            "s3:DeleteObjects",
            json!({"Bucket": "b", "Delete": {"a b": 1}}),
            "`a b` cannot be the name of an element",
        ),
    ] {
        assert_eq!(written(name, params).unwrap_err(), why);
    }
}

#[test]
fn xml_becomes_values() {
    let read = |text: &str| xml::read(text).map(|(_, value)| value);
    assert_eq!(
        read(
            "<?xml version=\"1.0\"?><A xmlns=\"u\"><B>x &amp; &#65;&lt;</B><C/><L><member><K>1</K></member></L><D>1</D><D>2</D></A>"
        ),
        Some(json!({"B": "x & A<", "C": "", "L": [{"K": "1"}], "D": ["1", "2"]}))
    );
    assert_eq!(
        read(
            "<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name></Bucket></Buckets></ListAllMyBucketsResult>"
        ),
        Some(json!({"Buckets": {"Bucket": [{"Name": "b"}]}}))
    );
    assert_eq!(
        read("<ListPartsResult><Bucket>b</Bucket></ListPartsResult>"),
        Some(json!({"Bucket": "b"}))
    );
    for broken in [
        "",
        "x",
        "<a>",
        "<a></b>",
        "</a>",
        "<a>&nope;</a>",
        "{\"a\": 1}",
    ] {
        assert_eq!(read(broken), None, "{broken}");
    }
    assert_eq!(read(&"<a>".repeat(100_000)), None);
}

fn refusal(
    name: &str,
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
) -> (String, String, String) {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(
            http::HeaderName::from_bytes(name.as_bytes()).unwrap(),
            value.parse().unwrap(),
        );
    }
    let status = StatusCode::from_u16(status).unwrap();
    let error = reply::read(
        &call(name, json!({})),
        status,
        map,
        Bytes::copy_from_slice(body.as_bytes()),
    )
    .unwrap_err();
    let failure = error.failure().unwrap();
    (
        failure.code.clone(),
        failure.message.clone(),
        failure.request_id.clone(),
    )
}

#[test]
fn refusals_of_every_protocol_are_read() {
    let wanted =
        |code: &str, message: &str, id: &str| (code.to_owned(), message.to_owned(), id.to_owned());
    assert_eq!(
        refusal(
            "iam:GetUser",
            403,
            &[("x-amzn-requestid", "7f3a")],
            "<ErrorResponse xmlns=\"u\"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: x</Message></Error><RequestId>7f3a</RequestId></ErrorResponse>"
        ),
        wanted("AccessDenied", "User: x", "7f3a")
    );
    assert_eq!(
        refusal(
            "s3:GetObject",
            403,
            &[("x-amz-request-id", "9")],
            "<Error><Code>AccessDenied</Code><Message>no</Message><RequestId>9</RequestId></Error>"
        ),
        wanted("AccessDenied", "no", "9")
    );
    assert_eq!(
        refusal(
            "s3:CopyObject",
            200,
            &[],
            "<Error><Code>InternalError</Code><Message>late</Message><RequestId>1</RequestId></Error>"
        ),
        wanted("InternalError", "late", "1")
    );
    assert_eq!(
        refusal("s3:HeadBucket", 404, &[], ""),
        wanted("404", "Not Found", "")
    );
    assert_eq!(
        refusal(
            "pinpoint:GetApp",
            403,
            &[
                ("x-amzn-errortype", "ForbiddenException:http://internal/"),
                ("x-amzn-requestid", "5")
            ],
            "{\"Message\": \"User: x\", \"RequestID\": \"5\"}"
        ),
        wanted("ForbiddenException", "User: x", "5")
    );
    assert_eq!(
        refusal(
            "pinpoint:GetApp",
            403,
            &[],
            "{\"__type\": \"a#AccessDeniedException\", \"message\": \"m\"}"
        ),
        wanted("AccessDeniedException", "m", "")
    );
}

/// What the stub saw of one request.
type Seen = Arc<Mutex<Vec<(http::request::Parts, Bytes)>>>;

/// Answers every request alike, and remembers it.
async fn stub(
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
) -> (String, Seen) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let remember = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let remember = Arc::clone(&remember);
            let answer = service_fn(move |request: Request<Incoming>| {
                let remember = Arc::clone(&remember);
                async move {
                    let (head, sent) = request.into_parts();
                    let sent = sent.collect().await.unwrap().to_bytes();
                    remember.lock().unwrap().push((head, sent));
                    let mut response = Response::builder().status(status);
                    for (name, value) in headers {
                        response = response.header(*name, *value);
                    }
                    response.body(Full::new(Bytes::from_static(body.as_bytes())))
                }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), answer),
            );
        }
    });
    (format!("http://{address}"), seen)
}

fn verify(
    head: &http::request::Parts,
    body: &[u8],
    service: Service,
    who: &Credentials,
) -> Result<(), String> {
    let head = Head {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query(),
        headers: &head.headers,
    };
    let signed = rolecall_sigv4::find(&head)
        .map_err(|e| format!("{e:?}"))?
        .unwrap();
    assert_eq!(signed.access_key, who.access_key);
    assert_eq!(signed.session_token.as_deref(), who.token.as_deref());
    let key = SigningKey::derive(&who.secret, &signed.scope);
    let hash: [u8; 32] = Sha256::digest(body).into();
    let name = service.signing_name();
    let regions = Regions::Only("us-east-1");
    let (rules, payload) = match service {
        Service::S3 => (Rules::s3(regions), Payload::Header),
        _ => (Rules::standard(name, regions), Payload::Hash(&hash)),
    };
    let now = jiff::Timestamp::now();
    signed
        .verify(&head, &key, &rules, now, payload)
        .map(|_| ())
        .map_err(|e| format!("{e:?}"))
}

#[tokio::test]
async fn what_is_signed_verifies_under_any_path() {
    let (url, seen) = stub(200, &[("x-amzn-requestid", "id-1")], "{}").await;
    for prefix in ["", "/w/export 1".replace(' ', "%20").as_str(), "/_world/7/"] {
        let endpoint = Endpoint::new(&format!("{url}{prefix}")).unwrap();
        for token in [None, Some("token/+=".to_owned())] {
            let who = Credentials {
                access_key: "AKIDEXAMPLE".into(),
                secret: "secret/+=".into(),
                token,
            };
            for (name, params) in [
                (
                    "iam:CreatePolicy",
                    json!({"PolicyName": "p", "PolicyDocument": "{ \"ü\": 1 }"}),
                ),
                ("sts:GetCallerIdentity", json!({})),
                (
                    "s3:PutObject",
                    json!({"Bucket": "b", "Key": "a b/+c?*ü//../x%2F", "Body": "hi"}),
                ),
                (
                    "s3:ListObjectsV2",
                    json!({"Bucket": "b", "Prefix": "a b&c=d/+", "Delimiter": "/"}),
                ),
                ("s3:GetBucketPolicy", json!({"Bucket": "b"})),
                (
                    "s3:DeleteObjects",
                    json!({"Bucket": "b", "Delete": {"Objects": [{"Key": "a"}]}}),
                ),
                ("pinpoint:GetApps", json!({"Token": "a b"})),
                (
                    "pinpoint:ListTagsForResource",
                    json!({"ResourceArn": "arn:aws:mobiletargeting:us-east-1:1:apps/a"}),
                ),
                (
                    "pinpoint:UpdateEndpointsBatch",
                    json!({"ApplicationId": "a", "EndpointBatchRequest": {"Item": [{"Id": "ü"}]}}),
                ),
            ] {
                let call = call(name, params);
                let reply = endpoint.call(Some(&who), "us-east-1", &call).await.unwrap();
                assert_eq!(reply.request_id, "id-1");
                let (head, body) = seen.lock().unwrap().pop().unwrap();
                assert!(head.uri.path().starts_with(prefix.trim_end_matches('/')));
                assert_eq!(
                    verify(&head, &body, call.service, &who),
                    Ok(()),
                    "{call} under `{prefix}`"
                );
                let mut other = who.clone();
                other.secret.push('x');
                assert!(
                    verify(&head, &body, call.service, &other).is_err(),
                    "{call}"
                );
            }
        }
    }
}

#[tokio::test]
async fn an_unsigned_call_carries_no_credentials() {
    let (url, seen) = stub(
        403,
        &[("x-amz-request-id", "9")],
        "<Error><Code>AccessDenied</Code><Message>no</Message></Error>",
    )
    .await;
    let endpoint = Endpoint::new(&url).unwrap();
    let error = endpoint
        .call(None, "us-east-1", &call("s3:ListBuckets", json!({})))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "AccessDenied: no");
    assert_eq!(error.failure().unwrap().request_id, "9");
    assert!(
        !seen.lock().unwrap()[0]
            .0
            .headers
            .contains_key("authorization")
    );
}

#[tokio::test]
async fn answers_are_read() {
    let (url, _) = stub(
        200,
        &[("x-amzn-requestid", "1")],
        "<CreatePolicyResponse xmlns=\"u\"><CreatePolicyResult><Policy><Arn>a</Arn></Policy></CreatePolicyResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></CreatePolicyResponse>",
    )
    .await;
    let endpoint = Endpoint::new(&url).unwrap();
    let made = endpoint
        .call(None, "us-east-1", &call("iam:CreatePolicy", json!({})))
        .await
        .unwrap();
    assert_eq!(
        (made.status, made.body),
        (200, json!({"Policy": {"Arn": "a"}}))
    );
    let object = endpoint
        .call(
            None,
            "us-east-1",
            &call("s3:GetObject", json!({"Bucket": "b", "Key": "k"})),
        )
        .await
        .unwrap();
    assert!(
        object.body["Body"]
            .as_str()
            .unwrap()
            .starts_with("<CreatePolicyResponse")
    );

    let (url, seen) = stub(
        404,
        &[],
        "{\"code\": \"NoSuchDecision\", \"message\": \"no decision `x`\"}",
    )
    .await;
    let endpoint = Endpoint::new(&format!("{url}/w")).unwrap();
    let error = endpoint.admin_get("/decisions/x?full").await.unwrap_err();
    assert_eq!(error.to_string(), "NoSuchDecision: no decision `x`");
    let _ = endpoint.admin_post("given", &json!({"a": 1})).await;
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].0.uri, "/w/_rolecall/decisions/x?full");
    assert_eq!(
        (seen[1].0.method.as_str(), &*seen[1].1),
        ("POST", &b"{\"a\":1}"[..])
    );
}

#[tokio::test]
async fn nobody_there_is_said_in_plain_words() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let endpoint = Endpoint::new(&url).unwrap();
    let error = endpoint.admin_get("health").await.unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("no answer from {url}/_rolecall/health: ")),
        "{error}"
    );
    assert!(error.contains("onnection refused"), "{error}");
    for bad in ["", "127.0.0.1:4566", "https://x", "http://", "http://x?y"] {
        assert!(Endpoint::new(bad).is_err(), "{bad}");
    }
}
