//! What is wrong with a policy document.

use std::fmt;
use std::ops::Range;

use crate::PolicyKind;

/// One thing wrong with a document, in AWS's words and in ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault it is.
    pub code: FaultCode,
    /// The sentence AWS answers with, verbatim.
    pub message: String,
    /// What is really the matter.
    pub why: String,
    /// Where, in bytes of the text.
    pub span: Range<usize>,
    /// A second place, such as the first of two equal keys, with its label.
    pub also: Option<(Range<usize>, String)>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Fault {
    /// Line and column of the fault in the text it was found in; both from 1, the column in characters.
    #[must_use]
    pub fn line_column(&self, text: &str) -> (usize, usize) {
        let before = text.get(..self.span.start).unwrap_or(text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.chars().rev().take_while(|it| *it != '\n').count() + 1;
        (line, column)
    }
}

/// The kinds of [`Fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FaultCode {
    /// The text is not strict JSON.
    NotJson,
    /// The same key twice in one object.
    RepeatedKey,
    /// An element that policies of this kind do not have.
    UnknownElement,
    /// An element with the wrong JSON type.
    WrongType,
    /// A required element is absent.
    MissingElement,
    /// The version is not one IAM knows, or too old for this kind.
    Version,
    /// An effect other than `Allow` and `Deny`.
    Effect,
    /// A principal where none may stand, or one nobody can be.
    Principal,
    /// An action that is not `prefix:Name`.
    Action,
    /// A resource that is not an ARN.
    Resource,
    /// A condition operator or value that cannot be read.
    Condition,
    /// Two statements with one Sid, or a Sid with odd characters.
    Sid,
}

impl FaultCode {
    /// A stable lower-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotJson => "not-json",
            Self::RepeatedKey => "repeated-key",
            Self::UnknownElement => "unknown-element",
            Self::WrongType => "wrong-type",
            Self::MissingElement => "missing-element",
            Self::Version => "version",
            Self::Effect => "effect",
            Self::Principal => "principal",
            Self::Action => "action",
            Self::Resource => "resource",
            Self::Condition => "condition",
            Self::Sid => "sid",
        }
    }
}

/// Everything wrong with a document, never empty, in the order AWS checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    kind: PolicyKind,
    first: Box<Fault>,
    more: Vec<Fault>,
}

impl Faults {
    pub(crate) fn one(kind: PolicyKind, first: Fault) -> Self {
        Self {
            kind,
            first: Box::new(first),
            more: Vec::new(),
        }
    }

    /// `None` when there is nothing wrong.
    pub(crate) fn collect(
        kind: PolicyKind,
        faults: impl IntoIterator<Item = Fault>,
    ) -> Option<Self> {
        let mut faults = faults.into_iter();
        let first = Box::new(faults.next()?);
        Some(Self {
            kind,
            first,
            more: faults.collect(),
        })
    }

    /// The fault that AWS reports.
    #[must_use]
    pub fn first(&self) -> &Fault {
        &self.first
    }

    /// All faults, in the order AWS checks.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        std::iter::once(&*self.first).chain(&self.more)
    }

    /// The error code AWS answers with.
    #[must_use]
    pub fn aws_code(&self) -> &'static str {
        match self.kind {
            PolicyKind::Bucket => "MalformedPolicy",
            _ => "MalformedPolicyDocument",
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.first.message)
    }
}

impl std::error::Error for Faults {}
