//! What passwords must be.

use super::{faults, says};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Constraints, Fault, Operation},
};
use serde::{Deserialize, Serialize};

/// An account's password policy. Source: IAM User Guide, "Set an account password policy for IAM users".
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct PasswordPolicy {
    minimum_length: i64,
    symbols: bool,
    numbers: bool,
    uppercase: bool,
    lowercase: bool,
    allow_change: bool,
    max_age: Option<i64>,
    reuse_prevention: Option<i64>,
    hard_expiry: Option<bool>,
    /// How many kinds of character there must be at least, where the account says nothing itself.
    kinds: usize,
}

/// AWS's own policy, where the account has none: eight characters of three kinds.
impl Default for PasswordPolicy {
    fn default() -> Self {
        Self {
            minimum_length: 8,
            symbols: false,
            numbers: false,
            uppercase: false,
            lowercase: false,
            allow_change: false,
            max_age: None,
            reuse_prevention: None,
            hard_expiry: None,
            kinds: 3,
        }
    }
}

/// AWS's symbols. Source: IAM API Reference, "UpdateAccountPasswordPolicy".
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";

impl PasswordPolicy {
    /// Whether `password` may be the password of `user`.
    pub(super) fn allows(&self, password: &str, user: &str) -> bool {
        let has = |kind: fn(char) -> bool| password.chars().any(kind);
        let (upper, lower) = (
            has(|c| c.is_ascii_uppercase()),
            has(|c| c.is_ascii_lowercase()),
        );
        let (digit, symbol) = (has(|c| c.is_ascii_digit()), has(|c| SYMBOLS.contains(c)));
        let kinds = [upper, lower, digit, has(|c| !c.is_ascii_alphanumeric())];
        let long = i64::try_from(password.chars().count()).is_ok_and(|n| n >= self.minimum_length);
        long && (upper || !self.uppercase)
            && (lower || !self.lowercase)
            && (digit || !self.numbers)
            && (symbol || !self.symbols)
            && kinds.iter().filter(|there| **there).count() >= self.kinds
            && password != user
    }

    /// How many earlier passwords may not come back.
    pub(super) fn reuse_prevention(&self) -> usize {
        let count = self.reuse_prevention.unwrap_or(0);
        usize::try_from(count).unwrap_or(0)
    }

    /// Days after which a password ends.
    pub(super) fn max_age(&self) -> Option<i64> {
        self.max_age
    }
}

/// `UpdateAccountPasswordPolicy`: what is left out goes back to its default.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateAccountPasswordPolicy {
    minimum_password_length: Option<i64>,
    #[serde(default)]
    require_symbols: bool,
    #[serde(default)]
    require_numbers: bool,
    #[serde(default)]
    require_uppercase_characters: bool,
    #[serde(default)]
    require_lowercase_characters: bool,
    #[serde(default)]
    allow_users_to_change_password: bool,
    max_password_age: Option<i64>,
    password_reuse_prevention: Option<i64>,
    hard_expiry: Option<bool>,
}

impl Operation for UpdateAccountPasswordPolicy {
    says!(UpdateAccountPasswordPolicy -> ());

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .number(
                "minimumPasswordLength",
                self.minimum_password_length,
                6..=128,
            )
            .number("maxPasswordAge", self.max_password_age, 1..=1095)
            .number(
                "passwordReusePrevention",
                self.password_reuse_prevention,
                1..=24,
            )
            .done()?;
        Ok(Demand::new("iam:UpdateAccountPasswordPolicy", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            world.iam_mut(cx.account())?.password_policy = Some(PasswordPolicy {
                minimum_length: self.minimum_password_length.unwrap_or(6),
                symbols: self.require_symbols,
                numbers: self.require_numbers,
                uppercase: self.require_uppercase_characters,
                lowercase: self.require_lowercase_characters,
                allow_change: self.allow_users_to_change_password,
                max_age: self.max_password_age,
                reuse_prevention: self.password_reuse_prevention,
                hard_expiry: self.hard_expiry,
                kinds: 0,
            });
            Ok(())
        })
    }
}

/// `GetAccountPasswordPolicy`
#[derive(Debug, Deserialize)]
pub(super) struct GetAccountPasswordPolicy {}

/// The answer to `GetAccountPasswordPolicy`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OnePasswordPolicy {
    password_policy: Shape,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shape {
    minimum_password_length: i64,
    require_symbols: bool,
    require_numbers: bool,
    require_uppercase_characters: bool,
    require_lowercase_characters: bool,
    allow_users_to_change_password: bool,
    expire_passwords: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_password_age: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_reuse_prevention: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hard_expiry: Option<bool>,
}

fn none(account: &str) -> Fault {
    faults::no_entity(format!(
        "The Password Policy with domain name {account} cannot be found."
    ))
}

impl Operation for GetAccountPasswordPolicy {
    says!(GetAccountPasswordPolicy -> OnePasswordPolicy);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(Demand::new("iam:GetAccountPasswordPolicy", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OnePasswordPolicy, Fault> {
        cx.read(|world| {
            let policy = world.iam(cx.account())?.password_policy.as_ref();
            let policy = policy.ok_or_else(|| none(cx.account()))?;
            Ok(OnePasswordPolicy {
                password_policy: Shape {
                    minimum_password_length: policy.minimum_length,
                    require_symbols: policy.symbols,
                    require_numbers: policy.numbers,
                    require_uppercase_characters: policy.uppercase,
                    require_lowercase_characters: policy.lowercase,
                    allow_users_to_change_password: policy.allow_change,
                    expire_passwords: policy.max_age.is_some(),
                    max_password_age: policy.max_age,
                    password_reuse_prevention: policy.reuse_prevention,
                    hard_expiry: policy.hard_expiry,
                },
            })
        })
    }
}

/// `DeleteAccountPasswordPolicy`
#[derive(Debug, Deserialize)]
pub(super) struct DeleteAccountPasswordPolicy {}

impl Operation for DeleteAccountPasswordPolicy {
    says!(DeleteAccountPasswordPolicy -> ());

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Ok(Demand::new("iam:DeleteAccountPasswordPolicy", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let gone = world.iam_mut(cx.account())?.password_policy.take();
            // AWS names the policy in another way here than GetAccountPasswordPolicy does.
            let fault = || {
                faults::no_entity("The account policy with name PasswordPolicy cannot be found.")
            };
            gone.map(drop).ok_or_else(fault)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn awss_own_policy_wants_eight_characters_of_three_kinds() {
        let policy = PasswordPolicy::default();
        for (password, allowed) in [
            ("Abcdefg1", true),
            ("abcdef1!", true),
            ("abcdefg1", false),
            ("Abcde1!", false),
        ] {
            assert_eq!(policy.allows(password, "u"), allowed, "{password}");
        }
        assert!(
            !policy.allows("Abcdefg1", "Abcdefg1"),
            "the user's own name"
        );
    }
}
