//! Users.

use super::{Attachments, Tags};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Fault, Operation, iam_time},
    world::Text,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A user.
#[derive(Debug, Clone)]
pub struct User {
    /// Name as created.
    pub name: Text,
    /// `/` or `/…/`
    pub path: String,
    /// `AIDA…`
    pub id: Text,
    /// `arn:aws:iam::A:user/path/name`
    pub arn: String,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Tags,
    /// Its policies.
    pub policies: Attachments,
    /// The names of its groups.
    pub groups: Vec<Text>,
    /// The ARN of the managed policy that bounds it.
    pub boundary: Option<Text>,
    /// The ids of its access keys, oldest first.
    pub keys: Vec<Text>,
}

/// A user as the API shows it. Source: IAM API Reference, "User".
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UserShape {
    path: String,
    user_name: String,
    user_id: String,
    arn: String,
    create_date: String,
}

/// `GetUser`: the caller itself without a name.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetUser {
    user_name: Option<String>,
}

/// The answer to `GetUser`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetUserResult {
    user: UserShape,
}

impl Operation for GetUser {
    const SERVICE: &'static str = "iam";
    const NAME: &'static str = "GetUser";
    type Output = GetUserResult;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let name = self
            .user_name
            .as_deref()
            .or_else(|| facts.caller().user_name());
        let arn = match name {
            Some(name) => facts.user(name).map_or_else(
                || facts.iam_arn(&format!("user/{name}")),
                |user| user.arn.clone(),
            ),
            None => facts.caller().arn.clone(),
        };
        Ok(Demand::new("iam:GetUser", arn).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<GetUserResult, Fault> {
        let name = self
            .user_name
            .as_deref()
            .or_else(|| cx.caller().user_name())
            .unwrap_or_default();
        cx.read(|world| {
            let account = world.law.account(cx.account());
            let user = account
                .and_then(|account| account.users.get(name))
                .ok_or_else(|| {
                    Fault::service(
                        404,
                        "NoSuchEntity",
                        format!("The user with name {name} cannot be found."),
                    )
                })?;
            Ok(GetUserResult {
                user: UserShape {
                    path: user.path.clone(),
                    user_name: user.name.to_string(),
                    user_id: user.id.to_string(),
                    arn: user.arn.clone(),
                    create_date: iam_time(user.created),
                },
            })
        })
    }
}
