//! Renaming, moving and deleting users.

use super::{
    account::{Account, Kind},
    asking, faults,
    names::{self, LONG_NAME, PATH, SHORT_NAME},
    says,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Operation},
    world::Text,
};
use serde::Deserialize;
use std::sync::Arc;

/// `UpdateUser`: another name or path. Keys, sessions and trust policies follow the unique id.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateUser {
    user_name: String,
    new_user_name: Option<String>,
    new_path: Option<String>,
}

impl Operation for UpdateUser {
    says!(UpdateUser -> ());

    /// AWS wants the permission on what the user is and on what it becomes.
    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("userName", Some(&self.user_name), &LONG_NAME)
            .text("newUserName", self.new_user_name.as_deref(), &SHORT_NAME)
            .text("newPath", self.new_path.as_deref(), &PATH)
            .done()?;
        let access = Access::from(asking::existing(
            facts,
            "iam:UpdateUser",
            Kind::User,
            &self.user_name,
        ));
        if self.new_user_name.is_none() && self.new_path.is_none() {
            return Ok(access);
        }
        let old_path = facts.user(&self.user_name).map(|user| user.path.as_str());
        let name = self.new_user_name.as_ref().unwrap_or(&self.user_name);
        Ok(access.and(asking::new(
            facts,
            "iam:UpdateUser",
            Kind::User,
            self.new_path.as_deref().or(old_path),
            name,
        )))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let mut user = account.user(&self.user_name)?.as_ref().clone();
            if let Some(name) = self.new_user_name.filter(|name| *name != *user.name) {
                account.free_name(Kind::User, &user.name);
                let name = account.take_name(Kind::User, &name)?;
                account.users.remove(&user.name);
                account.know_id(&user.id, Kind::User, &name);
                rename_uses(
                    account,
                    &user.name,
                    &name,
                    user.policies.managed.iter().chain(&user.boundary),
                );
                for group in &user.groups {
                    let group = account.group_mut(group)?;
                    group.members.remove(&user.name);
                    group.members.insert(name.clone(), ());
                }
                user.name = name;
            }
            user.path = self.new_path.unwrap_or(user.path);
            user.arn = account.arn(&names::arn_tail("user", &user.path, &user.name));
            account.users.insert(user.name.clone(), Arc::new(user));
            Ok(())
        })
    }
}

fn rename_uses<'a>(
    account: &mut Account,
    old: &Text,
    new: &Text,
    policies: impl Iterator<Item = &'a Text>,
) {
    let (old, new) = ((Kind::User, old.clone()), (Kind::User, new.clone()));
    for arn in policies {
        account.change_uses(arn, |uses| {
            for users in [&mut uses.attached, &mut uses.bounds] {
                if users.remove(&old) {
                    users.insert(new.clone(), ());
                }
            }
        });
    }
}

/// `DeleteUser`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteUser {
    user_name: String,
}

impl Operation for DeleteUser {
    says!(DeleteUser -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("userName", Some(&self.user_name), &LONG_NAME)
            .done()?;
        Ok(asking::existing(facts, "iam:DeleteUser", Kind::User, &self.user_name).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let user = account.user(&self.user_name)?.clone();
            let in_the_way = [
                (!user.keys.is_empty(), "delete access keys"),
                (!user.policies.managed.is_empty(), "detach all policies"),
                (!user.policies.inline.is_empty(), "delete policies"),
                (!user.groups.is_empty(), "remove users from group"),
            ];
            if let Some((_, what)) = in_the_way.iter().find(|(there, _)| *there) {
                return Err(faults::delete_first(what));
            }
            user.credentials.none_left()?;
            if let Some(arn) = &user.boundary {
                account.change_uses(arn, |uses| {
                    uses.bounds.remove(&(Kind::User, user.name.clone()));
                });
            }
            account.users.remove(&user.name);
            account.free_name(Kind::User, &user.name);
            account.forget_id(&user.id);
            Ok(())
        })
    }
}
