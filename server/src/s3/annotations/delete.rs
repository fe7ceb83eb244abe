//! `DeleteObjectAnnotation`.

use super::{VERSION, check_name, check_object, demand, seen::Seen};
use crate::{
    gate::{Access, Facts, Granted},
    s3::{
        Headers,
        asking::{Asking, existing},
        lock,
        read::{self, Wanted},
    },
    wire::{Fault, Operation, XmlReply},
};
use serde::Deserialize;

/// `DeleteObjectAnnotation`
#[derive(Debug, Deserialize)]
pub(in crate::s3) struct DeleteObjectAnnotation {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
    #[serde(rename = "annotationName", default)]
    name: String,
    #[serde(skip)]
    seen: Seen,
}

impl Operation for DeleteObjectAnnotation {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "DeleteObjectAnnotation";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let actions = (
            "s3:DeleteObjectAnnotation",
            "s3:DeleteObjectVersionAnnotation",
        );
        let access = Access::from(demand(facts, wanted, &self.headers, actions)?);
        self.seen.note(facts, wanted);
        let asking = Asking::from(facts);
        let bypass = lock::bypass_demand(asking, bucket, &self.key, &self.headers);
        Ok(bypass.into_iter().fold(access, Access::and))
    }

    /// What is not there is deleted already, unless a lock is on the version.
    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        check_name(&self.name)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let found = read::find_no_marker(&cx, wanted, "DELETE")?;
        let bypass = lock::bypass(&self.headers, &found.bucket)?;
        cx.write(|world| {
            self.seen.check(world, wanted)?;
            let object = wanted.object_mut(world)?;
            check_object(&self.headers, object)?;
            object.extras.lock.check_delete(cx.now(), bypass)?;
            object
                .extras
                .change(|extras| extras.annotations.remove(&self.name));
            Ok(())
        })?;
        Ok(XmlReply::empty().header(VERSION, found.version.as_deref()))
    }
}
