//! Questions about all resources at once: "can this principal ever do that outside of here?"

use super::{
    Unanswerable, Who, account_of,
    ask::{asks_trust, principal},
    asked::Policies,
};
use crate::{
    gate::{Caller, Gate},
    iam::Role,
    s3::{self, Apart, Bucket},
    world::{Law, Text, World},
};
use rolecall_policy::{
    Attached, Context, Layers, Origin, Owned, Policy, Principal, Proof, Question, Rule, Source,
    Value,
    findings::{known_action, reached_by_rcps},
    prove,
};
use serde::Deserialize;
use std::{borrow::Cow, sync::Arc};

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

/// What a bucket's patterns and policies are.
struct Guarded<'l> {
    on: Vec<String>,
    policy: Option<Attached<'l>>,
    acl: Option<Arc<Policy>>,
    owner: &'l str,
    rule: Option<Rule>,
}

/// One way in which resources are asked about: the keys that go before the buckets, and the actions with their rules.
type Way<'g> = (Option<&'g Guarded<'g>>, Vec<(&'g str, Rule)>);

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
        Ok(over_all(&world, &law, &caller, question))
    }
}

/// Six parts, wildcards, and no policy variables: they would mean somebody else in every request.
fn is_pattern(text: &str) -> bool {
    text.starts_with("arn:") && text.splitn(6, ':').count() == 6 && !text.contains("${")
}

/// Proved is what is proved of every session that a policy may mean, and of every way in which a resource is asked about.
fn over_all(world: &World, law: &Law, caller: &Caller, question: &ProofQuestion) -> Proof {
    let guarded = guarded(law, caller, &question.action);
    let apart = apart(world, &question.action);
    let mut actions = vec![(question.action.as_str(), rule_of(&question.action))];
    if caller.is_root() {
        let always = s3::always_of_root(&question.action).into_iter();
        actions.extend(always.map(|action| (action, Rule::OwnerRootAlways)));
    }
    let mut ways: Vec<Way<'_>> = vec![(None, actions)];
    ways.extend(apart.iter().map(|(own, actions)| {
        let actions = actions.iter().map(|action| (*action, Rule::Plain));
        (Some(own), actions.collect())
    }));
    let ask = |guards: &[&Guarded<'_>], principal, (action, rule)| {
        of_one(
            law,
            caller,
            principal,
            guards,
            (action, rule, question.within.as_slice()),
        )
    };
    let mut proved = None;
    for (own, actions) in &ways {
        let guards: Vec<&Guarded<'_>> = own.iter().copied().chain(&guarded).collect();
        for principal in sessions(caller, &guarded) {
            for asked in actions {
                let proof = ask(&guards, principal, *asked);
                if !proof.proved() {
                    return proof;
                }
                proved.get_or_insert(proof);
            }
        }
    }
    proved.unwrap_or_else(|| {
        let guards: Vec<&Guarded<'_>> = guarded.iter().collect();
        let asked = (question.action.as_str(), rule_of(&question.action));
        ask(&guards, caller.principal(), asked)
    })
}

/// The caller; of a role, also those sessions that a resource policy names.
fn sessions<'c>(caller: &'c Caller, guarded: &'c [Guarded<'_>]) -> Vec<Principal<'c>> {
    let mut all = vec![caller.principal()];
    let Principal::RoleSession {
        account,
        role_arn,
        role_id,
        ..
    } = caller.principal()
    else {
        return all;
    };
    let name = role_arn.rsplit('/').next().unwrap_or(role_arn);
    let own = format!(
        "arn:{}:sts::{account}:assumed-role/{name}/",
        caller.partition
    );
    let policies = guarded.iter().filter_map(|it| it.policy);
    let mut named: Vec<&str> = policies
        .flat_map(|attached| attached.policy.principals())
        .map(|principal| principal.value)
        .filter(|value| value.starts_with(&own))
        .collect();
    named.sort_unstable();
    named.dedup();
    all.extend(named.into_iter().map(|session_arn| Principal::RoleSession {
        account,
        role_arn,
        role_id,
        session_arn,
        session_name: session_arn.get(own.len()..).unwrap_or_default(),
    }));
    all
}

fn rule_of(action: &str) -> Rule {
    match action.to_ascii_lowercase().as_str() {
        "sts:assumeroot" => Rule::CallerDecides,
        role if role.starts_with("sts:assumerole") => Rule::TrustMustAllow,
        _ => Rule::Plain,
    }
}

fn of_one(
    law: &Law,
    caller: &Caller,
    principal: Principal<'_>,
    guarded: &[&Guarded<'_>],
    (action, rule, within): (&str, Rule, &[String]),
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
            acl: it.acl.as_deref().map(|acl| attached("ACL", acl)),
            account: Some(it.owner),
            rule: it.rule,
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
    let service = action.split(':').next().unwrap_or_default();
    let same = guarded.iter().all(|it| *it.owner == *caller.account);
    let rcps = organization
        .filter(|_| same && !linked && reached_by_rcps(service))
        .map(|organization| organization.rcps(&caller.account))
        .unwrap_or_default();
    let (scps, rcps): (Vec<_>, Vec<_>) = (
        scps.iter().map(Vec::as_slice).collect(),
        rcps.iter().map(Vec::as_slice).collect(),
    );
    let known = known(caller);
    let asked = Question {
        principal,
        action,
        layers: Layers {
            scps: &scps,
            rcps: &rcps,
            identity: &identity,
            boundary,
            session: session.as_deref(),
            ..Layers::default()
        },
        rule,
        resource_account: None,
        owned: &owned,
        known: &known,
    };
    let within: Vec<&str> = within.iter().map(String::as_str).collect();
    prove(&asked, &within)
}

/// Everything with a policy or an owner of its own that the action may be about.
fn guarded<'l>(law: &'l Law, caller: &'l Caller, action: &str) -> Vec<Guarded<'l>> {
    let mut guarded = Vec::new();
    if is_of(action, "s3") {
        guarded.extend(law.buckets.values().map(|bucket| of_bucket(bucket)));
    }
    let given = law.given.iter().filter(|(arn, _)| !arn.contains(":s3:::"));
    guarded.extend(given.map(|(arn, policy)| Guarded {
        on: vec![arn.to_string()],
        policy: Some(attached(arn, policy)),
        acl: None,
        owner: account_of(arn).unwrap_or(&caller.account),
        rule: Some(Rule::Plain),
    }));
    if is_of(action, "sts") {
        for account in law.accounts.values() {
            guarded.extend(
                account
                    .roles
                    .values()
                    .map(|role| of_role(role, &account.id, action)),
            );
        }
    }
    guarded.extend(by_account(caller, action));
    guarded
}

/// Services whose ARNs name the account that decides, and that resource control policies do not reach, as they stand in an
/// ARN up to the account. AWS's own policies (`iam::aws:`) are everybody's, and not among them.
const OF_AN_ACCOUNT: [&str; 4] = ["iam::", "mobiletargeting:*:", "sms-voice:*:", "ses:*:"];

/// What is left of these services is the caller's, or belongs to an account that has not let anybody in.
fn by_account<'c>(caller: &'c Caller, action: &str) -> Vec<Guarded<'c>> {
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for service in OF_AN_ACCOUNT {
        let (prefix, _) = service.split_once(':').unwrap_or((service, ""));
        if is_of(action, prefix) {
            // Other partitions are out of reach anyway.
            let start = format!("arn:{}:{service}", caller.partition);
            own.push(format!("{start}{}:*", caller.account));
            others.push(format!("{start}????????????:*"));
        }
    }
    // The first one that claims an ARN has it: where a name has colons in it, it is rather the caller's.
    let of = |on, owner| Guarded {
        on,
        policy: None,
        acl: None,
        owner,
        rule: None,
    };
    match own.is_empty() {
        true => Vec::new(),
        false => vec![of(own, &*caller.account), of(others, "another account")],
    }
}

/// Whether an action may be one of a service.
fn is_of(action: &str, prefix: &str) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    service.contains(['*', '?']) || service.eq_ignore_ascii_case(prefix)
}

fn of_bucket(bucket: &Bucket) -> Guarded<'_> {
    let partitions = ["aws", "aws-us-gov", "aws-cn"];
    let on = partitions.into_iter().flat_map(|partition| {
        let arn = format!("arn:{partition}:s3:::{}", bucket.name);
        [format!("{arn}/*"), arn]
    });
    Guarded {
        on: on.collect(),
        policy: policy_of(bucket),
        acl: bucket.acl.as_ref().and_then(|acl| acl.law(bucket)),
        owner: &bucket.owner,
        rule: None,
    }
}

fn policy_of(bucket: &Bucket) -> Option<Attached<'_>> {
    let policy = bucket.policy.as_deref()?;
    Some(attached(&bucket.name, policy))
}

/// Keys that some actions ask about in another way than about their bucket. Each kind of them goes before the bucket in
/// proofs of its own, one for each of these actions, since others on the same key do not.
fn apart<'w>(world: &'w World, action: &str) -> Vec<(Guarded<'w>, Vec<&'static str>)> {
    let of_keys = |keys: Apart<'w>| {
        let guarded = Guarded {
            policy: policy_of(keys.bucket),
            rule: (*keys.owner != keys.bucket.owner).then_some(Rule::PolicyOnlyDenies),
            on: keys.arns,
            acl: keys.acl,
            owner: keys.owner,
        };
        (guarded, keys.actions)
    };
    s3::apart(world, action).into_iter().map(of_keys).collect()
}

fn of_role<'l>(role: &'l Role, account: &'l str, action: &str) -> Guarded<'l> {
    Guarded {
        on: vec![role.arn.clone()],
        policy: Some(attached("trust", &role.trust.policy)),
        acl: None,
        owner: account,
        rule: asks_trust(action).then_some(Rule::TrustMustAllow),
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
    if matches!(caller.who, Who::Anonymous) {
        set("aws:PrincipalAccount", Some("anonymous"));
        set("aws:PrincipalType", Some(caller.principal_type()));
        set("aws:userid", Some(&caller.user_id));
    }
    if matches!(caller.who, Who::Root | Who::User { .. } | Who::Session(_)) {
        set("aws:PrincipalArn", caller.principal_arn());
        set("aws:PrincipalAccount", Some(&caller.account));
        set("aws:PrincipalType", Some(caller.principal_type()));
        set("aws:username", caller.user_name());
    }
    known
}
