//! The world of a scenario as calls, in an order in which each can succeed.
//!
//! Buckets and their objects, managed policies, groups, users and roles (a trust policy may name
//! users and roles, which must exist by then), what is attached to them, bucket policies, Pinpoint.
//! All of it is what AWS documents, so it can be sent to any endpoint, but for three things that no
//! API here can do: an app with an id of one's choice, a policy on a resource of a service that is
//! only asked about, and an organization. Those go to rolecall's own address.
//!
//! `via: direct` is read and planned as the same calls: the world is the same either way.

mod order;
mod pinpoint;
mod world;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::world::Plan;
use super::documents::Document;
use super::file::Scenario;
use crate::diagnostic::{Diagnostic, Span};
use crate::endpoint::Call;
use crate::endpoint::operations::Service;

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
