//! When somebody last used which service: jobs that are made at once and fetched later.

use super::{
    account::{Account, Kind},
    asking, faults,
    granting::{self, Bearer},
    names::{self, ARN},
    page::{self, Page, listing},
    says,
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Constraints, Fault, Operation, iam_time},
    world::{Text, World},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is called how. Other services are shown by their namespace.
const SERVICES: &[(&str, &str)] = &[
    ("access-analyzer", "AWS IAM Access Analyzer"),
    ("iam", "AWS Identity and Access Management"),
    ("mobiletargeting", "Amazon Pinpoint"),
    ("s3", "Amazon S3"),
    ("sts", "AWS Security Token Service"),
];

/// The answer to a question about last use, as it was when the job ran.
#[derive(Debug)]
pub(super) struct Job {
    created: Timestamp,
    services: Vec<Used>,
}

/// One service of a job, and everybody who may use it.
#[derive(Debug)]
struct Used {
    namespace: String,
    entities: Vec<Entity>,
}

/// A user or role, and its last use of one service.
#[derive(Debug, Clone)]
struct Entity {
    arn: String,
    name: Text,
    kind: Kind,
    id: Text,
    path: String,
    used: Option<(Timestamp, Text)>,
}

impl Used {
    fn last(&self) -> Option<(&Entity, &Timestamp, &Text)> {
        let used = self.entities.iter().filter_map(|entity| {
            let (at, region) = entity.used.as_ref()?;
            Some((entity, at, region))
        });
        used.max_by_key(|(_, at, _)| **at)
    }
}

fn entity(
    world: &World,
    account: &Account,
    kind: Kind,
    name: &str,
    service: &str,
) -> Option<Entity> {
    if kind == Kind::Role {
        let role = account.roles.get(name)?;
        return Some(Entity {
            arn: role.arn.clone(),
            name: role.name.clone(),
            kind,
            id: role.id.clone(),
            path: role.path.clone(),
            used: role.last_use.of(service),
        });
    }
    let user = account.users.get(name)?;
    let keys = user.keys.iter().filter_map(|id| world.keys.get(id));
    Some(Entity {
        arn: user.arn.clone(),
        name: user.name.clone(),
        kind,
        id: user.id.clone(),
        path: user.path.clone(),
        used: keys
            .filter_map(|key| key.last_use.of(service))
            .max_by_key(|(at, _)| *at),
    })
}

fn made(world: &World, account: &Account, arn: &str, now: Timestamp) -> Result<Job, Fault> {
    let bearer = Bearer::of(account, arn)?;
    let policies = granting::policies(account, &bearer);
    let mut namespaces: Vec<String> = SERVICES
        .iter()
        .map(|(namespace, _)| (*namespace).to_owned())
        .chain(
            policies
                .iter()
                .flat_map(|found| granting::named(found.policy)),
        )
        .filter(|namespace| {
            policies
                .iter()
                .any(|it| granting::grants(it.policy, namespace))
        })
        .collect();
    namespaces.sort();
    namespaces.dedup();
    let people = bearer.people(account);
    let services = namespaces.into_iter().map(|namespace| Used {
        entities: people
            .iter()
            .filter_map(|(kind, name)| entity(world, account, *kind, name, &namespace))
            .collect(),
        namespace,
    });
    Ok(Job {
        created: now,
        services: services.collect(),
    })
}

/// `GenerateServiceLastAccessedDetails`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GenerateServiceLastAccessedDetails {
    arn: String,
    granularity: Option<String>,
}

/// The answer to `GenerateServiceLastAccessedDetails`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Begun {
    job_id: String,
}

impl Operation for GenerateServiceLastAccessedDetails {
    says!(GenerateServiceLastAccessedDetails -> Begun);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        const LEVELS: &[&str] = &["SERVICE_LEVEL", "ACTION_LEVEL"];
        let level = self.granularity.as_deref();
        Constraints::iam()
            .text("arn", Some(&self.arn), &ARN)
            .one_of("granularity", level, LEVELS)
            .done()?;
        let action = "iam:GenerateServiceLastAccessedDetails";
        Ok(asking::by_arn(facts, action, &self.arn).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Begun, Fault> {
        if self.granularity.as_deref() == Some("ACTION_LEVEL") {
            let message = "rolecall knows the last use of services, not of single actions";
            return Err(faults::invalid_input(message));
        }
        let id = cx.ids().request().to_string();
        cx.write(|world| {
            let job = made(world, world.iam(cx.account())?, &self.arn, cx.now())?;
            let reports = Arc::make_mut(&mut world.iam_mut(cx.account())?.reports);
            reports.add_job(id.as_str().into(), job);
            Ok(Begun { job_id: id })
        })
    }
}

/// A service as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ServiceShape {
    service_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_authenticated: Option<String>,
    service_namespace: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_authenticated_entity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_authenticated_region: Option<String>,
    total_authenticated_entities: usize,
}

impl From<&Used> for ServiceShape {
    fn from(used: &Used) -> Self {
        let namespace = used.namespace.as_str();
        let name = SERVICES.iter().find(|(known, _)| *known == namespace);
        let last = used.last();
        Self {
            service_name: name.map_or(namespace, |(_, name)| name).to_owned(),
            last_authenticated: last.map(|(_, at, _)| iam_time(*at)),
            service_namespace: namespace.to_owned(),
            last_authenticated_entity: last.map(|(entity, _, _)| entity.arn.clone()),
            last_authenticated_region: last.map(|(_, _, region)| region.to_string()),
            total_authenticated_entities: used
                .entities
                .iter()
                .filter(|it| it.used.is_some())
                .count(),
        }
    }
}

listing! {
    /// The list in the answer to `GetServiceLastAccessedDetails`.
    ServiceList { services_last_accessed: ServiceShape }
}

/// An answer about a job.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OfJob<T> {
    job_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_type: Option<&'static str>,
    job_creation_date: String,
    job_completion_date: String,
    #[serde(flatten)]
    list: T,
}

fn bounds(
    job: &str,
    namespace: Option<&str>,
    marker: Option<&str>,
    max: Option<i64>,
) -> Result<(), Fault> {
    names::paging(Constraints::iam(), marker, max)
        .text("jobId", Some(job), &names::JOB_ID)
        .text("serviceNamespace", namespace, &names::NAMESPACE)
        .done()
}

fn job<'w>(world: &'w World, account: &str, id: &str) -> Result<&'w Job, Fault> {
    let job = world.iam(account)?.reports.job(id).map(|job| &**job);
    job.ok_or_else(|| faults::no_entity(format!("The job with id {id} cannot be found.")))
}

/// `GetServiceLastAccessedDetails`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetServiceLastAccessedDetails {
    job_id: String,
    marker: Option<String>,
    max_items: Option<i64>,
}

impl Operation for GetServiceLastAccessedDetails {
    says!(GetServiceLastAccessedDetails -> OfJob<ServiceList>);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        bounds(&self.job_id, None, self.marker.as_deref(), self.max_items)?;
        Ok(Demand::new("iam:GetServiceLastAccessedDetails", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OfJob<ServiceList>, Fault> {
        let after = page::start(self.marker.as_deref())?;
        cx.read(|world| {
            let job = job(world, cx.account(), &self.job_id)?;
            let rest = job.services.iter();
            let rest = rest.filter(|it| after.as_ref().is_none_or(|after| it.namespace > *after));
            let shapes = rest.map(|it| (&it.namespace, ServiceShape::from(it)));
            Ok(OfJob {
                job_status: "COMPLETED",
                job_type: Some("SERVICE_LEVEL"),
                job_creation_date: iam_time(job.created),
                job_completion_date: iam_time(job.created),
                list: Page::of(shapes, self.max_items).into(),
            })
        })
    }
}

/// `GetServiceLastAccessedDetailsWithEntities`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetServiceLastAccessedDetailsWithEntities {
    job_id: String,
    service_namespace: String,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// A user or role and its last use, as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EntityShape {
    entity_info: EntityInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_authenticated: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct EntityInfo {
    arn: String,
    name: String,
    #[serde(rename = "Type")]
    kind: &'static str,
    id: String,
    path: String,
}

impl From<&Entity> for EntityShape {
    fn from(entity: &Entity) -> Self {
        Self {
            entity_info: EntityInfo {
                arn: entity.arn.clone(),
                name: entity.name.to_string(),
                kind: if entity.kind == Kind::Role {
                    "ROLE"
                } else {
                    "USER"
                },
                id: entity.id.to_string(),
                path: entity.path.clone(),
            },
            last_authenticated: entity.used.as_ref().map(|(at, _)| iam_time(*at)),
        }
    }
}

listing! {
    /// The list in the answer to `GetServiceLastAccessedDetailsWithEntities`.
    EntityList { entity_details_list: EntityShape }
}

impl Operation for GetServiceLastAccessedDetailsWithEntities {
    says!(GetServiceLastAccessedDetailsWithEntities -> OfJob<EntityList>);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        let namespace = Some(&*self.service_namespace);
        bounds(
            &self.job_id,
            namespace,
            self.marker.as_deref(),
            self.max_items,
        )?;
        Ok(Demand::new("iam:GetServiceLastAccessedDetailsWithEntities", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OfJob<EntityList>, Fault> {
        let after = page::start(self.marker.as_deref())?;
        cx.read(|world| {
            let job = job(world, cx.account(), &self.job_id)?;
            let mut services = job.services.iter();
            let used = services.find(|it| it.namespace == self.service_namespace);
            let mut entities: Vec<&Entity> = used.into_iter().flat_map(|it| &it.entities).collect();
            entities.sort_by(|a, b| a.arn.cmp(&b.arn));
            let rest = entities
                .into_iter()
                .filter(|it| after.as_ref().is_none_or(|after| it.arn > *after));
            let shapes = rest.map(|it| (&it.arn, EntityShape::from(it)));
            Ok(OfJob {
                job_status: "COMPLETED",
                job_type: None,
                job_creation_date: iam_time(job.created),
                job_completion_date: iam_time(job.created),
                list: Page::of(shapes, self.max_items).into(),
            })
        })
    }
}
