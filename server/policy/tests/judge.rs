//! Case files: what agrees, what differs, what is no case.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use rolecall_policy::judge::{Judged, Verdict, judge};

fn case(policy: &str, caller: &str, context: &str, expected: &str) -> String {
    format!(
        r#"{{"id": "c", "strict_core": true, "identity_policies": [{policy}], "request": {{"principal": {caller}, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "context": {context}}}, "expected": "{expected}"}}"#
    )
}

fn one(text: &str) -> Judged {
    judge(text).next().unwrap().unwrap()
}

const ALLOW: &str = r#"{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"s3:prefix": "x"}}}]}"#;
const ANA: &str = r#"{"arn": "arn:aws:iam::123456789012:user/path/ana"}"#;

#[test]
fn a_case_agrees_or_differs() {
    for (context, expected, agrees) in [
        (r#"{"s3:prefix": "x"}"#, "Allowed", true),
        // A list is a key of several values, and `StringEquals` is for one.
        (r#"{"s3:prefix": ["x"]}"#, "ImplicitlyDenied", true),
        (r#"{"s3:prefix": "x"}"#, "ImplicitlyDenied", false),
        ("{}", "ImplicitlyDenied", true),
        ("{}", "Denied", true),
        ("{}", "ExplicitlyDenied", false),
        ("{}", "NeedTagConditionEval", false),
    ] {
        let judged = one(&case(ALLOW, ANA, context, expected));
        assert_eq!(
            judged.agrees(),
            agrees,
            "{context} {expected}: {}",
            judged.verdict
        );
        assert!(judged.strict && judged.id == "c" && judged.line == 1);
    }
}

#[test]
fn what_cannot_be_stored_grants_nothing() {
    let judged = one(&case(r#"{"Statement": []}"#, ANA, "{}", "ImplicitlyDenied"));
    assert!(judged.agrees() && matches!(judged.verdict, Verdict::Refused(_)));
    assert!(!one(&case(r#"{"Statement": []}"#, ANA, "{}", "Allowed")).agrees());
}

#[test]
fn a_document_is_taken_or_refused_with_its_message() {
    let taken = r#"{"id": "d", "document": "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}}", "valid": true}"#;
    assert!(one(taken).agrees());
    let refused =
        r#"{"id": "d", "document": "no", "valid": false, "message": "Syntax errors in policy."}"#;
    assert!(one(refused).agrees());
    assert!(!one(&refused.replace("Syntax", "Other")).agrees());
}

#[test]
fn every_kind_of_caller_asks() {
    let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": NAMED, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#;
    for (caller, named) in [
        (ANA, r#"{"AWS": "arn:aws:iam::123456789012:user/path/ana"}"#),
        (
            r#"{"arn": "arn:aws:sts::123456789012:assumed-role/r/s"}"#,
            r#"{"AWS": "arn:aws:iam::123456789012:role/r"}"#,
        ),
        (
            r#"{"arn": "arn:aws:sts::123456789012:federated-user/f"}"#,
            r#"{"AWS": "arn:aws:sts::123456789012:federated-user/f"}"#,
        ),
        (
            r#"{"service": "pinpoint.amazonaws.com"}"#,
            r#"{"Service": "pinpoint.amazonaws.com"}"#,
        ),
        (r#"{"anonymous": true}"#, r#""*""#),
    ] {
        let case = case("", caller, "{}", "Allowed");
        assert!(!one(&case).agrees(), "{caller}");
        let policy = policy.replace("NAMED", named);
        let named = case.replace(
            r#""expected""#,
            &format!(r#""resource_policy": {policy}, "expected""#),
        );
        assert!(one(&named).agrees(), "{caller}: {}", one(&named).verdict);
    }
}

#[test]
fn limits_are_read() {
    let open = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let shut = open.replace("\"Action\": \"*\"", "\"Action\": \"iam:*\"");
    let case = case(open, ANA, "{}", "Allowed");
    let with = |field: &str| case.replace(r#""expected""#, &format!(r#"{field}, "expected""#));
    assert!(one(&case).agrees());
    for field in [
        format!(r#""permission_boundaries": [{shut}]"#),
        format!(r#""session_policy": {shut}"#),
        format!(
            r#""scps": [{{"level": "root", "policies": [{open}]}}, {{"level": "account", "policies": [{shut}]}}]"#
        ),
        format!(
            r#""endpoint_policies": [{}]"#,
            shut.replace("\"Action\"", "\"Principal\": \"*\", \"Action\"")
        ),
    ] {
        assert!(!one(&with(&field)).agrees(), "{field}");
        assert!(one(&with(&field.replace("iam:*", "*"))).agrees(), "{field}");
    }
}

#[test]
fn what_is_no_case_says_so() {
    let text = format!("\n{}\nnonsense\n{{}}\n", case(ALLOW, ANA, "{}", "Denied"));
    let said: Vec<_> = judge(&text)
        .map(|judged| {
            judged
                .map(|judged| judged.line)
                .map_err(|no| no.to_string())
        })
        .collect();
    assert_eq!(said[0], Ok(2));
    assert_eq!(
        said[1],
        Err("line 3: `nonsense` stands where a policy document should".to_owned())
    );
    assert_eq!(said[2], Err("line 4: `expected` is missing".to_owned()));
    let boundaries = case(ALLOW, ANA, "{}", "Denied").replace(
        r#""expected""#,
        r#""permission_boundaries": [1, 2], "expected""#,
    );
    assert_eq!(
        judge(&boundaries).next().unwrap().unwrap_err().why,
        "`permission_boundaries` has more than one policy"
    );
}

/// A case with more policies than those of an identity.
fn with(policies: &str, caller: &str, action: &str, resource: &str) -> String {
    format!(
        r#"{{"id": "c", "strict_core": true, {policies}, "request": {{"principal": {caller}, "action": "{action}", "resource": "{resource}", "context": {{}}}}, "expected": "Allowed"}}"#
    )
}

const EVERYTHING: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;

#[test]
fn resource_control_policies_reach_their_services_only() {
    let rcp = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}"#;
    let policies =
        format!(r#""identity_policies": [{EVERYTHING}], "rcps": [{{"policies": [{rcp}]}}]"#);
    for (action, allowed) in [
        ("iam:GetRole", true),
        ("mobiletargeting:GetApp", true),
        ("sms-voice:SendVoiceMessage", true),
        ("s3:GetObject", false),
        ("sts:AssumeRole", false),
        ("S3:getobject", false),
    ] {
        let judged = one(&with(&policies, ANA, action, "*"));
        assert_eq!(judged.agrees(), allowed, "{action}: {}", judged.verdict);
    }
}

#[test]
fn the_root_user_is_not_locked_out_of_a_bucket_policy() {
    let deny = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b"}}"#;
    let policies = format!(r#""identity_policies": [], "resource_policy": {deny}"#);
    let root = r#"{"arn": "arn:aws:iam::123456789012:root"}"#;
    let asked = |caller: &str, action: &str| {
        let case = with(&policies, caller, action, "arn:aws:s3:::b");
        one(&case).verdict.to_string()
    };
    for action in [
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:DeleteBucketPolicy",
    ] {
        assert_eq!(asked(root, action), "Allowed", "{action}");
        assert_eq!(asked(ANA, action), "ExplicitlyDenied", "{action}");
    }
    assert_eq!(asked(root, "s3:DeleteBucket"), "ExplicitlyDenied");
}

/// A policy of an endpoint is one of 2008 where it does not say, as at AWS, and knows no variables then.
#[test]
fn a_policy_of_an_endpoint_may_lack_a_version() {
    let endpoint = r#""Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "arn:aws:s3:::b/${*}"}"#;
    for (version, allowed) in [("", false), (r#""Version": "2012-10-17", "#, true)] {
        let policies = format!(
            r#""identity_policies": [{EVERYTHING}], "endpoint_policies": [{{{version}{endpoint}}}]"#
        );
        let judged = one(&with(&policies, ANA, "s3:GetObject", "arn:aws:s3:::b/*"));
        assert_eq!(judged.agrees(), allowed, "{version}: {}", judged.verdict);
    }
}
