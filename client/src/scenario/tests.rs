#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::sync::Arc;

use super::file::expect::{Decision, PolicyType, Why};
use super::file::question::{Question, Resource, Who};
use super::file::step::Wanted;
use super::plan::{self, Action, Home, Made};
use super::vars::{Origin, Overrides};
use super::*;
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::endpoint::operations::Service;
use serde_json::{Value, json};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");

fn shipped(name: &str) -> Arc<SourceFile> {
    let path = format!("{FOLDER}/{name}.rolecall.yaml");
    let text = std::fs::read_to_string(&path).expect("a shipped scenario");
    SourceFile::new(path, text)
}

fn good(file: &Arc<SourceFile>) -> Scenario {
    good_with(file, &Overrides::default())
}

fn good_with(file: &Arc<SourceFile>, overrides: &Overrides) -> Scenario {
    read(file, overrides).unwrap_or_else(|said| panic!("{}", shown(&said)))
}

fn shown(said: &[Diagnostic]) -> String {
    said.iter().map(|d| format!("{d}\n\n")).collect()
}

fn inline(text: &str) -> Scenario {
    good(&SourceFile::new(
        format!("{FOLDER}/inline.rolecall.yaml"),
        format!("rolecall: 1\n{text}"),
    ))
}

fn counts(scenario: &Scenario) -> (usize, usize, usize) {
    let cases: Vec<_> = scenario.steps.iter().flat_map(|step| &step.cases).collect();
    let of = |decision| {
        cases
            .iter()
            .filter(|case| {
                case.expectation
                    .decision
                    .as_ref()
                    .is_some_and(|d| d.value == decision)
            })
            .count()
    };
    (cases.len(), of(Decision::Allowed), of(Decision::Denied))
}

#[test]
fn every_shipped_scenario_is_read() {
    for (name, wanted) in [
        ("00-hello", (2, 1, 1)),
        ("01-export", (16, 5, 11)),
        ("02-confused-deputy", (13, 4, 9)),
        ("03-folder-listing", (16, 9, 7)),
        ("06-who-may-set-this-up", (4, 2, 2)),
    ] {
        let scenario = good(&shipped(name));
        assert_eq!(counts(&scenario), wanted, "{name}");
        assert!(scenario.notes.is_empty(), "{}", shown(&scenario.notes));
        plan::given(&scenario, &Home::default()).unwrap_or_else(|said| panic!("{}", shown(&said)));
    }
}

#[test]
fn the_export_scenario_is_what_it_says() {
    let scenario = good(&shipped("01-export"));
    assert_eq!(scenario.setup.len(), 3);
    let create = &scenario.setup[0].line;
    assert_eq!(create.call.to_string(), "iam:CreatePolicy");
    assert_eq!(create.call.params["PolicyName"], "s3ExportPolicy");
    let page = std::fs::read_to_string(format!("{FOLDER}/policies/s3policy.json")).unwrap();
    assert_eq!(create.call.params["PolicyDocument"], page, "byte for byte");
    assert!(
        create.documents[0]
            .1
            .path()
            .unwrap()
            .ends_with("scenarios/policies/s3policy.json")
    );

    let inside = &scenario.steps[0].cases[0];
    let Question::Job(export) = &inside.question else {
        panic!()
    };
    assert_eq!(
        export.place.value.to_string(),
        "s3://example-bucket/Exports/"
    );
    assert_eq!(
        inside.expectation.why.as_ref().unwrap().value,
        Why::Statement("AllowAllS3ActionsInUserFolder".into())
    );
    assert_eq!(inside.then.len(), 2);
    assert_eq!(inside.then[0].records.as_ref().unwrap().value, 3);
    assert_eq!(inside.then[0].every[0].1.value, Wanted::Present);
    assert_eq!(inside.then[1].outside.as_ref().unwrap().value, "Exports/");

    let outside = &scenario.steps[1];
    let prefixes: Vec<String> = outside
        .cases
        .iter()
        .map(|case| match &case.question {
            Question::Job(export) => export.place.value.prefix.clone(),
            _ => panic!(),
        })
        .collect();
    assert_eq!(
        prefixes,
        ["", "Elsewhere/", "exports/", "ExportsOld/", "x/Exports/"]
    );
    let expected = &outside.cases[0].expectation;
    assert_eq!(expected.by.as_ref().unwrap().value, PolicyType::Identity);
    assert_eq!(expected.at.as_ref().unwrap().value, "s3:PutObject");
    assert_eq!(scenario.file.slice(outside.cases[1].span), "Elsewhere/");

    let keys = &scenario.steps[3].cases;
    let Question::Check(check) = &keys[3].question else {
        panic!()
    };
    assert_eq!(
        check.resource.value,
        Resource::Arn("arn:aws:s3:::example-bucket/Exports/a b?*.gz".into())
    );
    assert_eq!(keys[3].actor.value.who, Who::Role("s3ExportRole".into()));
    assert_eq!(scenario.mutants.written.len(), 3);
}

#[test]
fn a_table_makes_keys_absent_and_points_at_its_rows() {
    let scenario = good(&shipped("02-confused-deputy"));
    let rows = &scenario.steps[0].cases;
    let keys = |row: usize| -> Vec<&str> {
        rows[row]
            .context
            .iter()
            .map(|(key, _)| key.value.as_str())
            .collect()
    };
    assert_eq!(keys(0), ["aws:SourceAccount", "aws:SourceArn"]);
    assert_eq!(keys(2), [""; 0]);
    assert_eq!(keys(7), ["aws:SourceAccount"]);
    assert_eq!(
        rows[7].expectation.why.as_ref().unwrap().value,
        Why::Missing("aws:SourceArn".into())
    );
    assert!(
        scenario
            .file
            .slice(rows[7].span)
            .starts_with("[guardedRole, $account, ~,")
    );
    assert_eq!(rows[4].bindings[1].text(), Some("999988887777"));
    assert_eq!(rows[4].bindings[1].origin, Origin::Row);

    let listing = good(&shipped("03-folder-listing"));
    let rows = &listing.steps[1].cases;
    let with = |row: usize| match &rows[row].question {
        Question::Call(call) => Value::Object(call.call.params.clone()),
        _ => panic!(),
    };
    assert_eq!(
        with(0),
        json!({"Bucket": "example-bucket", "Prefix": "", "Delimiter": "/"})
    );
    assert_eq!(with(6), json!({"Bucket": "example-bucket", "Prefix": ""}));
    assert_eq!(with(7), json!({"Bucket": "example-bucket"}));
    // Columns that are keys of the step.
    let Question::Call(put) = &listing.steps[2].cases[1].question else {
        panic!()
    };
    assert_eq!(put.call.to_string(), "s3:PutObject");
    assert_eq!(put.call.params["Body"], "hi");
}

#[test]
fn replacements_are_mapped_back_to_the_page() {
    let scenario = good(&shipped("02-confused-deputy"));
    let role = &scenario.given.roles[1];
    let document = &role.trust;
    assert!(document.text.contains(
        "arn:aws:mobiletargeting:us-east-1:123456789012:apps/810c7aab86d42fb2b56c8c966example"
    ));
    assert!(
        document
            .original()
            .contains("region:accountId:apps/applicationId")
    );
    for (sent, page) in [
        ("123456789012:apps", "accountId:apps"),
        ("us-east-1", "region"),
        ("\"Effect\": \"Allow\"", "\"Effect\": \"Allow\""),
    ] {
        let at = document.text.find(sent).unwrap();
        let back = document.to_original(at..at + sent.len());
        assert_eq!(&document.file.text[back], page);
    }
    // Inside a replaced word there is nothing finer than the word.
    let at = document.text.find("us-east-1").unwrap();
    assert_eq!(
        &document.file.text[document.to_original(at + 3..at + 4)],
        "region"
    );
}

#[test]
fn inline_documents_keep_their_places_and_are_not_templated() {
    let scenario = inline(
        "vars: { name: x }
given:
  policies:
    p: { document: { Version: 2012-10-17, Statement: [ { Sid: Own, Effect: Allow, Action: \"iam:GetUser\",
         Resource: \"arn:aws:iam::012345670123:user/${aws:username}\", Condition: { Bool: { aws:SecureTransport: true } } } ] },
         replace: { 012345670123: '123456789012' } }
steps:
  - { check: iam:GetUser, resource: '*', expect: denied }
",
    );
    let document = &scenario.given.policies[0].1;
    assert_eq!(
        document.text,
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"Own","Effect":"Allow","Action":"iam:GetUser","Resource":"arn:aws:iam::123456789012:user/${aws:username}","Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}"#
    );
    for (sent, written) in [
        ("\"iam:GetUser\"", "\"iam:GetUser\""),
        ("\"Own\"", "Own"),
        (
            "123456789012",
            "\"arn:aws:iam::012345670123:user/${aws:username}\"",
        ),
    ] {
        let at = document.text.find(sent).unwrap();
        assert_eq!(
            &document.file.text[document.to_original(at..at + sent.len())],
            written
        );
    }
    assert_eq!(document.path(), None);
}

/// One document in each place and each form.
#[test]
fn every_place_of_a_document_takes_every_form() {
    let statement = "Statement: { Sid: Own, Effect: Allow, Action: \"s3:Get*\", Resource: \"arn:aws:s3:::word/*\" }";
    let plain = format!("{{ Version: 2012-10-17, {statement} }}");
    let more = format!("{{ document: {plain}, replace: {{ word: b }} }}");
    for (form, bucket) in [(plain, "word"), (more, "b")] {
        let scenario = inline(&format!(
            "given:
  buckets: {{ b: {{ policy: {form} }} }}
  policies: {{ p: {form} }}
  resource-policies: {{ \"arn:aws:sqs:us-east-1:123456789012:q\": {form} }}
  roles: {{ r: {{ trust: {form}, inline: {{ i: {form} }} }} }}
  users: {{ u: {{ inline: {{ i: {form} }} }} }}
steps:
  - {{ check: iam:GetUser, resource: '*', expect: denied }}
"
        ));
        let given = &scenario.given;
        let documents = [
            given.buckets[0].policy.as_ref().unwrap(),
            &given.policies[0].1,
            &given.resource_policies[0].1,
            &given.roles[0].trust,
            &given.roles[0].grants.inline[0].1,
            &given.users[0].grants.inline[0].1,
        ];
        for document in documents {
            let wanted = format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Sid":"Own","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::{bucket}/*"}}}}"#
            );
            assert_eq!(document.text, wanted);
        }
    }
}

#[test]
fn the_last_of_repeated_keys_can_be_asked_for() {
    let scenario = inline(
        "files: policies
given:
  policies:
    owner: { document: file://view-resource-if-owner.json, duplicate-keys: last, replace: { userName: richard-roe, accountId: 123456789012 } }
steps:
  - { check: iam:GetUser, resource: '*', expect: denied }
",
    );
    let document = &scenario.given.policies[0].1;
    let parsed: Value = serde_json::from_str(&document.text).unwrap();
    let sent = document.text.matches("\"StringEquals\"").count();
    assert_eq!(
        document.original().matches("\"StringEquals\"").count(),
        sent + 1
    );
    assert!(parsed["Statement"].is_array());
    // What follows the cut is still found in the page.
    assert!(
        !document.text.contains("richard-roe"),
        "it stood in the part that is lost"
    );
    let at = document.text.find("123456789012").unwrap();
    assert_eq!(
        &document.file.text[document.to_original(at..at + 12)],
        "accountId"
    );
}

#[test]
fn words_are_replaced_whole_in_values_only() {
    let scenario = inline(
        "replace: { example-bucket: other }
given:
  policies:
    p: { document: { Version: 2012-10-17, Statement: { Effect: Allow, Action: 's3:*', Resource: [
         'arn:aws:s3:::example-bucket/x', 'arn:aws:s3:::example-bucket-2/x', 'arn:aws:s3:::my-example-bucket' ],
         Condition: { StringEquals: { 's3:ExistingObjectTag/example-bucket': '${example-bucket}' } } } } }
steps:
  - { check: iam:GetUser, resource: '*', expect: denied }
",
    );
    let text = &scenario.given.policies[0].1.text;
    assert!(text.contains("arn:aws:s3:::other/x"));
    assert!(text.contains("example-bucket-2/x"));
    assert!(text.contains("my-example-bucket"));
    assert!(text.contains("ExistingObjectTag/example-bucket"));
    assert!(text.contains("${example-bucket}"));
}

#[test]
fn every_scalar_is_text_as_written() {
    let scenario = inline(
        "vars: { id: 012345670123, day: 2012-10-17, word: on, other: no, float: 1.0 }
given: { users: { ana: { tags: { id: $id, day: $day, word: $word, other: $other, float: $float, price: $$5 } } } }
steps:
  - { check: iam:GetUser, resource: '*', expect: denied }
",
    );
    let tags: Vec<&str> = scenario.given.users[0]
        .grants
        .tags
        .iter()
        .map(|(_, v)| v.value.as_str())
        .collect();
    assert_eq!(
        tags,
        ["012345670123", "2012-10-17", "on", "no", "1.0", "$5"]
    );
}

#[test]
fn outside_values_win_in_order() {
    let file = SourceFile::new(
        "x.rolecall.yaml",
        "rolecall: 1\nvars: { a: file, b: $a-b, c: c }\nsteps:\n  - { check: 's3:$a$b$c$d', resource: '*', expect: denied }\n",
    );
    let vars = SourceFile::new("vars.yaml", "c: from-file\na: from-file\n");
    let mut overrides = Overrides::default()
        .with_environment([
            ("ROLECALL_VAR_a".to_owned(), "env".to_owned()),
            ("HOME".to_owned(), "x".to_owned()),
        ])
        .with_file(&vars)
        .unwrap();
    overrides.flags.insert("d".into(), "flag".into());
    let scenario = good_with(&file, &overrides);
    let Question::Check(check) = &scenario.steps[0].cases[0].question else {
        panic!()
    };
    assert_eq!(check.action.value, "s3:envenv-bfrom-fileflag");
    assert_eq!(scenario.vars.get("a").unwrap().origin, Origin::Environment);
    overrides.flags.insert("a".into(), "flag".into());
    let again = good_with(&file, &overrides);
    assert_eq!(again.vars.get("a").unwrap().text(), Some("flag"));
}

#[test]
fn lists_of_several_variables_multiply() {
    let scenario = inline(
        "steps:
  - name: all of them
    as: service/$s
    check: s3:GetObject
    resource: arn:aws:s3:::b/$k
    denied: { s: [a.com, b.com], k: [1, 2, 3] }
    allowed: { s: c.com, k: [1] }
",
    );
    let seen: Vec<String> = scenario.steps[0]
        .cases
        .iter()
        .map(|case| {
            let bound: Vec<&str> = case.bindings.iter().filter_map(|b| b.text()).collect();
            format!(
                "{} {}",
                case.expectation.decision.as_ref().unwrap().value.word(),
                bound.join(" ")
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            "allowed c.com 1",
            "denied a.com 1",
            "denied a.com 2",
            "denied a.com 3",
            "denied b.com 1",
            "denied b.com 2",
            "denied b.com 3"
        ]
    );
    assert_eq!(scenario.steps[0].cases[6].row, Some(6));
}

fn titles(scenario: &Scenario) -> Vec<String> {
    let planned =
        plan::given(scenario, &Home::default()).unwrap_or_else(|said| panic!("{}", shown(&said)));
    planned.into_iter().map(|step| step.title).collect()
}

#[test]
fn the_world_is_made_in_an_order_that_works() {
    let scenario = inline(
        "files: policies
given:
  buckets: { b: { objects: { k: v }, policy: { Version: 2012-10-17, Statement: [] } } }
  policies: { p: file://s3policy.json, limit: file://s3policy.json }
  groups: { g: { attach: [p] } }
  users: { ana: { attach: [p], groups: [g], boundary: limit, inline: { i: { Version: 2012-10-17 } }, tags: { a: b } } }
  roles:
    second: { trust: { Statement: [ { Principal: { AWS: [ 'arn:aws:iam::123456789012:role/path/first' ] } } ] } }
    first: { trust: file://trustpolicy.json, attach: [p] }
  pinpoint:
    made: { endpoints: 101, segments: { seg: { Dimensions: { Metrics: { visits: { ComparisonOperator: EQUAL, Value: 3 } } } } }, tags: { o: ana } }
    known: { id: abc, endpoints: 1 }
steps:
  - { check: iam:GetUser, resource: '*', expect: denied }
",
    );
    assert_eq!(
        titles(&scenario),
        [
            "create bucket `b`",
            "put object `k` into bucket `b`",
            "create policy `p`",
            "create policy `limit`",
            "create group `g`",
            "create user `ana`",
            "create role `first`",
            "create role `second`",
            "attach `p` to group `g`",
            "attach `p` to user `ana`",
            "put inline policy `i` into user `ana`",
            "add user `ana` to group `g`",
            "create an access key for user `ana`",
            "attach `p` to role `first`",
            "put the policy of bucket `b`",
            "create app `made`",
            "put 100 endpoints into app `made`",
            "put 1 endpoints into app `made`",
            "create segment `seg` in app `made`",
            "put app `known` in place",
            "put 1 endpoints into app `known`",
        ]
    );
    let planned = plan::given(&scenario, &Home::default()).unwrap();
    let find = |title: &str| {
        planned
            .iter()
            .find(|step| step.title.contains(title))
            .unwrap()
    };

    let Action::Call(user) = &find("create user").action else {
        panic!()
    };
    assert_eq!(
        Value::Object(user.params.clone()),
        json!({"UserName": "ana", "PermissionsBoundary": "arn:aws:iam::123456789012:policy/limit", "Tags": [{"Key": "a", "Value": "b"}]})
    );
    let app = find("create app");
    let (made, id) = app.told(&json!({"Id": "made-id", "Name": "made"})).unwrap();
    assert_eq!(made, Made::App("made".into()));
    let segment = find("create segment");
    assert!(
        segment.filled(&Default::default()).is_none(),
        "the id is not known yet"
    );
    let call = segment.filled(&[(made, id)].into()).unwrap();
    assert_eq!(call.params["ApplicationId"], "made-id");
    assert_eq!(
        call.params["WriteSegmentRequest"],
        json!({"Dimensions": {"Metrics": {"visits": {"ComparisonOperator": "EQUAL", "Value": 3}}}, "Name": "seg"})
    );
    assert_eq!(
        find("put app").action,
        Action::Admin {
            path: "given",
            body: json!({"pinpoint": [{"name": "known", "id": "abc", "tags": {}}]})
        }
    );
    let (made, key) = find("access key")
        .told(&json!({"AccessKey": {"AccessKeyId": "AKIA", "SecretAccessKey": "s"}}))
        .unwrap();
    assert_eq!(made, Made::AccessKey("ana".into()));
    assert_eq!(key["AccessKeyId"], "AKIA");
}

#[test]
fn made_up_endpoints_are_always_the_same() {
    let text = "given: { pinpoint: { a: { endpoints: 3 } } }\nsteps: [ { check: 's3:GetObject', resource: '*', expect: denied } ]\n";
    let (one, two) = (inline(text), inline(text));
    assert_eq!(one.given.apps[0].endpoints, two.given.apps[0].endpoints);
    let channels: Vec<&Value> = one.given.apps[0]
        .endpoints
        .iter()
        .map(|e| &e["ChannelType"])
        .collect();
    assert_eq!(channels, ["EMAIL", "SMS", "GCM"]);
}

#[test]
fn numbers_stay_text_but_for_the_members_that_are_numbers() {
    let scenario = inline(
        "steps:
  - call: pinpoint:UpdateEndpoint
    with:
      ApplicationId: 0123
      EndpointId: e
      EndpointRequest: { Address: 12065550101, Location: { Latitude: 1.5 }, Metrics: { visits: 3 }, Attributes: { age: [42] }, OptOut: ~ }
    expect: allowed
",
    );
    let Question::Call(call) = &scenario.steps[0].cases[0].question else {
        panic!()
    };
    assert_eq!(call.call.service, Service::Pinpoint);
    assert_eq!(
        Value::Object(call.call.params.clone()),
        json!({"ApplicationId": "0123", "EndpointId": "e", "EndpointRequest": {
            "Address": "12065550101", "Location": {"Latitude": 1.5}, "Metrics": {"visits": 3}, "Attributes": {"age": ["42"]}}})
    );
}

#[test]
fn actors_of_other_accounts_and_names() {
    let scenario = inline(
        "steps:
  - { name: a, as: '999988887777:user/N', check: 'a:B', resource: app/demo, expect: denied }
  - { name: b, as: 999988887777:root, check: 'a:B', resource: role/r, expect: { denied: explicit NoWay } }
  - { name: c, as: anonymous, call: s3:ListBuckets, expect: { error: AccessDenied } }
",
    );
    let shown: Vec<String> = scenario
        .steps
        .iter()
        .map(|s| s.cases[0].actor.value.to_string())
        .collect();
    assert_eq!(
        shown,
        ["999988887777:user/N", "999988887777:root", "anonymous"]
    );
    assert_eq!(
        scenario.steps[1].cases[0]
            .expectation
            .why
            .as_ref()
            .unwrap()
            .value,
        Why::Explicit("NoWay".into())
    );
    assert!(scenario.steps[2].cases[0].expectation.decision.is_none());
}

#[test]
fn anchors_are_read() {
    let scenario = inline(
        "steps:
  - { name: a, check: &action 's3:GetObject', resource: &r 'arn:aws:s3:::b/k', expect: denied }
  - { name: b, check: *action, resource: *r, expect: denied }
",
    );
    let Question::Check(check) = &scenario.steps[1].cases[0].question else {
        panic!()
    };
    assert_eq!(check.action.value, "s3:GetObject");
    assert_eq!(scenario.file.slice(check.action.span), "*action");
}

#[test]
fn arbitrary_text_never_panics() {
    let whole = shipped("01-export").text.clone();
    let indices: Vec<usize> = (0..whole.len())
        .filter(|i| whole.is_char_boundary(*i))
        .step_by(7)
        .collect();
    for cut in indices {
        let path = format!("{FOLDER}/cut.rolecall.yaml");
        let head = SourceFile::new(&*path, &whole[..cut]);
        if let Err(said) = read(&head, &Overrides::default()) {
            assert!(!shown(&said).is_empty());
        }
        let mut holed = whole.clone();
        holed.replace_range(
            cut..cut + whole[cut..].chars().next().unwrap().len_utf8(),
            "",
        );
        if let Err(said) = read(&SourceFile::new(path, holed), &Overrides::default()) {
            assert!(!shown(&said).is_empty());
        }
    }
}
#[test]
fn a_column_may_name_a_file_even_a_broken_one() {
    let scenario = inline(
        "files: policies
steps:
  - name: documents that IAM does not take
    call: iam:CreatePolicy
    with: { PolicyName: $name, PolicyDocument: $file }
    expect: { error: MalformedPolicyDocument, message: $says }
    table:
      - [name,      file,                              says]
      - [sms-full,  file://sms-voice-full-access.json, Syntax errors in policy]
      - [ip-allow,  file://ip-allow.json,              should not specify a principal]
",
    );
    let cases = &scenario.steps[0].cases;
    let Question::Call(call) = &cases[0].question else {
        panic!()
    };
    let page = std::fs::read_to_string(format!("{FOLDER}/policies/sms-voice-full-access.json"));
    assert_eq!(call.call.params["PolicyDocument"], page.unwrap());
    assert_eq!(call.documents[0].0, "PolicyDocument");
    let expected = &cases[1].expectation;
    assert_eq!(expected.decision, None);
    assert_eq!(
        expected.error.as_ref().unwrap().value,
        "MalformedPolicyDocument"
    );
    assert_eq!(
        expected.message.as_ref().unwrap().value,
        "should not specify a principal"
    );
}

#[test]
fn what_no_api_can_do_goes_to_rolecalls_own_address() {
    let scenario = inline(
        "files: policies
given:
  via: direct
  resource-policies:
    arn:aws:ses:us-east-1:123456789012:identity/shop@example.com:
      document: file://ses-pinpoint-email.json
      replace: { emailId: shop@example.com, region: us-east-1, accountId: 123456789012 }
steps:
  - { check: ses:SendEmail, resource: '*', expect: denied }
",
    );
    let planned = plan::given(&scenario, &Home::default()).unwrap();
    let Action::Admin { path, body } = &planned[0].action else {
        panic!()
    };
    assert_eq!(*path, "given");
    let text =
        &body["resource-policies"]["arn:aws:ses:us-east-1:123456789012:identity/shop@example.com"];
    assert!(text.as_str().unwrap().contains("identity/shop@example.com"));
    assert!(planned[0].document.is_some());
}

#[test]
fn endpoints_may_stand_in_a_file_of_json_lines() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "{\"Id\": \"e-1\", \"Metrics\": {\"n\": 1}}\n\n{\"Address\": \"x\"}\nnot json\n";
    std::fs::write(folder.path().join("e.ndjson"), lines).unwrap();
    let text = "rolecall: 1\ngiven: { pinpoint: { a: { endpoints: file://e.ndjson } } }\nsteps: [ { check: 's3:GetObject', resource: '*', expect: denied } ]\n";
    let file = SourceFile::new(
        folder.path().join("x.rolecall.yaml").display().to_string(),
        text,
    );
    let said = read(&file, &Overrides::default()).unwrap_err();
    let titles: Vec<&str> = said.iter().map(|said| said.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "an endpoint needs an `Id`",
            "this line is not a JSON object"
        ]
    );
    assert_eq!(
        said[1].primary.as_ref().unwrap().span.start,
        lines.find("not").unwrap()
    );

    std::fs::write(
        folder.path().join("e.ndjson"),
        lines.lines().next().unwrap(),
    )
    .unwrap();
    let scenario = good(&file);
    assert_eq!(
        scenario.given.apps[0].endpoints,
        [json!({"Id": "e-1", "Metrics": {"n": 1}})]
    );
}

#[test]
fn places_are_right_after_text_that_is_not_ascii() {
    let text = "rolecall: 1\nname: 'Prüfung – ok'\nabout: \"é\"\ntgas: [ü, wörd]\nsteps: []\n";
    let file = SourceFile::new("x.rolecall.yaml", text);
    let said = read(&file, &Overrides::default()).unwrap_err();
    assert_eq!(file.slice(said[0].primary.as_ref().unwrap().span), "tgas");
}
