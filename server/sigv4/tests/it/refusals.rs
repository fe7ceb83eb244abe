//! What is refused, under which code and with which words.

use std::fmt::Write;

use rolecall_sigv4::{BodyKind, Family, Refusal, Regions, Rules, find};

use crate::wire::{NOW, Request, SECRET, Signing, now};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A request signed for S3 or for `service`, by header or presigned.
fn signed(signing: &Signing) -> Request {
    let mut request = Request::parse("GET /a HTTP/1.1\nx-amz-meta-a:b\n");
    signing.sign(&mut request);
    request
}

fn refusal(request: &Request, signing: &Signing) -> Refusal {
    request
        .verify(SECRET, &signing.rules())
        .expect_err("refused")
}

#[track_caller]
fn check(refusal: &Refusal, family: Family, code: &str, status: u16, message: &str) {
    assert_eq!(refusal.code(family), (code, status), "{refusal:?}");
    assert_eq!(refusal.message(family), message);
}

fn reauthorize(request: &mut Request, from: &str, to: &str) {
    let changed = request.header("authorization").replace(from, to);
    request.set("authorization", &changed);
}

#[test]
fn no_credentials() {
    let request = Request::parse("GET /a?list-type=2 HTTP/1.1\nhost:h\n");
    assert!(find(&request.head()).unwrap().is_none());
    let none = Refusal::NoCredentials;
    let query = "Request is missing Authentication Token";
    check(
        &none,
        Family::Query,
        "MissingAuthenticationToken",
        403,
        query,
    );
    let json = "Missing Authentication Token";
    check(
        &none,
        Family::Json,
        "MissingAuthenticationTokenException",
        403,
        json,
    );
    check(&none, Family::S3, "AccessDenied", 403, "Access Denied");
}

#[test]
fn a_wrong_secret_shows_what_was_signed() {
    let request = signed(&Signing::s3());
    let refusal = request
        .verify("another", &Signing::s3().rules())
        .unwrap_err();
    check(
        &refusal,
        Family::S3,
        "SignatureDoesNotMatch",
        403,
        "The request signature we calculated does not match the signature you provided. Check \
         your key and signing method.",
    );
    check(
        &refusal,
        Family::Query,
        "SignatureDoesNotMatch",
        403,
        "The request signature we calculated does not match the signature you provided. Check \
         your AWS Secret Access Key and signing method. Consult the service documentation for \
         details.",
    );
    assert_eq!(
        refusal.code(Family::Json),
        ("InvalidSignatureException", 403)
    );
    let mut shown = String::new();
    for (name, value) in refusal.details(Family::S3) {
        writeln!(shown, "{name}: {value}").unwrap();
    }
    insta::assert_snapshot!(shown);
    assert!(refusal.details(Family::Query).is_empty());
}

#[test]
fn unreadable_headers() {
    let signature = "0".repeat(64);
    let credential = "AKID/20150830/us-east-1/service/aws4_request";
    let no_date = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' \
                   header.";
    for (authorization, date, message) in [
        (
            "AWS4-HMAC-SHA256".to_owned(),
            None,
            format!(
                "Authorization header requires 'Credential' parameter. Authorization header \
                 requires 'Signature' parameter. Authorization header requires 'SignedHeaders' \
                 parameter. {no_date}"
            ),
        ),
        (
            format!(
                "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, \
                 Signature={signature}"
            ),
            None,
            no_date.to_owned(),
        ),
        (
            "AWS4-HMAC-SHA256 nonsense".to_owned(),
            None,
            "'nonsense' not a valid key=value pair (missing equal-sign) in Authorization header: \
             'nonsense'."
                .to_owned(),
        ),
        (
            format!(
                "AWS4-HMAC-SHA256 Credential=AKID/20150830, SignedHeaders=host, \
                 Signature={signature}"
            ),
            Some("20150830T123600Z"),
            "Credential must have exactly 5 slash-delimited elements, e.g. \
             keyid/date/region/service/term, got 'AKID/20150830'"
                .to_owned(),
        ),
        (
            format!("AWS4-HMAC-SHA256 Credential={credential}"),
            Some("2015-08-30"),
            "Date must be in ISO-8601 'basic format'. Got '2015-08-30'. See \
             http://en.wikipedia.org/wiki/ISO_8601"
                .to_owned(),
        ),
        (
            format!(
                "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;date;date, \
                 Signature={signature}"
            ),
            Some("20150830T123600Z"),
            "Failed to read signed headers `host;date;date`: not in lower case, sorted and each \
             once."
                .to_owned(),
        ),
        (
            "AWS AKID:c2ln".to_owned(),
            None,
            "Unsupported AWS 'algorithm': 'AWS' (supported algorithms: AWS4-HMAC-SHA256)"
                .to_owned(),
        ),
        (
            "AWS4-ECDSA-P256-SHA256 Credential=x".to_owned(),
            None,
            "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (supported algorithms: \
             AWS4-HMAC-SHA256)"
                .to_owned(),
        ),
    ] {
        let mut request = Request::parse("GET / HTTP/1.1\nhost:h\n");
        request.add("authorization", &authorization);
        if let Some(date) = date {
            request.add("x-amz-date", date);
        }
        let refusal = find(&request.head()).expect_err("refused");
        check(
            &refusal,
            Family::Query,
            "IncompleteSignature",
            400,
            &message,
        );
        check(
            &refusal,
            Family::Json,
            "IncompleteSignatureException",
            403,
            &message,
        );
    }
}

#[test]
fn signature_version_2() {
    let mut request = Request::parse("GET / HTTP/1.1\nhost:h\n");
    request.add("authorization", "AWS AKID:c2ln");
    let message = "The authorization mechanism you have provided is not supported. Please use \
                   AWS4-HMAC-SHA256.";
    check(
        &find(&request.head()).unwrap_err(),
        Family::S3,
        "InvalidRequest",
        400,
        message,
    );

    let mut request = Request::parse("GET / HTTP/1.1\nhost:h\n");
    request.query = Some("AWSAccessKeyId=AKID&Signature=c2ln&Expires=1".to_owned());
    check(
        &find(&request.head()).unwrap_err(),
        Family::S3,
        "InvalidRequest",
        400,
        message,
    );
    request.query = Some("AWSAccessKeyId=AKID&Signature=c2ln".to_owned());
    let message = "Query-string authentication requires the Signature, Expires and \
                   AWSAccessKeyId parameters";
    check(
        &find(&request.head()).unwrap_err(),
        Family::S3,
        "AccessDenied",
        403,
        message,
    );
}

#[test]
fn another_kind_of_authorization() {
    let mut request = Request::parse("GET / HTTP/1.1\nhost:h\n");
    request.add("authorization", "Bearer secret");
    let refusal = find(&request.head()).unwrap_err();
    let message = "Unsupported Authorization Type";
    check(&refusal, Family::S3, "InvalidArgument", 400, message);
    assert!(!format!("{refusal:?}").contains("secret"));
}

#[test]
fn two_sets_of_credentials() {
    let mut request = signed(&Signing::s3().presigned());
    request.add("authorization", "AWS4-HMAC-SHA256 x");
    let refusal = find(&request.head()).unwrap_err();
    assert_eq!(refusal.code(Family::S3), ("InvalidArgument", 400));
    assert!(
        refusal
            .details(Family::S3)
            .contains(&("ArgumentName", "Authorization".to_owned()))
    );
    let mut request = signed(&Signing::s3());
    request.add("authorization", "AWS4-HMAC-SHA256 x");
    assert!(matches!(
        find(&request.head()),
        Err(Refusal::TwoMechanisms { .. })
    ));
}

#[test]
fn the_scope_must_be_the_one_of_the_service() {
    let request = signed(&Signing::header());
    let verify = |rules: &Rules<'_>| request.verify(SECRET, rules).unwrap_err();
    check(
        &verify(&Rules::standard("iam", Regions::Any)),
        Family::Query,
        "SignatureDoesNotMatch",
        403,
        "Credential should be scoped to correct service: 'iam'.",
    );
    check(
        &verify(&Rules::standard("service", Regions::Only("eu-west-1"))),
        Family::Json,
        "InvalidSignatureException",
        403,
        "Credential should be scoped to a valid region, not 'us-east-1'.",
    );
    let any = Rules::standard("service", Regions::Any);
    for (from, to, message) in [
        (
            "/us-east-1/",
            "/Moon/",
            "Credential should be scoped to a valid region, not 'Moon'.",
        ),
        (
            "/aws4_request",
            "/aws5",
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'.",
        ),
        (
            "/20150830/",
            "/20150831/",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
             HTTP: '20150831' != '20150830', from '20150830T123600Z'.",
        ),
        (
            "/20150830/",
            "/20151330/",
            "Date in Credential scope must be in ISO-8601 'basic format'. Got '20151330'.",
        ),
    ] {
        let mut request = request.clone();
        reauthorize(&mut request, from, to);
        let refusal = request.verify(SECRET, &any).unwrap_err();
        check(
            &refusal,
            Family::Query,
            "SignatureDoesNotMatch",
            403,
            message,
        );
    }
}

#[test]
fn a_wrong_region_for_s3_names_the_right_one() {
    let rules = Rules::s3(Regions::Only("eu-west-1"));
    let refusal = signed(&Signing::s3()).verify(SECRET, &rules).unwrap_err();
    check(
        &refusal,
        Family::S3,
        "AuthorizationHeaderMalformed",
        400,
        "The authorization header is malformed; the region 'us-east-1' is wrong; expecting \
         'eu-west-1'",
    );
    assert_eq!(
        refusal.details(Family::S3),
        [("Region", "eu-west-1".to_owned())]
    );
    let refusal = signed(&Signing::s3().presigned())
        .verify(SECRET, &rules)
        .unwrap_err();
    check(
        &refusal,
        Family::S3,
        "AuthorizationQueryParametersError",
        400,
        "Error parsing the X-Amz-Credential parameter; the region 'us-east-1' is wrong; \
         expecting 'eu-west-1'",
    );
}

#[test]
fn the_clocks_may_differ_by_just_so_much() {
    for (signing, skew) in [(Signing::header(), 300), (Signing::s3(), 900)] {
        let request = signed(&signing);
        for (seconds, holds) in [
            (-skew - 1, false),
            (-skew, true),
            (0, true),
            (skew, true),
            (skew + 1, false),
        ] {
            let now = jiff::Timestamp::from_second(NOW + seconds).unwrap();
            let verified = request.verify_at(SECRET, &signing.rules(), now);
            assert_eq!(verified.is_ok(), holds, "{seconds} {verified:?}");
        }
    }
    let at = |seconds| jiff::Timestamp::from_second(NOW + seconds).unwrap();
    let verify = |signing: &Signing, seconds| {
        signed(signing)
            .verify_at(SECRET, &signing.rules(), at(seconds))
            .unwrap_err()
    };
    check(
        &verify(&Signing::header(), 900),
        Family::Query,
        "SignatureDoesNotMatch",
        403,
        "Signature expired: 20150830T123600Z is now earlier than 20150830T124600Z \
         (20150830T125100Z - 5 min.)",
    );
    check(
        &verify(&Signing::header(), -900),
        Family::Query,
        "SignatureDoesNotMatch",
        403,
        "Signature not yet current: 20150830T123600Z is still later than 20150830T122600Z \
         (20150830T122100Z + 5 min.)",
    );
    let refusal = verify(&Signing::s3(), 901);
    check(
        &refusal,
        Family::S3,
        "RequestTimeTooSkewed",
        403,
        "The difference between the request time and the current time is too large.",
    );
    assert_eq!(
        refusal.details(Family::S3),
        [
            ("RequestTime", "20150830T123600Z".to_owned()),
            ("ServerTime", "2015-08-30T12:51:01Z".to_owned()),
            ("MaxAllowedSkewMilliseconds", "900000".to_owned()),
        ]
    );
}

#[test]
fn a_presigned_request_lives_as_long_as_it_says() {
    let signing = Signing::s3().presigned();
    let request = signed(&signing);
    let at = |seconds| jiff::Timestamp::from_second(NOW + seconds).unwrap();
    let verify = |seconds| request.verify_at(SECRET, &signing.rules(), at(seconds));
    assert!(verify(600).is_ok());
    assert!(verify(-900).is_ok());
    let refusal = verify(601).unwrap_err();
    check(
        &refusal,
        Family::S3,
        "AccessDenied",
        403,
        "Request has expired",
    );
    assert_eq!(
        refusal.details(Family::S3),
        [
            ("X-Amz-Expires", "600".to_owned()),
            ("Expires", "2015-08-30T12:46:00Z".to_owned()),
            ("ServerTime", "2015-08-30T12:46:01Z".to_owned()),
        ]
    );
    let refusal = verify(-901).unwrap_err();
    check(
        &refusal,
        Family::S3,
        "AccessDenied",
        403,
        "Request is not valid yet",
    );
}

#[test]
fn presigned_parameters() {
    let request = signed(&Signing::s3().presigned());
    let query = request.query.clone().unwrap();
    let refusal = |query: String| {
        let request = Request {
            query: Some(query),
            ..request.clone()
        };
        find(&request.head()).expect_err("refused")
    };
    for name in [
        "Algorithm",
        "Credential",
        "Signature",
        "Date",
        "SignedHeaders",
        "Expires",
    ] {
        let without: Vec<&str> = query
            .split('&')
            .filter(|pair| !pair.starts_with(&format!("X-Amz-{name}=")))
            .collect();
        check(
            &refusal(without.join("&")),
            Family::S3,
            "AuthorizationQueryParametersError",
            400,
            "Query-string authentication version 4 requires the X-Amz-Algorithm, \
             X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and \
             X-Amz-Expires parameters.",
        );
        let twice = query
            .split('&')
            .find(|pair| pair.starts_with(&format!("X-Amz-{name}=")));
        let twice = format!("{query}&{}", twice.unwrap());
        assert!(matches!(refusal(twice), Refusal::Repeated { .. }));
    }
    for (expires, message) in [
        ("x", "X-Amz-Expires should be a number"),
        ("-1", "X-Amz-Expires must be non-negative"),
        ("0", "X-Amz-Expires must be at least 1 second"),
        (
            "604801",
            "X-Amz-Expires must be less than a week (in seconds); that is, the given \
             X-Amz-Expires must be less than 604800 seconds",
        ),
    ] {
        let changed = query.replace("X-Amz-Expires=600", &format!("X-Amz-Expires={expires}"));
        let code = "AuthorizationQueryParametersError";
        check(&refusal(changed), Family::S3, code, 400, message);
    }
}

#[test]
fn what_must_be_signed() {
    let signing = Signing::s3();
    let mut request = signed(&signing);
    request.add("x-amz-tagging", "a=b");
    request.add("x-amz-acl", "public-read");
    let refused = refusal(&request, &signing);
    let message = "There were headers present in the request which were not signed";
    check(&refused, Family::S3, "AccessDenied", 403, message);
    let names = "x-amz-acl, x-amz-tagging";
    assert_eq!(
        refused.details(Family::S3),
        [("HeadersNotSigned", names.to_owned())]
    );
    let message = format!("{message}: {names}");
    check(
        &refused,
        Family::Query,
        "SignatureDoesNotMatch",
        403,
        &message,
    );

    for signing in [Signing::header(), Signing::s3().presigned()] {
        let mut request = signed(&signing);
        request.add("x-amz-security-token", "token");
        assert!(matches!(
            refusal(&request, &signing),
            Refusal::HeadersNotSigned { .. }
        ));
    }
}

#[test]
fn what_clients_leave_unsigned() {
    for signing in [Signing::header(), Signing::s3(), Signing::s3().presigned()] {
        let mut request = signed(&signing);
        for name in [
            "user-agent",
            "x-amzn-trace-id",
            "x-amz-user-agent",
            "amz-sdk-request",
        ] {
            request.add(name, "x");
        }
        assert!(request.verify(SECRET, &signing.rules()).is_ok());
    }
    let signing = Signing::s3().presigned();
    let mut request = signed(&signing);
    request.add("x-amz-checksum-mode", "ENABLED");
    request.add("x-amz-content-sha256", EMPTY);
    // A hash beside a presigned URL binds the body although the URL does not.
    let verified = request.verify(SECRET, &signing.rules()).unwrap();
    assert!(matches!(verified.body, BodyKind::Exact(_)));
    request.set("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    assert!(request.verify(SECRET, &signing.rules()).is_err());
}

#[test]
fn the_host_must_be_signed() {
    let signing = Signing::header();
    let mut request = signed(&signing);
    reauthorize(&mut request, "SignedHeaders=host;", "SignedHeaders=");
    let refused = refusal(&request, &signing);
    let message = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    check(
        &refused,
        Family::Json,
        "InvalidSignatureException",
        403,
        message,
    );
}

#[test]
fn the_body_of_s3() {
    let signing = Signing::s3();
    let mut request = signed(&signing);
    request.headers.remove("x-amz-content-sha256");
    let message = "Missing required header for this request: x-amz-content-sha256";
    check(
        &refusal(&request, &signing),
        Family::S3,
        "InvalidRequest",
        400,
        message,
    );
    request.set("x-amz-content-sha256", "abc");
    let refused = refusal(&request, &signing);
    assert_eq!(refused.code(Family::S3), ("InvalidArgument", 400));

    let word = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD";
    request.set("x-amz-content-sha256", word);
    assert_eq!(
        refusal(&request, &signing).code(Family::S3),
        ("InvalidRequest", 400)
    );

    let signing = Signing::s3().body("UNSIGNED-PAYLOAD");
    let verified = signed(&signing).verify(SECRET, &signing.rules()).unwrap();
    assert_eq!(verified.body, BodyKind::Unsigned);

    let differs = Refusal::body_hash(EMPTY, &[0xAB; 32]);
    let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    check(
        &differs,
        Family::S3,
        "XAmzContentSHA256Mismatch",
        400,
        message,
    );
    assert_eq!(
        differs.details(Family::S3),
        [
            ("ClientComputedContentSHA256", EMPTY.to_owned()),
            ("S3ComputedContentSHA256", "ab".repeat(32)),
        ]
    );
}

#[test]
fn the_date_header_serves_when_it_is_signed() {
    // Signed with X-Amz-Date absent: botocore does so when the caller sets Date.
    let text = "GET / HTTP/1.1\nhost:example.amazonaws.com\ndate:Sun, 30 Aug 2015 12:36:00 GMT\n";
    let mut request = Request::parse(text);
    let scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
    let zeros = "0".repeat(64);
    let authorize = |request: &mut Request, names: &str, signature: &str| {
        let text = format!(
            "AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={signature}"
        );
        request.set("authorization", &text);
    };
    authorize(&mut request, "host", &zeros);
    let refused = refusal(&request, &Signing::header());
    assert_eq!(
        refused,
        Refusal::HeadersNotSigned {
            names: vec!["date".to_owned()]
        }
    );

    authorize(&mut request, "date;host", &zeros);
    let Refusal::Mismatch(mismatch) = refusal(&request, &Signing::header()) else {
        panic!("another refusal");
    };
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_440_938_160);
    let key = aws_sigv4::sign::v4::generate_signing_key(SECRET, time, "us-east-1", "service");
    let signature =
        aws_sigv4::sign::v4::calculate_signature(key, mismatch.string_to_sign.as_bytes());
    authorize(&mut request, "date;host", &signature);
    let verified = request.verify(SECRET, &Signing::header().rules()).unwrap();
    assert_eq!(verified.signed_at.as_str(), "20150830T123600Z");
    assert_eq!(verified.signed_at.timestamp(), now());
}

#[test]
fn a_store_of_keys_refuses_in_the_same_words() {
    let unknown = Refusal::UnknownAccessKey {
        access_key: "AKID".to_owned(),
    };
    let message = "The security token included in the request is invalid.";
    check(
        &unknown,
        Family::Query,
        "InvalidClientTokenId",
        403,
        message,
    );
    check(
        &unknown,
        Family::Json,
        "UnrecognizedClientException",
        403,
        message,
    );
    let message = "The AWS Access Key Id you provided does not exist in our records.";
    check(&unknown, Family::S3, "InvalidAccessKeyId", 403, message);

    let expired = Refusal::ExpiredToken {
        token: "t".to_owned(),
    };
    let message = "The security token included in the request is expired";
    check(&expired, Family::Query, "ExpiredToken", 403, message);
    check(
        &expired,
        Family::Json,
        "ExpiredTokenException",
        403,
        message,
    );
    check(
        &expired,
        Family::S3,
        "ExpiredToken",
        400,
        "The provided token has expired.",
    );
    assert_eq!(expired.details(Family::S3), [("Token-0", "t".to_owned())]);
}
