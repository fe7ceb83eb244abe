//! Users.

use super::{
    Attachments, Tags, UserCredentials,
    account::{Account, Kind},
    asking::{self, Whose},
    boundaries::{self, BoundaryShape},
    faults,
    names::{self, ARN, LONG_NAME, PATH, PATH_PREFIX, SHORT_NAME},
    page::{self, Page, listing},
    says,
    tags::{self, Tag},
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Members, Operation, iam_time},
    world::Text,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Users of one account.
const MOST: usize = 5000;

/// A user.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
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
    /// Its other credentials.
    #[serde(default)]
    pub credentials: UserCredentials,
}

/// A user as the API shows it. Source: IAM API Reference, "User".
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UserShape {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    user_id: String,
    arn: String,
    create_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary: Option<BoundaryShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Members<Tag>>,
}

impl UserShape {
    /// As lists show it: without boundary and tags.
    pub(super) fn short(user: &User) -> Self {
        Self {
            path: Some(user.path.clone()),
            user_name: Some(user.name.to_string()),
            user_id: user.id.to_string(),
            arn: user.arn.clone(),
            create_date: iam_time(user.created),
            permissions_boundary: None,
            tags: None,
        }
    }

    fn full(user: &User) -> Self {
        Self {
            permissions_boundary: user.boundary.as_ref().map(BoundaryShape::from),
            tags: (!user.tags.is_empty()).then(|| user.tags.iter().map(Tag::from).collect()),
            ..Self::short(user)
        }
    }
}

/// An answer that is one user.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneUser {
    user: UserShape,
}

/// `CreateUser`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateUser {
    user_name: String,
    path: Option<String>,
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Operation for CreateUser {
    says!(CreateUser -> OneUser);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let constraints = Constraints::iam()
            .text("userName", Some(&self.user_name), &SHORT_NAME)
            .text("path", self.path.as_deref(), &PATH)
            .text(
                "permissionsBoundary",
                self.permissions_boundary.as_deref(),
                &ARN,
            );
        tags::bounds(constraints, &self.tags).done()?;
        let demand = asking::new(
            facts,
            "iam:CreateUser",
            Kind::User,
            self.path.as_deref(),
            &self.user_name,
        )
        .with(
            "iam:PermissionsBoundary",
            self.permissions_boundary.as_deref(),
        );
        Ok(asking::requested(demand, &tags::pairs(&self.tags)).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneUser, Fault> {
        let id = Text::from(cx.ids().unique("AIDA", 21));
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            if account.users.len() >= MOST {
                return Err(faults::quota("UsersPerAccount", MOST));
            }
            let name = account.take_name(Kind::User, &self.user_name)?;
            let path = self.path.unwrap_or_else(|| "/".to_owned());
            let user = User {
                arn: account.arn(&names::arn_tail("user", &path, &name)),
                tags: tags::first(&self.tags)?,
                boundary: boundaries::bound(
                    account,
                    self.permissions_boundary.as_deref(),
                    Kind::User,
                    &name,
                )?,
                created: cx.now(),
                policies: Attachments::default(),
                groups: Vec::new(),
                keys: Vec::new(),
                credentials: UserCredentials::default(),
                name: name.clone(),
                path,
                id,
            };
            account.know_id(&user.id, Kind::User, &name);
            let user_shape = UserShape::full(&user);
            account.users.insert(name, Arc::new(user));
            Ok(OneUser { user: user_shape })
        })
    }
}

/// `GetUser`: the caller itself without a name.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetUser {
    user_name: Option<String>,
}

impl Operation for GetUser {
    says!(GetUser -> OneUser);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let name = self.user_name.as_deref();
        Constraints::iam()
            .text("userName", name, &LONG_NAME)
            .done()?;
        Ok(Whose::read(facts.caller(), name)?
            .demand(facts, "iam:GetUser")
            .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneUser, Fault> {
        let user = match Whose::read(cx.caller(), self.user_name.as_deref())? {
            Whose::Root => root(&cx),
            Whose::User(name) => cx.read(|world| {
                world
                    .iam(cx.account())?
                    .user(&name)
                    .map(|user| UserShape::full(user))
            })?,
        };
        Ok(OneUser { user })
    }
}

/// The root user, which has neither name nor path.
fn root(cx: &Granted<'_, GetUser>) -> UserShape {
    let caller = cx.caller();
    let created = caller.key.as_ref().map_or(cx.now(), |key| key.created);
    UserShape {
        path: None,
        user_name: None,
        user_id: caller.user_id.to_string(),
        arn: caller.arn.to_string(),
        create_date: iam_time(created),
        permissions_boundary: None,
        tags: None,
    }
}

/// `ListUsers`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListUsers {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

listing! {
    /// The answer to `ListUsers`.
    UserList { users: UserShape }
}

impl Operation for ListUsers {
    says!(ListUsers -> UserList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let prefix = self.path_prefix.as_deref();
        let constraints = Constraints::iam().text("pathPrefix", prefix, &PATH_PREFIX);
        names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
        Ok(asking::list(facts, "iam:ListUsers", Kind::User, prefix).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<UserList, Fault> {
        let after = page::start(self.marker.as_deref())?;
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        cx.read(|world| {
            let users = world.iam(cx.account())?.users.after(after.as_deref());
            let users = users.filter(|(_, user)| user.path.starts_with(prefix));
            Ok(Page::of(
                users.map(|(name, user)| (name, UserShape::short(user))),
                self.max_items,
            )
            .into())
        })
    }
}

/// The users of `names`, as lists show them.
pub(super) fn named<'a>(
    account: &'a Account,
    names: impl Iterator<Item = &'a Text>,
) -> impl Iterator<Item = (&'a Text, UserShape)> {
    names.filter_map(|name| {
        account
            .users
            .get(name)
            .map(|user| (name, UserShape::short(user)))
    })
}
