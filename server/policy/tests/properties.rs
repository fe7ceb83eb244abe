//! What must hold for every policy and every request.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use proptest::prelude::*;
use proptest::sample::select;
use rolecall_policy::{
    Attached, Context, Decision, Layers, Origin, Outcome, Policy, PolicyKind, Principal, Request,
    Rule, Source, decide, explain,
};
use serde_json::{Value as Json, json};

const ACCOUNT: &str = "123456789012";
const USER: &str = "arn:aws:iam::123456789012:user/ana";
const ROLE: &str = "arn:aws:iam::123456789012:role/r";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/r/s";
const OTHER: &str = "999988887777";

/// Everything a decision depends on.
#[derive(Debug, Clone)]
struct World {
    identity: Vec<Vec<Json>>,
    boundary: Option<Vec<Json>>,
    session: Option<Vec<Json>>,
    bucket: Option<Vec<Json>>,
    caller: usize,
    owner: Option<&'static str>,
    action: &'static str,
    resource: &'static str,
    context: Vec<(&'static str, &'static str)>,
    rule: Rule,
}

fn document(statements: &[Json]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn parse(statements: &[Json], kind: PolicyKind) -> Policy {
    Policy::parse(&document(statements), kind)
        .unwrap_or_else(|faults| panic!("{faults}: {}", document(statements)))
}

impl World {
    /// Decides twice, silently and aloud, and makes sure of the same answer.
    fn decide(&self) -> Decision {
        let source = Source {
            name: "p",
            arn: None,
            holder: None,
        };
        let attached = |policy| Attached { source, policy };
        let identity: Vec<Policy> = self
            .identity
            .iter()
            .map(|list| parse(list, PolicyKind::Identity))
            .collect();
        let boundary = self
            .boundary
            .as_ref()
            .map(|list| parse(list, PolicyKind::Boundary));
        let session = self
            .session
            .as_ref()
            .map(|list| parse(list, PolicyKind::Session));
        let bucket = self
            .bucket
            .as_ref()
            .map(|list| parse(list, PolicyKind::Bucket));
        let identity: Vec<_> = identity.iter().map(attached).collect();
        let session: Option<Vec<_>> = session.as_ref().map(|policy| vec![attached(policy)]);
        let layers = Layers {
            identity: &identity,
            boundary: boundary.as_ref().map(attached),
            session: session.as_deref(),
            resource: bucket.as_ref().map(attached),
            ..Layers::default()
        };
        let mut context = Context::new();
        for (key, value) in &self.context {
            context.set(*key, *value, Origin::Given);
        }
        let principal = match self.caller {
            0 => Principal::User {
                account: ACCOUNT,
                arn: USER,
                id: "AIDAUSEREXAMPLE00000A",
                name: "ana",
            },
            1 => Principal::RoleSession {
                account: ACCOUNT,
                role_arn: ROLE,
                role_id: "AROAROLEEXAMPLE00000A",
                session_arn: SESSION,
                session_name: "s",
            },
            2 => Principal::Root {
                account: ACCOUNT,
                arn: "arn:aws:iam::123456789012:root",
            },
            3 => Principal::Service {
                name: "pinpoint.amazonaws.com",
            },
            4 => Principal::FederatedUser {
                account: ACCOUNT,
                arn: "arn:aws:sts::123456789012:federated-user/f",
                user_arn: USER,
                user_id: Some("AIDAUSEREXAMPLE00000A"),
                name: "f",
            },
            _ => Principal::Anonymous,
        };
        let request = Request {
            principal,
            action: self.action,
            resource: self.resource,
            resource_account: self.owner,
            rule: self.rule,
            context: &context,
        };
        let decision = decide(&request, &layers);
        let explanation = explain(&request, &layers);
        assert_eq!(
            (decision.outcome, decision.by),
            (explanation.outcome, explanation.by)
        );
        assert!(
            !explanation.why().is_empty(),
            "an answer without a reason:\n{explanation}"
        );
        assert_eq!(decision.statement(&layers).is_some(), decision.at.is_some());
        if let Some(excerpt) = explanation.excerpt() {
            // Every mark lies within the text it points into.
            assert!(
                excerpt
                    .marks
                    .iter()
                    .all(|mark| excerpt.text.get(mark.span.clone()).is_some())
            );
            let _ = excerpt.to_string();
        }
        decision
    }
}

const ACTIONS: [&str; 6] = [
    "s3:GetObject",
    "s3:Get*",
    "s3:*",
    "S3:putobject",
    "s3:?etObject",
    "s3:List*",
];
const RESOURCES: [&str; 6] = [
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/*/x/*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::other/?",
];

fn condition() -> impl Strategy<Value = Json> {
    select(vec![
        json!({}),
        json!({"StringEquals": {"s3:x-amz-acl": ["a", "b"]}}),
        json!({"StringNotLike": {"s3:x-amz-acl": "a*"}}),
        json!({"StringLike": {"s3:x-amz-acl": "${aws:username}*"}}),
        json!({"Null": {"s3:x-amz-acl": "true"}}),
        json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"NotIpAddress": {"aws:SourceIp": ["203.0.113.7", "no address"]}}),
        json!({"NumericLessThanIfExists": {"s3:signatureAge": 10}}),
        json!({"ForAllValues:StringEquals": {"s3:x-amz-acl": ["a"]}}),
        json!({"ForAnyValue:StringNotEquals": {"s3:x-amz-acl": ["a"]}}),
        json!({"Made-up": {}}),
    ])
}

fn principal() -> impl Strategy<Value = Json> {
    select(vec![
        json!("*"),
        json!({"AWS": USER}),
        json!({"AWS": ROLE}),
        json!({"AWS": [SESSION, OTHER]}),
        json!({"AWS": ACCOUNT}),
        json!({"Service": "pinpoint.amazonaws.com"}),
    ])
}

fn statement(effect: &'static str) -> impl Strategy<Value = Json> {
    let list = |from: &'static [&'static str]| prop::collection::vec(select(from), 1..3);
    (list(&ACTIONS), list(&RESOURCES), condition(), any::<bool>(), any::<bool>()).prop_map(
        move |(action, resource, condition, not_action, not_resource)| {
            let action_key = if not_action { "NotAction" } else { "Action" };
            let resource_key = if not_resource { "NotResource" } else { "Resource" };
            json!({"Effect": effect, action_key: action, resource_key: resource, "Condition": condition})
        },
    )
}

fn any_statement() -> impl Strategy<Value = Json> {
    prop_oneof![3 => statement("Allow"), 1 => statement("Deny")]
}

/// The same with whom it is about, as a bucket policy needs it.
fn bucket_statement(statement: impl Strategy<Value = Json>) -> impl Strategy<Value = Json> {
    (statement, principal()).prop_map(|(mut statement, principal)| {
        statement["Principal"] = principal;
        statement
    })
}

fn world() -> impl Strategy<Value = World> {
    let list = || prop::collection::vec(any_statement(), 1..4);
    let policies = (
        prop::collection::vec(list(), 0..3),
        prop::option::of(list()),
        prop::option::of(list()),
        prop::option::of(prop::collection::vec(
            bucket_statement(any_statement()),
            1..4,
        )),
    );
    let request = (
        0..6_usize,
        select(vec![None, Some(ACCOUNT), Some(OTHER)]),
        select(vec!["s3:GetObject", "s3:PutObject", "S3:LISTBUCKET"]),
        select(vec![
            "arn:aws:s3:::b/k",
            "arn:aws:s3:::b/ana/x",
            "arn:aws:s3:::b/a/x/b",
            "*",
        ]),
        prop::sample::subsequence(
            vec![
                ("s3:x-amz-acl", "a"),
                ("aws:username", "ana"),
                ("aws:SourceIp", "203.0.113.7"),
                ("s3:signatureAge", "11"),
            ],
            0..=4,
        ),
        select(vec![
            Rule::Plain,
            Rule::TrustMustAllow,
            Rule::OwnerRootAlways,
            Rule::PolicyOnlyDenies,
            Rule::CallerDecides,
        ]),
    );
    (policies, request).prop_map(
        |(
            (identity, boundary, session, bucket),
            (caller, owner, action, resource, context, rule),
        )| World {
            identity,
            boundary,
            session,
            bucket,
            caller,
            owner,
            action,
            resource,
            context,
            rule,
        },
    )
}

fn put(list: &mut Vec<Json>, at: usize, statement: Json) {
    list.insert(at % (list.len() + 1), statement);
}

/// Puts a statement into one of the documents there are; `false` when there are none.
fn put_somewhere(world: &mut World, place: usize, statement: Json, bucket_statement: Json) -> bool {
    let World {
        identity,
        boundary,
        session,
        bucket,
        ..
    } = world;
    let mut lists: Vec<(&mut Vec<Json>, Json)> = identity
        .iter_mut()
        .map(|list| (list, statement.clone()))
        .collect();
    lists.extend(boundary.iter_mut().map(|list| (list, statement.clone())));
    lists.extend(session.iter_mut().map(|list| (list, statement.clone())));
    lists.extend(
        bucket
            .iter_mut()
            .map(|list| (list, bucket_statement.clone())),
    );
    if lists.is_empty() {
        return false;
    }
    let place_of_list = place % lists.len();
    let (list, statement) = lists.swap_remove(place_of_list);
    put(list, place, statement);
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn another_deny_never_allows(world in world(), place in any::<usize>(), deny in statement("Deny"), to in principal()) {
        let before = world.decide();
        let mut after = world.clone();
        let mut bucket_deny = deny.clone();
        bucket_deny["Principal"] = to;
        prop_assume!(put_somewhere(&mut after, place, deny, bucket_deny));
        prop_assert!(before.allowed() || !after.decide().allowed());
    }

    #[test]
    fn another_allow_never_denies(world in world(), place in any::<usize>(), allow in statement("Allow"), to in principal()) {
        let before = world.decide();
        let mut after = world.clone();
        let mut bucket_allow = allow.clone();
        bucket_allow["Principal"] = to;
        prop_assume!(put_somewhere(&mut after, place, allow, bucket_allow));
        let after = after.decide();
        prop_assert!(!before.allowed() || after.allowed());
        prop_assert_eq!(before.outcome == Outcome::ExplicitDeny, after.outcome == Outcome::ExplicitDeny);
    }

    #[test]
    fn order_never_matters(world in world()) {
        let mut turned = world.clone();
        turned.identity.reverse();
        for list in turned.identity.iter_mut().chain(&mut turned.boundary).chain(&mut turned.session).chain(&mut turned.bucket) {
            list.reverse();
        }
        let (one, other) = (world.decide(), turned.decide());
        prop_assert_eq!((one.outcome, one.by), (other.outcome, other.by));
    }

    #[test]
    fn letter_case_of_an_action_never_matters(world in world()) {
        let mut other = world.clone();
        other.action = match world.action {
            "s3:GetObject" => "S3:gETobject",
            "s3:PutObject" => "s3:PUTOBJECT",
            _ => "s3:listbucket",
        };
        prop_assert_eq!(world.decide().outcome, other.decide().outcome);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>(), kind in 0..9_usize) {
        let _ = Policy::parse(&text, KINDS[kind]);
    }

    #[test]
    fn no_damage_makes_the_parser_panic(
        statements in prop::collection::vec(bucket_statement(any_statement()), 1..3),
        kind in 0..9_usize,
        cut in any::<prop::sample::Index>(),
        instead in select(vec!["", "\"", "{", "]", ",", ":", "\\u12", "\n", "é", "null", "${", "'"]),
    ) {
        let mut text = document(&statements);
        let at = cut.index(text.len());
        text.replace_range(at..=at, instead);
        if let Err(faults) = Policy::parse(&text, KINDS[kind]) {
            for fault in faults.iter() {
                prop_assert!(text.get(fault.span.clone()).is_some(), "{:?} of {text}", fault);
                prop_assert!(!fault.message.is_empty() && !fault.why.is_empty());
            }
        }
    }

    #[test]
    fn what_is_stored_is_what_was_given(statements in prop::collection::vec(any_statement(), 1..4)) {
        let text = serde_json::to_string_pretty(&json!({"Version": "2012-10-17", "Statement": statements})).unwrap();
        let policy = Policy::parse(&text, PolicyKind::Identity).unwrap();
        prop_assert_eq!(policy.text(), &text);
        prop_assert_eq!(policy.statements().len(), statements.len());
        for (statement, given) in policy.statements().iter().zip(&statements) {
            let written: Json = serde_json::from_str(&text[statement.span()]).unwrap();
            prop_assert_eq!(&written, given);
        }
        prop_assert_eq!(policy.size(), serde_json::to_string(&serde_json::from_str::<Json>(&text).unwrap()).unwrap().chars().count());
    }
}

const KINDS: [PolicyKind; 9] = [
    PolicyKind::Identity,
    PolicyKind::Session,
    PolicyKind::Boundary,
    PolicyKind::Trust,
    PolicyKind::Bucket,
    PolicyKind::Resource,
    PolicyKind::Scp,
    PolicyKind::Rcp,
    PolicyKind::Endpoint,
];
