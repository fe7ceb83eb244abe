//! Proofs against the evaluator: on random policies, over every short key.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use rolecall_policy::{
    Attached, Context, Layers, Origin, Owned, Policy, PolicyKind, Principal, Question, Request,
    Rule, Source, Verdict, decide, may_reach, prove,
};
use serde_json::{Value as Json, json};

const ACCOUNT: &str = "123456789012";
const OTHER: &str = "999988887777";
const USER: &str = "arn:aws:iam::123456789012:user/ana";
const ROLE: &str = "arn:aws:iam::123456789012:role/r";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/r/s";
const BUCKET: &str = "arn:aws:s3:::bkt/";

#[derive(Debug, Clone)]
struct World {
    identity: Vec<Json>,
    boundary: Option<Vec<Json>>,
    session: Option<Vec<Json>>,
    bucket: Option<Vec<Json>>,
    scp: Option<Vec<Json>>,
    caller: usize,
    owner: Option<&'static str>,
    rule: Rule,
}

fn principal(caller: usize) -> Principal<'static> {
    match caller {
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
    }
}

fn parse(statements: &[Json], kind: PolicyKind) -> Policy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Policy::parse(&text, kind).unwrap_or_else(|faults| panic!("{faults}: {text}"))
}

impl World {
    fn ask<T>(&self, run: impl FnOnce(Principal<'_>, &Layers<'_>) -> T) -> T {
        let source = Source {
            name: "p",
            arn: None,
            holder: None,
        };
        let attached = |policy| Attached { source, policy };
        let optional = |list: &Option<Vec<Json>>, kind| list.as_ref().map(|list| parse(list, kind));
        let identity = (!self.identity.is_empty()).then(|| self.identity.clone());
        let identity = optional(&identity, PolicyKind::Identity);
        let boundary = optional(&self.boundary, PolicyKind::Boundary);
        let session = optional(&self.session, PolicyKind::Session);
        let bucket = optional(&self.bucket, PolicyKind::Bucket);
        let scp = optional(&self.scp, PolicyKind::Scp);
        let identity: Vec<_> = identity.iter().map(attached).collect();
        let session: Option<Vec<_>> = session.as_ref().map(|policy| vec![attached(policy)]);
        let scp: Option<Vec<_>> = scp.as_ref().map(|policy| vec![attached(policy)]);
        let scps: Vec<&[Attached<'_>]> = scp.iter().map(Vec::as_slice).collect();
        let layers = Layers {
            identity: &identity,
            boundary: boundary.as_ref().map(attached),
            session: session.as_deref(),
            resource: bucket.as_ref().map(attached),
            scps: &scps,
            ..Layers::default()
        };
        run(principal(self.caller), &layers)
    }

    /// Whether the evaluator allows.
    fn allows(
        &self,
        layers: &Layers<'_>,
        action: &str,
        resource: &str,
        context: &Context<'_>,
    ) -> bool {
        let request = Request {
            principal: principal(self.caller),
            action,
            resource,
            resource_account: self.owner,
            rule: self.rule,
            context,
        };
        decide(&request, layers).allowed()
    }

    fn question<'a>(
        &self,
        layers: &Layers<'a>,
        action: &'a str,
        known: &'a Context<'a>,
    ) -> Question<'a> {
        Question {
            principal: principal(self.caller),
            action,
            layers: *layers,
            rule: self.rule,
            resource_account: self.owner,
            owned: &[],
            known,
        }
    }
}

/// A key of `a`, `b` and slashes with wildcards, in one bucket or in all.
fn pattern(variables: bool) -> BoxedStrategy<String> {
    let letters = prop::collection::vec(select(vec!["a", "b", "/", "*", "?"]), 0..5);
    let own = letters.prop_map(|letters| format!("{BUCKET}{}", letters.concat()));
    let wide = select(vec![
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::bkt*",
        "arn:aws:s3:::*/a",
    ]);
    let wide = wide.prop_map(str::to_owned);
    if !variables {
        return prop_oneof![4 => own, 1 => wide].boxed();
    }
    let filled = select(vec![
        "${aws:username}/*",
        "*${s3:x-amz-acl}",
        "${aws:username}${aws:username}",
    ])
    .prop_map(|key| format!("{BUCKET}{key}"));
    prop_oneof![4 => own, 1 => wide, 2 => filled].boxed()
}

fn condition() -> impl Strategy<Value = Json> {
    select(vec![
        json!({}),
        json!({}),
        json!({"StringEquals": {"s3:x-amz-acl": ["a", "b"]}}),
        json!({"StringNotLike": {"s3:x-amz-acl": "a*"}}),
        json!({"StringLike": {"s3:x-amz-acl": "${aws:username}*"}}),
        json!({"Null": {"s3:x-amz-acl": "true"}}),
        json!({"ForAllValues:StringEquals": {"s3:x-amz-acl": ["a"]}}),
        json!({"Bool": {"aws:SecureTransport": "false"}}),
        json!({"NumericLessThan": {"s3:signatureAge": 10}}),
        json!({"Made-up": {}}),
    ])
}

fn statement(free: bool) -> impl Strategy<Value = Json> {
    let actions = select(vec!["s3:GetObject", "s3:Get*", "s3:*", "s3:PutObject"]);
    let effect = prop_oneof![3 => Just("Allow"), 1 => Just("Deny")];
    let condition = if free {
        condition().boxed()
    } else {
        Just(json!({})).boxed()
    };
    let resources = prop::collection::vec(pattern(free), 1..3);
    let negated = || prop::bool::weighted(0.2);
    (effect, actions, resources, condition, negated(), negated()).prop_map(
        |(effect, action, resource, condition, not_action, not_resource)| {
            let action_key = if not_action { "NotAction" } else { "Action" };
            let resource_key = if not_resource { "NotResource" } else { "Resource" };
            json!({"Effect": effect, action_key: action, resource_key: resource, "Condition": condition})
        },
    )
}

fn bucket_statement(free: bool) -> impl Strategy<Value = Json> {
    let named = select(vec![
        json!("*"),
        json!({"AWS": USER}),
        json!({"AWS": ROLE}),
        json!({"AWS": SESSION}),
        json!({"AWS": ACCOUNT}),
        json!({"Service": "pinpoint.amazonaws.com"}),
    ]);
    (statement(free), named).prop_map(|(mut statement, principal)| {
        statement["Principal"] = principal;
        // A bucket policy may not say `*`.
        for key in ["Resource", "NotResource"] {
            let list = statement.get_mut(key).and_then(Json::as_array_mut);
            for resource in list.into_iter().flatten() {
                if resource == "*" {
                    *resource = json!("arn:aws:s3:::*");
                }
            }
        }
        statement
    })
}

fn world(free: bool) -> impl Strategy<Value = World> {
    let list = move || prop::collection::vec(statement(free), 1..4);
    let bucket = prop::collection::vec(bucket_statement(free), 1..3);
    let rare = |list| prop::option::weighted(0.3, list);
    let rules = vec![
        Rule::Plain,
        Rule::Plain,
        Rule::TrustMustAllow,
        Rule::OwnerRootAlways,
        Rule::PolicyOnlyDenies,
        Rule::CallerDecides,
    ];
    let owners = vec![None, None, Some(ACCOUNT), Some(OTHER)];
    (
        prop::collection::vec(statement(free), 0..4),
        rare(list()),
        rare(list()),
        prop::option::of(bucket),
        prop::option::weighted(0.2, list()),
        select(vec![0_usize, 0, 1, 1, 2, 3, 4, 5]),
        select(owners),
        select(rules),
    )
        .prop_map(
            |(identity, boundary, session, bucket, scp, caller, owner, rule)| World {
                identity,
                boundary,
                session,
                bucket,
                scp,
                caller,
                owner,
                rule,
            },
        )
}

fn context() -> impl Strategy<Value = Context<'static>> {
    let keys = vec![
        ("s3:x-amz-acl", "a"),
        ("aws:username", "b"),
        ("aws:SecureTransport", "true"),
        ("s3:signatureAge", "7"),
    ];
    (subsequence(keys, 0..=4), any::<bool>()).prop_map(|(keys, empty)| {
        let mut context = Context::new();
        for (key, value) in keys {
            let value = if empty && key == "aws:username" {
                ""
            } else {
                value
            };
            context.set(key, value, Origin::Given);
        }
        context
    })
}

/// Every key of at most so many characters.
fn short_keys(longest: usize) -> Vec<String> {
    let mut keys = vec![String::new()];
    let mut start = 0;
    for _ in 0..longest {
        let end = keys.len();
        for at in start..end {
            for letter in ['a', 'b', '/'] {
                keys.push(format!("{}{letter}", keys[at]));
            }
        }
        start = end;
    }
    keys
}

/// A pattern by itself, as the evaluator reads it.
fn covers(pattern: &str, resource: &str) -> bool {
    let world = World {
        identity: vec![json!({"Effect": "Allow", "Action": "s3:*", "Resource": pattern})],
        boundary: None,
        session: None,
        bucket: None,
        scp: None,
        caller: 0,
        owner: None,
        rule: Rule::Plain,
    };
    world.ask(|_, layers| world.allows(layers, "s3:GetObject", resource, &Context::new()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_allowed_is_within_reach(world in world(true), context in context(), known in context()) {
        world.ask(|_, layers| {
            let nothing = Context::new();
            // With nothing known, and with keys that the request then has.
            let mut both = context.clone();
            for entry in known.iter() {
                both.set(entry.key.clone(), entry.value.clone(), Origin::Given);
            }
            for (known, context) in [(&nothing, &context), (&known, &both)] {
                let question = world.question(layers, "s3:GetObject", known);
                let reach = may_reach(&question).unwrap();
                for key in short_keys(3) {
                    let resource = format!("{BUCKET}{key}");
                    let allowed = world.allows(layers, "s3:GetObject", &resource, context);
                    prop_assert!(!allowed || reach.contains(&resource), "{resource} is allowed");
                    prop_assert!(allowed || !reach.certainly_contains(&resource), "{resource} is not allowed");
                }
                for resource in ["*", "arn", "arn:aws", "arn:aws:s3:::", "arn:aws-cn:s3:::bkt/a", "arn:aws-cn", "arn:aws:s3:::bkt"] {
                    let allowed = world.allows(layers, "s3:GetObject", resource, context);
                    prop_assert!(!allowed || reach.contains(resource), "{resource} is allowed");
                    prop_assert!(allowed || !reach.certainly_contains(resource), "{resource} is not allowed");
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn without_conditions_the_reach_is_exact(world in world(false), within in pattern(false)) {
        world.ask(|_, layers| {
            let nothing = Context::new();
            let question = world.question(layers, "s3:GetObject", &nothing);
            let reach = may_reach(&question).unwrap();
            let proof = prove(&question, &[&within]);
            let mut outside = None;
            for key in short_keys(4) {
                let resource = format!("{BUCKET}{key}");
                let allowed = world.allows(layers, "s3:GetObject", &resource, &nothing);
                prop_assert_eq!(allowed, reach.contains(&resource));
                if allowed && !key.is_empty() && outside.is_none() && !covers(&within, &resource) {
                    outside = Some(resource);
                }
            }
            match &proof.verdict {
                Verdict::Proved { .. } => prop_assert_eq!(outside, None, "{}", proof),
                Verdict::Counterexample(found) => {
                    prop_assert!(found.certain && found.confirmed, "{}", proof);
                    prop_assert!(world.allows(layers, &found.action, &found.resource, &nothing));
                    prop_assert!(!covers(&within, &found.resource));
                    if let Some(outside) = outside {
                        prop_assert!(found.resource.len() <= outside.len(), "{outside} is shorter\n{}", proof);
                    }
                }
                Verdict::TooLarge(why) => prop_assert!(false, "{why}"),
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_is_proved_holds_in_every_context(
        world in world(true),
        within in pattern(false),
        context in context(),
        action in select(vec!["s3:GetObject", "s3:Get*", "s3:?etObject", "*"]),
        scoped in any::<bool>(),
    ) {
        world.ask(|_, layers| {
            let nothing = Context::new();
            let mut question = world.question(layers, action, &nothing);
            let owned = [Owned { on: &["arn:aws:s3:::bkt/*"], policy: layers.resource, acl: None, account: world.owner, rule: None }];
            if scoped {
                question.owned = &owned;
                question.layers.resource = None;
            }
            let proof = prove(&question, &[&within]);
            for key in short_keys(3).iter().filter(|key| !key.is_empty()) {
                let resource = format!("{BUCKET}{key}");
                if world.allows(layers, "s3:GetObject", &resource, &context) {
                    prop_assert!(!proof.proved() || covers(&within, &resource), "{resource} is allowed\n{}", proof);
                }
            }
            if let Some(found) = proof.counterexample() {
                prop_assert!(!covers(&within, &found.resource), "{}", proof);
                prop_assert!(found.confirmed || !found.certain, "{}", proof);
                if found.certain && !scoped {
                    prop_assert!(world.allows(layers, &found.action, &found.resource, &context), "{}", proof);
                }
                if found.confirmed && !scoped {
                    let mut with = Context::new();
                    for (key, value) in &found.with {
                        with.set(key.as_str(), value.as_str(), Origin::Given);
                    }
                    prop_assert!(world.allows(layers, &found.action, &found.resource, &with), "{}", proof);
                }
            }
            let _ = proof.to_string();
            Ok(())
        })?;
    }
}
