//! `CreateImportJob`: the first two hops of the chain.

use super::{REQUEST, lines::Format, run, source::Source, take::Purpose};
use crate::{
    gate::{Access, Facts, Granted},
    pinpoint::{
        apps,
        jobs::{self, Imports, JobResponse, Work},
        segments,
        shape::{self, Document, text},
    },
    wire::{Fault, Operation},
    world::Text,
};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// `CreateImportJob`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct CreateImportJob {
    application_id: String,
    body: Option<Value>,
}

/// What becomes of the endpoints. Source: Amazon Pinpoint API Reference, "Import Jobs"; that a segment is named only
/// where one is defined is rolecall's choice.
fn purpose(body: &Document, new_id: impl FnOnce() -> Text) -> Result<Purpose, Fault> {
    let says = |name: &str| body.get(name).and_then(Value::as_bool).unwrap_or_default();
    let (register, define) = (says("RegisterEndpoints"), says("DefineSegment"));
    if !register && !define {
        let why = "a job that neither registers endpoints nor defines a segment does nothing";
        return Err(Fault::malformed("RegisterEndpoints", why));
    }
    let named = ["SegmentId", "SegmentName"]
        .into_iter()
        .find(|name| body.contains_key(*name));
    if let Some(name) = named.filter(|_| !define) {
        let why = "the job defines no segment (DefineSegment)";
        return Err(Fault::malformed(name, why));
    }
    let segment = define.then(|| text(body, "SegmentId").map_or_else(new_id, Text::from));
    Ok(Purpose { register, segment })
}

impl Operation for CreateImportJob {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "CreateImportJob";
    type Output = JobResponse;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "mobiletargeting:CreateImportJob";
        let body = self.body.as_ref();
        Ok(jobs::access(action, facts, &self.application_id, body))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<JobResponse, Fault> {
        let body = shape::read(self.body.as_ref(), REQUEST)?;
        let role = jobs::checked_role(&body, &cx)?;
        let url = text(&body, "S3Url").unwrap_or_default();
        let source = Source::parse(url).map_err(|why| Fault::malformed("S3Url", why))?;
        let purpose = purpose(&body, || cx.ids().hex32().into())?;
        let id = Text::from(cx.ids().hex32());
        let (answer, task) = cx.write(|world| {
            let app = apps::find_mut(world, &cx, &self.application_id)?;
            if let Some(segment) = text(&body, "SegmentId") {
                segments::importable(app, segment)?;
            }
            let task = run::Task {
                work: Arc::new(Work::new(&cx, app, id.clone(), role)),
                source,
                format: Format::of(text(&body, "Format")),
                purpose: purpose.clone(),
                definition: body.clone(),
            };
            let segment = purpose.segment;
            let answer = jobs::begin::<Imports>(app, &id, body.clone(), segment, cx.now());
            Ok((answer, task))
        })?;
        run::start(cx.gate().clone(), task);
        Ok(answer)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_job_registers_or_defines() {
        let of = |body: Value| match body {
            Value::Object(body) => purpose(&body, || "new".into()),
            other => panic!("{other}"),
        };
        for bad in [
            json!({}),
            json!({"RegisterEndpoints": false}),
            json!({"RegisterEndpoints": true, "SegmentId": "s"}),
            json!({"RegisterEndpoints": true, "SegmentName": "n"}),
        ] {
            assert!(of(bad.clone()).is_err(), "{bad}");
        }
        assert_eq!(
            of(json!({"RegisterEndpoints": true})).unwrap().segment,
            None
        );
        let new = of(json!({"DefineSegment": true})).unwrap();
        assert_eq!((new.register, new.segment.as_deref()), (false, Some("new")));
        let known = of(json!({"DefineSegment": true, "SegmentId": "s"})).unwrap();
        assert_eq!(known.segment.as_deref(), Some("s"));
    }
}
