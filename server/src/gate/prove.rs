//! Questions about all resources at once: "can this principal ever do that outside of here?"

use super::{
    Unanswerable, Who,
    ask::principal,
    asked::{Policies, RCP_SERVICES},
};
use crate::{
    gate::{Caller, Gate},
    iam::Role,
    s3::Bucket,
    world::{Law, Text},
};
use rolecall_policy::{
    Attached, Context, Layers, Origin, Owned, Principal, Proof, Question, Rule, Source, Value,
    Verdict, findings::known_action, prove,
};
use serde::Deserialize;
use std::borrow::Cow;

/// Whether everything that a principal can do with an action lies within some patterns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProofQuestion {
    /// `s3:PutObject`; `*` and `?` stand for several actions.
    pub action: String,
    /// The principal, as in [`super::Question`].
    pub by: String,
    /// Patterns of ARNs; none asks whether nothing at all can be allowed.
    #[serde(default)]
    pub within: Vec<String>,
    /// The account that `by` means when it does not name one.
    pub account: Option<String>,
}

/// What a bucket's patterns and policy are.
struct Guarded<'l> {
    on: Vec<String>,
    policy: Option<Attached<'l>>,
    owner: &'l str,
}

impl Gate {
    /// Proves it, or finds a counterexample. Nothing is recorded: nobody asked to do anything.
    ///
    /// # Errors
    /// The principal is not there, or a pattern is none.
    pub fn prove(&self, question: &ProofQuestion) -> Result<Proof, Unanswerable> {
        let service = question.action.split_once(':');
        if question.action != "*"
            && service.is_none_or(|(service, name)| service.is_empty() || name.is_empty())
        {
            return Err(Unanswerable::Action(question.action.clone()));
        }
        known_action(&question.action)?;
        if let Some(odd) = question.within.iter().find(|text| !is_pattern(text)) {
            return Err(Unanswerable::Pattern(odd.clone()));
        }
        let world = self.world();
        let account: Text = question
            .account
            .as_deref()
            .unwrap_or(crate::DEFAULT_ACCOUNT)
            .into();
        let (caller, law) = principal(&world, &question.by, &account, self.clock.now())?;
        Ok(over_sessions(&law, &caller, question))
    }
}

/// Six parts, wildcards, and no policy variables: they would mean somebody else in every request.
fn is_pattern(text: &str) -> bool {
    text.starts_with("arn:") && text.splitn(6, ':').count() == 6 && !text.contains("${")
}

/// A resource policy may name one session of a role, and then that one counts too.
fn over_sessions(law: &Law, caller: &Caller, question: &ProofQuestion) -> Proof {
    let guarded = guarded(law, &question.action);
    let first = of_one(law, caller, caller.principal(), &guarded, question);
    let Principal::RoleSession {
        account,
        role_arn,
        role_id,
        ..
    } = caller.principal()
    else {
        return first;
    };
    if !first.proved() {
        return first;
    }
    let name = role_arn.rsplit('/').next().unwrap_or(role_arn);
    let own = format!(
        "arn:{}:sts::{account}:assumed-role/{name}/",
        caller.partition
    );
    let policies = guarded.iter().filter_map(|it| it.policy);
    let mut sessions: Vec<&str> = policies
        .flat_map(|attached| attached.policy.principals())
        .map(|principal| principal.value)
        .filter(|value| value.starts_with(&own))
        .collect();
    sessions.sort_unstable();
    sessions.dedup();
    let worse = sessions.into_iter().find_map(|session_arn| {
        let principal = Principal::RoleSession {
            account,
            role_arn,
            role_id,
            session_arn,
            session_name: session_arn.get(own.len()..).unwrap_or_default(),
        };
        let proof = of_one(law, caller, principal, &guarded, question);
        (!matches!(proof.verdict, Verdict::Proved { .. })).then_some(proof)
    });
    worse.unwrap_or(first)
}

fn of_one(
    law: &Law,
    caller: &Caller,
    principal: Principal<'_>,
    guarded: &[Guarded<'_>],
    question: &ProofQuestion,
) -> Proof {
    let (mut identity, mut session) = (Policies::new(), None);
    let boundary = law.identity_layers(caller, &mut identity, &mut session);
    let on: Vec<Vec<&str>> = guarded
        .iter()
        .map(|it| it.on.iter().map(String::as_str).collect())
        .collect();
    let owned: Vec<Owned<'_>> = guarded
        .iter()
        .zip(&on)
        .map(|(it, on)| Owned {
            on,
            policy: it.policy,
            account: Some(it.owner),
        })
        .collect();
    let linked = caller
        .principal_arn()
        .is_some_and(|arn| arn.contains(":role/aws-service-role/"));
    let organization = law.organization.as_ref();
    let scps = organization
        .filter(|_| !linked)
        .map(|organization| organization.scps(&caller.account))
        .unwrap_or_default();
    // A control that does not bound every resource only makes a proof harder when it is left out.
    let service = question.action.split(':').next().unwrap_or_default();
    let same = guarded.iter().all(|it| *it.owner == *caller.account);
    let rcps = organization
        .filter(|_| same && !linked && RCP_SERVICES.contains(&service))
        .map(|organization| organization.rcps(&caller.account))
        .unwrap_or_default();
    let (scps, rcps): (Vec<_>, Vec<_>) = (
        scps.iter().map(Vec::as_slice).collect(),
        rcps.iter().map(Vec::as_slice).collect(),
    );
    let known = known(caller);
    let action = question.action.to_ascii_lowercase();
    let asked = Question {
        principal,
        action: &question.action,
        layers: Layers {
            scps: &scps,
            rcps: &rcps,
            identity: &identity,
            boundary,
            session: session.as_deref(),
            ..Layers::default()
        },
        rule: match &*action {
            "sts:assumeroot" => Rule::CallerDecides,
            role if role.starts_with("sts:assumerole") => Rule::TrustMustAllow,
            _ => Rule::Plain,
        },
        resource_account: None,
        owned: &owned,
        known: &known,
    };
    let within: Vec<&str> = question.within.iter().map(String::as_str).collect();
    prove(&asked, &within)
}

/// Everything with a policy or an owner of its own that the action may be about.
fn guarded<'l>(law: &'l Law, action: &str) -> Vec<Guarded<'l>> {
    let service = action.split(':').next().unwrap_or_default();
    let about = |prefix: &str| service.contains(['*', '?']) || service.eq_ignore_ascii_case(prefix);
    let mut guarded = Vec::new();
    if about("s3") {
        guarded.extend(law.buckets.values().map(|bucket| of_bucket(bucket)));
    }
    if about("sts") {
        for account in law.accounts.values() {
            guarded.extend(
                account
                    .roles
                    .values()
                    .map(|role| of_role(role, &account.id)),
            );
        }
    }
    guarded
}

fn of_bucket(bucket: &Bucket) -> Guarded<'_> {
    let partitions = ["aws", "aws-us-gov", "aws-cn"];
    let on = partitions.into_iter().flat_map(|partition| {
        let arn = format!("arn:{partition}:s3:::{}", bucket.name);
        [format!("{arn}/*"), arn]
    });
    Guarded {
        on: on.collect(),
        policy: bucket
            .policy
            .as_deref()
            .map(|policy| attached(&bucket.name, policy)),
        owner: &bucket.owner,
    }
}

fn of_role<'l>(role: &'l Role, account: &'l str) -> Guarded<'l> {
    Guarded {
        on: vec![role.arn.clone()],
        policy: Some(attached("trust", &role.trust.policy)),
        owner: account,
    }
}

fn attached<'l>(name: &'l str, policy: &'l rolecall_policy::Policy) -> Attached<'l> {
    let source = Source {
        name,
        arn: None,
        holder: None,
    };
    Attached { source, policy }
}

/// The keys that have one value in every request of this caller.
fn known(caller: &Caller) -> Context<'_> {
    let mut known = Context::new();
    let mut set = |key: &'static str, value: Option<&'_ str>| {
        if let Some(value) = value {
            let value = Value::Text(Cow::Owned(value.to_owned()));
            known.set(key, value, Origin::Caller);
        }
    };
    if matches!(caller.who, Who::Root | Who::User { .. } | Who::Session(_)) {
        set("aws:PrincipalArn", caller.principal_arn());
        set("aws:PrincipalAccount", Some(&caller.account));
        set("aws:PrincipalType", Some(caller.principal_type()));
        set("aws:username", caller.user_name());
    }
    known
}
