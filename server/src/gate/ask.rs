//! Questions that change nothing: "may this principal do that?", from `rolecall can` and from a scenario's `check:`.

use super::{
    Asked, Caller, Demand, Fact, Gate, Guard, Meta, Service, Who, account_of,
    authenticate::{of_session, user},
};
use crate::{
    iam::{self, InlinePolicy},
    pinpoint, s3,
    sts::{Session, SessionKind},
    world::{Law, Shared, Text, World},
};
use jiff::SignedDuration;
use rolecall_policy::{Explanation, Rule, findings::NoAction};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};
use uuid::Uuid;

/// A question to the engine.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Question {
    /// `root`, `user/NAME`, `role/NAME`, `policy/NAME`, `service/NAME`, `anonymous`, each optionally after `ACCOUNT:`.
    pub principal: String,
    /// `s3:PutObject`
    pub action: String,
    /// An ARN, or `*`.
    pub resource: String,
    /// Condition keys on top of what the question itself implies; null takes a key away.
    #[serde(default)]
    pub context: BTreeMap<String, Option<Given>>,
    /// The account that `principal` means when it does not name one.
    pub account: Option<String>,
    /// The Region in which the question is asked.
    pub region: Option<String>,
}

/// A value in a question.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "serde_json::Value")]
pub struct Given(Fact);

impl From<serde_json::Value> for Given {
    fn from(value: serde_json::Value) -> Self {
        let text = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        Self(match value {
            serde_json::Value::Array(items) => Fact::List(items.into_iter().map(text).collect()),
            one => Fact::from(text(one)),
        })
    }
}

/// The keys that have several values even where a question gives one.
/// Source: IAM User Guide, "AWS global condition context keys"; Service Authorization Reference.
const SEVERAL: &[&str] = &[
    "aws:CalledVia",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceNamesList",
    "aws:ResourceOrgPaths",
    "aws:SourceOrgPaths",
    "aws:TagKeys",
    "s3:InventoryAccessibleOptionalFields",
    "s3:RequestObjectTagKeys",
    "sts:IdentityTokenAudience",
    "sts:TransitiveTagKeys",
];

impl Given {
    fn under(self, key: &str) -> Fact {
        let several = SEVERAL.iter().any(|known| known.eq_ignore_ascii_case(key));
        match self.0 {
            Fact::Text(text) if several => Fact::List(vec![text.into_owned()]),
            other => other,
        }
    }
}

/// A question about somebody who is not there.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unanswerable {
    /// The words before the name are none of the forms.
    #[error(
        "`{0}` is not a principal: use root, user/NAME, role/NAME, policy/NAME, service/NAME or anonymous"
    )]
    Form(String),
    /// What is to be proved about is no action.
    #[error("`{0}` is not an action: expected `service:Action`, such as s3:PutObject")]
    Action(String),
    /// What is to be proved about is an action that does not exist: whatever is said of it would be true.
    #[error(transparent)]
    NoAction(#[from] NoAction),
    /// What something is to lie within is no pattern of ARNs.
    #[error(
        "`{0}` is not an ARN pattern: six parts, such as arn:aws:s3:::bucket/prefix/*, and no policy variables"
    )]
    Pattern(String),
    /// There is no such account.
    #[error("there is no account `{0}`")]
    Account(String),
    /// There is no such user, role or policy.
    #[error("there is no {0} `{1}` in account {2}")]
    Missing(&'static str, String, String),
}

impl Gate {
    /// Answers a question with the id of the decision and its whole tree, and records it like any decision.
    ///
    /// # Errors
    /// The principal is not there.
    pub fn ask(&self, question: &Question) -> Result<(Uuid, Explanation), Unanswerable> {
        let world = self.world();
        let account: Text = question
            .account
            .as_deref()
            .unwrap_or(crate::DEFAULT_ACCOUNT)
            .into();
        let now = self.clock.now();
        let mut meta = Meta::internal(
            self.ids.request(),
            now,
            question
                .region
                .as_deref()
                .unwrap_or(crate::DEFAULT_REGION)
                .into(),
        );
        meta.given = question
            .context
            .iter()
            .map(|(key, value)| (key.clone(), value.clone().map(|value| value.under(key))))
            .collect();
        let (caller, law) = principal(&world, &question.principal, &account, now)?;
        let asked = Asked {
            demand: demand(&world, question, &caller, &meta),
            caller: Arc::new(caller),
            meta: Arc::new(meta),
        };
        let explanation = asked.explain(&law);
        let outcome = asked.decide(&law).outcome;
        let meta = asked.meta.clone();
        self.record(
            &meta,
            meta.hop(0),
            super::What::Decided {
                asked: Box::new(asked),
                law,
                outcome,
            },
        );
        Ok((meta.id, explanation))
    }
}

/// The principal that `text` names, and the law under which it is asked about.
pub(super) fn principal(
    world: &World,
    text: &str,
    account: &Text,
    now: jiff::Timestamp,
) -> Result<(Caller, Shared<Law>), Unanswerable> {
    let (account, text) = match text.split_once(':') {
        Some((digits, rest))
            if digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_digit()) =>
        {
            (Text::from(digits), rest)
        }
        _ => (account.clone(), text),
    };
    let law = world.law.clone();
    let (kind, name) = text.split_once('/').unwrap_or((text, ""));
    if kind == "anonymous" && name.is_empty() {
        return Ok((Caller::anonymous(), law));
    }
    if kind == "service" && !name.is_empty() {
        let service = Service {
            name: name.to_owned().into(),
            source_account: None,
            source_arn: None,
        };
        return Ok((Caller::service(service, "aws"), law));
    }
    let of = law
        .account(&account)
        .ok_or_else(|| Unanswerable::Account(account.to_string()))?;
    let missing = |kind| Unanswerable::Missing(kind, name.to_owned(), account.to_string());
    let partition = of.partition;
    let caller = match (kind, name) {
        ("root", "") => Caller::root(account.clone(), partition, None),
        ("user", name) => user(&account, of, name, None).ok_or_else(|| missing("user"))?,
        ("role", name) => {
            let role = of.roles.get(name).ok_or_else(|| missing("role"))?;
            let session = Session {
                kind: SessionKind::Role {
                    role_arn: role.arn.as_str().into(),
                    role_name: role.name.clone(),
                    role_id: role.id.clone(),
                    arn: format!(
                        "arn:{partition}:sts::{account}:assumed-role/{}/rolecall",
                        role.name
                    )
                    .into(),
                    name: "rolecall".into(),
                },
                token: String::new(),
                issued: now,
                expires: now + SignedDuration::from_hours(1),
                policies: None,
                tags: Vec::new(),
                transitive_tags: Vec::new(),
                source_identity: None,
                mfa: None,
                chained: false,
                federation: None,
                user_id: OnceLock::new(),
            };
            of_session(&account, of, &Arc::new(session), None)
        }
        ("policy", name) => {
            return with_only_policy(&law, &account, partition, name)
                .ok_or_else(|| missing("policy"));
        }
        _ => return Err(Unanswerable::Form(text.to_owned())),
    };
    Ok((caller, law))
}

/// A throw-away user that has this one policy, in a law of its own.
fn with_only_policy(
    law: &Shared<Law>,
    account: &Text,
    partition: &'static str,
    name: &str,
) -> Option<(Caller, Shared<Law>)> {
    let of = law.account(account)?;
    let found = of.policies.values().find(|policy| &*policy.name == name)?;
    let version = found
        .versions
        .iter()
        .find(|version| version.number == found.default_version)?;
    let arn = format!("arn:{partition}:iam::{account}:user/{name}");
    let mut law = law.clone();
    let user = crate::iam::User {
        name: name.into(),
        path: "/".to_owned(),
        id: "AIDAROLECALLTHROWAWAY".into(),
        arn: arn.clone(),
        created: version.created,
        tags: Vec::new(),
        policies: crate::iam::Attachments {
            managed: Vec::new(),
            inline: vec![InlinePolicy {
                name: name.into(),
                policy: version.policy.clone(),
            }],
        },
        groups: Vec::new(),
        boundary: None,
        keys: Vec::new(),
        credentials: crate::iam::UserCredentials::default(),
    };
    let account_of_user = law.account_mut(account)?;
    account_of_user.know_id(&user.id, crate::iam::Kind::User, &user.name);
    account_of_user.users.insert(name.into(), Arc::new(user));
    let caller = Caller {
        account: account.clone(),
        partition,
        user_id: "AIDAROLECALLTHROWAWAY".into(),
        who: Who::User {
            name: name.into(),
            id: "AIDAROLECALLTHROWAWAY".into(),
        },
        arn: arn.into(),
        tags: Vec::new(),
        key: None,
    };
    Some((caller, law))
}

/// What the question asks for, as the operation of its action would ask: owner, resource policy, tags and whatever else
/// is known come from what the resource is.
fn demand(world: &World, question: &Question, caller: &Caller, meta: &Meta) -> Demand {
    let action = question.action.as_str();
    // S3 asks for all buckets where a question says that there is nothing to name.
    let buckets = format!("arn:{}:s3:::*", caller.partition);
    let lists = action.eq_ignore_ascii_case("s3:ListAllMyBuckets") && question.resource == "*";
    let resource = if lists { &buckets } else { &question.resource }.as_str();
    if let Some((_, rest)) = resource.split_once(":s3:::") {
        let (name, key) = match rest.split_once('/') {
            Some((name, key)) => (name, Some(key)),
            None => (rest, None),
        };
        let version = match question.given("s3:versionid") {
            Some(Fact::Text(version)) => Some(&**version),
            _ => None,
        };
        let known = s3::ask(world, (caller, meta), action, (name, key, version));
        // A bucket that nobody made yet belongs to whoever asks.
        return known.unwrap_or_else(|| {
            Demand::new(action.to_owned(), resource).owned_by(Some(caller.account.clone()))
        });
    }
    let owner = account_of(resource).map(Text::from);
    let demand = Demand::new(action.to_owned(), resource).owned_by(owner.clone());
    let demand = iam::fill_known(&world.law, demand);
    let demand = pinpoint::fill_known(demand, |of, region, app| world.app(of, region, app));
    if world.law.given_policy(resource).is_some() {
        return demand.guarded_by(Guard::Given(resource.into()));
    }
    if action.eq_ignore_ascii_case("sts:AssumeRoot") {
        return demand.by(Rule::CallerDecides);
    }
    let role = resource
        .split_once(":role/")
        .map(|(_, path)| path.rsplit('/').next().unwrap_or(path));
    match owner.zip(role).filter(|_| asks_trust(action)) {
        Some((owner, role)) => {
            let demand = demand.by(Rule::TrustMustAllow);
            // The path is part of who a role is: with another one there is nobody to trust anybody.
            let account = world.law.account(&owner);
            let there = account.and_then(|account| account.roles.get(role));
            match there.is_some_and(|there| there.arn == resource) {
                true => demand.guarded_by(Guard::Role(owner, role.into())),
                false => demand,
            }
        }
        None => demand,
    }
}

/// Whether the trust policy of a role is asked about an action: to take it on, and to bring tags or a source identity.
pub(super) fn asks_trust(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let further = ["sts:tagsession", "sts:setsourceidentity"];
    action.starts_with("sts:assumerole") || further.contains(&action.as_str())
}

impl Question {
    /// What it says of a condition key.
    fn given(&self, key: &str) -> Option<&Fact> {
        let mut all = self.context.iter();
        let (_, given) = all.find(|(name, _)| name.eq_ignore_ascii_case(key))?;
        given.as_ref().map(|given| &given.0)
    }
}
