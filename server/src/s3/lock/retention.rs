//! Retentions: until a moment, in governance mode for those with a permission to end it sooner, in compliance mode for
//! nobody.

use super::{MODE, UNTIL, asks_bypass, bypass_demand, change, find, never_locked, protected};
use crate::{
    gate::{Access, Facts, Granted},
    s3::{
        Bucket, Headers,
        asking::{Asking, existing},
        configurations::default_retention,
        faults,
        read::Wanted,
        schema::{self, Kind, Member, maybe, moment},
        xml::Element,
    },
    wire::{Fault, Operation, XmlReply, millis_time},
};
use jiff::{Span, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// Who may end a retention before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mode {
    /// Whoever may `s3:BypassGovernanceRetention`.
    Governance,
    /// Nobody.
    Compliance,
}

/// A version stays until a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Retention {
    pub(super) mode: Mode,
    pub(super) until: Timestamp,
}

const ROOT: &str = "Retention";
const MEMBERS: &[Member] = &[
    maybe("Mode", Kind::OneOf(&["GOVERNANCE", "COMPLIANCE"])),
    maybe("RetainUntilDate", Kind::Date),
];

impl Mode {
    /// The word for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Governance, Self::Compliance]
            .into_iter()
            .find(|mode| mode.name() == text)
    }
}

impl Retention {
    /// Whether its time has not passed.
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        self.until > now
    }

    /// `2030-01-01T00:00:00.000Z`
    pub(super) fn shown_until(&self) -> String {
        millis_time(self.until)
    }

    /// What the headers of a write say: both of them, or none.
    pub(super) fn of_write(headers: &Headers, now: Timestamp) -> Result<Option<Self>, Fault> {
        let missing = |name: &str| {
            let message = format!("{UNTIL} and {MODE} must both be supplied");
            Err(Fault::service(400, "InvalidArgument", message).detail("ArgumentName", name))
        };
        let (mode, until) = match (headers.get(MODE), headers.get(UNTIL)) {
            (None, None) => return Ok(None),
            (Some(_), None) => return missing(UNTIL),
            (None, Some(_)) => return missing(MODE),
            (Some(mode), Some(until)) => (mode, until),
        };
        let message = "Unknown wormMode directive.";
        let mode =
            Mode::parse(mode).ok_or_else(|| faults::invalid_argument(message, MODE, mode))?;
        // rolecall's choice of words; AWS's are not recorded.
        let message = "The retain until date must be provided in ISO 8601 format";
        let until = end(until).ok_or_else(|| faults::invalid_argument(message, UNTIL, until))?;
        check_future(until, now, UNTIL)?;
        Ok(Some(Self { mode, until }))
    }

    /// What the bucket gives to whatever is new in it. Years are those of the calendar in UTC (rolecall's choice).
    pub(super) fn by_default(bucket: &Bucket, now: Timestamp) -> Option<Self> {
        let document = default_retention(bucket)?;
        let mode = document.value("Mode").and_then(Mode::parse)?;
        let span = match (document.number("Days"), document.number("Years")) {
            (Some(days), _) => Span::new().try_days(days),
            (None, years) => Span::new().try_years(years?),
        };
        let end = span.and_then(|span| now.to_zoned(TimeZone::UTC).checked_add(span));
        let until = end.map_or(Timestamp::MAX, |end| end.timestamp());
        Some(Self { mode, until })
    }

    /// A document without members takes the retention away.
    fn of_document(document: &Element, now: Timestamp) -> Result<Option<Self>, Fault> {
        schema::check(document, ROOT, MEMBERS)?;
        let mode = document.value("Mode").and_then(Mode::parse);
        let until = document.value("RetainUntilDate").and_then(end);
        match (mode, until) {
            (None, None) => Ok(None),
            (Some(mode), Some(until)) => {
                check_future(until, now, "RetainUntilDate")?;
                Ok(Some(Self { mode, until }))
            }
            _ => Err(faults::malformed_xml()),
        }
    }

    /// Whether this may stand in the place of `old`: for longer, as strict, or with leave to pass over governance.
    fn may_replace(new: Option<&Self>, old: Option<&Self>, now: Timestamp, bypass: bool) -> bool {
        let Some(old) = old.filter(|old| old.holds(now)) else {
            return true;
        };
        let extends = new.is_some_and(|new| new.mode == old.mode && new.until >= old.until);
        extends || old.mode == Mode::Governance && bypass
    }
}

/// The end of a retention as it is kept: as exactly as it is told, so that what was told can be asked for again.
fn end(text: &str) -> Option<Timestamp> {
    let at = moment(text)?;
    Timestamp::from_millisecond(at.as_millisecond()).ok()
}

/// AWS shows the moment as Java does, in the time of Seattle; rolecall in UTC.
fn check_future(until: Timestamp, now: Timestamp, name: &str) -> Result<(), Fault> {
    if until > now {
        return Ok(());
    }
    let message = "The retain until date must be in the future!";
    let shown = until
        .to_zoned(TimeZone::UTC)
        .strftime("%a %b %d %H:%M:%S UTC %Y");
    Err(faults::invalid_argument(message, name, shown.to_string()))
}

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
    body: Option<Element>,
}

impl Operation for GetObjectRetention {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "GetObjectRetention";
    type Output = XmlReply<Element>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let object = wanted.object(facts);
        let asking = Asking::from(facts);
        Ok(asking
            .kept("s3:GetObjectRetention", bucket, &self.key, object)
            .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<Element>, Fault> {
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let retention = find(&cx, wanted, "GET")?.retention;
        let retention = retention.ok_or_else(never_locked)?;
        let document = Element::node(
            ROOT,
            [
                Element::leaf("Mode", retention.mode.name()),
                Element::leaf("RetainUntilDate", retention.shown_until()),
            ],
        );
        Ok(XmlReply::root(ROOT, document))
    }
}

impl Operation for PutObjectRetention {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "PutObjectRetention";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let object = wanted.object(facts);
        let said = |name| self.body.as_ref().and_then(|body| body.value(name));
        let asking = Asking::from(facts);
        let demand = asking
            .kept("s3:PutObjectRetention", bucket, &self.key, object)
            .with_retention(said("Mode"), said("RetainUntilDate"), facts.meta().at);
        let bypass = bypass_demand(asking, bucket, &self.key, &self.headers);
        Ok(bypass.into_iter().fold(Access::from(demand), Access::and))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let body = self.body.ok_or_else(faults::malformed_xml)?;
        let now = cx.now();
        let new = Retention::of_document(&body, now)?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let bypass = asks_bypass(&self.headers);
        change(&cx, wanted, |lock| {
            let old = lock.retention.as_ref();
            if !Retention::may_replace(new.as_ref(), old, now, bypass) {
                return Err(protected());
            }
            lock.retention = new;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_retention_grows() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let now = at("2026-11-20T12:00:00Z");
        let of = |mode, until| Retention {
            mode,
            until: at(until),
        };
        let (soon, late) = ("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z");
        let governed = of(Mode::Governance, soon);
        let longer = of(Mode::Governance, late);
        let strict = of(Mode::Compliance, soon);
        let may = |new: Option<&Retention>, old: &Retention, bypass| {
            Retention::may_replace(new, Some(old), now, bypass)
        };
        assert!(Retention::may_replace(Some(&governed), None, now, false));
        assert!(may(Some(&longer), &governed, false) && may(Some(&governed), &governed, false));
        assert!(!may(Some(&governed), &longer, false) && may(Some(&governed), &longer, true));
        assert!(!may(None, &governed, false) && may(None, &governed, true));
        assert!(!may(Some(&strict), &governed, false) && may(Some(&strict), &governed, true));
        assert!(!may(Some(&longer), &strict, true) && !may(None, &strict, true));
        assert!(may(Some(&of(Mode::Compliance, late)), &strict, false));
        let past = of(Mode::Compliance, "2026-11-20T11:00:00Z");
        assert!(may(None, &past, false));
    }
}
