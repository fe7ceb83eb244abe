//! What servers and tools ask of a policy besides a decision.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use rolecall_policy::{
    Attached, Context, Layer, Layers, Outcome, Part, Policy, PolicyKind, Principal, Request, Rule,
    Source, decide,
};

const TRUST: &str = r#"{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:user/ana", "Service": ["pinpoint.amazonaws.com"]},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"sts:ExternalId": ["x", "y"]}}
  }
}"#;

fn ana(id: &str) -> Principal<'_> {
    Principal::User {
        account: "123456789012",
        arn: "arn:aws:iam::123456789012:user/ana",
        id,
        name: "ana",
    }
}

fn session_of(user_id: Option<&str>) -> Principal<'_> {
    Principal::FederatedUser {
        account: "123456789012",
        arn: "arn:aws:sts::123456789012:federated-user/f",
        user_arn: "arn:aws:iam::123456789012:user/ana",
        user_id,
        name: "f",
    }
}

fn assume(policy: &Policy, principal: Principal<'_>) -> Outcome {
    let everything = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let everything = Policy::parse(everything, PolicyKind::Session).unwrap();
    let mut context = Context::new();
    context.set("sts:ExternalId", "x", rolecall_policy::Origin::Request);
    let source = Source {
        name: "trust",
        arn: None,
        holder: None,
    };
    let request = Request {
        principal,
        action: "sts:AssumeRole",
        resource: "arn:aws:iam::123456789012:role/r",
        resource_account: Some("123456789012"),
        rule: Rule::TrustMustAllow,
        context: &context,
    };
    decide(
        &request,
        &Layers {
            resource: Some(Attached { source, policy }),
            session: Some(&[Attached {
                source,
                policy: &everything,
            }]),
            ..Layers::default()
        },
    )
    .outcome
}

#[test]
fn a_statement_can_be_looked_into() {
    let policy = Policy::parse(TRUST, PolicyKind::Trust).unwrap();
    let statement = &policy.statements()[0];
    let named: Vec<_> = policy
        .principals()
        .map(|named| (named.group.to_owned(), named.value.to_owned()))
        .collect();
    assert_eq!(
        named,
        [
            (
                "AWS".to_owned(),
                "arn:aws:iam::123456789012:user/ana".to_owned()
            ),
            ("Service".to_owned(), "pinpoint.amazonaws.com".to_owned()),
        ]
    );
    for named in policy.principals() {
        assert_eq!(&TRUST[named.span], named.value);
    }
    assert_eq!(
        &TRUST[statement.span_of(Part::Action).unwrap()],
        "\"sts:AssumeRole\""
    );
    assert_eq!(statement.span_of(Part::Resource), None);
    let condition = statement.conditions().next().unwrap();
    assert_eq!(
        &TRUST[condition.span.clone()],
        r#""sts:ExternalId": ["x", "y"]"#
    );
    assert_eq!(
        (condition.operator, condition.key, condition.values.len()),
        ("StringEquals", "sts:ExternalId", 2)
    );
    assert_eq!(policy.position(statement.span().start), (3, 16));
    assert_eq!(statement.label("trust", 0), "trust#0");
}

#[test]
fn a_principal_bound_to_its_id_is_not_somebody_new_of_the_same_name() {
    let unbound = Policy::parse(TRUST, PolicyKind::Trust).unwrap();
    assert_eq!(
        assume(&unbound, ana("AIDANEWUSEREXAMPLE00A")),
        Outcome::Allowed
    );
    let bound = unbound.with_principal_ids(|arn| {
        arn.ends_with("/ana")
            .then(|| "AIDAOLDUSEREXAMPLE00A".to_owned())
    });
    assert_eq!(
        assume(&bound, ana("AIDAOLDUSEREXAMPLE00A")),
        Outcome::Allowed
    );
    assert_eq!(
        assume(&bound, ana("AIDANEWUSEREXAMPLE00A")),
        Outcome::ImplicitDeny
    );
    // Nor is a session that the new one asked GetFederationToken for.
    assert_eq!(
        assume(&bound, session_of(Some("AIDAOLDUSEREXAMPLE00A"))),
        Outcome::Allowed
    );
    assert_eq!(
        assume(&bound, session_of(Some("AIDANEWUSEREXAMPLE00A"))),
        Outcome::ImplicitDeny
    );
    assert_eq!(bound.text(), TRUST);
}

#[test]
fn a_policy_that_names_nobody_grants_nothing_on_a_resource() {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let policy = Policy::parse(text, PolicyKind::Identity).unwrap();
    assert_eq!(
        assume(&policy, ana("AIDAUSEREXAMPLE00000A")),
        Outcome::ImplicitDeny
    );
    assert_eq!(
        assume(
            &policy,
            Principal::Service {
                name: "pinpoint.amazonaws.com"
            }
        ),
        Outcome::ImplicitDeny
    );
    assert_eq!(assume(&policy, Principal::Anonymous), Outcome::ImplicitDeny);
}

#[test]
fn a_context_key_can_be_replaced_and_taken_away() {
    let mut context = Context::new();
    context.set(
        "aws:ResourceTag/Owner",
        "ana",
        rolecall_policy::Origin::Resource,
    );
    context.set(
        "aws:ResourceTag/Owner",
        "vera",
        rolecall_policy::Origin::Given,
    );
    assert_eq!(context.iter().count(), 1);
    assert_eq!(context.get("AWS:resourcetag/OWNER"), Some(&"vera".into()));
    context.unset("aws:resourcetag/owner");
    assert!(context.get("aws:ResourceTag/Owner").is_none());
}

#[test]
fn layers_are_known_by_name() {
    for layer in Layer::ALL {
        assert_eq!(layer.name().parse::<Layer>().unwrap(), layer);
        assert_eq!(
            serde_json::to_string(&layer).unwrap(),
            format!("\"{}\"", layer.name())
        );
    }
    assert_eq!(
        "policy".parse::<Layer>().unwrap_err().to_string(),
        "unknown policy type `policy`"
    );
}

#[test]
fn many_values_do_not_take_long() {
    let resources: Vec<String> = (0..20_000)
        .map(|n| format!("\"arn:aws:s3:::b/{n}/*\""))
        .collect();
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": [{}]}}}}"#,
        resources.join(",")
    );
    let start = std::time::Instant::now();
    assert!(Policy::parse(&text, PolicyKind::Identity).is_ok());
    assert!(Policy::parse(&"[".repeat(1_000_000), PolicyKind::Identity).is_err());
    assert!(start.elapsed().as_secs() < 5);
}

/// The end of AWS's sentence when a policy of the layer denies everything.
fn denied(by: Layer, owner: &str, organizations: Option<[&str; 2]>) -> String {
    let deny =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let policy = Policy::parse(deny, PolicyKind::Identity).unwrap();
    let source = Source {
        name: "no",
        arn: Some("ARN"),
        holder: None,
    };
    let policies = [Attached {
        source,
        policy: &policy,
    }];
    let levels = [&policies[..]];
    let mut layers = Layers::default();
    match by {
        Layer::Scp => layers.scps = &levels,
        Layer::Boundary => layers.boundary = Some(policies[0]),
        _ => layers.identity = &policies,
    }
    let mut context = Context::new();
    for (key, id) in ["aws:PrincipalOrgID", "aws:ResourceOrgID"]
        .into_iter()
        .zip(organizations.into_iter().flatten())
    {
        context.set(key, id.to_owned(), rolecall_policy::Origin::Given);
    }
    let request = Request {
        principal: ana("AIDAANA"),
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/k",
        resource_account: Some(owner),
        rule: Rule::Plain,
        context: &context,
    };
    decide(&request, &layers).reason(&request, &layers)
}

#[test]
fn a_denying_policy_is_named_within_its_account_or_organization() {
    let (own, other) = ("123456789012", "999988887777");
    for (by, name) in [
        (Layer::Identity, "an identity-based policy"),
        (Layer::Boundary, "a permissions boundary"),
        (Layer::Scp, "a service control policy"),
    ] {
        let said = format!("with an explicit deny in {name}");
        assert_eq!(denied(by, own, None), format!("{said}: ARN"));
        assert_eq!(denied(by, other, None), said);
        assert_eq!(denied(by, other, Some(["o-a", "o-b"])), said);
        let within = denied(by, other, Some(["o-a", "o-a"]));
        match by {
            Layer::Scp => assert_eq!(within, format!("{said}: ARN")),
            _ => assert_eq!(within, said),
        }
    }
}
