//! `RestoreObject`: for some days an archived object can be read.
//!
//! It can be read at once, which is rolecall's choice: S3 takes minutes to days. So no restore is ever under way, and
//! nobody is told `RestoreAlreadyInProgress`.
//! Source: Amazon S3 API Reference, RestoreObject; S3 User Guide, "Restoring an archived object".

use super::{
    Headers,
    asking::{Asking, existing},
    configurations::midnight_after,
    faults,
    get_object::http_time,
    object::Object,
    read::{self, Wanted},
    schema::{self, Kind, Member, maybe, one},
    xml::Element,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Fault, Operation, XmlReply, millis_time},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

const TIER: Kind = Kind::OneOf(&["Standard", "Bulk", "Expedited"]);
const MEMBERS: &[Member] = &[
    maybe("Days", Kind::Whole),
    maybe("GlacierJobParameters", Kind::Tree(&[one("Tier", TIER)])),
    maybe("Tier", TIER),
    maybe("Description", Kind::Text),
];

/// A restore that selects: S3 Select is no longer offered to new customers.
const SELECTING: &[&str] = &["Type", "SelectParameters", "OutputLocation"];

/// `RestoreObject`
#[derive(Debug, Deserialize)]
pub(super) struct RestoreObject {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
    body: Option<Element>,
}

/// `<RestoreStatus>` of a listing.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RestoreStatus {
    is_restore_in_progress: bool,
    restore_expiry_date: String,
}

impl RestoreStatus {
    /// What a listing that was asked for it tells of an object.
    pub(super) fn of(object: &Object, now: Timestamp) -> Option<Self> {
        Some(Self {
            is_restore_in_progress: false,
            restore_expiry_date: millis_time(object.restored(now)?),
        })
    }

    /// Whether a listing is asked for it.
    pub(super) fn is_asked(headers: &Headers) -> bool {
        let asked = headers.all("x-amz-optional-object-attributes");
        asked
            .flat_map(|names| names.split(','))
            .any(|name| name.trim() == "RestoreStatus")
    }
}

/// `x-amz-restore`
pub(super) fn shown(object: &Object, now: Timestamp) -> Option<String> {
    let end = http_time(object.restored(now)?);
    Some(format!("ongoing-request=\"false\", expiry-date=\"{end}\""))
}

/// Until when the object can be read: the midnight after so many days from now.
fn end(document: &Element, class: &str, now: Timestamp) -> Result<Timestamp, Fault> {
    if SELECTING.iter().any(|name| document.has(name)) {
        let message = "A restore request that selects is not implemented.";
        return Err(Fault::service(501, "NotImplemented", message));
    }
    schema::check(document, "RestoreRequest", MEMBERS)?;
    let tiers = [Some(document), document.child("GlacierJobParameters")];
    let tier = tiers.into_iter().flatten().find_map(|it| it.value("Tier"));
    if tier == Some("Expedited") && class == "DEEP_ARCHIVE" {
        let message = "Retrieval option is not supported by this storage class";
        return Err(faults::invalid_argument(message, "Tier", "Expedited"));
    }
    let days = document.number("Days").ok_or_else(faults::malformed_xml)?;
    let end = (days > 0).then(|| midnight_after(now, days)).flatten();
    end.ok_or_else(|| {
        let message = "Restoration days should be at least 1";
        faults::invalid_argument(message, "Days", days.to_string())
    })
}

impl Operation for RestoreObject {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "RestoreObject";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let asking = Asking::from(facts);
        Ok(asking.object("s3:RestoreObject", bucket, &self.key).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let object = read::find(&cx, wanted, "POST")?.object;
        let document = self.body.ok_or_else(faults::no_body)?;
        if !object.is_archived() {
            let message = "Restore is not allowed for the object's current storage class";
            return Err(Fault::service(403, "InvalidObjectState", message)
                .detail("StorageClass", object.storage_class()));
        }
        let now = cx.now();
        let end = end(&document, object.storage_class(), now)?;
        let again = cx.write(|world| {
            let object = wanted.object_mut(world)?;
            let again = object.restored(now).is_some();
            object
                .extras
                .change(|extras| extras.restored_until = Some(end));
            Ok(again)
        })?;
        Ok(XmlReply::empty().status(if again { 200 } else { 202 }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::{super::xml, *};

    #[test]
    fn restores_end_at_midnight() {
        let now: Timestamp = "2026-11-20T14:00:00Z".parse().unwrap();
        let of = |inside: &str, class: &str| {
            let text = format!("<RestoreRequest>{inside}</RestoreRequest>");
            match end(&xml::read(&text).unwrap(), class, now) {
                Ok(end) => end.to_string(),
                Err(Fault::Service(fault)) => fault.code.to_string(),
                Err(_) => "other".to_owned(),
            }
        };
        let bulk = "<Days>2</Days><GlacierJobParameters><Tier>Bulk</Tier></GlacierJobParameters>";
        assert_eq!(of(bulk, "DEEP_ARCHIVE"), "2026-11-23T00:00:00Z");
        let fast = "<Days>1</Days><Tier>Expedited</Tier>";
        assert_eq!(of(fast, "GLACIER"), "2026-11-22T00:00:00Z");
        assert_eq!(of(fast, "DEEP_ARCHIVE"), "InvalidArgument");
        assert_eq!(of("", "GLACIER"), "MalformedXML");
        assert_eq!(of("<Days>0</Days>", "GLACIER"), "InvalidArgument");
        let never = format!("<Days>{}</Days>", i64::MAX);
        assert_eq!(of(&never, "GLACIER"), "InvalidArgument");
        assert_eq!(
            of("<Days>1</Days><Tier>Fast</Tier>", "GLACIER"),
            "MalformedXML"
        );
        assert_eq!(of("<Type>SELECT</Type>", "GLACIER"), "NotImplemented");
    }
}
