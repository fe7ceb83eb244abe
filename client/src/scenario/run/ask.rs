//! Putting a case's question to the endpoint.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::answer::{Answer, Said};
use super::hop::{self, Hop};
use super::world::{REGION, Trouble, World, home_of, root};
use crate::diagnostic::{Diagnostic, Span};
use crate::endpoint::operations::Service;
use crate::endpoint::{Call, CallError, Credentials};
use crate::scenario::file::question::{Actor, Check, Job, JobKind, Prove, Question, Resource, Who};
use crate::scenario::file::step::Case;

/// How often a job is looked at.
const LOOK: Duration = Duration::from_millis(3);

type Asked<T> = Result<T, Box<Trouble>>;

impl World {
    /// Asks, and waits for the answer. `Err` when there is none, so that nothing can be said about
    /// the expectation.
    pub(crate) async fn ask(&mut self, case: &Case) -> Asked<Answer> {
        let deadline = Instant::now() + self.scenario.timeout;
        let asked = tokio::time::timeout_at(deadline, self.put(case, deadline)).await;
        asked.unwrap_or_else(|_| {
            let waited = self.scenario.timeout;
            Err(self.nothing(case.span, &format!("no answer within {waited:?}"), None))
        })
    }

    async fn put(&mut self, case: &Case, deadline: Instant) -> Asked<Answer> {
        match &case.question {
            Question::Check(check) => self.check(case, check).await,
            Question::Prove(prove) => self.prove(prove).await,
            Question::Call(call) => {
                let who = self.credentials(&case.actor.value, case.actor.span).await?;
                let mut answer = Answer::default();
                self.send(who.as_ref(), &call.call, call.span, &mut answer)
                    .await?;
                Ok(answer)
            }
            Question::Aws(lines) => {
                let who = self.credentials(&case.actor.value, case.actor.span).await?;
                let mut answer = Answer::default();
                for line in lines {
                    self.send(who.as_ref(), &line.line.call, line.span, &mut answer)
                        .await?;
                    if answer.failure.is_some() {
                        break;
                    }
                }
                Ok(answer)
            }
            Question::Job(job) => {
                let who = self.credentials(&case.actor.value, case.actor.span).await?;
                self.job(case, job, who.as_ref(), deadline).await
            }
        }
    }

    /// One call and its decisions; returns the body of a good answer.
    async fn send(
        &self,
        who: Option<&Credentials>,
        call: &Call,
        span: Span,
        answer: &mut Answer,
    ) -> Asked<Option<Value>> {
        let (id, body, failure) = match self.call(who, call).await {
            Ok(reply) => (reply.request_id, Some(reply.body), None),
            Err(CallError::Refused(failure)) => {
                let said = Said::from(&*failure);
                (failure.request_id, None, Some(said))
            }
            Err(error) => return Err(self.nothing(span, &error.to_string(), None)),
        };
        let hops = self.decisions(&id, span).await?;
        answer.add(hops, failure);
        Ok(body)
    }

    async fn decisions(&self, id: &str, span: Span) -> Asked<Vec<Hop>> {
        let hops = hop::fetch(&self.endpoint, id).await;
        hops.map_err(|error| {
            let help = "scenarios need a rolecall: only it can say how a decision came about";
            self.nothing(span, &error.to_string(), Some(help))
        })
    }

    fn nothing(&self, span: Span, label: &str, help: Option<&str>) -> Box<Trouble> {
        let said =
            Diagnostic::error("this could not be asked").at(&self.scenario.file, span, label);
        Box::new(Trouble::from(said.maybe_help(help.map(str::to_owned))))
    }

    /// `check:`. Nothing happens; the engine is asked.
    async fn check(&mut self, case: &Case, check: &Check) -> Asked<Answer> {
        let Actor { account, who } = &case.actor.value;
        if let Who::User(name) = who {
            self.ensure_user(account.as_deref(), name, case.actor.span)
                .await?;
        }
        let home = home_of(account.as_deref());
        let resource = match &check.resource.value {
            Resource::Arn(arn) => arn.clone(),
            Resource::Role(name) => home_of(None).role_arn(name),
            Resource::App(name) => {
                let own = home_of(None);
                format!(
                    "arn:{}:mobiletargeting:{REGION}:{}:apps/{}",
                    own.partition,
                    own.account,
                    self.app_id(name)
                )
            }
        };
        let context = case
            .context
            .iter()
            .map(|(key, value)| (key.value.clone(), json!(value.value)));
        let absent = case.absent.iter().map(|key| (key.clone(), json!(null)));
        let question = json!({
            "principal": case.actor.value.to_string(),
            "action": check.action.value,
            "resource": resource,
            "context": context.chain(absent).collect::<Map<_, _>>(),
            "account": home.account,
            "region": REGION,
        });
        let mut answer = match self.endpoint.admin_post("can", &question).await {
            Ok(answer) => answer,
            Err(CallError::Refused(failure)) => {
                let span = case.actor.span.to(check.resource.span);
                return Err(self.nothing(span, &failure.message, None));
            }
            Err(error) => return Err(self.nothing(case.span, &error.to_string(), None)),
        };
        let id = answer
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let explanation = answer
            .get_mut("explanation")
            .map(Value::take)
            .unwrap_or_default();
        let explanation = serde_json::from_value(explanation).map_err(|error| {
            self.nothing(
                case.span,
                &format!("the answer cannot be read (another version of rolecall?): {error}"),
                None,
            )
        })?;
        let mut out = Answer::default();
        out.add(vec![Hop::of_question(explanation, id)], None);
        Ok(out)
    }

    /// `prove:`. Nothing happens; the engine decides for all resources.
    async fn prove(&mut self, prove: &Prove) -> Asked<Answer> {
        let Actor { account, who } = &prove.by.value;
        if let Who::User(name) = who {
            self.ensure_user(account.as_deref(), name, prove.by.span)
                .await?;
        }
        let within: Vec<&str> = prove.within.iter().map(|it| it.value.as_str()).collect();
        let question = json!({
            "action": prove.action.value,
            "by": prove.by.value.to_string(),
            "within": within,
            "account": home_of(account.as_deref()).account,
        });
        let mut answer = match self.endpoint.admin_post("prove", &question).await {
            Ok(answer) => answer,
            Err(CallError::Refused(failure)) => {
                return Err(self.nothing(prove.by.span, &failure.message, None));
            }
            Err(error) => return Err(self.nothing(prove.span, &error.to_string(), None)),
        };
        let proof = answer.get_mut("proof").map(Value::take).unwrap_or_default();
        let proof = serde_json::from_value(proof).map_err(|error| {
            let said = format!("the answer cannot be read (another version of rolecall?): {error}");
            self.nothing(prove.span, &said, None)
        })?;
        Ok(Answer {
            proof: Some(proof),
            ..Answer::default()
        })
    }

    /// `export:` and `import:`. The call, then the job to its end, then every decision it took.
    async fn job(
        &mut self,
        case: &Case,
        asked: &Job,
        who: Option<&Credentials>,
        deadline: Instant,
    ) -> Asked<Answer> {
        let app = self.app_id(&asked.app.value);
        let account = case.actor.value.account.as_deref();
        let (role, url) = (
            json!(home_of(account).role_arn(&asked.role.value)),
            json!(asked.place.value.to_string()),
        );
        let (create, look, member, request) = match &asked.kind {
            JobKind::Export { segment } => {
                let mut request = json!({"RoleArn": role, "S3UrlPrefix": url});
                if let (Some(segment), Value::Object(request)) = (segment, &mut request) {
                    let id = self.segment_id(&asked.app.value, &segment.value);
                    request.insert("SegmentId".to_owned(), json!(id));
                }
                (
                    "CreateExportJob",
                    "GetExportJob",
                    "ExportJobRequest",
                    request,
                )
            }
            JobKind::Import { format } => {
                let request = json!({"RoleArn": role, "S3Url": url, "Format": format, "RegisterEndpoints": true});
                (
                    "CreateImportJob",
                    "GetImportJob",
                    "ImportJobRequest",
                    request,
                )
            }
        };
        let create = Call::with(
            Service::Pinpoint,
            create,
            [("ApplicationId", json!(app)), (member, request)],
        );
        let mut answer = Answer::default();
        let (id, job) = match self.call(who, &create).await {
            Ok(reply) => (reply.request_id, reply.body),
            Err(CallError::Refused(failure)) => {
                let hops = self.decisions(&failure.request_id, case.span).await?;
                answer.add(hops, Some(Said::from(&*failure)));
                return Ok(answer);
            }
            Err(error) => return Err(self.nothing(case.span, &error.to_string(), None)),
        };
        let text =
            |job: &Value, name: &str| job.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some(job_id) = text(&job, "Id") else {
            return Err(self.nothing(case.span, "the job has no id", None));
        };
        // Whoever starts a job need not be allowed to watch it; the runner watches as root.
        let look = Call::with(
            Service::Pinpoint,
            look,
            [("ApplicationId", json!(app)), ("JobId", json!(job_id))],
        );
        let mut job = job;
        let mut failure = None;
        loop {
            match text(&job, "JobStatus").as_deref() {
                Some("COMPLETED") => break,
                Some("FAILED") => {
                    failure = Some(Said {
                        code: None,
                        message: failures(&job),
                    });
                    break;
                }
                status if Instant::now() + LOOK >= deadline => {
                    let status = status.unwrap_or("without a status");
                    let waited = self.scenario.timeout;
                    let said = format!("the job is still {status} after {waited:?}");
                    return Err(self.nothing(
                        case.span,
                        &said,
                        Some("`timeout:` at the top of the scenario sets how long is waited"),
                    ));
                }
                _ => {}
            }
            tokio::time::sleep(LOOK).await;
            job = match self
                .call(Some(&root(self.endpoint.root_secret(), account)), &look)
                .await
            {
                Ok(reply) => reply.body,
                Err(error) => return Err(self.nothing(case.span, &error.to_string(), None)),
            };
        }
        let hops = self.decisions(&id, case.span).await?;
        answer.add(hops, failure);
        Ok(answer)
    }
}

/// Why a job failed, in the job's own words.
fn failures(job: &Value) -> String {
    let said = job.get("Failures").and_then(Value::as_array);
    let words = said.into_iter().flatten().filter_map(Value::as_str);
    let words: Vec<&str> = words.collect();
    if words.is_empty() {
        return "the job failed and does not say why".to_owned();
    }
    words.join("; ")
}
