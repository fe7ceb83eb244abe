//! What export and import jobs have in common: how they are kept, read and answered, and the first hops of their chain.
//!
//! A job is one chain of decisions: its creation and `iam:PassRole` as the caller, `sts:AssumeRole` as Pinpoint on behalf
//! of the app, and then the calls to S3 as the role's session.

mod door;
mod kind;
mod read;
mod role;
mod work;

use door::Hop;
pub(super) use kind::{Exports, Imports, Kind};
pub(super) use read::{GetJob, ListJobs, ListJobsOfSegment};
pub(super) use role::{access, checked_role};
pub(super) use work::{Work, sentence};
pub(crate) use work::{interrupted, settled};

use super::{apps::App, shape::Document};
use crate::{wire::millis_time, world::Text};
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// The service to which the role is passed, and who assumes it.
const PINPOINT: &str = "pinpoint.amazonaws.com";

/// The most `Failures` that a job shows. Source: Amazon Pinpoint API Reference, "Export Job".
pub(super) const MOST_FAILURES: usize = 100;

/// A job, whichever of the two it is.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(in crate::pinpoint) struct Job {
    id: Text,
    /// The request, echoed.
    definition: Arc<Document>,
    created: Timestamp,
    completed: Option<Timestamp>,
    pub(in crate::pinpoint) status: Status,
    pub(in crate::pinpoint) progress: Option<Progress>,
    pub(in crate::pinpoint) failures: Vec<String>,
}

crate::world::kept_as_row!(Job);

/// `JobStatus`. AWS has more words, of which it does not say when they are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(in crate::pinpoint) enum Status {
    Created,
    Initializing,
    Processing,
    Completing,
    Completed,
    Failing,
    Failed,
}

/// The counters of a job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(in crate::pinpoint) struct Progress {
    pub(in crate::pinpoint) total_pieces: usize,
    pub(in crate::pinpoint) completed_pieces: usize,
    pub(in crate::pinpoint) failed_pieces: usize,
    /// Endpoints written, or taken in.
    pub(in crate::pinpoint) processed: usize,
    /// Endpoints that stood in a piece that was not written, or that were not understood.
    pub(in crate::pinpoint) failed: usize,
}

/// `ExportJobResponse` or `ImportJobResponse`, which are alike.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::pinpoint) struct JobResponse {
    application_id: Text,
    id: Text,
    r#type: &'static str,
    job_status: Status,
    creation_date: String,
    definition: Arc<Document>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_pieces: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_pieces: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_pieces: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_processed: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_failures: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<String>,
}

impl Job {
    fn response<K: Kind>(&self, app: &App) -> JobResponse {
        let progress = self.progress.as_ref();
        JobResponse {
            application_id: app.id.clone(),
            id: self.id.clone(),
            r#type: K::TYPE,
            job_status: self.status,
            creation_date: millis_time(self.created),
            definition: self.definition.clone(),
            completion_date: self.completed.map(millis_time),
            total_pieces: progress.map(|progress| progress.total_pieces),
            completed_pieces: progress.map(|progress| progress.completed_pieces),
            failed_pieces: progress.map(|progress| progress.failed_pieces),
            total_processed: progress.map(|progress| progress.processed),
            total_failures: progress.map(|progress| progress.failed),
            failures: self.failures.clone(),
        }
    }

    /// Whether it is under way.
    fn runs(&self) -> bool {
        self.completed.is_none()
    }

    /// The job is over.
    pub(in crate::pinpoint) fn end(&mut self, status: Status, at: Timestamp) {
        self.status = status;
        self.completed = Some(at);
    }
}

/// Puts a new job into its app. `segment` is the one that it is listed under.
pub(super) fn begin<K: Kind>(
    app: &mut App,
    id: &Text,
    definition: Document,
    segment: Option<Text>,
    now: Timestamp,
) -> JobResponse {
    let job = Job {
        id: id.clone(),
        definition: Arc::new(definition),
        created: now,
        completed: None,
        status: Status::Created,
        progress: None,
        failures: Vec::new(),
    };
    let answer = job.response::<K>(app);
    K::jobs_mut(app).insert(id.clone(), Arc::new(job));
    if let Some(segment) = segment {
        K::of_segment_mut(app).insert((segment, id.clone()), ());
    }
    answer
}
