//! Looking into a statement: for checks of documents, and for tools that point at their parts.

use std::ops::Range;

use crate::pattern::Step;
use crate::{Effect, Part, Policy, Statement};

/// A value of Action, NotAction, Resource or NotResource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern<'a> {
    /// As written.
    pub text: &'a str,
    /// Where it stands, without its quotes.
    pub span: Range<usize>,
}

/// A value in a `Principal` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPrincipal<'a> {
    /// `AWS`, `Service`, `Federated` or `CanonicalUser`; `*` for the bare star.
    pub group: &'a str,
    /// The ARN, account, id or service as written.
    pub value: &'a str,
    /// What it was bound to when the policy was stored: a unique id; the account, for a canonical user.
    pub id: Option<&'a str>,
    /// Where it stands, without its quotes.
    pub span: Range<usize>,
}

/// One key under one operator of a `Condition`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition<'a> {
    /// The operator as written.
    pub operator: &'a str,
    /// The key as written.
    pub key: &'a str,
    /// Its values as written; numbers and booleans as text.
    pub values: Vec<Pattern<'a>>,
    /// Where key and values stand.
    pub span: Range<usize>,
}

impl Policy {
    /// The condition keys that the policy asks for, in conditions and as policy variables; as written, one may come
    /// twice.
    pub fn context_keys(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(|statement| {
            let tests = statement.conditions.iter().flat_map(|test| {
                let variables = test.operands.iter().flat_map(|it| it.variables());
                std::iter::once(&*test.key).chain(variables)
            });
            let patterns = statement.resource.iter().flat_map(|element| &element.list);
            let steps = patterns.flat_map(|pattern| pattern.pattern.steps());
            let variables = steps.filter_map(|step| match step {
                Step::Variable(key) => Some(key),
                _ => None,
            });
            tests.chain(variables)
        })
    }
}

impl Statement {
    /// The Sid, when there is one that is not empty.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Whether it allows or denies.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// Where the statement stands in the text, braces included.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Where the value of an element stands.
    #[must_use]
    pub fn span_of(&self, part: Part) -> Option<Range<usize>> {
        match part {
            Part::Sid => self.sid_span.clone(),
            Part::Effect => Some(self.effect_span.clone()),
            Part::Principal => self.principal.as_ref().map(|element| element.span.clone()),
            Part::Action => Some(self.action.span.clone()),
            Part::Resource => self.resource.as_ref().map(|element| element.span.clone()),
            Part::Condition => self.condition_span.clone(),
        }
    }

    /// Whether an element is written as its opposite: `NotPrincipal`, `NotAction`, `NotResource`.
    #[must_use]
    pub fn negated(&self, part: Part) -> bool {
        match part {
            Part::Principal => self
                .principal
                .as_ref()
                .is_some_and(|element| element.negated),
            Part::Action => self.action.negated,
            Part::Resource => self
                .resource
                .as_ref()
                .is_some_and(|element| element.negated),
            Part::Sid | Part::Effect | Part::Condition => false,
        }
    }

    /// What scenarios and explanations call the statement: its Sid, or the policy's name and its place from 0.
    #[must_use]
    pub fn label(&self, policy: &str, index: usize) -> String {
        match &self.sid {
            Some(sid) => String::from(&**sid),
            None => format!("{policy}#{index}"),
        }
    }

    /// Whom it names.
    pub fn principals(&self) -> impl Iterator<Item = NamedPrincipal<'_>> {
        self.principal
            .iter()
            .flat_map(|element| &element.list)
            .map(|trustee| NamedPrincipal {
                group: trustee.group.name(),
                value: &trustee.value,
                id: trustee.bound(),
                span: trustee.span.clone(),
            })
    }

    /// Its actions.
    pub fn actions(&self) -> impl Iterator<Item = Pattern<'_>> {
        self.action.list.iter().map(|pattern| Pattern {
            text: &pattern.text,
            span: pattern.span.clone(),
        })
    }

    /// Its resources; none in a trust policy.
    pub fn resources(&self) -> impl Iterator<Item = Pattern<'_>> {
        let list = self.resource.iter().flat_map(|element| &element.list);
        list.map(|pattern| Pattern {
            text: &pattern.text,
            span: pattern.span.clone(),
        })
    }

    /// Its conditions.
    pub fn conditions(&self) -> impl Iterator<Item = Condition<'_>> {
        self.conditions.iter().map(|test| Condition {
            operator: &test.operator_name,
            key: &test.key,
            values: test
                .operands
                .iter()
                .map(|operand| Pattern {
                    text: &operand.text,
                    span: operand.span.clone(),
                })
                .collect(),
            span: test.span.clone(),
        })
    }
}
