//! The job itself: what happens after CreateImportJob has answered.

use super::{
    lines::{Format, Line, Lines},
    source::{MOST_FILES, Source},
    take::{Purpose, Taken},
};
use crate::{
    gate::{Actor, Caller, Gate},
    pinpoint::{
        jobs::{Imports, MOST_FAILURES, Status, Work, sentence},
        segments,
        shape::{Document, text},
    },
    s3::{ListKeys, ReadObject},
    wire::Fault,
    world::Blob,
};
use serde_json::json;
use std::{mem, sync::Arc};
use tokio::task::spawn_blocking;

/// Endpoints that are stored at once, and the bytes of them that are held for it. Requests come in between.
const AT_ONCE: usize = 500;
const BYTES_AT_ONCE: u64 = 1024 * 1024;

/// Everything that an import needs to know.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) work: Arc<Work<Imports>>,
    pub(super) source: Source,
    pub(super) format: Format,
    pub(super) purpose: Purpose,
    /// The request.
    pub(super) definition: Document,
}

/// What came of one file.
#[derive(Debug, Default)]
struct Piece {
    taken: Taken,
    failed: usize,
    failures: Vec<String>,
}

/// Lets the job run.
pub(super) fn start(gate: Arc<Gate>, task: Task) {
    let work = task.work.clone();
    work.start(gate.clone(), run(gate, Arc::new(task)));
}

async fn run(gate: Arc<Gate>, task: Arc<Task>) {
    let work = &task.work;
    work.change(&gate, |job| job.status = Status::Initializing);
    let session = match work.assume(&gate).await {
        Ok(session) => Arc::new(session),
        Err(failure) => return work.fail(&gate, vec![failure], |_| ()),
    };
    let files = match task.files(&gate, &session).await {
        Ok(files) => files,
        Err(failure) => return work.fail(&gate, vec![failure], |_| ()),
    };
    work.change(&gate, |job| {
        job.status = Status::Processing;
        job.progress.get_or_insert_default().total_pieces = files.len();
    });
    let mut all = Piece::default();
    let mut unread = false;
    for (number, key) in files.into_iter().enumerate() {
        let piece = task.piece(&gate, session.clone(), number + 1, key).await;
        unread |= piece.is_err();
        let goes_on = work.change(&gate, |job| {
            let progress = job.progress.get_or_insert_default();
            match &piece {
                Ok(piece) => {
                    progress.completed_pieces += 1;
                    progress.processed += piece.taken.records + piece.failed;
                    progress.failed += piece.failed;
                }
                Err(_) => progress.failed_pieces += 1,
            }
        });
        if !goes_on {
            return;
        }
        match piece {
            Ok(piece) => all.add(piece),
            Err(why) => all.failures.push(why),
        }
        all.failures.truncate(MOST_FAILURES);
    }
    // One file that could not be read fails the job. Source: Amazon Pinpoint API Reference, "Import Jobs", JobStatus.
    if unread {
        return work.fail(&gate, all.failures, |_| ());
    }
    work.change(&gate, |job| job.status = Status::Completing);
    task.complete(&gate, all);
}

impl Piece {
    fn add(&mut self, other: Self) {
        let (into, from) = (&mut self.taken, other.taken);
        into.imported.endpoints.extend(from.imported.endpoints);
        into.imported.users.extend(from.imported.users);
        for (channel, count) in from.channels {
            *into.channels.entry(channel).or_default() += count;
        }
        into.records += from.records;
        self.failures.extend(other.failures);
    }

    fn fail(&mut self, why: String) {
        self.failed += 1;
        if self.failures.len() < MOST_FAILURES {
            self.failures.push(why);
        }
    }
}

impl Task {
    /// Hop 4: the role's session lists what is there.
    async fn files(&self, gate: &Arc<Gate>, session: &Arc<Caller>) -> Result<Vec<String>, String> {
        let actor = self.work.session(gate, session.clone(), 0);
        let (source, format) = (self.source.clone(), self.format);
        let list = ListKeys {
            bucket: source.bucket.clone(),
            prefix: source.path.clone(),
            keep: Box::new(move |key| source.takes(key, format)),
            most: MOST_FILES + 1,
        };
        let keys = gate.perform(&actor, list).await;
        let keys = keys.map_err(|fault| sentence("s3:ListBucket", &actor, &fault))?;
        self.source.files(keys, self.format)
    }

    /// Hop 5, and one more for each further file: the role's session reads a file, whose endpoints are taken in.
    async fn piece(
        self: &Arc<Self>,
        gate: &Arc<Gate>,
        session: Arc<Caller>,
        number: usize,
        key: String,
    ) -> Result<Piece, String> {
        let actor = self.work.session(gate, session, number);
        let read = ReadObject {
            bucket: self.source.bucket.clone(),
            key: key.clone(),
        };
        let blob = gate.perform(&actor, read).await;
        let blob = blob.map_err(|fault| sentence("s3:GetObject", &actor, &fault))?;
        let (task, gate) = (self.clone(), gate.clone());
        let taken = spawn_blocking(move || task.take(&gate, &actor, &key, &blob)).await;
        taken.unwrap_or_else(|_| Err("rolecall failed to read the file".to_owned()))
    }

    fn take(&self, gate: &Gate, actor: &Actor, key: &str, file: &Blob) -> Result<Piece, String> {
        let in_file = |why: String| format!("{key}: {why}");
        let mut lines = Lines::new(file.reading(), self.format).map_err(in_file)?;
        let (mut piece, mut waiting, mut stored) = (Piece::default(), Vec::new(), 0);
        loop {
            let line = lines.next().map_err(|error| in_file(error.to_string()))?;
            let ended = line.is_none();
            waiting.extend(line);
            let many = waiting.len() == AT_ONCE || lines.bytes - stored >= BYTES_AT_ONCE;
            if ended || many {
                stored = lines.bytes;
                self.store(gate, actor, key, (&mut piece, mem::take(&mut waiting)))
                    .map_err(in_file)?;
            }
            if ended {
                return Ok(piece);
            }
        }
    }

    fn store(
        &self,
        gate: &Gate,
        actor: &Actor,
        key: &str,
        (piece, lines): (&mut Piece, Vec<Line>),
    ) -> Result<(), String> {
        let stored = self.work.change_app(gate, |app| {
            for (number, line) in lines {
                let new = (|| gate.ids.hex32(), &*actor.meta);
                let taken = line.and_then(|record| {
                    let taken = piece.taken.take(app, &record, &self.purpose, new);
                    taken.map_err(why)
                });
                if let Err(why) = taken {
                    piece.fail(format!("{key}, line {number}: {why}"));
                }
            }
        });
        match stored {
            Ok(true) => Ok(()),
            Ok(false) => Err("the job is no longer there".to_owned()),
            Err(fault) => Err(fault.to_string()),
        }
    }

    /// The segment, and the end.
    fn complete(&self, gate: &Gate, all: Piece) {
        let now = gate.clock.now();
        if let Some(segment) = &self.purpose.segment {
            let name = text(&self.definition, "SegmentName");
            let mut made = Ok(());
            let stored = self.work.change_app(gate, |app| {
                let import = self.import_definition(&all.taken);
                let new = !self.definition.contains_key("SegmentId");
                made = segments::import(app, (segment, new), name, import, all.taken.imported, now);
            });
            let failure = match stored {
                Err(fault) => Some(fault),
                Ok(_) => made.err(),
            };
            if let Some(fault) = failure {
                let why = format!("the segment `{segment}`: {}", why(fault));
                return self.work.fail(gate, vec![why], |_| ());
            }
        }
        self.work.change(gate, |job| {
            job.failures = all.failures;
            job.end(Status::Completed, now);
        });
    }

    /// `SegmentImportResource`
    fn import_definition(&self, taken: &Taken) -> Document {
        let asked = |name: &str| json!(text(&self.definition, name).unwrap_or_default());
        [
            ("ChannelCounts", json!(taken.channels)),
            ("ExternalId", asked("ExternalId")),
            ("Format", asked("Format")),
            ("RoleArn", asked("RoleArn")),
            ("S3Url", asked("S3Url")),
            ("Size", json!(taken.records)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

/// What is wrong with a record, with the member where it is one.
fn why(fault: Fault) -> String {
    match fault {
        Fault::Malformed { path, why, .. } if path.is_empty() => why,
        Fault::Malformed { path, why, .. } => format!("{path}: {why}"),
        other => other.to_string(),
    }
}
