//! Who is in which group.

use super::{
    account::Kind,
    asking, faults,
    groups::{GroupList, GroupShape},
    names::{self, LONG_NAME},
    page::{self, Page},
    says,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Operation},
};
use serde::Deserialize;

/// Groups of one user.
const MOST: usize = 10;

fn bounds(group: &str, user: &str) -> Result<(), Fault> {
    Constraints::iam()
        .text("groupName", Some(group), &LONG_NAME)
        .text("userName", Some(user), &LONG_NAME)
        .done()
}

/// `AddUserToGroup`: the group is what is authorized.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AddUserToGroup {
    group_name: String,
    user_name: String,
}

impl Operation for AddUserToGroup {
    says!(AddUserToGroup -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        bounds(&self.group_name, &self.user_name)?;
        Ok(asking::existing(facts, "iam:AddUserToGroup", Kind::Group, &self.group_name).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            // Which of two that are missing AWS names is not known; rolecall's choice: the user.
            account.user(&self.user_name)?;
            let group_name = account.group(&self.group_name)?.name.clone();
            let user = account.user_mut(&self.user_name)?;
            if user.groups.contains(&group_name) {
                return Ok(());
            }
            if user.groups.len() >= MOST {
                return Err(faults::quota("GroupsPerUser", MOST));
            }
            let user_name = user.name.clone();
            user.groups.push(group_name);
            user.groups.sort();
            account
                .group_mut(&self.group_name)?
                .members
                .insert(user_name, ());
            Ok(())
        })
    }
}

/// `RemoveUserFromGroup`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RemoveUserFromGroup {
    group_name: String,
    user_name: String,
}

impl Operation for RemoveUserFromGroup {
    says!(RemoveUserFromGroup -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        bounds(&self.group_name, &self.user_name)?;
        Ok(asking::existing(
            facts,
            "iam:RemoveUserFromGroup",
            Kind::Group,
            &self.group_name,
        )
        .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            account
                .group_mut(&self.group_name)?
                .members
                .remove(&*self.user_name);
            account
                .user_mut(&self.user_name)?
                .groups
                .retain(|group| **group != *self.group_name);
            Ok(())
        })
    }
}

/// `ListGroupsForUser`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListGroupsForUser {
    user_name: String,
    marker: Option<String>,
    max_items: Option<i64>,
}

impl Operation for ListGroupsForUser {
    says!(ListGroupsForUser -> GroupList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let constraints = Constraints::iam().text("userName", Some(&self.user_name), &LONG_NAME);
        names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
        Ok(asking::existing(facts, "iam:ListGroupsForUser", Kind::User, &self.user_name).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<GroupList, Fault> {
        let after = page::start(self.marker.as_deref())?;
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let groups = account.user(&self.user_name)?.groups.iter();
            let groups =
                groups.filter(|name| after.as_deref().is_none_or(|after| ***name > *after));
            let shapes = groups
                .filter_map(|name| Some((name, GroupShape::from(&**account.groups.get(name)?))));
            Ok(Page::of(shapes, self.max_items).into())
        })
    }
}
