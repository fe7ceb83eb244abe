//! What Block Public Access calls a public policy.
//! Source: S3 User Guide, "The meaning of 'public'".

use serde_json::{Map, Value};
use std::net::IpAddr;

/// Condition keys whose fixed values pin a statement to somebody.
const PINS: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// Operators that compare with their values, without their qualifiers. With `…IfExists` an absent key
/// would pass, so such a condition pins nobody.
const OPERATORS: &[&str] = &[
    "arnequals",
    "arnlike",
    "ipaddress",
    "stringequals",
    "stringequalsignorecase",
    "stringlike",
];

/// Whether any statement lets just anybody in.
pub(super) fn is_public(policy: &str) -> bool {
    statements(policy).iter().any(statement_is_public)
}

/// The statements of a policy that was already found to be valid.
pub(crate) fn statements(policy: &str) -> Vec<Value> {
    let Ok(Value::Object(mut policy)) = serde_json::from_str(policy) else {
        return Vec::new();
    };
    match policy.remove("Statement") {
        Some(Value::Array(statements)) => statements,
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

/// One text or a list of texts.
pub(crate) fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether one statement does.
pub(crate) fn statement_is_public(statement: &Value) -> bool {
    let Value::Object(statement) = statement else {
        return false;
    };
    statement.get("Effect").and_then(Value::as_str) == Some("Allow")
        && names_anybody(statement)
        && !is_pinned(statement)
}

fn names_anybody(statement: &Map<String, Value>) -> bool {
    match statement.get("Principal") {
        // Everybody but a few.
        None => statement.contains_key("NotPrincipal"),
        Some(Value::Object(groups)) => texts(groups.get("AWS")).contains(&"*"),
        other => texts(other).contains(&"*"),
    }
}

fn is_pinned(statement: &Map<String, Value>) -> bool {
    let Some(Value::Object(conditions)) = statement.get("Condition") else {
        return false;
    };
    conditions.iter().any(|(operator, keys)| {
        let operator = operator.to_ascii_lowercase();
        // For every value of a key that is not there anything holds.
        let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
        OPERATORS.contains(&operator)
            && keys.as_object().is_some_and(|keys| {
                keys.iter().any(|(key, values)| {
                    let (key, values) = (key.to_ascii_lowercase(), texts(Some(values)));
                    PINS.contains(&&*key)
                        && !values.is_empty()
                        && values.iter().all(|value| is_fixed(&key, value))
                })
            })
    })
}

fn is_fixed(key: &str, value: &str) -> bool {
    if key == "aws:sourceip" {
        return is_narrow(value);
    }
    // `AROA…:*` is all sessions of one role.
    let value = match key {
        "aws:userid" => value.strip_suffix(":*").unwrap_or(value),
        _ => value,
    };
    !value.is_empty() && !value.contains(['*', '?']) && !value.contains("${")
}

/// At least /8 for IPv4 and /32 for IPv6.
fn is_narrow(block: &str) -> bool {
    let (address, bits) = match block.split_once('/') {
        Some((address, bits)) => (address, bits.parse::<u8>().ok()),
        None => (block, Some(128)),
    };
    match (address.parse(), bits) {
        (Ok(IpAddr::V4(_)), Some(bits)) => bits >= 8,
        (Ok(IpAddr::V6(_)), Some(bits)) => bits >= 32,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(principal: &str, condition: &str) -> bool {
        is_public(&format!(
            r#"{{"Statement": {{"Effect": "Allow", "Principal": {principal}, "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::b/*", "Condition": {condition}}}}}"#
        ))
    }

    #[test]
    fn anybody_is_public_and_somebody_is_not() {
        assert!(with(r#""*""#, "{}"));
        assert!(with(r#"{"AWS": ["111122223333", "*"]}"#, "{}"));
        assert!(!with(r#"{"AWS": "111122223333"}"#, "{}"));
        assert!(!with(r#"{"Service": "logging.s3.amazonaws.com"}"#, "{}"));
        assert!(!is_public(
            r#"{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}"#
        ));
    }

    #[test]
    fn fixed_values_pin_and_open_ones_do_not() {
        let pinned = |condition: &str| !with(r#""*""#, condition);
        assert!(pinned(r#"{"StringEquals": {"aws:PrincipalOrgID": "o-1"}}"#));
        assert!(pinned(r#"{"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}"#));
        assert!(pinned(
            r#"{"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}}"#
        ));
        assert!(!pinned(
            r#"{"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/1"]}}"#
        ));
        assert!(!pinned(
            r#"{"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}"#
        ));
        assert!(!pinned(
            r#"{"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}"#
        ));
        assert!(!pinned(
            r#"{"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}"#
        ));
        assert!(!pinned(r#"{"StringEquals": {"s3:prefix": "a"}}"#));
        assert!(!pinned(
            r#"{"StringEquals": {"aws:SourceVpc": "${aws:username}"}}"#
        ));
    }
}
