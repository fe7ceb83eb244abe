//! Roles.

use super::{
    Attachments, LastUse, Tags,
    account::Kind,
    asking,
    boundaries::{self, BoundaryShape},
    documents, faults,
    names::{self, ARN, DESCRIPTION, PATH, PATH_PREFIX, SHORT_NAME},
    page::{self, Page, listing},
    says, service_linked,
    tags::{self, Tag},
    trust::Trust,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Members, Operation, iam_time},
    world::{Law, Text},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Roles of one account.
pub(super) const MOST: usize = 1000;

/// How long a session may last at most, in seconds.
pub(super) const DURATIONS: std::ops::RangeInclusive<i64> = 3600..=43_200;
/// How long somebody may stay signed in at most, in seconds. Nobody signs in here: the number is kept and shown.
pub(super) const SIGN_IN: std::ops::RangeInclusive<i64> = 3600..=7_776_000;

/// A role.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Role {
    /// Name as created.
    pub name: Text,
    /// `/` or `/…/`
    pub path: String,
    /// `AROA…`
    pub id: Text,
    /// `arn:aws:iam::A:role/path/name`
    pub arn: String,
    /// When it was made.
    pub created: Timestamp,
    /// Who may assume it.
    pub trust: Trust,
    /// What it is for.
    pub description: Option<String>,
    /// Seconds, 3600 to 43200.
    pub max_session_duration: u32,
    /// Seconds, where it was set.
    #[serde(default)]
    pub max_sign_in: Option<i64>,
    /// Tags.
    pub tags: Tags,
    /// Its policies.
    pub policies: Attachments,
    /// The ARN of the managed policy that bounds it.
    pub boundary: Option<Text>,
    /// The names of the instance profiles that hold it.
    #[serde(default)]
    pub profiles: Vec<Text>,
    /// When one of its sessions last did something.
    #[serde(skip)]
    pub last_use: Arc<LastUse>,
}

/// A role as the API shows it. Source: IAM API Reference, "Role".
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RoleShape {
    path: String,
    role_name: String,
    role_id: String,
    arn: String,
    create_date: String,
    assume_role_policy_document: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_session_duration: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_signin_session_duration: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_boundary: Option<BoundaryShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Members<Tag>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_last_used: Option<LastUsedShape>,
}

/// When a role was last used, as the API shows it: empty when never.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LastUsedShape {
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
}

impl LastUsedShape {
    pub(super) fn of(role: &Role) -> Self {
        let last = role.last_use.read();
        Self {
            last_used_date: last.as_ref().map(|(at, _, _)| iam_time(*at)),
            region: last.map(|(_, _, region)| region.to_string()),
        }
    }
}

impl RoleShape {
    /// As instance profiles show it: without what can be changed.
    pub(super) fn bare(law: &Law, partition: &str, role: &Role) -> Self {
        Self {
            description: None,
            max_session_duration: None,
            max_signin_session_duration: None,
            ..Self::short(law, partition, role)
        }
    }

    /// As lists show it: without boundary and tags.
    pub(super) fn short(law: &Law, partition: &str, role: &Role) -> Self {
        Self {
            path: role.path.clone(),
            role_name: role.name.to_string(),
            role_id: role.id.to_string(),
            arn: role.arn.clone(),
            create_date: iam_time(role.created),
            assume_role_policy_document: documents::encoded(&role.trust.shown(law, partition)),
            description: role.description.clone(),
            max_session_duration: Some(role.max_session_duration),
            max_signin_session_duration: role.max_sign_in,
            permissions_boundary: None,
            tags: None,
            role_last_used: None,
        }
    }

    pub(super) fn full(law: &Law, partition: &str, role: &Role) -> Self {
        Self {
            permissions_boundary: role.boundary.as_ref().map(BoundaryShape::from),
            tags: (!role.tags.is_empty()).then(|| role.tags.iter().map(Tag::from).collect()),
            role_last_used: Some(LastUsedShape::of(role)),
            ..Self::short(law, partition, role)
        }
    }
}

/// An answer that is one role.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneRole {
    pub(super) role: RoleShape,
}

/// `CreateRole`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateRole {
    role_name: String,
    assume_role_policy_document: String,
    path: Option<String>,
    description: Option<String>,
    max_session_duration: Option<i64>,
    max_signin_session_duration: Option<i64>,
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Operation for CreateRole {
    says!(CreateRole -> OneRole);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let constraints = Constraints::iam()
            .text("roleName", Some(&self.role_name), &SHORT_NAME)
            .text("path", self.path.as_deref(), &PATH)
            .text("description", self.description.as_deref(), &DESCRIPTION)
            .number("maxSessionDuration", self.max_session_duration, DURATIONS)
            .number(
                "maxSigninSessionDuration",
                self.max_signin_session_duration,
                SIGN_IN,
            )
            .text(
                "permissionsBoundary",
                self.permissions_boundary.as_deref(),
                &ARN,
            );
        let constraints = documents::bounds(
            constraints,
            "assumeRolePolicyDocument",
            &self.assume_role_policy_document,
        );
        tags::bounds(constraints, &self.tags).done()?;
        let path = self.path.as_deref().unwrap_or("/");
        if path.starts_with(service_linked::PATH) {
            // Such a role would be taken for a service's own. The sentence is rolecall's choice.
            return Err(faults::invalid_input(
                "The path /aws-service-role/ is reserved for service-linked roles",
            ));
        }
        let demand = asking::new(
            facts,
            "iam:CreateRole",
            Kind::Role,
            self.path.as_deref(),
            &self.role_name,
        )
        .with(
            "iam:PermissionsBoundary",
            self.permissions_boundary.as_deref(),
        );
        Ok(asking::requested(demand, &tags::pairs(&self.tags)).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneRole, Fault> {
        let id = Text::from(cx.ids().unique("AROA", 21));
        cx.write(|world| {
            let trust = Trust::read(&world.law, &self.assume_role_policy_document)?;
            let account = world.iam_mut(cx.account())?;
            if account.roles.len() >= MOST {
                return Err(faults::quota("RolesPerAccount", MOST));
            }
            let name = account.take_name(Kind::Role, &self.role_name)?;
            let path = self.path.unwrap_or_else(|| "/".to_owned());
            let max = self
                .max_session_duration
                .and_then(|seconds| u32::try_from(seconds).ok());
            let role = Arc::new(Role {
                arn: account.arn(&names::arn_tail("role", &path, &name)),
                boundary: boundaries::bound(
                    account,
                    self.permissions_boundary.as_deref(),
                    Kind::Role,
                    &name,
                )?,
                name: name.clone(),
                path,
                id,
                created: cx.now(),
                trust,
                description: self.description,
                max_session_duration: max.unwrap_or(3600),
                max_sign_in: self.max_signin_session_duration,
                tags: tags::first(&self.tags)?,
                policies: Attachments::default(),
                profiles: Vec::new(),
                last_use: Arc::default(),
            });
            account.know_id(&role.id, Kind::Role, &name);
            account.roles.insert(name, role.clone());
            let full = RoleShape::full(&world.law, cx.caller().partition, &role);
            // CreateRole itself does not say these.
            Ok(OneRole {
                role: RoleShape {
                    max_session_duration: None,
                    role_last_used: None,
                    ..full
                },
            })
        })
    }
}

/// `GetRole`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetRole {
    role_name: String,
}

impl Operation for GetRole {
    says!(GetRole -> OneRole);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("roleName", Some(&self.role_name), &SHORT_NAME)
            .done()?;
        Ok(asking::existing(facts, "iam:GetRole", Kind::Role, &self.role_name).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneRole, Fault> {
        cx.read(|world| {
            let role = world.iam(cx.account())?.role(&self.role_name)?;
            Ok(OneRole {
                role: RoleShape::full(&world.law, cx.caller().partition, role),
            })
        })
    }
}

/// `ListRoles`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListRoles {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

listing! {
    /// The answer to `ListRoles`.
    RoleList { roles: RoleShape }
}

impl Operation for ListRoles {
    says!(ListRoles -> RoleList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let prefix = self.path_prefix.as_deref();
        let constraints = Constraints::iam().text("pathPrefix", prefix, &PATH_PREFIX);
        names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
        Ok(asking::list(facts, "iam:ListRoles", Kind::Role, prefix).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<RoleList, Fault> {
        let after = page::start(self.marker.as_deref())?;
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        cx.read(|world| {
            let roles = world.iam(cx.account())?.roles.after(after.as_deref());
            let roles = roles.filter(|(_, role)| role.path.starts_with(prefix));
            let shape = |role| RoleShape::short(&world.law, cx.caller().partition, role);
            Ok(Page::of(
                roles.map(|(name, role)| (name, shape(role))),
                self.max_items,
            )
            .into())
        })
    }
}
