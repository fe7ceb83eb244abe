//! aws-sdk-rust with its defaults: what it sends verifies, what it gets it can read.

use crate::test;
use aws_sdk_s3::{
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};
use libtest_mimic::Trial;
use rolecall_tests::Cloud;
use std::time::Duration;

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("sdk::s3 objects with default checksums", objects),
        test("sdk::s3 presigned requests", presigned),
        test("sdk::s3 multipart upload", multipart),
        test("sdk::s3 paginates", pages),
        test(
            "sdk::sts assumes a role and the session is limited",
            assume_role,
        ),
        test("sdk::iam errors are typed", typed_errors),
        test(
            "sdk::s3 bucket policy lets another account in",
            cross_account,
        ),
    ]
}

async fn objects() {
    let cloud = Cloud::start().await;
    let s3 = cloud.root().s3();
    s3.create_bucket().bucket("a-bucket").send().await.unwrap();
    let put = s3
        .put_object()
        .bucket("a-bucket")
        .key("a b/ü+%.txt")
        .body(ByteStream::from_static(b"hello world"));
    let put = put
        .content_type("text/plain")
        .metadata("colour", "blue")
        .send()
        .await
        .unwrap();
    assert_eq!(put.e_tag(), Some("\"5eb63bbbe01eeed093cb22bb8f5acdc3\""));
    assert!(
        put.checksum_crc32().is_some(),
        "the SDK's default checksum comes back"
    );
    let get = s3
        .get_object()
        .bucket("a-bucket")
        .key("a b/ü+%.txt")
        .send()
        .await
        .unwrap();
    assert_eq!(get.content_type(), Some("text/plain"));
    assert_eq!(get.metadata().unwrap()["colour"], "blue");
    assert_eq!(
        get.body.collect().await.unwrap().into_bytes(),
        "hello world"
    );
    let range = s3
        .get_object()
        .bucket("a-bucket")
        .key("a b/ü+%.txt")
        .range("bytes=-5")
        .send()
        .await
        .unwrap();
    assert_eq!(range.content_range(), Some("bytes 6-10/11"));
    assert_eq!(range.body.collect().await.unwrap().into_bytes(), "world");
    let missing = s3
        .get_object()
        .bucket("a-bucket")
        .key("none")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(missing.is_no_such_key(), "{missing:?}");
    let unchanged = s3
        .get_object()
        .bucket("a-bucket")
        .key("a b/ü+%.txt")
        .if_none_match(put.e_tag().unwrap())
        .send()
        .await;
    assert_eq!(
        unchanged
            .unwrap_err()
            .raw_response()
            .unwrap()
            .status()
            .as_u16(),
        304
    );
    s3.copy_object()
        .copy_source("a-bucket/a%20b/%C3%BC%2B%25.txt")
        .bucket("a-bucket")
        .key("copy")
        .send()
        .await
        .unwrap();
    let copy = s3
        .get_object()
        .bucket("a-bucket")
        .key("copy")
        .send()
        .await
        .unwrap();
    assert_eq!(
        copy.body.collect().await.unwrap().into_bytes(),
        "hello world"
    );
    s3.delete_object()
        .bucket("a-bucket")
        .key("copy")
        .send()
        .await
        .unwrap();
    let head = s3
        .head_object()
        .bucket("a-bucket")
        .key("copy")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(head.is_not_found(), "{head:?}");
}

async fn presigned() {
    let cloud = Cloud::start().await;
    let s3 = cloud.root().s3();
    s3.create_bucket().bucket("a-bucket").send().await.unwrap();
    s3.put_object()
        .bucket("a-bucket")
        .key("k")
        .body(ByteStream::from_static(b"text"))
        .send()
        .await
        .unwrap();
    let config =
        aws_sdk_s3::presigning::PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let url = s3
        .get_object()
        .bucket("a-bucket")
        .key("k")
        .presigned(config)
        .await
        .unwrap();
    let target = url.uri().trim_start_matches(&cloud.endpoint()).to_owned();
    let endpoint = cloud.endpoint();
    let reply = rolecall_tests::raw::Raw::new("GET", &target)
        .send(&endpoint)
        .await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "text"));
    let reply = rolecall_tests::raw::Raw::new("PUT", &target)
        .send(&endpoint)
        .await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (403, "SignatureDoesNotMatch"),
        "{}",
        reply.body
    );
    let clock = &cloud.server().gate().clock;
    clock.freeze(clock.now() + Duration::from_secs(61));
    let reply = rolecall_tests::raw::Raw::new("GET", &target)
        .send(&endpoint)
        .await;
    assert_eq!(
        (reply.status, reply.element("Message").as_str()),
        (403, "Request has expired"),
        "{}",
        reply.body
    );
}

async fn multipart() {
    let cloud = Cloud::start().await;
    let s3 = cloud.root().s3();
    s3.create_bucket().bucket("a-bucket").send().await.unwrap();
    let upload = s3
        .create_multipart_upload()
        .bucket("a-bucket")
        .key("big")
        // Without it S3 takes no checksum with the parts: `InvalidPart`.
        .checksum_algorithm(aws_sdk_s3::types::ChecksumAlgorithm::Crc32)
        .send()
        .await
        .unwrap();
    let id = upload.upload_id().unwrap();
    let mut parts = CompletedMultipartUpload::builder();
    for number in 1..=2 {
        let body = vec![b'0' + number as u8; if number == 1 { 5 * 1024 * 1024 } else { 10 }];
        let part = s3
            .upload_part()
            .bucket("a-bucket")
            .key("big")
            .upload_id(id)
            .part_number(number)
            .body(body.into())
            .send()
            .await
            .unwrap();
        parts = parts.parts(
            CompletedPart::builder()
                .part_number(number)
                .e_tag(part.e_tag().unwrap())
                .set_checksum_crc32(part.checksum_crc32().map(str::to_owned))
                .build(),
        );
    }
    let done = s3
        .complete_multipart_upload()
        .bucket("a-bucket")
        .key("big")
        .upload_id(id)
        .multipart_upload(parts.build())
        .send()
        .await
        .unwrap();
    assert!(
        done.e_tag().unwrap().trim_matches('"').ends_with("-2"),
        "{:?}",
        done.e_tag()
    );
    let head = s3
        .head_object()
        .bucket("a-bucket")
        .key("big")
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_length(), Some(5 * 1024 * 1024 + 10));
}

async fn pages() {
    let cloud = Cloud::start().await;
    let s3 = cloud.root().s3();
    s3.create_bucket().bucket("a-bucket").send().await.unwrap();
    for i in 0..25 {
        s3.put_object()
            .bucket("a-bucket")
            .key(format!("{}/{i:02}", i % 3))
            .body(ByteStream::from_static(b"x"))
            .send()
            .await
            .unwrap();
    }
    let mut pages = s3
        .list_objects_v2()
        .bucket("a-bucket")
        .max_keys(10)
        .into_paginator()
        .send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        keys.extend(
            page.unwrap()
                .contents()
                .iter()
                .map(|object| object.key().unwrap().to_owned()),
        );
    }
    let mut sorted = keys.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!((keys.len(), &keys), (25, &sorted));
    let folders = s3
        .list_objects_v2()
        .bucket("a-bucket")
        .delimiter("/")
        .send()
        .await
        .unwrap();
    let folders: Vec<_> = folders
        .common_prefixes()
        .iter()
        .map(|it| it.prefix().unwrap())
        .collect();
    assert_eq!(folders, ["0/", "1/", "2/"]);
}

async fn assume_role() {
    let cloud = Cloud::start().await;
    let root = cloud.root();
    root.s3()
        .create_bucket()
        .bucket("a-bucket")
        .send()
        .await
        .unwrap();
    let ana = cloud.user("ana", "").await;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/ana"},"Action":"sts:AssumeRole"}]}"#;
    root.iam()
        .create_role()
        .role_name("writer")
        .assume_role_policy_document(trust)
        .send()
        .await
        .unwrap();
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    root.iam()
        .put_role_policy()
        .role_name("writer")
        .policy_name("p")
        .policy_document(policy)
        .send()
        .await
        .unwrap();
    let role = "arn:aws:iam::123456789012:role/writer";
    let limit = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]}"#;
    let session = ana
        .sts()
        .assume_role()
        .role_arn(role)
        .role_session_name("s1")
        .policy(limit)
        .send()
        .await
        .unwrap();
    assert_eq!(
        session.assumed_role_user().unwrap().arn(),
        "arn:aws:sts::123456789012:assumed-role/writer/s1"
    );
    let keys = session.credentials.unwrap();
    let writer = cloud.person(
        &keys.access_key_id,
        &keys.secret_access_key,
        Some(&keys.session_token),
    );
    writer
        .s3()
        .put_object()
        .bucket("a-bucket")
        .key("k")
        .body(ByteStream::from_static(b"x"))
        .send()
        .await
        .unwrap();
    let error = writer
        .s3()
        .get_object()
        .bucket("a-bucket")
        .key("k")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let message = error.meta().message().unwrap_or_default();
    assert!(
        message.ends_with("because no session policy allows the s3:GetObject action"),
        "{message}"
    );
    let error = root
        .sts()
        .assume_role()
        .role_arn(role)
        .role_session_name("s1")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(
        error.meta().message(),
        Some("Roles may not be assumed by root accounts.")
    );
    let bob = cloud.user("bob", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}"#).await;
    for role in [role, "arn:aws:iam::123456789012:role/none"] {
        let error = bob
            .sts()
            .assume_role()
            .role_arn(role)
            .role_session_name("s1")
            .send()
            .await
            .unwrap_err()
            .into_service_error();
        let said = format!(
            "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: sts:AssumeRole on resource: {role}"
        );
        assert_eq!(
            (error.meta().code(), error.meta().message()),
            (Some("AccessDenied"), Some(&*said))
        );
    }
}

async fn typed_errors() {
    let cloud = Cloud::start().await;
    let iam = cloud.root().iam();
    let error = iam
        .get_role()
        .role_name("none")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_no_such_entity_exception(), "{error:?}");
    iam.create_user().user_name("Ana").send().await.unwrap();
    let error = iam
        .create_user()
        .user_name("ana")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(
        error.is_entity_already_exists_exception(),
        "names are unique ignoring case: {error:?}"
    );
    let error = iam
        .create_role()
        .role_name("r")
        .assume_role_policy_document("{")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_malformed_policy_document_exception(), "{error:?}");
    assert_eq!(
        error.meta().message(),
        Some("This policy contains invalid Json")
    );
}

async fn cross_account() {
    let other = rolecall_server::RootKey {
        account: "999988887777".to_owned(),
        access_key: "OTHER".to_owned(),
        secret: "other-secret".to_owned(),
        ..rolecall_server::RootKey::default()
    };
    let cloud = Cloud::with(rolecall_server::Server::builder().account(other)).await;
    let s3 = cloud.root().s3();
    s3.create_bucket()
        .bucket("shared-bucket")
        .send()
        .await
        .unwrap();
    s3.put_object()
        .bucket("shared-bucket")
        .key("k")
        .body(ByteStream::from_static(b"x"))
        .send()
        .await
        .unwrap();
    let stranger = cloud.person("OTHER", "other-secret", None);
    let get = || {
        stranger
            .s3()
            .get_object()
            .bucket("shared-bucket")
            .key("k")
            .send()
    };
    let error = get().await.unwrap_err().into_service_error();
    assert_eq!(
        (error.meta().code(), error.meta().message()),
        (Some("AccessDenied"), Some("Access Denied"))
    );
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"999988887777"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::shared-bucket/*"}]}"#;
    s3.put_bucket_policy()
        .bucket("shared-bucket")
        .policy(policy)
        .send()
        .await
        .unwrap();
    assert_eq!(
        get()
            .await
            .unwrap()
            .body
            .collect()
            .await
            .unwrap()
            .into_bytes(),
        "x"
    );
}
