//! Whatever is asked of whatever policies: one answer, the same when explained, and a reason.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use rolecall_policy::{
    Attached, Context, Explanation, Layers, Origin, Policy, PolicyKind, Principal, Request, Rule,
    Source, Value, decide, explain,
};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    effect: bool,
    operator: u8,
    set: u8,
    exists: bool,
    not_action: bool,
    not_resource: bool,
    key: &'a str,
    wanted: Vec<&'a str>,
    resource_pattern: &'a str,
    action_pattern: &'a str,
    action: &'a str,
    resource: &'a str,
    owner: Option<&'a str>,
    caller: u8,
    principal: &'a str,
    rule: u8,
    context: Vec<(&'a str, Given<'a>)>,
}

#[derive(Arbitrary, Debug)]
enum Given<'a> {
    Text(&'a str),
    List(Vec<&'a str>),
    Bool(bool),
    Number(f64),
    Ip(std::net::IpAddr),
}

const OPERATORS: [&str; 28] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
    "Nonsense",
];

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control < ' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

fn document(input: &Input<'_>, principal: Option<&str>) -> String {
    let set = ["", "ForAllValues:", "ForAnyValue:"][usize::from(input.set) % 3];
    let operator = OPERATORS[usize::from(input.operator) % OPERATORS.len()];
    let exists = if input.exists { "IfExists" } else { "" };
    let wanted = input
        .wanted
        .iter()
        .map(|text| quoted(text))
        .collect::<Vec<_>>()
        .join(",");
    let statement = |effect: &str, condition: &str| {
        format!(
            r#"{{"Effect": "{effect}", "{}": {}, "{}": {}{}{condition}}}"#,
            if input.not_action {
                "NotAction"
            } else {
                "Action"
            },
            quoted(&format!("s3:{}", input.action_pattern)),
            if input.not_resource {
                "NotResource"
            } else {
                "Resource"
            },
            quoted(&format!("arn:aws:s3:::{}", input.resource_pattern)),
            principal
                .map(|principal| format!(r#", "Principal": {{"AWS": {}}}"#, quoted(principal)))
                .unwrap_or_default(),
        )
    };
    let condition = format!(
        r#", "Condition": {{"{set}{operator}{exists}": {{{}: [{wanted}]}}}}"#,
        quoted(input.key)
    );
    let effect = if input.effect { "Allow" } else { "Deny" };
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{}, {}]}}"#,
        statement(effect, &condition),
        statement("Allow", "")
    )
}

fuzz_target!(|input: Input<'_>| {
    let Ok(identity) = Policy::parse(&document(&input, None), PolicyKind::Identity) else {
        return;
    };
    let resource_policy = Policy::parse(
        &document(&input, Some(input.principal)),
        PolicyKind::Resource,
    )
    .ok();
    let mut context = Context::new();
    for (key, given) in &input.context {
        let value = match given {
            Given::Text(text) => Value::from(*text),
            Given::List(list) => Value::List(list.iter().map(|text| (*text).into()).collect()),
            Given::Bool(value) => Value::Bool(*value),
            Given::Number(number) => Value::Number(*number),
            Given::Ip(address) => Value::Ip(*address),
        };
        context.set(*key, value, Origin::Given);
    }
    let account = "123456789012";
    let request = Request {
        principal: match input.caller % 5 {
            0 => Principal::User {
                account,
                arn: "arn:aws:iam::123456789012:user/ana",
                id: "AIDA",
                name: "ana",
            },
            1 => Principal::RoleSession {
                account,
                role_arn: "arn:aws:iam::123456789012:role/r",
                role_id: "AROA",
                session_arn: "arn:aws:sts::123456789012:assumed-role/r/s",
                session_name: "s",
            },
            2 => Principal::Root {
                account,
                arn: "arn:aws:iam::123456789012:root",
            },
            3 => Principal::Service {
                name: input.principal,
            },
            _ => Principal::Anonymous,
        },
        action: input.action,
        resource: input.resource,
        resource_account: input.owner,
        rule: [Rule::Plain, Rule::TrustMustAllow, Rule::OwnerRootAlways]
            [usize::from(input.rule) % 3],
        context: &context,
    };
    let source = Source {
        name: "p",
        arn: None,
        holder: None,
    };
    let attached = |policy| Attached { source, policy };
    let identity = [attached(&identity)];
    let layers = Layers {
        identity: &identity,
        resource: resource_policy.as_ref().map(attached),
        ..Layers::default()
    };
    let decision = decide(&request, &layers);
    let explanation: Explanation = explain(&request, &layers);
    assert_eq!(decision.allowed(), explanation.allowed());
    assert_eq!((decision.outcome, decision.by), explanation.decision());
    assert!(!explanation.why().is_empty());
    let _ = explanation.to_string();
    if let Some(excerpt) = explanation.excerpt() {
        assert!(
            excerpt
                .marks
                .iter()
                .all(|mark| excerpt.text.get(mark.span.clone()).is_some())
        );
        let _ = excerpt.to_string();
    }
});
