//! Export jobs, read.

use super::ExportJobResponse;
use crate::{
    gate::{Access, Facts, Granted},
    pinpoint::{
        apps::{self, below_app, on_app},
        page::{Items, Page},
        segments::on_segment,
    },
    wire::{Fault, Operation},
    world::Text,
};
use serde::Deserialize;

/// `GetExportJob`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct GetExportJob {
    application_id: String,
    job_id: String,
}

impl Operation for GetExportJob {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "GetExportJob";
    type Output = ExportJobResponse;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let tail = format!("jobs/export/{}", self.job_id);
        let action = "mobiletargeting:GetExportJob";
        Ok(below_app(action, facts, &self.application_id, &tail).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<ExportJobResponse, Fault> {
        cx.read(|world| {
            let app = apps::find(world, &cx, &self.application_id)?;
            let job = app.exports.get(&*self.job_id).ok_or_else(apps::not_found)?;
            Ok(job.response(app))
        })
    }
}

/// `GetExportJobs`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct GetExportJobs {
    application_id: String,
    page_size: Option<String>,
    token: Option<String>,
}

impl Operation for GetExportJobs {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "GetExportJobs";
    type Output = Items<ExportJobResponse>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Ok(on_app("mobiletargeting:GetExportJobs", facts, &self.application_id).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Items<ExportJobResponse>, Fault> {
        let page = Page::asked(self.page_size.as_deref(), self.token.as_deref())?;
        cx.read(|world| {
            let app = apps::find(world, &cx, &self.application_id)?;
            let rest = app.exports.after(page.after.as_deref());
            Ok(page.take(rest.map(|(id, job)| (id, job.response(app)))))
        })
    }
}

/// `GetSegmentExportJobs`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct GetSegmentExportJobs {
    application_id: String,
    segment_id: String,
    page_size: Option<String>,
    token: Option<String>,
}

impl Operation for GetSegmentExportJobs {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "GetSegmentExportJobs";
    type Output = Items<ExportJobResponse>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "mobiletargeting:GetSegmentExportJobs";
        Ok(on_segment(action, facts, &self.application_id, &self.segment_id).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Items<ExportJobResponse>, Fault> {
        let page = Page::asked(self.page_size.as_deref(), self.token.as_deref())?;
        let segment = Text::from(self.segment_id.as_str());
        let after = Text::from(page.after.as_deref().unwrap_or_default());
        cx.read(|world| {
            let app = apps::find(world, &cx, &self.application_id)?;
            let start = (segment.clone(), after);
            let rest = app.segment_exports.after(Some(&start));
            let of_segment = rest.take_while(|((of, _), ())| *of == segment);
            let answer = |((_, id), ()): (&(Text, Text), &())| {
                Some((id.clone(), app.exports.get(id)?.response(app)))
            };
            Ok(page.take(of_segment.filter_map(answer)))
        })
    }
}
