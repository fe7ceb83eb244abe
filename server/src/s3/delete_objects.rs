//! `DeleteObject` and `DeleteObjects`.

use super::{
    Bucket, Headers,
    asking::{Asking, existing},
    conditions::any_is,
    faults, lock, names,
    object::{Deleted, Shelf, Version},
    version_id,
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Fault, Operation, RestXml, XmlReply},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most keys of one `DeleteObjects`.
const MOST: usize = 1000;

/// `DeleteObject`
#[derive(Debug, Deserialize)]
pub(super) struct DeleteObject {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
}

/// Asks for a delete, of the key or of one version.
fn demand(asking: Asking<'_>, bucket: &Bucket, key: &str, version: Option<&str>) -> Demand {
    let action = match version {
        None => "s3:DeleteObject",
        Some(_) => "s3:DeleteObjectVersion",
    };
    asking
        .object(action, bucket, key)
        .with("s3:versionid", version)
}

/// Headers that only directory buckets understand.
fn check_headers(headers: &Headers) -> Result<(), Fault> {
    let unknown = ["x-amz-if-match-last-modified-time", "x-amz-if-match-size"];
    if let Some(header) = headers.first_of(&unknown) {
        return Err(faults::not_implemented(header));
    }
    Ok(())
}

/// What is to be deleted.
struct Doomed<'a> {
    key: &'a str,
    version: Option<&'a str>,
    /// Only with this ETag.
    etag: Option<&'a str>,
    /// Whatever its retention in governance mode says.
    bypass: bool,
}

/// Deletes, if the ETag is the expected one and no lock is on the version.
fn delete(
    shelf: &mut Shelf,
    bucket: &Bucket,
    doomed: &Doomed<'_>,
    new_id: &str,
    at: jiff::Timestamp,
) -> Result<Deleted, Fault> {
    let Doomed { key, version, .. } = *doomed;
    if let Some(etag) = doomed.etag {
        let there = shelf
            .find(key, version)
            .and_then(|version| version.object.as_ref());
        match there {
            None => return Err(faults::no_such_key(key)),
            Some(object) if !any_is(etag, object.etag) => {
                return Err(faults::precondition_failed("If-Match"));
            }
            Some(_) => {}
        }
    }
    Ok(match version {
        Some(id) => {
            let there = shelf.find(key, version);
            match there {
                None => version_id::verify(id)?,
                Some(Version { object: None, .. }) => {}
                Some(Version {
                    object: Some(object),
                    ..
                }) => object.extras.lock.check_delete(at, doomed.bypass)?,
            }
            let deleted = shelf.delete_version(key, id);
            match bucket.versioning {
                None => Deleted {
                    version: None,
                    ..deleted
                },
                Some(_) => deleted,
            }
        }
        None => shelf.delete(key, bucket.versioning, new_id, at),
    })
}

impl Operation for DeleteObject {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "DeleteObject";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        names::check_key(&self.key)?;
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let asking = Asking::from(facts);
        let delete = demand(asking, bucket, &self.key, self.version.as_deref());
        let access = Access::from(delete.with_headers(&self.headers, &["if-match"]));
        let bypass = lock::bypass_demand(asking, bucket, &self.key, &self.headers);
        Ok(bypass.into_iter().fold(access, Access::and))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        check_headers(&self.headers)?;
        let id = version_id::new(cx.ids());
        let deleted = cx.write(|world| {
            let bucket = world.law.buckets.get(&*self.bucket);
            let bucket = bucket.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
            let shelf = world.shelves.get_mut(&*self.bucket);
            let shelf = shelf.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
            let doomed = Doomed {
                key: &self.key,
                version: self.version.as_deref(),
                etag: self.headers.get("if-match"),
                bypass: lock::bypass(&self.headers, bucket)?,
            };
            delete(Arc::make_mut(shelf), bucket, &doomed, &id, cx.now())
        })?;
        Ok(XmlReply::empty()
            .header("x-amz-delete-marker", deleted.marker.then_some("true"))
            .header("x-amz-version-id", deleted.version.as_deref()))
    }
}

/// `DeleteObjects`
#[derive(Debug, Deserialize)]
pub(super) struct DeleteObjects {
    bucket: String,
    #[serde(default)]
    headers: Headers,
    body: Option<Delete>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delete {
    #[serde(rename = "Object", default)]
    objects: Vec<ObjectIdentifier>,
    #[serde(default)]
    quiet: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ObjectIdentifier {
    key: String,
    version_id: Option<String>,
    #[serde(rename = "ETag")]
    etag: Option<String>,
    last_modified_time: Option<String>,
    size: Option<String>,
}

impl ObjectIdentifier {
    /// An empty `VersionId` is none.
    fn version(&self) -> Option<&str> {
        self.version_id.as_deref().filter(|id| !id.is_empty())
    }
}

/// `<DeleteResult>`
#[derive(Debug, Default, Serialize)]
pub(super) struct DeleteResult {
    #[serde(rename = "Deleted")]
    deleted: Vec<DeletedObject>,
    #[serde(rename = "Error")]
    errors: Vec<DeleteError>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DeletedObject {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_marker: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_marker_version_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteError {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    code: String,
    message: String,
}

impl DeleteError {
    fn new(object: ObjectIdentifier, fault: &Fault) -> Self {
        let (code, message) = RestXml::code_and_message(fault);
        Self {
            version_id: object.version().map(str::to_owned),
            key: object.key,
            code,
            message,
        }
    }
}

impl DeletedObject {
    fn new(object: ObjectIdentifier, deleted: Deleted) -> Self {
        let asked = object.version().map(str::to_owned);
        let marker = deleted.version.filter(|_| deleted.marker);
        Self {
            key: object.key,
            version_id: asked,
            delete_marker: deleted.marker.then_some(true),
            delete_marker_version_id: marker.map(|id| id.to_string()),
        }
    }
}

/// The refusal for each of `count` objects: of its delete, or of passing over its retention.
fn denied(each: &[Option<Box<Fault>>], count: usize) -> impl Iterator<Item = Option<&Fault>> {
    let (deletes, bypasses) = each.split_at(count.min(each.len()));
    deletes.iter().enumerate().map(|(index, delete)| {
        let bypass = bypasses.get(index).and_then(Option::as_deref);
        delete.as_deref().or(bypass)
    })
}

impl DeleteObjects {
    fn objects(&self) -> Result<&[ObjectIdentifier], Fault> {
        let objects = self.body.as_ref().map(|body| body.objects.as_slice());
        match objects {
            Some(objects) if (1..=MOST).contains(&objects.len()) => Ok(objects),
            _ => Err(faults::malformed_xml()),
        }
    }
}

impl Operation for DeleteObjects {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "DeleteObjects";
    type Output = XmlReply<DeleteResult>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        if !self.headers.has_digest() {
            return Err(faults::invalid_request(
                "Missing required header for this request: Content-MD5",
            ));
        }
        check_headers(&self.headers)?;
        lock::bypass(&self.headers, bucket)?;
        let asking = Asking::from(facts);
        let objects = self.objects()?.iter();
        let demands = objects
            .clone()
            .map(|object| demand(asking, bucket, &object.key, object.version()));
        // All deletes first, then all bypasses; see `denied`.
        let bypasses =
            objects.filter_map(|it| lock::bypass_demand(asking, bucket, &it.key, &self.headers));
        Ok(Access::Each(demands.chain(bypasses).collect()))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<DeleteResult>, Fault> {
        let body = self.body.ok_or_else(faults::malformed_xml)?;
        let quiet = body.quiet.as_deref().map(str::trim) == Some("true");
        let count = body.objects.len();
        // One write for all keys; each answers for itself.
        let results = cx.write(|world| {
            let bucket = world.law.buckets.get(&*self.bucket);
            let bucket = bucket.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
            let shelf = world.shelves.get_mut(&*self.bucket);
            let shelf = Arc::make_mut(shelf.ok_or_else(|| faults::no_such_bucket(&self.bucket))?);
            let bypass = lock::bypass(&self.headers, bucket)?;
            let mut results = Vec::with_capacity(count);
            for (object, denied) in body.objects.into_iter().zip(denied(cx.each(), count)) {
                if denied.is_some() {
                    results.push((object, None));
                    continue;
                }
                let unserved = object.last_modified_time.is_some() || object.size.is_some();
                // Among others, an id that S3 never gave out is merely not there.
                let unknown = object.version().filter(|id| {
                    shelf.find(&object.key, Some(id)).is_none() && version_id::verify(id).is_err()
                });
                let deleted = if unserved {
                    Err(faults::not_implemented("x-amz-if-match-size"))
                } else if let Some(id) = unknown {
                    Err(faults::no_such_version(&object.key, id))
                } else {
                    let id = version_id::new(cx.ids());
                    let doomed = Doomed {
                        key: &object.key,
                        version: object.version(),
                        etag: object.etag.as_deref(),
                        bypass,
                    };
                    delete(shelf, bucket, &doomed, &id, cx.now())
                };
                results.push((object, Some(deleted)));
            }
            Ok(results)
        })?;
        let mut answer = DeleteResult::default();
        for ((object, result), denied) in results.into_iter().zip(denied(cx.each(), count)) {
            match (result, denied) {
                (_, Some(denied)) => answer.errors.push(DeleteError::new(object, denied)),
                (Some(Err(fault)), None) => answer.errors.push(DeleteError::new(object, &fault)),
                (Some(Ok(_)), None) if quiet => {}
                (Some(Ok(deleted)), None) => {
                    answer.deleted.push(DeletedObject::new(object, deleted));
                }
                (None, None) => {}
            }
        }
        Ok(XmlReply::root("DeleteResult", answer))
    }
}
