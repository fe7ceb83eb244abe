//! Everybody that documents tell apart: whom they name, and somebody whom they do not.

use crate::arn;
use crate::trustee::account_named;
use crate::{Layer, Policy, Principal};

/// An account, a session name and an id that nobody uses in a document.
const ELSEWHERE: &str = "000000000000";
const SOMEBODY: &str = "somebody";

/// Callers, with texts of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Owned {
    Root(String, String),
    User(String, String, String),
    Role(String, String, String, String),
    FederatedUser(String, String, String, Option<String>),
    Federated(String),
    Service(String),
    Anonymous,
}

/// One caller for each way in which the documents treat callers.
pub(super) struct Callers {
    list: Vec<Owned>,
}

/// The callers that matter for documents; for policies that name nobody it is whoever holds them.
pub(super) fn callers(layer: Layer, documents: &[&Policy]) -> Callers {
    let mut list = vec![user(
        &format!("arn:aws:iam::{ELSEWHERE}:user/{SOMEBODY}"),
        None,
    )];
    if layer != Layer::Identity {
        list.extend([
            Owned::Anonymous,
            Owned::Service("somebody.amazonaws.com".to_owned()),
            Owned::Federated(SOMEBODY.to_owned()),
        ]);
        let named: Vec<_> = documents
            .iter()
            .flat_map(|policy| policy.principals())
            .collect();
        let roles: Vec<&str> = named
            .iter()
            .map(|it| it.value)
            .filter(|value| value.contains(":role/"))
            .collect();
        for principal in &named {
            match principal.group {
                "Service" => list.push(Owned::Service(principal.value.to_owned())),
                "Federated" => list.push(Owned::Federated(principal.value.to_owned())),
                "AWS" => aws(principal.value, &roles, &mut list),
                _ => {}
            }
        }
    }
    let mut seen: Vec<Owned> = Vec::new();
    list.retain(|caller| {
        let new = !seen.contains(caller);
        if new {
            seen.push(caller.clone());
        }
        new
    });
    Callers { list }
}

fn account_of(arn: &str) -> String {
    arn.split(':').nth(4).unwrap_or(ELSEWHERE).to_owned()
}

fn user(arn: &str, id: Option<&str>) -> Owned {
    let id = id.unwrap_or("AIDASOMEBODY").to_owned();
    Owned::User(account_of(arn), arn.to_owned(), id)
}

fn role(role: &str, id: Option<&str>, session: &str) -> Owned {
    let id = id.unwrap_or("AROASOMEBODY").to_owned();
    Owned::Role(account_of(role), role.to_owned(), id, session.to_owned())
}

/// Those whom a value under `AWS` names, closely or from afar.
fn aws(value: &str, roles: &[&str], list: &mut Vec<Owned>) {
    if let Some(account) = account_named(value) {
        let partition = value.split(':').nth(1).unwrap_or("aws");
        let arn = |tail: &str| format!("arn:{partition}:iam::{account}:{tail}");
        list.push(Owned::Root(account.to_owned(), arn("root")));
        list.push(user(&arn("user/somebody"), None));
        return;
    }
    let Some([_, partition, _, _, account, tail]) = arn::parts(value) else {
        let here = format!("arn:aws:iam::{ELSEWHERE}");
        if value.starts_with("AROA") {
            let session = format!("arn:aws:sts::{ELSEWHERE}:assumed-role/{SOMEBODY}/{SOMEBODY}");
            list.push(role(
                &format!("{here}:role/{SOMEBODY}"),
                Some(value),
                &session,
            ));
        } else if value != "*" {
            let arn = format!("{here}:user/{SOMEBODY}");
            list.push(user(&arn, Some(value)));
            list.push(Owned::FederatedUser(
                ELSEWHERE.to_owned(),
                format!("arn:aws:sts::{ELSEWHERE}:federated-user/{SOMEBODY}"),
                arn,
                Some(value.to_owned()),
            ));
        }
        return;
    };
    let sts = format!("arn:{partition}:sts::{account}");
    match tail.split_once('/') {
        Some(("user", name)) => {
            list.push(user(value, None));
            let session = format!("{sts}:federated-user/{SOMEBODY}-{name}");
            list.push(Owned::FederatedUser(
                account.to_owned(),
                session,
                value.to_owned(),
                None,
            ));
        }
        Some(("role", path)) => {
            let name = path.rsplit('/').next().unwrap_or(path);
            list.push(role(
                value,
                None,
                &format!("{sts}:assumed-role/{name}/{SOMEBODY}"),
            ));
        }
        Some(("assumed-role", rest)) => {
            let name = rest.split('/').next().unwrap_or(rest);
            let plain = format!("arn:{partition}:iam::{account}:role/{name}");
            list.push(role(&plain, None, value));
            let same = |arn: &&&str| arn.rsplit('/').next() == Some(name);
            list.extend(roles.iter().filter(same).map(|arn| role(arn, None, value)));
        }
        Some(("federated-user", _)) => {
            let behind = format!("arn:{partition}:iam::{account}:user/{SOMEBODY}");
            list.push(Owned::FederatedUser(
                account.to_owned(),
                value.to_owned(),
                behind,
                None,
            ));
        }
        _ => {}
    }
}

impl Callers {
    pub(super) fn iter(&self) -> impl Iterator<Item = Principal<'_>> {
        self.list.iter().map(|caller| match caller {
            Owned::Root(account, arn) => Principal::Root { account, arn },
            Owned::User(account, arn, id) => Principal::User {
                account,
                arn,
                id,
                name: arn.rsplit('/').next().unwrap_or(SOMEBODY),
            },
            Owned::Role(account, role_arn, role_id, session_arn) => Principal::RoleSession {
                account,
                role_arn,
                role_id,
                session_arn,
                session_name: session_arn.rsplit('/').next().unwrap_or(SOMEBODY),
            },
            Owned::FederatedUser(account, arn, user_arn, user_id) => Principal::FederatedUser {
                account,
                arn,
                user_arn,
                user_id: user_id.as_deref(),
                name: arn.rsplit('/').next().unwrap_or(SOMEBODY),
            },
            Owned::Federated(provider) => Principal::Federated { provider },
            Owned::Service(name) => Principal::Service { name },
            Owned::Anonymous => Principal::Anonymous,
        })
    }
}
