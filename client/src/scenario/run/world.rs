//! The world of one scenario on one endpoint: made by `given:` and `setup:`, and remembered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rolecall_policy::{Policy, PolicyKind};
use serde_json::{Value, json};

use super::hop::{self, Hop};
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::endpoint::operations::Service;
use crate::endpoint::{Call, CallError, Credentials, Endpoint, Failure, Reply};
use crate::scenario::Scenario;
use crate::scenario::documents::Document;
use crate::scenario::file::question::{Actor, Who};
use crate::scenario::plan::{self, Action, Home, Made, Planned};

/// The Region in which everything is asked.
pub const REGION: &str = "us-east-1";
/// The access key of the default account's root user.
const ROOT_KEY: &str = "test";
/// The secret of root keys, unless the endpoint has another.
pub(crate) const USUAL_SECRET: &str = "test";

/// Why the verdict of a scenario is not known.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// The sentence, the place, what to do.
    pub said: Diagnostic,
    /// What was decided on the way, when that was the trouble.
    pub hops: Vec<Hop>,
}

impl From<Diagnostic> for Trouble {
    fn from(said: Diagnostic) -> Self {
        Self {
            said,
            hops: Vec::new(),
        }
    }
}

/// An endpoint with the scenario's world on it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) endpoint: Endpoint,
    told: BTreeMap<Made, Value>,
    throw_away: BTreeSet<(Option<String>, String)>,
}

impl World {
    /// Makes the world: `given:`, then `setup:`.
    pub(crate) async fn make(
        scenario: &Arc<Scenario>,
        endpoint: Endpoint,
    ) -> Result<Self, Box<Trouble>> {
        let mut world = Self {
            scenario: Arc::clone(scenario),
            endpoint,
            told: BTreeMap::new(),
            throw_away: BTreeSet::new(),
        };
        let planned = plan::given(scenario, &Home::default()).map_err(|said| {
            let first = said.into_iter().next();
            Box::new(Trouble::from(
                first.unwrap_or_else(|| Diagnostic::error("`given:` cannot be made")),
            ))
        })?;
        for planned in &planned {
            world.perform(None, planned).await?;
        }
        for line in &scenario.setup {
            let document = line.line.documents.first().map(|(_, document)| document);
            let sent = world
                .call(
                    Some(&root(world.endpoint.root_secret(), None)),
                    &line.line.call,
                )
                .await;
            if let Err(error) = sent {
                return Err(world
                    .trouble("a line of `setup:` failed", line.span, &error, document)
                    .await);
            }
        }
        Ok(world)
    }

    /// One thing of a plan, as the root user of `account`.
    async fn perform(
        &mut self,
        account: Option<&str>,
        planned: &Planned,
    ) -> Result<(), Box<Trouble>> {
        let answer = match &planned.action {
            Action::Admin { path, body } => self.endpoint.admin_post(path, body).await,
            Action::Call(_) => match planned.filled(&self.told) {
                Some(call) => self
                    .call(Some(&root(self.endpoint.root_secret(), account)), &call)
                    .await
                    .map(|reply| reply.body),
                None => Err(CallError::NotACall(
                    "an earlier answer did not say what is needed here".to_owned(),
                )),
            },
        };
        match answer {
            Ok(answer) => {
                self.told.extend(planned.told(&answer));
                Ok(())
            }
            Err(error) => {
                let title = format!("failed to {}", planned.title);
                Err(self
                    .trouble(&title, planned.span, &error, planned.document.as_ref())
                    .await)
            }
        }
    }

    /// A call in the scenario's Region.
    pub(crate) async fn call(
        &self,
        who: Option<&Credentials>,
        call: &Call,
    ) -> Result<Reply, CallError> {
        self.endpoint.call(who, REGION, call).await
    }

    async fn trouble(
        &self,
        title: &str,
        span: Span,
        error: &CallError,
        document: Option<&Document>,
    ) -> Box<Trouble> {
        let file = &self.scenario.file;
        let mut said = Diagnostic::error(title).at(file, span, error.to_string());
        let mut hops = Vec::new();
        if let Some(failure) = error.failure() {
            said = said.maybe_help(advice(failure));
            if failure.code.starts_with("MalformedPolicy") {
                said = document.into_iter().fold(said, with_fault);
            }
            hops = hop::fetch(&self.endpoint, &failure.request_id)
                .await
                .unwrap_or_default();
        }
        Box::new(Trouble { said, hops })
    }

    /// The id of an app: made by `given:`, or written as an id.
    pub(crate) fn app_id(&self, name: &str) -> String {
        let given = self
            .scenario
            .given
            .apps
            .iter()
            .find(|app| app.name.value == name);
        let chosen = given
            .and_then(|app| app.id.as_ref())
            .map(|id| id.value.clone());
        let told = self
            .told
            .get(&Made::App(name.to_owned()))
            .and_then(Value::as_str);
        chosen
            .or_else(|| told.map(str::to_owned))
            .unwrap_or_else(|| name.to_owned())
    }

    /// The id of a segment of an app.
    pub(crate) fn segment_id(&self, app: &str, name: &str) -> String {
        let made = Made::Segment(app.to_owned(), name.to_owned());
        self.told
            .get(&made)
            .and_then(Value::as_str)
            .unwrap_or(name)
            .to_owned()
    }

    /// The keys of whoever calls; none for an unsigned call.
    pub(crate) async fn credentials(
        &mut self,
        actor: &Actor,
        span: Span,
    ) -> Result<Option<Credentials>, Box<Trouble>> {
        let account = actor.account.as_deref();
        match &actor.who {
            Who::Anonymous => Ok(None),
            Who::Root => Ok(Some(root(self.endpoint.root_secret(), account))),
            Who::User(name) => self.user_keys(account, name, span).await.map(Some),
            Who::Policy(name) => self.throw_away(account, name, span).await.map(Some),
            Who::Role(name) => Err(self.cannot_call(
                span,
                format!("a call cannot be made as `role/{name}`"),
                "the root user cannot assume a role, so nobody has its keys",
                format!(
                    "ask with `check:` and `resource:`, or call as a user that may assume `{name}`"
                ),
            )),
            Who::Service(name) => Err(self.cannot_call(
                span,
                format!("a call cannot be made as `service/{name}`"),
                "a service has no keys",
                "ask with `check:` and `resource:`; an `export:` lets Pinpoint make its own calls"
                    .to_owned(),
            )),
        }
    }

    fn cannot_call(&self, span: Span, title: String, label: &str, help: String) -> Box<Trouble> {
        Box::new(Trouble::from(
            Diagnostic::error(title)
                .at(&self.scenario.file, span, label)
                .help(help),
        ))
    }

    async fn user_keys(
        &mut self,
        account: Option<&str>,
        name: &str,
        span: Span,
    ) -> Result<Credentials, Box<Trouble>> {
        let made = Made::AccessKey(name.to_owned());
        if account.is_none()
            && let Some(keys) = self.told.get(&made).and_then(keys_of)
        {
            return Ok(keys);
        }
        self.ensure_user(account, name, span).await?;
        // Users of two accounts may share a name; keys of another account are made anew.
        let own = self.told.remove(&made);
        self.perform(account, &plan::access_key(name, span)).await?;
        let keys = self.told.get(&made).and_then(keys_of);
        if account.is_some() {
            self.told.remove(&made);
            self.told.extend(own.map(|own| (made, own)));
        }
        keys.ok_or_else(|| {
            let said =
                Diagnostic::error(format!("the access key of user `{name}` did not come back"));
            Box::new(Trouble::from(said.at(
                &self.scenario.file,
                span,
                "needed for this",
            )))
        })
    }

    /// A user that nobody made is a user without policies, unless the name looks like a slip.
    pub(crate) async fn ensure_user(
        &mut self,
        account: Option<&str>,
        name: &str,
        span: Span,
    ) -> Result<(), Box<Trouble>> {
        let key = (account.map(str::to_owned), format!("user/{name}"));
        let given = self
            .scenario
            .given
            .users
            .iter()
            .any(|user| user.name.value == name);
        if (account.is_none() && given) || self.throw_away.contains(&key) {
            return Ok(());
        }
        let get = Call::with(Service::Iam, "GetUser", [("UserName", json!(name))]);
        match self
            .call(Some(&root(self.endpoint.root_secret(), account)), &get)
            .await
        {
            Ok(_) => {}
            Err(CallError::Refused(failure)) if failure.code == "NoSuchEntity" => {
                let known = self
                    .scenario
                    .given
                    .users
                    .iter()
                    .map(|user| user.name.value.as_str());
                if let Some(near) = nearest(name, known).filter(|_| account.is_none()) {
                    let said = Diagnostic::error(format!("there is no user `{name}`"))
                        .at(&self.scenario.file, span, "not known here")
                        .help(format!(
                            "did you mean `{near}`? (if not, add `{name}: {{}}` under `users:`)"
                        ));
                    return Err(Box::new(Trouble::from(said)));
                }
                let create = Call::with(Service::Iam, "CreateUser", [("UserName", json!(name))]);
                if let Err(error) = self
                    .call(Some(&root(self.endpoint.root_secret(), account)), &create)
                    .await
                {
                    let title = format!("failed to create user `{name}`, whom nobody made");
                    return Err(self.trouble(&title, span, &error, None).await);
                }
            }
            Err(error) => {
                return Err(self
                    .trouble(
                        &format!("failed to look for user `{name}`"),
                        span,
                        &error,
                        None,
                    )
                    .await);
            }
        }
        self.throw_away.insert(key);
        Ok(())
    }

    /// A user that has this one managed policy.
    async fn throw_away(
        &mut self,
        account: Option<&str>,
        policy: &str,
        span: Span,
    ) -> Result<Credentials, Box<Trouble>> {
        let home = home_of(account);
        let key = (account.map(str::to_owned), format!("policy/{policy}"));
        let steps = plan::throw_away_user(policy, &home, span);
        if self.throw_away.insert(key) {
            for planned in &steps {
                self.perform(account, planned).await?;
            }
        }
        let made = steps.iter().find_map(|planned| planned.gives.clone());
        made.and_then(|made| self.told.get(&made).and_then(keys_of))
            .ok_or_else(|| {
                let said = Diagnostic::error(format!(
                    "the throw-away user of policy `{policy}` has no keys"
                ));
                Box::new(Trouble::from(said.at(
                    &self.scenario.file,
                    span,
                    "needed for this",
                )))
            })
    }
}

/// The account that names become ARNs in.
pub(crate) fn home_of(account: Option<&str>) -> Home {
    let home = Home::default();
    Home {
        account: account.map_or(home.account, str::to_owned),
        partition: home.partition,
    }
}

/// The root keys of an account: `test` for the default one, its own number for any other.
pub(crate) fn root(secret: &str, account: Option<&str>) -> Credentials {
    let default = Home::default().account;
    let access_key = account
        .filter(|account| *account != default)
        .unwrap_or(ROOT_KEY);
    Credentials {
        access_key: access_key.to_owned(),
        secret: secret.to_owned(),
        token: None,
    }
}

fn keys_of(value: &Value) -> Option<Credentials> {
    let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
    Some(Credentials {
        access_key: text("AccessKeyId")?,
        secret: text("SecretAccessKey")?,
        token: None,
    })
}

/// The place in the document that is not taken.
fn with_fault(said: Diagnostic, document: &Document) -> Diagnostic {
    // Which kind it is does not matter for most faults; a Principal tells.
    let kind = if document.text.contains("\"Principal\"") {
        PolicyKind::Trust
    } else {
        PolicyKind::Identity
    };
    let Err(faults) = Policy::parse(&document.text, kind) else {
        return said;
    };
    let fault = faults.first();
    let place = |span| document.to_original(span).into();
    said.also(
        &document.file,
        place(fault.span.clone()),
        fault.why.as_str(),
    )
    .maybe_help(fault.help.clone())
}

/// What to do about a setup that did not work.
fn advice(failure: &Failure) -> Option<String> {
    match failure.code.as_str() {
        "InvalidClientTokenId" | "UnrecognizedClientException" | "InvalidAccessKeyId" => Some(
            "is it another endpoint, or an account that it was not started with? (`rolecall serve --account ID`)".to_owned(),
        ),
        "EntityAlreadyExists" | "BucketAlreadyExists" | "BucketAlreadyOwnedByYou" => Some(
            "the endpoint was not empty; `--reset` empties it before each scenario".to_owned(),
        ),
        "MalformedPolicyDocument" | "MalformedPolicy" => {
            Some("this is what AWS would say as well; correct the document".to_owned())
        }
        _ => None,
    }
}
