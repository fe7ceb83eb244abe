//! `GetObjectRetention` and `PutObjectRetention`.

use super::{BYPASS, Mode, Retention, bypass, check_bucket, check_future};
use crate::{
    gate::{Access, Fact, Facts, Granted},
    s3::{
        Headers,
        asking::{Asking, existing},
        faults,
        read::{self, Wanted},
    },
    wire::{Fault, Operation, XmlReply, millis_time},
};
use jiff::Timestamp;
use rolecall_policy::Origin;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// `GetObjectRetention`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct GetObjectRetention {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
}

/// `PutObjectRetention`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct PutObjectRetention {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
    body: Option<RetentionShape>,
}

/// `<Retention>`
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::s3) struct RetentionShape {
    mode: Option<String>,
    retain_until_date: Option<String>,
}

impl RetentionShape {
    /// The retention; none for an empty document, which takes it away.
    fn read(&self, now: Timestamp) -> Result<Option<Retention>, Fault> {
        let (mode, until) = match (&self.mode, &self.retain_until_date) {
            (None, None) => return Ok(None),
            (Some(mode), Some(until)) => (mode, until),
            _ => return Err(faults::malformed_xml()),
        };
        let mode = Mode::named(mode).ok_or_else(faults::malformed_xml)?;
        let at = until.parse().map_err(|_| faults::malformed_xml())?;
        check_future(at, now, "RetainUntilDate", until)?;
        Ok(Some(Retention { mode, until: at }))
    }
}

impl Operation for GetObjectRetention {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "GetObjectRetention";
    type Output = XmlReply<RetentionShape>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let actions = ("s3:GetObjectRetention", "s3:GetObjectRetention");
        Ok(wanted.demand(facts, bucket, actions).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<RetentionShape>, Fault> {
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let found = read::find(&cx, wanted, "GET")?;
        check_bucket(&found.bucket)?;
        let retention = found.object.lock.retention;
        let retention = retention.ok_or_else(faults::not_locked)?;
        let shape = RetentionShape {
            mode: Some(retention.mode.name().to_owned()),
            retain_until_date: Some(millis_time(retention.until)),
        };
        Ok(XmlReply::root("Retention", shape))
    }
}

impl Operation for PutObjectRetention {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "PutObjectRetention";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let actions = ("s3:PutObjectRetention", "s3:PutObjectRetention");
        let body = self.body.as_ref();
        let until = body.and_then(|body| body.retain_until_date.as_deref());
        let until: Option<Timestamp> = until.and_then(|text| text.parse().ok());
        let demand = wanted
            .demand(facts, bucket, actions)
            .with("s3:object-lock-mode", body.and_then(|body| body.mode.as_deref()))
            .with_from(
                Origin::Request,
                "s3:object-lock-retain-until-date",
                until.map(Fact::Time),
            )
            .with_remaining_days(until, facts.meta().at);
        let access = Access::from(demand);
        Ok(match self.headers.get(BYPASS) {
            Some(text) if text.eq_ignore_ascii_case("true") => {
                let asking = Asking::from(facts);
                access.and(asking.object("s3:BypassGovernanceRetention", bucket, &self.key))
            }
            _ => access,
        })
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let found = read::find(&cx, wanted, "PUT")?;
        check_bucket(&found.bucket)?;
        let bypass = bypass(&self.headers, &found.bucket)?;
        let body = self.body.ok_or_else(faults::malformed_xml)?;
        let retention = body.read(cx.now())?;
        cx.write(|world| {
            let shelf = world.shelves.get_mut(&*self.bucket);
            let shelf = Arc::make_mut(shelf.ok_or_else(|| faults::no_such_bucket(&self.bucket))?);
            let object = shelf.object_mut(&self.key, wanted.version());
            let object = object.ok_or_else(|| faults::no_such_key(&self.key))?;
            if let Some(old) = object.lock.retention {
                old.check_change(retention, cx.now(), bypass)?;
            }
            object.lock.retention = retention;
            Ok(())
        })?;
        Ok(XmlReply::empty())
    }
}
