//! From a decision file to a request and its policies.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rolecall_policy::{
    Attached, Context, DuplicateKeys, Explanation, Faults, Layers, Origin, Policy, PolicyKind,
    Principal, Request, Rule, Source, Value,
};
use serde_json::Value as Json;

/// A named policy.
struct Named {
    name: String,
    arn: Option<String>,
    policy: Policy,
}

/// One case of a rule, with everything it borrows from.
#[derive(Default)]
pub(crate) struct Case {
    identity: Vec<Named>,
    boundary: Option<Named>,
    session: Option<Vec<Named>>,
    resource: Option<Named>,
    acl: Option<Named>,
    scps: Vec<Vec<Named>>,
    rcps: Vec<Vec<Named>>,
    endpoint: Option<Named>,
    principal: String,
    action: String,
    resource_arn: String,
    resource_account: Option<String>,
    rule: Rule,
    context: Vec<(String, Json)>,
}

const ACCOUNT: &str = "123456789012";

impl Case {
    /// The rule's own fields, and over them the case's; a context key that is null is taken away.
    pub(crate) fn new(rule: &Json, case: &Json) -> Result<Self, Faults> {
        let field = |name: &str| {
            if case[name].is_null() {
                &rule[name]
            } else {
                &case[name]
            }
        };
        let text = |name: &str, default: &str| field(name).as_str().unwrap_or(default).to_owned();
        let mut context = Vec::new();
        for (key, value) in [rule, case]
            .iter()
            .filter_map(|part| part["context"].as_object())
            .flatten()
        {
            context.retain(|(known, _)| known != key);
            context.push((key.clone(), value.clone()));
        }
        context.retain(|(_, value)| !value.is_null());
        let one = |name: &str, kind| match field(name) {
            Json::Null => Ok(None),
            policy => named(name, policy, kind).map(Some),
        };
        let resource = match field("resource_policy") {
            Json::Null => None,
            policy => {
                let kind = match policy["kind"].as_str() {
                    Some("trust") => PolicyKind::Trust,
                    Some("bucket") => PolicyKind::Bucket,
                    _ => PolicyKind::Resource,
                };
                Some(named(
                    policy["kind"].as_str().unwrap_or("resource"),
                    policy,
                    kind,
                )?)
            }
        };
        let session = match field("session") {
            Json::Array(list) => Some(many("session", list, PolicyKind::Session)?),
            _ => None,
        };
        let levels = |name: &str, kind| -> Result<Vec<Vec<Named>>, Faults> {
            let levels = field(name)
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            levels
                .iter()
                .map(|level| many(name, level.as_array().unwrap(), kind))
                .collect()
        };
        let identity = field("identity")
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        Ok(Self {
            identity: many("policy", identity, PolicyKind::Identity)?,
            boundary: one("boundary", PolicyKind::Boundary)?,
            session,
            resource,
            acl: one("acl", PolicyKind::Resource)?,
            scps: levels("scps", PolicyKind::Scp)?,
            rcps: levels("rcps", PolicyKind::Rcp)?,
            endpoint: one("endpoint", PolicyKind::Endpoint)?,
            principal: text("principal", "user/ana"),
            action: text("action", "s3:GetObject"),
            resource_arn: text("resource", "*"),
            resource_account: field("resource_account").as_str().map(str::to_owned),
            rule: match field("special").as_str() {
                Some("trust-must-allow") => Rule::TrustMustAllow,
                Some("owner-root-always") => Rule::OwnerRootAlways,
                Some("policy-only-denies") => Rule::PolicyOnlyDenies,
                Some("caller-decides") => Rule::CallerDecides,
                _ => Rule::Plain,
            },
            context,
        })
    }

    /// Lends request and policies.
    pub(crate) fn ask(&self, run: impl FnOnce(&Request<'_>, &Layers<'_>)) {
        let mut context = Context::new();
        for (key, value) in &self.context {
            let value = match value {
                Json::Array(list) => Value::List(
                    list.iter()
                        .map(|item| item.as_str().unwrap().into())
                        .collect(),
                ),
                Json::Bool(value) => Value::Bool(*value),
                Json::Number(number) => Value::Number(number.as_f64().unwrap()),
                other => Value::from(other.as_str().unwrap()),
            };
            context.set(key.as_str(), value, Origin::Given);
        }
        let identity: Vec<_> = self.identity.iter().map(Named::attached).collect();
        let session: Option<Vec<_>> = self
            .session
            .as_ref()
            .map(|list| list.iter().map(Named::attached).collect());
        let scps: Vec<Vec<_>> = self
            .scps
            .iter()
            .map(|level| level.iter().map(Named::attached).collect())
            .collect();
        let rcps: Vec<Vec<_>> = self
            .rcps
            .iter()
            .map(|level| level.iter().map(Named::attached).collect())
            .collect();
        let scps: Vec<&[Attached<'_>]> = scps.iter().map(Vec::as_slice).collect();
        let rcps: Vec<&[Attached<'_>]> = rcps.iter().map(Vec::as_slice).collect();
        let layers = Layers {
            identity: &identity,
            boundary: self.boundary.as_ref().map(Named::attached),
            session: session.as_deref(),
            resource: self.resource.as_ref().map(Named::attached),
            acl: self.acl.as_ref().map(Named::attached),
            scps: &scps,
            rcps: &rcps,
            endpoint: self.endpoint.as_ref().map(Named::attached),
        };
        with_principal(&self.principal, |principal| {
            let request = Request {
                principal,
                action: &self.action,
                resource: &self.resource_arn,
                resource_account: self.resource_account.as_deref(),
                rule: self.rule,
                context: &context,
            };
            run(&request, &layers);
        });
    }
}

impl Named {
    fn attached(&self) -> Attached<'_> {
        let source = Source {
            name: &self.name,
            arn: self.arn.as_deref(),
            holder: None,
        };
        Attached {
            source,
            policy: &self.policy,
        }
    }
}

fn many(name: &str, list: &[Json], kind: PolicyKind) -> Result<Vec<Named>, Faults> {
    list.iter()
        .map(|policy| named(name, policy, kind))
        .collect()
}

/// A document, `"guide/FILE"`, or `{name, arn, document, replace, duplicate_keys, canonical_users, text}` around one.
fn named(name: &str, json: &Json, kind: PolicyKind) -> Result<Named, Faults> {
    let wrapped = json.get("document").is_some() || json.get("text").is_some();
    let document = match (wrapped, json.get("text")) {
        (_, Some(text)) => text,
        (true, None) => &json["document"],
        (false, None) => json,
    };
    let mut text = match document {
        Json::String(file) if file.starts_with("guide/") => guide(file),
        Json::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap(),
    };
    for (word, value) in json["replace"].as_object().into_iter().flatten() {
        text = replace_word(&text, word, value.as_str().unwrap());
    }
    let keys = if json["duplicate_keys"] == "last" {
        DuplicateKeys::Last
    } else {
        DuplicateKeys::Refuse
    };
    let policy = Policy::parse_with(&text, kind, keys)?
        .with_canonical_users(|id| json["canonical_users"][id].as_str().map(str::to_owned));
    Ok(Named {
        name: json["name"].as_str().unwrap_or(name).to_owned(),
        arn: json["arn"].as_str().map(str::to_owned),
        policy,
    })
}

/// A policy of the Amazon Pinpoint guide, as printed there.
pub(crate) fn guide(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Replaces whole words, as the guide tells its readers to.
pub(crate) fn replace_word(text: &str, word: &str, value: &str) -> String {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let inside = |character: Option<char>| {
            character.is_some_and(|character| character.is_alphanumeric())
        };
        replaced.push_str(before);
        let whole = !inside(before.chars().next_back()) && !inside(after.chars().next());
        replaced.push_str(if whole { value } else { word });
        rest = after;
    }
    replaced + rest
}

/// `root`, `user/PATH/NAME`, `role/PATH/NAME@SESSION`, `federated-user/NAME by USER`, `federated/PROVIDER`,
/// `service/NAME`, `anonymous`; an account in front with a colon, and a partition before that.
pub(crate) fn with_principal(text: &str, run: impl FnOnce(Principal<'_>)) {
    let (partition, text) = match text.split_once(':') {
        Some((partition, rest)) if partition.starts_with("aws") => (partition, rest),
        _ => ("aws", text),
    };
    let (account, who) = match text.split_once(':') {
        Some((account, who)) if account.len() == 12 => (account, who),
        _ => (ACCOUNT, text),
    };
    let (kind, rest) = who.split_once('/').unwrap_or((who, ""));
    let base = |name: &str| name.rsplit('/').next().unwrap().to_owned();
    match kind {
        "root" => run(Principal::Root {
            account,
            arn: &format!("arn:{partition}:iam::{account}:root"),
        }),
        "user" => run(Principal::User {
            account,
            arn: &format!("arn:{partition}:iam::{account}:user/{rest}"),
            id: "AIDAUSEREXAMPLE00000A",
            name: &base(rest),
        }),
        "role" => {
            let (role, session) = rest.split_once('@').unwrap_or((rest, "session"));
            run(Principal::RoleSession {
                account,
                role_arn: &format!("arn:{partition}:iam::{account}:role/{role}"),
                role_id: "AROAROLEEXAMPLE00000A",
                session_arn: &format!(
                    "arn:{partition}:sts::{account}:assumed-role/{}/{session}",
                    base(role)
                ),
                session_name: session,
            });
        }
        "federated-user" => {
            let (name, user) = rest.split_once(" by ").unwrap_or((rest, "ana"));
            run(Principal::FederatedUser {
                account,
                arn: &format!("arn:{partition}:sts::{account}:federated-user/{name}"),
                user_arn: &format!("arn:{partition}:iam::{account}:user/{user}"),
                user_id: Some("AIDAUSEREXAMPLE00000A"),
                name,
            });
        }
        "federated" => run(Principal::Federated { provider: rest }),
        "service" => run(Principal::Service { name: rest }),
        "anonymous" => run(Principal::Anonymous),
        other => panic!("no such principal: {other}"),
    }
}

pub(crate) fn texts(json: &Json) -> Vec<String> {
    match json {
        Json::String(text) => vec![text.clone()],
        Json::Array(list) => list
            .iter()
            .map(|item| item.as_str().unwrap().to_owned())
            .collect(),
        _ => Vec::new(),
    }
}

pub(crate) fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(json_files(&path));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
    files
}

/// What a denial says: why, the excerpt, the underlined text.
pub(crate) fn denial(case: &Json, explanation: &Explanation, why: &[String]) -> String {
    let mut said = heading(case);
    writeln!(said, "why: {}", why.join("; ")).unwrap();
    writeln!(said, "aws: {}", explanation.reason).unwrap();
    if let Some(excerpt) = explanation.excerpt() {
        write!(said, "{excerpt}").unwrap();
        writeln!(said, "underlined: {:?}", excerpt.underlined()).unwrap();
    }
    said + "\n"
}

pub(crate) fn refusal(case: &Json, refused: &Faults) -> String {
    heading(case) + &faults(refused) + "\n"
}

pub(crate) fn faults(faults: &Faults) -> String {
    let mut said = format!("{}: {faults}\n", faults.aws_code());
    for fault in faults.iter() {
        let help = fault
            .help
            .as_ref()
            .map(|help| format!("; help: {help}"))
            .unwrap_or_default();
        let also = fault
            .also
            .as_ref()
            .map(|(span, label)| format!("; {label} at {span:?}"))
            .unwrap_or_default();
        writeln!(
            said,
            "  {} at {:?}: {}{also}{help}",
            fault.code.name(),
            fault.span,
            fault.why
        )
        .unwrap();
    }
    said
}

fn heading(case: &Json) -> String {
    format!("--- {}\n", case["name"].as_str().unwrap_or("(unnamed)"))
}
