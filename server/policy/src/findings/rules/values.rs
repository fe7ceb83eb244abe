//! Condition operators and the values under them.

use std::net::IpAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ipnet::IpNet;

use super::principal::is_service_principal;
use crate::date::Instant;
use crate::findings::Found;
use crate::findings::catalog::{Catalog, KeyKind, Looked};
use crate::findings::codes::*;
use crate::findings::document::{Document, Test, Text, members};
use crate::json::{Json, Node};
use crate::operator::{Family, Operator, TextMatch};

fn each<'d, 't>(document: &'d Document<'t>) -> impl Iterator<Item = &'d Test<'t>> {
    document
        .statements
        .iter()
        .flat_map(|statement| &statement.tests)
}

pub(super) fn operators(document: &Document<'_>, found: &mut Found<'_>) {
    let conditions = document
        .statements
        .iter()
        .filter_map(|statement| statement.get("Condition"));
    for operator in conditions.flat_map(|member| members(&member.value)) {
        let place = operator.name_span.clone();
        let name: &str = &operator.name;
        if Operator::parse(name).is_some() {
            continue;
        }
        let bare = name.split_once(':').map_or(name, |(_, base)| base);
        if bare == "NullIfExists" {
            found.add(
                &NULL_WITH_IF_EXISTS,
                "The Null condition operator cannot be used with the IfExists suffix. Update the operator or the suffix.",
                [place],
            );
        } else if matches!(name, "ForAllValues:Null" | "ForAnyValue:Null") {
            found.add(
                &NULL_WITH_QUALIFIER,
                "Avoid using the Null condition operator with the ForAllValues or ForAnyValue qualifiers: such a condition is always true or always false.",
                [place],
            );
        } else {
            let meant = Operator::nearest(bare)
                .map_or_else(String::new, |known| format!(" Did you mean `{known}`?"));
            found.add(
                &INVALID_CONDITION_OPERATOR,
                format!("The condition operator `{name}` is not valid. Use a valid condition operator.{meant}"),
                [place],
            );
        }
    }
}

/// One JSON type in a list, and one boolean.
pub(super) fn data_types(document: &Document<'_>, found: &mut Found<'_>) {
    for test in each(document) {
        let scalar =
            |node: &&Node| matches!(node.value, Json::Text(_) | Json::Number(_) | Json::Bool(_));
        let mut types = test
            .values
            .iter()
            .filter(scalar)
            .map(|node| node.value.type_name());
        if let Some(first) = types.next()
            && types.any(|other| other != first)
        {
            found.add(
                &INVALID_CONDITION_DATA_TYPE,
                "The condition value data types do not match. Use condition values of the same JSON data type.",
                [test.key.value.span.clone()],
            );
        }
        if test.base() == "Bool" && test.qualifier().is_none() && test.values.len() > 1 {
            found.add(
                &INVALID_CONDITION_MULTIPLE_BOOLEAN,
                format!("The condition key {} does not support multiple Boolean values. Use a single Boolean value.", test.key.name),
                [test.key.value.span.clone()],
            );
        }
    }
}

fn word(node: &Node) -> Option<&str> {
    match &node.value {
        Json::Text(text) | Json::Number(text) => Some(text),
        Json::Bool(true) => Some("true"),
        Json::Bool(false) => Some("false"),
        _ => None,
    }
}

pub(super) fn types(document: &Document<'_>, found: &mut Found<'_>) {
    for test in each(document) {
        let Some(operator) = test.parsed else {
            continue;
        };
        key_type(test, operator.family, found);
        for node in test.values {
            let Some(text) = word(node) else { continue };
            // Variables under such operators have a rule of their own.
            if !text.contains("${") {
                value(node, text, operator.family, found);
            }
        }
    }
}

/// Whether an operator reads the value as what the key is. Dates may be numbers of seconds, and text operators read
/// everything; ARNs as text are common and work.
fn key_type(test: &Test<'_>, family: Family, found: &mut Found<'_>) {
    let Looked::Known(key) = Catalog::get().key(&test.key.name) else {
        return;
    };
    let fits = match (family, key.kind) {
        (Family::Null, _) => true,
        (Family::Text(_), kind) => matches!(kind, KeyKind::Text | KeyKind::Arn | KeyKind::Bool),
        (Family::Number(_), kind) => kind == KeyKind::Number || key.name == "aws:EpochTime",
        (Family::Date(_), kind) => kind == KeyKind::Date,
        (Family::Bool, kind) => kind == KeyKind::Bool,
        (Family::Ip, kind) => kind == KeyKind::Ip,
        (Family::Arn, kind) => kind == KeyKind::Arn,
        (Family::Binary, _) => false,
    };
    if fits {
        return;
    }
    let wanted = match key.kind {
        KeyKind::Text => "String",
        KeyKind::Number => "Numeric",
        KeyKind::Date => "Date",
        KeyKind::Bool => "Bool",
        KeyKind::Arn => "Arn",
        KeyKind::Ip => "IpAddress",
    };
    found.add(
        &TYPE_MISMATCH,
        format!(
            "Use the operator type {wanted} instead of operator {} for the condition key {}.",
            test.base(),
            test.key.name
        ),
        [test.operator.name_span.clone(), test.key.name_span.clone()],
    );
}

fn value(node: &Node, text: &str, family: Family, found: &mut Found<'_>) {
    let place = [node.span.clone()];
    match family {
        Family::Bool if !text.eq_ignore_ascii_case("true") && !text.eq_ignore_ascii_case("false") => found.add(
            &TYPE_MISMATCH_BOOLEAN,
            "Add a valid Boolean value (true or false) for the condition operator.",
            place,
        ),
        Family::Null if !matches!(text, "true" | "false") => found.add(
            &TYPE_MISMATCH_BOOLEAN,
            "Add a valid Boolean value (true or false) for the condition operator.",
            place,
        ),
        Family::Number(_) if text.trim().parse::<f64>().is_err() => found.add(
            &TYPE_MISMATCH_NUMBER,
            "Add a valid numeric value for the condition operator.",
            place,
        ),
        Family::Date(_) if Instant::parse(text).is_none() => found.add(
            &TYPE_MISMATCH_DATE,
            "The date condition operator is used with an invalid value. Specify a valid date using YYYY-MM-DD or other ISO 8601 date/time format.",
            place,
        ),
        Family::Date(_) if text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() != 4 => found.add(
            &INVALID_DATE_VALUE,
            "The date is given in seconds since 1970 and might not resolve as expected. Use the YYYY-MM-DD format.",
            place,
        ),
        Family::Ip => address(node, text, found),
        Family::Binary if BASE64_STANDARD.decode(text).is_err() => found.add(
            &TYPE_MISMATCH_STRING,
            "Add a valid base64-encoded string value for the condition operator.",
            place,
        ),
        Family::Text(TextMatch::Exact | TextMatch::IgnoreCase) if text.contains(['*', '?']) => found.add(
            &WILDCARD_WITHOUT_LIKE_OPERATOR,
            "Your condition value includes a * or ? character. If you meant to use a wildcard (*, ?), update the condition operator to include Like.",
            place,
        ),
        _ => {}
    }
}

fn address(node: &Node, text: &str, found: &mut Found<'_>) {
    let Some(net) = net(text) else {
        found.add(
            &TYPE_MISMATCH_IP_RANGE,
            "The condition operator is used with an invalid IP range value. Specify the IP range in standard CIDR format.",
            [node.span.clone()],
        );
        return;
    };
    if net.addr() != net.network() {
        found.add(
            &IMPROVE_IP_RANGE,
            format!("The non-zero bits in the IP address after the masked bits are ignored. Replace address with {}.", net.trunc()),
            [node.span.clone()],
        );
    }
}

fn net(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Ranges that never reach AWS over the public network.
const PRIVATE: [&str; 7] = [
    "10.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fc00::/7",
    "fe80::/10",
];

fn is_private(net: &IpNet) -> bool {
    PRIVATE
        .iter()
        .filter_map(|range| range.parse::<IpNet>().ok())
        .any(|range| range.contains(net))
}

pub(super) fn addresses(document: &Document<'_>, found: &mut Found<'_>) {
    for test in each(document) {
        let Some(Operator {
            family: Family::Ip,
            negated,
            ..
        }) = test.parsed
        else {
            continue;
        };
        if !test.key.name.eq_ignore_ascii_case("aws:SourceIp") {
            continue;
        }
        let nets: Vec<_> = test
            .texts()
            .filter_map(|text| Some((net(text.text)?, text)))
            .collect();
        let private: Vec<_> = nets
            .iter()
            .filter(|(net, _)| is_private(net))
            .map(|(_, text)| text.span())
            .collect();
        if private.is_empty() {
            continue;
        }
        let (code, details) = match (private.len() == nets.len(), negated) {
            (true, false) => (
                &PRIVATE_IP_ADDRESS,
                "The values for condition key aws:SourceIp include only private IP addresses and will never match: aws:SourceIp works only for public IP address ranges.",
            ),
            (true, true) => (
                &PRIVATE_NOTIPADDRESS,
                "The values for condition key aws:SourceIp include only private IP addresses and the condition has no effect: aws:SourceIp works only for public IP address ranges.",
            ),
            (false, false) => (
                &PRIVATE_IP_ADDRESS_SUBSET,
                "The values for condition key aws:SourceIp include a mix of private and public IP addresses. The private ones never match. For private IP ranges use aws:VpcSourceIp.",
            ),
            (false, true) => (
                &PRIVATE_NOTIPADDRESS_SUBSET,
                "The values for condition key aws:SourceIp include a mix of private and public IP addresses. The private ones have no effect. For private IP ranges use aws:VpcSourceIp.",
            ),
        };
        found.add(code, details, private);
    }
}

/// Values that have a form of their own, by key.
pub(super) fn identifiers(document: &Document<'_>, found: &mut Found<'_>) {
    for test in each(document) {
        let key = test.key.name.to_ascii_lowercase();
        let exact = matches!(
            test.parsed,
            Some(Operator {
                family: Family::Text(_),
                ..
            })
        );
        if !exact {
            continue;
        }
        for text in test.texts() {
            if !text.text.contains(['*', '?']) && !text.text.contains("${") {
                identifier(&key, &text, found);
            }
        }
    }
}

fn identifier(key: &str, text: &Text<'_>, found: &mut Found<'_>) {
    let place = [text.span()];
    let value = text.text;
    match key {
        "aws:requestedregion" if !Catalog::get().is_region(value, None) => found.add(
            &INVALID_REGION,
            format!("The Region `{value}` is not valid. Update the condition value to a supported Region."),
            place,
        ),
        "aws:sourcevpc" if !is_id(value, "vpc-") => found.add(
            &INVALID_VPC_FORMAT,
            "The VPC identifier in the condition key value is not valid. Use the prefix 'vpc-' followed by 8 or 17 alphanumeric characters.",
            place,
        ),
        "aws:sourcevpce" if !is_id(value, "vpce-") => found.add(
            &INVALID_VPCE_FORMAT,
            "The VPCE identifier in the condition key value is not valid. Use the prefix 'vpce-' followed by 8 or 17 alphanumeric characters.",
            place,
        ),
        "iam:passedtoservice" | "iam:awsservicename" | "aws:principalservicename" | "aws:principalservicenameslist"
        | "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast"
            if !is_service_principal(value) =>
        {
            found.add(
                &INVALID_SERVICE_PRINCIPAL_FORMAT,
                format!("The service principal `{value}` does not match the expected format. Use the format service-name.amazonaws.com."),
                place,
            );
        }
        _ => {}
    }
}

fn is_id(value: &str, prefix: &str) -> bool {
    value.strip_prefix(prefix).is_some_and(|id| {
        matches!(id.len(), 8 | 17) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
