//! The rules of each kind of policy.
//!
//! AWS does not check that services, actions or resources exist, nor that they fit together; a bucket policy is
//! the exception, and there the bucket's own name is needed, so the server does it.

mod bucket;
mod bucket_conditions;
mod principal;
mod resource;
mod service;

use std::collections::HashMap;

use crate::PolicyKind;
use crate::date::Instant;
use crate::operator::{Family, Operator};
use crate::raw::{RawList, RawOperator, RawPolicy, RawStatement, Word};
use crate::trouble::{Found, Trouble};

/// Which elements a kind of policy must or may have.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
struct Rules {
    /// Version 2012-10-17 must be written.
    version: bool,
    principal: Wanted,
    not_principal: bool,
    resource: Wanted,
    plain_sid: bool,
    not_action: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Must,
    MustNot,
}

use Wanted::{Must, MustNot};

impl Rules {
    fn of(kind: PolicyKind) -> Self {
        let identity = Self {
            version: true,
            principal: MustNot,
            not_principal: false,
            resource: Must,
            plain_sid: true,
            not_action: true,
        };
        let resource = Self {
            version: false,
            principal: Must,
            not_principal: true,
            resource: Must,
            plain_sid: false,
            not_action: true,
        };
        match kind {
            PolicyKind::Identity | PolicyKind::Session | PolicyKind::Boundary | PolicyKind::Scp => {
                identity
            }
            PolicyKind::Bucket | PolicyKind::Resource | PolicyKind::Endpoint => resource,
            PolicyKind::Trust => Self {
                resource: MustNot,
                not_principal: false,
                not_action: false,
                ..resource
            },
            PolicyKind::Rcp => Self {
                version: true,
                not_principal: false,
                ..resource
            },
        }
    }
}

/// Applies the rules; the order of what is found does not matter.
pub(crate) fn check(policy: &RawPolicy, kind: PolicyKind, found: &mut Vec<Found>) {
    let rules = Rules::of(kind);
    version(policy, &rules, found);
    sids(policy, &rules, found);
    for statement in &policy.statements {
        effect(statement, found);
        principal_element(statement, kind, &rules, found);
        actions(statement, kind, &rules, found);
        resources(statement, kind, &rules, found);
        if bucket::applies_to(kind) {
            bucket::check(statement, found);
            bucket_conditions::check(statement, found);
        }
        for operator in &statement.conditions {
            condition(operator, found);
        }
    }
}

fn version(policy: &RawPolicy, rules: &Rules, found: &mut Vec<Found>) {
    match &policy.version {
        Some(word) => match &*word.text {
            "2012-10-17" => {}
            "2008-10-17" if rules.version => {
                found.push(Found::at(
                    Trouble::VersionOld(Some(word.text.clone())),
                    word.span.clone(),
                ));
            }
            "2008-10-17" => {}
            _ => found.push(Found::at(
                Trouble::VersionUnknown(word.text.clone()),
                word.span.clone(),
            )),
        },
        None if rules.version => {
            found.push(Found::at(Trouble::VersionOld(None), policy.span.clone()))
        }
        None => {}
    }
}

fn sids(policy: &RawPolicy, rules: &Rules, found: &mut Vec<Found>) {
    let mut known: HashMap<&str, &Word> = HashMap::new();
    for sid in policy
        .statements
        .iter()
        .filter_map(|statement| statement.sid.as_ref())
    {
        // IAM's own message leaves out the underscore, yet documents with one have been accepted; rolecall's choice.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if rules.plain_sid && !sid.text.bytes().all(plain) {
            found.push(Found::at(
                Trouble::SidCharacters(sid.text.clone()),
                sid.span.clone(),
            ));
        }
        if sid.text.is_empty() {
            continue;
        }
        match known.get(&*sid.text) {
            Some(first) => found.push(
                Found::at(Trouble::SidRepeated(sid.text.clone()), sid.span.clone())
                    .and(first.span.clone(), "the first one"),
            ),
            None => {
                known.insert(&sid.text, sid);
            }
        }
    }
}

fn effect(statement: &RawStatement, found: &mut Vec<Found>) {
    let Some(effect) = &statement.effect else {
        return;
    };
    let trouble = match &*effect.text {
        "Allow" | "Deny" => return,
        other if other.eq_ignore_ascii_case("allow") || other.eq_ignore_ascii_case("deny") => {
            Trouble::EffectCase
        }
        _ => Trouble::EffectUnknown,
    };
    found.push(Found::at(trouble(effect.text.clone()), effect.span.clone()));
}

fn principal_element(
    statement: &RawStatement,
    kind: PolicyKind,
    rules: &Rules,
    found: &mut Vec<Found>,
) {
    match (&statement.principal, rules.principal) {
        (Some(principal), MustNot) => {
            let name = if principal.negated {
                "NotPrincipal"
            } else {
                "Principal"
            };
            found.push(Found::at(
                Trouble::Prohibited(name),
                principal.key_span.clone(),
            ));
        }
        (Some(principal), Must) => {
            let denies = statement
                .effect
                .as_ref()
                .is_some_and(|effect| &*effect.text == "Deny");
            if principal.negated && !(rules.not_principal && denies) {
                found.push(Found::at(
                    Trouble::Prohibited("NotPrincipal"),
                    principal.key_span.clone(),
                ));
            }
            principal::check(principal, kind, found);
        }
        (None, Must) => found.push(Found::at(Trouble::PrincipalMissing, statement.span.clone())),
        (None, MustNot) => {}
    }
}

fn actions(statement: &RawStatement, kind: PolicyKind, rules: &Rules, found: &mut Vec<Found>) {
    let Some(list) = statement
        .action
        .as_ref()
        .filter(|list| !list.values.is_empty())
    else {
        found.push(Found::at(Trouble::ActionMissing, statement.span.clone()));
        return;
    };
    if list.negated && !rules.not_action {
        found.push(Found::at(
            Trouble::Prohibited("NotAction"),
            list.key_span.clone(),
        ));
    }
    for word in &list.values {
        let text = word.text.clone();
        let trouble = match (word.text.split_once(':'), kind) {
            _ if &*word.text == "*" && kind != PolicyKind::Trust => continue,
            (None, _) => Trouble::ActionPrefixMissing(text),
            (Some((_, name)), _) if name.contains(':') => Trouble::ActionColons(text),
            (Some((vendor, _)), _) if vendor.is_empty() || !vendor.chars().all(in_vendor) => {
                Trouble::ActionVendor(vendor.into())
            }
            (Some((vendor, name)), PolicyKind::Trust) if !trust_action(vendor, name) => {
                Trouble::ActionForeign(text)
            }
            (Some((vendor, _)), PolicyKind::Bucket) if !is_s3(vendor) => {
                Trouble::ActionForeign(text)
            }
            _ => continue,
        };
        found.push(Found::at(trouble, word.span.clone()));
    }
}

/// What IAM takes in a service prefix. That there must be one is rolecall's choice.
fn in_vendor(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '.')
}

fn is_s3(vendor: &str) -> bool {
    ["s3", "s3express", "s3-object-lambda"]
        .iter()
        .any(|known| vendor.eq_ignore_ascii_case(known))
}

/// The STS actions a trust policy may name; wildcards are taken as AWS takes them.
fn trust_action(vendor: &str, name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "AssumeRole",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "AssumeRoot",
        "DecodeAuthorizationMessage",
        "GetAccessKeyInfo",
        "GetCallerIdentity",
        "GetFederationToken",
        "GetServiceBearerToken",
        "GetSessionToken",
        "SetSourceIdentity",
        "TagSession",
    ];
    vendor.eq_ignore_ascii_case("sts")
        && (name.contains(['*', '?']) || NAMES.iter().any(|known| name.eq_ignore_ascii_case(known)))
}

fn resources(statement: &RawStatement, kind: PolicyKind, rules: &Rules, found: &mut Vec<Found>) {
    let list: Option<&RawList> = statement.resource.as_ref();
    match (list, rules.resource) {
        (Some(list), MustNot) => {
            let name = if list.negated {
                "NotResource"
            } else {
                "Resource"
            };
            found.push(Found::at(Trouble::Prohibited(name), list.key_span.clone()));
        }
        (None, MustNot) => {}
        (Some(list), Must) if !list.values.is_empty() => {
            for word in &list.values {
                if let Some(trouble) = resource::trouble(&word.text, kind) {
                    found.push(Found::at(trouble, word.span.clone()));
                }
            }
        }
        (_, Must) => found.push(Found::at(Trouble::ResourceMissing, statement.span.clone())),
    }
}

/// An unknown operator over no keys is let pass by AWS; the evaluator then refuses to rely on it.
fn condition(raw: &RawOperator, found: &mut Vec<Found>) {
    let name = &raw.operator;
    match Operator::parse(&name.text) {
        None if raw.keys.is_empty() => {}
        None => {
            let meant = Operator::nearest(&name.text);
            let trouble = Trouble::OperatorUnknown {
                name: name.text.clone(),
                meant,
            };
            found.push(Found::at(trouble, name.span.clone()));
        }
        Some(Operator {
            family: Family::Date(_),
            ..
        }) => {
            let values = raw.keys.iter().flat_map(|(_, values)| &values.values);
            for word in values.filter(|word| Instant::parse(&word.text).is_none()) {
                found.push(Found::at(
                    Trouble::DateUnreadable(word.text.clone()),
                    word.span.clone(),
                ));
            }
        }
        Some(_) => {}
    }
}
