//! Vectors of our own, signed by `aws-sigv4` at a fixed time and kept as snapshots; and requests
//! which say the same in another encoding than the one that was signed.

use std::fmt::Write;

use crate::wire::{Request, SECRET, Signing};

fn wire_text(request: &Request) -> String {
    let query = request
        .query
        .as_ref()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let mut text = format!("{} {}{query} HTTP/1.1\n", request.method, request.path);
    let mut headers: Vec<String> = request
        .headers
        .iter()
        .map(|(name, value)| format!("{name}:{}", value.to_str().unwrap()))
        .collect();
    headers.sort_by_key(|line| line.split(':').next().map(str::to_owned));
    for line in headers {
        writeln!(text, "{line}").unwrap();
    }
    text.push('\n');
    text.push_str(std::str::from_utf8(&request.body).unwrap());
    text
}

#[test]
fn requests_signed_at_a_fixed_time() {
    let token = Some("IQoJb3JpZ2luX2VjE+//8=".to_owned());
    let with_token = |signing: Signing| Signing {
        token: token.clone(),
        ..signing
    };
    let form = "POST / HTTP/1.1\ncontent-type:application/x-www-form-urlencoded; charset=utf-8\n\n\
                Action=CreateUser&UserName=a%20b&Version=2010-05-08";
    let app = "GET /v1/apps/a%2Fb%20c/./x//y?page-size=5&token=a%3D%3D&token= HTTP/1.1\n";
    let put = "PUT /bucket/a%20b/../%C3%BC%2B~%28%29 HTTP/1.1\nx-amz-meta-a:  one   two \n\
               x-amz-meta-a:three\ncontent-type:text/plain\n\nhello";
    let list = "GET /bucket?list-type=2&prefix=a+b%2Bc&delimiter=%2F&start-after HTTP/1.1\n";
    let all = [
        ("query protocol", form, Signing::header()),
        (
            "query protocol, session",
            form,
            with_token(Signing::header()),
        ),
        (
            "rest, path normalised and encoded twice",
            app,
            Signing::header(),
        ),
        (
            "rest, presigned",
            app,
            with_token(Signing::header().presigned()),
        ),
        ("s3", put, with_token(Signing::s3())),
        (
            "s3, unsigned payload",
            put,
            Signing::s3().body("UNSIGNED-PAYLOAD"),
        ),
        ("s3, query", list, Signing::s3()),
        ("s3, presigned", list, with_token(Signing::s3().presigned())),
    ];
    let mut text = String::new();
    for (name, request, signing) in all {
        let mut request = Request::parse(request);
        if signing.presigned {
            request.body.clear();
        }
        signing.sign(&mut request);
        let wire = wire_text(&request);
        let verified = Request::parse(&wire).verify(SECRET, &signing.rules());
        assert!(verified.is_ok(), "{name}: {verified:#?}");
        writeln!(text, "# {name}\n{wire}\n").unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn one_meaning_in_several_encodings() {
    let signing = Signing::s3();
    let mut request = Request::parse("GET /b/%28x%29~%2A?a=1%202&b=~&b=%2B HTTP/1.1\n");
    signing.sign(&mut request);
    for (path, query, holds) in [
        ("/b/(x)~*", "a=1%202&b=~&b=%2B", true),
        ("/b/%28x%29%7e%2a", "a=1+2&b=%7E&b=%2b", true),
        ("/b/%28x%29~%2A", "b=%2B&b=~&a=1%202", true),
        ("/b/%28x%29~%2A", "&a=1%202&&b=~&b=%2B&", true),
        ("/b/%28x%29~%2A", "a=1%2B2&b=~&b=%2B", false),
        ("/b/%28x%29~%2A", "a=1%202&b=~&b=+", false),
        ("/b%2F%28x%29~%2A", "a=1%202&b=~&b=%2B", false),
        ("//b/%28x%29~%2A", "a=1%202&b=~&b=%2B", false),
        ("/./b/%28x%29~%2A", "a=1%202&b=~&b=%2B", false),
        ("/b/%2528x%29~%2A", "a=1%202&b=~&b=%2B", false),
    ] {
        let sent = Request {
            path: path.to_owned(),
            query: Some(query.to_owned()),
            ..request.clone()
        };
        let verified = sent.verify(SECRET, &signing.rules());
        assert_eq!(verified.is_ok(), holds, "{path}?{query}");
    }
}

#[test]
fn paths_that_are_normalised_are_one() {
    let signing = Signing::header();
    let mut request = Request::parse("GET /a/b/ HTTP/1.1\n");
    signing.sign(&mut request);
    for (path, holds) in [
        ("/a/b/", true),
        ("/a//b//", true),
        ("/./a/c/../b/.", true),
        ("/../a/b/", true),
        ("/a/b", false),
        ("/a/%62/", false),
        ("/b/", false),
    ] {
        let sent = Request {
            path: path.to_owned(),
            ..request.clone()
        };
        assert_eq!(
            sent.verify(SECRET, &signing.rules()).is_ok(),
            holds,
            "{path}"
        );
    }
}
