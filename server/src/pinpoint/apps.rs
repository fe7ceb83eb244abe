//! Apps, which the guide also calls projects.

use super::{
    endpoints::Endpoints,
    jobs::Job,
    page::{Items, Page},
    segments::Segment,
    shape::{self, Document, Member, Shape, must},
    tags::{self, Tags},
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Fault, Operation, millis_time},
    world::{Map, Text, World},
};
use jiff::Timestamp;
use rolecall_policy::Origin;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// An app.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
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
    pub tags: Tags,
    /// What UpdateApplicationSettings set, and when.
    pub(super) settings: Option<(Arc<Document>, Timestamp)>,
    /// Where its users can be reached.
    #[serde(skip)]
    pub(super) endpoints: Endpoints,
    /// Segments by id.
    #[serde(skip)]
    pub(super) segments: Map<Text, Arc<Segment>>,
    /// Export jobs by id.
    #[serde(skip)]
    pub(super) exports: Map<Text, Arc<Job>>,
    /// Segment id and job id of every export of a segment.
    #[serde(skip)]
    pub(super) segment_exports: Map<(Text, Text), ()>,
    /// Import jobs by id.
    #[serde(skip)]
    pub(super) imports: Map<Text, Arc<Job>>,
    /// Segment id and job id of every import of a segment.
    #[serde(skip)]
    pub(super) segment_imports: Map<(Text, Text), ()>,
}

crate::world::kept_in_rows!(App {
    endpoints,
    segments,
    exports,
    segment_exports,
    imports,
    segment_imports
});

impl App {
    /// An app without content.
    pub(crate) fn new(id: Text, arn: String, name: String, created: Timestamp, tags: Tags) -> Self {
        Self {
            id,
            arn,
            name,
            created,
            tags,
            settings: None,
            endpoints: Endpoints::default(),
            segments: Map::default(),
            exports: Map::default(),
            segment_exports: Map::default(),
            imports: Map::default(),
            segment_imports: Map::default(),
        }
    }

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

/// `ApplicationResponse`. Source: Amazon Pinpoint API Reference, "App".
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ApplicationResponse {
    id: String,
    arn: String,
    name: String,
    creation_date: String,
    #[serde(rename = "tags", skip_serializing_if = "Tags::is_empty")]
    tags: Tags,
}

/// `CreateApp`
#[derive(Debug, Deserialize)]
pub(super) struct CreateApp {
    body: Option<Value>,
}

static CREATE: &[Member] = &[must("Name", &Shape::Text), tags::MEMBER];

impl Operation for CreateApp {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "CreateApp";
    type Output = ApplicationResponse;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let demand = Demand::new(
            "mobiletargeting:CreateApp",
            facts.arn("mobiletargeting", "apps/*"),
        );
        Ok(tags::of_new(demand, self.body.as_ref()).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<ApplicationResponse, Fault> {
        let body = shape::read(self.body.as_ref(), CREATE)?;
        let name = shape::text(&body, "Name").unwrap_or_default();
        // "An app can have a display name of up to 64 characters." Source: Amazon Pinpoint API Reference, "Apps".
        if name.is_empty() || name.chars().count() > 64 {
            return Err(Fault::malformed(
                "Name",
                "it must have from 1 to 64 characters",
            ));
        }
        let tags = tags::read(&body)?;
        let id = Text::from(cx.ids().hex32());
        let (account, region) = (cx.account().clone(), cx.meta().region.clone());
        let arn = arn(cx.caller().partition, &region, &account, &id);
        let app = App::new(id.clone(), arn, name.to_owned(), cx.now(), tags);
        let answer = app.shape();
        cx.write(|world| {
            world.apps.insert((account, region, id), Arc::new(app));
            Ok(())
        })?;
        Ok(answer)
    }
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
        cx.read(|world| Ok(find(world, &cx, &self.application_id)?.shape()))
    }
}

/// `GetApps`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct GetApps {
    page_size: Option<String>,
    token: Option<String>,
}

impl Operation for GetApps {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "GetApps";
    type Output = Items<ApplicationResponse>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let apps = facts.arn("mobiletargeting", "apps/*");
        Ok(Demand::new("mobiletargeting:GetApps", apps).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Items<ApplicationResponse>, Fault> {
        let page = Page::asked(self.page_size.as_deref(), self.token.as_deref())?;
        let (account, region) = (cx.account(), &cx.meta().region);
        let after = page.after.as_deref().unwrap_or_default();
        let start = (account.clone(), region.clone(), Text::from(after));
        cx.read(|world| {
            let here = world.apps.after(Some(&start));
            let here = here.take_while(|((of, at, _), _)| of == account && at == region);
            Ok(page.take(here.map(|((.., id), app)| (id, app.shape()))))
        })
    }
}

/// `DeleteApp`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct DeleteApp {
    application_id: String,
}

impl Operation for DeleteApp {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "DeleteApp";
    type Output = ApplicationResponse;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Ok(on_app("mobiletargeting:DeleteApp", facts, &self.application_id).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<ApplicationResponse, Fault> {
        cx.write(|world| {
            let answer = find(world, &cx, &self.application_id)?.shape();
            world.apps.remove(&(
                cx.account().clone(),
                cx.meta().region.clone(),
                Text::from(self.application_id),
            ));
            Ok(answer)
        })
    }
}

/// The ARN of an app.
pub(crate) fn arn(partition: &str, region: &str, account: &str, id: &str) -> String {
    format!("arn:{partition}:mobiletargeting:{region}:{account}:apps/{id}")
}

/// Asks for an action on an app, with the app's tags.
pub(super) fn on_app(action: &'static str, facts: &Facts<'_>, id: &str) -> Demand {
    let demand = Demand::new(action, facts.arn("mobiletargeting", &format!("apps/{id}")));
    match facts.app(id) {
        Some(app) => demand.with_tags(Origin::Resource, "aws:ResourceTag/", &app.tags),
        None => demand,
    }
}

/// Asks for an action on something below an app that has no tags of its own; the app's are not inherited.
pub(super) fn below_app(action: &'static str, facts: &Facts<'_>, id: &str, tail: &str) -> Demand {
    let arn = facts.arn("mobiletargeting", &format!("apps/{id}/{tail}"));
    Demand::new(action, arn)
}

/// The app that the request names.
pub(super) fn find<'w, O>(
    world: &'w World,
    cx: &Granted<'_, O>,
    id: &str,
) -> Result<&'w Arc<App>, Fault> {
    let app = world.app(cx.account(), &cx.meta().region, id);
    app.ok_or_else(not_found)
}

/// The app that the request names, to change.
pub(super) fn find_mut<'w, O>(
    world: &'w mut World,
    cx: &Granted<'_, O>,
    id: &str,
) -> Result<&'w mut App, Fault> {
    let app = world.app_mut(cx.account(), &cx.meta().region, id);
    app.ok_or_else(not_found)
}

/// `NotFoundException`. The message is rolecall's choice: nobody recorded Pinpoint's.
pub(super) fn not_found() -> Fault {
    Fault::service(404, "NotFoundException", "Resource not found")
}
