//! Service-linked roles: made for one service, changed by nobody else.
//! Source: IAM User Guide, "Create a service-linked role".

use super::{
    Attachments,
    account::{Account, Kind},
    asking, faults,
    names::{self, DESCRIPTION, LONG_NAME, SHORT_NAME, SUFFIX},
    roles::{self, OneRole, Role, RoleShape},
    says,
    trust::Trust,
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Constraints, Fault, Operation},
    world::Text,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The path of every service-linked role, and of no other.
pub(super) const PATH: &str = "/aws-service-role/";

/// Services whose roles are not called after the first part of their name: service, name, takes a suffix.
/// Source: AWS services that work with IAM, the pages of the services.
const NAMES: &[(&str, &str, bool)] = &[
    (
        "accountdiscovery.ssm.amazonaws.com",
        "AmazonSSM_AccountDiscovery",
        false,
    ),
    ("autoscaling.amazonaws.com", "AutoScaling", true),
    ("batch.amazonaws.com", "Batch", true),
    (
        "custom-resource.application-autoscaling.amazonaws.com",
        "ApplicationAutoScaling_CustomResource",
        false,
    ),
    (
        "dynamodb.application-autoscaling.amazonaws.com",
        "ApplicationAutoScaling_DynamoDBTable",
        false,
    ),
    ("ec2scheduled.amazonaws.com", "EC2ScheduledInstances", false),
    ("ecs.amazonaws.com", "ECS", false),
    (
        "ecs.application-autoscaling.amazonaws.com",
        "ApplicationAutoScaling_ECSService",
        false,
    ),
    ("eks.amazonaws.com", "AmazonEKS", false),
    ("elasticache.amazonaws.com", "ElastiCache", false),
    ("elasticbeanstalk.amazonaws.com", "ElasticBeanstalk", false),
    (
        "elasticloadbalancing.amazonaws.com",
        "ElasticLoadBalancing",
        false,
    ),
    ("es.amazonaws.com", "AmazonElasticsearchService", false),
    (
        "opensearchservice.amazonaws.com",
        "AmazonOpenSearchService",
        false,
    ),
    ("organizations.amazonaws.com", "Organizations", false),
    ("rds.amazonaws.com", "RDS", false),
    ("replicator.lambda.amazonaws.com", "LambdaReplicator", false),
    ("spot.amazonaws.com", "EC2Spot", false),
    ("spotfleet.amazonaws.com", "EC2SpotFleet", false),
    ("sso.amazonaws.com", "SSO", false),
    ("support.amazonaws.com", "Support", false),
    ("trustedadvisor.amazonaws.com", "TrustedAdvisor", false),
];

impl Role {
    /// Whether it belongs to a service.
    pub(crate) fn is_service_linked(&self) -> bool {
        self.path.starts_with(PATH)
    }
}

impl Account {
    /// A role that its account may change: not one that belongs to a service.
    pub(super) fn own_role_mut(&mut self, name: &str) -> Result<&mut Role, Fault> {
        let role = self.role_mut(name)?;
        if role.is_service_linked() {
            let message = format!(
                "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
            );
            return Err(Fault::service(400, "UnmodifiableEntity", message));
        }
        Ok(role)
    }
}

/// The name of a service's role. Of services that are not in the table the name is rolecall's choice.
fn role_name(service: &str, suffix: Option<&str>) -> Result<String, Fault> {
    let known = NAMES.iter().find(|(name, _, _)| *name == service);
    let name = match known {
        Some((_, name, _)) => (*name).to_owned(),
        None => {
            let parts = service
                .strip_suffix(".amazonaws.com")
                .filter(|it| !it.is_empty());
            let mut parts = parts
                .ok_or_else(|| {
                    faults::invalid_input(format!("{service} is not a valid service name"))
                })?
                .rsplit('.');
            let first = parts.next().unwrap_or_default().to_owned();
            parts.fold(first, |name, part| format!("{name}_{part}"))
        }
    };
    match suffix {
        Some(_) if known.is_some_and(|(_, _, suffixed)| !suffixed) => Err(faults::invalid_input(
            format!("Custom suffix is not allowed for {service}"),
        )),
        Some(suffix) => Ok(format!("AWSServiceRoleFor{name}_{suffix}")),
        None => Ok(format!("AWSServiceRoleFor{name}")),
    }
}

/// `CreateServiceLinkedRole`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateServiceLinkedRole {
    #[serde(rename = "AWSServiceName")]
    service: String,
    description: Option<String>,
    custom_suffix: Option<String>,
}

impl Operation for CreateServiceLinkedRole {
    says!(CreateServiceLinkedRole -> OneRole);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let suffix = self.custom_suffix.as_deref();
        Constraints::iam()
            .text("aWSServiceName", Some(&self.service), &LONG_NAME)
            .text("description", self.description.as_deref(), &DESCRIPTION)
            .text("customSuffix", suffix, &SUFFIX)
            .done()?;
        let path = format!("{PATH}{}/", self.service);
        let name = role_name(&self.service, suffix)?;
        let action = "iam:CreateServiceLinkedRole";
        let demand = asking::new(facts, action, Kind::Role, Some(&path), &name);
        Ok(demand
            .with("iam:AWSServiceName", Some(&*self.service))
            .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneRole, Fault> {
        let name = role_name(&self.service, self.custom_suffix.as_deref())?;
        let id = Text::from(cx.ids().unique("AROA", 21));
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{{"Service":["{}"]}}}}]}}"#,
            self.service
        );
        cx.write(|world| {
            let trust = Trust::read(&world.law, &document)?;
            let account = world.iam_mut(cx.account())?;
            if account.roles.contains_key(&*name) {
                return Err(faults::invalid_input(format!(
                    "Service role name {name} has been taken in this account, please try a different suffix."
                )));
            }
            if account.roles.len() >= roles::MOST {
                return Err(faults::quota("RolesPerAccount", roles::MOST));
            }
            let name = account.take_name(Kind::Role, &name)?;
            let path = format!("{PATH}{}/", self.service);
            let role = Arc::new(Role {
                arn: account.arn(&names::arn_tail("role", &path, &name)),
                name: name.clone(),
                path,
                id,
                created: cx.now(),
                trust,
                description: self.description,
                max_session_duration: 3600,
                max_sign_in: None,
                tags: Vec::new(),
                // AWS attaches a policy of the service's here; rolecall does not know those.
                policies: Attachments::default(),
                boundary: None,
                profiles: Vec::new(),
                last_use: Arc::default(),
            });
            account.know_id(&role.id, Kind::Role, &name);
            account.roles.insert(name, role.clone());
            let partition = cx.caller().partition;
            Ok(OneRole {
                role: RoleShape::full(&world.law, partition, &role),
            })
        })
    }
}

/// `DeleteServiceLinkedRole`: at once; AWS asks the service first.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteServiceLinkedRole {
    role_name: String,
}

/// The answer to `DeleteServiceLinkedRole`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Begun {
    deletion_task_id: String,
}

impl Operation for DeleteServiceLinkedRole {
    says!(DeleteServiceLinkedRole -> Begun);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("roleName", Some(&self.role_name), &SHORT_NAME)
            .done()?;
        let action = "iam:DeleteServiceLinkedRole";
        Ok(asking::existing(facts, action, Kind::Role, &self.role_name).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Begun, Fault> {
        let id = cx.ids().request();
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let role = account.role(&self.role_name)?.clone();
            if !role.is_service_linked() {
                return Err(faults::no_such(Kind::Role, &self.role_name));
            }
            account.roles.remove(&role.name);
            account.free_name(Kind::Role, &role.name);
            account.forget_id(&role.id);
            let task = format!("task{}{}/{id}", role.path, role.name);
            Arc::make_mut(&mut account.reports).deleted(task.as_str().into());
            Ok(Begun {
                deletion_task_id: task,
            })
        })
    }
}

/// `GetServiceLinkedRoleDeletionStatus`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetServiceLinkedRoleDeletionStatus {
    deletion_task_id: String,
}

/// The answer to `GetServiceLinkedRoleDeletionStatus`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeletionStatus {
    status: &'static str,
}

impl Operation for GetServiceLinkedRoleDeletionStatus {
    says!(GetServiceLinkedRoleDeletionStatus -> DeletionStatus);

    /// The resource is the role that was: its path and name stand in the task's id.
    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let path = self.deletion_task_id.strip_prefix("task/");
        let role = path.and_then(|path| path.rsplit_once('/'));
        let role = role
            .ok_or_else(|| faults::invalid_input("Invalid deletion task id"))?
            .0;
        let arn = facts.iam_arn(&format!("role/{role}"));
        Ok(Demand::new("iam:GetServiceLinkedRoleDeletionStatus", arn).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<DeletionStatus, Fault> {
        cx.read(|world| {
            let known = world
                .iam(cx.account())?
                .reports
                .was_deleted(&self.deletion_task_id);
            let fault = || {
                let id = &self.deletion_task_id;
                faults::no_entity(format!("The deletion task {id} cannot be found."))
            };
            known
                .then_some(DeletionStatus {
                    status: "SUCCEEDED",
                })
                .ok_or_else(fault)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn roles_are_called_after_their_service() {
        let name = |service, suffix| role_name(service, suffix).map_err(|it| it.to_string());
        for (service, suffix, expected) in [
            (
                "autoscaling.amazonaws.com",
                Some("a"),
                "AWSServiceRoleForAutoScaling_a",
            ),
            ("rds.amazonaws.com", None, "AWSServiceRoleForRDS"),
            ("x.y.amazonaws.com", None, "AWSServiceRoleFory_x"),
        ] {
            assert_eq!(name(service, suffix).unwrap(), expected);
        }
        assert_eq!(
            name("accountdiscovery.ssm.amazonaws.com", Some("a")).unwrap_err(),
            "InvalidInput: Custom suffix is not allowed for accountdiscovery.ssm.amazonaws.com"
        );
        assert!(name("example.com", None).is_err());
    }
}
