//! The policies that are measured, from one model, so that every engine gets the same ones.

use std::fmt::Write as _;

use rolecall_policy::{
    Attached, Context, Layers, Origin, Policy, PolicyKind, Principal, Request, Rule, Source, Value,
};

pub(crate) const GUIDE: &str = include_str!("../../tests/guide/s3policy.json");
pub(crate) const INSIDE: &str = "arn:aws:s3:::example-bucket/Exports/2026/11/21/810c.gz";
pub(crate) const OUTSIDE: &str = "arn:aws:s3:::example-bucket/exports/2026/11/21/810c.gz";

/// A statement without conditions: what IAM and Cedar can both say.
pub(crate) struct Says {
    pub(crate) actions: Vec<String>,
    pub(crate) resources: Vec<String>,
}

impl Says {
    fn new(actions: &[&str], resources: impl IntoIterator<Item = String>) -> Self {
        Self {
            actions: actions.iter().map(|action| (*action).to_owned()).collect(),
            resources: resources.into_iter().collect(),
        }
    }
}

#[cfg(rolecall_peers)]
/// The guide's policy as far as a PutObject is concerned; its conditions are on ListBucket.
pub(crate) fn guide() -> Vec<Says> {
    let bucket = || ["arn:aws:s3:::example-bucket".to_owned()];
    vec![
        Says::new(
            &["s3:ListAllMyBuckets", "s3:GetBucketLocation"],
            ["arn:aws:s3:::*".to_owned()],
        ),
        Says::new(&["s3:ListBucket"], bucket()),
        Says::new(&["s3:ListBucket"], bucket()),
        Says::new(
            &["s3:*"],
            ["arn:aws:s3:::example-bucket/Exports/*".to_owned()],
        ),
    ]
}

/// A hundred statements on a hundred folders; the request is about the last.
pub(crate) fn hundred() -> Vec<Says> {
    (0..100)
        .map(|number| {
            let (action, folder) = match number {
                99 => ("s3:PutObject", "Exports".to_owned()),
                _ => ("s3:GetObject", format!("folder-{number:02}")),
            };
            Says::new(
                &[action],
                [format!("arn:aws:s3:::example-bucket/{folder}/*")],
            )
        })
        .collect()
}

/// Ten policies of four statements and about 6 KB each, on four services; the last one is about exports.
pub(crate) fn ten() -> Vec<Vec<Says>> {
    (0..10)
        .map(|policy| {
            let folders = |name: &str| {
                (0..20).map(|folder| format!("arn:aws:s3:::{name}-{policy}/department-{folder:02}/reports/*")).collect::<Vec<_>>()
            };
            let projects = (0..20).map(|project| {
                format!("arn:aws:mobiletargeting:us-east-1:123456789012:apps/{project:016x}{policy:016x}/*")
            });
            let write = if policy == 9 { vec!["arn:aws:s3:::example-bucket/Exports/*".to_owned()] } else { folders("write") };
            vec![
                Says::new(&["s3:GetObject", "s3:GetObjectTagging", "s3:ListBucket"], folders("read")),
                Says::new(&["mobiletargeting:Get*", "mobiletargeting:List*"], projects),
                Says::new(&["iam:GetRole", "iam:PassRole"], (0..20).map(|role| {
                    format!("arn:aws:iam::123456789012:role/team-{policy}/application-{role:02}-runner")
                })),
                Says::new(&["s3:PutObject", "s3:DeleteObject"], write),
            ]
        })
        .collect()
}

/// As an IAM document.
pub(crate) fn document(statements: &[Says]) -> String {
    let quoted = |list: &[String]| {
        list.iter()
            .map(|text| format!("{text:?}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut text = String::from("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [");
    for (index, Says { actions, resources }) in statements.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write!(
            text,
            "{comma}\n    {{\"Sid\": \"S{index}\", \"Effect\": \"Allow\", \"Action\": [{}], \"Resource\": [{}]}}",
            quoted(actions),
            quoted(resources)
        )
        .unwrap();
    }
    text + "\n  ]\n}\n"
}

pub(crate) fn parse(text: &str, kind: PolicyKind) -> Policy {
    Policy::parse(text, kind).unwrap()
}

/// Everything in force, owned.
pub(crate) struct World {
    pub(crate) identity: Vec<Policy>,
    pub(crate) boundary: Option<Policy>,
    pub(crate) session: Option<Policy>,
}

impl World {
    pub(crate) fn guide() -> Self {
        Self {
            identity: vec![parse(GUIDE, PolicyKind::Identity)],
            boundary: None,
            session: None,
        }
    }

    pub(crate) fn hundred() -> Self {
        Self {
            identity: vec![parse(&document(&hundred()), PolicyKind::Identity)],
            boundary: None,
            session: None,
        }
    }

    pub(crate) fn ten() -> Self {
        let limit = |kind| {
            parse(
                &document(&[Says::new(&["s3:*", "mobiletargeting:*"], ["*".to_owned()])]),
                kind,
            )
        };
        Self {
            identity: ten()
                .iter()
                .map(|policy| parse(&document(policy), PolicyKind::Identity))
                .collect(),
            boundary: Some(limit(PolicyKind::Boundary)),
            session: Some(limit(PolicyKind::Session)),
        }
    }

    /// Lends a request of the export role on a resource.
    pub(crate) fn ask<R>(
        &self,
        resource: &str,
        run: impl FnOnce(&Request<'_>, &Layers<'_>) -> R,
    ) -> R {
        let source = Source {
            name: "policy",
            arn: None,
            holder: None,
        };
        let attached = |policy| Attached { source, policy };
        let identity: Vec<_> = self.identity.iter().map(attached).collect();
        let session: Option<Vec<_>> = self.session.as_ref().map(|policy| vec![attached(policy)]);
        let layers = Layers {
            identity: &identity,
            boundary: self.boundary.as_ref().map(attached),
            session: session.as_deref(),
            ..Layers::default()
        };
        let context = context();
        let request = Request {
            principal: Principal::RoleSession {
                account: "123456789012",
                role_arn: "arn:aws:iam::123456789012:role/s3ExportRole",
                role_id: "AROAEXAMPLEEXAMPLE000",
                session_arn: "arn:aws:sts::123456789012:assumed-role/s3ExportRole/pinpoint",
                session_name: "pinpoint",
            },
            action: "s3:PutObject",
            resource,
            resource_account: Some("123456789012"),
            rule: Rule::Plain,
            context: &context,
        };
        run(&request, &layers)
    }
}

/// What a server fills in for such a request.
fn context() -> Context<'static> {
    let mut context = Context::new();
    for (key, value) in [
        (
            "aws:PrincipalArn",
            "arn:aws:iam::123456789012:role/s3ExportRole",
        ),
        ("aws:PrincipalAccount", "123456789012"),
        ("aws:PrincipalType", "AssumedRole"),
        ("aws:userid", "AROAEXAMPLEEXAMPLE000:pinpoint"),
        ("aws:RequestedRegion", "us-east-1"),
        ("aws:UserAgent", "aws-cli/2.31.0"),
        ("aws:ResourceAccount", "123456789012"),
        ("s3:authType", "REST-HEADER"),
        ("s3:signatureversion", "AWS4-HMAC-SHA256"),
    ] {
        context.set(key, value, Origin::Request);
    }
    context.set(
        "aws:SecureTransport",
        Value::Bool(false),
        Origin::Connection,
    );
    context.set("aws:ViaAWSService", Value::Bool(false), Origin::Service);
    context.set(
        "aws:SourceIp",
        Value::Ip([127, 0, 0, 1].into()),
        Origin::Connection,
    );
    context.set(
        "aws:EpochTime",
        Value::Number(1_795_262_400.0),
        Origin::Clock,
    );
    context
}
