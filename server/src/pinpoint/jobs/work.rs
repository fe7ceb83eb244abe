//! A job at work: what it knows of itself, how it changes what is kept of it, and how it ends.

use super::{Exports, Hop, Imports, Job, Kind, MOST_FAILURES, Progress, Status, door};
use crate::{
    gate::{Actor, Caller, Gate, Granted},
    pinpoint::apps::App,
    wire::Fault,
    world::{Text, World},
};
use jiff::Timestamp;
use std::{future::Future, marker::PhantomData, sync::Arc};
use uuid::Uuid;

/// What every job needs to know.
#[derive(Debug)]
pub(in crate::pinpoint) struct Work<K> {
    /// Account, Region and id of the app.
    pub(in crate::pinpoint) app: (Text, Text, Text),
    app_arn: String,
    pub(in crate::pinpoint) job: Text,
    partition: &'static str,
    /// The request id of the job's creation.
    cause: Uuid,
    role_arn: String,
    kind: PhantomData<K>,
}

/// The hops 1 and 2 are those of the job's creation itself.
const ASSUME: u32 = 3;

impl<K: Kind> Work<K> {
    /// The work of a job of this app, with this role.
    pub(in crate::pinpoint) fn new<O>(
        cx: &Granted<'_, O>,
        app: &App,
        job: Text,
        role: &str,
    ) -> Self {
        let region = cx.meta().region.clone();
        Self {
            app: (cx.account().clone(), region, app.id.clone()),
            app_arn: app.arn.clone(),
            job,
            partition: cx.caller().partition,
            cause: cx.meta().id,
            role_arn: role.to_owned(),
            kind: PhantomData,
        }
    }

    /// Lets the job run. It holds up no request: what takes long has threads of its own.
    pub(in crate::pinpoint) fn start<F: Future<Output = ()> + Send + 'static>(
        self: &Arc<Self>,
        gate: Arc<Gate>,
        job: F,
    ) {
        let work = self.clone();
        tokio::spawn(async move {
            if tokio::spawn(job).await.is_err() {
                let kind = K::PATH;
                let why = format!(
                    "rolecall failed to finish the {kind}; this is a mistake of rolecall's"
                );
                work.fail(&gate, vec![why], |_| ());
            }
        });
    }

    /// Changes the job, if it is still under way, and says whether it is: one that is not has nothing more to do.
    pub(in crate::pinpoint) fn change(&self, gate: &Gate, change: impl FnOnce(&mut Job)) -> bool {
        let changed = self.change_app(gate, |app| {
            if let Some(job) = K::jobs_mut(app).get_mut(&self.job) {
                change(Arc::make_mut(job));
            }
        });
        // Where the data directory cannot be written, the job shows where it stood then.
        changed.unwrap_or(true)
    }

    /// Changes the app, if the job is still under way, and says whether it is: the app may be deleted, and the whole state
    /// put back to another, while it runs.
    ///
    /// # Errors
    /// The data directory cannot be written.
    pub(in crate::pinpoint) fn change_app(
        &self,
        gate: &Gate,
        change: impl FnOnce(&mut App),
    ) -> Result<bool, Fault> {
        let (account, region, app) = &self.app;
        let runs = |app: &App| K::jobs(app).get(&self.job).is_some_and(|job| job.runs());
        gate.change(|world| match world.app_mut(account, region, app) {
            Some(app) if runs(app) => {
                change(app);
                Ok(true)
            }
            _ => Ok(false),
        })
    }

    /// FAILING, then FAILED.
    pub(in crate::pinpoint) fn fail(
        &self,
        gate: &Gate,
        mut failures: Vec<String>,
        count: impl FnOnce(&mut Progress),
    ) {
        self.change(gate, |job| job.status = Status::Failing);
        failures.truncate(MOST_FAILURES);
        let now = gate.clock.now();
        self.change(gate, |job| {
            count(job.progress.get_or_insert_default());
            job.failures = failures;
            job.end(Status::Failed, now);
        });
    }

    /// Whoever makes the call after `number` others of the role's session.
    pub(in crate::pinpoint) fn session(
        &self,
        gate: &Gate,
        session: Arc<Caller>,
        number: usize,
    ) -> Actor {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.hop(ASSUME.saturating_add(1).saturating_add(number))
            .actor(gate, session)
    }

    fn hop(&self, number: u32) -> Hop {
        Hop {
            cause: self.cause,
            number,
            region: self.app.1.clone(),
        }
    }

    /// Hop 3: Pinpoint assumes the role.
    pub(in crate::pinpoint) async fn assume(&self, gate: &Arc<Gate>) -> Result<Caller, String> {
        let pinpoint = door::pinpoint(&self.app_arn, &self.app.0, self.partition);
        let actor = self.hop(ASSUME).actor(gate, Arc::new(pinpoint));
        let session = door::assume(gate, &actor, &self.role_arn).await;
        session.map_err(|fault| sentence("sts:AssumeRole", &actor, &fault))
    }
}

/// The same world without jobs that somebody is at work on: it is put back, or begins anew.
pub(crate) fn settled(mut world: Arc<World>, now: Timestamp) -> Arc<World> {
    let runs = |app: &App| {
        let mut jobs = app.exports.values().chain(app.imports.values());
        jobs.any(|job| job.runs())
    };
    if world.apps.values().any(|app| runs(app)) {
        interrupted(Arc::make_mut(&mut world), now);
    }
    world
}

/// Jobs that were under way when the process ended, or when the state was put aside, do not go on: they have failed.
/// rolecall's choice.
pub(crate) fn interrupted(world: &mut World, now: Timestamp) {
    end_all::<Exports>(world, now);
    end_all::<Imports>(world, now);
}

fn end_all<K: Kind>(world: &mut World, now: Timestamp) {
    let found = world.apps.iter().flat_map(|(app, it)| {
        let jobs = K::jobs(it).iter().filter(|(_, job)| job.runs());
        jobs.map(|(job, _)| (app.clone(), job.clone()))
    });
    for (app, job) in found.collect::<Vec<_>>() {
        let app = world.apps.get_mut(&app).map(Arc::make_mut);
        if let Some(job) = app.and_then(|app| K::jobs_mut(app).get_mut(&job)) {
            let job = Arc::make_mut(job);
            let kind = K::PATH;
            job.failures = vec![format!(
                "rolecall was stopped, or its state put back, before the {kind} ended"
            )];
            job.end(Status::Failed, now);
        }
    }
}

/// What went wrong at which hop, in the words of the service that said it, with the id under which the
/// decision can be looked up. The form is rolecall's choice.
pub(in crate::pinpoint) fn sentence(action: &str, actor: &Actor, fault: &Fault) -> String {
    let said = match fault {
        Fault::Denied(denial) if action.starts_with("s3:") => denial.s3_sentence(),
        Fault::Service(fault) => fault.message.clone(),
        other => other.to_string(),
    };
    let hop = actor.meta.of.map_or(0, |cause| cause.hop);
    format!("{action}: {said} (hop {hop}, request id {})", actor.meta.id)
}
