//! Export jobs: endpoints written to a bucket with a role that the caller hands over.
//!
//! An export is one chain of decisions: CreateExportJob and `iam:PassRole` as the caller, `sts:AssumeRole`
//! as Pinpoint on behalf of the app, `s3:PutObject` as the role's session.

mod create;
mod door;
mod pieces;
mod read;
mod run;
mod target;

pub(super) use create::CreateExportJob;
pub(super) use read::{GetExportJob, GetExportJobs, GetSegmentExportJobs};
pub(crate) use run::interrupted;

use super::{
    apps::App,
    shape::{Document, Member, Shape, may, must},
};
use crate::{wire::millis_time, world::Text};
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// `ExportJobRequest`
static REQUEST: &[Member] = &[
    must("RoleArn", &Shape::Text),
    must("S3UrlPrefix", &Shape::Text),
    may("SegmentId", &Shape::Text),
    may("SegmentVersion", &Shape::Integer),
];
/// The most `Failures` that a job shows. Source: Amazon Pinpoint API Reference, "Export Job".
const MOST_FAILURES: usize = 100;

/// An export job.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct ExportJob {
    id: Text,
    /// The request, echoed.
    definition: Arc<Document>,
    created: Timestamp,
    completed: Option<Timestamp>,
    status: Status,
    progress: Option<Progress>,
    failures: Vec<String>,
}

crate::world::kept_as_row!(ExportJob);

/// `JobStatus`. AWS has more words, of which it does not say when they are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
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
struct Progress {
    total_pieces: usize,
    completed_pieces: usize,
    failed_pieces: usize,
    /// Endpoints written.
    processed: usize,
    /// Endpoints that stood in a piece that was not written.
    failed: usize,
}

/// `ExportJobResponse`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ExportJobResponse {
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

impl ExportJob {
    fn response(&self, app: &App) -> ExportJobResponse {
        let progress = self.progress.as_ref();
        ExportJobResponse {
            application_id: app.id.clone(),
            id: self.id.clone(),
            r#type: "EXPORT",
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

    /// The job is over.
    fn end(&mut self, status: Status, at: Timestamp) {
        self.status = status;
        self.completed = Some(at);
    }
}
