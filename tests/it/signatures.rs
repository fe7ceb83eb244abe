//! Signatures over the wire: what is refused, with which words, in each protocol's form.

use crate::test;
use libtest_mimic::Trial;
use rolecall_tests::{
    Cloud, Person,
    raw::{Raw, Reply},
};
use std::time::{Duration, SystemTime};

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test(
            "signatures::a mismatch shows the canonical request",
            mismatch,
        ),
        test("signatures::old and future requests are refused", skew),
        test("signatures::a wrong scope is named", scope),
        test("signatures::each service has its Regions", regions),
        test(
            "signatures::an unsigned x-amz header is refused",
            unsigned_header,
        ),
        test("signatures::a changed body is refused", changed_body),
        test("signatures::a token belongs to its key", tokens),
        test("signatures::an inactive key is unknown", inactive),
        test("signatures::signature version 2 is for S3 only", version_2),
    ]
}

const WHO: &[(&str, &str)] = &[("Action", "GetCallerIdentity"), ("Version", "2011-06-15")];

async fn who(person: &Person) -> Reply {
    let endpoint = person.endpoint();
    Raw::form(WHO)
        .signed(&person.keys, "sts", endpoint)
        .send(endpoint)
        .await
}

async fn regions() {
    let cloud = Cloud::start().await;
    let endpoint = cloud.endpoint();
    let (root, now) = (cloud.root(), SystemTime::now);
    let send = async |raw: Raw, service: &str, region: &str| {
        let raw = raw.signed_for(&root.keys, (service, region), &endpoint, now());
        raw.send(&endpoint).await
    };
    let form = |action, version| Raw::form(&[("Action", action), ("Version", version)]);
    let users = || form("ListUsers", "2010-05-08");
    let me = || form("GetCallerIdentity", "2011-06-15");
    // IAM has one home, STS is everywhere; in another partition nobody knows the key.
    for (raw, service, region, status, code) in [
        (users(), "iam", "us-east-1", 200, ""),
        (users(), "iam", "eu-west-1", 200, ""),
        (users(), "iam", "cn-north-1", 403, "InvalidClientTokenId"),
        (me(), "sts", "us-east-1", 200, ""),
        (me(), "sts", "eu-west-1", 200, ""),
        (me(), "sts", "aws-global", 403, "SignatureDoesNotMatch"),
        (me(), "sts", "cn-north-1", 403, "InvalidClientTokenId"),
    ] {
        let reply = send(raw, service, region).await;
        let got = (reply.status, &*reply.code());
        assert_eq!(got, (status, code), "{service} {region}: {}", reply.body);
        if code == "SignatureDoesNotMatch" {
            let sentence = "Credential should be scoped to a valid region";
            assert!(reply.body.contains(sentence), "{}", reply.body);
        }
    }
    // S3: the Region of the bucket, where there is one.
    let west = "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>";
    let made = send(Raw::new("PUT", "/west").body(west), "s3", "us-west-2").await;
    assert_eq!(made.status, 200, "{}", made.body);
    for (method, target, region, status) in [
        ("GET", "/west", "us-west-2", 200),
        ("GET", "/west", "us-east-1", 400),
        ("GET", "/west/key", "eu-west-1", 400),
        ("HEAD", "/west", "us-east-1", 400),
        ("HEAD", "/west", "us-west-2", 200),
        ("DELETE", "/west", "us-east-1", 400),
        ("GET", "/west?location", "us-east-1", 200),
        ("GET", "/west?location", "eu-west-1", 400),
        ("GET", "/nowhere", "eu-west-1", 404),
        ("GET", "/", "eu-west-1", 200),
        ("GET", "/", "aws-global", 400),
        ("GET", "/west", "cn-north-1", 403),
    ] {
        let reply = send(Raw::new(method, target), "s3", region).await;
        let what = format!("{method} {target} {region}: {}", reply.body);
        assert_eq!(reply.status, status, "{what}");
        if status != 400 {
            continue;
        }
        let right = if target == "/" {
            "us-east-1"
        } else {
            "us-west-2"
        };
        assert_eq!(reply.headers["x-amz-bucket-region"], right, "{what}");
        if method != "HEAD" {
            assert_eq!(reply.code(), "AuthorizationHeaderMalformed", "{what}");
            assert_eq!(reply.element("Region"), right, "{what}");
        }
    }
}

async fn mismatch() {
    let cloud = Cloud::start().await;
    let endpoint = cloud.endpoint();
    let wrong = cloud.person("test", "wrong", None);
    let reply = Raw::new("GET", "/bucket?prefix=a%20b")
        .signed(&wrong.keys, "s3", &endpoint)
        .send(&endpoint)
        .await;
    assert_eq!(
        (reply.status, reply.code()),
        (403, "SignatureDoesNotMatch".into()),
        "{}",
        reply.body
    );
    assert!(
        reply
            .element("CanonicalRequest")
            .starts_with("GET\n/bucket\nprefix=a%20b\n"),
        "{}",
        reply.body
    );
    assert!(
        reply
            .element("StringToSign")
            .starts_with("AWS4-HMAC-SHA256\n"),
        "{}",
        reply.body
    );
    assert_eq!(reply.element("AWSAccessKeyId"), "test");
    let reply = Raw::form(WHO)
        .signed(&wrong.keys, "sts", &endpoint)
        .send(&endpoint)
        .await;
    assert_eq!(
        (reply.status, reply.code()),
        (403, "SignatureDoesNotMatch".into()),
        "{}",
        reply.body
    );
    let reply = Raw::new("GET", "/v1/apps")
        .signed(&wrong.keys, "mobiletargeting", &endpoint)
        .send(&endpoint)
        .await;
    assert_eq!(
        (reply.status, reply.code()),
        (403, "InvalidSignatureException".into()),
        "{}",
        reply.body
    );
}

async fn skew() {
    let cloud = Cloud::start().await;
    let endpoint = cloud.endpoint();
    let keys = cloud.root().keys;
    let now = SystemTime::now();
    let minutes = |n: u64| Duration::from_secs(n * 60);
    for (time, words) in [
        (now - minutes(6), "Signature expired: "),
        (now + minutes(6), "Signature not yet current: "),
    ] {
        let reply = Raw::form(WHO)
            .signed_at(&keys, "sts", &endpoint, time)
            .send(&endpoint)
            .await;
        assert_eq!(reply.code(), "SignatureDoesNotMatch", "{}", reply.body);
        assert!(
            reply.element("Message").starts_with(words),
            "{}",
            reply.body
        );
    }
    // S3 allows fifteen minutes.
    let reply = Raw::new("GET", "/")
        .signed_at(&keys, "s3", &endpoint, now - minutes(10))
        .send(&endpoint)
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let reply = Raw::new("GET", "/")
        .signed_at(&keys, "s3", &endpoint, now - minutes(16))
        .send(&endpoint)
        .await;
    assert_eq!(
        (reply.status, reply.code()),
        (403, "RequestTimeTooSkewed".into()),
        "{}",
        reply.body
    );
    assert_eq!(reply.element("MaxAllowedSkewMilliseconds"), "900000");
}

async fn scope() {
    let cloud = Cloud::start().await;
    let endpoint = cloud.endpoint();
    let mut raw = Raw::form(WHO).signed(&cloud.root().keys, "sts", &endpoint);
    for (name, value) in &mut raw.headers {
        if name == "authorization" {
            *value = value.replace("/aws4_request", "/aws5_request");
        }
    }
    let reply = raw.send(&endpoint).await;
    assert_eq!(
        (reply.status, reply.code()),
        (403, "SignatureDoesNotMatch".into()),
        "{}",
        reply.body
    );
    assert!(
        reply.element("Message").contains("aws4_request"),
        "{}",
        reply.body
    );
}

async fn unsigned_header() {
    let cloud = Cloud::start().await;
    let endpoint = cloud.endpoint();
    let root = cloud.root();
    root.s3()
        .create_bucket()
        .bucket("target-bucket")
        .send()
        .await
        .unwrap();
    let put = Raw::new("PUT", "/target-bucket/key")
        .body("text")
        .signed(&root.keys, "s3", &endpoint);
    let reply = put
        .header("x-amz-copy-source", "other-bucket/secret")
        .send(&endpoint)
        .await;
    assert_eq!(
        (reply.status, reply.code()),
        (403, "AccessDenied".into()),
        "{}",
        reply.body
    );
    assert_eq!(reply.element("HeadersNotSigned"), "x-amz-copy-source");
}

async fn changed_body() {
    let cloud = Cloud::start().await;
    let endpoint = cloud.endpoint();
    let root = cloud.root();
    root.s3()
        .create_bucket()
        .bucket("target-bucket")
        .send()
        .await
        .unwrap();
    let put = Raw::new("PUT", "/target-bucket/key")
        .body("text")
        .signed(&root.keys, "s3", &endpoint);
    let reply = put.body("tezt").send(&endpoint).await;
    assert_eq!(
        (reply.status, reply.code()),
        (400, "XAmzContentSHA256Mismatch".into()),
        "{}",
        reply.body
    );
    let head = root
        .s3()
        .head_object()
        .bucket("target-bucket")
        .key("key")
        .send()
        .await;
    assert!(head.is_err(), "nothing was stored");
    let form = Raw::form(WHO).signed(&root.keys, "sts", &endpoint);
    let reply = form
        .body("Action=GetCallerIdentity&Version=2011-06-15&x=y")
        .send(&endpoint)
        .await;
    assert_eq!(reply.code(), "SignatureDoesNotMatch", "{}", reply.body);
}

async fn tokens() {
    let cloud = Cloud::start().await;
    let user = cloud.user("ana", "").await;
    let session = user
        .sts()
        .get_session_token()
        .send()
        .await
        .unwrap()
        .credentials
        .unwrap();
    let with = |token: Option<&str>| {
        cloud.person(&session.access_key_id, &session.secret_access_key, token)
    };
    assert_eq!(who(&with(Some(&session.session_token))).await.status, 200);
    for token in [None, Some("another"), Some("")] {
        let reply = who(&with(token)).await;
        assert_eq!(
            (reply.status, reply.code()),
            (403, "InvalidClientTokenId".into()),
            "{token:?} {}",
            reply.body
        );
    }
    let mut long_term = user.clone();
    long_term.keys.token = Some(session.session_token.clone());
    let reply = who(&long_term).await;
    assert_eq!(
        (reply.status, reply.code()),
        (403, "InvalidClientTokenId".into()),
        "{}",
        reply.body
    );
}

async fn inactive() {
    let cloud = Cloud::start().await;
    let user = cloud.user("ana", "").await;
    assert_eq!(who(&user).await.status, 200);
    let update = cloud
        .root()
        .iam()
        .update_access_key()
        .user_name("ana")
        .access_key_id(&user.keys.access_key);
    update
        .status(aws_sdk_iam::types::StatusType::Inactive)
        .send()
        .await
        .unwrap();
    let reply = who(&user).await;
    assert_eq!(
        (reply.status, reply.code()),
        (403, "InvalidClientTokenId".into()),
        "{}",
        reply.body
    );
}

/// Only S3 takes Version 2; clients/s3_version_2.py has what it takes.
async fn version_2() {
    let cloud = Cloud::start().await;
    let endpoint = cloud.endpoint();
    let signed = |raw: Raw| raw.header("authorization", "AWS test:c2lnbmF0dXJl");
    let date = jiff::fmt::rfc2822::to_string(&jiff::Zoned::now()).unwrap();
    let form = Raw::form(&[("Action", "ListUsers"), ("Version", "2010-05-08")]);
    for (raw, status, said) in [
        (signed(form), 400, "AWS4-HMAC-SHA256"),
        (signed(Raw::new("GET", "/v1/apps")), 403, "AWS4-HMAC-SHA256"),
        (
            signed(Raw::new("GET", "/")),
            403,
            "a valid Date or x-amz-date header",
        ),
        (
            signed(Raw::new("GET", "/")).header("date", "Tue, 27 Mar 2007 19:36:42 +0000"),
            403,
            "RequestTimeTooSkewed",
        ),
        (
            signed(Raw::new("GET", "/")).header("date", &date),
            403,
            "SignatureDoesNotMatch",
        ),
    ] {
        let reply = raw.send(&endpoint).await;
        assert_eq!(reply.status, status, "{said}: {}", reply.body);
        assert!(reply.body.contains(said), "{said}: {}", reply.body);
    }
}
