#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use super::*;
use crate::diagnostic::{SourceFile, Span};
use crate::scenario::documents::{DuplicateKeys, Loader, Replace};
use serde_json::json;

struct Shipped(Loader);

impl Shipped {
    fn new() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/x.rolecall.yaml");
        Self(Loader::new(
            &SourceFile::new(path, ""),
            Some("policies"),
            Replace::default(),
        ))
    }
}

impl Files for Shipped {
    fn document(&self, name: &str) -> Result<Document, Box<Diagnostic>> {
        self.0.document(
            name,
            Span::default(),
            &Replace::default(),
            DuplicateKeys::Refuse,
        )
    }
    fn text(&self, name: &str) -> Result<String, Box<Diagnostic>> {
        Ok(self.0.file(name, Span::default())?.text.clone())
    }
    fn bytes(&self, name: &str) -> Result<Vec<u8>, Box<Diagnostic>> {
        self.0.bytes(name, Span::default())
    }
}

fn understood(line: &str) -> AwsLine {
    match parse(line, &Shipped::new()) {
        Ok(line) => line,
        Err(Trouble::Word { title, .. }) => panic!("{line}: {title}"),
        Err(Trouble::File(said)) => panic!("{line}: {said}"),
    }
}

#[test]
fn lines_become_calls() {
    for (line, call, params) in [
        (
            "aws s3 mb s3://b",
            "s3:CreateBucket",
            json!({"Bucket": "b"}),
        ),
        (
            "aws s3 mb s3://b --region eu-west-1",
            "s3:CreateBucket",
            json!({"Bucket": "b", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
        ),
        ("aws s3 ls", "s3:ListBuckets", json!({})),
        (
            "aws s3 ls s3://b/Exports/",
            "s3:ListObjectsV2",
            json!({"Bucket": "b", "Prefix": "Exports/", "Delimiter": "/"}),
        ),
        (
            "aws s3 ls --recursive s3://b",
            "s3:ListObjectsV2",
            json!({"Bucket": "b", "Prefix": ""}),
        ),
        (
            "aws s3 rm s3://b/a/b",
            "s3:DeleteObject",
            json!({"Bucket": "b", "Key": "a/b"}),
        ),
        (
            "aws pinpoint create-app --create-application-request Name=demo",
            "pinpoint:CreateApp",
            json!({"CreateApplicationRequest": {"Name": "demo"}}),
        ),
        (
            "aws pinpoint create-app --create-application-request '{\"Name\": \"demo\", \"tags\": {\"a\": \"b\"}}'",
            "pinpoint:CreateApp",
            json!({"CreateApplicationRequest": {"Name": "demo", "tags": {"a": "b"}}}),
        ),
        (
            "aws pinpoint create-export-job --application-id 1 --export-job-request RoleArn=arn:aws:iam::1:role/r,S3UrlPrefix=s3://b/Exports/",
            "pinpoint:CreateExportJob",
            json!({"ApplicationId": "1", "ExportJobRequest": {"RoleArn": "arn:aws:iam::1:role/r", "S3UrlPrefix": "s3://b/Exports/"}}),
        ),
        (
            "aws pinpoint update-endpoint --application-id 1 --endpoint-id e --endpoint-request 'ChannelType=SMS,Address=12065550101,Metrics={visits=3}'",
            "pinpoint:UpdateEndpoint",
            json!({"ApplicationId": "1", "EndpointId": "e", "EndpointRequest": {"ChannelType": "SMS", "Address": "12065550101", "Metrics": {"visits": 3}}}),
        ),
        (
            "aws iam tag-role --role-name r --tags Key=a,Value=b Key=c,Value=d",
            "iam:TagRole",
            json!({"RoleName": "r", "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}]}),
        ),
        (
            "aws iam untag-role --tag-keys a b --role-name=r",
            "iam:UntagRole",
            json!({"TagKeys": ["a", "b"], "RoleName": "r"}),
        ),
        (
            "aws iam create-policy-version --policy-arn a --policy-document '{}' --no-set-as-default",
            "iam:CreatePolicyVersion",
            json!({"PolicyArn": "a", "PolicyDocument": "{}", "SetAsDefault": "false"}),
        ),
        (
            "aws sts get-caller-identity",
            "sts:GetCallerIdentity",
            json!({}),
        ),
        (
            "aws s3api list-objects-v2 --bucket b --max-keys 3",
            "s3:ListObjectsV2",
            json!({"Bucket": "b", "MaxKeys": "3"}),
        ),
        (
            "aws iam create-role \\\n  --role-name r \\\n  --assume-role-policy-document '{}'",
            "iam:CreateRole",
            json!({"RoleName": "r", "AssumeRolePolicyDocument": "{}"}),
        ),
    ] {
        let got = understood(line).call;
        assert_eq!(got.to_string(), call, "{line}");
        assert_eq!(Value::Object(got.params), params, "{line}");
    }
}

#[test]
fn files_are_loaded() {
    let line = understood("aws s3api put-object --bucket b --key k --body trustpolicy.json");
    assert!(
        line.call.params["Body"]
            .as_str()
            .unwrap()
            .contains("pinpoint.amazonaws.com")
    );
    let line = understood(
        "aws iam put-role-policy --role-name r --policy-name p --policy-document file://s3policy.json",
    );
    assert_eq!(line.documents[0].0, "PolicyDocument");
}

#[test]
fn options_of_the_cli_itself_do_no_harm() {
    let line = understood(
        "aws --output json iam get-user --user-name a --query User.Arn --region eu-west-1 --no-cli-pager",
    );
    assert_eq!(line.ignored, ["--output", "--query", "--no-cli-pager"]);
    assert_eq!(line.call.region.as_deref(), Some("eu-west-1"));
    assert_eq!(Value::Object(line.call.params), json!({"UserName": "a"}));
}

#[test]
fn what_is_refused_says_why() {
    let mut out = String::new();
    for line in [
        "",
        "awz iam get-user",
        "aws",
        "aws iam",
        "aws iamm get-user",
        "aws iam creat-policy --policy-name x",
        "aws iam create-policy --policy-name x",
        "aws iam create-policy --polcy-name x --policy-document '{}'",
        "aws iam create-policy --policy-name --policy-document '{}'",
        "aws iam create-policy --policy-name a --policy-name b",
        "aws iam create-policy --policy-name a b",
        "aws iam get-user --user-name 'a",
        "aws iam get-user --no-sign-request",
        "aws iam list-users | jq .",
        "aws s3 cp a s3://b/a",
        "aws s3 mb b",
        "aws s3 mb s3://b/k",
        "aws s3 lss",
        "aws s3api list-objects-v2 --bucket b --max-keys many",
        "aws pinpoint create-app --create-application-request demo",
        "aws pinpoint create-app --create-application-request '{Name: demo}'",
        "aws iam create-role --role-name r --assume-role-policy-document file://trustpolcy.json",
    ] {
        let said = match parse(line, &Shipped::new()) {
            Ok(line) => panic!("{} was understood", line.call),
            Err(Trouble::Word {
                word, title, help, ..
            }) => {
                format!(
                    "[{word}] {title}{}",
                    help.map(|h| format!(" -- {h}")).unwrap_or_default()
                )
            }
            Err(Trouble::File(said)) => {
                let path = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
                let path = path.replace("/client/..", "");
                format!(
                    "{} -- {}",
                    said.title.replace(&path, ""),
                    said.help.join(" ")
                )
            }
        };
        out.push_str(&format!("{line}\n    {said}\n"));
    }
    insta::assert_snapshot!(out);
}
