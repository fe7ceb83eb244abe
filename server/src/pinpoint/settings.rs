//! The settings of an app. rolecall keeps them and acts on none of them.

use super::{
    apps::{self, on_app},
    shape::{self, Document, Member, Shape, may},
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Fault, Operation, millis_time},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

static WRITE: &[Member] = &[
    may(
        "CampaignHook",
        &Shape::Object(&[
            may("LambdaFunctionName", &Shape::Text),
            may("Mode", &Shape::Word(&["DELIVERY", "FILTER"])),
            may("WebUrl", &Shape::Text),
        ]),
    ),
    may("CloudWatchMetricsEnabled", &Shape::Bool),
    may("EventTaggingEnabled", &Shape::Bool),
    may(
        "Limits",
        &Shape::Object(&[
            may("Daily", &Shape::Integer),
            may("MaximumDuration", &Shape::Integer),
            may("MessagesPerSecond", &Shape::Integer),
            may("Total", &Shape::Integer),
            may("Session", &Shape::Integer),
        ]),
    ),
    may(
        "QuietTime",
        &Shape::Object(&[may("End", &Shape::Text), may("Start", &Shape::Text)]),
    ),
    may(
        "JourneyLimits",
        &Shape::Object(&[
            may("DailyCap", &Shape::Integer),
            may(
                "TimeframeCap",
                &Shape::Object(&[may("Cap", &Shape::Integer), may("Days", &Shape::Integer)]),
            ),
            may("TotalCap", &Shape::Integer),
        ]),
    ),
];
/// What `ApplicationSettingsResource` shows of it; the two switches are written and never read.
const SHOWN: [&str; 4] = ["CampaignHook", "Limits", "QuietTime", "JourneyLimits"];

fn shown(app: &apps::App) -> Document {
    let mut out = Map::new();
    out.insert("ApplicationId".to_owned(), json!(&*app.id));
    let (settings, changed) = app.settings.clone().unwrap_or_default();
    let changed = if app.settings.is_some() {
        changed
    } else {
        app.created
    };
    out.insert("LastModifiedDate".to_owned(), json!(millis_time(changed)));
    for name in SHOWN {
        let value = settings.get(name).cloned();
        out.insert(name.to_owned(), value.unwrap_or_else(|| json!({})));
    }
    out
}

/// `GetApplicationSettings`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct GetApplicationSettings {
    application_id: String,
}

impl Operation for GetApplicationSettings {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "GetApplicationSettings";
    type Output = Document;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Ok(on_app(
            "mobiletargeting:GetApplicationSettings",
            facts,
            &self.application_id,
        )
        .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Document, Fault> {
        cx.read(|world| Ok(shown(apps::find(world, &cx, &self.application_id)?)))
    }
}

/// `UpdateApplicationSettings`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct UpdateApplicationSettings {
    application_id: String,
    body: Option<Value>,
}

impl Operation for UpdateApplicationSettings {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "UpdateApplicationSettings";
    type Output = Document;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "mobiletargeting:UpdateApplicationSettings";
        Ok(on_app(action, facts, &self.application_id).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Document, Fault> {
        let body = shape::read(self.body.as_ref(), WRITE)?;
        cx.write(|world| {
            let app = apps::find_mut(world, &cx, &self.application_id)?;
            let before = app.settings.take().unwrap_or_default().0;
            let mut settings = Arc::unwrap_or_clone(before);
            settings.extend(body);
            app.settings = Some((Arc::new(settings), cx.now()));
            Ok(shown(app))
        })
    }
}
