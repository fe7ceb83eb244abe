//! Object lock: what keeps a version from being deleted, and who may lift it.
//! Source: S3 User Guide, "Locking objects with Object Lock".

mod keys;
mod legal_hold;
mod retention;

pub(super) use legal_hold::{GetObjectLegalHold, PutObjectLegalHold};
pub(super) use retention::{GetObjectRetention, PutObjectRetention};

use super::{
    Bucket, Headers,
    asking::Asking,
    configurations::{default_retention, has_lock},
    faults,
    object::Object,
    read::{self, Found, Wanted},
};
use crate::{
    gate::{Demand, Granted},
    wire::{Fault, Operation, XmlReply},
};
use jiff::Timestamp;
use legal_hold::Hold;
use retention::{Mode, Retention};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The headers of a write, and of the answers to a read.
const MODE: &str = "x-amz-object-lock-mode";
const UNTIL: &str = "x-amz-object-lock-retain-until-date";
const HOLD: &str = "x-amz-object-lock-legal-hold";
const HEADERS: &[&str] = &[MODE, UNTIL, HOLD];

/// The header that passes over a retention in governance mode.
const BYPASS: &str = "x-amz-bypass-governance-retention";

/// What keeps a version from being deleted: a retention, a legal hold, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lock {
    retention: Option<Retention>,
    hold: Option<Hold>,
}

impl Lock {
    /// Nothing does.
    pub(crate) const NONE: Self = Self {
        retention: None,
        hold: None,
    };

    /// What the headers of a write say.
    pub(super) fn of_write(
        headers: &Headers,
        bucket: &Bucket,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        if headers.first_of(HEADERS).is_none() {
            return Ok(Self::default());
        }
        check_bucket(bucket)?;
        Ok(Self {
            retention: Retention::of_write(headers, now)?,
            hold: Hold::of_write(headers)?,
        })
    }

    /// Whether the version must stay.
    pub(super) fn protects(&self, now: Timestamp, bypass: bool) -> bool {
        let retained = |it: &Retention| it.holds(now) && !(bypass && it.mode == Mode::Governance);
        self.hold == Some(Hold::On) || self.retention.as_ref().is_some_and(retained)
    }

    /// Refuses what would delete a version that must stay.
    pub(super) fn check_delete(&self, now: Timestamp, bypass: bool) -> Result<(), Fault> {
        match self.protects(now, bypass) {
            true => Err(protected()),
            false => Ok(()),
        }
    }
}

/// Gives a new version the bucket's default retention, unless it was written with one of its own. The time runs from
/// the version's own beginning: the end of a multipart upload, not its start.
pub(super) fn settle(object: &mut Arc<Object>, bucket: &Bucket, now: Timestamp) {
    if object.extras.lock.retention.is_some() {
        return;
    }
    if let Some(retention) = Retention::by_default(bucket, now) {
        Arc::make_mut(object)
            .extras
            .change(|extras| extras.lock.retention = Some(retention));
    }
}

/// Content that will be locked must come with a digest. `what` is what AWS calls the request. A browser's form cannot
/// bring one and is not asked (rolecall's choice).
pub(super) fn check_digest<O>(
    cx: &Granted<'_, O>,
    bucket: &str,
    lock: &Lock,
    headers: &Headers,
    what: &str,
) -> Result<(), Fault> {
    let bucket = cx.read(|world| world.law.buckets.get(bucket).cloned());
    let by_default = bucket.is_some_and(|bucket| default_retention(&bucket).is_some());
    if headers.has_digest() || !(by_default || *lock != Lock::default()) {
        return Ok(());
    }
    Err(faults::invalid_request(format!(
        "Content-MD5 OR x-amz-checksum- HTTP header is required for {what} requests with Object Lock parameters"
    )))
}

/// Whether a delete or a change passes over governance mode.
pub(super) fn bypass(headers: &Headers, bucket: &Bucket) -> Result<bool, Fault> {
    match headers.get(BYPASS) {
        Some(_) if !has_lock(bucket) => {
            let message = format!("{BYPASS} is only applicable to Object Lock enabled buckets.");
            Err(Fault::service(400, "InvalidArgument", message).detail("ArgumentName", BYPASS))
        }
        _ => Ok(asks_bypass(headers)),
    }
}

fn asks_bypass(headers: &Headers) -> bool {
    headers
        .get(BYPASS)
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Whoever wants to pass over governance mode needs a permission for it, whether or not there is something to pass over.
pub(super) fn bypass_demand(
    asking: Asking<'_>,
    bucket: &Bucket,
    key: &str,
    headers: &Headers,
) -> Option<Demand> {
    asks_bypass(headers).then(|| asking.object("s3:BypassGovernanceRetention", bucket, key))
}

/// What the headers of a write ask for besides the write.
pub(super) fn demands(
    asking: Asking<'_>,
    bucket: &Bucket,
    key: &str,
    headers: &Headers,
) -> impl Iterator<Item = Demand> {
    let (mode, until) = (headers.get(MODE), headers.get(UNTIL));
    let retention = mode.or(until).map(|_| {
        let demand = asking.object("s3:PutObjectRetention", bucket, key);
        demand.with_retention(mode, until, asking.at())
    });
    let hold = headers.get(HOLD).map(|status| {
        let demand = asking.object("s3:PutObjectLegalHold", bucket, key);
        demand.with_legal_hold(Some(status))
    });
    retention.into_iter().chain(hold)
}

/// Tells of the lock, each half to those who may read it.
pub(super) fn show<O: Operation>(
    cx: &Granted<'_, O>,
    found: &Found,
    key: &str,
    reply: XmlReply<()>,
) -> XmlReply<()> {
    let (lock, asking) = (&found.object.extras.lock, Asking::from(cx));
    let may = |action| {
        let demand = asking.kept(action, &found.bucket, key, Some(&found.object));
        cx.demand(demand).is_ok()
    };
    let retention = lock.retention.as_ref();
    let retention = retention.filter(|_| may("s3:GetObjectRetention"));
    let hold = lock.hold.filter(|_| may("s3:GetObjectLegalHold"));
    reply
        .header(MODE, retention.map(|it| it.mode.name()))
        .header(UNTIL, retention.map(Retention::shown_until))
        .header(HOLD, hold.map(Hold::name))
}

/// Locks are only for buckets that have object lock.
fn check_bucket(bucket: &Bucket) -> Result<(), Fault> {
    match has_lock(bucket) {
        true => Ok(()),
        false => Err(faults::invalid_request(
            "Bucket is missing Object Lock Configuration",
        )),
    }
}

/// AWS's refusal to delete, or to change the lock of, a version that must stay.
fn protected() -> Fault {
    let message = "Access Denied because object protected by object lock.";
    Fault::service(403, "AccessDenied", message)
}

/// AWS's refusal to change the encryption of a version that must stay.
pub(super) fn keeps_its_key() -> Fault {
    let message = "The encryption type for the specified object can\u{2019}t be updated because that object is protected by S3 Object Lock. If the object has a governance-mode retention period or a legal hold, you must first remove the Object Lock status on the object before you issue your UpdateObjectEncryption request. You can't use the UpdateObjectEncryption operation with objects that have an Object Lock compliance mode retention period applied to them.";
    Fault::service(403, "AccessDenied", message)
}

/// A version that never had a lock.
fn never_locked() -> Fault {
    let message = "The specified object does not have a ObjectLock configuration";
    Fault::service(404, "NoSuchObjectLockConfiguration", message)
}

/// The lock of a version, in a bucket that has locks. Tells of what is missing as a read does.
fn find<O: Operation>(
    cx: &Granted<'_, O>,
    wanted: Wanted<'_>,
    method: &str,
) -> Result<Lock, Fault> {
    let name = wanted.bucket();
    let bucket = cx.read(|world| world.law.buckets.get(name).cloned());
    check_bucket(&*bucket.ok_or_else(|| faults::no_such_bucket(name))?)?;
    Ok(read::find(cx, wanted, method)?.object.extras.lock.clone())
}

/// Changes the lock of a version.
fn change<O: Operation>(
    cx: &Granted<'_, O>,
    wanted: Wanted<'_>,
    change: impl FnOnce(&mut Lock) -> Result<(), Fault>,
) -> Result<XmlReply<()>, Fault> {
    find(cx, wanted, "PUT")?;
    cx.write(|world| {
        let object = wanted.object_mut(world)?;
        object.extras.change(|extras| change(&mut extras.lock))
    })?;
    Ok(XmlReply::empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn only_governance_gives_way() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let later: Timestamp = "2026-11-20T12:00:01Z".parse().unwrap();
        let lock = |mode, until, hold| Lock {
            retention: Some(Retention { mode, until }),
            hold,
        };
        let governed = lock(Mode::Governance, later, None);
        assert!(governed.protects(now, false) && !governed.protects(now, true));
        assert!(!governed.protects(later, false));
        let complied = lock(Mode::Compliance, later, Some(Hold::Off));
        assert!(complied.protects(now, true) && !complied.protects(later, false));
        let held = lock(Mode::Governance, now, Some(Hold::On));
        assert!(held.protects(later, true));
        assert!(!Lock::default().protects(now, false));
    }
}
