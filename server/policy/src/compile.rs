//! From elements that were read and found right to a policy ready to decide.

use std::ops::Range;
use std::sync::Arc;

use crate::action::{ActionPattern, ResourcePattern};
use crate::condition::Test;
use crate::document::{Patterns, Policy, PolicyKind, Statement};
use crate::index::ActionIndex;
use crate::operand::Operand;
use crate::operator::Operator;
use crate::raw::{RawList, RawOperator, RawPolicy, RawPrincipal, RawStatement, RawValues, Word};
use crate::trustee::{Group, Trustee, Trustees};
use crate::{Effect, json};

/// Compiles a document in which nothing was found wrong.
pub(crate) fn policy(text: &str, kind: PolicyKind, raw: RawPolicy) -> Option<Policy> {
    let version = match raw.version {
        Some(version) if &*version.text == "2012-10-17" => "2012-10-17",
        _ => "2008-10-17",
    };
    let variables = version == "2012-10-17";
    let statements = raw
        .statements
        .into_iter()
        .map(|raw| statement(raw, variables))
        .collect::<Option<Box<[Statement]>>>()?;
    Some(Policy {
        text: text.into(),
        kind,
        version,
        size: json::size_without_blanks(text),
        index: ActionIndex::new(&statements),
        statements,
    })
}

fn statement(raw: RawStatement, variables: bool) -> Option<Statement> {
    let effect = raw.effect?;
    let resource = raw.resource.map(|list| {
        patterns(list, |text, span| {
            ResourcePattern::compile(text, span, variables)
        })
    });
    let sid_span = raw.sid.as_ref().map(|sid| sid.span.clone());
    Some(Statement {
        effect: if &*effect.text == "Allow" {
            Effect::Allow
        } else {
            Effect::Deny
        },
        effect_span: effect.span,
        sid: raw.sid.map(|sid| sid.text).filter(|sid| !sid.is_empty()),
        sid_span,
        principal: match raw.principal {
            Some(principal) => Some(trustees(principal)?),
            None => None,
        },
        action: patterns(raw.action?, ActionPattern::compile),
        resource_start: resource.as_ref().map(Patterns::start).unwrap_or_default(),
        resource,
        conditions: raw
            .conditions
            .into_iter()
            .flat_map(|operator| tests(operator, variables))
            .collect(),
        span: raw.span,
        condition_span: raw.condition_span,
    })
}

fn patterns<P>(raw: RawList, compile: impl Fn(&str, Range<usize>) -> P) -> Patterns<P> {
    Patterns {
        negated: raw.negated,
        span: raw.span,
        list: raw
            .values
            .into_iter()
            .map(|word| compile(&word.text, word.span))
            .collect(),
    }
}

fn trustees(raw: RawPrincipal) -> Option<Trustees> {
    let list = raw.values.into_iter().map(|(group, word)| {
        let group = match &*group.text {
            "" => Group::Everyone,
            name => Group::NAMED
                .into_iter()
                .find(|known| known.name() == name)?,
        };
        Some(Trustee::new(group, &word.text, word.span))
    });
    let list = list.collect::<Option<_>>()?;
    Some(Trustees {
        negated: raw.negated,
        span: raw.span,
        list,
    })
}

/// One test for each key; an unknown operator is kept even without keys, so that it is not relied on.
fn tests(raw: RawOperator, variables: bool) -> Vec<Test> {
    let operator = Operator::parse(&raw.operator.text);
    if operator.is_none() && raw.keys.is_empty() {
        return vec![Test {
            operator,
            span: raw.operator.span,
            operator_name: raw.operator.text.into(),
            key: "".into(),
            operands: Box::new([]),
        }];
    }
    let name: Arc<str> = raw.operator.text.into();
    let test = |(key, values): (Word, RawValues)| Test {
        operator,
        operator_name: name.clone(),
        key: key.text.into(),
        span: key.span.start - 1..values.span.end,
        operands: values
            .values
            .into_iter()
            .map(|word| Operand::compile(&word.text, word.span, operator, variables))
            .collect(),
    };
    raw.keys.into_iter().map(test).collect()
}
