//! What was changed after it was signed does not verify.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::oracle::case;
use crate::wire::{Request, Signing};

/// Another byte in the place of one; a byte that encodes nothing and separates nothing.
fn changed(text: &str, at: Index) -> String {
    let places: Vec<usize> = (0..text.len())
        .filter(|place| text.as_bytes()[*place].is_ascii_graphic())
        .collect();
    let place = *at.get(&places);
    let other = if text.as_bytes()[place] == b'Q' {
        "Z"
    } else {
        "Q"
    };
    format!("{}{other}{}", &text[..place], &text[place + 1..])
}

fn is_refused(request: &Request, signing: &Signing) -> Result<(), TestCaseError> {
    let verified = request.verify(&signing.secret, &signing.rules());
    prop_assert!(verified.is_err(), "{request:#?}\n{signing:#?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nothing_that_was_signed_may_change((mut request, signing) in case(), at: Index) {
        signing.sign(&mut request);
        let original = request.clone();

        request.method = changed(&original.method, at);
        is_refused(&request, &signing)?;
        request = original.clone();

        // What `..` removes is not part of the canonical request.
        if !original.path.contains("..") {
            request.path = format!("/{}", &changed(&original.path, at)[1..]);
            if request.path != original.path {
                is_refused(&request, &signing)?;
            }
            request.path = format!("{}Q", original.path);
            is_refused(&request, &signing)?;
            request = original.clone();
        }

        if let Some(query) = original.query.as_deref().filter(|query| !query.is_empty()) {
            request.query = Some(changed(query, at));
            is_refused(&request, &signing)?;
        }
        request.query = Some(format!("{}&Q", original.query.as_deref().unwrap_or_default()));
        is_refused(&request, &signing)?;
        request = original.clone();

        let names: Vec<_> = original.headers.keys().cloned().collect();
        let name = at.get(&names);
        request.headers.remove(name);
        let header_auth = *name == "authorization";
        is_refused(&request, &signing)?;
        if !header_auth {
            request.add(name.as_str(), "changed");
            is_refused(&request, &signing)?;
        }
        request = original.clone();

        let value = original.header(name.as_str());
        if value.bytes().any(|byte| byte.is_ascii_graphic()) && !header_auth {
            let values: Vec<_> = original.headers.get_all(name).iter().cloned().collect();
            request.headers.insert(name, changed(value, at).try_into().unwrap());
            for more in values.into_iter().skip(1) {
                request.headers.append(name, more);
            }
            is_refused(&request, &signing)?;
            request = original.clone();
        }

        request.add("x-amz-acl", "public-read");
        is_refused(&request, &signing)?;
        request = original.clone();

        if !signing.s3 {
            request.body.push(0);
            is_refused(&request, &signing)?;
            request = original.clone();
        }

        let other = Signing { secret: format!("{}x", signing.secret), ..signing };
        is_refused(&request, &other)?;
    }

    #[test]
    fn no_byte_of_the_authorization_may_change(
        s3: bool,
        token in proptest::option::of("[a-z]{8}"),
        at: Index,
    ) {
        let signing = Signing { s3, token, ..Signing::header() };
        let mut request = Request::parse("GET /a HTTP/1.1\nx-amz-meta-a:b\n");
        signing.sign(&mut request);
        let sent = request.header("authorization").to_owned();
        // The access key id is not signed: another one means another secret.
        let id = sent.find("AKIDEXAMPLE").unwrap();
        let place = at.index(sent.len());
        prop_assume!(!(id..id + "AKIDEXAMPLE".len()).contains(&place));
        let other = if &sent[place..=place] == "0" { "1" } else { "0" };
        let text = format!("{}{other}{}", &sent[..place], &sent[place + 1..]);
        // A space between the parts may go, a comma may not.
        prop_assume!(&sent[place..=place] != " " || other != " ");
        request.set("authorization", &text);
        is_refused(&request, &signing)?;
    }
}
