//! The policy document: parsed, validated and compiled once.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::Faults;
use crate::action::{ActionPattern, ResourcePattern};
use crate::condition::{Operand, Test};
use crate::json;
use crate::operator::Operator;
use crate::raw::{
    self, RawList, RawOperator, RawPolicy, RawPrincipal, RawStatement, RawValues, Word,
};
use crate::trouble::{Found, Trouble};
use crate::trustee::{Group, Trustee, Trustees};
use crate::validate;

/// What a policy hangs on; it decides which elements may and must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyKind {
    /// A managed or inline policy of a user, group or role.
    Identity,
    /// A session policy.
    Session,
    /// A permissions boundary.
    Boundary,
    /// The trust policy of a role.
    Trust,
    /// A bucket policy.
    Bucket,
    /// Any other resource-based policy, such as that of an SES identity.
    Resource,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// A VPC endpoint policy.
    Endpoint,
}

/// What to do when an object has the same key twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuplicateKeys {
    /// Refuse the document; IAM's grammar does not allow it.
    #[default]
    Refuse,
    /// Keep the last, as lenient parsers do.
    Last,
}

/// Whether a statement allows or denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

/// The elements of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// `Sid`
    Sid,
    /// `Effect`
    Effect,
    /// `Principal` or `NotPrincipal`
    Principal,
    /// `Action` or `NotAction`
    Action,
    /// `Resource` or `NotResource`
    Resource,
    /// `Condition`
    Condition,
}

/// A policy document, ready to decide. Immutable; share it in an `Arc`.
#[derive(Debug, Clone)]
pub struct Policy {
    text: Box<str>,
    kind: PolicyKind,
    version: &'static str,
    size: usize,
    statements: Box<[Statement]>,
}

/// One statement of a policy.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    /// `None` in policies that are about whoever holds them.
    pub(crate) principal: Option<Trustees>,
    pub(crate) action: Patterns<ActionPattern>,
    /// `None` in trust policies, which are about their own role.
    pub(crate) resource: Option<Patterns<ResourcePattern>>,
    pub(crate) conditions: Box<[Test]>,
    span: Range<usize>,
    sid_span: Option<Range<usize>>,
    effect_span: Range<usize>,
    condition_span: Option<Range<usize>>,
}

/// Action, NotAction, Resource or NotResource.
#[derive(Debug, Clone)]
pub(crate) struct Patterns<P> {
    pub(crate) negated: bool,
    pub(crate) span: Range<usize>,
    pub(crate) list: Box<[P]>,
}

impl Policy {
    /// Parses and validates; two equal keys in one object are refused.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the document, in AWS's order of checks.
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Self, Faults> {
        Self::parse_with(text, kind, DuplicateKeys::Refuse)
    }

    /// Parses and validates.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the document, in AWS's order of checks.
    pub fn parse_with(text: &str, kind: PolicyKind, keys: DuplicateKeys) -> Result<Self, Faults> {
        let mut found = Vec::new();
        let raw = match json::read(text) {
            Ok((node, repeated)) => {
                if keys == DuplicateKeys::Refuse {
                    found.extend(repeated.into_iter().map(|again| {
                        Found::at(Trouble::Repeated(again.name), again.again)
                            .and(again.first, "the first one")
                    }));
                }
                let raw = raw::read(&node, &mut found);
                validate::check(&raw, kind, &mut found);
                raw
            }
            Err(fault) => {
                let brace = text.starts_with('{');
                let trouble = Trouble::NotJson {
                    why: fault.why,
                    help: fault.help,
                    brace,
                };
                found.push(Found::at(trouble, fault.span));
                RawPolicy::default()
            }
        };
        found.sort_by_key(|found| found.trouble.rank());
        let whole = raw.span.clone();
        match Faults::collect(kind, found.into_iter().map(|found| found.into_fault(kind))) {
            Some(faults) => Err(faults),
            // Validation leaves nothing that cannot be compiled; were it otherwise, nothing may be dropped.
            None => compile(text, kind, raw).ok_or_else(|| {
                Faults::one(
                    kind,
                    Found::at(Trouble::StatementMissing, whole).into_fault(kind),
                )
            }),
        }
    }

    /// The document byte for byte as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the policy hangs on.
    #[must_use]
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// `2012-10-17` or `2008-10-17`.
    #[must_use]
    pub fn version(&self) -> &str {
        self.version
    }

    /// The statements in the order of the document.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Characters as quotas count them: without the white space between tokens.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Everything named in `Principal` and `NotPrincipal`, for existence checks.
    pub fn principals(&self) -> impl Iterator<Item = NamedPrincipal<'_>> {
        self.statements
            .iter()
            .filter_map(|statement| statement.principal.as_ref())
            .flat_map(|element| {
                element.list.iter().map(|trustee| NamedPrincipal {
                    group: trustee.group.name(),
                    value: &trustee.value,
                    span: trustee.span.clone(),
                })
            })
    }

    /// Binds named users and roles to the unique ids they have now, so that somebody who is created later under
    /// the same name is not meant. `id_of` answers with the id of an ARN; others stay as they are.
    ///
    /// IAM does this when a trust or bucket policy is stored:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
    #[must_use]
    pub fn with_principal_ids(mut self, id_of: impl Fn(&str) -> Option<String>) -> Self {
        for element in self
            .statements
            .iter_mut()
            .filter_map(|statement| statement.principal.as_mut())
        {
            for trustee in element
                .list
                .iter_mut()
                .filter(|trustee| trustee.group == Group::Aws)
            {
                trustee.id = id_of(&trustee.value).map(Into::into);
            }
        }
        self
    }

    /// Every pattern in `Resource` and `NotResource` with its place, for checks that need to know the resource.
    pub fn resources(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        self.statements
            .iter()
            .filter_map(|statement| statement.resource.as_ref())
            .flat_map(|element| {
                element
                    .list
                    .iter()
                    .map(|pattern| (&*pattern.text, pattern.span.clone()))
            })
    }

    /// The place of a byte of a string, given where the string stands without its quotes.
    pub(crate) fn place(text: &str, span: &Range<usize>, offset: usize) -> usize {
        span.start + json::source_offset(text.get(span.clone()).unwrap_or_default(), offset)
    }
}

/// A value in a `Principal` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPrincipal<'a> {
    /// `AWS`, `Service`, `Federated` or `CanonicalUser`; `*` for the bare star.
    pub group: &'a str,
    /// The ARN, account, id or service as written.
    pub value: &'a str,
    /// Where it stands, without its quotes.
    pub span: Range<usize>,
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

    /// What scenarios and explanations call the statement: its Sid, or the policy's name and its place from 0.
    #[must_use]
    pub fn label(&self, policy: &str, index: usize) -> String {
        match &self.sid {
            Some(sid) => String::from(&**sid),
            None => format!("{policy}#{index}"),
        }
    }
}

/// Compiles a document in which nothing was found wrong.
fn compile(text: &str, kind: PolicyKind, raw: RawPolicy) -> Option<Policy> {
    let version = match raw.version {
        Some(version) if &*version.text == "2012-10-17" => "2012-10-17",
        _ => "2008-10-17",
    };
    let variables = version == "2012-10-17";
    let statements = raw
        .statements
        .into_iter()
        .map(|raw| statement(raw, variables))
        .collect::<Option<_>>()?;
    Some(Policy {
        text: text.into(),
        kind,
        version,
        size: json::size_without_blanks(text),
        statements,
    })
}

fn statement(raw: RawStatement, variables: bool) -> Option<Statement> {
    let effect = raw.effect?;
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
        resource: raw.resource.map(|list| {
            patterns(list, |text, span| {
                ResourcePattern::compile(text, span, variables)
            })
        }),
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
            operator_name: raw.operator.text,
            key: "".into(),
            operands: Box::new([]),
        }];
    }
    let test = |(key, values): (Word, RawValues)| Test {
        operator,
        operator_name: raw.operator.text.clone(),
        key: key.text,
        span: key.span.start - 1..values.span.end,
        operands: values
            .values
            .into_iter()
            .map(|word| Operand::compile(&word.text, word.span, operator, variables))
            .collect(),
    };
    raw.keys.into_iter().map(test).collect()
}
