//! Up to a hundred endpoints in one request: all of them or none.

use super::{Accepted, merge::REQUEST};
use crate::{
    gate::{Access, Facts, Granted},
    pinpoint::{
        apps::{self, on_app},
        shape::{self, Member, Shape, must},
    },
    wire::{Fault, Operation},
};
use serde::Deserialize;
use serde_json::Value;

/// Source: Amazon Pinpoint Developer Guide, "Quotas", endpoint import and batch quotas.
const MOST: usize = 100;

static BATCH: &[Member] = &[must("Item", &Shape::List(&Shape::Object(REQUEST)))];

/// `UpdateEndpointsBatch`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct UpdateEndpointsBatch {
    application_id: String,
    body: Option<Value>,
}

impl Operation for UpdateEndpointsBatch {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "UpdateEndpointsBatch";
    type Output = Accepted;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Ok(on_app(
            "mobiletargeting:UpdateEndpointsBatch",
            facts,
            &self.application_id,
        )
        .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Accepted, Fault> {
        let mut body = shape::read(self.body.as_ref(), BATCH)?;
        let Some(Value::Array(items)) = body.shift_remove("Item") else {
            return Err(Fault::malformed("Item", "it is required"));
        };
        if items.len() > MOST {
            let why = format!(
                "there are {} endpoints; a batch has at most {MOST}",
                items.len()
            );
            return Err(Fault::malformed("Item", why));
        }
        cx.write(|world| {
            let app = apps::find_mut(world, &cx, &self.application_id)?;
            let app_id = app.id.clone();
            for (index, item) in items.into_iter().enumerate() {
                let Value::Object(mut item) = item else {
                    continue;
                };
                let Some(Value::String(id)) = item.shift_remove("Id") else {
                    return Err(Fault::malformed(
                        format!("Item[{index}].Id"),
                        "it is required",
                    ));
                };
                app.endpoints
                    .put(&app_id, &id, item, cx.meta())
                    .map_err(|fault| inside(index, fault))?;
            }
            Ok(())
        })?;
        Ok(Accepted::of(cx.meta()))
    }
}

/// Says of which item a fault is.
fn inside(index: usize, fault: Fault) -> Fault {
    match fault {
        Fault::Malformed { path, why, missing } => Fault::Malformed {
            path: format!("Item[{index}].{path}"),
            why,
            missing,
        },
        other => other,
    }
}
