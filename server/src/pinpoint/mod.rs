//! Amazon Pinpoint. One file per resource; operations stand next to what they change.
//!
//! Served: apps and their settings, endpoints, segments, tags, export and import jobs. Everything else of the 122
//! operations is answered with 501 under its own name.

pub(crate) mod apps;
mod endpoints;
mod exports;
mod imports;
mod jobs;
mod page;
mod segments;
mod settings;
mod shape;
pub(crate) mod tags;
mod unserved;

pub use apps::App;
pub(crate) use jobs::{interrupted, settled};
pub(crate) use tags::fill_known;
pub(crate) use unserved::unserved_name;

use crate::wire::{RestJson, Row, operations};

/// Every operation of Pinpoint that rolecall serves.
pub static OPERATIONS: &[Row] = operations![RestJson, "mobiletargeting";
    GET "/v1/apps" 200 => apps::GetApps,
    POST "/v1/apps" 201 => apps::CreateApp,
    GET "/v1/apps/{application-id}" 200 => apps::GetApp,
    DELETE "/v1/apps/{application-id}" 200 => apps::DeleteApp,
    GET "/v1/apps/{application-id}/settings" 200 => settings::GetApplicationSettings,
    PUT "/v1/apps/{application-id}/settings" 200 => settings::UpdateApplicationSettings,
    PUT "/v1/apps/{application-id}/endpoints" 202 => endpoints::UpdateEndpointsBatch,
    GET "/v1/apps/{application-id}/endpoints/{endpoint-id}" 200 => endpoints::GetEndpoint,
    PUT "/v1/apps/{application-id}/endpoints/{endpoint-id}" 202 => endpoints::UpdateEndpoint,
    DELETE "/v1/apps/{application-id}/endpoints/{endpoint-id}" 202 => endpoints::DeleteEndpoint,
    GET "/v1/apps/{application-id}/users/{user-id}" 200 => endpoints::GetUserEndpoints,
    DELETE "/v1/apps/{application-id}/users/{user-id}" 202 => endpoints::DeleteUserEndpoints,
    GET "/v1/apps/{application-id}/segments" 200 => segments::GetSegments,
    POST "/v1/apps/{application-id}/segments" 201 => segments::CreateSegment,
    GET "/v1/apps/{application-id}/segments/{segment-id}" 200 => segments::GetSegment,
    PUT "/v1/apps/{application-id}/segments/{segment-id}" 200 => segments::UpdateSegment,
    DELETE "/v1/apps/{application-id}/segments/{segment-id}" 200 => segments::DeleteSegment,
    GET "/v1/apps/{application-id}/segments/{segment-id}/versions" 200 => segments::GetSegmentVersions,
    GET "/v1/apps/{application-id}/segments/{segment-id}/versions/{version}" 200 => segments::GetSegmentVersion,
    GET "/v1/apps/{application-id}/segments/{segment-id}/jobs/export" 200 => jobs::ListJobsOfSegment<jobs::Exports>,
    GET "/v1/apps/{application-id}/jobs/export" 200 => jobs::ListJobs<jobs::Exports>,
    POST "/v1/apps/{application-id}/jobs/export" 202 => exports::CreateExportJob,
    GET "/v1/apps/{application-id}/jobs/export/{job-id}" 200 => jobs::GetJob<jobs::Exports>,
    GET "/v1/apps/{application-id}/segments/{segment-id}/jobs/import" 200 => jobs::ListJobsOfSegment<jobs::Imports>,
    GET "/v1/apps/{application-id}/jobs/import" 200 => jobs::ListJobs<jobs::Imports>,
    POST "/v1/apps/{application-id}/jobs/import" 201 => imports::CreateImportJob,
    GET "/v1/apps/{application-id}/jobs/import/{job-id}" 200 => jobs::GetJob<jobs::Imports>,
    GET "/v1/tags/{resource-arn}" 200 => tags::ListTagsForResource,
    POST "/v1/tags/{resource-arn}" 204 => tags::TagResource,
    DELETE "/v1/tags/{resource-arn}" 204 => tags::UntagResource,
];
