//! Who asks.

use std::fmt;

use super::node::Node;
use super::reader::Reader;
use crate::diagnostic::{Spot, nearest};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Actor {
    /// The account, where it is not the scenario's own.
    pub account: Option<String>,
    /// Who, in that account.
    pub who: Who,
}

/// Who asks, in an account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// The account's root user.
    Root,
    /// An IAM user.
    User(String),
    /// A session of an IAM role.
    Role(String),
    /// A throw-away user with this one managed policy.
    Policy(String),
    /// An AWS service, such as `pinpoint.amazonaws.com`.
    Service(String),
    /// Nobody: an unsigned request.
    Anonymous,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(account) = &self.account {
            write!(f, "{account}:")?;
        }
        match &self.who {
            Who::Root => f.write_str("root"),
            Who::User(name) => write!(f, "user/{name}"),
            Who::Role(name) => write!(f, "role/{name}"),
            Who::Policy(name) => write!(f, "policy/{name}"),
            Who::Service(name) => write!(f, "service/{name}"),
            Who::Anonymous => f.write_str("anonymous"),
        }
    }
}

const ACTORS: [&str; 6] = [
    "root",
    "user/NAME",
    "role/NAME",
    "policy/NAME",
    "service/NAME",
    "anonymous",
];

/// Reads `as:`.
pub(crate) fn actor(reader: &Reader<'_>, node: &Node) -> Option<Spot<Actor>> {
    let text = reader.text(node, "`as`")?;
    let (account, rest) = match text.value.split_once(':') {
        Some((account, rest))
            if account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) =>
        {
            (Some(account.to_owned()), rest)
        }
        _ => (None, text.value.as_str()),
    };
    let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    let who = match rest.split_once('/') {
        None => match rest {
            "root" => Some(Who::Root),
            "anonymous" => Some(Who::Anonymous),
            _ => None,
        },
        Some(("user", name)) => named(name).map(Who::User),
        Some(("role", name)) => named(name).map(Who::Role),
        Some(("policy", name)) => named(name).map(Who::Policy),
        Some(("service", name)) => named(name).map(Who::Service),
        Some(_) => None,
    };
    if let Some(who) = who {
        return Some(Spot::new(Actor { account, who }, text.span));
    }
    let word = rest.split('/').next().unwrap_or(rest);
    let near = nearest(
        word,
        ["root", "user", "role", "policy", "service", "anonymous"],
    );
    let help = match (near, rest.split_once('/')) {
        (Some(near), Some((_, name))) if near != word => format!("did you mean `{near}/{name}`?"),
        (Some(near @ ("root" | "anonymous")), None) => format!("did you mean `{near}`?"),
        _ => format!(
            "an actor is one of {}, in another account `999988887777:user/NAME`",
            ACTORS.join(", ")
        ),
    };
    reader.say(
        reader
            .mistake(
                text.span,
                format!("`{}` is nobody", text.value),
                "not an actor",
            )
            .help(help),
    );
    None
}
