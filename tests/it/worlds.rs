//! Worlds: `/_w/NAME` before the path is a state of its own, for real SDKs too.

use crate::test;
use aws_sdk_s3::{presigning::PresigningConfig, primitives::ByteStream};
use libtest_mimic::Trial;
use rolecall_server::Server;
use rolecall_tests::{Cloud, raw::Raw};
use std::time::Duration;

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("worlds::aws-sdk-rust works behind the prefix", sdk),
        test("worlds::the whole path is signed", whole_path),
        test("worlds::virtual-hosted style", virtual_hosted),
        test("worlds::made, listed and thrown away", life),
        test("worlds::no more than the limit", limit),
        test("worlds::strangers stand in nobody's way", strangers),
        test("worlds::each has its own clock and decisions", apart),
    ]
}

async fn sdk() {
    let cloud = Cloud::start().await;
    let (a, b) = (cloud.root().in_world("a"), cloud.root().in_world("b"));
    for world in [&a, &b] {
        let s3 = world.s3();
        s3.create_bucket().bucket("same-name").send().await.unwrap();
        let iam = world.iam();
        iam.create_user().user_name("same").send().await.unwrap();
        let app = aws_sdk_pinpoint::types::CreateApplicationRequest::builder()
            .name("same")
            .build();
        let pinpoint = world.pinpoint();
        pinpoint
            .create_app()
            .create_application_request(app)
            .send()
            .await
            .unwrap();
        let who = world.sts().get_caller_identity().send().await.unwrap();
        assert_eq!(who.account(), Some("123456789012"));
    }
    let key = "Exports/a b/ü+%.txt";
    let body = ByteStream::from_static(b"only in a");
    let put = a.s3().put_object().bucket("same-name").key(key).body(body);
    put.send().await.unwrap();
    let get = a.s3().get_object().bucket("same-name").key(key);
    let got = get.send().await.unwrap().body.collect().await.unwrap();
    assert_eq!(got.into_bytes(), "only in a");
    let get = b.s3().get_object().bucket("same-name").key(key);
    assert!(
        get.send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_no_such_key()
    );
    let home = cloud.root().s3().list_buckets().send().await.unwrap();
    assert!(
        home.buckets().is_empty(),
        "the world without a prefix is another"
    );
    let url = a.s3().get_object().bucket("same-name").key(key);
    let url = url
        .presigned(PresigningConfig::expires_in(Duration::from_secs(60)).unwrap())
        .await
        .unwrap();
    let target = url
        .uri()
        .strip_prefix(&cloud.endpoint())
        .unwrap()
        .to_owned();
    assert!(target.starts_with("/_w/a/same-name/"), "{target}");
    let reply = Raw::new("GET", &target).send(&cloud.endpoint()).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "only in a"));
    let elsewhere = target.replacen("/_w/a/", "/_w/b/", 1);
    let reply = Raw::new("GET", &elsewhere).send(&cloud.endpoint()).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (403, "SignatureDoesNotMatch")
    );
}

/// A request that was signed for one world is good in no other, and not without the prefix.
async fn whole_path() {
    let cloud = Cloud::start().await;
    let keys = cloud.root().keys;
    let signed = Raw::new("GET", "/_w/one/").signed(&keys, "s3", &cloud.endpoint());
    let status = |target: &str| {
        let mut raw = signed.clone();
        raw.target = target.to_owned();
        let endpoint = cloud.endpoint();
        async move { raw.send(&endpoint).await.status }
    };
    assert_eq!(status("/_w/one/").await, 200);
    assert_eq!(status("/_w/two/").await, 403);
    assert_eq!(status("/").await, 403);
    let form = Raw::form(&[("Action", "GetCallerIdentity"), ("Version", "2011-06-15")]);
    for target in ["/_w/one", "/_w/one/"] {
        let mut form = form.clone();
        form.target = target.to_owned();
        let reply = form
            .signed(&keys, "sts", &cloud.endpoint())
            .send(&cloud.endpoint())
            .await;
        assert_eq!(reply.status, 200, "{target}: {}", reply.body);
    }
}

async fn virtual_hosted() {
    let cloud = Cloud::start().await;
    let person = cloud.root().in_world("v");
    person
        .s3()
        .create_bucket()
        .bucket("a-bucket")
        .send()
        .await
        .unwrap();
    let named = format!(
        "http://a-bucket.localhost:{}",
        cloud.server().address().port()
    );
    let put = Raw::new("PUT", "/_w/v/k%20ey")
        .body("hosted")
        .signed(&person.keys, "s3", &named)
        .header("host", named.trim_start_matches("http://"));
    let reply = put.send(&cloud.endpoint()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let get = person.s3().get_object().bucket("a-bucket").key("k ey");
    let got = get.send().await.unwrap().body.collect().await.unwrap();
    assert_eq!(got.into_bytes(), "hosted");
}

async fn life() {
    let cloud = Cloud::start().await;
    let endpoint = cloud.endpoint();
    let call = |method: &'static str, target: &'static str| {
        let endpoint = endpoint.clone();
        async move {
            let reply = Raw::new(method, target).send(&endpoint).await;
            let body: serde_json::Value = serde_json::from_str(&reply.body).unwrap_or_default();
            (reply.status, body)
        }
    };
    let names = |body: &serde_json::Value| -> Vec<String> {
        let worlds = body["worlds"].as_array().unwrap().iter();
        worlds
            .map(|world| world["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names(&call("GET", "/_rolecall/worlds").await.1),
        ["default"]
    );
    assert_eq!(call("GET", "/_rolecall/worlds/x").await.0, 404);
    assert_eq!(call("GET", "/_w/x/_rolecall/decisions").await.0, 404);
    assert_eq!(call("PUT", "/_rolecall/worlds/x").await.1["path"], "/_w/x");
    let person = cloud.root().in_world("x");
    person
        .iam()
        .create_user()
        .user_name("u")
        .send()
        .await
        .unwrap();
    cloud
        .root()
        .in_world("y")
        .iam()
        .list_users()
        .send()
        .await
        .unwrap();
    assert_eq!(
        names(&call("GET", "/_rolecall/worlds").await.1),
        ["default", "x", "y"]
    );
    assert_eq!(call("DELETE", "/_rolecall/worlds/x").await.0, 200);
    assert_eq!(call("DELETE", "/_rolecall/worlds/x").await.0, 404);
    assert_eq!(call("DELETE", "/_rolecall/worlds/default").await.0, 409);
    assert_eq!(
        names(&call("GET", "/_rolecall/worlds").await.1),
        ["default", "y"]
    );
    let users = person.iam().list_users().send().await.unwrap();
    assert!(
        users.users().is_empty(),
        "a world of the same name begins anew"
    );
    let default = Raw::new("GET", "/_w/default/_rolecall/health")
        .send(&endpoint)
        .await;
    assert_eq!(default.status, 200);
    for bad in ["/_w//", "/_w/.hidden/", "/_w/a%20b/"] {
        let reply = Raw::new("GET", bad).send(&endpoint).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "InvalidWorldName"),
            "{bad}"
        );
    }
}

async fn limit() {
    let cloud = Cloud::with(Server::builder().most_worlds(2)).await;
    for name in ["a", "b", "a"] {
        cloud
            .root()
            .in_world(name)
            .iam()
            .list_users()
            .send()
            .await
            .unwrap();
    }
    let keys = cloud.root().keys;
    let mut form = Raw::form(&[("Action", "ListUsers"), ("Version", "2010-05-08")]);
    form.target = "/_w/c/".to_owned();
    let form = form.signed(&keys, "iam", &cloud.endpoint());
    let reply = form.send(&cloud.endpoint()).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "TooManyWorlds"),
        "{}",
        reply.body
    );
    assert!(
        reply
            .element("Message")
            .starts_with("there are 2 worlds already")
    );
    let reply = Raw::new("PUT", "/_rolecall/worlds/c")
        .send(&cloud.endpoint())
        .await;
    assert_eq!(reply.status, 409, "{}", reply.body);
}

async fn strangers() {
    let cloud = Cloud::with(Server::builder().most_worlds(3)).await;
    let endpoint = cloud.endpoint();
    let wanted = Raw::new("PUT", "/_rolecall/worlds/wanted").send(&endpoint);
    assert_eq!(wanted.await.status, 200);
    for number in 0..9 {
        let unsigned = Raw::new("GET", &format!("/_w/stranger-{number}/"));
        assert_eq!(unsigned.send(&endpoint).await.status, 403);
    }
    for name in ["a", "b", "a"] {
        let iam = cloud.root().in_world(name).iam();
        iam.list_users().send().await.unwrap();
    }
    let worlds = Raw::new("GET", "/_rolecall/worlds").send(&endpoint).await;
    let worlds: serde_json::Value = serde_json::from_str(&worlds.body).unwrap();
    let names = worlds["worlds"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|world| world["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["default", "a", "b", "wanted"]);
    let unsigned = Raw::new("GET", "/_w/stranger/").send(&endpoint).await;
    assert_eq!(unsigned.code(), "TooManyWorlds");
    // Whom another site's page sends makes none either.
    let reset = Raw::new("POST", "/_w/page/_rolecall/reset").header("origin", "http://evil.test");
    assert_eq!(reset.send(&endpoint).await.status, 403);
}

async fn apart() {
    let cloud = Cloud::start().await;
    let count = async |path: &str| -> usize {
        let reply = Raw::new("GET", path).send(&cloud.endpoint()).await;
        let body: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
        body["decisions"].as_array().unwrap().len()
    };
    cloud
        .root()
        .in_world("a")
        .iam()
        .list_users()
        .send()
        .await
        .unwrap();
    assert_eq!(count("/_w/a/_rolecall/decisions").await, 1);
    assert_eq!(count("/_rolecall/decisions").await, 0);
}
