//! Running scenarios: each in a world of its own, several at a time, the events in order.

mod answer;
mod ask;
mod choose;
mod files;
mod hop;
mod judge;
mod one;
mod then;
mod world;

pub use answer::{Answer, Said};
pub use choose::Choice;
pub use files::{find, read_all};
pub use hop::{FaultPlace, Hop, HopFault, read as read_hops, short_arn};
pub use judge::Wrong;
pub(crate) use world::root;
pub use world::{REGION, Trouble};

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rolecall_server::Server;
use tokio::sync::{Semaphore, mpsc};

use super::Scenario;
use super::event::{Begin, Counts, Done, End, Event, Outcome, Totals};
use super::file::question::Question;
use super::vars::Overrides;
use crate::diagnostic::Diagnostic;
use crate::endpoint::{CallError, Endpoint};

/// Where scenarios run.
#[derive(Clone, Debug, Default)]
pub enum Target {
    /// A fresh server in this process for each scenario.
    #[default]
    Embedded,
    /// A running rolecall. Scenarios run one after the other.
    Running {
        /// Its address.
        url: String,
        /// Whether it is emptied before each scenario.
        reset: bool,
    },
}

/// How to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where.
    pub target: Target,
    /// Which scenarios and steps.
    pub choice: Choice,
    /// How many scenarios at a time; 0 means as many as there are cores.
    pub jobs: usize,
    /// Whether the first failure ends the run.
    pub fail_fast: bool,
    /// Fewer checks than this are a failure of the run.
    pub min_checks: usize,
    /// Variables from outside.
    pub overrides: Overrides,
}

/// How `rolecall test` ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All as expected.
    Passed,
    /// Something was not.
    Failed,
    /// A scenario or a policy file cannot be read; nothing ran.
    Unreadable,
    /// Nothing matched; nothing ran.
    Nothing,
    /// The target, or a line of `given:` or `setup:`, failed: the verdict is unknown.
    Trouble,
    /// Our fault.
    Bug,
}

impl Exit {
    /// The exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Exit::Passed => 0,
            Exit::Failed => 1,
            Exit::Unreadable => 3,
            Exit::Nothing => 4,
            Exit::Trouble => 5,
            Exit::Bug => 70,
        }
    }
}

/// What a run came to.
#[derive(Debug)]
pub struct Report {
    /// How it ends.
    pub exit: Exit,
    /// Every event.
    pub events: Vec<Event>,
    /// What is wrong with the files, when nothing ran.
    pub mistakes: Vec<Diagnostic>,
}

/// Reads and runs every scenario under the paths.
pub async fn run_scenarios(paths: &[PathBuf], options: &Options) -> Report {
    let mut events = Vec::new();
    let nothing = |exit, mistakes| Report {
        exit,
        events: Vec::new(),
        mistakes,
    };
    let files = match find(paths) {
        Ok(files) => files,
        Err(said) => return nothing(Exit::Unreadable, vec![*said]),
    };
    let scenarios = match read_all(&files, &options.overrides) {
        Ok(scenarios) => scenarios,
        Err(mistakes) => return nothing(Exit::Unreadable, mistakes),
    };
    let exit = run(&scenarios, options, |event| events.push(event)).await;
    Report {
        exit,
        events,
        mistakes: Vec::new(),
    }
}

/// Runs scenarios that were read already; `tell` hears every event, in the order of the files.
pub async fn run(
    scenarios: &[Arc<Scenario>],
    options: &Options,
    mut tell: impl FnMut(Event),
) -> Exit {
    let began = Instant::now();
    let chosen = options.choice.choose(scenarios);
    if chosen.is_empty() {
        return Exit::Nothing;
    }
    tell(Event::Begin(begin(chosen.len(), options)));
    let stop = Arc::new(AtomicBool::new(false));
    let jobs = match (&options.target, options.jobs) {
        (Target::Running { .. }, _) => 1,
        (Target::Embedded, 0) => std::thread::available_parallelism().map_or(2, usize::from),
        (Target::Embedded, jobs) => jobs,
    };
    let turns = Arc::new(Semaphore::new(jobs));
    let mut lines = Vec::new();
    for planned in chosen {
        let (send, receive) = mpsc::unbounded_channel();
        let (turns, stop) = (Arc::clone(&turns), Arc::clone(&stop));
        let (target, fail_fast) = (options.target.clone(), options.fail_fast);
        let name = planned.name.clone();
        let task = tokio::spawn(async move {
            let _turn = turns.acquire().await;
            one::run(planned, &target, &stop, fail_fast, &send).await;
        });
        lines.push((receive, task, name));
    }
    let mut totals = Totals::default();
    let mut counts = Counts::default();
    let mut bug = false;
    for (mut receive, task, scenario) in lines {
        let mut ended = false;
        while let Some(event) = receive.recv().await {
            match &event {
                Event::Check(checked) => counts.add(checked),
                Event::Skip(skipped) => counts.skipped += skipped.checks,
                Event::Done(done) => {
                    totals.add(done.outcome);
                    ended = true;
                }
                _ => {}
            }
            tell(event);
        }
        // A panic of ours must not look like a pass.
        if task.await.is_err() || !ended {
            bug = true;
            totals.add(Outcome::Trouble);
            tell(Event::Done(Done::unknown(scenario)));
        }
    }
    let ran = counts.ok + counts.not;
    let exit = match () {
        () if bug => Exit::Bug,
        () if totals.trouble > 0 => Exit::Trouble,
        () if counts.not > 0 => Exit::Failed,
        () if ran == 0 => Exit::Nothing,
        () if ran < options.min_checks => Exit::Failed,
        () => Exit::Passed,
    };
    stop.store(true, Ordering::Relaxed);
    tell(Event::End(End {
        scenarios: totals,
        checks: counts,
        exit: exit.code(),
        took: began.elapsed(),
    }));
    exit
}

fn begin(scenarios: usize, options: &Options) -> Begin {
    Begin {
        version: env!("CARGO_PKG_VERSION"),
        scenarios,
        target: match &options.target {
            Target::Embedded => "embedded".to_owned(),
            Target::Running { url, .. } => url.clone(),
        },
        account: rolecall_server::DEFAULT_ACCOUNT.to_owned(),
        region: REGION.to_owned(),
    }
}

impl Done {
    fn unknown(scenario: String) -> Self {
        Self {
            scenario,
            outcome: Outcome::Trouble,
            ok: 0,
            not: 0,
            skipped: 0,
            mutants: None,
            ms: 0.0,
        }
    }
}

/// Makes a scenario's world, `given:` and `setup:`, on a running endpoint.
///
/// # Errors
/// What did not work.
pub async fn load(scenario: &Arc<Scenario>, endpoint: &Endpoint) -> Result<(), Box<Trouble>> {
    world::World::make(scenario, endpoint.clone())
        .await
        .map(drop)
}

/// The accounts that a scenario speaks of, besides the default one.
#[must_use]
pub fn accounts(scenario: &Scenario) -> Vec<String> {
    let cases = scenario.steps.iter().flat_map(|step| &step.cases);
    let actors = cases.flat_map(|case| {
        let by = match &case.question {
            Question::Prove(prove) => Some(&prove.by.value),
            _ => None,
        };
        std::iter::once(&case.actor.value).chain(by)
    });
    let mut accounts: Vec<String> = actors.filter_map(|actor| actor.account.clone()).collect();
    accounts.sort();
    accounts.dedup();
    accounts.retain(|account| account != rolecall_server::DEFAULT_ACCOUNT);
    accounts
}

/// A fresh server with these accounts besides the default one.
///
/// # Errors
/// No port is free.
pub(crate) async fn embedded(accounts: &[String]) -> Result<(Server, Endpoint), CallError> {
    let mut builder = Server::builder().port(0);
    for account in accounts {
        let keys = root(crate::endpoint::USUAL_SECRET, Some(account));
        builder = builder.account(rolecall_server::RootKey {
            account: account.clone(),
            access_key: keys.access_key,
            secret: keys.secret,
            ..Default::default()
        });
    }
    let server = builder
        .start()
        .await
        .map_err(|error| CallError::NotACall(error.to_string()))?;
    let endpoint = Endpoint::new(&server.endpoint())?;
    Ok((server, endpoint))
}

#[cfg(test)]
mod tests;
