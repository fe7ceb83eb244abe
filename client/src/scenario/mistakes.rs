//! The words of every mistake, as a user sees them.

#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

use super::plan::{self, Home};
use super::read;
use super::vars::Overrides;
use crate::diagnostic::SourceFile;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");

/// Everything that is said about a scenario; the folder is shown as `scenarios`.
fn said(text: &str) -> String {
    let file = SourceFile::new(format!("{FOLDER}/x.rolecall.yaml"), text);
    let said = match read(&file, &Overrides::default()) {
        Ok(scenario) => match plan::given(&scenario, &Home::default()) {
            Ok(_) if scenario.notes.is_empty() => panic!("nothing is wrong with\n{text}"),
            Ok(_) => scenario.notes,
            Err(said) => said,
        },
        Err(said) => said,
    };
    let shown: Vec<String> = said.iter().map(ToString::to_string).collect();
    let tidy = format!(
        "{}/scenarios",
        env!("CARGO_MANIFEST_DIR").trim_end_matches("/client")
    );
    shown
        .join("\n\n")
        .replace(FOLDER, "scenarios")
        .replace(&tidy, "scenarios")
}

/// The same for a body that only lacks its first line and a step.
fn said_in(body: &str) -> String {
    said(&format!(
        "rolecall: 1\n{body}\nsteps: [ {{ check: s3:GetObject, resource: '*', expect: denied }} ]\n"
    ))
}

fn said_of_step(step: &str) -> String {
    said(&format!(
        "rolecall: 1\nsteps:\n  - {}\n",
        step.replace('\n', "\n    ")
    ))
}

macro_rules! mistakes {
    ($($name:ident: $said:expr;)*) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!($said);
        }
    )*};
}

mistakes! {
    another_format: said("rolecall: 2\nsteps: []\n");
    no_format: said("name: x\nsteps: []\n");
    empty_file: said("");
    not_a_map: said("- a\n- b\n");
    no_steps: said("rolecall: 1\nname: x\n");
    misspelt_steps: said("rolecall: 1\nstep: []\n");
    empty_steps: said("rolecall: 1\nsteps: []\n");
    two_documents: said("rolecall: 1\n---\nrolecall: 1\n");
    unknown_key: said_in("nam: x\ngivn: {}");
    key_twice: said_in("name: x\nname: y");
    tag: said_in("name: !!str x");
    merge_key: said_in("vars: &a { x: y }\ngiven: { <<: *a }");
    lone_star: said_of_step("check: s3:GetObject\nresource: *\nexpect: denied");
    star_in_table: said_of_step("check: s3:GetObject\nresource: $r\ntable:\n  - [r, expect]\n  - [*, denied]");
    braces: said_in("vars: { name: x }\ngiven: { buckets: { bucket: ${name} } }");
    braces_in_quotes: said_in("vars: { name: x }\ngiven: { buckets: [ \"${name}\" ] }");
    open_bracket: said_in("tags: [a, b");
    unknown_variable: said_in("vars: { bucket: b, folder: f }\ngiven: { buckets: [ pre-$buket-post ] }");
    variable_set_later: said_in("vars: { a: x-$b, b: y }");
    lone_dollar: said_in("given: { buckets: [ 'a$' ] }");
    absent_inside_text: said_of_step("check: s3:GetObject\nresource: arn:aws:s3:::b/$k\ndenied: { k: [a, ~] }");
    list_as_text: said_in("vars: { a: [x] }\nname: [y]");
    missing_file: said_in("files: policies\ngiven: { policies: { p: file://s3polcy.json } }");
    not_a_file: said_in("given: { policies: { p: s3policy.json } }");
    policy_without_document: said_in("given: { policies: { p: { duplicate-keys: last } } }");
    replace_not_found: said_in("files: policies\ngiven: { policies: { p: { document: file://pinpoint-readonly.json, replace: { account_id: x } } } }");
    replace_everywhere_not_found: said_in("files: policies\nreplace: { Export: y }\ngiven: { policies: { p: file://s3policy.json } }");
    role_without_trust: said_in("given: { roles: { r: { attach: [p] } } }");
    import: said_in("given: { import: file://x.json }");
    endpoints: said_in("given: { pinpoint: { a: { endpoints: some } } }");
    unknown_policy: said_in("files: policies\ngiven: { policies: { s3ExportPolicy: file://s3policy.json }, users: { ana: { attach: [s3ExportPolcy] } } }");
    unknown_group: said_in("given: { users: { ana: { groups: [staff] } } }");
    roles_in_a_circle: said_in("given:\n  roles:\n    a: { trust: { Statement: { Principal: { AWS: 'arn:aws:iam::123456789012:role/b' } } } }\n    b: { trust: { Statement: { Principal: { AWS: 'arn:aws:iam::123456789012:role/a' } } } }");
    timeout: said_in("timeout: soon");
    duplicate_keys_word: said_in("files: policies\ngiven: { policies: { p: { document: file://s3policy.json, duplicate-keys: lst } } }");

    nothing_asked: said_of_step("name: x\nexpect: allowed");
    two_questions: said_of_step("check: s3:GetObject\ncall: s3:ListBuckets\nresource: '*'\nexpect: allowed");
    resource_of_a_call: said_of_step("call: s3:ListBuckets\nresource: '*'\nexpect: allowed");
    nothing_expected: said_of_step("call: s3:ListBuckets");
    misspelt_outcome: said_of_step("call: s3:ListBuckets\nexpect: alowed");
    misspelt_step_key: said_of_step("call: s3:ListBuckets\nexpct: allowed");
    misspelt_reason: said_of_step("call: s3:ListBuckets\nexpect: { denied: mismatch resourse }");
    unknown_reason: said_of_step("call: s3:ListBuckets\nexpect: { denied: because }");
    reason_of_a_yes: said_of_step("call: s3:ListBuckets\nexpect: { allowed: mismatch resource }");
    error_of_a_yes: said_of_step("call: s3:ListBuckets\nexpect: { decision: allowed, error: AccessDenied }");
    misspelt_policy_type: said_of_step("call: s3:ListBuckets\nexpect: { decision: denied, by: identity }");
    decision_twice: said_of_step("call: s3:ListBuckets\nexpect: { decision: denied, allowed: Sid }");
    contradiction: said_of_step("check: s3:GetObject\nresource: arn:aws:s3:::b/$k\ndenied: { k: [a] }\nexpect: allowed");
    prove: said_of_step("prove: { no: s3:PutObject }");
    nobody: said_of_step("as: usr/ana\ncall: s3:ListBuckets\nexpect: allowed");
    unknown_operation: said_of_step("call: s3:GetObjekt\nwith: { Bucket: b, Key: k }\nexpect: allowed");
    unknown_service: said_of_step("call: ses:SendEmail\nexpect: allowed");
    unknown_parameter: said_of_step("call: s3:GetObject\nwith: { Bucket: b, Kee: k }\nexpect: allowed");
    missing_parameter: said_of_step("call: s3:GetObject\nwith: { Bucket: b }\nexpect: allowed");
    prove_without_by: said_of_step("prove: { action: s3:GetObject, within: 'arn:aws:s3:::b/*' }");
    prove_of_no_action: said_of_step("prove: { action: read, by: root, within: 'arn:aws:s3:::b/*' }");
    prove_of_an_unknown_action: said_of_step("prove: { action: s3:PutObjct, by: root, within: 'arn:aws:s3:::b/*' }");
    check_of_an_unknown_action: said_of_step("check: s3:PutObjct\nresource: arn:aws:s3:::b/k\nexpect: denied");
    prove_within_no_pattern: said_of_step("prove: { action: s3:GetObject, by: root, within: b/* }");
    prove_with_expect: said_of_step("prove: { action: s3:GetObject, by: root, within: 'arn:aws:s3:::b/*' }\nexpect: denied");
    prove_at_the_top: said("rolecall: 1\nprove: { action: s3:GetObject }\nsteps: []\n");
    account_of_no_digits: said_in("given: { organization: { units: { Work: { accounts: [mine] } } } }");
    unknown_in_organization: said_in("given: { organization: { accounts: { '123456789012': { scp: {} } } } }");
    check_without_resource: said_of_step("check: s3:GetObject\nexpect: allowed");
    not_an_action: said_of_step("check: s3:Get*\nresource: '*'\nexpect: allowed");
    not_a_resource: said_of_step("check: s3:GetObject\nresource: bucket/key\nexpect: allowed");
    context_of_a_call: said_of_step("call: s3:ListBuckets\ncontext: { aws:SourceIp: 10.0.0.1 }\nexpect: allowed");
    export_without_role: said_of_step("export: { app: demo, to: s3://b/p/ }\nexpect: allowed");
    import_without_format: said_of_step("import: { app: demo, from: s3://b/p/, role: r }\nexpect: allowed");
    import_of_no_format: said_of_step("import: { app: demo, from: s3://b/p/, role: r, format: xml }\nexpect: allowed");
    export_to_nowhere: said_of_step("export: { app: demo, to: bucket/p/, role: r }\nexpect: allowed");
    short_row: said_of_step("check: s3:GetObject\nresource: $r\ntable:\n  - [r, expect, why]\n  - ['*', allowed, x]\n  - ['*', denied]");
    column_twice: said_of_step("check: s3:GetObject\nresource: $r\ntable:\n  - [r, r, expect]\n  - ['*', '*', denied]");
    column_without_use: said_of_step("check: s3:GetObject\nresource: arn:aws:s3:::b/$key\ntable:\n  - [kye, expect]\n  - [a, denied]");
    empty_table: said_of_step("check: s3:GetObject\nresource: '*'\ntable: []");
    table_and_list: said_of_step("check: s3:GetObject\nresource: $r\ndenied: { r: ['*'] }\ntable: [ [r, expect], ['*', denied] ]");
    empty_list: said_of_step("check: s3:GetObject\nresource: $r\ndenied: { r: [] }");
    list_without_a_name: said_of_step("check: s3:GetObject\nresource: '*'\ndenied: [a, b]");
    two_steps_of_one_name: said("rolecall: 1\nsteps:\n  - { name: x, call: s3:ListBuckets, expect: denied }\n  - { name: x, call: s3:ListBuckets, expect: denied }\n");
    look_without_a_place: said_of_step("call: s3:ListBuckets\nexpect: allowed\nthen: { s3: [ { objects: 1 } ] }");
    look_that_asks_nothing: said_of_step("call: s3:ListBuckets\nexpect: allowed\nthen: { s3: { in: s3://b/ } }");
    count_that_is_no_number: said_of_step("call: s3:ListBuckets\nexpect: allowed\nthen: { s3: { in: s3://b/, objects: few } }");
    unknown_need: said_of_step("call: s3:ListBuckets\nexpect: allowed\nneeds: [embeded]");
    aws_line_operation: said_of_step("aws: aws iam creat-policy --policy-name x\nexpect: allowed");
    aws_line_option: said_of_step("aws: aws iam get-user --username x\nexpect: allowed");
    aws_line_shell: said_of_step("aws: aws iam list-users | head\nexpect: allowed");
    aws_line_ignored: said_of_step("aws: aws iam list-users --output json\nexpect: allowed");
    aws_line_missing_file: said_of_step("aws: aws iam create-policy --policy-name x --policy-document file://nowhere.json\nexpect: allowed");
    mutant_of_no_step: said("rolecall: 1\nsteps: [ { name: inside, call: s3:ListBuckets, expect: denied } ]\nmutants: [ { drop: p/Sid, breaks: insid } ]\n");
}
