//! From the text of a scenario to the values of an API.

use serde_json::{Number, Value};

use super::file::node::{Kind, Node};

/// Every scalar as the text it was written as: what the query and XML protocols send anyway.
pub(crate) fn text(node: &Node) -> Value {
    convert(node, &|_, text| Value::String(text.to_owned()), "")
}

/// For Pinpoint's JSON: the few members that are numbers or booleans there become so. All others
/// stay text, so an address such as `12065550101` needs no quotes.
pub(crate) fn typed(node: &Node) -> Value {
    convert(node, &scalar, "")
}

fn convert(node: &Node, leaf: &impl Fn(&str, &str) -> Value, member: &str) -> Value {
    match &node.kind {
        Kind::Absent => Value::Null,
        Kind::Text { text, .. } => leaf(member, text),
        Kind::List(items) => {
            let present = items.iter().filter(|item| !item.is_absent());
            Value::Array(present.map(|item| convert(item, leaf, member)).collect())
        }
        Kind::Map(entries) => Value::Object(
            entries
                .iter()
                .filter(|entry| !entry.value.is_absent())
                .map(|entry| {
                    // In `Metrics: { visits: 3 }` the names are the user's; the member decides.
                    let inside = match (member, entry.value.entries().is_empty()) {
                        ("Metrics", true) => member,
                        _ => entry.key.value.as_str(),
                    };
                    (entry.key.value.clone(), convert(&entry.value, leaf, inside))
                })
                .collect(),
        ),
    }
}

const NUMBERS: [&str; 15] = [
    "Metrics",
    "Value",
    "Latitude",
    "Longitude",
    "RangeInKilometers",
    "Daily",
    "MaximumDuration",
    "MessagesPerSecond",
    "Total",
    "Session",
    "HoldoutPercentage",
    "Priority",
    "SizeOfSegment",
    "SegmentVersion",
    "Version",
];
const BOOLEANS: [&str; 4] = [
    "DefineSegment",
    "RegisterEndpoints",
    "CloudWatchMetricsEnabled",
    "EventTaggingEnabled",
];

fn scalar(member: &str, text: &str) -> Value {
    let number = || {
        let number: Number = text.parse().ok()?;
        Some(Value::Number(number))
    };
    match text {
        "true" | "false" if BOOLEANS.contains(&member) => Value::Bool(text == "true"),
        _ if NUMBERS.contains(&member) => number().unwrap_or_else(|| Value::from(text)),
        _ => Value::from(text),
    }
}

/// The same rule for values that came as JSON text already.
pub(crate) fn retype(value: &mut Value, member: &str) {
    match value {
        Value::String(text) => *value = scalar(member, text),
        Value::Array(items) => items.iter_mut().for_each(|item| retype(item, member)),
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                let keep = member == "Metrics" && !inner.is_object();
                retype(inner, if keep { member } else { key });
            }
        }
        _ => {}
    }
}
