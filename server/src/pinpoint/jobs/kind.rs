//! Export or import: what differs in how jobs are kept and read.

use super::Job;
use crate::{
    pinpoint::apps::App,
    world::{Map, Text},
};
use std::{fmt::Debug, sync::Arc};

/// An operation's name, and its action.
pub(super) type Named = (&'static str, &'static str);

/// One of the two kinds of job.
pub(in crate::pinpoint) trait Kind: Debug + Send + Sync + 'static {
    /// `Type` of the answer.
    const TYPE: &'static str;
    /// What stands behind `jobs/` in paths and ARNs, and in sentences.
    const PATH: &'static str;
    /// The operations that read one job, the app's jobs, and those of a segment.
    const GET: Named;
    const LIST: Named;
    const LIST_OF_SEGMENT: Named;

    /// The jobs of an app.
    fn jobs(app: &App) -> &Map<Text, Arc<Job>>;
    fn jobs_mut(app: &mut App) -> &mut Map<Text, Arc<Job>>;

    /// Segment id and job id of every job of a segment.
    fn of_segment(app: &App) -> &Map<(Text, Text), ()>;
    fn of_segment_mut(app: &mut App) -> &mut Map<(Text, Text), ()>;
}

/// Endpoints written to a bucket.
#[derive(Debug)]
pub(in crate::pinpoint) enum Exports {}

/// Endpoints read from a bucket.
#[derive(Debug)]
pub(in crate::pinpoint) enum Imports {}

impl Kind for Exports {
    const TYPE: &'static str = "EXPORT";
    const PATH: &'static str = "export";
    const GET: Named = ("GetExportJob", "mobiletargeting:GetExportJob");
    const LIST: Named = ("GetExportJobs", "mobiletargeting:GetExportJobs");
    const LIST_OF_SEGMENT: Named = (
        "GetSegmentExportJobs",
        "mobiletargeting:GetSegmentExportJobs",
    );

    fn jobs(app: &App) -> &Map<Text, Arc<Job>> {
        &app.exports
    }

    fn jobs_mut(app: &mut App) -> &mut Map<Text, Arc<Job>> {
        &mut app.exports
    }

    fn of_segment(app: &App) -> &Map<(Text, Text), ()> {
        &app.segment_exports
    }

    fn of_segment_mut(app: &mut App) -> &mut Map<(Text, Text), ()> {
        &mut app.segment_exports
    }
}

impl Kind for Imports {
    const TYPE: &'static str = "IMPORT";
    const PATH: &'static str = "import";
    const GET: Named = ("GetImportJob", "mobiletargeting:GetImportJob");
    const LIST: Named = ("GetImportJobs", "mobiletargeting:GetImportJobs");
    const LIST_OF_SEGMENT: Named = (
        "GetSegmentImportJobs",
        "mobiletargeting:GetSegmentImportJobs",
    );

    fn jobs(app: &App) -> &Map<Text, Arc<Job>> {
        &app.imports
    }

    fn jobs_mut(app: &mut App) -> &mut Map<Text, Arc<Job>> {
        &mut app.imports
    }

    fn of_segment(app: &App) -> &Map<(Text, Text), ()> {
        &app.segment_imports
    }

    fn of_segment_mut(app: &mut App) -> &mut Map<(Text, Text), ()> {
        &mut app.segment_imports
    }
}
