//! The job itself: what happens after CreateExportJob has answered.

use super::{
    door,
    pieces::{Piece, Pieces, Source},
    target::Target,
};
use crate::{
    gate::{Caller, Gate},
    pinpoint::jobs::{Exports, Progress, Status, Work, sentence},
    wire::Fault,
};
use std::sync::Arc;
use tokio::{runtime::Handle, task};

/// Everything that an export needs to know.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) work: Arc<Work<Exports>>,
    pub(super) target: Target,
    pub(super) source: Arc<Source>,
}

/// Lets the job run.
pub(super) fn start(gate: Arc<Gate>, task: Task) {
    let work = task.work.clone();
    work.start(gate.clone(), run(gate, Arc::new(task)));
}

async fn run(gate: Arc<Gate>, task: Arc<Task>) {
    let total_pieces = task.source.pieces();
    task.work
        .change(&gate, |job| job.status = Status::Initializing);
    let session = match task.work.assume(&gate).await {
        Ok(session) => Arc::new(session),
        Err(failure) => {
            return task.work.fail(&gate, vec![failure], |progress| {
                progress.total_pieces = total_pieces;
                progress.failed_pieces = total_pieces;
            });
        }
    };
    task.work.change(&gate, |job| {
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
                return task.work.fail(&gate, vec![why], unwritten(0));
            }
        };
        let records = piece.records;
        if let Err(failures) = task.put(&gate, &session, number, piece).await {
            return task.work.fail(&gate, failures, unwritten(records));
        }
        let goes_on = task.work.change(&gate, |job| {
            if let Some(progress) = &mut job.progress {
                progress.completed_pieces += 1;
                progress.processed += records;
            }
        });
        if !goes_on {
            return;
        }
    }
    task.work
        .change(&gate, |job| job.status = Status::Completing);
    let now = gate.clock.now();
    task.work.change(&gate, |job| {
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

impl Task {
    /// Hop 4, and one more for each further piece: the role's session writes a file.
    async fn put(
        self: &Arc<Self>,
        gate: &Arc<Gate>,
        session: &Arc<Caller>,
        number: usize,
        piece: Piece,
    ) -> Result<(), Vec<String>> {
        let (task, gate, session) = (self.clone(), gate.clone(), session.clone());
        let handle = Handle::current();
        // Hashing an object is work too: it is done where it holds up nobody.
        let write = task::spawn_blocking(move || {
            handle.block_on(task.write(&gate, session, number, piece))
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
        number: usize,
        piece: Piece,
    ) -> Result<(), Vec<String>> {
        let actor = self.work.session(gate, session, number.saturating_sub(1));
        let (bucket, key) = (&self.target.bucket, self.target.key(&self.work.job, number));
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
