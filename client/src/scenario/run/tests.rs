#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use rolecall_policy::{
    Attached, Context, Layers, Origin, Policy, PolicyKind, Principal, Request, Rule, Source,
};

use super::answer::{Answer, Said};
use super::choose::short_name;
use super::hop::{Hop, short_arn};
use super::judge::judge;
use crate::diagnostic::{SourceFile, Span};
use crate::scenario::file::expect::{Decision, Expectation};
use crate::scenario::vars::Overrides;

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
  {"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/Exports/*"},
  {"Sid":"Office","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b","Condition":{"StringEquals":{"s3:prefix":"Exports/"}}},
  {"Sid":"Never","Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}]}"#;

/// What the engine says to ana about one action on one resource.
fn hop(action: &str, resource: &str) -> Hop {
    let policy = Policy::parse(POLICY, PolicyKind::Identity).unwrap();
    let source = Source {
        name: "reader",
        arn: None,
        holder: Some("user/ana"),
    };
    let attached = [Attached {
        source,
        policy: &policy,
    }];
    let layers = Layers {
        identity: &attached,
        ..Layers::default()
    };
    let mut context = Context::new();
    context.set("aws:PrincipalAccount", "123456789012", Origin::Caller);
    let principal = Principal::User {
        account: "123456789012",
        arn: "arn:aws:iam::123456789012:user/ana",
        id: "AIDA",
        name: "ana",
    };
    let request = Request {
        principal,
        action,
        resource,
        resource_account: None,
        rule: Rule::Plain,
        context: &context,
    };
    Hop::of_question(
        rolecall_policy::explain(&request, &layers),
        "7f3a9c00".to_owned(),
    )
}

fn answer(hops: Vec<Hop>, failure: Option<Said>) -> Answer {
    let mut answer = Answer::default();
    answer.add(hops, failure);
    answer
}

/// An expectation as a scenario writes it.
fn expect(text: &str) -> Expectation {
    let file = SourceFile::new(
        "t.rolecall.yaml",
        format!(
            "rolecall: 1\nsteps:\n  - check: s3:GetObject\n    resource: arn:aws:s3:::b/k\n    expect: {text}\n"
        ),
    );
    let scenario = crate::scenario::read(&file, &Overrides::default())
        .unwrap_or_else(|said| panic!("{}", said[0]));
    scenario.steps[0].cases[0].expectation.clone()
}

/// The titles of what is wrong.
fn wrong(text: &str, answer: &Answer) -> Vec<String> {
    judge(&expect(text), answer)
        .into_iter()
        .map(|wrong| wrong.title)
        .collect()
}

const NONE: [String; 0] = [];

#[test]
fn an_allowed_answer() {
    let answer = answer(vec![hop("s3:GetObject", "arn:aws:s3:::b/Exports/k")], None);
    assert_eq!(answer.decision(), Some(Decision::Allowed));
    for good in [
        "allowed",
        "{ allowed: Read }",
        "{ decision: allowed, by: identity-policy, at: s3:getobject }",
    ] {
        assert_eq!(wrong(good, &answer), NONE, "{good}");
    }
    assert_eq!(
        wrong("denied", &answer),
        ["expected denied, got ALLOWED by Read"]
    );
    assert_eq!(
        wrong("{ allowed: Office }", &answer),
        ["expected it to be allowed by Office, it was Read"]
    );
    assert_eq!(
        wrong("{ allowed: read }", &answer),
        ["expected it to be allowed by read, it was Read"]
    );
    assert_eq!(
        wrong("{ decision: allowed, by: bucket-policy }", &answer),
        ["expected the resource-policy to decide, it was the identity-policy"]
    );
}

#[test]
fn an_implicit_denial() {
    let answer = answer(vec![hop("s3:GetObject", "arn:aws:s3:::b/exports/k")], None);
    for good in [
        "denied",
        "{ denied: mismatch resource }",
        "{ kind: implicit, by: identity-policy }",
    ] {
        assert_eq!(wrong(good, &answer), NONE, "{good}");
    }
    assert_eq!(
        wrong("allowed", &answer),
        ["expected allowed, got denied (implicit)"]
    );
    // Details of a verdict that was not expected at all are not told as well.
    assert_eq!(
        wrong("{ allowed: Read }", &answer),
        ["expected allowed, got denied (implicit)"]
    );
    assert_eq!(
        wrong("{ kind: explicit }", &answer),
        ["expected an explicit denial, got implicit"]
    );
    assert_eq!(
        wrong("{ denied: missing s3:prefix }", &answer),
        ["expected the reason `missing s3:prefix`, got `mismatch resource`"]
    );
    assert_eq!(
        wrong("{ denied: no-policy }", &answer),
        ["expected the reason `no-policy`, got `mismatch resource`"]
    );
}

#[test]
fn a_missing_key_is_not_a_mismatch() {
    let answer = answer(vec![hop("s3:ListBucket", "arn:aws:s3:::b")], None);
    assert_eq!(wrong("{ denied: missing s3:prefix }", &answer), NONE);
    assert_eq!(
        wrong("{ denied: missing S3:Prefix }", &answer),
        NONE,
        "keys are the same in any letter case"
    );
    assert_eq!(wrong("{ denied: mismatch s3:prefix }", &answer).len(), 1);
}

#[test]
fn an_explicit_denial() {
    let answer = answer(
        vec![hop("s3:DeleteObject", "arn:aws:s3:::b/Exports/k")],
        None,
    );
    assert_eq!(wrong("{ denied: explicit Never }", &answer), NONE);
    assert_eq!(
        wrong("{ kind: explicit, why: explicit Never }", &answer),
        NONE
    );
    assert_eq!(
        wrong("{ kind: implicit }", &answer),
        ["expected an implicit denial, got explicit"]
    );
}

#[test]
fn of_a_chain_the_hop_that_said_no_counts() {
    let chain = vec![
        hop("s3:GetObject", "arn:aws:s3:::b/Exports/k"),
        hop("s3:PutObject", "arn:aws:s3:::b/Exports/k"),
    ];
    let said = Said {
        code: None,
        message: "User: x is not authorized to perform: s3:PutObject".to_owned(),
    };
    let answer = answer(chain, Some(said));
    assert_eq!(
        wrong(
            "{ decision: denied, at: s3:PutObject, why: mismatch action }",
            &answer
        ),
        NONE
    );
    assert_eq!(
        wrong("{ decision: denied, at: s3:GetObject }", &answer),
        ["expected the decision at s3:GetObject, it fell at s3:PutObject"]
    );
    assert_eq!(
        wrong("{ decision: denied, message: not authorized }", &answer),
        NONE
    );
    assert_eq!(
        wrong("{ decision: denied, message: forbidden }", &answer),
        ["expected a message with \"forbidden\""]
    );
    assert_eq!(
        wrong("{ error: AccessDenied }", &answer),
        ["expected the error AccessDenied, got a failed job"]
    );
}

#[test]
fn of_an_allowed_chain_the_last_hop_counts_unless_at_chooses() {
    let chain = vec![
        hop("s3:GetObject", "arn:aws:s3:::b/Exports/k"),
        hop("s3:GetObject", "arn:aws:s3:::b/Exports/k2"),
    ];
    let answer = answer(chain, None);
    assert_eq!(
        wrong(
            "{ decision: allowed, at: s3:GetObject, why: Read }",
            &answer
        ),
        NONE
    );
    assert_eq!(
        wrong("{ decision: allowed, at: sts:AssumeRole }", &answer).len(),
        1
    );
}

#[test]
fn every_line_must_be_allowed_by_the_named_statement() {
    let mut answer = Answer::default();
    answer.add(vec![hop("s3:GetObject", "arn:aws:s3:::b/Exports/k")], None);
    answer.add(vec![hop("s3:GetObject", "arn:aws:s3:::b/Exports/k")], None);
    assert_eq!(wrong("{ allowed: Read }", &answer), NONE);
    assert_eq!(answer.deciders, [0, 1]);
    answer.add(vec![hop("s3:PutObject", "arn:aws:s3:::b/Exports/k")], None);
    assert_eq!(answer.deciders, [2], "a No is the end of it");
    assert_eq!(answer.decision(), Some(Decision::Denied));
}

#[test]
fn what_is_allowed_and_fails_is_not_as_expected() {
    let said = Said {
        code: Some("NoSuchKey".to_owned()),
        message: "gone".to_owned(),
    };
    let answer = answer(
        vec![hop("s3:GetObject", "arn:aws:s3:::b/Exports/k")],
        Some(said),
    );
    let found = judge(&expect("allowed"), &answer);
    assert_eq!(
        found[0].title,
        "expected allowed; the policies do allow it, but the call failed"
    );
    assert_eq!(found[0].label, "NoSuchKey: gone");
    assert!(!found[0].verdict);
    assert_eq!(wrong("{ error: NoSuchKey }", &answer), NONE);
    assert_eq!(
        wrong("{ error: NoSuchBucket }", &answer),
        ["expected the error NoSuchBucket, got NoSuchKey"]
    );
}

#[test]
fn nobody_was_asked() {
    let said = Said {
        code: Some("ValidationError".to_owned()),
        message: "too short".to_owned(),
    };
    let answer = answer(Vec::new(), Some(said));
    assert_eq!(
        wrong("denied", &answer),
        ["expected denied, got no decision"]
    );
    assert_eq!(
        wrong("allowed", &answer),
        ["expected allowed, got no decision"]
    );
    assert_eq!(wrong("{ error: ValidationError }", &answer), NONE);
}

#[test]
fn an_error_that_did_not_come() {
    let answer = answer(vec![hop("s3:GetObject", "arn:aws:s3:::b/Exports/k")], None);
    assert_eq!(
        wrong("{ error: AccessDenied }", &answer),
        ["expected AccessDenied, but there was no error"]
    );
}

#[test]
fn the_place_is_the_part_that_did_not_come_true() {
    let answer = answer(vec![hop("s3:GetObject", "arn:aws:s3:::b/exports/k")], None);
    let expectation = expect("{ denied: missing s3:prefix }");
    let found = judge(&expectation, &answer);
    assert_eq!(found[0].span, expectation.why.unwrap().span);
    assert_ne!(found[0].span, Span::default());
}

#[test]
fn short_names() {
    assert_eq!(short_name("scenarios/01-export.rolecall.yaml"), "01-export");
    assert_eq!(short_name("x.yml"), "x");
    assert_eq!(
        short_arn("arn:aws:sts::123456789012:assumed-role/s3ExportRole/pinpoint"),
        "s3ExportRole"
    );
    assert_eq!(
        short_arn("arn:aws:mobiletargeting:us-east-1:123456789012:apps/abc"),
        "app/abc"
    );
    assert_eq!(short_arn("arn:aws:s3:::b/k:with:colons"), "b/k:with:colons");
    assert_eq!(
        short_arn("pinpoint.amazonaws.com"),
        "pinpoint.amazonaws.com"
    );
}
