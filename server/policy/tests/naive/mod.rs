//! A second evaluator, written straight from AWS's pages: JSON and strings, nothing prepared, nothing fast.
//! It shares no code with the crate but the question.

mod condition;
mod glob;

use rolecall_policy::{Attached, Layers, Outcome, Principal, Request, Rule, Value};
use serde_json::Value as Json;

/// What a statement of a resource-based policy names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Named {
    Account,
    RoleOrUserBehind,
    Caller,
}

/// The request in plain strings.
pub(crate) struct Question<'q> {
    request: &'q Request<'q>,
    context: Vec<(String, Vec<String>)>,
    /// The keys that may have several values.
    several: Vec<String>,
}

impl Question<'_> {
    /// The values of a key: the exact spelling wins, else the first in another letter case.
    fn values(&self, key: &str) -> Option<&[String]> {
        let exact = self.context.iter().find(|(known, _)| known == key);
        let any = || {
            self.context
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(key))
        };
        exact
            .or_else(any)
            .map(|(_, values)| values.as_slice())
            .filter(|values| !values.is_empty())
    }

    /// Whether the key may have several values, however many it has here.
    fn several(&self, key: &str) -> bool {
        let exact = self.context.iter().any(|(known, _)| known == key);
        let same = |known: &String| match exact {
            true => known == key,
            false => known.eq_ignore_ascii_case(key),
        };
        self.several.iter().any(same)
    }
}

/// Policies of one type are one bag of statements.
fn bag(policies: &[Attached<'_>]) -> Vec<(bool, Json)> {
    let mut statements = Vec::new();
    for attached in policies {
        let document: Json = serde_json::from_str(attached.policy.text()).unwrap();
        let variables = document["Version"] == "2012-10-17";
        statements.extend(
            list(&document["Statement"])
                .into_iter()
                .map(|statement| (variables, statement)),
        );
    }
    statements
}

/// A list, or one value without its brackets.
fn list(json: &Json) -> Vec<Json> {
    match json {
        Json::Array(list) => list.clone(),
        one => vec![one.clone()],
    }
}

fn text(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>
pub(crate) fn decide(request: &Request<'_>, layers: &Layers<'_>) -> Outcome {
    let context = request.context.iter().map(|entry| {
        let values = match &entry.value {
            Value::List(list) => list.iter().map(ToString::to_string).collect(),
            one => vec![one.to_string()],
        };
        (entry.key.to_string(), values)
    });
    let several = |value: &Value<'_>| matches!(value, Value::List(_));
    let listed = request.context.iter().filter(|entry| several(&entry.value));
    let question = Question {
        request,
        context: context.collect(),
        several: listed.map(|entry| entry.key.to_string()).collect(),
    };
    let caller = request.principal;
    let account = caller.account();
    let caller_decides = request.rule == Rule::CallerDecides;
    let same_account =
        caller_decides || request.resource_account.is_none() || request.resource_account == account;
    let root = matches!(caller, Principal::Root { .. });
    let person = matches!(
        caller,
        Principal::User { .. } | Principal::RoleSession { .. } | Principal::FederatedUser { .. }
    );
    let trust = request.rule == Rule::TrustMustAllow;

    // The bags in force for this caller.
    let one = |policy: Option<Attached<'_>>| policy.map(|policy| bag(&[policy]));
    let repair = request.rule == Rule::OwnerRootAlways && root && same_account;
    let resource = one(layers.resource.filter(|_| !repair));
    let acl = one(layers.acl);
    let identity = if person {
        bag(layers.identity)
    } else {
        Vec::new()
    };
    let boundary = one(layers.boundary.filter(|_| person));
    let session = layers.session.filter(|_| person || root).map(bag);
    let endpoint = one(layers.endpoint);
    let scps: Vec<_> = layers
        .scps
        .iter()
        .filter(|_| account.is_some())
        .map(|level| bag(level))
        .collect();
    let rcps: Vec<_> = layers.rcps.iter().map(|level| bag(level)).collect();

    // 1. An explicit deny anywhere.
    let everything = [&resource, &boundary, &session, &endpoint]
        .into_iter()
        .flatten()
        .flatten();
    let mut everything = everything
        .chain(&identity)
        .chain(scps.iter().flatten())
        .chain(rcps.iter().flatten());
    if everything.any(|statement| applies(statement, "Deny", &question).is_some()) {
        return Outcome::ExplicitDeny;
    }
    let allows = |bag: &[(bool, Json)]| {
        let mut best = None;
        for named in bag
            .iter()
            .filter_map(|statement| applies(statement, "Allow", &question))
        {
            best = best.filter(|known| *known >= named).or(Some(named));
        }
        best
    };
    let allowed = |yes: bool| {
        if yes {
            Outcome::Allowed
        } else {
            Outcome::ImplicitDeny
        }
    };

    // 2. What limits an account or an endpoint.
    if !scps.iter().all(|level| allows(level).is_some())
        || !endpoint.iter().all(|policy| allows(policy).is_some())
    {
        return Outcome::ImplicitDeny;
    }
    let by_policy = resource.as_deref().and_then(allows);
    let by_policy = by_policy.filter(|_| request.rule != Rule::PolicyOnlyDenies);
    let by_acl = acl.as_deref().and_then(allows);
    let by_resource = match (by_policy, by_acl) {
        (Some(one), Some(other)) => Some(if one >= other { one } else { other }),
        (one, other) => one.or(other),
    };
    if !root && !person {
        let unsigned = matches!(caller, Principal::Anonymous);
        return allowed(by_resource.is_some() && !(trust && unsigned));
    }

    // 3. Partitions are worlds of their own.
    let partition = |arn: &str| {
        arn.strip_prefix("arn:")
            .and_then(|rest| Some(rest.split_once(':')?.0.to_owned()))
    };
    if let (Some(own), Some(theirs)) = (partition(caller.display()), partition(request.resource))
        && own != theirs
    {
        return Outcome::ImplicitDeny;
    }
    if root {
        // Only the denies of a root session's policies count.
        return allowed(!trust && !caller_decides && (same_account || by_resource.is_some()));
    }

    // 4. The closed form of the flow chart.
    let by_identity = allows(&identity).is_some();
    let boundary = boundary
        .as_deref()
        .is_none_or(|policy| allows(policy).is_some());
    let session = match &session {
        Some(policies) => allows(policies).is_some(),
        None => !matches!(caller, Principal::FederatedUser { .. }),
    };
    let within = boundary && session;
    if !same_account {
        return allowed(by_resource.is_some() && by_identity && within);
    }
    let direct = by_resource == Some(Named::Caller);
    let behind = by_resource == Some(Named::RoleOrUserBehind);
    let own = match trust {
        true => by_resource == Some(Named::Account) && by_identity,
        false => by_identity,
    };
    allowed(direct || ((behind || own) && within))
}

/// Whether a statement applies, and whom it names.
fn applies(
    (variables, statement): &(bool, Json),
    effect: &str,
    question: &Question<'_>,
) -> Option<Named> {
    if statement["Effect"] != effect {
        return None;
    }
    let request = question.request;
    let action = request.action.to_lowercase();
    let named = |patterns: &Json, hit: &dyn Fn(&str) -> bool| {
        list(patterns).iter().any(|pattern| hit(&text(pattern)))
    };
    let is_action = |pattern: &str| glob::plain(&pattern.to_lowercase(), &action);
    let about = match statement.get("NotAction") {
        Some(not) => !named(not, &is_action),
        None => named(&statement["Action"], &is_action),
    };
    let is_resource =
        |pattern: &str| glob::resource(pattern, *variables, question, request.resource);
    let on = match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(resource), _) => named(resource, &is_resource),
        (None, Some(not)) => !named(not, &is_resource),
        (None, None) => true,
    };
    if !about
        || !on
        || !condition::holds(
            &statement["Condition"],
            *variables,
            effect == "Deny",
            question,
        )
    {
        return None;
    }
    whom(statement, &request.principal)
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
fn whom(statement: &Json, caller: &Principal<'_>) -> Option<Named> {
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => {
            let unclear = principals(principal)
                .iter()
                .any(|(group, id)| group == "CanonicalUser" && canonical(id).is_none());
            if unclear && statement["Effect"] == "Deny" && caller.account().is_some() {
                return Some(Named::Caller);
            }
            let mut best = None;
            for named in principals(principal)
                .iter()
                .filter_map(|(group, value)| names(group, value, caller))
            {
                best = best.filter(|known| *known >= named).or(Some(named));
            }
            best
        }
        (None, Some(not)) => (!spared(&principals(not), caller)).then_some(Named::Caller),
        (None, None) => Some(Named::Caller),
    }
}

fn principals(element: &Json) -> Vec<(String, String)> {
    match element {
        Json::Object(groups) => groups
            .iter()
            .flat_map(|(group, values)| {
                list(values)
                    .into_iter()
                    .map(move |value| (group.clone(), text(&value)))
            })
            .collect(),
        star => vec![("*".to_owned(), text(star))],
    }
}

/// The account of a canonical user id, as the decision files bind it.
fn canonical(id: &str) -> Option<&'static str> {
    if id == "f".repeat(64) {
        Some("999988887777")
    } else {
        id.starts_with("79a59df900b949e5").then_some("123456789012")
    }
}

fn names(group: &str, value: &str, caller: &Principal<'_>) -> Option<Named> {
    let account = |account: &str| {
        let partition = caller.display().split(':').nth(1).unwrap_or_default();
        value == account || value == format!("arn:{partition}:iam::{account}:root")
    };
    match (group, *caller) {
        ("*", _) => Some(Named::Caller),
        ("CanonicalUser", Principal::Root { account: own, .. }) => {
            (canonical(value) == Some(own)).then_some(Named::Caller)
        }
        ("CanonicalUser", _) => {
            let own = caller.account()?;
            (canonical(value) == Some(own)).then_some(Named::Account)
        }
        ("AWS", _) if value == "*" => Some(Named::Caller),
        ("AWS", Principal::Root { account: own, .. }) => account(own).then_some(Named::Caller),
        (
            "AWS",
            Principal::User {
                account: own,
                arn,
                id,
                ..
            },
        ) => {
            if value == arn || value == id {
                Some(Named::Caller)
            } else {
                account(own).then_some(Named::Account)
            }
        }
        (
            "AWS",
            Principal::RoleSession {
                account: own,
                role_arn,
                role_id,
                session_arn,
                ..
            },
        ) => match value {
            _ if value == session_arn => Some(Named::Caller),
            _ if value == role_arn || value == role_id => Some(Named::RoleOrUserBehind),
            _ => account(own).then_some(Named::Account),
        },
        (
            "AWS",
            Principal::FederatedUser {
                account: own,
                arn,
                user_arn,
                user_id,
                ..
            },
        ) => match value {
            _ if value == arn => Some(Named::Caller),
            _ if value == user_arn || Some(value) == user_id => Some(Named::RoleOrUserBehind),
            _ => account(own).then_some(Named::Account),
        },
        ("Service", Principal::Service { name }) => (value == name).then_some(Named::Caller),
        ("Federated", Principal::Federated { provider }) => {
            (value == provider).then_some(Named::Caller)
        }
        _ => None,
    }
}

/// NotPrincipal spares only those who are listed with their account and, for a session, with their role.
fn spared(listed: &[(String, String)], caller: &Principal<'_>) -> bool {
    let any = |wanted: Named| {
        listed.iter().any(|(group, value)| {
            group == "*"
                || value == "*" && group == "AWS"
                || names(group, value, caller) == Some(wanted)
        })
    };
    match caller {
        Principal::User { .. } => any(Named::Caller) && any(Named::Account),
        Principal::RoleSession { .. } | Principal::FederatedUser { .. } => {
            any(Named::Caller) && any(Named::RoleOrUserBehind) && any(Named::Account)
        }
        _ => any(Named::Caller),
    }
}
