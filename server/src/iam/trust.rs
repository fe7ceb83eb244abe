//! Trust policies: who may be named in them, and how they are shown again.
//!
//! IAM keeps users and roles by their unique ids, so that nobody who is created later under the same name is
//! meant, and shows the ARNs again as long as they exist.
//! Source: IAM User Guide, "AWS JSON policy elements: Principal".

use super::{documents, faults};
use crate::{gate::account_of, wire::Fault, world::Law};
use rolecall_policy::{Policy, PolicyKind};
use std::{ops::Range, sync::Arc};

/// Characters of a trust policy, without white space. Source: IAM User Guide, "IAM and AWS STS quotas".
const MOST: usize = 2048;

/// A trust policy as it is kept.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Trust {
    /// The document, bound to the unique ids of whom it names.
    #[serde(deserialize_with = "crate::world::policy_from_row")]
    pub policy: Arc<Policy>,
}

impl Trust {
    /// Reads a document and looks up everyone it names.
    pub(super) fn read(law: &Law, text: &str) -> Result<Self, Fault> {
        let policy = documents::read(text, PolicyKind::Trust)?;
        if policy.size() > MOST {
            return Err(faults::quota("ACLSizePerRole", MOST));
        }
        let policy = bound(law, policy).map_err(|nobody| {
            let message = format!("Invalid principal in policy: \"AWS\":\"{nobody}\"");
            Fault::service(400, "MalformedPolicyDocument", message)
        })?;
        Ok(Self { policy })
    }

    /// The document as IAM shows it: whoever is gone by unique id, accounts by ARN.
    pub(super) fn shown(&self, law: &Law, partition: &str) -> String {
        let account = |value: &str| format!("arn:{partition}:iam::{value}:root");
        shown(law, &self.policy, |value| {
            is_account(value).then(|| account(value))
        })
    }
}

/// A policy bound to the unique ids of the users and roles that it names; whom it names if that is nobody.
pub(crate) fn bound(law: &Law, policy: Arc<Policy>) -> Result<Arc<Policy>, String> {
    let named = policy.principals();
    let nobody = named
        .filter(|principal| principal.group == "AWS")
        .map(|principal| principal.value)
        .find(|value| law.principal_id(value).is_none() && !may_be_absent(law, value))
        .map(str::to_owned);
    if let Some(nobody) = nobody {
        return Err(nobody);
    }
    let has_id = |value| law.principal_id(value).is_some();
    if !policy.principals().any(|principal| has_id(principal.value)) {
        return Ok(policy);
    }
    let id = |arn: &str| law.principal_id(arn).map(|id| id.to_string());
    Ok(Arc::unwrap_or_clone(policy).with_principal_ids(id).into())
}

/// The document with the users and roles as they are called now, and by unique id whoever is gone.
pub(crate) fn shown(law: &Law, policy: &Policy, other: impl Fn(&str) -> Option<String>) -> String {
    let mut text = policy.text().to_owned();
    let mut places: Vec<(Range<usize>, String)> = Vec::new();
    for principal in policy.principals().filter(|it| it.group == "AWS") {
        let name = match principal.id {
            // The id is that of whoever the ARN named, so the account is known.
            Some(id) => {
                let home = account_of(principal.value).and_then(|account| law.account(account));
                let arn = home.and_then(|account| account.arn_of_id(id));
                Some(arn.unwrap_or(id).to_owned())
            }
            // A unique id that was written as such belongs to somebody again when it is shown. Nothing else is looked
            // for in all accounts.
            None if is_unique_id(principal.value) => law
                .arn_of_id(principal.value)
                .map(str::to_owned)
                .or_else(|| other(principal.value)),
            None => other(principal.value),
        };
        places.extend(name.map(|name| (principal.span, name)));
    }
    places.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    for (span, name) in places {
        if text.get(span.clone()).is_some_and(|old| old != name) {
            text.replace_range(span, &name);
        }
    }
    text
}

/// `AIDA…` or `AROA…`
fn is_unique_id(value: &str) -> bool {
    value.starts_with('A') && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_account(value: &str) -> bool {
    value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a principal without a unique id of its own may be named. Accounts that rolecall does not have may be,
/// and everybody in them: AWS knows whether they exist, rolecall cannot, and nobody here can be one of them.
/// This is rolecall's choice.
fn may_be_absent(law: &Law, value: &str) -> bool {
    if value == "*" || is_account(value) || value.ends_with(":root") {
        return true;
    }
    if !value.starts_with("arn:") {
        return law.arn_of_id(value).is_some();
    }
    let Some(account) = account_of(value).and_then(|account| law.account(account)) else {
        return true;
    };
    let path = value.splitn(6, ':').nth(5).unwrap_or_default();
    match path
        .strip_prefix("assumed-role/")
        .and_then(|rest| rest.split_once('/'))
    {
        Some((role, _)) => account.roles.contains_key(role),
        None => path.starts_with("federated-user/"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::iam::Account;

    fn law() -> Law {
        let mut law = Law::default();
        law.accounts.insert(
            "123456789012".into(),
            Arc::new(Account::new("123456789012", "aws")),
        );
        law
    }

    fn trust(who: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{who}"}},"Action":"sts:AssumeRole"}}]}}"#
        )
    }

    #[test]
    fn whoever_is_not_there_cannot_be_trusted() {
        let law = law();
        for gone in [
            "arn:aws:iam::123456789012:user/gone",
            "arn:aws:iam::123456789012:role/gone",
            "arn:aws:sts::123456789012:assumed-role/gone/s",
            "AIDAJQABLZS4A3QDU576Q",
        ] {
            let fault = Trust::read(&law, &trust(gone)).unwrap_err();
            assert_eq!(
                fault.to_string(),
                format!(r#"MalformedPolicyDocument: Invalid principal in policy: "AWS":"{gone}""#)
            );
        }
        for there in [
            "*",
            "123456789012",
            "arn:aws:iam::123456789012:root",
            "arn:aws:iam::999999999999:role/r",
        ] {
            Trust::read(&law, &trust(there)).unwrap();
        }
    }

    #[test]
    fn accounts_come_back_as_arns() {
        let law = law();
        let shown = Trust::read(&law, &trust("123456789012"))
            .unwrap()
            .shown(&law, "aws");
        assert_eq!(shown, trust("arn:aws:iam::123456789012:root"));
    }
}
