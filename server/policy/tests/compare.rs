//! Comparing documents: what one grants beyond another, and whether one grants some access at all.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use rolecall_policy::{Access, Policy, PolicyKind, granted_access, new_access};

fn document(kind: PolicyKind, statements: &str) -> Policy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Policy::parse(&text, kind).unwrap_or_else(|faults| panic!("{text}: {faults}"))
}

fn identity(statements: &str) -> Policy {
    document(PolicyKind::Identity, statements)
}

fn s3(effect: &str, action: &str, resource: &str, rest: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"{rest}}}"#)
}

fn new(new: &str, existing: &str) -> Vec<Access> {
    new_access(&identity(new), &identity(existing)).unwrap()
}

const EXPORTS: &str = "arn:aws:s3:::b/Exports/*";
const ALL: &str = "arn:aws:s3:::b/*";
const TLS: &str = r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#;

#[test]
fn fewer_resources_and_actions_are_nothing_new() {
    let wide = s3("Allow", "s3:*", ALL, "");
    let narrow = s3("Allow", "s3:PutObject", EXPORTS, "");
    assert_eq!(new(&narrow, &wide), []);
    let found = new(&wide, &narrow);
    assert_eq!((found.len(), found[0].statement), (1, 0));
}

#[test]
fn a_union_of_statements_covers_what_none_of_them_does() {
    let both = s3("Allow", "s3:Get*", ALL, "");
    let parts = [
        s3("Allow", "s3:GetObject*", ALL, ""),
        s3("Allow", "s3:G*", ALL, ""),
    ]
    .join(",");
    assert_eq!(new(&both, &parts), []);
}

#[test]
fn a_condition_that_falls_away_is_new_access_and_one_that_is_added_is_not() {
    let (bound, free) = (
        s3("Allow", "s3:GetObject", ALL, TLS),
        s3("Allow", "s3:GetObject", ALL, ""),
    );
    assert_eq!(new(&bound, &free), []);
    assert_eq!(new(&free, &bound).len(), 1);
    assert_eq!(new(&format!("{bound} "), &bound), []);
}

#[test]
fn a_condition_with_fewer_values_is_narrower() {
    let with = |operator: &str, values: &str| {
        let rest = format!(r#","Condition":{{"{operator}":{{"s3:prefix":{values}}}}}"#);
        s3("Allow", "s3:ListBucket", "arn:aws:s3:::b", &rest)
    };
    let (one, two) = (r#""a""#, r#"["a","b"]"#);
    assert_eq!(
        new(&with("StringEquals", one), &with("StringEquals", two)),
        []
    );
    assert_eq!(
        new(&with("StringEquals", two), &with("StringEquals", one)).len(),
        1
    );
    assert_eq!(
        new(&with("StringNotEquals", two), &with("StringNotEquals", one)),
        []
    );
    assert_eq!(
        new(&with("StringNotEquals", one), &with("StringNotEquals", two)).len(),
        1
    );
    assert_eq!(
        new(
            &with("StringEquals", one),
            &with("StringEqualsIfExists", two)
        ),
        []
    );
    assert_eq!(
        new(
            &with("StringEqualsIfExists", one),
            &with("StringEquals", two)
        )
        .len(),
        1
    );
}

#[test]
fn a_deny_that_falls_away_is_new_access() {
    let allow = s3("Allow", "s3:*", ALL, "");
    let deny = s3("Deny", "s3:DeleteObject", ALL, "");
    let both = format!("{allow},{deny}");
    assert_eq!(new(&both, &allow), []);
    assert_eq!(new(&allow, &both)[0].action, "s3:DeleteObject");
    // A Deny under a condition is less than one without.
    let soft = format!("{allow},{}", s3("Deny", "s3:DeleteObject", ALL, TLS));
    assert_eq!(new(&soft, &both).len(), 1);
    assert_eq!(new(&both, &soft), []);
    assert_eq!(new(&format!("{soft} "), &soft), []);
}

#[test]
fn a_variable_is_the_same_unknown_text_in_both() {
    let home = s3("Allow", "s3:*", "arn:aws:s3:::b/${aws:username}/*", "");
    let inner = s3("Allow", "s3:*", "arn:aws:s3:::b/${aws:username}/x/*", "");
    assert_eq!(new(&inner, &home), []);
    assert_eq!(new(&home, &s3("Allow", "s3:*", ALL, "")), []);
    assert_eq!(new(&home, &inner).len(), 1);
    // A name may be longer than one character, and nobody knows whose it is.
    assert_eq!(
        new(&home, &s3("Allow", "s3:*", "arn:aws:s3:::b/?/*", "")).len(),
        1
    );
    assert_eq!(
        new(&home, &s3("Allow", "s3:*", "arn:aws:s3:::b/bob/*", "")).len(),
        1
    );
    // It may well be bob's, whom the other document denies.
    let but_bob = [
        s3("Allow", "s3:*", ALL, ""),
        s3("Deny", "s3:*", "arn:aws:s3:::b/bob/*", ""),
    ]
    .join(",");
    assert_eq!(new(&home, &but_bob).len(), 1);
}

#[test]
fn whom_a_resource_policy_names_is_compared_too() {
    let to = |principal: &str| {
        let text = format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"{ALL}"}}"#
        );
        document(PolicyKind::Resource, &text)
    };
    let new = |new: &str, existing: &str| new_access(&to(new), &to(existing)).unwrap().len();
    let (account, user) = (
        r#"{"AWS":"111122223333"}"#,
        r#"{"AWS":"arn:aws:iam::111122223333:user/u"}"#,
    );
    assert_eq!(new(account, r#""*""#), 0);
    assert_eq!(new(user, r#""*""#), 0);
    assert_eq!(new(r#""*""#, account), 1);
    assert_eq!(
        new(account, r#"{"AWS":"arn:aws:iam::111122223333:root"}"#),
        0
    );
    assert_eq!(
        new(account, r#"{"AWS":["444455556666","111122223333"]}"#),
        0
    );
    // The account may have left it to its own policies; the user needs none.
    assert_eq!(new(user, account), 1);
    let service = r#"{"Service":"pinpoint.amazonaws.com"}"#;
    assert_eq!((new(service, account), new(service, r#""*""#)), (1, 0));
    let (role, session) = (
        r#"{"AWS":"arn:aws:iam::111122223333:role/p/r"}"#,
        r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/r/s"}"#,
    );
    assert_eq!((new(role, session), new(session, role)), (1, 1));
}

#[test]
fn access_is_granted_when_some_request_is_allowed() {
    let granted = |statements: &str, actions: &[&str], resources: &[&str]| {
        granted_access(&identity(statements), actions, resources)
            .unwrap()
            .len()
    };
    let allow = s3("Allow", "s3:Put*", EXPORTS, "");
    assert_eq!(granted(&allow, &["s3:PutObject"], &[]), 1);
    assert_eq!(granted(&allow, &["s3:GetObject", "iam:*"], &[]), 0);
    assert_eq!(granted(&allow, &["s3:*"], &["arn:aws:s3:::other/*"]), 0);
    assert_eq!(granted(&allow, &[], &["arn:aws:s3:::*/Exports/a"]), 1);
    assert_eq!(
        granted(&s3("Allow", "s3:*", EXPORTS, TLS), &["s3:PutObject"], &[]),
        1
    );
    let but = |rest: &str| format!("{allow},{}", s3("Deny", "s3:PutObject", ALL, rest));
    assert_eq!(granted(&but(""), &["s3:PutObject"], &[]), 0);
    assert_eq!(granted(&but(TLS), &["s3:PutObject"], &[]), 1);
    let same = [s3("Allow", "s3:*", ALL, TLS), s3("Deny", "s3:*", ALL, TLS)].join(",");
    assert_eq!(granted(&same, &["s3:PutObject"], &[]), 0);
    // An Allow that nobody understands allows nothing.
    let odd = s3(
        "Allow",
        "s3:*",
        ALL,
        r#","Condition":{"Null":{"aws:username":"true"}}"#,
    );
    assert_eq!(granted(&odd, &["s3:PutObject"], &[]), 1);
}

/// `new` and `existing` conditions on one statement: what is new, and whether an example was confirmed.
fn narrowed(new_test: &str, existing_test: &str) -> Option<bool> {
    let with = |test: &str| {
        let rest = format!(r#","Condition":{test}"#);
        s3("Allow", "s3:GetObject", ALL, &rest)
    };
    let found = new(&with(new_test), &with(existing_test));
    found.first().map(|access| access.confirmed)
}

#[test]
fn a_condition_that_is_provably_narrower_is_nothing_new() {
    for (narrow, wide) in [
        (
            r#"{"IpAddress":{"aws:SourceIp":"10.1.0.0/16"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
        ),
        (
            r#"{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.1"]}}"#,
            r#"{"NotIpAddress":{"aws:SourceIp":"10.1.0.0/16"}}"#,
        ),
        (
            r#"{"IpAddress":{"aws:SourceIp":"10.1.0.0/16"}}"#,
            r#"{"NotIpAddress":{"aws:SourceIp":"10.2.0.0/16"}}"#,
        ),
        (
            r#"{"StringEquals":{"aws:PrincipalAccount":"12"}}"#,
            r#"{"StringLike":{"aws:PrincipalAccount":"1*"}}"#,
        ),
        (
            r#"{"StringLike":{"s3:prefix":["a/b*","a/?"]}}"#,
            r#"{"StringLike":{"s3:prefix":"a/?*"}}"#,
        ),
        (
            r#"{"StringLike":{"s3:prefix":"home/${aws:username}/x"}}"#,
            r#"{"StringLike":{"s3:prefix":"home/${aws:username}/*"}}"#,
        ),
        (
            r#"{"StringEquals":{"s3:prefix":"Ab"}}"#,
            r#"{"StringEqualsIgnoreCase":{"s3:prefix":"aB"}}"#,
        ),
        (
            r#"{"StringEqualsIgnoreCase":{"s3:prefix":"ab"}}"#,
            r#"{"StringLike":{"s3:prefix":"??"}}"#,
        ),
        (
            r#"{"StringEquals":{"s3:prefix":"a"}}"#,
            r#"{"StringNotLike":{"s3:prefix":"b*"}}"#,
        ),
        (
            r#"{"StringNotLike":{"s3:prefix":"b*"}}"#,
            r#"{"StringNotEquals":{"s3:prefix":"bc"}}"#,
        ),
        (
            r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"a"}}"#,
            r#"{"ForAnyValue:StringLike":{"aws:TagKeys":"a*"}}"#,
        ),
        (
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::b"}}"#,
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:b*"}}"#,
        ),
        (
            r#"{"StringEquals":{"aws:SourceArn":"arn:aws:s3:::b"}}"#,
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:b*"}}"#,
        ),
        (
            r#"{"NumericLessThan":{"s3:max-keys":"10"}}"#,
            r#"{"NumericLessThanEquals":{"s3:max-keys":"10"}}"#,
        ),
        (
            r#"{"DateGreaterThan":{"aws:CurrentTime":"2026-02-01T00:00:00Z"}}"#,
            r#"{"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}}"#,
        ),
        (
            r#"{"StringEquals":{"s3:prefix":"ab"}}"#,
            r#"{"StringLikeIfExists":{"s3:prefix":"a*"}}"#,
        ),
        (
            r#"{"StringLikeIfExists":{"s3:prefix":"ab*"}}"#,
            r#"{"StringLikeIfExists":{"s3:prefix":"a*"}}"#,
        ),
    ] {
        assert_eq!(narrowed(narrow, wide), None, "{narrow} {wide}");
        assert_eq!(narrowed(wide, narrow), Some(true), "{wide} {narrow}");
    }
}

#[test]
fn what_is_not_narrower_is_new_access_with_an_example_that_was_tried() {
    for (new, existing) in [
        // Without the key the one lets through what the other does not.
        (
            r#"{"StringLikeIfExists":{"s3:prefix":"ab*"}}"#,
            r#"{"StringLike":{"s3:prefix":"a*"}}"#,
        ),
        (
            r#"{"StringNotEquals":{"s3:prefix":"a"}}"#,
            r#"{"StringLike":{"s3:prefix":"*"}}"#,
        ),
        // A star of ArnLike stays within its part.
        (
            r#"{"StringLike":{"aws:SourceArn":"arn:aws:s3:*:b"}}"#,
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:b"}}"#,
        ),
        (
            r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"11.0.0.0/8"}}"#,
        ),
        (
            r#"{"NumericLessThanEquals":{"s3:max-keys":"10"}}"#,
            r#"{"NumericLessThan":{"s3:max-keys":"10"}}"#,
        ),
    ] {
        assert_eq!(narrowed(new, existing), Some(true), "{new} {existing}");
    }
}

#[test]
fn an_example_that_nothing_confirms_is_not_called_one() {
    // Only both conditions together are narrower; that is not seen, and no request can be shown either.
    let new = r#"{"StringLike":{"s3:prefix":"a*"},"StringNotEquals":{"s3:prefix":"a"}}"#;
    let existing = r#"{"StringLike":{"s3:prefix":"a?*"}}"#;
    assert_eq!(narrowed(new, existing), Some(false));
}

#[test]
fn a_deny_that_is_narrower_than_the_grant_leaves_some_of_it() {
    let test = |operator: &str, value: &str| {
        format!(r#","Condition":{{"{operator}":{{"aws:SourceIp":"{value}"}}}}"#)
    };
    let allow = s3(
        "Allow",
        "s3:GetObject",
        ALL,
        &test("IpAddress", "10.1.0.0/16"),
    );
    let deny = |range| s3("Deny", "s3:*", ALL, &test("IpAddress", range));
    let granted = |deny: String| {
        let policy = identity(&format!("{allow},{deny}"));
        let found = granted_access(&policy, &["s3:GetObject"], &[]).unwrap();
        found.first().map(|access| access.confirmed)
    };
    assert_eq!(granted(deny("10.0.0.0/8")), None);
    assert_eq!(granted(deny("10.1.2.0/24")), Some(true));
}
