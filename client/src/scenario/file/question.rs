//! What a step asks.

mod read;

use std::fmt;

pub(crate) use self::read::Questions;
pub use super::actor::{Actor, Who};
use crate::aws_line::AwsLine;
use crate::diagnostic::{Span, Spot};
use crate::endpoint::Call;
use crate::scenario::documents::Document;

/// What is asked.
#[derive(Clone, Debug)]
pub enum Question {
    /// One call by its wire name.
    Call(PlannedCall),
    /// Pasted `aws` lines, in order.
    Aws(Vec<PlannedLine>),
    /// A Pinpoint export or import job, from its call to its end.
    Job(Job),
    /// A question to the engine; nothing happens.
    Check(Check),
    /// A question about all resources at once; nothing happens.
    Prove(Prove),
}

/// A call, where it stands, and the documents that it carries.
#[derive(Clone, Debug)]
pub struct PlannedCall {
    /// The call.
    pub call: Call,
    /// Where the scenario names it.
    pub span: Span,
    /// The documents it carries, with the parameter each one fills.
    pub documents: Vec<(String, Document)>,
}

/// A pasted line and where it stands.
#[derive(Clone, Debug)]
pub struct PlannedLine {
    /// The line, with its variables filled in.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// What it means.
    pub line: AwsLine,
}

/// A Pinpoint job that uses a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Which of the two.
    pub kind: JobKind,
    /// The app, by the name it has under `given:` or by its id.
    pub app: Spot<String>,
    /// The place to write to, or to read from.
    pub place: Spot<S3Place>,
    /// The role to use, by name or ARN.
    pub role: Spot<String>,
}

/// What is particular to each kind of job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Endpoints go out.
    Export {
        /// The segment, by name or id; all endpoints when absent.
        segment: Option<Spot<String>>,
    },
    /// Endpoints come in, and are registered.
    Import {
        /// `CSV` or `JSON`.
        format: &'static str,
    },
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            JobKind::Export { .. } => "export to",
            JobKind::Import { .. } => "import from",
        };
        write!(f, "{what} {}", self.place.value)
    }
}

/// `s3://bucket/prefix`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Place {
    /// The bucket.
    pub bucket: String,
    /// What follows the first slash; may be empty.
    pub prefix: String,
}

impl fmt::Display for S3Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

/// A question to the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The action; any service.
    pub action: Spot<String>,
    /// The resource.
    pub resource: Spot<Resource>,
}

/// That everything somebody can do with an action lies within some patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prove {
    /// The action; `*` and `?` stand for several.
    pub action: Spot<String>,
    /// Who.
    pub by: Spot<Actor>,
    /// Patterns of ARNs; none means that nothing at all may be allowed.
    pub within: Vec<Spot<String>>,
    /// Where the question stands.
    pub span: Span,
}

/// A resource as a scenario names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// An ARN, or `*`.
    Arn(String),
    /// `app/NAME`, a Pinpoint app under `given:`, with its tags.
    App(String),
    /// `role/NAME` in the scenario's account.
    Role(String),
}
