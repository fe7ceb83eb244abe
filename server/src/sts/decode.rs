//! What was decided, as AWS's decoded authorization message shows it.

use super::names::ENCODED_MESSAGE;
use crate::{
    gate::{Access, Asked, Demand, Facts, Granted, Record, What},
    wire::{Constraints, Fault, Operation},
};
use rolecall_policy::{Effect, Explanation, Outcome, Part, StatementNode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// `DecodeAuthorizationMessage`: takes the id of a request, or its first characters, for the message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DecodeAuthorizationMessage {
    encoded_message: String,
}

/// The answer to `DecodeAuthorizationMessage`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Decoded {
    decoded_message: String,
}

impl Operation for DecodeAuthorizationMessage {
    const SERVICE: &'static str = "sts";
    const NAME: &'static str = "DecodeAuthorizationMessage";
    type Output = Decoded;

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::sts()
            .text(
                "encodedMessage",
                Some(&self.encoded_message),
                &ENCODED_MESSAGE,
            )
            .done()?;
        Ok(Demand::new("sts:DecodeAuthorizationMessage", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Decoded, Fault> {
        let unknown = || {
            Fault::service(
                400,
                "InvalidAuthorizationMessageException",
                "Message is not valid",
            )
        };
        let found = cx.gate().ring.find(&self.encoded_message);
        // Decisions of other accounts are none of the caller's business. Services and nobody have no account: what
        // they asked for is the business of whose it is.
        let own = |record: &&Arc<Record>| match &record.what {
            What::Decided { asked, .. } if asked.caller.account.is_empty() => {
                asked.demand.owner.as_ref() == Some(cx.account())
            }
            What::Decided { asked, .. } => asked.caller.account == *cx.account(),
            What::Open { .. } | What::Refused { .. } => false,
        };
        let mut found: Vec<&Arc<Record>> = found.iter().filter(own).collect();
        // A job's hops come with the request that began it; what was asked for is the request itself.
        let first = found.first().ok_or_else(unknown)?.id;
        let ids_of = |record: &&Arc<Record>| record.id == first || record.of == Some(first);
        if !found.iter().all(ids_of) {
            return Err(unknown());
        }
        found.retain(|record| record.id == first);
        let told = found
            .iter()
            .find(|record| !record.allowed())
            .or(found.last())
            .ok_or_else(unknown)?;
        match (&told.what, told.explain()) {
            (What::Decided { asked, .. }, Some(explanation)) => Ok(Decoded {
                decoded_message: message(asked, &explanation).to_string(),
            }),
            _ => Err(unknown()),
        }
    }
}

/// A list as the message writes it.
fn items(values: impl IntoIterator<Item = Value>) -> Value {
    json!({ "items": values.into_iter().collect::<Vec<_>>() })
}

fn values<'a>(values: impl IntoIterator<Item = &'a str>) -> Value {
    items(values.into_iter().map(|value| json!({ "value": value })))
}

/// Source: STS API Reference, "DecodeAuthorizationMessage"; the layout from published messages.
fn message(asked: &Asked, explanation: &Explanation) -> Value {
    let effect = if explanation.allowed() {
        Effect::Allow
    } else {
        Effect::Deny
    };
    let policies = explanation.layers.iter().flat_map(|layer| &layer.policies);
    let statements = policies.flat_map(|policy| &policy.statements);
    let matched = statements
        .filter(|statement| statement.applies && statement.effect == effect)
        .map(statement);
    let conditions = explanation.context.iter().map(|given| {
        json!({ "key": given.key, "values": values(given.values.iter().map(String::as_str)) })
    });
    let caller = &asked.caller;
    let name = caller
        .user_name()
        .or_else(|| caller.session().map(|session| session.name()));
    json!({
        "allowed": explanation.allowed(),
        "explicitDeny": explanation.outcome == Outcome::ExplicitDeny,
        "matchedStatements": items(matched),
        "failures": items([]),
        "context": {
            "principal": { "id": caller.user_id, "name": name.unwrap_or_default(), "arn": caller.arn },
            "action": asked.demand.action,
            "resource": asked.demand.resource,
            "conditions": items(conditions),
        },
    })
}

fn statement(statement: &StatementNode) -> Value {
    let patterns = |part: Part| {
        let parts = statement.parts.iter().filter(move |node| node.part == part);
        let mut patterns: Vec<&str> = parts
            .flat_map(|node| &node.checks)
            .map(|check| &*check.pattern)
            .collect();
        patterns.dedup();
        values(patterns)
    };
    let conditions = statement
        .parts
        .iter()
        .filter(|node| node.part == Part::Condition)
        .map(|node| {
            let mut patterns: Vec<&str> = node.checks.iter().map(|check| &*check.pattern).collect();
            patterns.dedup();
            json!({ "key": node.key, "values": values(patterns) })
        });
    json!({
        "statementId": statement.label,
        "effect": match statement.effect { Effect::Allow => "ALLOW", Effect::Deny => "DENY" },
        "principals": patterns(Part::Principal),
        "principalGroups": items([]),
        "actions": patterns(Part::Action),
        "resources": patterns(Part::Resource),
        "conditions": items(conditions),
    })
}
