//! Comparing documents: what one grants that another does not, and whether one grants some access at all.
//!
//! Every caller that the documents tell apart, every action they tell apart, and all resources at once. A condition
//! is a fact that may hold or not; the same condition in both documents is the same fact, and one that is provably
//! narrower implies the wider one. All else is taken as independent. So "nothing new" holds whatever the request, and
//! access that is reported may turn out to be impossible: an example is confirmed where a request was found in which
//! the conditions really stand so.

mod callers;
mod facts;
mod narrower;
mod sides;

use serde::{Deserialize, Serialize};

use self::callers::callers;
use self::facts::Facts;
use self::sides::{Compared, Side};
use super::actions::{self, Class};
use super::law::covers;
use super::question::Question;
use super::search::{self, TooLarge};
use super::set::Set;
use super::word::{Bound, Word};
use crate::action::LowerAction;
use crate::evaluate::named_by;
use crate::trustee::Grant;
use crate::{
    Attached, Context, Effect, Layer, Layers, Policy, PolicyKind, Principal, Rule, Source,
    Statement,
};

/// Access that a statement grants, by one example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The statement's place in the document, from 0.
    pub statement: usize,
    /// Its Sid.
    pub sid: Option<String>,
    /// An action.
    pub action: String,
    /// A resource.
    pub resource: String,
    /// Somebody who gets it, where the document names principals.
    pub caller: Option<String>,
    /// Whether a request was found whose context makes it so. Otherwise the conditions may exclude each other, or
    /// differ in a way that could not be compared.
    pub confirmed: bool,
}

/// Searches of one comparison before it gives up.
const MOST_SEARCHES: usize = 4_000;

/// Cases of one statement for which a request is looked for before its access counts as not confirmed.
const MOST_TRIES: usize = 50;

/// What `new` grants that `existing` does not: one example for each statement that does.
///
/// # Errors
///
/// When there are too many cases to go through. Nothing is known then.
pub fn new_access(new: &Policy, existing: &Policy) -> Result<Vec<Access>, TooLarge> {
    if new.text() == existing.text() {
        return Ok(Vec::new());
    }
    let (layer, known) = (layer(new.kind()), Context::new());
    let policies = [attached("new", new), attached("existing", existing)];
    let question = everything("*", &policies, &known);
    let classes = actions::classes(&question)?;
    let people = callers(layer, &[new, existing]);
    let facts = Facts::of(new, existing);
    let mut found = Vec::new();
    let mut left = MOST_SEARCHES;
    for (index, statement) in allows(new) {
        let (mut doubtful, mut tries) = (None, MOST_TRIES);
        let mut compare = || {
            for (caller, class) in cases(statement, layer, &people, &classes) {
                let Some(grant) = named_by(statement, layer, &caller) else {
                    continue;
                };
                let about = |other: &&Statement| {
                    covers(other, LowerAction::new(&class.action).as_str(), &known)
                };
                let denies = |policy: &'_ Policy| -> Vec<usize> {
                    listed(policy, Effect::Deny, layer, &caller, None)
                        .filter(|(_, other)| about(other))
                        .map(|(at, _)| at)
                        .collect()
                };
                let held: Vec<usize> = listed(existing, Effect::Allow, layer, &caller, Some(grant))
                    .filter(|(_, other)| about(other))
                    .map(|(at, _)| at)
                    .collect();
                let (new_denies, old_denies) = (denies(new), denies(existing));
                for holds in facts.cases(index, &new_denies, &held, &old_denies)? {
                    left = left.checked_sub(1).ok_or(TooLarge {
                        states: MOST_SEARCHES,
                    })?;
                    let still = |side: Side, of: &[usize]| -> Vec<usize> {
                        let holds = |at: &usize| facts.applies(side, *at, &holds);
                        of.iter().copied().filter(holds).collect()
                    };
                    let case = Compared {
                        question: &question,
                        class,
                        statement,
                        denied: pick(new, &still(Side::New, &new_denies)),
                        held: pick(existing, &still(Side::Existing, &held)),
                        withheld: pick(existing, &still(Side::Existing, &old_denies)),
                    };
                    let Some(resource) = case.beyond()? else {
                        continue;
                    };
                    let found = |resource, confirmed| {
                        access(
                            (index, statement),
                            class,
                            resource,
                            layer,
                            &caller,
                            confirmed,
                        )
                    };
                    doubtful.get_or_insert_with(|| found(resource, false));
                    let others: [(Side, &[usize]); 3] = [
                        (Side::New, &new_denies),
                        (Side::Existing, &held),
                        (Side::Existing, &old_denies),
                    ];
                    let Some(fewer) = usize::checked_sub(tries, 1) else {
                        return Ok(doubtful.take());
                    };
                    tries = fewer;
                    for context in facts.requests(index, &others, &holds) {
                        let case = Compared {
                            denied: applying(pick(new, &new_denies), &context),
                            held: applying(pick(existing, &held), &context),
                            withheld: applying(pick(existing, &old_denies), &context),
                            ..case
                        };
                        if let Some(resource) = case.beyond()? {
                            return Ok(Some(found(resource, true)));
                        }
                    }
                }
            }
            Ok(doubtful.take())
        };
        found.extend(compare()?);
    }
    Ok(found)
}

/// Which statements of a policy grant some of the actions on some of the resources: one example for each.
///
/// Actions and resources are patterns as in policies. No actions are all actions, no resources all resources. A
/// grant under a condition is a grant; a Deny takes it away only where its conditions are among the grant's.
///
/// # Errors
///
/// When there are too many cases to go through. Nothing is known then.
pub fn granted_access(
    policy: &Policy,
    actions: &[&str],
    resources: &[&str],
) -> Result<Vec<Access>, TooLarge> {
    let (layer, known) = (layer(policy.kind()), Context::new());
    let policies = [attached("policy", policy)];
    let actions = if actions.is_empty() { &["*"] } else { actions };
    let people = callers(layer, &[policy]);
    let facts = Facts::of(policy, policy);
    let mut found: Vec<Access> = Vec::new();
    for action in actions {
        let question = everything(action, &policies, &known);
        let classes = actions::classes(&question)?;
        for (index, statement) in allows(policy) {
            let known_as = found.iter().position(|access| access.statement == index);
            if known_as.is_some_and(|at| found.get(at).is_some_and(|access| access.confirmed)) {
                continue;
            }
            let (mut doubtful, mut tries) = (None, MOST_TRIES);
            let mut grant = || {
                for (caller, class) in cases(statement, layer, &people, &classes) {
                    if named_by(statement, layer, &caller).is_none() {
                        continue;
                    }
                    let about: Vec<usize> = listed(policy, Effect::Deny, layer, &caller, None)
                        .filter(|(_, other)| {
                            covers(other, LowerAction::new(&class.action).as_str(), &known)
                        })
                        .map(|(at, _)| at)
                        .collect();
                    let follows = |at: &usize| facts.follows(index, *at);
                    let denied: Vec<usize> = about.iter().copied().filter(follows).collect();
                    let case = Compared {
                        question: &question,
                        class,
                        statement,
                        denied: pick(policy, &denied),
                        held: Vec::new(),
                        withheld: Vec::new(),
                    };
                    let Some(resource) = case.among(resources)? else {
                        continue;
                    };
                    let found = |resource, confirmed| {
                        access(
                            (index, statement),
                            class,
                            resource,
                            layer,
                            &caller,
                            confirmed,
                        )
                    };
                    doubtful.get_or_insert_with(|| found(resource, false));
                    let Some(fewer) = usize::checked_sub(tries, 1) else {
                        break;
                    };
                    tries = fewer;
                    let least = facts.least(index);
                    for context in facts.requests(index, &[(Side::New, &about)], &least) {
                        let case = Compared {
                            denied: applying(pick(policy, &about), &context),
                            held: Vec::new(),
                            withheld: Vec::new(),
                            ..case
                        };
                        if let Some(resource) = case.among(resources)? {
                            return Ok(Some(found(resource, true)));
                        }
                    }
                }
                Ok(doubtful.take())
            };
            match (grant()?, known_as.and_then(|at| found.get_mut(at))) {
                (Some(access), Some(known)) if access.confirmed => *known = access,
                (Some(access), None) => found.push(access),
                _ => {}
            }
        }
    }
    found.sort_by_key(|access| access.statement);
    Ok(found)
}

fn access(
    (index, statement): (usize, &Statement),
    class: &Class,
    resource: String,
    layer: Layer,
    caller: &Principal<'_>,
    confirmed: bool,
) -> Access {
    Access {
        statement: index,
        sid: statement.sid().map(str::to_owned),
        action: class.action.clone(),
        resource,
        caller: (layer != Layer::Identity).then(|| caller.display().to_owned()),
        confirmed,
    }
}

/// The question that gathers the documents, so that actions fall into classes.
fn everything<'a>(
    action: &'a str,
    policies: &'a [Attached<'a>],
    known: &'a Context<'a>,
) -> Question<'a> {
    // Somebody who is asked about policies of its own, of no partition.
    let somebody = Principal::User {
        account: "123456789012",
        arn: "",
        id: "",
        name: "",
    };
    Question {
        principal: somebody,
        action,
        layers: Layers {
            identity: policies,
            ..Layers::default()
        },
        rule: Rule::Plain,
        resource_account: None,
        owned: &[],
        known,
    }
}

fn attached<'a>(name: &'a str, policy: &'a Policy) -> Attached<'a> {
    let (arn, holder) = (None, None);
    let source = Source { name, arn, holder };
    Attached { source, policy }
}

/// Where statements of such a policy are spoken.
fn layer(kind: PolicyKind) -> Layer {
    match kind {
        PolicyKind::Trust => Layer::Trust,
        PolicyKind::Bucket => Layer::Bucket,
        PolicyKind::Resource | PolicyKind::Rcp | PolicyKind::Endpoint => Layer::Resource,
        PolicyKind::Identity | PolicyKind::Session | PolicyKind::Boundary | PolicyKind::Scp => {
            Layer::Identity
        }
    }
}

fn allows(policy: &Policy) -> impl Iterator<Item = (usize, &Statement)> {
    let statements = policy.statements().iter().enumerate();
    statements.filter(|(_, statement)| statement.effect == Effect::Allow)
}

/// The statements with an effect that name the caller, at least as closely as said.
fn listed<'p>(
    policy: &'p Policy,
    effect: Effect,
    layer: Layer,
    caller: &Principal<'_>,
    grant: Option<Grant>,
) -> impl Iterator<Item = (usize, &'p Statement)> {
    let statements = policy.statements().iter().enumerate();
    statements.filter(move |(_, statement)| {
        let named = named_by(statement, layer, caller);
        statement.effect == effect && named.is_some() && named >= grant
    })
}

fn pick<'p>(policy: &'p Policy, at: &[usize]) -> Vec<&'p Statement> {
    let statement = |at: &usize| policy.statements().get(*at);
    at.iter().filter_map(statement).collect()
}

/// Those that really apply in a context.
fn applying<'p>(statements: Vec<&'p Statement>, context: &Context<'_>) -> Vec<&'p Statement> {
    let applies = |statement: &&Statement| {
        let denies = statement.effect == Effect::Deny;
        let mut tests = statement.conditions.iter();
        tests.all(|test| test.holds(denies, context))
    };
    statements.into_iter().filter(applies).collect()
}

/// The callers and actions that a statement may be about.
fn cases<'c>(
    statement: &'c Statement,
    layer: Layer,
    people: &'c callers::Callers,
    classes: &'c [Class],
) -> impl Iterator<Item = (Principal<'c>, &'c Class)> + use<'c> {
    let nothing = Context::new();
    let about: Vec<&Class> = classes
        .iter()
        .filter(|class| {
            covers(
                statement,
                LowerAction::new(&class.action).as_str(),
                &nothing,
            )
        })
        .collect();
    let people = people.iter();
    people
        .filter(move |caller| named_by(statement, layer, caller).is_some())
        .flat_map(move |caller| about.clone().into_iter().map(move |class| (caller, class)))
}

/// The shortest text of a set, one that looks like what people use where there is one.
fn shown(
    case: &Compared<'_, '_>,
    pool: &mut super::set::Pool,
    set: &Set,
) -> Result<Option<String>, TooLarge> {
    let Some(any) = search::shortest(pool, set)? else {
        return Ok(None);
    };
    let likely = case
        .class
        .shape
        .likely(case.question, &case.class.action, pool);
    let likely = search::shortest(pool, &set.clone().and(likely));
    Ok(Some(likely.ok().flatten().unwrap_or(any)))
}

/// The texts that patterns of a caller of the API describe.
fn asked(pool: &mut super::set::Pool, patterns: &[&str]) -> Set {
    if patterns.is_empty() {
        return Set::Everything;
    }
    Set::any(patterns.iter().map(|text| {
        let pattern = super::question::plain(text);
        Word::of(&pattern.pattern, &Context::new(), Bound::May)
            .map_or(Set::Nothing, |word| pool.add(word))
    }))
}
