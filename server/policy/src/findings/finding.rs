//! What is reported, in the shape of AWS's `ValidatePolicy`.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The kinds of policy that AWS tells apart when it validates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PolicyType {
    /// A policy of a user, group or role.
    #[serde(rename = "IDENTITY_POLICY")]
    Identity,
    /// A policy of a resource; the trust policy of a role is one.
    #[serde(rename = "RESOURCE_POLICY")]
    Resource,
    /// A service control policy.
    #[serde(rename = "SERVICE_CONTROL_POLICY")]
    ServiceControl,
    /// A resource control policy.
    #[serde(rename = "RESOURCE_CONTROL_POLICY")]
    ResourceControl,
}

/// How grave a finding is, in AWS's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FindingKind {
    /// A part of the policy does not work.
    Error,
    /// The policy allows more than is wise.
    SecurityWarning,
    /// Not as policies should be written.
    Warning,
    /// A matter of style.
    Suggestion,
}

/// How `rolecall lint` ranks a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// AWS refuses the document, or cannot make sense of a part of it.
    Error,
    /// It is stored, and does not do what it seems to say.
    Warning,
    /// Worth knowing.
    Note,
}

/// One thing to say about a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How grave it is.
    #[serde(rename = "findingType")]
    pub kind: FindingKind,
    /// AWS's issue code, or rolecall's where AWS has none.
    #[serde(rename = "issueCode")]
    pub code: &'static str,
    /// The sentence.
    #[serde(rename = "findingDetails")]
    pub details: String,
    /// Where to read more.
    #[serde(rename = "learnMoreLink")]
    pub learn_more: String,
    /// The places it is about.
    pub locations: Vec<Location>,
    /// rolecall's code, when `rolecall explain` has a page about it.
    #[serde(skip)]
    pub rc: Option<&'static str>,
    /// How `rolecall lint` ranks it.
    #[serde(skip)]
    pub severity: Severity,
    /// What to do, when there is more to say than the sentence does.
    #[serde(skip)]
    pub help: Option<String>,
}

/// A place, as a path through the JSON and as a stretch of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Location {
    /// From the root to the place.
    pub path: Vec<PathElement>,
    /// From where to where.
    pub span: Span,
    /// The same stretch in bytes of the text.
    #[serde(skip)]
    pub bytes: Range<usize>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PathElement {
    /// An element of a list, counted from 0.
    Index(usize),
    /// The name of a member.
    Key(String),
    /// A part of a string.
    Substring {
        /// The first character, counted from 0.
        start: usize,
        /// How many characters.
        length: usize,
    },
    /// The value of a member.
    Value(String),
}

/// A stretch of a text: start inclusive, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Where it begins.
    pub start: Position,
    /// Where it has ended.
    pub end: Position,
}

/// A place between two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Position {
    /// Counted from 1.
    pub line: usize,
    /// Counted in characters from 0.
    pub column: usize,
    /// Counted in characters from 0.
    pub offset: usize,
}
