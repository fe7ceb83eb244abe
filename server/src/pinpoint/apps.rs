//! Apps, which the guide also calls projects.

use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Fault, Operation, millis_time},
    world::Text,
};
use jiff::Timestamp;
use rolecall_policy::Origin;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An app.
#[derive(Debug, Clone)]
pub struct App {
    /// 32 hex digits, or what a scenario gave.
    pub id: Text,
    /// `arn:aws:mobiletargeting:REGION:ACCOUNT:apps/ID`
    pub arn: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags. Keys count their letter case.
    pub tags: BTreeMap<String, String>,
}

/// `ApplicationResponse`. Source: Amazon Pinpoint API Reference, "App".
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ApplicationResponse {
    id: String,
    arn: String,
    name: String,
    creation_date: String,
    #[serde(rename = "tags", skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
}

/// `GetApp`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct GetApp {
    application_id: String,
}

impl Operation for GetApp {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "GetApp";
    type Output = ApplicationResponse;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Ok(on_app("mobiletargeting:GetApp", facts, &self.application_id).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<ApplicationResponse, Fault> {
        cx.read(|world| {
            let app = world
                .app(cx.account(), &cx.meta().region, &self.application_id)
                .ok_or_else(not_found)?;
            Ok(app.shape())
        })
    }
}

impl App {
    fn shape(&self) -> ApplicationResponse {
        ApplicationResponse {
            id: self.id.to_string(),
            arn: self.arn.clone(),
            name: self.name.clone(),
            creation_date: millis_time(self.created),
            tags: self.tags.clone(),
        }
    }
}

/// Asks for an action on an app, with the app's tags.
pub(super) fn on_app(action: &'static str, facts: &Facts<'_>, id: &str) -> Demand {
    let demand = Demand::new(action, facts.arn("mobiletargeting", &format!("apps/{id}")));
    match facts.app(id) {
        Some(app) => demand.with_tags(Origin::Resource, "aws:ResourceTag/", &app.tags),
        None => demand,
    }
}

/// `NotFoundException`. The message is rolecall's choice: nobody recorded Pinpoint's.
pub(super) fn not_found() -> Fault {
    Fault::service(404, "NotFoundException", "Resource not found")
}
