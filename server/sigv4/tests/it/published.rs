//! The examples that AWS publishes for S3: Amazon S3 API Reference, "Authenticating Requests",
//! with its pages on the header, on query parameters and on chunks.

use jiff::Timestamp;
use rolecall_sigv4::{Regions, Rules};

use crate::wire::Request;

pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const CREDENTIAL: &str = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

pub fn midnight() -> Timestamp {
    "2013-05-24T00:00:00Z".parse().unwrap()
}

pub fn rules() -> Rules<'static> {
    Rules::s3(Regions::Only("us-east-1"))
}

/// A request with an `Authorization` header made from the signed headers and the signature.
pub fn signed(text: &str, signed_headers: &str, signature: &str) -> Request {
    let mut request = Request::parse(text);
    request.add("x-amz-date", "20130524T000000Z");
    request.add(
        "authorization",
        &format!(
            "AWS4-HMAC-SHA256 Credential={CREDENTIAL},SignedHeaders={signed_headers},\
             Signature={signature}"
        ),
    );
    request
}

#[track_caller]
fn check(text: &str, signed_headers: &str, signature: &str) {
    let request = signed(text, signed_headers, signature);
    let verified = request.verify_at(SECRET, &rules(), midnight());
    assert!(verified.is_ok(), "{verified:#?}");
}

#[test]
fn get_object() {
    check(
        &format!(
            "GET /test.txt HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nRange: bytes=0-9\n\
             x-amz-content-sha256: {EMPTY}\n"
        ),
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
}

#[test]
fn put_object() {
    // The path holds `$` as it is; its canonical form is `%24`.
    check(
        "PUT /test$file.text HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n\
         Date: Fri, 24 May 2013 00:00:00 GMT\nx-amz-storage-class: REDUCED_REDUNDANCY\n\
         x-amz-content-sha256: 44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072\n",
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    );
}

#[test]
fn get_bucket_lifecycle() {
    check(
        &format!(
            "GET /?lifecycle HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n\
             x-amz-content-sha256: {EMPTY}\n"
        ),
        "host;x-amz-content-sha256;x-amz-date",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    );
}

#[test]
fn list_objects() {
    check(
        &format!(
            "GET /?max-keys=2&prefix=J HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n\
             x-amz-content-sha256: {EMPTY}\n"
        ),
        "host;x-amz-content-sha256;x-amz-date",
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    );
}

#[test]
fn presigned_get_object() {
    let request = Request::parse(
        "GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F\
         20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400\
         &X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c2659\
         57d157751f604d404 HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n",
    );
    let last = "2013-05-25T00:00:00Z".parse().unwrap();
    let verified = request.verify_at(SECRET, &rules(), last);
    assert!(verified.is_ok(), "{verified:#?}");
}
