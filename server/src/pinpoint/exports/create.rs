//! `CreateExportJob`: the first two hops of the chain.

use super::{REQUEST, pieces::Source, run, target::Target};
use crate::{
    gate::{Access, Facts, Granted},
    pinpoint::{
        apps,
        jobs::{self, Exports, JobResponse, Work},
        segments,
        shape::{self, Document, text},
    },
    wire::{Fault, Operation},
    world::Text,
};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// `CreateExportJob`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct CreateExportJob {
    application_id: String,
    body: Option<Value>,
}

impl Operation for CreateExportJob {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "CreateExportJob";
    type Output = JobResponse;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "mobiletargeting:CreateExportJob";
        let body = self.body.as_ref();
        Ok(jobs::access(action, facts, &self.application_id, body))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<JobResponse, Fault> {
        let body = shape::read(self.body.as_ref(), REQUEST)?;
        let role = jobs::checked_role(&body, &cx)?;
        let url = text(&body, "S3UrlPrefix").unwrap_or_default();
        let target = Target::parse(url).map_err(|why| Fault::malformed("S3UrlPrefix", why))?;
        let id = Text::from(cx.ids().hex32());
        let (answer, task) = cx.write(|world| {
            let app = apps::find_mut(world, &cx, &self.application_id)?;
            let segment = text(&body, "SegmentId").map(Text::from);
            let source = source(app, segment.as_deref(), &body)?;
            let task = run::Task {
                work: Arc::new(Work::new(&cx, app, id.clone(), role)),
                target,
                source: Arc::new(source),
            };
            let answer = jobs::begin::<Exports>(app, &id, body.clone(), segment, cx.now());
            Ok((answer, task))
        })?;
        run::start(cx.gate().clone(), task);
        Ok(answer)
    }
}

/// What the job will read, as it is now.
fn source(app: &apps::App, segment: Option<&str>, body: &Document) -> Result<Source, Fault> {
    let version = body.get("SegmentVersion").and_then(Value::as_u64);
    let members = match segment {
        Some(id) => Some(segments::members(app, id, version)?),
        None if body.contains_key("SegmentVersion") => {
            return Err(Fault::malformed(
                "SegmentVersion",
                "there is no SegmentId that it could be a version of",
            ));
        }
        None => None,
    };
    Ok(Source {
        endpoints: app.endpoints.clone(),
        members,
    })
}
