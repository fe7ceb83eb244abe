//! Instance profiles: how EC2 instances get a role.

use super::{
    Tags,
    account::{Account, Kind},
    asking, faults,
    names::{self, LONG_NAME, PATH, PATH_PREFIX, SHORT_NAME},
    page::{self, Page, listing},
    roles::RoleShape,
    says,
    tags::{self, Tag},
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Constraints, Fault, Members, Operation, iam_time},
    world::{Law, Text},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Instance profiles of one account.
const MOST: usize = 1000;

/// A container for at most one role.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct InstanceProfile {
    /// Name as created.
    pub name: Text,
    /// `/` or `/…/`
    pub path: String,
    /// `AIPA…`
    pub id: Text,
    /// `arn:aws:iam::A:instance-profile/path/name`
    pub arn: String,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Tags,
    /// The name of its role.
    pub role: Option<Text>,
}

/// An instance profile as the API shows it. Source: IAM API Reference, "InstanceProfile".
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ProfileShape {
    path: String,
    instance_profile_name: String,
    instance_profile_id: String,
    arn: String,
    create_date: String,
    roles: Members<RoleShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Members<Tag>>,
}

impl ProfileShape {
    /// As lists show it: without tags.
    pub(super) fn short(law: &Law, account: &Account, profile: &InstanceProfile) -> Self {
        let role = profile
            .role
            .as_ref()
            .and_then(|name| account.roles.get(name));
        Self {
            path: profile.path.clone(),
            instance_profile_name: profile.name.to_string(),
            instance_profile_id: profile.id.to_string(),
            arn: profile.arn.clone(),
            create_date: iam_time(profile.created),
            roles: role
                .into_iter()
                .map(|role| RoleShape::bare(law, account.partition, role))
                .collect(),
            tags: None,
        }
    }

    fn full(law: &Law, account: &Account, profile: &InstanceProfile) -> Self {
        Self {
            tags: Some(profile.tags.iter().map(Tag::from).collect()),
            ..Self::short(law, account, profile)
        }
    }
}

/// An answer that is one instance profile.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneProfile {
    instance_profile: ProfileShape,
}

/// `CreateInstanceProfile`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateInstanceProfile {
    instance_profile_name: String,
    path: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Operation for CreateInstanceProfile {
    says!(CreateInstanceProfile -> OneProfile);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let name = &self.instance_profile_name;
        let constraints = Constraints::iam()
            .text("instanceProfileName", Some(name), &LONG_NAME)
            .text("path", self.path.as_deref(), &PATH);
        tags::bounds(constraints, &self.tags).done()?;
        let path = self.path.as_deref();
        let demand = asking::new(
            facts,
            "iam:CreateInstanceProfile",
            Kind::InstanceProfile,
            path,
            name,
        );
        Ok(asking::requested(demand, &tags::pairs(&self.tags)).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneProfile, Fault> {
        let id = Text::from(cx.ids().unique("AIPA", 21));
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            if account.profiles.len() >= MOST {
                return Err(faults::quota("InstanceProfilesPerAccount", MOST));
            }
            let name = account.take_name(Kind::InstanceProfile, &self.instance_profile_name)?;
            let path = self.path.unwrap_or_else(|| "/".to_owned());
            let profile = Arc::new(InstanceProfile {
                arn: account.arn(&names::arn_tail("instance-profile", &path, &name)),
                name: name.clone(),
                path,
                id,
                created: cx.now(),
                tags: tags::first(&self.tags)?,
                role: None,
            });
            account.profiles.insert(name, profile.clone());
            let account = world.iam(cx.account())?;
            Ok(OneProfile {
                instance_profile: ProfileShape::full(&world.law, account, &profile),
            })
        })
    }
}

/// `GetInstanceProfile`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetInstanceProfile {
    instance_profile_name: String,
}

fn one(
    facts: &Facts<'_>,
    action: &'static str,
    name: &str,
    role: Option<&str>,
) -> Result<Demand, Fault> {
    Constraints::iam()
        .text("instanceProfileName", Some(name), &LONG_NAME)
        .text("roleName", role, &SHORT_NAME)
        .done()?;
    Ok(asking::existing(facts, action, Kind::InstanceProfile, name))
}

impl Operation for GetInstanceProfile {
    says!(GetInstanceProfile -> OneProfile);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let name = &self.instance_profile_name;
        Ok(one(facts, "iam:GetInstanceProfile", name, None)?.into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneProfile, Fault> {
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let profile = account.profile(&self.instance_profile_name)?;
            Ok(OneProfile {
                instance_profile: ProfileShape::full(&world.law, account, profile),
            })
        })
    }
}

/// `DeleteInstanceProfile`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteInstanceProfile {
    instance_profile_name: String,
}

impl Operation for DeleteInstanceProfile {
    says!(DeleteInstanceProfile -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let name = &self.instance_profile_name;
        Ok(one(facts, "iam:DeleteInstanceProfile", name, None)?.into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let profile = account.profile(&self.instance_profile_name)?.clone();
            if profile.role.is_some() {
                return Err(faults::delete_first("remove roles from instance profile"));
            }
            account.profiles.remove(&profile.name);
            account.free_name(Kind::InstanceProfile, &profile.name);
            Ok(())
        })
    }
}

/// `AddRoleToInstanceProfile`: the role is handed to EC2, so the caller must be allowed to pass it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AddRoleToInstanceProfile {
    instance_profile_name: String,
    role_name: String,
}

impl Operation for AddRoleToInstanceProfile {
    says!(AddRoleToInstanceProfile -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let role = &self.role_name;
        let name = &self.instance_profile_name;
        let demand = one(facts, "iam:AddRoleToInstanceProfile", name, Some(role))?;
        let arn = facts.role(role).map_or_else(
            || facts.iam_arn(&format!("role/{role}")),
            |role| role.arn.clone(),
        );
        // Which service `iam:PassedToService` names here is not documented; EC2 is rolecall's choice.
        Ok(Access::from(demand).and(Demand::pass_role(&arn, "ec2.amazonaws.com")))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let profile = account.profile(&self.instance_profile_name)?.name.clone();
            let role = account.role(&self.role_name)?.name.clone();
            let holds = &mut account.profile_mut(&profile)?.role;
            if holds.is_some() {
                return Err(faults::quota("InstanceSessionsPerInstanceProfile", 1));
            }
            *holds = Some(role.clone());
            account.role_mut(&role)?.profiles.push(profile);
            Ok(())
        })
    }
}

/// `RemoveRoleFromInstanceProfile`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RemoveRoleFromInstanceProfile {
    instance_profile_name: String,
    role_name: String,
}

impl Operation for RemoveRoleFromInstanceProfile {
    says!(RemoveRoleFromInstanceProfile -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let (name, role) = (&self.instance_profile_name, Some(&*self.role_name));
        Ok(one(facts, "iam:RemoveRoleFromInstanceProfile", name, role)?.into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let profile = account.profile_mut(&self.instance_profile_name)?;
            let name = profile.name.clone();
            let role = profile.role.take_if(|role| **role == *self.role_name);
            let role = role.ok_or_else(|| faults::no_such(Kind::Role, &self.role_name))?;
            account
                .role_mut(&role)?
                .profiles
                .retain(|profile| *profile != name);
            Ok(())
        })
    }
}

/// `ListInstanceProfiles`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListInstanceProfiles {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

listing! {
    /// The answer to `ListInstanceProfiles` and `ListInstanceProfilesForRole`.
    ProfileList { instance_profiles: ProfileShape }
}

impl Operation for ListInstanceProfiles {
    says!(ListInstanceProfiles -> ProfileList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let prefix = self.path_prefix.as_deref();
        let constraints = Constraints::iam().text("pathPrefix", prefix, &PATH_PREFIX);
        names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
        let action = "iam:ListInstanceProfiles";
        Ok(asking::list(facts, action, Kind::InstanceProfile, prefix).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<ProfileList, Fault> {
        let after = page::start(self.marker.as_deref())?;
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let profiles = account.profiles.after(after.as_deref());
            let profiles = profiles.filter(|(_, profile)| profile.path.starts_with(prefix));
            let shape = |profile| ProfileShape::short(&world.law, account, profile);
            let shapes = profiles.map(|(name, profile)| (name, shape(profile)));
            Ok(Page::of(shapes, self.max_items).into())
        })
    }
}

/// `ListInstanceProfilesForRole`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListInstanceProfilesForRole {
    role_name: String,
    marker: Option<String>,
    max_items: Option<i64>,
}

impl Operation for ListInstanceProfilesForRole {
    says!(ListInstanceProfilesForRole -> ProfileList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let constraints = Constraints::iam().text("roleName", Some(&self.role_name), &SHORT_NAME);
        names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
        let action = "iam:ListInstanceProfilesForRole";
        Ok(asking::existing(facts, action, Kind::Role, &self.role_name).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<ProfileList, Fault> {
        let after = page::start(self.marker.as_deref())?;
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let mut names: Vec<&Text> = account.role(&self.role_name)?.profiles.iter().collect();
            names.sort();
            let rest = names
                .into_iter()
                .filter(|name| after.as_deref().is_none_or(|after| ***name > *after));
            let found = rest.filter_map(|name| account.profiles.get(name));
            let shape = |profile| ProfileShape::short(&world.law, account, profile);
            let shapes = found.map(|profile| (&profile.name, shape(profile)));
            Ok(Page::of(shapes, self.max_items).into())
        })
    }
}
