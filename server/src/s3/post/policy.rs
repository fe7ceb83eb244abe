//! The policy of a form: until when it holds, and what the form may say.
//! Source: Amazon S3 API Reference, "Creating a POST policy".

use crate::wire::Fault;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Fields that need no condition.
const FREE: &[&str] = &[
    "awsaccesskeyid",
    "file",
    "policy",
    "signature",
    "x-amz-signature",
];

/// A policy that was understood.
#[derive(Debug)]
pub(super) struct FormPolicy {
    expiration: Timestamp,
    conditions: Vec<Condition>,
}

#[derive(Debug)]
enum Condition {
    Equals(String, String),
    StartsWith(String, String),
    Length(Value, Value),
}

fn invalid(what: &str) -> Fault {
    Fault::service(
        400,
        "InvalidPolicyDocument",
        format!("Invalid Policy: {what}"),
    )
}

fn violated(what: &str) -> Fault {
    Fault::service(
        403,
        "AccessDenied",
        format!("Invalid according to Policy: {what}"),
    )
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl FormPolicy {
    /// Reads the base64 of a policy.
    pub(super) fn read(encoded: &str) -> Result<Self, Fault> {
        let not_json = || invalid("Invalid JSON.");
        let json = BASE64_STANDARD.decode(encoded).map_err(|_| not_json())?;
        let policy: Map<String, Value> = serde_json::from_slice(&json).map_err(|_| not_json())?;
        let expiration = policy
            .get("expiration")
            .ok_or_else(|| invalid("Policy missing expiration."))?;
        let expiration = expiration
            .as_str()
            // Others are read with a space in the middle; S3 asks for ISO 8601.
            .filter(|text| text.contains('T'))
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| {
                invalid(&format!(
                    "Invalid 'expiration' value: '{}'",
                    text(expiration)
                ))
            })?;
        let conditions = policy.get("conditions").and_then(Value::as_array);
        let conditions = conditions.ok_or_else(|| invalid("Policy missing conditions."))?;
        Ok(Self {
            expiration,
            conditions: conditions
                .iter()
                .map(Condition::read)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Holds a form against it: every field must fit a condition, and every condition a field.
    pub(super) fn check(&self, fields: &[(String, String)], now: Timestamp) -> Result<(), Fault> {
        if now >= self.expiration {
            return Err(violated("Policy expired."));
        }
        for condition in &self.conditions {
            if !condition.holds(fields) {
                let said = condition.to_string();
                return Err(violated(&format!("Policy Condition failed: {said}")));
            }
        }
        let covered = |name: &str| {
            FREE.contains(&name)
                || name.starts_with("x-ignore-")
                || self
                    .conditions
                    .iter()
                    .any(|condition| condition.is_about(name))
        };
        let extra: Vec<&str> = fields
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| !covered(name))
            .collect();
        if extra.is_empty() {
            return Ok(());
        }
        Err(violated(&format!(
            "Extra input fields: {}",
            extra.join(", ")
        )))
    }

    /// Holds the size of the file against it.
    pub(super) fn check_length(&self, length: u64) -> Result<(), Fault> {
        for condition in &self.conditions {
            let Condition::Length(least, most) = condition else {
                continue;
            };
            let number = |value: &Value| text(value).parse::<i128>().ok();
            let (Some(least), Some(most)) = (number(least), number(most)) else {
                let said = condition.to_string();
                return Err(violated(&format!("Policy Condition failed: {said}")));
            };
            let size = i128::from(length);
            let refused = |code, message: &str, name, bound: i128| {
                Fault::service(400, code, message)
                    .detail(name, bound.to_string())
                    .detail("ProposedSize", length.to_string())
            };
            if size < least {
                let message = "Your proposed upload is smaller than the minimum allowed size";
                return Err(refused("EntityTooSmall", message, "MinSizeAllowed", least));
            }
            if size > most {
                let message = "Your proposed upload exceeds the maximum allowed size";
                return Err(refused("EntityTooLarge", message, "MaxSizeAllowed", most));
            }
        }
        Ok(())
    }
}

impl Condition {
    fn read(json: &Value) -> Result<Self, Fault> {
        match json {
            Value::Object(pair) => match pair.iter().next() {
                Some((name, value)) if pair.len() == 1 => {
                    Ok(Self::Equals(format!("${name}"), text(value)))
                }
                _ => Err(invalid(
                    "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
                )),
            },
            Value::Array(list) => match list.as_slice() {
                [Value::String(operator), one, other] => match &*operator.to_ascii_lowercase() {
                    "eq" => Ok(Self::Equals(text(one), text(other))),
                    "starts-with" => Ok(Self::StartsWith(text(one), text(other))),
                    "content-length-range" => Ok(Self::Length(one.clone(), other.clone())),
                    _ => Err(invalid("Invalid JSON: unknown operator.")),
                },
                _ => Err(invalid("Invalid Command: wrong number of arguments.")),
            },
            _ => Err(invalid("Invalid JSON.")),
        }
    }

    /// The field that it is about; `$` stands before its name.
    fn field(&self) -> Option<String> {
        let (Self::Equals(name, _) | Self::StartsWith(name, _)) = self else {
            return None;
        };
        name.strip_prefix('$').map(str::to_ascii_lowercase)
    }

    fn is_about(&self, name: &str) -> bool {
        self.field().is_some_and(|field| field == name)
    }

    fn holds(&self, fields: &[(String, String)]) -> bool {
        if matches!(self, Self::Length(..)) {
            return true;
        }
        let Some(field) = self.field() else {
            return false;
        };
        let sent = fields.iter().find(|(name, _)| *name == field);
        let sent = sent.map_or("", |(_, value)| value.as_str());
        match self {
            Self::Equals(_, wanted) => sent == wanted,
            Self::StartsWith(_, start) => sent.starts_with(start.as_str()),
            Self::Length(..) => true,
        }
    }
}

/// As AWS quotes it: `["eq", "$key", "value"]`.
impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (operator, one, other) = match self {
            Self::Equals(name, value) => ("eq", name.clone(), value.clone()),
            Self::StartsWith(name, value) => ("starts-with", name.clone(), value.clone()),
            Self::Length(least, most) => ("content-length-range", text(least), text(most)),
        };
        write!(f, "[\"{operator}\", \"{one}\", \"{other}\"]")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn read(json: &str) -> Result<FormPolicy, Fault> {
        FormPolicy::read(&BASE64_STANDARD.encode(json))
    }

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(own).collect()
    }

    #[test]
    fn forms_are_held_against_their_policy() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let policy = read(
            r#"{"expiration": "2026-11-21T12:00:01.000Z", "conditions": [{"Bucket": "b"}, ["StArts-with", "$key", "u/"],
                ["content-length-range", 1, "3"]]}"#,
        )
        .unwrap();
        let good = fields(&[
            ("bucket", "b"),
            ("key", "u/a"),
            ("policy", "x"),
            ("x-ignore-me", "y"),
        ]);
        assert!(policy.check(&good, now).is_ok());
        let said =
            |fields: &[(String, String)], now| policy.check(fields, now).unwrap_err().to_string();
        assert!(said(&good, "2026-11-21T12:00:01Z".parse().unwrap()).contains("Policy expired."));
        let other = fields(&[("bucket", "b"), ("key", "v/a")]);
        assert!(said(&other, now).contains(r#"["starts-with", "$key", "u/"]"#));
        let extra = fields(&[("bucket", "b"), ("key", "u/a"), ("acl", "private")]);
        assert!(said(&extra, now).contains("Extra input fields: acl"));
        assert!(policy.check_length(3).is_ok());
        assert!(policy.check_length(0).is_err() && policy.check_length(4).is_err());
    }

    #[test]
    fn policies_that_are_none_are_refused() {
        for bad in [
            "",
            "[]",
            r#"{"conditions": []}"#,
            r#"{"expiration": "soon", "conditions": []}"#,
            r#"{"expiration": "2026-11-21T12:00:00Z"}"#,
            r#"{"expiration": "2026-11-21T12:00:00Z", "conditions": [{}]}"#,
            r#"{"expiration": "2026-11-21T12:00:00Z", "conditions": [["content-length-range", 0]]}"#,
            r#"{"expiration": "2026-11-21T12:00:00Z", "conditions": [["like", "$key", "a"]]}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(FormPolicy::read("not base64!").is_err());
    }
}
