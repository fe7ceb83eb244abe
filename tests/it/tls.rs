//! TLS and plain HTTP on one port: `aws:SecureTransport` and `s3:TlsVersion` are what the connection is.

use crate::test;
use libtest_mimic::Trial;
use rolecall_server::{Server, Tls};
use rolecall_tests::{Cloud, raw::Raw};

pub(crate) fn tests() -> Vec<Trial> {
    vec![
        test(
            "tls::SecureTransport is what the connection is",
            secure_transport,
        ),
        test("tls::TlsVersion is there over TLS alone", version),
    ]
}

async fn secure_transport() {
    let tls = Tls::self_signed(&[]).unwrap();
    let certificate = tls.certificate().to_owned();
    let cloud = Cloud::with(Server::builder().tls(tls)).await;
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"},
        {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
    let ana = cloud.user("ana", policy).await;
    let plain = Raw::new("GET", "/").signed(&ana.keys, "s3", &cloud.endpoint());
    assert_eq!(plain.send(&cloud.endpoint()).await.status, 403);
    let address = cloud.server().address();
    let named = format!("http://localhost:{}", address.port());
    let secure = Raw::new("GET", "/").signed(&ana.keys, "s3", &named);
    let reply = secure.send_over_tls(address, &certificate).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

async fn version() {
    let tls = Tls::self_signed(&[]).unwrap();
    let certificate = tls.certificate().to_owned();
    let cloud = Cloud::with(Server::builder().tls(tls)).await;
    let address = cloud.server().address();
    let named = format!("http://localhost:{}", address.port());
    for (operator, version, over_tls, plain) in [
        ("NumericGreaterThanEquals", "1.2", 200, 403),
        ("NumericEquals", "1.3", 200, 403),
        ("NumericLessThan", "1.2", 403, 403),
        ("NumericGreaterThanEqualsIfExists", "1.2", 200, 200),
    ] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"*",
            "Condition":{{"{operator}":{{"s3:TlsVersion":"{version}"}}}}}}}}"#
        );
        let name = format!("{operator}-{version}");
        let ana = cloud.user(&name, &policy).await;
        let secure = Raw::new("GET", "/").signed(&ana.keys, "s3", &named);
        let reply = secure.send_over_tls(address, &certificate).await;
        assert_eq!(reply.status, over_tls, "{name}: {}", reply.body);
        let open = Raw::new("GET", "/").signed(&ana.keys, "s3", &cloud.endpoint());
        let reply = open.send(&cloud.endpoint()).await;
        assert_eq!(reply.status, plain, "{name}: {}", reply.body);
    }
}
