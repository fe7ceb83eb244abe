//! `CreateExportJob`: the first two hops of the chain.

use super::{ExportJob, ExportJobResponse, REQUEST, Status, pieces::Source, run, target::Target};
use crate::{
    gate::{Access, Demand, Facts, Granted, account_of},
    pinpoint::{
        apps::{self, on_app},
        segments,
        shape::{self, Document, text},
    },
    wire::{Fault, Operation},
    world::Text,
};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// The service to which the role is passed, and who assumes it.
pub(super) const PINPOINT: &str = "pinpoint.amazonaws.com";

/// `CreateExportJob`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct CreateExportJob {
    application_id: String,
    body: Option<Value>,
}

impl CreateExportJob {
    /// The role, when the body names one that can be a role's ARN.
    fn role(&self) -> Option<&str> {
        let arn = self.body.as_ref()?.get("RoleArn")?.as_str()?;
        is_role(arn).then_some(arn)
    }
}

/// `arn:PARTITION:iam::ACCOUNT:role/…`
fn is_role(arn: &str) -> bool {
    let fields: Vec<_> = arn.splitn(6, ':').collect();
    let [scheme, partition, "iam", "", account, resource] = *fields.as_slice() else {
        return false;
    };
    scheme == "arn"
        && partition.starts_with("aws")
        && account.len() == 12
        && account.bytes().all(|digit| digit.is_ascii_digit())
        && resource
            .strip_prefix("role/")
            .is_some_and(|name| !name.is_empty() && !name.ends_with('/'))
}

impl Operation for CreateExportJob {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "CreateExportJob";
    type Output = ExportJobResponse;

    /// A body that names no role passes none; it is refused for that once the caller may export at all.
    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let export = on_app(
            "mobiletargeting:CreateExportJob",
            facts,
            &self.application_id,
        );
        let access = Access::from(export);
        Ok(match self.role() {
            Some(role) => access.and(Demand::pass_role(role, PINPOINT)),
            None => access,
        })
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<ExportJobResponse, Fault> {
        let body = shape::read(self.body.as_ref(), REQUEST)?;
        let role = text(&body, "RoleArn").unwrap_or_default();
        if !is_role(role) {
            return Err(Fault::malformed(
                "RoleArn",
                format!("`{role}` is not the ARN of a role"),
            ));
        }
        if account_of(role) != Some(&**cx.account()) {
            return Err(Fault::service(
                403,
                "ForbiddenException",
                "Cross-account pass role is not allowed.",
            ));
        }
        let url = text(&body, "S3UrlPrefix").unwrap_or_default();
        let target = Target::parse(url).map_err(|why| Fault::malformed("S3UrlPrefix", why))?;
        let id = Text::from(cx.ids().hex32());
        let task = |app: &apps::App, source| run::Task {
            app: (
                cx.account().clone(),
                cx.meta().region.clone(),
                app.id.clone(),
            ),
            app_arn: app.arn.clone(),
            partition: cx.caller().partition,
            job: id.clone(),
            cause: cx.meta().id,
            role_arn: role.to_owned(),
            target,
            source: Arc::new(source),
        };
        let (answer, task) = cx.write(|world| {
            let app = apps::find_mut(world, &cx, &self.application_id)?;
            let segment = text(&body, "SegmentId").map(Text::from);
            let source = source(app, segment.as_deref(), &body)?;
            let job = ExportJob {
                id: id.clone(),
                definition: Arc::new(body.clone()),
                created: cx.now(),
                completed: None,
                status: Status::Created,
                progress: None,
                failures: Vec::new(),
            };
            let answer = job.response(app);
            app.exports.insert(id.clone(), Arc::new(job));
            if let Some(segment) = segment {
                app.segment_exports.insert((segment, id.clone()), ());
            }
            Ok((answer, task(app, source)))
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

#[cfg(test)]
mod tests {
    use super::is_role;

    #[test]
    fn only_the_arn_of_a_role_is_passed() {
        for arn in [
            "arn:aws:iam::123456789012:role/a",
            "arn:aws-cn:iam::123456789012:role/path/a",
        ] {
            assert!(is_role(arn), "{arn}");
        }
        for arn in [
            "",
            "role/a",
            "arn:aws:iam::123456789012:user/a",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::12345678901:role/a",
            "arn:aws:iam:us-east-1:123456789012:role/a",
            "arn:aws:sts::123456789012:role/a",
        ] {
            assert!(!is_role(arn), "{arn}");
        }
    }
}
