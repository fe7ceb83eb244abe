//! Hostile and broken requests: a clear error in the protocol's form, nothing stored, and the server goes on.

use crate::test;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use libtest_mimic::Trial;
use md5::{Digest as _, Md5};
use rolecall_tests::{Cloud, raw::Raw};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("bad_input::malformed forms", forms),
        test("bad_input::malformed XML and JSON", documents),
        test("bad_input::malformed policies", policies),
        test("bad_input::a body that is too large", too_large),
        test(
            "bad_input::whoever is refused while sending hears it",
            refused_while_sending,
        ),
        test("bad_input::what strangers send is not kept", nothing_kept),
        test(
            "bad_input::strangers fill only so much memory",
            strangers_fill_so_much,
        ),
        test("bad_input::a client that stops halfway", stops_halfway),
        test("bad_input::a header bomb", header_bomb),
        test("bad_input::not HTTP", not_http),
        test("bad_input::unknown operations name themselves", unknown),
        test("bad_input::the admin refuses other hosts", other_host),
    ]
}

/// The server still answers.
async fn goes_on(cloud: &Cloud) {
    cloud
        .root()
        .sts()
        .get_caller_identity()
        .send()
        .await
        .expect("the server goes on");
}

async fn forms() {
    let cloud = Cloud::start().await;
    let endpoint = cloud.endpoint();
    let keys = cloud.root().keys;
    for (fields, code, words) in [
        (
            &[("Action", "CreateUser"), ("Version", "2010-05-08")][..],
            "ValidationError",
            "'userName'",
        ),
        (
            &[("Action", "CreateUser"), ("UserName", "a b")],
            "ValidationError",
            "userName",
        ),
        (
            &[("Action", "ListUsers"), ("MaxItems", "many")],
            "ValidationError",
            "many",
        ),
        (&[("Version", "2010-05-08")], "MissingAction", ""),
    ] {
        let reply = Raw::form(fields)
            .signed(&keys, "iam", &endpoint)
            .send(&endpoint)
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, code),
            "{}",
            reply.body
        );
        assert!(reply.element("Message").contains(words), "{}", reply.body);
    }
    let garbage = Raw::new("POST", "/").header("content-type", "application/x-www-form-urlencoded");
    let garbage = garbage
        .body(b"\xff\xfe&&&===%%%zz".to_vec())
        .signed(&keys, "iam", &endpoint);
    let reply = garbage.send(&endpoint).await;
    assert_eq!(reply.status, 400, "{}", reply.body);
    goes_on(&cloud).await;
}

async fn documents() {
    let cloud = Cloud::start().await;
    let endpoint = cloud.endpoint();
    let root = cloud.root();
    root.s3()
        .create_bucket()
        .bucket("a-bucket")
        .send()
        .await
        .unwrap();
    let bomb = "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><Delete><Object><Key>&b;</Key></Object></Delete>";
    for body in [
        "<Delete><Object>",
        "not xml",
        "<Delete></Wrong>",
        bomb,
        "<Delete/>",
    ] {
        let md5 = BASE64_STANDARD.encode(Md5::digest(body));
        let reply = Raw::new("POST", "/a-bucket?delete")
            .body(body)
            .header("content-md5", &md5)
            .signed(&root.keys, "s3", &endpoint)
            .send(&endpoint)
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "MalformedXML"),
            "{body}: {}",
            reply.body
        );
    }
    for body in ["{", "[]", "{\"Name\":1}", "{\"Name\":\"a\"} b", "\"x\""] {
        let reply = Raw::new("POST", "/v1/apps")
            .body(body)
            .header("content-type", "application/json");
        let reply = reply
            .signed(&root.keys, "mobiletargeting", &endpoint)
            .send(&endpoint)
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "BadRequestException"),
            "{body}: {}",
            reply.body
        );
        assert!(reply.body.contains("\"Message\""), "{}", reply.body);
    }
    let apps = root.pinpoint().get_apps().send().await.unwrap();
    assert!(
        apps.applications_response
            .unwrap()
            .item
            .unwrap_or_default()
            .is_empty(),
        "nothing was stored"
    );
    goes_on(&cloud).await;
}

async fn policies() {
    let cloud = Cloud::start().await;
    let root = cloud.root();
    for (text, words) in [
        ("{", "Syntax errors in policy."),
        (
            "{\"Version\":\"2012-10-17\",\"Version\":\"2012-10-17\",\"Statement\":[]}",
            "Syntax errors in policy.",
        ),
        (
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\"}]}",
            "Policy statement must contain resources.",
        ),
    ] {
        let error = root
            .iam()
            .create_policy()
            .policy_name("p")
            .policy_document(text)
            .send()
            .await
            .unwrap_err()
            .into_service_error();
        assert!(error.is_malformed_policy_document_exception(), "{error:?}");
        assert_eq!(error.meta().message(), Some(words));
    }
    assert!(
        root.iam()
            .list_policies()
            .scope(aws_sdk_iam::types::PolicyScopeType::Local)
            .send()
            .await
            .unwrap()
            .policies()
            .is_empty()
    );
}

async fn too_large() {
    let cloud = Cloud::start().await;
    let endpoint = cloud.endpoint();
    let keys = cloud.root().keys;
    let reply = Raw::form(&[
        ("Action", "CreateUser"),
        ("UserName", &"a".repeat(9 * 1024 * 1024)),
    ]);
    let reply = reply.signed(&keys, "iam", &endpoint).send(&endpoint).await;
    assert_eq!(reply.status, 413, "{}", reply.body);
    goes_on(&cloud).await;
}

/// Clients that send all before they listen would otherwise lose the answer with the connection.
async fn refused_while_sending() {
    let cloud = Cloud::start().await;
    let mut stream = TcpStream::connect(cloud.server().address()).await.unwrap();
    let kind = "content-type: application/x-www-form-urlencoded\r\n";
    let form = format!("POST / HTTP/1.1\r\n{kind}");
    for (head, length, status) in [
        ("PUT /bucket/key", 16 << 20, "HTTP/1.1 4"),
        (form.as_str(), 9 << 20, "HTTP/1.1 413"),
        ("POST /_rolecall/can", 2 << 20, "HTTP/1.1 413"),
        ("GET /_rolecall/health", 0, "HTTP/1.1 200"),
    ] {
        let head = if head.contains('\n') {
            head.to_owned()
        } else {
            format!("{head} HTTP/1.1\r\n")
        };
        let head = format!("{head}host: localhost\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b'x'; length]).await.unwrap();
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with(status), "{head}: {answer}");
    }
}

/// One answer with its body.
async fn answer(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    loop {
        let mut some = [0; 4096];
        let length = stream.read(&mut some).await.unwrap();
        assert!(length > 0, "{}", String::from_utf8_lossy(&text));
        text.extend_from_slice(&some[..length]);
        let so_far = String::from_utf8_lossy(&text);
        if let Some((head, body)) = so_far.split_once("\r\n\r\n") {
            let (_, wanted) = head.split_once("content-length: ").unwrap();
            let wanted = wanted.split("\r\n").next().unwrap();
            if body.len() >= wanted.parse::<usize>().unwrap() {
                return so_far.into_owned();
            }
        }
    }
}

/// Anybody can send megabytes of a name; the decisions remember its beginning.
async fn nothing_kept() {
    let cloud = Cloud::start().await;
    let name = "A".repeat(1 << 20);
    let reply = Raw::form(&[("Action", &name)])
        .send(&cloud.endpoint())
        .await;
    assert_eq!(reply.status, 403);
    let decisions = Raw::new("GET", "/_rolecall/decisions");
    let decisions = decisions.send(&cloud.endpoint()).await.body;
    assert!(decisions.contains("iam:AAAA") && decisions.len() < 2000);
}

/// Bodies that must be here in whole before anybody knows who sends them share 256 MiB.
async fn strangers_fill_so_much() {
    let cloud = Cloud::start().await;
    let (endpoint, keys) = (cloud.endpoint(), cloud.root().keys);
    let length = 8 << 20;
    let kind = "content-type: application/x-www-form-urlencoded";
    let head =
        format!("POST / HTTP/1.1\r\n{kind}\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n");
    let unfinished = vec![b'x'; length - 1];
    let mut strangers = Vec::new();
    let refused = loop {
        let mut stream = TcpStream::connect(cloud.server().address()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&unfinished).await.unwrap();
        let wait = Duration::from_millis(if strangers.len() < 32 { 1 } else { 3000 });
        if let Ok(refused) = tokio::time::timeout(wait, answer(&mut stream)).await {
            break refused;
        }
        strangers.push(stream);
        assert!(strangers.len() < 40, "{} are held", strangers.len());
    };
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(refused.contains("<Code>SlowDown</Code>"), "{refused}");
    goes_on(&cloud).await;
    let large = "x".repeat(1 << 20);
    let large = || {
        let fields = [("Action", "GetCallerIdentity"), ("Padding", &large)];
        Raw::form(&fields).signed(&keys, "sts", &endpoint)
    };
    assert_eq!(large().send(&endpoint).await.status, 503);
    drop(strangers);
    for _ in 0..100 {
        if large().send(&endpoint).await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("what they took is not given back");
}

async fn stops_halfway() {
    let cloud = Cloud::start().await;
    let endpoint = cloud.endpoint();
    let root = cloud.root();
    root.s3()
        .create_bucket()
        .bucket("a-bucket")
        .send()
        .await
        .unwrap();
    let raw = Raw::new("PUT", "/a-bucket/half")
        .body(vec![b'x'; 100_000])
        .signed(&root.keys, "s3", &endpoint);
    let mut stream = TcpStream::connect(endpoint.trim_start_matches("http://"))
        .await
        .unwrap();
    let mut head = format!(
        "PUT {} HTTP/1.1\r\nhost: {}\r\ncontent-length: 100000\r\n",
        raw.target,
        endpoint.trim_start_matches("http://")
    );
    for (name, value) in &raw.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream
        .write_all(format!("{head}\r\n").as_bytes())
        .await
        .unwrap();
    stream.write_all(&raw.body[..50_000]).await.unwrap();
    drop(stream);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let list = root
        .s3()
        .list_objects_v2()
        .bucket("a-bucket")
        .send()
        .await
        .unwrap();
    assert!(list.contents().is_empty(), "half an object was stored");
}

async fn header_bomb() {
    let cloud = Cloud::start().await;
    let mut stream = TcpStream::connect(cloud.endpoint().trim_start_matches("http://"))
        .await
        .unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n")
        .await
        .unwrap();
    let line = format!("x-bomb: {}\r\n", "b".repeat(1000));
    for _ in 0..200 {
        if stream.write_all(line.as_bytes()).await.is_err() {
            break;
        }
    }
    let mut answer = [0; 64];
    let read = stream.read(&mut answer).await.unwrap_or(0);
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(
        read == 0 || answer.starts_with("HTTP/1.1 431") || answer.starts_with("HTTP/1.1 400"),
        "{answer}"
    );
    goes_on(&cloud).await;
}

async fn not_http() {
    let cloud = Cloud::start().await;
    let mut stream = TcpStream::connect(cloud.endpoint().trim_start_matches("http://"))
        .await
        .unwrap();
    stream
        .write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03hello\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer))
        .await
        .expect("it hangs up");
    goes_on(&cloud).await;
}

async fn unknown() {
    let cloud = Cloud::start().await;
    let endpoint = cloud.endpoint();
    let keys = cloud.root().keys;
    for (raw, service, name) in [
        (
            Raw::form(&[("Action", "DescribeMoon"), ("Version", "2010-05-08")]),
            "iam",
            "iam:DescribeMoon",
        ),
        (
            Raw::new("GET", "/v1/apps/a/campaigns"),
            "mobiletargeting",
            "GetCampaigns",
        ),
        (
            Raw::new("GET", "/a-bucket/k?torrent"),
            "s3",
            "GetObjectTorrent",
        ),
        (
            Raw::new("POST", "/")
                .header("x-amz-target", "DynamoDB_20120810.GetItem")
                .body("{}"),
            "dynamodb",
            "dynamodb:GetItem",
        ),
        (
            Raw::form(&[("Action", "ListIdentities"), ("Version", "2010-12-01")]),
            "ses",
            "ses:ListIdentities",
        ),
    ] {
        let unsigned = raw.clone().send(&endpoint).await;
        assert!(
            (400..404).contains(&unsigned.status),
            "the caller is authenticated first: {} {}",
            unsigned.status,
            unsigned.body
        );
        let reply = raw.signed(&keys, service, &endpoint).send(&endpoint).await;
        assert_eq!(reply.status, 501, "{}", reply.body);
        assert!(reply.body.contains(name), "{name}: {}", reply.body);
    }
    let stream = Raw::new("GET", "/_rolecall/decisions")
        .send(&endpoint)
        .await;
    assert!(stream.body.contains("iam:DescribeMoon"), "{}", stream.body);
}

async fn other_host() {
    let cloud = Cloud::start().await;
    let address = cloud.endpoint().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(b"GET /_rolecall/decisions HTTP/1.1\r\nhost: evil.example.com\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}
