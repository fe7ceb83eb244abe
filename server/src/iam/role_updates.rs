//! Changing and deleting roles.

use super::{
    account::Kind,
    asking, documents, faults,
    names::{DESCRIPTION, SHORT_NAME},
    roles::{DURATIONS, OneRole, RoleShape, SIGN_IN},
    says,
    trust::Trust,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Operation},
};
use serde::{Deserialize, Serialize};

/// `UpdateRole`: a duration that is left out goes back to one hour, as in AWS; a description stays.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateRole {
    role_name: String,
    description: Option<String>,
    max_session_duration: Option<i64>,
    max_signin_session_duration: Option<i64>,
    #[serde(default)]
    reset_max_signin_session_duration: bool,
}

/// The answer to `UpdateRole`: empty, but there.
#[derive(Debug, Serialize)]
pub(super) struct Updated {
    #[serde(skip_serializing_if = "Option::is_none")]
    nothing: Option<String>,
}

impl Operation for UpdateRole {
    says!(UpdateRole -> Updated);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("roleName", Some(&self.role_name), &SHORT_NAME)
            .text("description", self.description.as_deref(), &DESCRIPTION)
            .number("maxSessionDuration", self.max_session_duration, DURATIONS)
            .number(
                "maxSigninSessionDuration",
                self.max_signin_session_duration,
                SIGN_IN,
            )
            .done()?;
        if self.reset_max_signin_session_duration && self.max_signin_session_duration.is_some() {
            // That both cannot be sent is AWS's, the sentence is rolecall's choice.
            return Err(faults::invalid_input(
                "MaxSigninSessionDuration and ResetMaxSigninSessionDuration cannot be sent together",
            ));
        }
        Ok(asking::existing(facts, "iam:UpdateRole", Kind::Role, &self.role_name).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Updated, Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let max = self
                .max_session_duration
                .and_then(|seconds| u32::try_from(seconds).ok());
            // The description of a service-linked role may change, and nothing else.
            // Source: IAM User Guide, "Edit a service-linked role description".
            let sign_in = self.max_signin_session_duration;
            let role = match max.is_some() || sign_in.is_some() {
                true => account.own_role_mut(&self.role_name)?,
                false => account.role_mut(&self.role_name)?,
            };
            if let Some(description) = self.description {
                role.description = Some(description);
            }
            role.max_session_duration = max.unwrap_or(3600);
            if sign_in.is_some() || self.reset_max_signin_session_duration {
                role.max_sign_in = sign_in;
            }
            Ok(Updated { nothing: None })
        })
    }
}

/// `UpdateRoleDescription`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateRoleDescription {
    role_name: String,
    description: String,
}

impl Operation for UpdateRoleDescription {
    says!(UpdateRoleDescription -> OneRole);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("roleName", Some(&self.role_name), &SHORT_NAME)
            .text("description", Some(&self.description), &DESCRIPTION)
            .done()?;
        Ok(asking::existing(
            facts,
            "iam:UpdateRoleDescription",
            Kind::Role,
            &self.role_name,
        )
        .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneRole, Fault> {
        cx.write(|world| {
            let role = world.iam_mut(cx.account())?.role_mut(&self.role_name)?;
            role.description = Some(self.description);
            let role = role.clone();
            Ok(OneRole {
                role: RoleShape::short(&world.law, cx.caller().partition, &role),
            })
        })
    }
}

/// `UpdateAssumeRolePolicy`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateAssumeRolePolicy {
    role_name: String,
    policy_document: String,
}

impl Operation for UpdateAssumeRolePolicy {
    says!(UpdateAssumeRolePolicy -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let constraints = Constraints::iam().text("roleName", Some(&self.role_name), &SHORT_NAME);
        documents::bounds(constraints, "policyDocument", &self.policy_document).done()?;
        Ok(asking::existing(
            facts,
            "iam:UpdateAssumeRolePolicy",
            Kind::Role,
            &self.role_name,
        )
        .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            world.iam(cx.account())?.role(&self.role_name)?;
            let trust = Trust::read(&world.law, &self.policy_document)?;
            world
                .iam_mut(cx.account())?
                .own_role_mut(&self.role_name)?
                .trust = trust;
            Ok(())
        })
    }
}

/// `DeleteRole`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteRole {
    role_name: String,
}

impl Operation for DeleteRole {
    says!(DeleteRole -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("roleName", Some(&self.role_name), &SHORT_NAME)
            .done()?;
        Ok(asking::existing(facts, "iam:DeleteRole", Kind::Role, &self.role_name).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let role = account.own_role_mut(&self.role_name)?.clone();
            let in_the_way = [
                (
                    !role.profiles.is_empty(),
                    "remove roles from instance profile",
                ),
                (!role.policies.managed.is_empty(), "detach all policies"),
                (!role.policies.inline.is_empty(), "delete policies"),
            ];
            if let Some((_, what)) = in_the_way.iter().find(|(there, _)| *there) {
                return Err(faults::delete_first(what));
            }
            if let Some(arn) = &role.boundary {
                account.change_uses(arn, |uses| {
                    uses.bounds.remove(&(Kind::Role, role.name.clone()));
                });
            }
            account.roles.remove(&role.name);
            account.free_name(Kind::Role, &role.name);
            account.forget_id(&role.id);
            Ok(())
        })
    }
}
