//! Groups.

use super::{
    Attachments,
    account::Kind,
    asking, faults,
    names::{self, LONG_NAME, PATH, PATH_PREFIX},
    page::{self, Page, listing},
    says,
    users::{self, UserShape},
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Members, Operation, iam_time},
    world::{Map, Text},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Groups of one account.
const MOST: usize = 300;

/// A group of users.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Group {
    /// Name as created.
    pub name: Text,
    /// `/` or `/…/`
    pub path: String,
    /// `AGPA…`
    pub id: Text,
    /// `arn:aws:iam::A:group/path/name`
    pub arn: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its policies.
    pub policies: Attachments,
    /// The names of its users.
    pub(crate) members: Map<Text, ()>,
}

/// A group as the API shows it. Source: IAM API Reference, "Group".
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GroupShape {
    path: String,
    group_name: String,
    group_id: String,
    arn: String,
    create_date: String,
}

impl From<&Group> for GroupShape {
    fn from(group: &Group) -> Self {
        Self {
            path: group.path.clone(),
            group_name: group.name.to_string(),
            group_id: group.id.to_string(),
            arn: group.arn.clone(),
            create_date: iam_time(group.created),
        }
    }
}

/// The answer to `CreateGroup`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneGroup {
    group: GroupShape,
}

/// `CreateGroup`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateGroup {
    group_name: String,
    path: Option<String>,
}

impl Operation for CreateGroup {
    says!(CreateGroup -> OneGroup);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("groupName", Some(&self.group_name), &LONG_NAME)
            .text("path", self.path.as_deref(), &PATH)
            .done()?;
        Ok(asking::new(
            facts,
            "iam:CreateGroup",
            Kind::Group,
            self.path.as_deref(),
            &self.group_name,
        )
        .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneGroup, Fault> {
        let id = Text::from(cx.ids().unique("AGPA", 21));
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            if account.groups.len() >= MOST {
                return Err(faults::quota("GroupsPerAccount", MOST));
            }
            let name = account.take_name(Kind::Group, &self.group_name)?;
            let path = self.path.unwrap_or_else(|| "/".to_owned());
            let group = Group {
                arn: account.arn(&names::arn_tail("group", &path, &self.group_name)),
                name,
                path,
                id,
                created: cx.now(),
                policies: Attachments::default(),
                members: Map::default(),
            };
            let shape = GroupShape::from(&group);
            account.groups.insert(group.name.clone(), Arc::new(group));
            Ok(OneGroup { group: shape })
        })
    }
}

/// `GetGroup`: the group and its users.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetGroup {
    group_name: String,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// The answer to `GetGroup`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GroupAndUsers {
    group: GroupShape,
    users: Members<UserShape>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for GetGroup {
    says!(GetGroup -> GroupAndUsers);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let constraints = Constraints::iam().text("groupName", Some(&self.group_name), &LONG_NAME);
        names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
        Ok(asking::existing(facts, "iam:GetGroup", Kind::Group, &self.group_name).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<GroupAndUsers, Fault> {
        let after = page::start(self.marker.as_deref())?;
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let group = account.group(&self.group_name)?;
            let members = group.members.after(after.as_deref()).map(|(name, ())| name);
            let page = Page::of(users::named(account, members), self.max_items);
            Ok(GroupAndUsers {
                group: GroupShape::from(&**group),
                is_truncated: page.next.is_some(),
                users: page.items.into_iter().collect(),
                marker: page.next,
            })
        })
    }
}

/// `ListGroups`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListGroups {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

listing! {
    /// The answer to `ListGroups` and `ListGroupsForUser`.
    GroupList { groups: GroupShape }
}

impl Operation for ListGroups {
    says!(ListGroups -> GroupList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let prefix = self.path_prefix.as_deref();
        let constraints = Constraints::iam().text("pathPrefix", prefix, &PATH_PREFIX);
        names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
        Ok(asking::list(facts, "iam:ListGroups", Kind::Group, prefix).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<GroupList, Fault> {
        let after = page::start(self.marker.as_deref())?;
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        cx.read(|world| {
            let groups = world.iam(cx.account())?.groups.after(after.as_deref());
            let groups = groups.filter(|(_, group)| group.path.starts_with(prefix));
            Ok(Page::of(
                groups.map(|(name, group)| (name, GroupShape::from(&**group))),
                self.max_items,
            )
            .into())
        })
    }
}

/// `UpdateGroup`: another name or path.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateGroup {
    group_name: String,
    new_group_name: Option<String>,
    new_path: Option<String>,
}

impl Operation for UpdateGroup {
    says!(UpdateGroup -> ());

    /// AWS wants the permission on what the group is and on what it becomes.
    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("groupName", Some(&self.group_name), &LONG_NAME)
            .text("newGroupName", self.new_group_name.as_deref(), &LONG_NAME)
            .text("newPath", self.new_path.as_deref(), &PATH)
            .done()?;
        let access = Access::from(asking::existing(
            facts,
            "iam:UpdateGroup",
            Kind::Group,
            &self.group_name,
        ));
        if self.new_group_name.is_none() && self.new_path.is_none() {
            return Ok(access);
        }
        let old_path = facts
            .group(&self.group_name)
            .map(|group| group.path.as_str());
        let name = self.new_group_name.as_ref().unwrap_or(&self.group_name);
        Ok(access.and(asking::new(
            facts,
            "iam:UpdateGroup",
            Kind::Group,
            self.new_path.as_deref().or(old_path),
            name,
        )))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let mut group = account.group(&self.group_name)?.as_ref().clone();
            if let Some(name) = self.new_group_name.filter(|name| *name != *group.name) {
                account.free_name(Kind::Group, &group.name);
                let name = account.take_name(Kind::Group, &name)?;
                account.groups.remove(&group.name);
                for arn in &group.policies.managed {
                    account.change_uses(arn, |uses| {
                        uses.attached.remove(&(Kind::Group, group.name.clone()));
                        uses.attached.insert((Kind::Group, name.clone()), ());
                    });
                }
                for member in group.members.keys() {
                    let groups = &mut account.user_mut(member)?.groups;
                    for of in groups.iter_mut().filter(|of| **of == group.name) {
                        *of = name.clone();
                    }
                }
                group.name = name;
            }
            group.path = self.new_path.unwrap_or(group.path);
            group.arn = account.arn(&names::arn_tail("group", &group.path, &group.name));
            account.groups.insert(group.name.clone(), Arc::new(group));
            Ok(())
        })
    }
}

/// `DeleteGroup`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteGroup {
    group_name: String,
}

impl Operation for DeleteGroup {
    says!(DeleteGroup -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("groupName", Some(&self.group_name), &LONG_NAME)
            .done()?;
        Ok(asking::existing(facts, "iam:DeleteGroup", Kind::Group, &self.group_name).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let group = account.group(&self.group_name)?.clone();
            let in_the_way = [
                (!group.members.is_empty(), "remove users from group"),
                (!group.policies.managed.is_empty(), "detach all policies"),
                (!group.policies.inline.is_empty(), "delete policies"),
            ];
            if let Some((_, what)) = in_the_way.iter().find(|(there, _)| *there) {
                return Err(faults::delete_first(what));
            }
            account.groups.remove(&group.name);
            account.free_name(Kind::Group, &group.name);
            Ok(())
        })
    }
}
