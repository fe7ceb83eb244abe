//! The tree as people see it.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]
#![allow(clippy::indexing_slicing, reason = "tests")]

#[expect(dead_code, reason = "shared with the other tests")]
mod harness;

use harness::Case;
use rolecall_policy::explain;
use serde_json::json;

fn tree(case: serde_json::Value) -> String {
    let mut tree = String::new();
    Case::new(&json!({}), &case)
        .unwrap()
        .ask(|request, layers| tree = explain(request, layers).to_string());
    tree
}

#[test]
fn a_write_outside_the_folder() {
    insta::assert_snapshot!(tree(json!({
        "identity": [{"name": "s3ExportPolicy", "document": "guide/s3policy.json"}],
        "principal": "role/s3ExportRole@pinpoint",
        "action": "s3:PutObject",
        "resource": "arn:aws:s3:::example-bucket/exports/810c.gz",
        "context": {"aws:SecureTransport": true, "aws:PrincipalAccount": "123456789012"},
    })));
}

#[test]
fn a_listing_without_delimiter() {
    insta::assert_snapshot!(tree(json!({
        "identity": [{"name": "s3ExportPolicy", "document": "guide/s3policy.json"}],
        "action": "s3:ListBucket",
        "resource": "arn:aws:s3:::example-bucket",
        "context": {"s3:prefix": ""},
    })));
}

#[test]
fn another_account_borrows_the_service() {
    insta::assert_snapshot!(tree(json!({
        "resource_policy": {"kind": "trust", "name": "trust", "document": "guide/trustpolicy-guarded.json",
            "replace": {"accountId": "123456789012", "region": "us-east-1", "applicationId": "810c"}},
        "special": "trust-must-allow",
        "principal": "service/pinpoint.amazonaws.com",
        "action": "sts:AssumeRole",
        "resource": "arn:aws:iam::123456789012:role/guardedRole",
        "context": {"aws:SourceAccount": "999988887777",
            "aws:SourceArn": "arn:aws:mobiletargeting:us-east-1:999988887777:apps/attacker"},
    })));
}

#[test]
fn a_denied_and_an_allowed_request() {
    let policies = |effect: &str| {
        json!({
            "identity": [
                {"name": "write", "document": {"Version": "2012-10-17", "Statement": [
                    {"Sid": "Write", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"}]}},
                {"name": "rule", "document": {"Version": "2012-10-17", "Statement": [
                    {"Sid": "Tls", "Effect": effect, "Action": "s3:*", "Resource": "*",
                     "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}},
            ],
            "action": "s3:PutObject",
            "resource": "arn:aws:s3:::b/k",
            "context": {"aws:SecureTransport": false},
        })
    };
    insta::assert_snapshot!(tree(policies("Deny")) + "\n" + &tree(policies("Allow")));
}
