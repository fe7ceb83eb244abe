//! What is known of a bucket or a key that is only asked about.

use super::{Bucket, Object, asking::Asking, read::Wanted};
use crate::{
    gate::{Caller, Demand, Meta},
    world::World,
};
use rolecall_policy::Rule;

/// The actions on what is kept under a key that can ask for its tags.
/// Source: Service Authorization Reference, "Actions defined by Amazon S3", `s3:ExistingObjectTag`.
const TAGGED: &[&str] = &[
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersionTagging",
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:GetObjectAttributes",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionAttributes",
    "s3:GetObjectVersionTagging",
    "s3:PutObjectAcl",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionAcl",
    "s3:PutObjectVersionTagging",
];

/// Those that are the object owner's to allow all the same.
const LOCKS: &[&str] = &[
    "s3:GetObjectLegalHold",
    "s3:GetObjectRetention",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
];

/// Those that the root user of the bucket's owner can always do.
const NEVER_LOCKED_OUT: &[&str] = &[
    "s3:DeleteBucketPolicy",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
];

/// Asks for any action on a bucket or a key, as the operation of that action asks.
pub(crate) fn ask(
    world: &World,
    (caller, meta): (&Caller, &Meta),
    action: &str,
    (name, key, version): (&str, Option<&str>, Option<&str>),
) -> Option<Demand> {
    let bucket = world.law.buckets.get(name)?;
    let asking = Asking::new(caller, meta);
    let one_of = |list: &[&str]| list.iter().any(|it| it.eq_ignore_ascii_case(action));
    let Some(key) = key else {
        let demand = asking.bucket(action.to_owned(), bucket);
        return Some(match one_of(NEVER_LOCKED_OUT) {
            true => demand.by(Rule::OwnerRootAlways),
            false => demand,
        });
    };
    let object = kept(world, bucket, key, version);
    Some(match () {
        () if one_of(TAGGED) => {
            let wanted = Wanted::new(name, key, version);
            wanted.demand_of(asking, bucket, action.to_owned(), object)
        }
        () if one_of(LOCKS) => asking.kept(action.to_owned(), bucket, key, object),
        () => asking.object(action.to_owned(), bucket, key),
    })
}

fn kept<'w>(
    world: &'w World,
    bucket: &Bucket,
    key: &str,
    version: Option<&str>,
) -> Option<&'w Object> {
    let shelf = world.shelves.get(&*bucket.name)?;
    shelf.find(key, version)?.object.as_deref()
}
