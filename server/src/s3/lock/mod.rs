//! Object lock: retention and legal hold of an object, and what they forbid.
//! Source: S3 User Guide, "Locking objects with Object Lock".

mod legal_hold;
mod retention;

pub(super) use legal_hold::{GetObjectLegalHold, PutObjectLegalHold};
pub(super) use retention::{GetObjectRetention, PutObjectRetention};

use super::{Bucket, Headers, faults, headers::LOCK_HEADERS};
use crate::wire::Fault;
use jiff::{SignedDuration, Timestamp, Zoned, tz::TimeZone};

/// How an object is locked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Lock {
    /// Until when it stays.
    pub(crate) retention: Option<Retention>,
    /// Whether somebody holds it; none when nobody ever said.
    pub(crate) legal_hold: Option<bool>,
}

/// A retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Retention {
    pub(crate) mode: Mode,
    pub(crate) until: Timestamp,
}

/// How strict a retention is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Mode {
    /// Whoever may bypass it can end it.
    Governance,
    /// Nobody can end it.
    Compliance,
}

/// The header that asks to bypass governance.
pub(super) const BYPASS: &str = "x-amz-bypass-governance-retention";

impl Mode {
    /// As documents and headers spell it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }

    /// The mode of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Governance, Self::Compliance]
            .into_iter()
            .find(|mode| mode.name() == name)
    }
}

impl Lock {
    /// What a write asks for, or else what its bucket gives to every object.
    pub(super) fn of_write(
        headers: &Headers,
        bucket: &Bucket,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        if headers.first_of(LOCK_HEADERS).is_none() {
            return Ok(Self {
                retention: default_retention(bucket, now),
                legal_hold: None,
            });
        }
        check_bucket(bucket)?;
        let (mode, until) = (
            headers.get("x-amz-object-lock-mode"),
            headers.get("x-amz-object-lock-retain-until-date"),
        );
        let retention = match (mode, until) {
            (None, None) => default_retention(bucket, now),
            (Some(mode), Some(until)) => Some(retention_of(mode, until, now)?),
            (mode, _) => {
                let (name, value) = match mode {
                    Some(mode) => ("x-amz-object-lock-mode", mode),
                    None => (
                        "x-amz-object-lock-retain-until-date",
                        until.unwrap_or_default(),
                    ),
                };
                let message = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
                return Err(faults::invalid_argument(message, name, value));
            }
        };
        let name = "x-amz-object-lock-legal-hold";
        let legal_hold = match headers.get(name) {
            None => None,
            Some("ON") => Some(true),
            Some("OFF") => Some(false),
            Some(other) => {
                let message = "Legal Hold must be either of 'ON' or 'OFF'";
                return Err(faults::invalid_argument(message, name, other));
            }
        };
        Ok(Self {
            retention,
            legal_hold,
        })
    }

    /// Whether it may be deleted for good.
    pub(super) fn check_delete(&self, now: Timestamp, bypass: bool) -> Result<(), Fault> {
        let held = self.legal_hold == Some(true);
        let retained = self.retention.is_some_and(|it| it.stands(now, bypass));
        if held || retained {
            return Err(protected());
        }
        Ok(())
    }
}

impl Retention {
    /// Whether it still forbids.
    fn stands(self, now: Timestamp, bypass: bool) -> bool {
        now < self.until && !(bypass && self.mode == Mode::Governance)
    }

    /// Whether `next` may take its place: longer is always allowed, shorter or softer only past governance.
    fn check_change(self, next: Option<Self>, now: Timestamp, bypass: bool) -> Result<(), Fault> {
        let extends = next.is_some_and(|next| next.mode == self.mode && next.until >= self.until);
        if extends || !self.stands(now, bypass) {
            return Ok(());
        }
        Err(protected())
    }
}

fn protected() -> Fault {
    Fault::service(
        403,
        "AccessDenied",
        "Access Denied because object protected by object lock.",
    )
}

fn retention_of(mode: &str, until: &str, now: Timestamp) -> Result<Retention, Fault> {
    let name = "x-amz-object-lock-mode";
    let mode = Mode::named(mode)
        .ok_or_else(|| faults::invalid_argument("Unknown wormMode directive.", name, mode))?;
    let name = "x-amz-object-lock-retain-until-date";
    let at: Timestamp = until.parse().map_err(|_| {
        let message = "The retain until date must be provided in ISO 8601 format";
        faults::invalid_argument(message, name, until)
    })?;
    check_future(at, now, name, until)?;
    Ok(Retention { mode, until: at })
}

fn check_future(at: Timestamp, now: Timestamp, name: &str, sent: &str) -> Result<(), Fault> {
    if at > now {
        return Ok(());
    }
    let message = "The retain until date must be in the future!";
    Err(faults::invalid_argument(message, name, sent))
}

/// Whether the bucket was made for locks.
pub(super) fn is_on(bucket: &Bucket) -> bool {
    bucket.kept.one("ObjectLockConfiguration").is_some()
}

fn check_bucket(bucket: &Bucket) -> Result<(), Fault> {
    if is_on(bucket) {
        return Ok(());
    }
    Err(faults::invalid_request(
        "Bucket is missing Object Lock Configuration",
    ))
}

/// The retention that the bucket gives to new objects.
fn default_retention(bucket: &Bucket, now: Timestamp) -> Option<Retention> {
    let configuration = bucket.kept.one("ObjectLockConfiguration")?;
    let rule = configuration.child("Rule")?.child("DefaultRetention")?;
    let mode = Mode::named(rule.value("Mode")?)?;
    let until = match (rule.number("Days"), rule.number("Years")) {
        (Some(days), _) => now
            .checked_add(SignedDuration::from_hours(days.checked_mul(24)?))
            .ok()?,
        (None, Some(years)) => {
            let years = jiff::Span::new().try_years(years).ok()?;
            let then = Zoned::new(now, TimeZone::UTC).checked_add(years);
            then.ok()?.timestamp()
        }
        (None, None) => return None,
    };
    Some(Retention { mode, until })
}

/// Whether a request asks to bypass governance. Only buckets with locks know what that means.
pub(super) fn bypass(headers: &Headers, bucket: &Bucket) -> Result<bool, Fault> {
    let asked = headers
        .get(BYPASS)
        .is_some_and(|text| text.eq_ignore_ascii_case("true"));
    if asked && !is_on(bucket) {
        let message = format!("{BYPASS} is only applicable to Object Lock enabled buckets.");
        return Err(faults::invalid_argument(message, BYPASS, ""));
    }
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_lock_forbids() {
        let now = Timestamp::UNIX_EPOCH;
        let later = |seconds| now + SignedDuration::from_secs(seconds);
        let of = |mode, seconds| Retention {
            mode,
            until: later(seconds),
        };
        let governed = of(Mode::Governance, 60);
        let lock = Lock {
            retention: Some(governed),
            legal_hold: None,
        };
        assert!(lock.check_delete(now, false).is_err());
        assert!(lock.check_delete(now, true).is_ok());
        assert!(lock.check_delete(later(60), false).is_ok());
        let held = Lock {
            retention: None,
            legal_hold: Some(true),
        };
        assert!(held.check_delete(now, true).is_err());
        let strict = of(Mode::Compliance, 60);
        let may = |from: Retention, next, bypass| from.check_change(next, now, bypass).is_ok();
        assert!(may(governed, Some(of(Mode::Governance, 61)), false));
        assert!(!may(governed, Some(of(Mode::Governance, 59)), false));
        assert!(may(governed, Some(of(Mode::Governance, 59)), true));
        assert!(!may(governed, Some(strict), false) && may(governed, Some(strict), true));
        assert!(!may(governed, None, false) && may(governed, None, true));
        assert!(may(strict, Some(of(Mode::Compliance, 61)), false));
        assert!(!may(strict, Some(of(Mode::Compliance, 59)), true));
        assert!(!may(strict, Some(of(Mode::Governance, 90)), true) && !may(strict, None, true));
    }
}
