//! The endpoints of one user.

use super::Endpoint;
use crate::{
    gate::{Access, Facts, Granted},
    pinpoint::{apps, page::Items},
    wire::{Fault, Operation},
};
use serde::Deserialize;

fn on_user(action: &'static str, facts: &Facts<'_>, app: &str, user: &str) -> Access {
    apps::below_app(action, facts, app, &format!("users/{user}")).into()
}

/// A user without endpoints is not there; rolecall's choice.
fn found(endpoints: Vec<Endpoint>) -> Result<Items<Endpoint>, Fault> {
    if endpoints.is_empty() {
        return Err(apps::not_found());
    }
    Ok(Items::all(endpoints))
}

/// `GetUserEndpoints`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct GetUserEndpoints {
    application_id: String,
    user_id: String,
}

impl Operation for GetUserEndpoints {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "GetUserEndpoints";
    type Output = Items<Endpoint>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "mobiletargeting:GetUserEndpoints";
        Ok(on_user(action, facts, &self.application_id, &self.user_id))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Items<Endpoint>, Fault> {
        cx.read(|world| {
            let app = apps::find(world, &cx, &self.application_id)?;
            let of_user = app.endpoints.of_user(&self.user_id);
            found(of_user.into_iter().map(|(_, endpoint)| endpoint).collect())
        })
    }
}

/// `DeleteUserEndpoints`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct DeleteUserEndpoints {
    application_id: String,
    user_id: String,
}

impl Operation for DeleteUserEndpoints {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "DeleteUserEndpoints";
    type Output = Items<Endpoint>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "mobiletargeting:DeleteUserEndpoints";
        Ok(on_user(action, facts, &self.application_id, &self.user_id))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Items<Endpoint>, Fault> {
        cx.write(|world| {
            let app = apps::find_mut(world, &cx, &self.application_id)?;
            let of_user = app.endpoints.of_user(&self.user_id);
            let gone = of_user
                .iter()
                .filter_map(|(id, _)| app.endpoints.remove(id));
            found(gone.collect())
        })
    }
}
