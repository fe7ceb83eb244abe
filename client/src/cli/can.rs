//! `rolecall can`: one question, yes or no.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rolecall::endpoint::operations::Service;
use rolecall::endpoint::{Call, Credentials, Endpoint};
use rolecall_policy::findings::known_action;
use rolecall_policy::{Explanation, PolicyKind};
use rolecall_server::Server;
use serde_json::{Map, Value, json};

use super::args::{Answer, Can};
use super::{Failed, Outcome, lint, out, server};

/// The role that a bare `--trust` is about.
const ROLE: &str = "role";

pub(super) fn main(args: Can) -> Outcome {
    let question = Question::read(&args)?;
    let explanation = server::runtime()?.block_on(async {
        if args.policy.is_empty() && args.trust.is_none() {
            let endpoint = Endpoint::running(&server::address(&args.at))?;
            return question.ask(&endpoint).await;
        }
        let server = Server::builder()
            .port(0)
            .start()
            .await
            .map_err(|error| Failed::new(error.to_string()))?;
        let endpoint = Endpoint::new(&server.endpoint())?;
        question
            .make_world(&args.policy, args.trust.as_deref(), &endpoint)
            .await?;
        let asked = question.ask(&endpoint).await;
        server.stop().await;
        asked
    })?;
    out::print(&text(&explanation, args.verbose));
    let allowed = explanation.allowed();
    let good = match args.expect {
        None | Some(Answer::Allowed) => allowed,
        Some(Answer::Denied) => !allowed,
    };
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The question as the words of the command line put it.
#[derive(Debug)]
struct Question {
    who: String,
    action: String,
    resource: String,
    context: Map<String, Value>,
}

impl Question {
    fn read(args: &Can) -> Result<Self, Failed> {
        let local = !args.policy.is_empty() || args.trust.is_some();
        let mut words = args.words.iter().map(String::as_str).peekable();
        let first = words.peek().copied().unwrap_or_default();
        let who = if is_somebody(first) {
            words.next().map(str::to_owned)
        } else {
            None
        };
        let usage = |said: String| {
            Failed::new(said)
                .help("rolecall can WHO ACTION RESOURCE")
                .code(2)
        };
        let who = match who {
            Some(who) => who,
            None if !args.policy.is_empty() => "user/somebody".to_owned(),
            None if local => return Err(usage(format!("WHO may assume it? `{first}` is nobody"))),
            None => {
                return Err(usage(format!(
                    "`{first}` is nobody: use root, user/NAME, role/NAME, policy/NAME, service/NAME or anonymous"
                )));
            }
        };
        let Some(action) = words.next() else {
            return Err(usage("which ACTION?".to_owned()));
        };
        let good = action
            .split_once(':')
            .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        if !good || action.contains(['*', '?']) {
            return Err(usage(format!(
                "`{action}` is not one action: expected `service:Action`, such as s3:PutObject"
            )));
        }
        if let Err(unknown) = known_action(action) {
            out::warning(&unknown.to_string());
        }
        let resource = match words.next() {
            Some("app" | "role") | None if args.trust.is_some() => role_arn(ROLE),
            Some(resource) => match resource.strip_prefix("role/") {
                Some(name) => role_arn(name),
                None => resource.to_owned(),
            },
            None => {
                return Err(usage(
                    "on which RESOURCE? (\"*\" for an action without one)".to_owned(),
                ));
            }
        };
        if resource != "*" && resource.splitn(6, ':').count() < 6 {
            return Err(usage(format!("`{resource}` is neither an ARN nor \"*\"")));
        }
        if let Some(extra) = words.next() {
            return Err(usage(format!("`{extra}` is one word too many")));
        }
        Ok(Self {
            who,
            action: action.to_owned(),
            resource,
            context: context(&args.context)?,
        })
    }

    async fn ask(&self, endpoint: &Endpoint) -> Result<Explanation, Failed> {
        let question = json!({
            "principal": self.who,
            "action": self.action,
            "resource": self.resource,
            "context": self.context,
        });
        let mut answer = endpoint.admin_post("can", &question).await?;
        let explanation = answer
            .get_mut("explanation")
            .map(Value::take)
            .unwrap_or_default();
        serde_json::from_value(explanation).map_err(|error| {
            Failed::new(format!(
                "failed to read the answer (another version of rolecall?): {error}"
            ))
        })
    }

    /// An empty endpoint with only these documents on it.
    async fn make_world(
        &self,
        policies: &[PathBuf],
        trust: Option<&Path>,
        endpoint: &Endpoint,
    ) -> Result<(), Failed> {
        make_world(&self.who, &self.resource, policies, trust, endpoint).await
    }
}
/// An empty endpoint gets these documents: they are judged by the very code that judges them when they are sent by
/// a client.
pub(super) async fn make_world(
    who: &str,
    resource: &str,
    policies: &[PathBuf],
    trust: Option<&Path>,
    endpoint: &Endpoint,
) -> Result<(), Failed> {
    let (account, who) = match who.split_once(':') {
        Some((account, who)) => (Some(account), who),
        None => (None, who),
    };

    if account.is_some_and(|account| account != rolecall_server::DEFAULT_ACCOUNT) {
        return Err(
            Failed::new("with --policy and --trust there is one account, 123456789012").code(2),
        );
    }
    let (kind, name) = who.split_once('/').unwrap_or((who, ""));
    if let Some(path) = trust {
        let role = resource.split_once(":role/").map_or(ROLE, |(_, name)| name);
        let role = role.rsplit('/').next().unwrap_or(role);
        // A trust policy may name the caller, who must exist by then.
        if kind == "user" {
            iam(endpoint, "CreateUser", json!({ "UserName": name })).await?;
        }
        let body = json!({ "RoleName": role, "AssumeRolePolicyDocument": document(path)? });
        iam(endpoint, "CreateRole", body)
            .await
            .map_err(|failed| refused(path, PolicyKind::Trust, failed))?;
    } else if kind == "user" {
        iam(endpoint, "CreateUser", json!({ "UserName": name })).await?;
    }
    if kind == "role" && trust.is_none() {
        let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}}"#;
        iam(
            endpoint,
            "CreateRole",
            json!({ "RoleName": name, "AssumeRolePolicyDocument": trust }),
        )
        .await?;
    }
    for path in policies {
        let stem = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let (operation, owner) = match kind {
            "user" => ("PutUserPolicy", "UserName"),
            "role" => ("PutRolePolicy", "RoleName"),
            _ => {
                return Err(Failed::new(format!(
                    "`{who}` cannot have a policy of its own: use user/NAME or role/NAME"
                ))
                .code(2));
            }
        };
        let body = json!({ owner: name, "PolicyName": policy_name(&stem), "PolicyDocument": document(path)? });
        iam(endpoint, operation, body)
            .await
            .map_err(|failed| refused(path, PolicyKind::Identity, failed))?;
    }
    Ok(())
}

/// The words before a slash, or alone, that name a principal; `s3:GetObject` is none.
fn is_somebody(word: &str) -> bool {
    let word = match word.split_once(':') {
        Some((account, rest))
            if account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) =>
        {
            rest
        }
        _ => word,
    };
    let kind = word.split_once('/').map_or(word, |(kind, _)| kind);
    match kind {
        "root" | "anonymous" => !word.contains('/'),
        "user" | "role" | "policy" | "service" => word.len() > kind.len() + 1,
        _ => false,
    }
}

fn role_arn(name: &str) -> String {
    format!(
        "arn:aws:iam::{}:role/{name}",
        rolecall_server::DEFAULT_ACCOUNT
    )
}

fn context(pairs: &[String]) -> Result<Map<String, Value>, Failed> {
    let mut context = Map::new();
    for pair in pairs {
        let parts = pair.split_once('=').filter(|(key, _)| key.contains(':'));
        let Some((key, value)) = parts else {
            return Err(
                Failed::new(format!("`{pair}` is not a condition key and its value"))
                    .help("--context s3:prefix=Exports/; `--context key=~` takes a key away")
                    .code(2),
            );
        };
        let value = match (value, context.remove(key)) {
            ("~", _) => Value::Null,
            (value, None | Some(Value::Null)) => json!(value),
            // A key that is given twice has two values.
            (value, Some(Value::Array(mut values))) => {
                values.push(json!(value));
                Value::Array(values)
            }
            (value, Some(one)) => json!([one, value]),
        };
        context.insert(key.to_owned(), value);
    }
    Ok(context)
}

fn document(path: &Path) -> Result<String, Failed> {
    std::fs::read_to_string(path).map_err(|error| {
        Failed::new(format!("failed to read `{}`: {error}", path.display())).code(3)
    })
}

fn policy_name(stem: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    let name: String = stem
        .chars()
        .map(|c| if allowed(c) { c } else { '-' })
        .take(128)
        .collect();
    if name.is_empty() {
        "policy".to_owned()
    } else {
        name
    }
}

/// The sentence that AWS has for it, under what `rolecall lint` says of the place.
fn refused(path: &Path, kind: PolicyKind, failed: Failed) -> Failed {
    if let Ok(text) = document(path) {
        lint::mistakes(path, text, kind);
    }
    Failed {
        said: format!(
            "`{}` is refused, as AWS refuses it: {}",
            path.display(),
            failed.said
        ),
        ..failed
    }
    .code(3)
}

async fn iam(endpoint: &Endpoint, operation: &str, params: Value) -> Result<(), Failed> {
    let root = Credentials {
        access_key: "test".to_owned(),
        secret: "test".to_owned(),
        token: None,
    };
    let params = params.as_object().cloned().unwrap_or_default();
    let call = Call::new(Service::Iam, operation, params);
    endpoint
        .call(Some(&root), rolecall_server::DEFAULT_REGION, &call)
        .await?;
    Ok(())
}

/// `yes  SID` or `no   missing s3:delimiter (SID)`, and what would help.
fn text(explanation: &Explanation, verbose: bool) -> String {
    if verbose {
        let excerpt = explanation.excerpt().filter(|_| !explanation.allowed());
        return format!(
            "{explanation}{}",
            excerpt
                .map(|excerpt| format!("\n{excerpt}"))
                .unwrap_or_default()
        );
    }
    let answer = if explanation.allowed() { "yes" } else { "no " };
    let reasons: Vec<String> = explanation.why().iter().map(ToString::to_string).collect();
    let nearest = explanation
        .nearest()
        .map(|nearest| format!(" ({})", nearest.statement.label));
    let mut text = format!(
        "{answer}  {}{}\n",
        reasons.join(", "),
        nearest.unwrap_or_default()
    );
    if !explanation.allowed()
        && let Some(excerpt) = explanation.excerpt()
    {
        let decisive = excerpt
            .marks
            .iter()
            .filter(|mark| mark.decisive && !mark.label.is_empty());
        for mark in decisive {
            text.push_str(&format!("     {}\n", mark.label));
        }
        for help in &excerpt.help {
            text.push_str(&format!("     help: {help}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_nobody() {
        for who in [
            "root",
            "anonymous",
            "user/ana",
            "999988887777:user/ana",
            "service/pinpoint.amazonaws.com",
        ] {
            assert!(is_somebody(who), "{who}");
        }
        for other in [
            "s3:GetObject",
            "user/",
            "root/x",
            "iam:PassRole",
            "arn:aws:iam::123456789012:user/ana",
        ] {
            assert!(!is_somebody(other), "{other}");
        }
    }
}
