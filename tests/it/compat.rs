//! `--compat moto`: not there unless asked for, and nothing passes unchecked because of it.

use crate::test;
use libtest_mimic::Trial;
use rolecall_server::{Compat, Server, Settings};
use rolecall_tests::{Cloud, raw::Raw};

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("compat::off unless asked for", off),
        test("compat::moto begins anew and keeps enforcing", moto),
    ]
}

async fn off() {
    let cloud = Cloud::start().await;
    let reply = Raw::new("POST", "/moto-api/reset")
        .send(&cloud.endpoint())
        .await;
    assert_ne!(reply.status, 200, "{}", reply.body);
    let stranger = cloud.person("FOOBARKEY", "FOOBARSECRET", None);
    assert!(stranger.iam().list_users().send().await.is_err());
}

async fn moto() {
    let settings = Settings {
        compat: Some(Compat::Moto),
        ..Settings::default()
    };
    let cloud = Cloud::with(Server::builder().settings(settings)).await;
    let root = cloud.person("FOOBARKEY", "FOOBARSECRET", None);
    let user = cloud.user("u", "").await;
    assert!(user.iam().list_users().send().await.is_err());
    for (path, status) in [("reset-auth", 200), ("reset", 200), ("other", 404)] {
        let reply = Raw::new("POST", &format!("/moto-api/{path}"))
            .send(&cloud.endpoint())
            .await;
        assert_eq!(reply.status, status, "{path}: {}", reply.body);
    }
    assert!(user.iam().list_users().send().await.is_err());
    // The suite signs IAM's requests for any Region of the partition, and for no other.
    for (region, status) in [("eu-central-1", 200), ("cn-north-1", 403)] {
        let fields = [("Action", "ListUsers"), ("Version", "2010-05-08")];
        let (endpoint, now) = (cloud.endpoint(), std::time::SystemTime::now());
        let request = Raw::form(&fields);
        let request = request.signed_for(&root.keys, ("iam", region), &endpoint, now);
        assert_eq!(request.send(&endpoint).await.status, status, "{region}");
    }
    let users = root.iam().list_users().send().await.unwrap();
    assert!(users.users.is_empty());
    let me = root.sts().get_caller_identity().send().await.unwrap();
    assert_eq!(me.account.as_deref(), Some("123456789012"));
}
