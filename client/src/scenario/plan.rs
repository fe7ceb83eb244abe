//! The world of a scenario as calls, in an order in which each can succeed.
//!
//! Buckets and their objects, managed policies, groups, users and roles (a trust policy may name
//! users and roles, which must exist by then), what is attached to them, bucket policies, Pinpoint.
//! All of it is what AWS documents, so it can be sent to any endpoint, but for two things that no
//! API can do: an app with an id of one's choice, and a policy on a resource of a service that is
//! only asked about. Those go to rolecall's own address.
//!
//! `via: direct` is read and planned as the same calls: the world is the same either way.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::documents::Document;
use super::file::Scenario;
use super::file::given::{App, Given, Grants, NamedText, Role, tag_map};
use crate::diagnostic::{Diagnostic, Span, Spot, nearest};
use crate::endpoint::Call;
use crate::endpoint::operations::Service;

/// EndpointBatchRequest takes no more items than this.
const BATCH: usize = 100;

/// The account and partition that names become ARNs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The account id.
    pub account: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
}

impl Default for Home {
    fn default() -> Self {
        Self {
            account: "123456789012".to_owned(),
            partition: "aws".to_owned(),
        }
    }
}

impl Home {
    /// The ARN of a managed policy given by name or by ARN.
    #[must_use]
    pub fn policy_arn(&self, name: &str) -> String {
        self.iam("policy", name)
    }

    /// The ARN of a role given by name or by ARN.
    #[must_use]
    pub fn role_arn(&self, name: &str) -> String {
        self.iam("role", name)
    }

    /// The ARN of a user given by name or by ARN.
    #[must_use]
    pub fn user_arn(&self, name: &str) -> String {
        self.iam("user", name)
    }

    fn iam(&self, kind: &str, name: &str) -> String {
        if name.starts_with("arn:") {
            return name.to_owned();
        }
        format!("arn:{}:iam::{}:{kind}/{name}", self.partition, self.account)
    }
}

/// Something that only an answer tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Made {
    /// The id of the app of this name: `ApplicationResponse.Id`.
    App(String),
    /// The id of the segment of this name in this app: `SegmentResponse.Id`.
    Segment(String, String),
    /// The access key of this user: `AccessKey.AccessKeyId` and `AccessKey.SecretAccessKey`.
    AccessKey(String),
}

/// One thing to do.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What it does, for a message: "create role `s3ExportRole`".
    pub title: String,
    /// The part of the scenario that asks for it.
    pub span: Span,
    /// How it is done.
    pub action: Action,
    /// What its answer tells.
    pub gives: Option<Made>,
    /// Parameters to fill from earlier answers.
    pub takes: Vec<(&'static str, Made)>,
    /// The document that it carries.
    pub document: Option<Document>,
}

/// How a thing is done.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// An API call as root.
    Call(Call),
    /// A POST to an address of rolecall's own.
    Admin {
        /// The path below `/_rolecall/`.
        path: &'static str,
        /// What is sent.
        body: Value,
    },
}

impl Planned {
    fn call(title: String, span: Span, call: Call) -> Self {
        Self {
            title,
            span,
            action: Action::Call(call),
            gives: None,
            takes: Vec::new(),
            document: None,
        }
    }

    fn with_document(mut self, parameter: &str, document: &Document) -> Self {
        if let Action::Call(call) = &mut self.action {
            let text = Value::from(document.text.as_str());
            call.params.insert(parameter.to_owned(), text);
        }
        self.document = Some(document.clone());
        self
    }

    /// What this one's answer told, read out of the answer.
    #[must_use]
    pub fn told(&self, answer: &Value) -> Option<(Made, Value)> {
        let made = self.gives.clone()?;
        let pointer = match made {
            Made::App(_) | Made::Segment(..) => "/Id",
            Made::AccessKey(_) => "/AccessKey",
        };
        Some((made, answer.pointer(pointer)?.clone()))
    }

    /// The call with what earlier answers told; `None` for one that is not a call, or when an
    /// earlier answer is missing.
    #[must_use]
    pub fn filled(&self, told: &BTreeMap<Made, Value>) -> Option<Call> {
        let Action::Call(call) = &self.action else {
            return None;
        };
        let mut call = call.clone();
        for (parameter, made) in &self.takes {
            call.params
                .insert((*parameter).to_owned(), told.get(made)?.clone());
        }
        Some(call)
    }
}

/// The calls that make a scenario's world.
///
/// # Errors
/// A name that is not there, or roles that wait for each other.
pub fn given(scenario: &Scenario, home: &Home) -> Result<Vec<Planned>, Vec<Diagnostic>> {
    let mut plan = Plan {
        scenario,
        home,
        steps: Vec::new(),
        said: Vec::new(),
    };
    plan.everything();
    if plan.said.is_empty() {
        Ok(plan.steps)
    } else {
        Err(plan.said)
    }
}

/// The calls that make the throw-away user of `as: policy/NAME`, and its access key.
#[must_use]
pub fn throw_away_user(policy: &str, home: &Home, span: Span) -> Vec<Planned> {
    let user = format!(
        "rolecall-policy-{}",
        policy.rsplit('/').next().unwrap_or(policy)
    );
    let attach = Call::with(
        Service::Iam,
        "AttachUserPolicy",
        [
            ("UserName", json!(user)),
            ("PolicyArn", json!(home.policy_arn(policy))),
        ],
    );
    vec![
        Planned::call(
            format!("create a throw-away user for policy `{policy}`"),
            span,
            Call::with(Service::Iam, "CreateUser", [("UserName", json!(user))]),
        ),
        Planned::call(format!("attach `{policy}` to it"), span, attach),
        access_key(&user, span),
    ]
}

/// The call that gives a user an access key.
#[must_use]
pub fn access_key(user: &str, span: Span) -> Planned {
    Planned {
        gives: Some(Made::AccessKey(user.to_owned())),
        ..Planned::call(
            format!("create an access key for user `{user}`"),
            span,
            Call::with(Service::Iam, "CreateAccessKey", [("UserName", json!(user))]),
        )
    }
}

struct Plan<'a> {
    scenario: &'a Scenario,
    home: &'a Home,
    steps: Vec<Planned>,
    said: Vec<Diagnostic>,
}

impl Plan<'_> {
    fn everything(&mut self) {
        let given = &self.scenario.given;
        self.buckets(given);
        for (name, document) in &given.policies {
            let call = Call::with(
                Service::Iam,
                "CreatePolicy",
                [("PolicyName", json!(name.value))],
            );
            let planned = Planned::call(format!("create policy `{}`", name.value), name.span, call);
            self.steps
                .push(planned.with_document("PolicyDocument", document));
        }
        for group in &given.groups {
            self.iam("CreateGroup", "group", &group.name, "GroupName", Vec::new());
        }
        for user in &given.users {
            let extra = self.principal_extras(&user.grants);
            self.iam("CreateUser", "user", &user.name, "UserName", extra);
        }
        for role in self.roles_in_order(given) {
            let mut extra = self.principal_extras(&role.grants);
            extra.push(("AssumeRolePolicyDocument", json!(role.trust.text)));
            self.iam("CreateRole", "role", &role.name, "RoleName", extra);
            if let Some(last) = self.steps.last_mut() {
                last.document = Some(role.trust.clone());
            }
        }
        for group in &given.groups {
            self.grants("Group", &group.name, &group.grants);
        }
        for user in &given.users {
            self.grants("User", &user.name, &user.grants);
            for group in &user.groups {
                self.must_know("group", group, given.groups.iter().map(|group| &group.name));
                let call = Call::with(
                    Service::Iam,
                    "AddUserToGroup",
                    [
                        ("GroupName", json!(group.value)),
                        ("UserName", json!(user.name.value)),
                    ],
                );
                let title = format!("add user `{}` to group `{}`", user.name.value, group.value);
                self.steps.push(Planned::call(title, group.span, call));
            }
            self.steps
                .push(access_key(&user.name.value, user.name.span));
        }
        for role in &given.roles {
            self.grants("Role", &role.name, &role.grants);
        }
        self.bucket_policies(given);
        for app in &given.apps {
            self.app(app);
        }
        for (arn, document) in &given.resource_policies {
            self.steps.push(Planned {
                document: Some(document.clone()),
                ..admin(
                    format!("put a policy on `{}`", arn.value),
                    arn.span,
                    json!({ "resource-policies": { arn.value.as_str(): document.text } }),
                )
            });
        }
    }

    fn buckets(&mut self, given: &Given) {
        for bucket in &given.buckets {
            let name = &bucket.name.value;
            self.steps.push(Planned::call(
                format!("create bucket `{name}`"),
                bucket.name.span,
                Call::with(Service::S3, "CreateBucket", [("Bucket", json!(name))]),
            ));
            for (key, text) in &bucket.objects {
                let params = [
                    ("Bucket", json!(name)),
                    ("Key", json!(key.value)),
                    ("Body", json!(text.value)),
                ];
                self.steps.push(Planned::call(
                    format!("put object `{}` into bucket `{name}`", key.value),
                    key.span,
                    Call::with(Service::S3, "PutObject", params),
                ));
            }
        }
    }

    /// After the principals that they may name.
    fn bucket_policies(&mut self, given: &Given) {
        for bucket in &given.buckets {
            let Some(policy) = &bucket.policy else {
                continue;
            };
            let name = &bucket.name;
            let call = Call::with(
                Service::S3,
                "PutBucketPolicy",
                [("Bucket", json!(name.value))],
            );
            let planned = Planned::call(
                format!("put the policy of bucket `{}`", name.value),
                name.span,
                call,
            );
            self.steps.push(planned.with_document("Policy", policy));
        }
    }

    fn iam(
        &mut self,
        operation: &str,
        kind: &str,
        name: &Spot<String>,
        parameter: &str,
        extra: Vec<(&str, Value)>,
    ) {
        let mut params = Map::from_iter([(parameter.to_owned(), json!(name.value))]);
        params.extend(
            extra
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value)),
        );
        let call = Call::new(Service::Iam, operation, params);
        self.steps.push(Planned::call(
            format!("create {kind} `{}`", name.value),
            name.span,
            call,
        ));
    }

    /// Tags and boundary, which CreateUser and CreateRole take themselves.
    fn principal_extras(&mut self, grants: &Grants) -> Vec<(&'static str, Value)> {
        let mut extra = Vec::new();
        if let Some(boundary) = &grants.boundary {
            self.must_know_policy(boundary);
            extra.push((
                "PermissionsBoundary",
                json!(self.home.policy_arn(&boundary.value)),
            ));
        }
        if !grants.tags.is_empty() {
            extra.push(("Tags", tag_list(&grants.tags)));
        }
        extra
    }

    /// `AttachUserPolicy`, `PutUserPolicy` and their siblings.
    fn grants(&mut self, kind: &str, owner: &Spot<String>, grants: &Grants) {
        let parameter = format!("{kind}Name");
        let lower = kind.to_lowercase();
        for policy in &grants.attach {
            self.must_know_policy(policy);
            let call = Call::with(
                Service::Iam,
                &format!("Attach{kind}Policy"),
                [
                    (parameter.as_str(), json!(owner.value)),
                    ("PolicyArn", json!(self.home.policy_arn(&policy.value))),
                ],
            );
            let title = format!("attach `{}` to {lower} `{}`", policy.value, owner.value);
            self.steps.push(Planned::call(title, policy.span, call));
        }
        for (name, document) in &grants.inline {
            let call = Call::with(
                Service::Iam,
                &format!("Put{kind}Policy"),
                [
                    (parameter.as_str(), json!(owner.value)),
                    ("PolicyName", json!(name.value)),
                ],
            );
            let title = format!(
                "put inline policy `{}` into {lower} `{}`",
                name.value, owner.value
            );
            self.steps.push(
                Planned::call(title, name.span, call).with_document("PolicyDocument", document),
            );
        }
    }

    fn app(&mut self, app: &App) {
        let name = &app.name.value;
        let made = Made::App(name.clone());
        let id = app.id.as_ref().map(|id| id.value.clone());
        match &id {
            // No API call makes an app with an id of one's choice.
            Some(id) => self.steps.push(admin(
                format!("put app `{name}` in place"),
                app.name.span,
                json!({ "pinpoint": [{ "name": name, "id": id, "tags": tag_map(&app.tags) }] }),
            )),
            None => {
                let mut request = Map::from_iter([("Name".to_owned(), json!(name))]);
                if !app.tags.is_empty() {
                    request.insert("tags".to_owned(), json!(tag_map(&app.tags)));
                }
                let params = [("CreateApplicationRequest", Value::Object(request))];
                self.steps.push(Planned {
                    gives: Some(made.clone()),
                    ..Planned::call(
                        format!("create app `{name}`"),
                        app.name.span,
                        Call::with(Service::Pinpoint, "CreateApp", params),
                    )
                });
            }
        }
        let in_app = |mut planned: Planned| {
            match (&id, &mut planned.action) {
                (Some(id), Action::Call(call)) => {
                    call.params.insert("ApplicationId".to_owned(), json!(id));
                }
                _ => planned.takes.push(("ApplicationId", made.clone())),
            }
            planned
        };
        for batch in app.endpoints.chunks(BATCH) {
            let params = [("EndpointBatchRequest", json!({ "Item": batch }))];
            self.steps.push(in_app(Planned::call(
                format!("put {} endpoints into app `{name}`", batch.len()),
                app.endpoints_span,
                Call::with(Service::Pinpoint, "UpdateEndpointsBatch", params),
            )));
        }
        for (segment, body) in &app.segments {
            let mut request = body.as_object().cloned().unwrap_or_default();
            request.insert("Name".to_owned(), json!(segment.value));
            let params = [("WriteSegmentRequest", Value::Object(request))];
            let mut planned = in_app(Planned::call(
                format!("create segment `{}` in app `{name}`", segment.value),
                segment.span,
                Call::with(Service::Pinpoint, "CreateSegment", params),
            ));
            planned.gives = Some(Made::Segment(name.clone(), segment.value.clone()));
            self.steps.push(planned);
        }
    }

    fn must_know_policy(&mut self, name: &Spot<String>) {
        if !name.value.starts_with("arn:") {
            let known = self.scenario.given.policies.iter().map(|(name, _)| name);
            self.must_know("policy", name, known);
        }
    }

    fn must_know<'n>(
        &mut self,
        kind: &str,
        name: &Spot<String>,
        known: impl Iterator<Item = &'n Spot<String>>,
    ) {
        let known: Vec<&str> = known.map(|name| name.value.as_str()).collect();
        if known.contains(&name.value.as_str()) {
            return;
        }
        let near = nearest(&name.value, known.iter().copied());
        self.said.push(
            Diagnostic::error(format!(
                "there is no {kind} `{}` under `given:`",
                name.value
            ))
            .at(&self.scenario.file, name.span, "not known here")
            .help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if kind == "policy" => "add it under `policies:`, or give its ARN".to_owned(),
                None => format!("add it under `{kind}s:`"),
            }),
        );
    }

    /// Each role after the roles that its trust policy names.
    fn roles_in_order<'g>(&mut self, given: &'g Given) -> Vec<&'g Role> {
        let mut waiting: Vec<(&Role, BTreeSet<String>)> = given
            .roles
            .iter()
            .map(|role| {
                let mut needs = named_roles(&role.trust.text);
                needs.retain(|need| {
                    given
                        .roles
                        .iter()
                        .any(|other| other.name.value == *need && *need != role.name.value)
                });
                (role, needs)
            })
            .collect();
        let mut done = Vec::new();
        while !waiting.is_empty() {
            let ready: Vec<&Role> = waiting
                .iter()
                .filter(|(_, needs)| needs.is_empty())
                .map(|(role, _)| *role)
                .collect();
            if ready.is_empty() {
                self.cycle(&waiting);
                return done;
            }
            waiting.retain(|(role, _)| !ready.iter().any(|done| done.name == role.name));
            for (_, needs) in &mut waiting {
                needs.retain(|need| !ready.iter().any(|done| done.name.value == *need));
            }
            done.extend(ready);
        }
        done
    }

    fn cycle(&mut self, waiting: &[(&Role, BTreeSet<String>)]) {
        let Some(((first, _), rest)) = waiting.split_first() else {
            return;
        };
        let names: Vec<String> = waiting
            .iter()
            .map(|(role, _)| format!("`{}`", role.name.value))
            .collect();
        let file = &self.scenario.file;
        let mut said = Diagnostic::error(format!("the trust policies of {} wait for each other", names.join(" and ")))
            .at(file, first.name.span, "names a role that names this one")
            .help("IAM takes a trust policy only when everyone it names exists: let one of them name the account, or set it later with `aws iam update-assume-role-policy`");
        for (role, _) in rest {
            said = said.also(file, role.name.span, "and this one");
        }
        self.said.push(said);
    }
}

fn admin(title: String, span: Span, body: Value) -> Planned {
    Planned {
        title,
        span,
        action: Action::Admin {
            path: "given",
            body,
        },
        gives: None,
        takes: Vec::new(),
        document: None,
    }
}

fn tag_list(tags: &[NamedText]) -> Value {
    tags.iter()
        .map(|(key, value)| json!({ "Key": key.value, "Value": value.value }))
        .collect()
}

/// The names of the roles that a trust policy names as principals.
fn named_roles(trust: &str) -> BTreeSet<String> {
    fn visit(value: &Value, out: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => {
                let role = text
                    .splitn(6, ':')
                    .nth(5)
                    .and_then(|rest| rest.strip_prefix("role/"));
                out.extend(
                    role.and_then(|path| path.rsplit('/').next())
                        .map(str::to_owned),
                );
            }
            Value::Array(items) => items.iter().for_each(|item| visit(item, out)),
            Value::Object(map) => map.values().for_each(|item| visit(item, out)),
            _ => {}
        }
    }
    let mut out = BTreeSet::new();
    if let Ok(document) = serde_json::from_str::<Value>(trust) {
        let statements = match document.get("Statement") {
            Some(Value::Array(items)) => items.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        for statement in &statements {
            for key in ["Principal", "NotPrincipal"] {
                if let Some(principal) = statement.get(key) {
                    visit(principal, &mut out);
                }
            }
        }
    }
    out
}
