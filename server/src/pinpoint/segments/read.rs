//! Segments and their versions, read.

use super::{find, on_segment};
use crate::{
    gate::{Access, Facts, Granted},
    pinpoint::{
        apps::{self, on_app},
        page::{Items, Page},
        shape::Document,
    },
    wire::{Fault, Operation},
};
use serde::Deserialize;

/// `GetSegment`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct GetSegment {
    application_id: String,
    segment_id: String,
}

impl Operation for GetSegment {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "GetSegment";
    type Output = Document;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "mobiletargeting:GetSegment";
        Ok(on_segment(action, facts, &self.application_id, &self.segment_id).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Document, Fault> {
        cx.read(|world| {
            let app = apps::find(world, &cx, &self.application_id)?;
            find(app, &self.segment_id)?.response(app, None)
        })
    }
}

/// `GetSegments`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct GetSegments {
    application_id: String,
    page_size: Option<String>,
    token: Option<String>,
}

impl Operation for GetSegments {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "GetSegments";
    type Output = Items<Document>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Ok(on_app("mobiletargeting:GetSegments", facts, &self.application_id).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Items<Document>, Fault> {
        let page = Page::asked(self.page_size.as_deref(), self.token.as_deref())?;
        cx.read(|world| {
            let app = apps::find(world, &cx, &self.application_id)?;
            let rest = app.segments.after(page.after.as_deref());
            Ok(page.take(
                rest.filter_map(|(id, segment)| Some((id, segment.response(app, None).ok()?))),
            ))
        })
    }
}

/// `GetSegmentVersion`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct GetSegmentVersion {
    application_id: String,
    segment_id: String,
    version: String,
}

impl Operation for GetSegmentVersion {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "GetSegmentVersion";
    type Output = Document;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "mobiletargeting:GetSegmentVersion";
        Ok(on_segment(action, facts, &self.application_id, &self.segment_id).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Document, Fault> {
        let version = self.version.parse().map_err(|_| {
            Fault::malformed("version", format!("`{}` is not a number", self.version))
        })?;
        cx.read(|world| {
            let app = apps::find(world, &cx, &self.application_id)?;
            find(app, &self.segment_id)?.response(app, Some(version))
        })
    }
}

/// `GetSegmentVersions`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct GetSegmentVersions {
    application_id: String,
    segment_id: String,
    page_size: Option<String>,
    token: Option<String>,
}

impl Operation for GetSegmentVersions {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "GetSegmentVersions";
    type Output = Items<Document>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "mobiletargeting:GetSegmentVersions";
        Ok(on_segment(action, facts, &self.application_id, &self.segment_id).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Items<Document>, Fault> {
        let page = Page::asked(self.page_size.as_deref(), self.token.as_deref())?;
        let after: Option<u64> = page.after.as_deref().and_then(|number| number.parse().ok());
        cx.read(|world| {
            let app = apps::find(world, &cx, &self.application_id)?;
            let segment = find(app, &self.segment_id)?;
            let numbers = segment
                .versions
                .after(after.as_ref())
                .map(|(number, _)| *number);
            let answer = |number: u64| {
                Some((
                    number.to_string(),
                    segment.response(app, Some(number)).ok()?,
                ))
            };
            Ok(page.take(numbers.filter_map(answer)))
        })
    }
}
