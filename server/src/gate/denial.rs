//! A No as AWS words it.

use super::{Asked, Caller, Demand, Who, demand::account_of};
use std::fmt;

/// A denied demand, with the words that AWS uses.
#[derive(Debug, Clone)]
pub struct Denial {
    /// The ARN that AWS names after `User:`.
    pub caller: String,
    /// The action.
    pub action: String,
    /// The resource as this service shows it; none: not named.
    pub resource: Option<String>,
    /// `because no identity-based policy allows the s3:PutObject action`, or the like.
    pub reason: String,
    /// Caller and resource are of one account. S3 says only `Access Denied` otherwise.
    pub same_account: bool,
    /// Nobody signed.
    pub anonymous: bool,
    /// An identity provider vouched for the caller; AWS says nothing but the action then.
    pub federated: bool,
}

impl Denial {
    pub(super) fn new(asked: &Asked, reason: &str) -> Self {
        let Asked { caller, demand, .. } = asked;
        Self {
            caller: caller.arn.to_string(),
            action: demand.action.to_string(),
            resource: shown(demand),
            reason: if is_quiet(demand) {
                String::new()
            } else {
                reason.to_owned()
            },
            same_account: same_account(caller, demand),
            anonymous: matches!(caller.who, Who::Anonymous),
            federated: matches!(caller.who, Who::Federated(_)),
        }
    }
}

/// AWS answers a refused AssumeRole without a reason, so that neither trust nor existence leaks.
/// Source: reports collected in the reference; the reason stays in `rolecall explain`.
fn is_quiet(demand: &Demand) -> bool {
    demand.action == "sts:AssumeRole"
}

fn shown(demand: &Demand) -> Option<String> {
    match &demand.shown {
        Some(text) if text.is_empty() => None,
        Some(text) => Some(text.to_string()),
        None => Some(demand.resource.clone()),
    }
}

fn same_account(caller: &Caller, demand: &Demand) -> bool {
    let owner = demand
        .owner
        .as_deref()
        .or_else(|| account_of(&demand.resource));
    owner.is_none_or(|owner| owner == &*caller.account)
}

/// The general form, as IAM, STS and Pinpoint write it; S3 puts the resource in quotes.
impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, "")
    }
}

impl Denial {
    /// The sentence as S3 writes it. Source: S3 User Guide, "Troubleshoot access denied (403 Forbidden) errors".
    pub fn s3_sentence(&self) -> String {
        struct Quoted<'a>(&'a Denial);
        impl fmt::Display for Quoted<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.write(f, "\"")
            }
        }
        if self.anonymous || !self.same_account {
            "Access Denied".to_owned()
        } else {
            Quoted(self).to_string()
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, quote: &str) -> fmt::Result {
        if self.federated {
            return write!(f, "Not authorized to perform {}", self.action);
        }
        write!(
            f,
            "User: {} is not authorized to perform: {}",
            self.caller, self.action
        )?;
        if let Some(resource) = &self.resource {
            write!(f, " on resource: {quote}{resource}{quote}")?;
        }
        if !self.reason.is_empty() {
            write!(f, " {}", self.reason)?;
        }
        Ok(())
    }
}
