//! One case: from a line of JSON to policies and a request.

use super::field::{Read, field, flag, list, needed, needed_text, text};
use super::{Judged, Verdict};
use crate::findings::reached_by_rcps;
use crate::json::{self, Json, Node};
use crate::{
    Attached, Context, Faults, Layers, Origin, Policy, PolicyKind, Principal, Request, Rule,
    Source, Value, explain,
};

/// Stands for a unique id or an ARN that a case does not give; no policy can name it.
const UNKNOWN: &str = "(unknown)";

/// What a case about a document expects when it expects no refusal.
pub(super) const VALID: &str = "valid";

pub(super) fn judge(line: &str, number: usize) -> Read<Judged> {
    let (case, _) = json::read(line).map_err(|fault| fault.why)?;
    let id = text(&case, "id")?.map_or_else(|| format!("line {number}"), str::to_owned);
    let judged = |expected: &str, verdict, doubt: Option<&str>, strict| Judged {
        line: number,
        id,
        expected: expected.to_owned(),
        verdict,
        doubt: doubt.map(str::to_owned),
        strict,
    };
    if let Some(document) = text(&case, "document")? {
        let expected = match text(&case, "message")? {
            None if flag(&case, "valid") => VALID,
            None => return Err("`valid` or `message` is missing".to_owned()),
            Some(message) => message,
        };
        let verdict = match Policy::parse(document, PolicyKind::Identity) {
            Ok(_) => Verdict::Taken,
            Err(faults) => Verdict::Refused(faults),
        };
        return Ok(judged(expected, verdict, None, true));
    }
    let expected = needed_text(&case, "expected")?;
    let verdict = match Policies::read(&case, line)? {
        Ok(policies) => Verdict::Decided(Box::new(policies.ask(needed(&case, "request")?)?)),
        Err(faults) => Verdict::Refused(faults),
    };
    Ok(judged(
        expected,
        verdict,
        text(&case, "doubt")?,
        flag(&case, "strict_core"),
    ))
}

/// Every policy of a case.
struct Policies {
    identity: Vec<Policy>,
    boundary: Option<Policy>,
    session: Option<Policy>,
    resource: Option<Policy>,
    scps: Vec<Vec<Policy>>,
    rcps: Vec<Vec<Policy>>,
    endpoint: Option<Policy>,
}

impl Policies {
    /// Outside: whether it is a case at all; inside: whether IAM would store its policies.
    fn read(case: &Node, line: &str) -> Read<Result<Self, Faults>> {
        let one = |name: &str, kind| {
            field(case, name)
                .map(|node| policy(node, line, kind))
                .transpose()
        };
        let only = |name: &str, kind| match list(case, name)? {
            [] => Ok(Ok(None)),
            [one] => Ok(policy(one, line, kind).map(Some)),
            _ => Err(format!("`{name}` has more than one policy")),
        };
        let levels = |name: &str, kind| -> Read<Result<Vec<Vec<Policy>>, Faults>> {
            let mut levels = Vec::new();
            for level in list(case, name)? {
                match many(list(level, "policies")?, line, kind) {
                    Ok(policies) => levels.push(policies),
                    Err(faults) => return Ok(Err(faults)),
                }
            }
            Ok(Ok(levels))
        };
        let boundary = only("permission_boundaries", PolicyKind::Boundary)?;
        let endpoint = only("endpoint_policies", PolicyKind::Endpoint)?;
        let (scps, rcps) = (
            levels("scps", PolicyKind::Scp)?,
            levels("rcps", PolicyKind::Rcp)?,
        );
        let identity = list(case, "identity_policies")?;
        let stored = || {
            Ok(Self {
                identity: many(identity, line, PolicyKind::Identity)?,
                boundary: boundary?,
                session: one("session_policy", PolicyKind::Session)?,
                resource: one("resource_policy", PolicyKind::Bucket)?,
                scps: scps?,
                rcps: rcps?,
                endpoint: endpoint?,
            })
        };
        Ok(stored())
    }

    fn ask(&self, request: &Node) -> Read<crate::Explanation> {
        let identity = attached(&self.identity);
        let session: Option<Vec<_>> = self.session.as_ref().map(|policy| vec![attach(policy)]);
        let action = needed_text(request, "action")?;
        // A resource control policy says nothing about a service that they do not reach.
        let service = action.split(':').next().unwrap_or_default();
        let rcps = match reached_by_rcps(service) {
            true => levels(&self.rcps),
            false => Vec::new(),
        };
        let scps = levels(&self.scps);
        let scps: Vec<&[_]> = scps.iter().map(Vec::as_slice).collect();
        let rcps: Vec<&[_]> = rcps.iter().map(Vec::as_slice).collect();
        let layers = Layers {
            identity: &identity,
            boundary: self.boundary.as_ref().map(attach),
            session: session.as_deref(),
            resource: self.resource.as_ref().map(attach),
            acl: None,
            scps: &scps,
            rcps: &rcps,
            endpoint: self.endpoint.as_ref().map(attach),
        };
        let context = context(request)?;
        let caller = needed(request, "principal")?;
        let arn = text(caller, "arn")?.unwrap_or_default();
        let role_arn = role_of(arn);
        let principal = match text(caller, "service")? {
            Some(name) => Principal::Service { name },
            None if arn.is_empty() => Principal::Anonymous,
            None => principal(arn, &role_arn)?,
        };
        let request = Request {
            principal,
            action,
            resource: text(request, "resource")?.unwrap_or("*"),
            resource_account: text(request, "resource_account")?,
            rule: rule(action),
            context: &context,
        };
        Ok(explain(&request, &layers))
    }
}

/// Those that the root user of a bucket's owner can always do, whatever the bucket's policy says.
const NEVER_LOCKED_OUT: [&str; 3] = [
    "s3:DeleteBucketPolicy",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
];

fn rule(action: &str) -> Rule {
    let mut never = NEVER_LOCKED_OUT.into_iter();
    match never.any(|known| known.eq_ignore_ascii_case(action)) {
        true => Rule::OwnerRootAlways,
        false => Rule::Plain,
    }
}

fn attach(policy: &Policy) -> Attached<'_> {
    let source = Source {
        name: "policy",
        arn: None,
        holder: None,
    };
    Attached { source, policy }
}

fn attached(policies: &[Policy]) -> Vec<Attached<'_>> {
    policies.iter().map(attach).collect()
}

fn levels(levels: &[Vec<Policy>]) -> Vec<Vec<Attached<'_>>> {
    levels.iter().map(|level| attached(level)).collect()
}

fn many(nodes: &[Node], line: &str, kind: PolicyKind) -> Result<Vec<Policy>, Faults> {
    nodes.iter().map(|node| policy(node, line, kind)).collect()
}

/// A policy within the line. IAM wants a version where other engines let it be missing, but for policies of buckets
/// and endpoints, which are of 2008 without one.
fn policy(node: &Node, line: &str, kind: PolicyKind) -> Result<Policy, Faults> {
    let text = line.get(node.span.clone()).unwrap_or_default();
    let optional = matches!(kind, PolicyKind::Bucket | PolicyKind::Endpoint);
    let versioned = optional || field(node, "Version").is_some();
    match text.strip_prefix('{').filter(|_| !versioned) {
        Some(rest) => Policy::parse(&format!(r#"{{"Version": "2012-10-17", {rest}"#), kind),
        None => Policy::parse(text, kind),
    }
}

fn context(request: &Node) -> Read<Context<'_>> {
    let mut context = Context::new();
    let Some(Node {
        value: Json::Object(members),
        ..
    }) = field(request, "context")
    else {
        return Ok(context);
    };
    for member in members {
        let value = match &member.value.value {
            Json::List(list) => Value::List(
                list.iter()
                    .map(|node| single(node).map(Into::into))
                    .collect::<Read<_>>()?,
            ),
            // One collection keeps the time of a token in milliseconds.
            Json::Text(text) if &*member.name == "aws:TokenIssueTime" && text.len() == 13 => {
                let time = text
                    .parse()
                    .ok()
                    .and_then(|time| jiff::Timestamp::from_millisecond(time).ok());
                time.map_or_else(|| Value::from(&**text), Value::Time)
            }
            _ => Value::from(single(&member.value)?),
        };
        context.set(&*member.name, value, Origin::Given);
    }
    Ok(context)
}

fn single(node: &Node) -> Read<&str> {
    Ok(match &node.value {
        Json::Text(text) | Json::Number(text) => text,
        Json::Bool(true) => "true",
        Json::Bool(false) => "false",
        other => return Err(format!("a context value is {}", other.type_name())),
    })
}

/// The role of a session, as far as its ARN tells: without the path.
fn role_of(session: &str) -> String {
    let Some((_, role)) = session.split_once(":assumed-role/") else {
        return String::new();
    };
    let account = session.split(':').nth(4).unwrap_or_default();
    format!(
        "arn:aws:iam::{account}:role/{}",
        role.split('/').next().unwrap_or(role)
    )
}

fn principal<'a>(arn: &'a str, role_arn: &'a str) -> Read<Principal<'a>> {
    let unknown = || format!("`{arn}` is nobody who can ask");
    let [_, _, _, _, account, who] = crate::arn::parts(arn).ok_or_else(unknown)?;
    let (kind, name) = who.split_once('/').unwrap_or((who, ""));
    let name = name.rsplit('/').next().unwrap_or(name);
    Ok(match kind {
        "root" => Principal::Root { account, arn },
        "user" => Principal::User {
            account,
            arn,
            id: UNKNOWN,
            name,
        },
        "assumed-role" => Principal::RoleSession {
            account,
            role_arn,
            role_id: UNKNOWN,
            session_arn: arn,
            session_name: name,
        },
        "federated-user" => Principal::FederatedUser {
            account,
            arn,
            user_arn: UNKNOWN,
            user_id: None,
            name,
        },
        _ => return Err(unknown()),
    })
}
