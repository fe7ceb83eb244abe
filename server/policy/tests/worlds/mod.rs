//! Worlds made at random, in the form of decision files.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value as Json, json};

const ACTIONS: [&str; 9] = [
    "s3:GetObject",
    "s3:Get*",
    "s3:*",
    "*",
    "S3:putobject",
    "s3:?etObject",
    "s3:*Object",
    "s3:P*t*t",
    "iam:PassRole",
];
const RESOURCES: [&str; 13] = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:username, 'nobody'}/*",
    "arn:aws:s3:::b/${s3:x-amz-acl}*",
    "arn:aws:s3:::b/${*}",
    "arn:aws:s3:::b/*/x/*",
    "arn:aws:s3:::b/*a*b",
    "arn:aws:s3:::?/?",
    "arn:aws:s3",
    "arn:*:s3:::*",
    "arn:aws:s3:::other/*",
];
const KEYS: [&str; 10] = [
    "s3:x-amz-acl",
    "S3:Prefix",
    "aws:username",
    "aws:SourceIp",
    "s3:signatureAge",
    "aws:CurrentTime",
    "aws:SecureTransport",
    "aws:SourceArn",
    "aws:TagKeys",
    "aws:Missing",
];

/// The operators of a family, and values for them: good ones, odd ones, and ones of another family.
fn families() -> Vec<(Vec<&'static str>, Vec<Json>)> {
    vec![
        (
            vec![
                "StringEquals",
                "StringNotEquals",
                "StringEqualsIgnoreCase",
                "StringNotEqualsIgnoreCase",
                "StringLike",
                "StringNotLike",
            ],
            vec![
                json!("a"),
                json!("A"),
                json!("b/"),
                json!("ana"),
                json!("a*"),
                json!("?"),
                json!("*n*"),
                json!(""),
                json!("${aws:username}"),
                json!("${aws:username}*"),
                json!("${aws:Missing}"),
                json!("${aws:Missing, 'a'}"),
                json!("${aws:TagKeys}"),
                json!("${$}"),
                json!("${*}"),
                json!("10"),
                json!(10),
                json!(true),
                json!("203.0.113.*"),
                json!("é"),
            ],
        ),
        (
            vec![
                "NumericEquals",
                "NumericNotEquals",
                "NumericLessThan",
                "NumericLessThanEquals",
                "NumericGreaterThan",
                "NumericGreaterThanEquals",
            ],
            vec![
                json!("10"),
                json!(10),
                json!(11),
                json!("-1"),
                json!("1e1"),
                json!("10.5"),
                json!("0"),
                json!("ten"),
            ],
        ),
        (
            vec![
                "DateEquals",
                "DateNotEquals",
                "DateLessThan",
                "DateLessThanEquals",
                "DateGreaterThan",
                "DateGreaterThanEquals",
            ],
            vec![
                json!("2026-11-21T12:00:00Z"),
                json!("2026-11-21"),
                json!("1795262400"),
                json!("2026-11-21T13:00:00+01:00"),
                json!("2020-01-01T00:00:00Z"),
            ],
        ),
        (
            vec!["Bool"],
            vec![
                json!("true"),
                json!(false),
                json!("TRUE"),
                json!("maybe"),
                json!("${aws:SecureTransport}"),
                json!("${aws:username}"),
            ],
        ),
        (
            vec!["BinaryEquals"],
            vec![json!("YQ=="), json!("YW5h"), json!("MTA=")],
        ),
        (
            vec!["IpAddress", "NotIpAddress"],
            vec![
                json!("203.0.113.0/24"),
                json!("203.0.113.7"),
                json!("0.0.0.0/0"),
                json!("2001:db8::/32"),
                json!("::/0"),
                json!("10.0.0.0/8"),
                json!("no address"),
            ],
        ),
        (
            vec!["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
            vec![
                json!("arn:aws:mobiletargeting:us-east-1:123456789012:apps/*"),
                json!("arn:aws:mobiletargeting:*:*:apps/810c"),
                json!("arn:aws:mobiletargeting:us-east-1:123456789012:apps/810c"),
                json!("arn:*:*:*:*:*"),
                json!("arn:aws:s3:::${s3:x-amz-acl}"),
                json!("arn:aws:s3:::${aws:Missing, 'b'}*"),
                json!("*"),
                json!("arn:aws:s3"),
            ],
        ),
    ]
}

/// One operator with one key.
fn test() -> impl Strategy<Value = (String, String, Json)> {
    let family = select(families()).prop_flat_map(|(operators, values)| {
        let count = 1..=values.len().min(3);
        let set = select(vec!["", "", "ForAllValues:", "ForAnyValue:"]);
        let exists = select(vec!["", "", "IfExists"]);
        (
            set,
            select(operators),
            exists,
            select(KEYS.to_vec()),
            subsequence(values, count),
        )
            .prop_map(|(set, operator, exists, key, mut values)| {
                let values = if values.len() == 1 {
                    values.remove(0)
                } else {
                    Json::Array(values)
                };
                (format!("{set}{operator}{exists}"), key.to_owned(), values)
            })
    });
    let null = (
        select(KEYS.to_vec()),
        select(vec![json!("true"), json!(false), json!(["true", "false"])]),
    )
        .prop_map(|(key, value)| ("Null".to_owned(), key.to_owned(), value));
    let empty = (
        select(vec![
            "StringEquals",
            "StringNotEquals",
            "ForAllValues:StringNotLike",
            "ForAnyValue:StringLike",
        ]),
        select(KEYS.to_vec()),
    )
        .prop_map(|(operator, key)| (operator.to_owned(), key.to_owned(), json!([])));
    prop_oneof![12 => family, 1 => null, 1 => empty]
}

/// Up to three tests, equal operators joined.
pub(crate) fn condition() -> impl Strategy<Value = Json> {
    prop::collection::vec(test(), 0..=3).prop_map(|tests| {
        let mut block = Map::new();
        for (operator, key, values) in tests {
            let keys = block
                .entry(operator)
                .or_insert_with(|| json!({}))
                .as_object_mut()
                .unwrap();
            // Two keys that differ in letter case only are refused.
            if !keys.keys().any(|known| known.eq_ignore_ascii_case(&key)) {
                keys.insert(key, values);
            }
        }
        Json::Object(block)
    })
}

pub(crate) fn context() -> impl Strategy<Value = Json> {
    let given = vec![
        ("s3:x-amz-acl", json!("a")),
        ("s3:x-amz-acl", json!("b/")),
        ("s3:x-amz-acl", json!(["a"])),
        ("s3:PREFIX", json!("A")),
        ("aws:username", json!("ana")),
        ("aws:username", json!("a*")),
        ("aws:SourceIp", json!("203.0.113.7")),
        ("aws:SourceIp", json!("2001:db8::1")),
        ("aws:SourceIp", json!("::ffff:203.0.113.7")),
        ("s3:signatureAge", json!(10)),
        ("s3:signatureAge", json!("many")),
        ("aws:CurrentTime", json!("2026-11-21T12:00:00Z")),
        ("aws:CurrentTime", json!(1_795_262_400)),
        ("aws:SecureTransport", json!(true)),
        ("aws:SecureTransport", json!("False")),
        (
            "aws:SourceArn",
            json!("arn:aws:mobiletargeting:us-east-1:123456789012:apps/810c"),
        ),
        ("aws:SourceArn", json!("arn:aws:s3:::b")),
        ("aws:TagKeys", json!([])),
        ("aws:TagKeys", json!(["a"])),
        ("aws:TagKeys", json!(["a", "b"])),
        ("aws:TagKeys", json!(["A", "10", "ana"])),
    ];
    subsequence(given, 0..=12).prop_map(|given| {
        given
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect::<Map<_, _>>()
            .into()
    })
}

const USERS: [&str; 10] = [
    "*",
    "123456789012",
    "arn:aws:iam::123456789012:root",
    "arn:aws:iam::123456789012:user/ana",
    "arn:aws:iam::123456789012:role/r",
    "arn:aws:sts::123456789012:assumed-role/r/s",
    "arn:aws:sts::123456789012:federated-user/f",
    "999988887777",
    "AIDAUSEREXAMPLE00000A",
    "AROAROLEEXAMPLE00000A",
];

fn principal() -> impl Strategy<Value = Json> {
    prop_oneof![
        1 => Just(json!("*")),
        5 => subsequence(USERS.to_vec(), 1..=4).prop_map(|users| json!({"AWS": users})),
        1 => Just(json!({"Service": "pinpoint.amazonaws.com"})),
        1 => Just(json!({"AWS": "999988887777", "Service": ["pinpoint.amazonaws.com", "ses.amazonaws.com"]})),
    ]
}

fn statement(trust: bool) -> impl Strategy<Value = Json> {
    let action = if trust {
        vec!["sts:AssumeRole", "sts:Assume*", "sts:TagSession", "sts:*"]
    } else {
        ACTIONS.to_vec()
    };
    (
        prop_oneof![3 => Just("Allow"), 1 => Just("Deny")],
        (subsequence(action, 1..=2), prop::bool::weighted(0.1)),
        (
            subsequence(RESOURCES.to_vec(), 1..=3),
            prop::bool::weighted(0.1),
        ),
        prop_oneof![2 => Just(json!({})), 1 => condition()],
    )
        .prop_map(
            move |(effect, (action, not_action), (resource, not_resource), condition)| {
                let mut statement = json!({"Effect": effect, "Condition": condition});
                statement[if not_action && !trust {
                    "NotAction"
                } else {
                    "Action"
                }] = json!(action);
                if !trust {
                    statement[if not_resource {
                        "NotResource"
                    } else {
                        "Resource"
                    }] = json!(resource);
                }
                statement
            },
        )
}

fn document(statement: impl Strategy<Value = Json>, most: usize) -> impl Strategy<Value = Json> {
    versioned(statement, most, vec!["2012-10-17"])
}

/// IAM takes the old version in policies of resources only.
fn old_document(
    statement: impl Strategy<Value = Json>,
    most: usize,
) -> impl Strategy<Value = Json> {
    versioned(
        statement,
        most,
        vec!["2012-10-17", "2012-10-17", "2008-10-17"],
    )
}

fn versioned(
    statement: impl Strategy<Value = Json>,
    most: usize,
    versions: Vec<&'static str>,
) -> impl Strategy<Value = Json> {
    (select(versions), prop::collection::vec(statement, 1..=most))
        .prop_map(|(version, statements)| json!({"Version": version, "Statement": statements}))
}

/// A statement that names somebody, or in a Deny spares somebody.
fn naming(trust: bool) -> impl Strategy<Value = Json> {
    (statement(trust), principal(), prop::bool::weighted(0.3)).prop_map(
        move |(mut statement, principal, not)| {
            let not = not && !trust && statement["Effect"] == "Deny";
            // Trust policies do not take the bare star.
            let principal = if trust && principal == "*" {
                json!({"AWS": "*"})
            } else {
                principal
            };
            statement[if not { "NotPrincipal" } else { "Principal" }] = principal;
            statement
        },
    )
}

fn everyone(
    statement: impl Strategy<Value = Json>,
    effect: Option<&'static str>,
) -> impl Strategy<Value = Json> {
    statement.prop_map(move |mut statement| {
        statement["Principal"] = json!("*");
        if let Some(effect) = effect {
            statement["Effect"] = json!(effect);
        }
        statement
    })
}

/// A service control policy: no more than that service allows to be written.
fn limits() -> impl Strategy<Value = Json> {
    let open = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let deny = statement(false).prop_map(|mut statement| {
        statement["Effect"] = json!("Deny");
        statement
    });
    (
        prop::bool::weighted(0.8),
        prop::collection::vec(deny, 0..=1),
    )
        .prop_map(move |(allows, mut statements)| {
            if allows || statements.is_empty() {
                statements.push(open.clone());
            }
            json!({"Version": "2012-10-17", "Statement": statements})
        })
}

fn resource_policy() -> impl Strategy<Value = Json> {
    prop_oneof![
        1 => Just(Json::Null),
        3 => old_document(naming(false), 3).prop_map(|document| json!({"kind": "resource", "document": document})),
        1 => old_document(naming(true), 3).prop_map(|document| json!({"kind": "trust", "document": document})),
    ]
}

/// Everything a decision depends on.
pub(crate) fn world() -> impl Strategy<Value = Json> {
    let policies = (
        prop::collection::vec(document(statement(false), 4), 0..3),
        prop::option::weighted(0.3, document(statement(false), 3)),
        prop::option::weighted(
            0.3,
            prop::collection::vec(document(statement(false), 3), 0..3),
        ),
        resource_policy(),
        prop::collection::vec(prop::collection::vec(limits(), 1..=2), 0..=2),
        prop::option::weighted(0.2, document(everyone(statement(false), Some("Deny")), 1)),
        prop::option::weighted(0.2, document(everyone(statement(false), None), 3)),
    );
    let request = (
        select(vec![
            "user/ana",
            "user/bob",
            "role/r@s",
            "role/team/r@s",
            "federated-user/f by ana",
            "root",
            "service/pinpoint.amazonaws.com",
            "anonymous",
            "999988887777:user/ana",
        ]),
        select(vec![
            json!(null),
            json!("123456789012"),
            json!("999988887777"),
        ]),
        select(vec![
            "s3:GetObject",
            "S3:PUTOBJECT",
            "sts:AssumeRole",
            "iam:passrole",
        ]),
        select(vec![
            "arn:aws:s3:::b/k",
            "arn:aws:s3:::b/ana/x",
            "arn:aws:s3:::b/a/x/b",
            "arn:aws:s3:::b/nobody/k",
            "arn:aws:s3:::b/*",
            "arn:aws-cn:s3:::b/k",
            "*",
        ]),
        select(vec![
            "plain",
            "plain",
            "trust-must-allow",
            "owner-root-always",
        ]),
        context(),
    );
    (policies, request).prop_map(
        |((identity, boundary, session, resource_policy, scps, rcps, endpoint), (principal, account, action, resource, special, context))| {
            json!({
                "identity": identity, "boundary": boundary, "session": session, "resource_policy": resource_policy,
                "scps": scps, "rcps": rcps.into_iter().map(|policy| vec![policy]).collect::<Vec<_>>(), "endpoint": endpoint,
                "principal": principal, "resource_account": account, "action": action, "resource": resource,
                "special": special, "context": context,
            })
        },
    )
}
