//! Whatever `aws-sigv4` signs is verified.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::wire::{Request, Signing};

/// All that needs encoding, as the SDKs do it.
const RESERVED: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A segment: anything, encoded; and for services other than S3 what may also stay as it is.
fn segment(s3: bool) -> BoxedStrategy<String> {
    let any = "\\PC{0,8}".prop_map(|text| encoded(&text));
    if s3 {
        prop_oneof![4 => any, 1 => Just(".".to_owned()), 1 => Just(String::new())].boxed()
    } else {
        let raw = "[a-zA-Z0-9!$'()*,;=:@~_.+-]{1,8}";
        prop_oneof![3 => any, 2 => raw, 1 => Just(".".to_owned()), 1 => Just("..".to_owned())]
            .boxed()
    }
}

fn component() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "\\PC{0,8}".prop_map(|text| encoded(&text)),
        1 => "[a-z]{0,3}(\\+|%20|%2B|%2b|%7E|/|:|,|\\*|!|')[A-Z]{0,3}",
    ]
}

fn query() -> impl Strategy<Value = String> {
    let pair = (component(), option::of(component())).prop_map(|(name, value)| match value {
        Some(value) => format!("{name}={value}"),
        None => name,
    });
    vec(pair, 1..5).prop_map(|pairs| pairs.join("&"))
}

fn header() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof![2 => "x-amz-meta-[a-c]{1,2}", 1 => "my-header[1-3]", 1 => Just(
        "content-type".to_owned()
    )];
    (name, " {0,2}[!-~]{0,6}( {1,3}[!-~]{1,6}){0,2} {0,2}")
}

pub fn case() -> impl Strategy<Value = (Request, Signing)> {
    let how = (
        any::<bool>(),
        any::<bool>(),
        option::of("[A-Za-z0-9+/=]{8,40}"),
        "[!-~]{1,50}",
    );
    how.prop_flat_map(|(s3, presigned, token, secret)| {
        let signing = Signing {
            s3,
            presigned,
            token,
            secret,
            body: None,
        };
        (
            prop::sample::select(vec!["GET", "PUT", "POST", "DELETE", "HEAD"]),
            vec(segment(s3), 0..5),
            option::of(query()),
            vec(header(), 0..5),
            vec(any::<u8>(), 0..40),
            Just(signing),
        )
    })
    .prop_map(|(method, path, query, headers, body, signing)| {
        let mut request = Request {
            method: method.to_owned(),
            path: format!("/{}", path.join("/")),
            query,
            headers: http::HeaderMap::new(),
            body,
        };
        for (name, value) in headers {
            request.add(&name, &value);
        }
        (request, signing)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn what_aws_sigv4_signs_verifies((mut request, signing) in case()) {
        signing.sign(&mut request);
        let verified = request.verify(&signing.secret, &signing.rules());
        prop_assert!(verified.is_ok(), "{request:#?}\n{verified:#?}");
        let signed = rolecall_sigv4::find(&request.head()).unwrap().unwrap();
        prop_assert_eq!(signed.session_token.as_deref(), signing.token.as_deref());
        prop_assert_eq!(signed.access_key, "AKIDEXAMPLE");
    }

    #[test]
    fn finding_credentials_never_panics(
        authorization in option::of("(AWS4-HMAC-SHA256|AWS|) ?\\PC{0,60}"),
        query in option::of("(X-Amz-(Algorithm|Credential|Date|Expires|Signature|SignedHeaders)=[ -~]{0,20}&?){0,7}"),
        date in "\\PC{0,20}",
    ) {
        let mut request = Request::parse("GET / HTTP/1.1\nhost:example.amazonaws.com\n");
        request.query = query;
        for (name, value) in [("authorization", authorization), ("x-amz-date", Some(date))] {
            if let Some(value) = value
                && let Ok(value) = http::HeaderValue::try_from(value)
            {
                request.headers.insert(name, value);
            }
        }
        prop_assert!(request.verify("secret", &Signing::s3().rules()).is_err());
    }
}
