//! A Pinpoint app: made by a call, or put in place where the scenario chooses its id.

use serde_json::{Map, Value, json};

use super::world::{Plan, admin};
use super::{Action, Made, Planned};
use crate::endpoint::Call;
use crate::endpoint::operations::Service;
use crate::scenario::file::given::{App, tag_map};

/// EndpointBatchRequest takes no more items than this.
const BATCH: usize = 100;

impl Plan<'_> {
    pub(super) fn app(&mut self, app: &App) {
        let name = &app.name.value;
        let made = Made::App(name.clone());
        let id = app.id.as_ref().map(|id| id.value.clone());
        match &id {
            // No API call makes an app with an id of one's choice.
            Some(id) => self.steps.push(admin(
                format!("put app `{name}` in place"),
                app.name.span,
                json!({ "pinpoint": [{ "name": name, "id": id, "tags": tag_map(&app.tags) }] }),
            )),
            None => {
                let mut request = Map::from_iter([("Name".to_owned(), json!(name))]);
                if !app.tags.is_empty() {
                    request.insert("tags".to_owned(), json!(tag_map(&app.tags)));
                }
                let params = [("CreateApplicationRequest", Value::Object(request))];
                self.steps.push(Planned {
                    gives: Some(made.clone()),
                    ..Planned::call(
                        format!("create app `{name}`"),
                        app.name.span,
                        Call::with(Service::Pinpoint, "CreateApp", params),
                    )
                });
            }
        }
        let in_app = |mut planned: Planned| {
            match (&id, &mut planned.action) {
                (Some(id), Action::Call(call)) => {
                    call.params.insert("ApplicationId".to_owned(), json!(id));
                }
                _ => planned.takes.push(("ApplicationId", made.clone())),
            }
            planned
        };
        for batch in app.endpoints.chunks(BATCH) {
            let params = [("EndpointBatchRequest", json!({ "Item": batch }))];
            self.steps.push(in_app(Planned::call(
                format!("put {} endpoints into app `{name}`", batch.len()),
                app.endpoints_span,
                Call::with(Service::Pinpoint, "UpdateEndpointsBatch", params),
            )));
        }
        for (segment, body) in &app.segments {
            let mut request = body.as_object().cloned().unwrap_or_default();
            request.insert("Name".to_owned(), json!(segment.value));
            let params = [("WriteSegmentRequest", Value::Object(request))];
            let mut planned = in_app(Planned::call(
                format!("create segment `{}` in app `{name}`", segment.value),
                segment.span,
                Call::with(Service::Pinpoint, "CreateSegment", params),
            ));
            planned.gives = Some(Made::Segment(name.clone(), segment.value.clone()));
            self.steps.push(planned);
        }
    }
}
