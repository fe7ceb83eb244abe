//! Annotations of objects, with aws-sdk-rust: what they are, what they hang on, who may.

use crate::test;
use aws_sdk_s3::{
    Client,
    primitives::ByteStream,
    types::{AnnotationDirective, BucketVersioningStatus, ChecksumMode, VersioningConfiguration},
};
use libtest_mimic::Trial;
use rolecall_tests::{Cloud, raw::Raw};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const BUCKET: &str = "noted-bucket";
const KEY: &str = "docs/k";

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test("annotations::put, get, list, delete", all_four),
        test("annotations::bad names and payloads are refused", refused),
        test("annotations::hang on one version", versions),
        test("annotations::go with a copy", copies),
        test("annotations::need a permission of their own", permissions),
        test("annotations::of a locked version stay", locked),
        test("annotations::come back from the data directory", durable),
        test("annotations::without a name touch no object", nameless),
        test("annotations::use the key of their object", keys),
        test(
            "annotations::are for the object that was asked about",
            races,
        ),
    ]
}

/// An error's code.
macro_rules! code {
    ($call:expr) => {{
        let error = $call.send().await.unwrap_err().into_service_error();
        error.meta().code().unwrap_or_default().to_owned()
    }};
}

async fn stage(cloud: &Cloud) -> Client {
    let s3 = cloud.root().s3();
    s3.create_bucket().bucket(BUCKET).send().await.unwrap();
    put_object(&s3, KEY).await;
    s3
}

async fn put_object(s3: &Client, key: &str) {
    let put = s3.put_object().bucket(BUCKET).key(key);
    put.body(ByteStream::from_static(b"an object"))
        .send()
        .await
        .unwrap();
}

async fn annotate(s3: &Client, name: &str, text: &str) {
    let put = s3.put_object_annotation().bucket(BUCKET).key(KEY);
    put.annotation_name(name)
        .annotation_payload(ByteStream::from(text.as_bytes().to_vec()))
        .send()
        .await
        .unwrap();
}

async fn read(s3: &Client, key: &str, name: &str) -> String {
    let get = s3.get_object_annotation().bucket(BUCKET).key(key);
    let get = get.annotation_name(name).send().await.unwrap();
    let bytes = get.annotation_payload.collect().await.unwrap().to_vec();
    String::from_utf8(bytes).unwrap()
}

async fn all_four() {
    let cloud = Cloud::start().await;
    let s3 = stage(&cloud).await;
    let put = s3.put_object_annotation().bucket(BUCKET).key(KEY);
    let put = put
        .annotation_name("labels/v1 ä")
        .annotation_payload(ByteStream::from_static(b"{\"cat\": 0.9}"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (put.key(), put.annotation_name()),
        (Some(KEY), Some("labels/v1 ä"))
    );
    assert!(put.e_tag().is_some_and(|etag| etag.len() == 34));
    assert!(
        put.checksum_crc32().is_some(),
        "the SDK's default comes back"
    );
    assert_eq!(put.object_version_id(), None);

    let get = s3.get_object_annotation().bucket(BUCKET).key(KEY);
    let get = get
        .annotation_name("labels/v1 ä")
        .checksum_mode(ChecksumMode::Enabled)
        .send()
        .await
        .unwrap();
    assert_eq!(get.content_length(), Some(12));
    assert_eq!(get.e_tag(), put.e_tag());
    assert_eq!(get.checksum_crc32(), put.checksum_crc32());
    assert!(get.last_modified().is_some());
    let payload = get.annotation_payload.collect().await.unwrap().into_bytes();
    assert_eq!(payload, "{\"cat\": 0.9}");

    // The object is as it was.
    let object = s3
        .get_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    let content = object.body.collect().await.unwrap().into_bytes();
    assert_eq!(content, "an object");

    for name in ["b", "a", "labels/v2"] {
        annotate(&s3, name, name).await;
    }
    let mut seen = Vec::new();
    let mut token = None;
    loop {
        let list = s3.list_object_annotations().bucket(BUCKET).key(KEY);
        let page = list
            .max_annotation_results(3)
            .set_continuation_token(token)
            .send()
            .await
            .unwrap();
        assert_eq!(
            page.annotation_count(),
            Some(page.annotations().len() as i32)
        );
        let names = page.annotations().iter();
        seen.extend(names.map(|one| format!("{} {}", one.annotation_name(), one.size())));
        token = page.next_continuation_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["a 1", "b 1", "labels/v1 ä 12", "labels/v2 9"]);
    let list = s3.list_object_annotations().bucket(BUCKET).key(KEY);
    let page = list.annotation_prefix("labels/").send().await.unwrap();
    assert_eq!(page.annotations().len(), 2);
    assert_eq!(page.annotation_prefix(), Some("labels/"));

    annotate(&s3, "a", "anew").await;
    assert_eq!(read(&s3, KEY, "a").await, "anew");
    let delete = || s3.delete_object_annotation().bucket(BUCKET).key(KEY);
    assert_eq!(
        code!(delete().annotation_name("a").object_if_match("\"0\"")),
        "PreconditionFailed"
    );
    delete().annotation_name("a").send().await.unwrap();
    // What is not there is deleted already.
    delete().annotation_name("a").send().await.unwrap();
    let get = s3.get_object_annotation().bucket(BUCKET).key(KEY);
    let gone = get.annotation_name("a").send().await;
    assert!(
        gone.unwrap_err()
            .into_service_error()
            .is_no_such_annotation()
    );
    let get = s3.get_object_annotation().bucket(BUCKET).key("none");
    let none = get.annotation_name("a").send().await;
    let none = none.unwrap_err().into_service_error();
    assert_eq!(none.meta().code(), Some("NoSuchKey"));
}

async fn refused() {
    let cloud = Cloud::start().await;
    let s3 = stage(&cloud).await;
    let put = |name: &str, payload: &[u8]| {
        let put = s3.put_object_annotation().bucket(BUCKET).key(KEY);
        put.annotation_name(name)
            .annotation_payload(ByteStream::from(payload.to_vec()))
    };
    assert_eq!(code!(put("AWS-x", b"x")), "InvalidAnnotationName");
    assert_eq!(code!(put("s3", b"x")), "InvalidAnnotationName");
    let long = "n".repeat(513);
    assert_eq!(code!(put(&long, b"x")), "AnnotationNameTooLong");
    assert_eq!(code!(put("n", b"")), "InvalidRequest");
    assert_eq!(code!(put("n", b"\xff\xfe")), "UnsupportedMediaType");
    let large = vec![b'x'; 1024 * 1024 + 1];
    assert_eq!(code!(put("n", &large)), "EntityTooLarge");
    assert_eq!(
        code!(put("n", b"x").checksum_sha256("AAAA")),
        "InvalidRequest"
    );
    let sum = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_eq!(code!(put("n", b"x").checksum_sha256(sum)), "BadDigest");
    assert_eq!(
        code!(put("n", b"x").object_if_match("\"0\"")),
        "PreconditionFailed"
    );
    let list = s3.list_object_annotations().bucket(BUCKET).key(KEY);
    assert_eq!(code!(list.max_annotation_results(1001)), "InvalidArgument");
    let list = s3.list_object_annotations().bucket(BUCKET).key(KEY);
    let page = list.send().await.unwrap();
    assert_eq!(page.annotations().len(), 0, "nothing of it was stored");
    put("n", &large[1..]).send().await.unwrap();
    assert_eq!(read(&s3, KEY, "n").await.len(), 1024 * 1024);
}

async fn keep_versions(s3: &Client) {
    let enabled = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Enabled)
        .build();
    let put = s3.put_bucket_versioning().bucket(BUCKET);
    put.versioning_configuration(enabled).send().await.unwrap();
}

async fn versions() {
    let cloud = Cloud::start().await;
    let s3 = stage(&cloud).await;
    keep_versions(&s3).await;
    put_object(&s3, KEY).await;
    let put = s3.put_object_annotation().bucket(BUCKET).key(KEY);
    let put = put
        .annotation_name("n")
        .annotation_payload(ByteStream::from_static(b"of the first"))
        .send()
        .await
        .unwrap();
    let first = put.object_version_id().unwrap().to_owned();
    put_object(&s3, KEY).await;
    let get = || s3.get_object_annotation().bucket(BUCKET).key(KEY);
    assert_eq!(code!(get().annotation_name("n")), "NoSuchAnnotation");
    let old = get().annotation_name("n").version_id(&first).send().await;
    let old = old.unwrap();
    assert_eq!(old.object_version_id(), Some(&*first));
    let payload = old.annotation_payload.collect().await.unwrap().into_bytes();
    assert_eq!(payload, "of the first");
    // A delete marker has none.
    s3.delete_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    let put = s3.put_object_annotation().bucket(BUCKET).key(KEY);
    let put = put.annotation_name("n");
    assert_eq!(
        code!(put.annotation_payload(ByteStream::from_static(b"x"))),
        "MethodNotAllowed"
    );
}

async fn copies() {
    let cloud = Cloud::start().await;
    let s3 = stage(&cloud).await;
    annotate(&s3, "n", "note").await;
    let copy = |key: &str| {
        let copy = s3.copy_object().bucket(BUCKET).key(key);
        copy.copy_source(format!("{BUCKET}/{KEY}"))
    };
    copy("with").send().await.unwrap();
    assert_eq!(read(&s3, "with", "n").await, "note");
    let without = copy("without").annotation_directive(AnnotationDirective::Exclude);
    without.send().await.unwrap();
    let get = s3.get_object_annotation().bucket(BUCKET).key("without");
    assert_eq!(code!(get.annotation_name("n")), "NoSuchAnnotation");
    assert_eq!(
        code!(copy("other").annotation_directive("MOVE".into())),
        "InvalidArgument"
    );
    // Each has its own from then on.
    let delete = s3.delete_object_annotation().bucket(BUCKET).key("with");
    delete.annotation_name("n").send().await.unwrap();
    assert_eq!(read(&s3, KEY, "n").await, "note");
}

async fn permissions() {
    let cloud = Cloud::start().await;
    let s3 = stage(&cloud).await;
    annotate(&s3, "n", "note").await;
    let allow = |actions: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{actions}],"Resource":"arn:aws:s3:::{BUCKET}/*"}}]}}"#
        )
    };
    let reader = cloud
        .user("reader", &allow(r#""s3:GetObject*""#))
        .await
        .s3();
    assert_eq!(read(&reader, KEY, "n").await, "note");
    let put = reader.put_object_annotation().bucket(BUCKET).key(KEY);
    let put = put.annotation_name("n");
    let put = put.annotation_payload(ByteStream::from_static(b"x"));
    let denied = put.send().await.unwrap_err().into_service_error();
    assert_eq!(denied.meta().code(), Some("AccessDenied"));
    let said = denied.meta().message().unwrap_or_default();
    assert!(
        said.contains("to perform: s3:PutObjectAnnotation"),
        "{said}"
    );
    // GetObject alone does not show them, nor does a list of objects.
    let other = cloud
        .user("other", &allow(r#""s3:GetObject","s3:PutObject""#))
        .await
        .s3();
    let get = other.get_object_annotation().bucket(BUCKET).key(KEY);
    assert_eq!(code!(get.annotation_name("n")), "AccessDenied");
    let list = other.list_object_annotations().bucket(BUCKET).key(KEY);
    assert_eq!(code!(list), "AccessDenied");
    // A copy brings them along, which needs both permissions; without them it can leave them behind.
    let copy = |s3: &Client| {
        let copy = s3.copy_object().bucket(BUCKET).key("copy");
        copy.copy_source(format!("{BUCKET}/{KEY}"))
    };
    assert_eq!(code!(copy(&other)), "AccessDenied");
    let bare = copy(&other).annotation_directive(AnnotationDirective::Exclude);
    bare.send().await.unwrap();
    let both = allow(r#""s3:GetObject","s3:PutObject","s3:*ObjectAnnotation""#);
    let both = cloud.user("both", &both).await.s3();
    copy(&both).send().await.unwrap();
    // The two keys of listings.
    let narrow = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListObjectAnnotations","Resource":"*","Condition":{"StringEquals":{"s3:annotation-prefix":"n"},"NumericLessThanEquals":{"s3:max-annotation-results":"10"}}}]}"#;
    let narrow = cloud.user("narrow", narrow).await.s3();
    let list = || narrow.list_object_annotations().bucket(BUCKET).key(KEY);
    assert_eq!(code!(list()), "AccessDenied");
    assert_eq!(
        code!(list().annotation_prefix("n").max_annotation_results(11)),
        "AccessDenied"
    );
    let asked = list().annotation_prefix("n").max_annotation_results(10);
    assert_eq!(asked.send().await.unwrap().annotations().len(), 1);
}

async fn locked() {
    let cloud = Cloud::start().await;
    let s3 = cloud.root().s3();
    let create = s3.create_bucket().bucket(BUCKET);
    let create = create.object_lock_enabled_for_bucket(true);
    create.send().await.unwrap();
    put_object(&s3, KEY).await;
    annotate(&s3, "n", "note").await;
    let hold = aws_sdk_s3::types::ObjectLockLegalHold::builder()
        .status(aws_sdk_s3::types::ObjectLockLegalHoldStatus::On)
        .build();
    let put = s3.put_object_legal_hold().bucket(BUCKET).key(KEY);
    put.legal_hold(hold).send().await.unwrap();
    let delete = s3.delete_object_annotation().bucket(BUCKET).key(KEY);
    assert_eq!(code!(delete.annotation_name("n")), "AccessDenied");
    let put = s3.put_object_annotation().bucket(BUCKET).key(KEY);
    let put = put.annotation_name("n");
    assert_eq!(
        code!(put.annotation_payload(ByteStream::from_static(b"x"))),
        "AccessDenied"
    );
    // What is not there yet replaces nothing.
    annotate(&s3, "m", "another").await;
    assert_eq!(read(&s3, KEY, "n").await, "note");
}

async fn durable() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Cloud::with(rolecall_server::Server::builder().data(folder.path()));
    let cloud = start().await;
    let s3 = stage(&cloud).await;
    let large = "x".repeat(1024 * 1024);
    annotate(&s3, "large", &large).await;
    annotate(&s3, "small", "note").await;
    cloud.server().compare_data().unwrap();
    cloud.stop().await;
    let cloud = start().await;
    let s3 = cloud.root().s3();
    assert_eq!(read(&s3, KEY, "small").await, "note");
    assert_eq!(read(&s3, KEY, "large").await, large);
    let delete = s3.delete_object_annotation().bucket(BUCKET).key(KEY);
    delete.annotation_name("large").send().await.unwrap();
    cloud.server().compare_data().unwrap();
    cloud.stop().await;
    let cloud = start().await;
    let s3 = cloud.root().s3();
    assert_eq!(read(&s3, KEY, "small").await, "note");
    let get = s3.get_object_annotation().bucket(BUCKET).key(KEY);
    assert_eq!(code!(get.annotation_name("large")), "NoSuchAnnotation");
    cloud.stop().await;
}

async fn nameless() {
    let cloud = Cloud::start().await;
    let s3 = stage(&cloud).await;
    let keys = cloud.root().keys;
    for (method, query, status) in [
        ("PUT", "annotation", 400),
        ("PUT", "annotation=", 400),
        ("PUT", "annotation&annotationName=", 400),
        ("PUT", "annotation&annotationName=%EF%BF%BD", 400),
        ("PUT", "annotation&annotationName=%01", 400),
        ("DELETE", "annotation", 400),
        ("HEAD", "annotation&annotationName=n", 501),
        ("POST", "annotation&annotationName=n", 501),
        ("PUT", "uploadId=u", 501),
        ("DELETE", "acl", 501),
    ] {
        let raw = Raw::new(method, &format!("/{BUCKET}/{KEY}?{query}"));
        let raw = raw.body("x").signed(&keys, "s3", &cloud.endpoint());
        let reply = raw.send(&cloud.endpoint()).await;
        assert_eq!(reply.status, status, "{method} ?{query}: {}", reply.body);
    }
    let object = s3
        .get_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    let content = object.body.collect().await.unwrap().into_bytes();
    assert_eq!(content, "an object");
}

async fn keys() {
    let cloud = Cloud::start().await;
    let s3 = stage(&cloud).await;
    let put = s3.put_object().bucket(BUCKET).key(KEY);
    put.server_side_encryption(aws_sdk_s3::types::ServerSideEncryption::AwsKms)
        .ssekms_key_id("arn:aws:kms:us-east-1:123456789012:key/k")
        .body(ByteStream::from_static(b"an object"))
        .send()
        .await
        .unwrap();
    annotate(&s3, "n", "note").await;
    let allow = |actions: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}]}}"#
        )
    };
    let some = cloud.user("some", &allow(r#""s3:*""#)).await.s3();
    let get = some.get_object_annotation().bucket(BUCKET).key(KEY);
    assert_eq!(code!(get.annotation_name("n")), "AccessDenied");
    let put = some.put_object_annotation().bucket(BUCKET).key(KEY);
    let put = put.annotation_name("n");
    let put = put.annotation_payload(ByteStream::from_static(b"x"));
    assert_eq!(code!(put), "AccessDenied");
    let all = allow(r#""s3:*","kms:Decrypt","kms:GenerateDataKey""#);
    let all = cloud.user("all", &all).await.s3();
    annotate(&all, "n", "another").await;
    assert_eq!(read(&all, KEY, "n").await, "another");
}

/// The object is replaced while the payload arrives.
async fn races() {
    let cloud = Cloud::start().await;
    let s3 = stage(&cloud).await;
    let tagged = |team: &'static str| {
        let put = s3.put_object().bucket(BUCKET).key(KEY);
        put.tagging(format!("team={team}"))
            .body(ByteStream::from_static(b"an object"))
            .send()
    };
    tagged("red").await.unwrap();
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:PutObjectAnnotation","Resource":"arn:aws:s3:::{BUCKET}/*","Condition":{{"StringEquals":{{"s3:ExistingObjectTag/team":"red"}}}}}}]}}"#
    );
    let reds = cloud.user("reds", &policy).await;
    let target = format!("/{BUCKET}/{KEY}?annotation&annotationName=n");
    let endpoint = cloud.endpoint();
    let slow = || {
        let raw = Raw::new("PUT", &target).body("0123456789");
        Slow::begin(raw.signed(&reds.keys, "s3", &endpoint), &endpoint)
    };
    let begun = slow().await;
    tagged("blue").await.unwrap();
    let reply = begun.finish().await;
    assert!(reply.starts_with("HTTP/1.1 409"), "{reply}");
    assert!(reply.contains("<Code>OperationAborted</Code>"), "{reply}");
    // Nothing of it was stored, and the same asked anew is denied.
    let list = s3.list_object_annotations().bucket(BUCKET).key(KEY);
    assert_eq!(list.send().await.unwrap().annotations().len(), 0);
    let reply = slow().await.finish().await;
    assert!(reply.starts_with("HTTP/1.1 403"), "{reply}");
    tagged("red").await.unwrap();
    let reply = slow().await.finish().await;
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
}

/// A request whose body stops halfway until it is finished.
struct Slow {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Slow {
    async fn begin(raw: Raw, endpoint: &str) -> Self {
        let address = endpoint.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.unwrap();
        let length = raw.body.len();
        let mut head = format!(
            "{} {} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\nconnection: close\r\n",
            raw.method, raw.target
        );
        let others = raw.headers.iter().filter(|(name, _)| name != "host");
        others.for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        head.push_str("\r\n");
        let (first, rest) = raw.body.split_at(length / 2);
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(first).await.unwrap();
        // Long enough to be asked about.
        tokio::time::sleep(Duration::from_millis(200)).await;
        Self {
            stream,
            rest: rest.to_vec(),
        }
    }

    async fn finish(mut self) -> String {
        // Whoever was refused already does not read it.
        let _ = self.stream.write_all(&self.rest).await;
        let mut reply = String::new();
        self.stream.read_to_string(&mut reply).await.unwrap();
        reply
    }
}
