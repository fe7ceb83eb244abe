//! The admin API over the wire: snapshots, clocks, streams, figures, and who may ask.

use crate::test;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use libtest_mimic::Trial;
use rolecall_server::{RootKey, Server};
use rolecall_tests::{Cloud, Person, raw::Raw};
use serde_json::{Value, json};
use std::{net::Ipv4Addr, time::Duration};

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test(
            "admin::snapshots are taken, compared, restored and forked",
            snapshots,
        ),
        test(
            "admin::a moved clock ends sessions and shuts nobody out",
            clock,
        ),
        test(
            "admin::decisions stream and go on after Last-Event-ID",
            events,
        ),
        test("admin::figures", metrics),
        test("admin::no secret comes out", no_secrets),
        test("admin::other sites' pages may not ask", other_sites),
        test("admin::other machines need the root secret", other_machines),
        test("admin::wrong calls are told what is wrong", wrong),
    ]
}

async fn call(cloud: &Cloud, method: &str, path: &str, body: Value) -> (u16, Value) {
    let mut raw = Raw::new(method, &format!("/_rolecall/{path}"));
    if !body.is_null() {
        raw = raw.body(body.to_string());
    }
    let reply = raw.send(&cloud.endpoint()).await;
    let value = serde_json::from_str(&reply.body).unwrap_or(Value::String(reply.body));
    (reply.status, value)
}

async fn users(person: &Person) -> Vec<String> {
    let users = person.iam().list_users().send().await.unwrap();
    users
        .users()
        .iter()
        .map(|user| user.user_name().to_owned())
        .collect()
}

async fn snapshots() {
    let cloud = Cloud::start().await;
    cloud.user("ana", "").await;
    assert_eq!(
        call(&cloud, "POST", "snapshots", json!({"name": "one"}))
            .await
            .0,
        200
    );
    cloud.user("bea", "").await;
    let root = cloud.root();
    root.iam()
        .update_user()
        .user_name("ana")
        .new_path("/team/")
        .send()
        .await
        .unwrap();
    root.s3()
        .create_bucket()
        .bucket("a-bucket")
        .send()
        .await
        .unwrap();
    let (_, diff) = call(&cloud, "GET", "diff?from=one", Value::Null).await;
    let words: Vec<_> = diff["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["words"].as_str().unwrap())
        .collect();
    assert!(
        words.contains(&"user `bea` of account 123456789012 created"),
        "{words:?}"
    );
    assert!(
        words.contains(&"user `ana` of account 123456789012 changed: path, arn"),
        "{words:?}"
    );
    assert!(words.contains(&"bucket `a-bucket` created"), "{words:?}");
    let (_, back) = call(&cloud, "GET", "diff?from=now&to=one", Value::Null).await;
    assert!(
        back.to_string()
            .contains("user `bea` of account 123456789012 deleted"),
        "{back}"
    );
    assert_eq!(
        call(&cloud, "POST", "fork", json!({"to": "copy"})).await.0,
        200
    );
    assert_eq!(
        call(&cloud, "POST", "fork", json!({"to": "copy"})).await.0,
        409
    );
    assert_eq!(
        call(&cloud, "POST", "snapshots/one/restore", Value::Null)
            .await
            .0,
        200
    );
    assert_eq!(users(&root).await, ["ana"]);
    assert!(
        root.s3()
            .list_buckets()
            .send()
            .await
            .unwrap()
            .buckets()
            .is_empty()
    );
    assert_eq!(users(&root.clone().in_world("copy")).await, ["ana", "bea"]);
    assert_eq!(
        call(&cloud, "DELETE", "snapshots/one", Value::Null).await.0,
        200
    );
    assert_eq!(
        call(&cloud, "POST", "snapshots/one/restore", Value::Null)
            .await
            .0,
        404
    );
}

async fn clock() {
    let cloud = Cloud::start().await;
    let person = cloud.user("ana", "").await;
    let session = person.sts().get_session_token().send().await.unwrap();
    let keys = session.credentials.unwrap();
    let session = cloud.person(
        &keys.access_key_id,
        &keys.secret_access_key,
        Some(&keys.session_token),
    );
    session.sts().get_caller_identity().send().await.unwrap();
    let (status, now) = call(&cloud, "POST", "clock/advance", json!({"by": "13h"})).await;
    assert_eq!((status, &now["frozen"]), (200, &json!(false)), "{now}");
    let error = session
        .sts()
        .get_caller_identity()
        .send()
        .await
        .unwrap_err();
    assert!(format!("{error:?}").contains("ExpiredToken"), "{error:?}");
    person.sts().get_caller_identity().send().await.unwrap();
    let at = json!({"at": "2027-01-02T03:04:05Z"});
    let (_, frozen) = call(&cloud, "POST", "clock/freeze", at).await;
    assert_eq!(frozen["now"], "2027-01-02T03:04:05Z");
    let made = person.clone().in_world("other");
    let (_, other) = call(&cloud, "PUT", "worlds/other", Value::Null).await;
    assert_ne!(
        other["now"], frozen["now"],
        "each world has a clock of its own"
    );
    drop(made);
    assert_eq!(
        call(&cloud, "POST", "clock/advance", json!({"by": "lunch"}))
            .await
            .0,
        400
    );
    assert_eq!(
        call(&cloud, "POST", "clock/advance", json!({"by": "20000 days"}))
            .await
            .0,
        400
    );
    let (_, running) = call(&cloud, "POST", "clock/run", Value::Null).await;
    assert_eq!(running["frozen"], false);
}

/// Reads a stream until it holds `wanted`.
async fn read_until(cloud: &Cloud, path: &str, last: Option<&str>, wanted: &str) -> String {
    let mut request = http::Request::get(format!("{}/_rolecall/{path}", cloud.endpoint()));
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let client: Client<_, Empty<bytes::Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let response = client
        .request(request.body(Empty::new()).unwrap())
        .await
        .unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    let mut text = String::new();
    let read = async {
        while !text.contains(wanted) {
            let frame = body.frame().await.unwrap().unwrap();
            text.push_str(str::from_utf8(&frame.into_data().unwrap()).unwrap());
        }
    };
    tokio::time::timeout(Duration::from_secs(10), read)
        .await
        .unwrap();
    text
}

async fn events() {
    let cloud = Cloud::start().await;
    users(&cloud.root()).await;
    users(&cloud.root()).await;
    let all = read_until(&cloud, "events?since=0", None, "id: 2\n").await;
    assert!(
        all.contains("id: 1\nevent: decision\ndata: {\"v\":1,"),
        "{all}"
    );
    let later = read_until(&cloud, "events", Some("1"), "id: 2\n").await;
    assert!(!later.contains("id: 1\n"), "{later}");
    let root = cloud.root();
    let (live, _) = tokio::join!(
        read_until(&cloud, "events?since=2", None, "id: 3\n"),
        async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            users(&root).await
        }
    );
    assert!(live.contains("iam:ListUsers"), "{live}");
    for _ in 0..1100 {
        cloud.server().gate().ring.since(u64::MAX);
    }
    let stopping = tokio::time::timeout(Duration::from_secs(5), async {
        let follow = read_until(&cloud, "events?since=0", None, "id: 3\n").await;
        drop(follow);
        cloud.stop().await;
    });
    stopping.await.expect("open streams do not hold up the end");
}

async fn metrics() {
    let cloud = Cloud::start().await;
    users(&cloud.root()).await;
    let reply = Raw::new("GET", "/_rolecall/metrics")
        .send(&cloud.endpoint())
        .await;
    assert_eq!(reply.status, 200);
    for line in [
        "rolecall_decisions_total{outcome=\"allowed\"} 1",
        "rolecall_worlds 1",
        "rolecall_accounts 1",
        "# EOF",
    ] {
        assert!(reply.body.contains(line), "{line} is not in {}", reply.body);
    }
}

async fn no_secrets() {
    let cloud = Cloud::start().await;
    call(&cloud, "POST", "snapshots", json!({"name": "before"})).await;
    let ana = cloud.user("ana", "").await;
    let session = ana
        .sts()
        .get_session_token()
        .send()
        .await
        .unwrap()
        .credentials
        .unwrap();
    let secrets = [
        ana.keys.secret.as_str(),
        &session.secret_access_key,
        &session.session_token,
    ];
    let last = call(&cloud, "GET", "decisions", Value::Null).await.1;
    let id = last["decisions"][0]["id"].as_str().unwrap().to_owned();
    for path in [
        "decisions",
        &format!("decisions/{id}"),
        &format!("explain/{id}"),
        "diff?from=before",
        "worlds",
        "metrics",
        "snapshots",
        "clock",
    ] {
        let (status, answer) = call(&cloud, "GET", path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {answer}");
        for secret in secrets {
            assert!(
                !answer.to_string().contains(secret),
                "{path} shows a secret"
            );
        }
    }
}

async fn other_sites() {
    let cloud = Cloud::start().await;
    let status = async |name: &str, value: &str| {
        let raw = Raw::new("POST", "/_rolecall/reset").header(name, value);
        raw.send(&cloud.endpoint()).await.status
    };
    assert_eq!(status("host", "attacker.example").await, 403);
    assert_eq!(status("origin", "http://attacker.example").await, 403);
    assert_eq!(status("host", "localhost:1").await, 200);
    let reply = Raw::new("OPTIONS", "/_rolecall/reset")
        .header("origin", "http://a.example")
        .send(&cloud.endpoint())
        .await;
    assert!(
        reply
            .headers
            .keys()
            .all(|name| !name.as_str().starts_with("access-control-"))
    );
}

/// The peer is loopback here, so what others get is shown by the address they come from.
async fn other_machines() {
    let root = RootKey {
        secret: "nobody knows".to_owned(),
        ..RootKey::default()
    };
    let all = Server::builder()
        .root(root)
        .address(Ipv4Addr::UNSPECIFIED.into());
    let cloud = Cloud::with(all).await;
    let port = cloud.server().address().port();
    // A socket that is connected to an outer address of this machine comes from that address.
    let probe = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    let outer = probe
        .connect("192.0.2.1:9")
        .and_then(|()| probe.local_addr());
    let Some(outer) = outer.ok().filter(|address| !address.ip().is_loopback()) else {
        eprintln!("this machine has no other address; nothing to see");
        return;
    };
    let outer = format!("http://{}:{port}", outer.ip());
    let reset = |secret: &'static str| {
        let raw = Raw::new("POST", "/_rolecall/reset").header("authorization", secret);
        let outer = outer.clone();
        async move { raw.send(&outer).await.status }
    };
    assert_eq!(reset("").await, 401);
    assert_eq!(reset("Bearer test").await, 401);
    assert_eq!(reset("Bearer nobody knows").await, 200);
    assert_eq!(
        Raw::new("GET", "/_rolecall/health")
            .send(&outer)
            .await
            .status,
        200
    );
    let inner = Raw::new("POST", "/_rolecall/reset")
        .send(&format!("http://127.0.0.1:{port}"))
        .await;
    assert_eq!(inner.status, 200);
    let old = cloud.root().keys;
    let signed = Raw::new("GET", "/")
        .signed(&old, "s3", &outer)
        .send(&outer)
        .await;
    assert_eq!(
        signed.code(),
        "SignatureDoesNotMatch",
        "`test` is nobody's secret here"
    );
}

async fn wrong() {
    let cloud = Cloud::start().await;
    let says = async |method: &str, path: &str, body: Value, status: u16, words: &str| {
        let (found, answer) = call(&cloud, method, path, body).await;
        assert_eq!(found, status, "{answer}");
        let error = answer["error"].as_str().unwrap();
        assert!(error.contains(words), "{error}");
    };
    says("GET", "reset", Value::Null, 405, "takes POST").await;
    says(
        "GET",
        "nothing",
        Value::Null,
        404,
        "there is no /_rolecall/nothing",
    )
    .await;
    says(
        "POST",
        "clock/set",
        Value::Null,
        400,
        "failed to read the body",
    )
    .await;
    says(
        "POST",
        "clock/set",
        json!({"at": "2027-01-01T00:00:00Z", "zone": "x"}),
        400,
        "unknown field `zone`",
    )
    .await;
    says(
        "POST",
        "snapshots",
        json!({"name": "now"}),
        400,
        "cannot be the name",
    )
    .await;
    says("GET", "decisions?since=x", Value::Null, 400, "whole number").await;
    says(
        "GET",
        "decisions/ffff",
        Value::Null,
        404,
        "no decision begins with `ffff`",
    )
    .await;
    says(
        "POST",
        "fork",
        json!({"to": "a/b"}),
        400,
        "cannot be the name of a world",
    )
    .await;
}
