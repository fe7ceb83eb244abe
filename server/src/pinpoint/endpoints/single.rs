//! One endpoint: read, written, deleted.

use super::{Accepted, Endpoint, merge::REQUEST};
use crate::{
    gate::{Access, Facts, Granted},
    pinpoint::{apps, shape},
    wire::{Fault, Operation},
};
use serde::Deserialize;
use serde_json::Value;

/// Asks for an action on an endpoint. Endpoints carry no tags, and the app's are not theirs.
fn on_endpoint(action: &'static str, facts: &Facts<'_>, app: &str, id: &str) -> Access {
    apps::below_app(action, facts, app, &format!("endpoints/{id}")).into()
}

/// `GetEndpoint`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct GetEndpoint {
    application_id: String,
    endpoint_id: String,
}

impl Operation for GetEndpoint {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "GetEndpoint";
    type Output = Endpoint;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "mobiletargeting:GetEndpoint";
        Ok(on_endpoint(
            action,
            facts,
            &self.application_id,
            &self.endpoint_id,
        ))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Endpoint, Fault> {
        cx.read(|world| {
            let app = apps::find(world, &cx, &self.application_id)?;
            let found = app.endpoints.get(&self.endpoint_id).cloned();
            found.ok_or_else(apps::not_found)
        })
    }
}

/// `UpdateEndpoint`, which also creates.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct UpdateEndpoint {
    application_id: String,
    endpoint_id: String,
    body: Option<Value>,
}

impl Operation for UpdateEndpoint {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "UpdateEndpoint";
    type Output = Accepted;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "mobiletargeting:UpdateEndpoint";
        Ok(on_endpoint(
            action,
            facts,
            &self.application_id,
            &self.endpoint_id,
        ))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Accepted, Fault> {
        let mut sent = shape::read(self.body.as_ref(), REQUEST)?;
        // The id is the path's; only batch items name theirs in the body.
        sent.shift_remove("Id");
        cx.write(|world| {
            let app = apps::find_mut(world, &cx, &self.application_id)?;
            let id = app.id.clone();
            app.endpoints.put(&id, &self.endpoint_id, sent, cx.meta())
        })?;
        Ok(Accepted::of(cx.meta()))
    }
}

/// `DeleteEndpoint`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct DeleteEndpoint {
    application_id: String,
    endpoint_id: String,
}

impl Operation for DeleteEndpoint {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "DeleteEndpoint";
    type Output = Endpoint;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "mobiletargeting:DeleteEndpoint";
        Ok(on_endpoint(
            action,
            facts,
            &self.application_id,
            &self.endpoint_id,
        ))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Endpoint, Fault> {
        cx.write(|world| {
            let app = apps::find_mut(world, &cx, &self.application_id)?;
            let gone = app.endpoints.remove(&self.endpoint_id);
            gone.ok_or_else(apps::not_found)
        })
    }
}
