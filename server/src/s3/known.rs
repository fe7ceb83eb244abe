//! What is known of a bucket or a key that is only asked about.

use super::{Bucket, Object, actions::matches, asking::Asking, read::Wanted};
use crate::{
    gate::{Caller, Demand, Meta},
    world::{Text, World},
};
use rolecall_policy::{Policy, Rule};
use std::{collections::BTreeMap, sync::Arc};

/// The actions on what is kept under a key that can ask for its tags.
/// Source: Service Authorization Reference, "Actions defined by Amazon S3", `s3:ExistingObjectTag`.
const TAGGED: &[&str] = &[
    "s3:DeleteObjectAnnotation",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersionAnnotation",
    "s3:DeleteObjectVersionTagging",
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:GetObjectAnnotation",
    "s3:GetObjectAttributes",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionAnnotation",
    "s3:GetObjectVersionAttributes",
    "s3:GetObjectVersionTagging",
    "s3:ListObjectAnnotations",
    "s3:ListObjectVersionAnnotations",
    "s3:PutObjectAcl",
    "s3:PutObjectAnnotation",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionAcl",
    "s3:PutObjectVersionAnnotation",
    "s3:PutObjectVersionTagging",
    "s3:UpdateObjectEncryption",
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

/// Those on an upload that is under way, which whoever began it may do as well as the bucket's owner.
const UPLOADS: &[&str] = &["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];

/// Of those that the root user of the bucket's owner can always do, the ones that a pattern of actions means.
pub(crate) fn always_of_root(pattern: &str) -> Vec<&'static str> {
    meant(pattern, &[NEVER_LOCKED_OUT])
}

fn meant(pattern: &str, lists: &[&[&'static str]]) -> Vec<&'static str> {
    let pattern = pattern.to_ascii_lowercase();
    let means = |action: &&str| {
        let action = action.to_ascii_lowercase();
        matches(pattern.as_bytes(), action.as_bytes())
    };
    lists
        .iter()
        .copied()
        .flatten()
        .copied()
        .filter(means)
        .collect()
}

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

/// Keys of a bucket about which some actions ask somebody else than the bucket's owner, or another access control list.
pub(crate) struct Apart<'w> {
    pub(crate) bucket: &'w Bucket,
    /// The actions, of those that were asked about.
    pub(crate) actions: Vec<&'static str>,
    pub(crate) owner: &'w Text,
    pub(crate) acl: Option<Arc<Policy>>,
    pub(crate) arns: Vec<String>,
}

/// All such keys, in any version, and uploads; those that are alike together.
pub(crate) fn apart<'w>(world: &'w World, pattern: &str) -> Vec<Apart<'w>> {
    let of_objects = meant(pattern, &[TAGGED, LOCKS]);
    let of_uploads = meant(pattern, &[UPLOADS]);
    let mut all = Vec::new();
    for bucket in world.law.buckets.values() {
        let Some(shelf) = world.shelves.get(&*bucket.name) else {
            continue;
        };
        let mut alike: BTreeMap<(bool, &Text, Option<String>), Apart<'_>> = BTreeMap::new();
        let mut add = |key: &str, owner, acl: Option<Arc<Policy>>, upload| {
            let actions = if upload { &of_uploads } else { &of_objects };
            let same = (upload, owner, acl.as_ref().map(|acl| acl.text().to_owned()));
            let group = alike.entry(same).or_insert_with(|| Apart {
                bucket,
                actions: actions.clone(),
                owner,
                acl,
                arns: Vec::new(),
            });
            let arn = bucket.arn_of(key);
            if group.arns.last() != Some(&arn) {
                group.arns.push(arn);
            }
        };
        for (key, versions) in shelf.objects.iter() {
            for object in versions
                .iter()
                .filter_map(|version| version.object.as_ref())
            {
                let owner = object.owner(bucket);
                let acl = object.extras.acl.as_ref().and_then(|acl| acl.law(bucket));
                if *owner != bucket.owner || acl.is_some() {
                    add(key, owner, acl, false);
                }
            }
        }
        for ((key, _), upload) in shelf.uploads.iter() {
            if upload.initiator != bucket.owner {
                let acl = bucket.acl.as_ref().and_then(|acl| acl.law(bucket));
                add(key, &upload.initiator, acl, true);
            }
        }
        all.extend(alike.into_values().filter(|it| !it.actions.is_empty()));
    }
    all
}
