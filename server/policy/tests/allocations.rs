//! A decision touches the heap neither to allow nor to deny.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

#[expect(dead_code, reason = "shared with the other tests")]
mod harness;

use std::path::Path;

use harness::Case;
use rolecall_policy::{
    Attached, Context, Layers, Origin, Policy, PolicyKind, Principal, Request, Rule, Source, Value,
    decide, explain,
};
use serde_json::Value as Json;

#[test]
fn the_count_counts() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(vec![1_u8; 100])));
    assert_eq!(counted.count_total, 1);
}

/// Every request of every decision file: each operator, each layer, each kind of caller.
#[test]
fn no_rule_allocates() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decisions");
    let (mut allowed, mut denied) = (0, 0);
    for file in harness::json_files(&folder) {
        let rule: Json = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        for overrides in rule["cases"].as_array().unwrap() {
            let Ok(case) = Case::new(&rule, overrides) else {
                continue;
            };
            case.ask(|request, layers| {
                let mut decision = None;
                let counted =
                    allocation_counter::measure(|| decision = Some(decide(request, layers)));
                assert_eq!(counted.count_total, 0, "{}: {overrides}", file.display());
                match decision.unwrap().allowed() {
                    true => allowed += 1,
                    false => denied += 1,
                }
                let counted = allocation_counter::measure(|| drop(explain(request, layers)));
                assert!(
                    counted.count_total > 0,
                    "an explanation has to be written down"
                );
            });
        }
    }
    assert!(
        allowed > 50 && denied > 50,
        "{allowed} allowed, {denied} denied"
    );
}

/// Values that are not text, where text is asked for.
#[test]
fn typed_values_are_compared_in_place() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/${aws:SourceIp}/${s3:max-keys}/${aws:CurrentTime}/${aws:SecureTransport}/*",
        "Condition": {
            "StringEqualsIgnoreCase": {"aws:UserAgent": "Agent ${aws:SourceIp} of ${s3:max-keys}"},
            "StringLike": {"aws:SourceIp": "2001:*", "aws:CurrentTime": "20*"},
            "StringEquals": {"s3:max-keys": "10", "aws:SecureTransport": "true"},
            "Bool": {"aws:SecureTransport": "${aws:SecureTransport}"},
            "NumericLessThan": {"aws:CurrentTime": "4000000000"},
            "DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"},
            "IpAddress": {"aws:SourceIp": "2001:db8::/32"}
        }}]}"#;
    let policy = Policy::parse(policy, PolicyKind::Identity).unwrap();
    let source = Source {
        name: "p",
        arn: None,
        holder: None,
    };
    let identity = [Attached {
        source,
        policy: &policy,
    }];
    let layers = Layers {
        identity: &identity,
        ..Layers::default()
    };
    let address: std::net::IpAddr = "2001:db8:1111:2222:3333:4444:5555:6666".parse().unwrap();
    let time: jiff::Timestamp = "2026-11-21T12:00:00.123456789Z".parse().unwrap();
    let agent = format!("AGENT {address} OF 10");
    let mut context = Context::new();
    context.set("aws:SourceIp", Value::Ip(address), Origin::Connection);
    context.set("aws:CurrentTime", Value::Time(time), Origin::Clock);
    context.set("aws:SecureTransport", Value::Bool(true), Origin::Connection);
    context.set("s3:max-keys", Value::Number(10.0), Origin::Request);
    context.set("aws:UserAgent", agent.as_str(), Origin::Request);
    for (resource, wanted) in [
        (format!("arn:aws:s3:::b/{address}/10/{time}/true/k"), true),
        (format!("arn:aws:s3:::b/{address}/11/{time}/true/k"), false),
    ] {
        let request = Request {
            principal: Principal::User {
                account: "123456789012",
                arn: "arn:aws:iam::123456789012:user/ana",
                id: "AIDAEXAMPLEEXAMPLE000",
                name: "ana",
            },
            action: "s3:GetObject",
            resource: &resource,
            resource_account: None,
            rule: Rule::Plain,
            context: &context,
        };
        let mut decision = None;
        let counted = allocation_counter::measure(|| decision = Some(decide(&request, &layers)));
        assert_eq!(
            decision.unwrap().allowed(),
            wanted,
            "{}",
            explain(&request, &layers)
        );
        assert_eq!(counted.count_total, 0);
    }
}
