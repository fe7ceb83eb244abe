//! Jobs, read.

use super::{JobResponse, Kind};
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
use std::marker::PhantomData;

/// `GetExportJob`, `GetImportJob`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", bound = "")]
pub(in crate::pinpoint) struct GetJob<K> {
    application_id: String,
    job_id: String,
    #[serde(skip)]
    kind: PhantomData<K>,
}

impl<K: Kind> Operation for GetJob<K> {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = K::GET.0;
    type Output = JobResponse;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let tail = format!("jobs/{}/{}", K::PATH, self.job_id);
        Ok(below_app(K::GET.1, facts, &self.application_id, &tail).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<JobResponse, Fault> {
        cx.read(|world| {
            let app = apps::find(world, &cx, &self.application_id)?;
            let job = K::jobs(app).get(&*self.job_id);
            Ok(job.ok_or_else(apps::not_found)?.response::<K>(app))
        })
    }
}

/// `GetExportJobs`, `GetImportJobs`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", bound = "")]
pub(in crate::pinpoint) struct ListJobs<K> {
    application_id: String,
    page_size: Option<String>,
    token: Option<String>,
    #[serde(skip)]
    kind: PhantomData<K>,
}

impl<K: Kind> Operation for ListJobs<K> {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = K::LIST.0;
    type Output = Items<JobResponse>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Ok(on_app(K::LIST.1, facts, &self.application_id).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Items<JobResponse>, Fault> {
        let page = Page::asked(self.page_size.as_deref(), self.token.as_deref())?;
        cx.read(|world| {
            let app = apps::find(world, &cx, &self.application_id)?;
            let rest = K::jobs(app).after(page.after.as_deref());
            Ok(page.take(rest.map(|(id, job)| (id, job.response::<K>(app)))))
        })
    }
}

/// `GetSegmentExportJobs`, `GetSegmentImportJobs`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", bound = "")]
pub(in crate::pinpoint) struct ListJobsOfSegment<K> {
    application_id: String,
    segment_id: String,
    page_size: Option<String>,
    token: Option<String>,
    #[serde(skip)]
    kind: PhantomData<K>,
}

impl<K: Kind> Operation for ListJobsOfSegment<K> {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = K::LIST_OF_SEGMENT.0;
    type Output = Items<JobResponse>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = K::LIST_OF_SEGMENT.1;
        Ok(on_segment(action, facts, &self.application_id, &self.segment_id).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Items<JobResponse>, Fault> {
        let page = Page::asked(self.page_size.as_deref(), self.token.as_deref())?;
        let segment = Text::from(self.segment_id.as_str());
        let after = Text::from(page.after.as_deref().unwrap_or_default());
        cx.read(|world| {
            let app = apps::find(world, &cx, &self.application_id)?;
            let start = (segment.clone(), after);
            let rest = K::of_segment(app).after(Some(&start));
            let of_segment = rest.take_while(|((of, _), ())| *of == segment);
            let answer = |((_, id), ()): (&(Text, Text), &())| {
                Some((id.clone(), K::jobs(app).get(id)?.response::<K>(app)))
            };
            Ok(page.take(of_segment.filter_map(answer)))
        })
    }
}
