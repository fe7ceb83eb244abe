//! Legal holds: without an end, for anybody with the permission to set and to lift.

use super::{HOLD, change, find, never_locked};
use crate::{
    gate::{Access, Facts, Granted},
    s3::{
        Headers,
        asking::{Asking, existing},
        faults,
        read::Wanted,
        schema::{self, Kind, Member, one},
        xml::Element,
    },
    wire::{Fault, Operation, XmlReply},
};
use serde::{Deserialize, Serialize};

/// Whether a version is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Hold {
    On,
    Off,
}

const ROOT: &str = "LegalHold";
const MEMBERS: &[Member] = &[one("Status", Kind::OneOf(&["ON", "OFF"]))];

impl Hold {
    /// The word for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::On => "ON",
            Self::Off => "OFF",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::On, Self::Off]
            .into_iter()
            .find(|hold| hold.name() == text)
    }

    /// What the header of a write says.
    pub(super) fn of_write(headers: &Headers) -> Result<Option<Self>, Fault> {
        let Some(text) = headers.get(HOLD) else {
            return Ok(None);
        };
        // rolecall's choice of words; AWS's are not recorded.
        let message = "Legal Hold must be either of 'ON' or 'OFF'";
        let hold = Self::parse(text);
        hold.map(Some)
            .ok_or_else(|| faults::invalid_argument(message, HOLD, text))
    }

    fn of_document(document: &Element) -> Result<Self, Fault> {
        schema::check(document, ROOT, MEMBERS)?;
        let hold = document.value("Status").and_then(Self::parse);
        hold.ok_or_else(faults::malformed_xml)
    }
}

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
    body: Option<Element>,
}

impl Operation for GetObjectLegalHold {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "GetObjectLegalHold";
    type Output = XmlReply<Element>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let object = wanted.object(facts);
        let asking = Asking::from(facts);
        Ok(asking
            .kept("s3:GetObjectLegalHold", bucket, &self.key, object)
            .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<Element>, Fault> {
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let hold = find(&cx, wanted, "GET")?.hold;
        let hold = hold.ok_or_else(never_locked)?;
        let document = Element::node(ROOT, [Element::leaf("Status", hold.name())]);
        Ok(XmlReply::root(ROOT, document))
    }
}

impl Operation for PutObjectLegalHold {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "PutObjectLegalHold";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let object = wanted.object(facts);
        let status = self.body.as_ref().and_then(|body| body.value("Status"));
        let asking = Asking::from(facts);
        Ok(asking
            .kept("s3:PutObjectLegalHold", bucket, &self.key, object)
            .with_legal_hold(status)
            .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let body = self.body.ok_or_else(faults::malformed_xml)?;
        let hold = Hold::of_document(&body)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        change(&cx, wanted, |lock| {
            lock.hold = Some(hold);
            Ok(())
        })
    }
}
