//! One scenario from its world to its last case.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde_json::{Map, Value};
use tokio::sync::mpsc::UnboundedSender;

use super::choose::{Chosen, left_out};
use super::judge::{Wrong, judge};
use super::world::{Trouble, World};
use super::{Answer, Target, accounts, embedded, then};
use crate::diagnostic::Diagnostic;
use crate::endpoint::{CallError, Endpoint};
use crate::scenario::event::{
    Begun, Checked, Done, Event, Evidence, Mutants, Outcome, Skipped, Troubled, rounded, verdict,
};
use crate::scenario::file::node::Kind;
use crate::scenario::file::question::Question;
use crate::scenario::file::step::{Case, Step};

/// What is known while a scenario runs.
struct One<'a> {
    chosen: &'a Chosen,
    stop: &'a AtomicBool,
    fail_fast: bool,
    lasting: bool,
    send: &'a UnboundedSender<Event>,
    ok: usize,
    not: usize,
    skipped: usize,
    trouble: bool,
    stopped: bool,
}

/// Runs one scenario. Whoever listens hears a `Scenario` first and a `Done` last.
pub(super) async fn run(
    chosen: Chosen,
    target: &Target,
    stop: &AtomicBool,
    fail_fast: bool,
    send: &UnboundedSender<Event>,
) {
    let began = Instant::now();
    let scenario = Arc::clone(&chosen.scenario);
    let mut one = One {
        chosen: &chosen,
        stop,
        fail_fast,
        lasting: matches!(target, Target::Running { .. }),
        send,
        ok: 0,
        not: 0,
        skipped: 0,
        trouble: false,
        stopped: stop.load(Ordering::Relaxed),
    };
    one.tell(Event::Scenario(Begun {
        scenario: chosen.name.clone(),
        file: scenario.file.path.clone(),
        name: scenario.name.clone(),
        source: Arc::clone(&scenario),
    }));
    if !one.stopped {
        one.on(target).await;
    }
    let mutants = &scenario.mutants;
    let outcome = match () {
        () if one.trouble => Outcome::Trouble,
        () if one.not > 0 => Outcome::Failed,
        () if one.stopped => Outcome::Stopped,
        () if one.ok == 0 => Outcome::Skipped,
        () => Outcome::Passed,
    };
    one.tell(Event::Done(Done {
        scenario: chosen.name.clone(),
        outcome,
        ok: one.ok,
        not: one.not,
        skipped: one.skipped,
        mutants: (!mutants.is_empty()).then_some(Mutants {
            written: mutants.written.len(),
            auto: mutants.auto,
        }),
        ms: rounded(began.elapsed()),
    }));
}

impl One<'_> {
    fn tell(&self, event: Event) {
        // Nobody listens any more: the run was given up.
        let _ = self.send.send(event);
    }

    async fn on(&mut self, target: &Target) {
        let wanted = |step: &&Step| left_out(step, target).is_none();
        let steps = self
            .chosen
            .steps
            .iter()
            .filter_map(|place| self.chosen.scenario.steps.get(*place));
        if steps.filter(wanted).count() == 0 {
            self.steps(None, target).await;
            return;
        }
        match target {
            Target::Embedded => match embedded(&accounts(&self.chosen.scenario)).await {
                Ok((server, endpoint)) => {
                    self.in_world(endpoint, target).await;
                    server.stop().await;
                }
                Err(error) => self.no_target("failed to start the embedded server", &error),
            },
            Target::Running { url, reset } => {
                let endpoint = match Endpoint::new(url) {
                    Ok(endpoint) => endpoint,
                    Err(error) => return self.no_target("failed to use the target", &error),
                };
                if *reset
                    && let Err(error) = endpoint
                        .admin_post("reset", &Value::Object(Map::new()))
                        .await
                {
                    return self.no_target("failed to empty the target", &error);
                }
                self.in_world(endpoint, target).await;
            }
        }
    }

    fn no_target(&mut self, title: &str, error: &CallError) {
        let said = Diagnostic::error(format!("{title}: {error}"));
        self.in_trouble(None, Trouble::from(said));
    }

    async fn in_world(&mut self, endpoint: Endpoint, target: &Target) {
        match World::make(&self.chosen.scenario, endpoint).await {
            Ok(mut world) => self.steps(Some(&mut world), target).await,
            Err(trouble) => self.in_trouble(None, *trouble),
        }
    }

    fn in_trouble(&mut self, step: Option<&Step>, trouble: Trouble) {
        self.trouble = true;
        let file = &self.chosen.scenario.file;
        let line = trouble
            .said
            .primary
            .as_ref()
            .map_or(1, |label| file.line_column(label.span.start).0);
        self.tell(Event::Trouble(Box::new(Troubled {
            scenario: self.chosen.name.clone(),
            step: step.map(|step| step.name.clone()),
            message: trouble.said.title.clone(),
            file: file.path.clone(),
            line,
            trouble,
            source: Arc::clone(&self.chosen.scenario),
        })));
    }

    /// All steps in order; without a world only those that are left out.
    async fn steps(&mut self, mut world: Option<&mut World>, target: &Target) {
        let last = self.chosen.steps.last().copied().unwrap_or_default();
        for (place, step) in self.chosen.scenario.steps.iter().enumerate().take(last + 1) {
            let wanted = self.chosen.steps.contains(&place);
            if let Some(why) = left_out(step, target) {
                if wanted {
                    self.skipped += step.cases.len();
                    self.tell(Event::Skip(Skipped {
                        scenario: self.chosen.name.clone(),
                        step: step.name.clone(),
                        checks: step.cases.len(),
                        why,
                    }));
                }
                continue;
            }
            let Some(world) = world.as_deref_mut() else {
                continue;
            };
            for (number, case) in step.cases.iter().enumerate() {
                if self.stop.load(Ordering::Relaxed) {
                    self.stopped = true;
                    return;
                }
                if !wanted {
                    // Not chosen, but a later step may stand on what it does.
                    if !matches!(case.question, Question::Check(_) | Question::Prove(_)) {
                        let _ = world.ask(case).await;
                    }
                    continue;
                }
                let began = Instant::now();
                match self.case(world, case).await {
                    Ok((answer, wrong)) => {
                        let place = (place, number);
                        self.checked(
                            world,
                            place,
                            (step, case),
                            (answer, wrong),
                            rounded(began.elapsed()),
                        );
                    }
                    Err(trouble) => {
                        self.in_trouble(Some(step), *trouble);
                        if self.fail_fast {
                            self.stop.store(true, Ordering::Relaxed);
                        }
                        return;
                    }
                }
            }
        }
    }

    async fn case(
        &self,
        world: &mut World,
        case: &Case,
    ) -> Result<(Answer, Vec<Wrong>), Box<Trouble>> {
        let answer = world.ask(case).await?;
        let mut wrong = judge(&case.expectation, &answer);
        // What a question that came out otherwise has left behind is not news.
        let looked_at = if wrong.is_empty() {
            case.then.as_slice()
        } else {
            &[]
        };
        for check in looked_at {
            wrong.extend(then::look(world, check).await);
        }
        Ok((answer, wrong))
    }

    fn checked(
        &mut self,
        world: &World,
        (step_place, case_place): (usize, usize),
        (step, case): (&Step, &Case),
        (answer, wrong): (Answer, Vec<Wrong>),
        ms: f64,
    ) {
        let ok = wrong.is_empty();
        *(if ok { &mut self.ok } else { &mut self.not }) += 1;
        if !ok && self.fail_fast {
            self.stop.store(true, Ordering::Relaxed);
        }
        let source = &self.chosen.scenario;
        let at = wrong
            .first()
            .map_or(case.expectation.span, |wrong| wrong.span);
        let (line, column) = source.file.line_column(at.start);
        let apps = source
            .given
            .apps
            .iter()
            .map(|app| (world.app_id(&app.name.value), app.name.value.clone()));
        self.tell(Event::Check(Box::new(Checked {
            scenario: self.chosen.name.clone(),
            step: step.name.clone(),
            row: case.row.map(|row| row + 1),
            case: bindings(case),
            expected: expected(case),
            got: answer.words(),
            ok,
            why: answer
                .decider()
                .map(super::Hop::reasons)
                .unwrap_or_default(),
            decision: answer
                .decider()
                .map(|hop| hop.id.clone())
                .filter(|id| !id.is_empty()),
            file: source.file.path.clone(),
            line,
            column,
            ms,
            verdict: verdict(
                &answer,
                case.expectation.error.is_some() || case.expectation.message.is_some(),
            ),
            evidence: Evidence {
                source: Arc::clone(source),
                step: step_place,
                case: case_place,
                answer,
                wrong,
                apps: apps.collect(),
                lasting: self.lasting,
            },
        })));
    }
}

fn bindings(case: &Case) -> Map<String, Value> {
    let value = |kind: &Kind| match kind {
        Kind::Absent => Value::Null,
        Kind::Text { text, .. } => Value::from(text.as_str()),
        Kind::List(_) => Value::from("[...]"),
        Kind::Map(_) => Value::from("{...}"),
    };
    case.bindings
        .iter()
        .map(|var| (var.name.clone(), value(&var.value.kind)))
        .collect()
}

/// The expectation in few words.
fn expected(case: &Case) -> String {
    if matches!(case.question, Question::Prove(_)) {
        return "proved".to_owned();
    }
    let expectation = &case.expectation;
    let mut words = Vec::new();
    words.extend(
        expectation
            .decision
            .as_ref()
            .map(|decision| decision.value.word().to_owned()),
    );
    words.extend(expectation.why.as_ref().map(|why| why.value.to_string()));
    words.extend(expectation.at.as_ref().map(|at| format!("at {}", at.value)));
    words.extend(expectation.error.as_ref().map(|error| error.value.clone()));
    words.join(", ")
}
