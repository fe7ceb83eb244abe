//! Form uploads, signed by `aws-sigv4`.

use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use rolecall_sigv4::{Family, Form, FormFields, Refusal, Scope, SigningKey, sign_form};

use crate::wire::{NOW, SECRET, Signing, now};

const POLICY: &str = "eyJleHBpcmF0aW9uIjoiMjAxNS0wOC0zMVQwMDowMDowMFoiLCJjb25kaXRpb25zIjpbXX0=";
const CREDENTIAL: &str = "AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request";

fn signature() -> String {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs());
    calculate_signature(
        generate_signing_key(SECRET, time, "us-east-1", "s3"),
        POLICY.as_bytes(),
    )
}

fn fields(signature: &str) -> FormFields<'_> {
    FormFields {
        policy: Some(POLICY),
        algorithm: Some("AWS4-HMAC-SHA256"),
        credential: Some(CREDENTIAL),
        date: Some("20150830T123600Z"),
        signature: Some(signature),
        session_token: Some("token"),
        version_2: false,
    }
}

fn verify(fields: &FormFields<'_>, secret: &str) -> Result<(), Refusal> {
    let form = Form::find(fields)?.ok_or(Refusal::NoCredentials)?;
    let key = SigningKey::derive(secret, &form.scope);
    form.verify(&key, &Signing::s3().rules(), now())
}

#[test]
fn a_form_verifies() {
    let signature = signature();
    let fields = fields(&signature);
    assert_eq!(verify(&fields, SECRET), Ok(()));
    let form = Form::find(&fields).unwrap().unwrap();
    assert_eq!(
        (form.access_key, form.session_token),
        ("AKIDEXAMPLE", Some("token"))
    );
}

#[test]
fn a_policy_is_signed_as_others_sign_it() {
    let scope = Scope {
        date: "20150830",
        region: "us-east-1",
        service: "s3",
        terminator: "aws4_request",
    };
    assert_eq!(
        sign_form(&SigningKey::derive(SECRET, &scope), POLICY),
        signature()
    );
}

#[test]
fn what_was_signed_may_not_change() {
    let signature = signature();
    let sent = fields(&signature);
    let changes = [
        FormFields {
            policy: Some("e30="),
            ..sent
        },
        FormFields {
            credential: Some("AKIDEXAMPLE/20150830/eu-west-1/s3/aws4_request"),
            ..sent
        },
        FormFields {
            credential: Some("AKIDEXAMPLE/20150830/us-east-1/s3/aws4"),
            ..sent
        },
        FormFields {
            date: Some("20150831T123600Z"),
            ..sent
        },
        FormFields {
            date: Some("20150830T133600Z"),
            ..sent
        },
        FormFields {
            algorithm: Some("AWS4-ECDSA-P256-SHA256"),
            ..sent
        },
        FormFields {
            signature: Some("abc"),
            ..sent
        },
    ];
    for change in changes {
        assert!(verify(&change, SECRET).is_err(), "{change:?}");
    }
    let refusal = verify(&sent, "another").unwrap_err();
    assert_eq!(refusal.code(Family::S3), ("SignatureDoesNotMatch", 403));
    assert!(
        refusal
            .details(Family::S3)
            .contains(&("StringToSign", POLICY.to_owned()))
    );
}

#[test]
fn a_form_is_complete_or_has_no_credentials() {
    assert!(Form::find(&FormFields::default()).unwrap().is_none());
    let signature = signature();
    let sent = fields(&signature);
    let refusal = Form::find(&FormFields {
        signature: None,
        ..sent
    })
    .unwrap_err();
    assert_eq!(refusal.code(Family::S3), ("InvalidArgument", 400));
    assert_eq!(
        refusal.message(Family::S3),
        "Bucket POST must contain a field named 'X-Amz-Signature'.  If it is specified, please \
         check the order of the fields."
    );
    let only_2 = FormFields {
        version_2: true,
        policy: Some(POLICY),
        ..FormFields::default()
    };
    assert_eq!(Form::find(&only_2).unwrap_err(), Refusal::SignatureVersion2);
}
