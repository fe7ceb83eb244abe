//! The job itself: what happens after CreateExportJob has answered.

use super::{
    ExportJob, MOST_FAILURES, Progress, Status,
    door::{self, Hop},
    pieces::{Piece, Pieces, Source},
    target::Target,
};
use crate::{
    gate::{Actor, Caller, Gate},
    wire::Fault,
    world::{Text, World},
};
use jiff::Timestamp;
use std::sync::Arc;
use tokio::{runtime::Handle, task};
use uuid::Uuid;

/// Everything that a job needs to know.
#[derive(Debug)]
pub(super) struct Task {
    /// Account, Region and id of the app.
    pub(super) app: (Text, Text, Text),
    pub(super) app_arn: String,
    pub(super) partition: &'static str,
    pub(super) job: Text,
    /// The request id of CreateExportJob.
    pub(super) cause: Uuid,
    pub(super) role_arn: String,
    pub(super) target: Target,
    pub(super) source: Arc<Source>,
}

/// The hops 1 and 2 are those of CreateExportJob itself.
const ASSUME: u32 = 3;

/// Lets the job run. It holds up no request: compression and writing have threads of their own.
pub(super) fn start(gate: Arc<Gate>, task: Task) {
    let task = Arc::new(task);
    tokio::spawn(async move {
        let work = tokio::spawn(run(gate.clone(), task.clone()));
        if work.await.is_err() {
            task.fail(
                &gate,
                vec![
                    "rolecall failed to finish the export; this is a mistake of rolecall's"
                        .to_owned(),
                ],
                |_| (),
            );
        }
    });
}

async fn run(gate: Arc<Gate>, task: Arc<Task>) {
    let total_pieces = task.source.pieces();
    task.change(&gate, |job| job.status = Status::Initializing);
    let session = match task.assume(&gate).await {
        Ok(session) => Arc::new(session),
        Err(failure) => {
            return task.fail(&gate, vec![failure], |progress| {
                progress.total_pieces = total_pieces;
                progress.failed_pieces = total_pieces;
            });
        }
    };
    task.change(&gate, |job| {
        job.status = Status::Processing;
        job.progress = Some(Progress {
            total_pieces,
            ..Progress::default()
        });
    });
    let mut pieces = Pieces::of(task.source.clone());
    for number in 1.. {
        let piece = match pieces.next().await {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(_) => {
                let why = "rolecall failed to compress the endpoints".to_owned();
                return task.fail(&gate, vec![why], unwritten(0));
            }
        };
        let records = piece.records;
        if let Err(failures) = task.put(&gate, &session, number, piece).await {
            return task.fail(&gate, failures, unwritten(records));
        }
        task.change(&gate, |job| {
            if let Some(progress) = &mut job.progress {
                progress.completed_pieces += 1;
                progress.processed += records;
            }
        });
    }
    task.change(&gate, |job| job.status = Status::Completing);
    let now = gate.clock.now();
    task.change(&gate, |job| {
        // A segment may come to fewer pieces than there were endpoints for.
        if let Some(progress) = &mut job.progress {
            progress.total_pieces = progress.completed_pieces;
        }
        job.end(Status::Completed, now);
    });
}

/// The pieces that are left are not tried: whoever may not write this one may not write them.
fn unwritten(records: usize) -> impl FnOnce(&mut Progress) {
    move |progress| {
        progress.failed_pieces = progress
            .total_pieces
            .saturating_sub(progress.completed_pieces);
        progress.failed = records;
    }
}

/// Jobs that were under way when the process ended do not go on: they have failed. rolecall's choice.
pub(crate) fn interrupted(world: &mut World, now: Timestamp) {
    let running = |job: &ExportJob| job.completed.is_none();
    let found = world.apps.iter().flat_map(|(app, it)| {
        let jobs = it.exports.iter().filter(|(_, job)| running(job));
        jobs.map(|(job, _)| (app.clone(), job.clone()))
    });
    for (app, job) in found.collect::<Vec<_>>() {
        let app = world.apps.get_mut(&app).map(Arc::make_mut);
        if let Some(job) = app.and_then(|app| app.exports.get_mut(&job)) {
            let job = Arc::make_mut(job);
            job.failures = vec!["rolecall was stopped before the export ended".to_owned()];
            job.end(Status::Failed, now);
        }
    }
}

impl Task {
    /// Changes the job, if it is still there: its app may be deleted while it runs.
    fn change(&self, gate: &Gate, change: impl FnOnce(&mut ExportJob)) {
        let (account, region, app) = &self.app;
        let changed = gate.change(|world| {
            let app = world.app_mut(account, region, app);
            if let Some(job) = app.and_then(|app| app.exports.get_mut(&self.job)) {
                change(Arc::make_mut(job));
            }
            Ok(())
        });
        // It fails only where the data directory cannot be written; the job shows where it stood then.
        let _ = changed;
    }

    /// FAILING, then FAILED.
    fn fail(&self, gate: &Gate, mut failures: Vec<String>, count: impl FnOnce(&mut Progress)) {
        self.change(gate, |job| job.status = Status::Failing);
        failures.truncate(MOST_FAILURES);
        let now = gate.clock.now();
        self.change(gate, |job| {
            count(job.progress.get_or_insert_default());
            job.failures = failures;
            job.end(Status::Failed, now);
        });
    }

    fn hop(&self, number: u32) -> Hop {
        Hop {
            cause: self.cause,
            number,
            region: self.app.1.clone(),
        }
    }

    /// Hop 3: Pinpoint assumes the role.
    async fn assume(&self, gate: &Arc<Gate>) -> Result<Caller, String> {
        let pinpoint = door::pinpoint(&self.app_arn, &self.app.0, self.partition);
        let actor = self.hop(ASSUME).actor(gate, Arc::new(pinpoint));
        let session = door::assume(gate, &actor, &self.role_arn).await;
        session.map_err(|fault| sentence("sts:AssumeRole", &actor, &fault))
    }

    /// Hop 4, and one more for each further piece: the role's session writes a file.
    async fn put(
        self: &Arc<Self>,
        gate: &Arc<Gate>,
        session: &Arc<Caller>,
        number: usize,
        piece: Piece,
    ) -> Result<(), Vec<String>> {
        let hop = ASSUME.saturating_add(u32::try_from(number).unwrap_or(u32::MAX));
        let (task, gate, session) = (self.clone(), gate.clone(), session.clone());
        let handle = Handle::current();
        // Hashing an object is work too: it is done where it holds up nobody.
        let write = task::spawn_blocking(move || {
            handle.block_on(task.write(&gate, session, hop, number, piece))
        });
        match write.await {
            Ok(written) => written,
            Err(_) => Err(vec!["rolecall failed to write the file".to_owned()]),
        }
    }

    async fn write(
        &self,
        gate: &Arc<Gate>,
        session: Arc<Caller>,
        hop: u32,
        number: usize,
        piece: Piece,
    ) -> Result<(), Vec<String>> {
        let actor = self.hop(hop).actor(gate, session);
        let (bucket, key) = (&self.target.bucket, self.target.key(&self.job, number));
        let Err(fault) = door::put(gate, &actor, bucket, &key, piece.content).await else {
            return Ok(());
        };
        let mut failures = vec![sentence("s3:PutObject", &actor, &fault)];
        if is_missing_bucket(&fault)
            && let Err(denied) = door::might_put(gate, &actor, bucket, &key).await
        {
            failures.push(sentence("s3:PutObject", &actor, &denied));
        }
        if self.target.slash_added {
            failures.push(format!(
                "the S3UrlPrefix has no slash at its end; rolecall takes it as the folder `{}`",
                self.target.folder
            ));
        }
        Err(failures)
    }
}

fn is_missing_bucket(fault: &Fault) -> bool {
    matches!(fault, Fault::Service(fault) if fault.code == "NoSuchBucket")
}

/// What went wrong at which hop, in the words of the service that said it, with the id under which the
/// decision can be looked up. The form is rolecall's choice.
fn sentence(action: &str, actor: &Actor, fault: &Fault) -> String {
    let said = match fault {
        Fault::Denied(denial) if action.starts_with("s3:") => denial.s3_sentence(),
        Fault::Service(fault) => fault.message.clone(),
        other => other.to_string(),
    };
    let hop = actor.meta.of.map_or(0, |cause| cause.hop);
    format!("{action}: {said} (hop {hop}, request id {})", actor.meta.id)
}
