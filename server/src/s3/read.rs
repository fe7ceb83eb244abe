//! Finding the object that a request means, and how its absence is told.

use super::{
    Bucket,
    asking::Asking,
    faults,
    object::{Object, Shelf, Version},
    version_id,
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Fault, Operation},
    world::{Text, World},
};
use jiff::Timestamp;
use rolecall_policy::Origin;
use std::{borrow::Cow, sync::Arc};

/// Where the tags of what is kept stand among the condition keys.
pub(super) const EXISTING_TAGS: (Origin, &str) = (Origin::Resource, "s3:ExistingObjectTag/");

/// An object as a request names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    bucket: &'a str,
    key: &'a str,
    version: Option<&'a str>,
}

/// An object that is there.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) bucket: Arc<Bucket>,
    /// Its version id, where the bucket keeps versions.
    pub(super) version: Option<Text>,
    pub(super) modified: Timestamp,
    pub(super) object: Arc<Object>,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(bucket: &'a str, key: &'a str, version: Option<&'a str>) -> Self {
        Self {
            bucket,
            key,
            version,
        }
    }

    /// The bucket's name.
    pub(super) fn bucket(self) -> &'a str {
        self.bucket
    }

    /// The object, where there is one.
    pub(super) fn object<'f>(self, facts: &Facts<'f>) -> Option<&'f Object> {
        let object = facts.object(self.bucket, self.key, self.version);
        object.map(|it| &**it)
    }

    /// The same, to keep.
    pub(super) fn shared<'f>(self, facts: &Facts<'f>) -> Option<&'f Arc<Object>> {
        facts.object(self.bucket, self.key, self.version)
    }

    /// The object in its bucket's shelf.
    pub(super) fn of(self, shelf: &Shelf) -> Option<&Object> {
        shelf.find(self.key, self.version)?.object.as_deref()
    }

    /// The object, to change.
    pub(super) fn object_mut(self, world: &mut World) -> Result<&mut Object, Fault> {
        let shelf = world.shelves.get_mut(self.bucket);
        let shelf = Arc::make_mut(shelf.ok_or_else(|| faults::no_such_bucket(self.bucket))?);
        let object = shelf.object_mut(self.key, self.version);
        object.ok_or_else(|| faults::no_such_key(self.key))
    }

    /// Asks for the first action, or for the second where a version is named, with the keys of both:
    /// the existing tags and `s3:versionid`.
    pub(super) fn demand(
        self,
        facts: &Facts<'_>,
        bucket: &Bucket,
        actions: (&'static str, &'static str),
    ) -> Demand {
        let object = self.object(facts);
        self.demand_of(Asking::from(facts), bucket, self.action(actions), object)
    }

    /// The first action, or the second where a version is named.
    fn action(self, (action, of_version): (&'static str, &'static str)) -> &'static str {
        if self.version.is_some() {
            of_version
        } else {
            action
        }
    }

    /// Asks to read the object: its content, and with it the use of its key.
    pub(super) fn read_access(self, facts: &Facts<'_>, bucket: &Bucket) -> Access {
        let action = self.action(("s3:GetObject", "s3:GetObjectVersion"));
        let (asking, object) = (Asking::from(facts), self.object(facts));
        let access = Access::from(self.demand_of(asking, bucket, action, object));
        let key = object.and_then(|it| asking.key("kms:Decrypt", &it.extras.encryption));
        match key {
            Some(demand) => access.and(demand),
            None => access,
        }
    }

    /// Asks for `action` on an object that was found, or on a key without one.
    pub(super) fn demand_of(
        self,
        asking: Asking<'_>,
        bucket: &Bucket,
        action: impl Into<Cow<'static, str>>,
        object: Option<&Object>,
    ) -> Demand {
        let (origin, prefix) = EXISTING_TAGS;
        let tags = object.map_or(&[][..], |object| &object.extras.tags);
        asking
            .kept(action, bucket, self.key, object)
            .with_tags(origin, prefix, tags.iter().map(|(key, value)| (key, value)))
            .with("s3:versionid", self.version)
    }
}

/// The object, or AWS's answer that there is none. Whoever may not list the bucket is not told that a key is
/// missing. Source: Amazon S3 API Reference, GetObject, "Permissions".
pub(super) fn find<O: Operation>(
    cx: &Granted<'_, O>,
    wanted: Wanted<'_>,
    method: &str,
) -> Result<Found, Fault> {
    let (bucket, version) = cx.read(|world| {
        let bucket = world.law.buckets.get(wanted.bucket).cloned();
        let shelf = world.shelves.get(wanted.bucket);
        let version = shelf.and_then(|shelf| shelf.find(wanted.key, wanted.version).cloned());
        (bucket, version)
    });
    let bucket = bucket.ok_or_else(|| faults::no_such_bucket(wanted.bucket))?;
    let Some(version) = version else {
        return Err(missing(cx, &bucket, wanted));
    };
    let shown = bucket.versioning.map(|_| version.id.clone());
    match version {
        Version {
            object: Some(object),
            modified,
            ..
        } => Ok(Found {
            bucket,
            version: shown,
            modified,
            object,
        }),
        Version { id, .. } if wanted.version.is_some() => Err(marker(method, &id)),
        Version { id, .. } => Err(missing(cx, &bucket, wanted)
            .header("x-amz-delete-marker", "true")
            .header("x-amz-version-id", &*id)),
    }
}

/// The same for what is said of the key: a delete marker is none, whether or not it is named.
pub(super) fn find_no_marker<O: Operation>(
    cx: &Granted<'_, O>,
    wanted: Wanted<'_>,
    method: &str,
) -> Result<Found, Fault> {
    let id = cx.read(|world| {
        let shelf = world.shelves.get(wanted.bucket)?;
        let version = shelf.find(wanted.key, wanted.version)?;
        version.object.is_none().then(|| version.id.clone())
    });
    match id {
        Some(id) => Err(marker(method, &id)),
        None => find(cx, wanted, method),
    }
}

fn marker(method: &str, id: &str) -> Fault {
    faults::delete_marker(method)
        .header("x-amz-delete-marker", "true")
        .header("x-amz-version-id", id)
}

fn missing<O: Operation>(cx: &Granted<'_, O>, bucket: &Bucket, wanted: Wanted<'_>) -> Fault {
    if let Some(Err(invalid)) = wanted.version.map(version_id::verify) {
        return invalid;
    }
    let (action, fault) = match wanted.version {
        None => ("s3:ListBucket", faults::no_such_key(wanted.key)),
        Some(id) => (
            "s3:ListBucketVersions",
            faults::no_such_version(wanted.key, id),
        ),
    };
    // No `s3:prefix` here: a request for an object has none.
    match cx.demand(Asking::from(cx).bucket(action, bucket)) {
        Ok(()) => fault,
        Err(denied) => denied,
    }
}
