//! `GetObjectLegalHold` and `PutObjectLegalHold`.

use super::check_bucket;
use crate::{
    gate::{Access, Facts, Granted},
    s3::{
        Headers,
        asking::existing,
        faults,
        read::{self, Wanted},
    },
    wire::{Fault, Operation, XmlReply},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// `GetObjectLegalHold`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct GetObjectLegalHold {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
}

/// `PutObjectLegalHold`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct PutObjectLegalHold {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
    body: Option<LegalHold>,
}

/// `<LegalHold>`
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::s3) struct LegalHold {
    status: Option<String>,
}

impl Operation for GetObjectLegalHold {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "GetObjectLegalHold";
    type Output = XmlReply<LegalHold>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let actions = ("s3:GetObjectLegalHold", "s3:GetObjectLegalHold");
        Ok(wanted.demand(facts, bucket, actions).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<LegalHold>, Fault> {
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let found = read::find(&cx, wanted, "GET")?;
        check_bucket(&found.bucket)?;
        let held = found.object.lock.legal_hold;
        let held = held.ok_or_else(faults::not_locked)?;
        let status = if held { "ON" } else { "OFF" };
        let status = Some(status.to_owned());
        Ok(XmlReply::root("LegalHold", LegalHold { status }))
    }
}

impl Operation for PutObjectLegalHold {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "PutObjectLegalHold";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let actions = ("s3:PutObjectLegalHold", "s3:PutObjectLegalHold");
        let status = self.body.as_ref().and_then(|body| body.status.as_deref());
        let demand = wanted.demand(facts, bucket, actions);
        Ok(demand.with("s3:object-lock-legal-hold", status).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let found = read::find(&cx, wanted, "PUT")?;
        check_bucket(&found.bucket)?;
        let held = match self.body.and_then(|body| body.status).as_deref() {
            Some("ON") => true,
            Some("OFF") => false,
            _ => return Err(faults::malformed_xml()),
        };
        cx.write(|world| {
            let shelf = world.shelves.get_mut(&*self.bucket);
            let shelf = Arc::make_mut(shelf.ok_or_else(|| faults::no_such_bucket(&self.bucket))?);
            let object = shelf.object_mut(&self.key, wanted.version());
            let object = object.ok_or_else(|| faults::no_such_key(&self.key))?;
            object.lock.legal_hold = Some(held);
            Ok(())
        })?;
        Ok(XmlReply::empty())
    }
}
