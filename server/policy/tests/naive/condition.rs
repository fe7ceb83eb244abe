//! The Condition element from its pages.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use std::net::IpAddr;

use base64::Engine as _;
use serde_json::Value as Json;

use super::glob::{self, Sign};
use super::{Question, list, text};

/// Yes, no, or nobody can tell: then an Allow does not apply and a Deny does.
#[derive(Clone, Copy, PartialEq)]
enum Answer {
    Yes,
    No,
    Unclear,
}

pub(crate) fn holds(block: &Json, variables: bool, denies: bool, question: &Question<'_>) -> bool {
    let Some(operators) = block.as_object() else {
        return true;
    };
    operators.iter().all(|(operator, keys)| {
        let known = known(operator);
        let keys = keys.as_object().unwrap();
        if !known && keys.is_empty() {
            return denies;
        }
        keys.iter().all(|(key, values)| {
            let answer = if known {
                test(operator, key, &list(values), variables, question)
            } else {
                Answer::Unclear
            };
            answer == Answer::Yes || answer == Answer::Unclear && denies
        })
    })
}

fn known(operator: &str) -> bool {
    let base = base(operator);
    let families = [
        "String",
        "Numeric",
        "Date",
        "Bool",
        "Binary",
        "IpAddress",
        "NotIpAddress",
        "Arn",
        "Null",
    ];
    families.iter().any(|family| base.starts_with(family))
}

fn base(operator: &str) -> &str {
    let base = operator.split_once(':').map_or(operator, |(_, base)| base);
    base.strip_suffix("IfExists").unwrap_or(base)
}

fn test(
    operator: &str,
    key: &str,
    wanted: &[Json],
    variables: bool,
    question: &Question<'_>,
) -> Answer {
    let wanted: Vec<String> = wanted.iter().map(text).collect();
    let values = question.values(key);
    let base = base(operator);
    let negated = base.contains("Not");
    if base == "Null" {
        let absent = values.is_none();
        let says = |text: &str| {
            wanted
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case(text))
        };
        return match (says("true") && absent) || (says("false") && !absent) {
            true => Answer::Yes,
            false
                if wanted
                    .iter()
                    .all(|text| ["true", "false"].contains(&text.to_lowercase().as_str())) =>
            {
                Answer::No
            }
            false => Answer::Unclear,
        };
    }
    let all = operator.starts_with("ForAllValues:");
    let any = operator.starts_with("ForAnyValue:");
    let Some(values) = values else {
        let passes = operator.ends_with("IfExists") || all || (negated && !any);
        return if passes { Answer::Yes } else { Answer::No };
    };
    if !all && !any && question.several(key) {
        return Answer::Unclear;
    }
    let answers: Vec<Answer> = values
        .iter()
        .map(|value| one(base, negated, value, &wanted, variables, question))
        .collect();
    let has = |answer| answers.contains(&answer);
    match (any, has(Answer::Yes), has(Answer::No), has(Answer::Unclear)) {
        (true, true, _, _) => Answer::Yes,
        (true, false, _, unclear) => {
            if unclear {
                Answer::Unclear
            } else {
                Answer::No
            }
        }
        (false, _, true, _) => Answer::No,
        (false, _, false, unclear) => {
            if unclear {
                Answer::Unclear
            } else {
                Answer::Yes
            }
        }
    }
}

/// One value of the request against all of the policy: one match is enough, a negated operator takes none.
fn one(
    base: &str,
    negated: bool,
    value: &str,
    wanted: &[String],
    variables: bool,
    question: &Question<'_>,
) -> Answer {
    if negated && wanted.is_empty() {
        return Answer::Unclear;
    }
    let compared: Vec<Option<bool>> = wanted
        .iter()
        .map(|wanted| compare(base, negated, value, wanted, variables, question))
        .collect();
    match (compared.contains(&Some(true)), compared.contains(&None)) {
        (true, _) => {
            if negated {
                Answer::No
            } else {
                Answer::Yes
            }
        }
        (false, true) => Answer::Unclear,
        (false, false) => {
            if negated {
                Answer::Yes
            } else {
                Answer::No
            }
        }
    }
}

/// `None` when one of the two cannot be read.
fn compare(
    base: &str,
    negated: bool,
    value: &str,
    wanted: &str,
    variables: bool,
    question: &Question<'_>,
) -> Option<bool> {
    // A value of the request that cannot be read is no match, and nothing that may be let through.
    let unreadable = || if negated { None } else { Some(false) };
    let pattern = |wildcards| glob::fill(wanted, variables, wildcards, question);
    let characters = glob::characters(value);
    let lower = |signs: Vec<Sign>| {
        let text: String = signs
            .iter()
            .filter_map(|sign| {
                if let Sign::Just(one) = sign {
                    Some(*one)
                } else {
                    None
                }
            })
            .collect();
        text.to_lowercase()
    };
    let ordered = |ordering: std::cmp::Ordering| match base {
        _ if base.ends_with("LessThan") => ordering.is_lt(),
        _ if base.ends_with("LessThanEquals") => ordering.is_le(),
        _ if base.ends_with("GreaterThan") => ordering.is_gt(),
        _ if base.ends_with("GreaterThanEquals") => ordering.is_ge(),
        _ => ordering.is_eq(),
    };
    match base {
        "StringEquals" | "StringNotEquals" => {
            Some(pattern(false).is_some_and(|signs| glob::matches(&signs, &characters)))
        }
        "StringEqualsIgnoreCase" | "StringNotEqualsIgnoreCase" => {
            Some(pattern(false).is_some_and(|signs| lower(signs) == value.to_lowercase()))
        }
        "StringLike" | "StringNotLike" => {
            Some(pattern(true).is_some_and(|signs| glob::matches(&signs, &characters)))
        }
        _ if base.starts_with("Numeric") => {
            let wanted = number(wanted)?;
            match number(value) {
                Some(value) => Some(value.partial_cmp(&wanted).is_some_and(ordered)),
                None => unreadable(),
            }
        }
        _ if base.starts_with("Date") => {
            let wanted = moment(wanted)?;
            match moment(value) {
                Some(value) => Some(ordered(value.cmp(&wanted))),
                None => unreadable(),
            }
        }
        "Bool" => {
            let wanted = match wanted.to_lowercase().as_str() {
                "true" => "true".to_owned(),
                "false" => "false".to_owned(),
                other if other.contains("${") && variables => match pattern(false) {
                    Some(signs) => lower(signs),
                    None => return Some(false),
                },
                _ => return None,
            };
            let value = value.to_lowercase();
            Some((value == "true" || value == "false") && value == wanted)
        }
        "BinaryEquals" => Some(
            base64::engine::general_purpose::STANDARD
                .decode(wanted)
                .ok()?
                == value.as_bytes(),
        ),
        "IpAddress" | "NotIpAddress" => {
            let net = net(wanted)?;
            match value.parse::<IpAddr>() {
                Ok(address) => Some(within(net, bits(address))),
                Err(_) => unreadable(),
            }
        }
        _ if base.starts_with("Arn") => arn(wanted, value, variables, question),
        _ => None,
    }
}

fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.contains(|character: char| character.is_alphabetic() && !matches!(character, 'e' | 'E'))
    {
        return None;
    }
    text.parse().ok()
}

fn moment(text: &str) -> Option<jiff::Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return jiff::Timestamp::from_second(seconds).ok();
    }
    let midnight = format!("{text}T00:00:00Z");
    text.parse().or_else(|_| midnight.parse()).ok()
}

/// Family, address, and how many bits count.
type Net = (u32, u128, u32);

fn bits(address: IpAddr) -> (u32, u128) {
    match address {
        IpAddr::V4(address) => (32, u32::from(address).into()),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => (32, u32::from(address).into()),
            None => (128, u128::from(address)),
        },
    }
}

fn net(text: &str) -> Option<Net> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix.parse::<u32>().ok()?)),
        None => (text, None),
    };
    let (family, address) = bits(address.parse().ok()?);
    let prefix = prefix.unwrap_or(family);
    (prefix <= family).then_some((family, address, prefix))
}

fn within((family, net, prefix): Net, (other, address): (u32, u128)) -> bool {
    let ignored = family - prefix;
    family == other && (ignored == 128 || net >> ignored == address >> ignored)
}

/// Six parts, each matched by itself.
fn arn(wanted: &str, value: &str, variables: bool, question: &Question<'_>) -> Option<bool> {
    let mut parts = vec![String::new()];
    let mut inside = false;
    for (at, character) in wanted.char_indices() {
        inside = (inside || (variables && wanted[at..].starts_with("${"))) && character != '}';
        if character == ':' && !inside && parts.len() < 6 {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(character);
        }
    }
    if parts.len() != 6 {
        return None;
    }
    let values: Vec<&str> = value.splitn(6, ':').collect();
    let fits = |(wanted, value): (&String, &&str)| {
        glob::fill(wanted, variables, true, question)
            .is_some_and(|signs| glob::matches(&signs, &glob::characters(value)))
    };
    Some(values.len() == 6 && parts.iter().zip(&values).all(fits))
}
