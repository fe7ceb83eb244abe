//! How S3 asks the policies: the demand for a bucket or an object with the keys that every S3 action has.

use super::{Bucket, Headers, Object, configurations::has_abac, encryption::Encryption, faults};
use crate::{
    gate::{Caller, Demand, Facts, Granted, Guard, Meta, Who},
    wire::{Fault, Operation},
};
use jiff::Timestamp;
use rolecall_policy::{Origin, Rule};
use std::{borrow::Cow, sync::Arc};

/// The name of an action; operations know theirs by heart.
type Action = Cow<'static, str>;

/// Who asks, under which circumstances.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking<'a> {
    caller: &'a Caller,
    meta: &'a Meta,
}

impl<'a> From<&Facts<'a>> for Asking<'a> {
    fn from(facts: &Facts<'a>) -> Self {
        Self {
            caller: facts.caller(),
            meta: facts.meta(),
        }
    }
}

impl<'a, O: Operation> From<&Granted<'a, O>> for Asking<'a> {
    fn from(cx: &Granted<'a, O>) -> Self {
        Self {
            caller: cx.caller(),
            meta: cx.meta(),
        }
    }
}

/// The bucket that an operation names. AWS says that it is not there, or not the expected account's,
/// before it asks anybody's policy.
pub(super) fn existing<'a>(
    facts: &Facts<'a>,
    name: &str,
    headers: &Headers,
) -> Result<&'a Arc<Bucket>, Fault> {
    let bucket = facts
        .bucket(name)
        .ok_or_else(|| faults::no_such_bucket(name))?;
    check_owner(bucket, headers.get("x-amz-expected-bucket-owner"))?;
    Ok(bucket)
}

/// `x-amz-expected-bucket-owner`, or its like for the source of a copy.
pub(super) fn check_owner(bucket: &Bucket, expected: Option<&str>) -> Result<(), Fault> {
    let Some(expected) = expected else {
        return Ok(());
    };
    if expected.len() != 12 || !expected.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::service(
            400,
            "InvalidBucketOwnerAWSAccountID",
            format!(
                "The value of the expected bucket owner parameter must be an AWS Account ID... [{expected}]"
            ),
        ));
    }
    if expected == &*bucket.owner {
        Ok(())
    } else {
        Err(faults::access_denied())
    }
}

impl<'a> Asking<'a> {
    /// This caller, under these circumstances.
    pub(super) fn new(caller: &'a Caller, meta: &'a Meta) -> Self {
        Self { caller, meta }
    }

    /// When.
    pub(super) fn at(self) -> Timestamp {
        self.meta.at
    }

    /// An action on a bucket.
    pub(super) fn bucket(self, action: impl Into<Action>, bucket: &Bucket) -> Demand {
        let acl = bucket.acl.as_ref().and_then(|acl| acl.law(bucket));
        self.on(action, bucket, bucket.arn()).granted_by(acl)
    }

    /// An action on a key that is the bucket owner's to allow: writing, deleting, uploading in parts.
    pub(super) fn object(self, action: impl Into<Action>, bucket: &Bucket, key: &str) -> Demand {
        let acl = bucket.acl.as_ref().and_then(|acl| acl.law(bucket));
        self.on(action, bucket, bucket.arn_of(key)).granted_by(acl)
    }

    /// An action on what is kept under a key, which is the object owner's to allow.
    /// Source: S3 User Guide, "How Amazon S3 authorizes a request for an object operation".
    pub(super) fn kept(
        self,
        action: impl Into<Action>,
        bucket: &Bucket,
        key: &str,
        object: Option<&Object>,
    ) -> Demand {
        let demand = self.object(action, bucket, key);
        let Some(object) = object else {
            return demand;
        };
        let acl = object.extras.acl.as_ref().and_then(|acl| acl.law(bucket));
        let (demand, owner) = (demand.granted_by(acl), object.owner(bucket));
        if *owner == bucket.owner {
            return demand;
        }
        demand
            .owned_by(Some(owner.clone()))
            .by(Rule::PolicyOnlyDenies)
            .with_from(
                Origin::Resource,
                "aws:ResourceAccount",
                Some(&*bucket.owner),
            )
    }

    /// How what is written will be encrypted; none when the headers cannot be understood.
    pub(super) fn encryption_of_write(
        self,
        headers: &Headers,
        bucket: &Bucket,
    ) -> Option<Encryption> {
        Encryption::of_write(headers, bucket, &self.caller.account, self.meta).ok()
    }

    /// The use of the key that something is encrypted with, where that needs a permission of its own.
    pub(super) fn key(self, action: &'static str, encryption: &Encryption) -> Option<Demand> {
        encryption.key_demand(action, self.meta)
    }

    fn on(self, action: impl Into<Action>, bucket: &Bucket, arn: String) -> Demand {
        let guard = guard_of(bucket, self.caller);
        let demand = Demand::new(action, arn)
            .signed()
            .owned_by(Some(bucket.owner.clone()))
            .guarded_by(guard)
            .in_bucket_of(&bucket.owner);
        match has_abac(bucket) {
            true => with_bucket_tags(demand, bucket),
            false => demand,
        }
    }
}

/// The tags of the bucket, which count for it and for everything in it once ABAC is enabled.
fn with_bucket_tags(demand: Demand, bucket: &Bucket) -> Demand {
    let tags = || bucket.tags.iter().map(|(key, value)| (key, value));
    demand
        .with_tags(Origin::Resource, "aws:ResourceTag/", tags())
        .with_tags(Origin::Resource, "s3:BucketTag/", tags())
}

/// The policy of a bucket, unless `RestrictPublicBuckets` keeps this caller away from it: a public policy then
/// speaks only to the owner's account and to services.
/// Source: S3 User Guide, "Blocking public access to your Amazon S3 storage".
fn guard_of(bucket: &Bucket, caller: &Caller) -> Guard {
    let restricted = bucket
        .public_access
        .is_some_and(|switches| switches.restrict_public_buckets);
    let outsider = caller.account != bucket.owner && !matches!(caller.who, Who::Service(_));
    if bucket.policy_is_public && restricted && outsider {
        Guard::None
    } else {
        Guard::Bucket(bucket.name.clone())
    }
}

/// The three actions on a bucket's policy that the root user of its owner can always do.
pub(super) fn never_locked_out(demand: Demand) -> Demand {
    demand.by(Rule::OwnerRootAlways)
}
