//! Objects as they are kept: keys, their versions and delete markers.

use super::{
    Acl, Bucket, Ownership, Versioning, annotations::Annotations, checksum::Checksum,
    content::LARGE, encryption::Encryption, etag::Etag, lock::Lock, multipart::Upload,
};
use crate::world::{
    Blob, Changes, Kept, Map, Rare, Rows, Seldom, Text, Unkept, Unreadable, kept_in_rows,
};
use jiff::Timestamp;
use std::{
    ops::Bound,
    sync::{Arc, LazyLock},
};

/// The objects of one bucket, and the uploads that are under way.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Shelf {
    /// Every key that has a version or a delete marker.
    #[serde(skip)]
    pub(crate) objects: Map<Text, Arc<Versions>>,
    /// Multipart uploads, by key and upload id.
    #[serde(skip)]
    pub(crate) uploads: Map<(Text, Text), Arc<Upload>>,
}

/// The versions of one key, newest first; never empty.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Versions(Vec<Version>);

/// A version of a key.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Version {
    /// `null` for what was written while versioning was not enabled.
    pub(crate) id: Text,
    /// When it was written, to the second, as S3 keeps it.
    pub(crate) modified: Timestamp,
    /// What was written; none for a delete marker.
    pub(crate) object: Option<Arc<Object>>,
}

/// An object.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Object {
    /// Its bytes.
    pub(crate) blob: Blob,
    /// Its ETag.
    pub(crate) etag: Etag,
    /// Content headers that come back with it: lower-case name and value.
    #[serde(deserialize_with = "crate::world::in_pairs")]
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Its checksum.
    pub(crate) checksum: Option<Checksum>,
    /// The account that wrote it; empty when nobody signed.
    #[serde(default)]
    pub(crate) owner: Text,
    /// What few objects have.
    #[serde(flatten)]
    pub(crate) extras: Rare<Extras>,
}

/// What most objects have nothing of.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Extras {
    /// `x-amz-meta-…`, without that prefix.
    pub(crate) metadata: Vec<(String, String)>,
    /// Its tags.
    pub(crate) tags: Vec<(String, String)>,
    /// Its storage class; none for STANDARD.
    pub(crate) storage_class: Option<String>,
    /// The sizes and checksums of its parts, when it was uploaded in parts.
    pub(crate) parts: Vec<(u64, Option<Checksum>)>,
    /// The multipart upload that made it.
    #[serde(default)]
    pub(crate) upload: Option<Text>,
    /// What others are granted; none: nothing.
    #[serde(default)]
    pub(crate) acl: Option<Arc<Acl>>,
    /// How it is encrypted.
    #[serde(default)]
    pub(crate) encryption: Encryption,
    /// What keeps it from being deleted.
    #[serde(default)]
    pub(crate) lock: Lock,
    /// Until when the restored copy of an archived object is there; none: nobody restored it.
    #[serde(default)]
    pub(crate) restored_until: Option<Timestamp>,
    /// What hangs on it.
    #[serde(default)]
    pub(crate) annotations: Annotations,
}

/// The version id of everything that is written without versioning.
pub(crate) const NULL: &str = "null";

/// One text for all of them.
static NULL_ID: LazyLock<Text> = LazyLock::new(|| NULL.into());

/// The version id that the answer to an upload tells, or to a copy of its source: where it is `null` S3 tells none.
pub(crate) fn told_after_upload(version: &Option<Text>) -> Option<&str> {
    version.as_deref().filter(|id| *id != NULL)
}

/// What a delete did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deleted {
    /// The version that is gone or the delete marker that was made; none without versioning.
    pub(crate) version: Option<Text>,
    /// A delete marker was made or removed.
    pub(crate) marker: bool,
}

kept_in_rows!(Shelf { objects, uploads });

/// One row for all versions of a key: they are few, and change together.
impl Kept for Versions {
    fn save(&self, _: Option<&Self>, to: &mut Changes) -> Result<(), Unkept> {
        for object in self.0.iter().filter_map(|version| version.object.as_ref()) {
            to.blob(&object.blob);
            object
                .extras
                .annotations
                .blobs()
                .for_each(|blob| to.blob(blob));
        }
        to.put(self)
    }

    fn load(from: &mut Rows<'_>) -> Result<Self, Unreadable> {
        let mut versions: Self = from.row()?;
        for version in &mut versions.0 {
            if let Some(object) = version.object.as_mut() {
                let object = Arc::make_mut(object);
                from.fill(&mut object.blob, LARGE)?;
                if !object.extras.annotations.is_empty() {
                    let fill = |extras: &mut Extras| {
                        let mut blobs = extras.annotations.blobs_mut();
                        blobs.try_for_each(|blob| from.fill(blob, LARGE))
                    };
                    object.extras.change(fill)?;
                }
            }
        }
        Ok(versions)
    }
}

impl Seldom for Extras {
    fn nothing() -> &'static Self {
        static NOTHING: Extras = Extras {
            metadata: Vec::new(),
            tags: Vec::new(),
            storage_class: None,
            parts: Vec::new(),
            upload: None,
            acl: None,
            encryption: Encryption::S3,
            lock: Lock::NONE,
            restored_until: None,
            annotations: Annotations::NONE,
        };
        &NOTHING
    }

    fn is_nothing(&self) -> bool {
        let Self {
            metadata,
            tags,
            storage_class,
            parts,
            upload,
            acl,
            encryption,
            lock,
            restored_until,
            annotations,
        } = self;
        metadata.is_empty()
            && tags.is_empty()
            && storage_class.is_none()
            && parts.is_empty()
            && upload.is_none()
            && acl.is_none()
            && *encryption == Encryption::S3
            && *lock == Lock::NONE
            && restored_until.is_none()
            && annotations.is_empty()
    }
}

impl Object {
    /// Whose it is: the bucket owner's where ACLs are off, whoever wrote it.
    pub(crate) fn owner<'a>(&'a self, bucket: &'a Bucket) -> &'a Text {
        match bucket.ownership() {
            Ownership::BucketOwnerEnforced => &bucket.owner,
            Ownership::BucketOwnerPreferred | Ownership::ObjectWriter => &self.owner,
        }
    }

    /// `STANDARD` or another.
    pub(crate) fn storage_class(&self) -> &str {
        self.extras.storage_class.as_deref().unwrap_or("STANDARD")
    }

    /// Whether its content lies in an archive, out of reach until it is restored.
    pub(crate) fn is_archived(&self) -> bool {
        matches!(self.storage_class(), "GLACIER" | "DEEP_ARCHIVE")
    }

    /// Until when its restored copy is there; none where there is none.
    pub(crate) fn restored(&self, now: Timestamp) -> Option<Timestamp> {
        self.extras.restored_until.filter(|end| now < *end)
    }

    /// The ETag in its quotes.
    pub(crate) fn quoted_etag(&self) -> String {
        self.etag.quoted()
    }

    /// A content header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Versions {
    /// The newest version, which may be a delete marker.
    pub(crate) fn newest(&self) -> Option<&Version> {
        self.0.first()
    }

    /// The version with this id.
    pub(crate) fn named(&self, id: &str) -> Option<&Version> {
        self.0.iter().find(|version| &*version.id == id)
    }

    /// The object that a request without a version id means.
    pub(crate) fn current(&self) -> Option<(&Version, &Arc<Object>)> {
        let newest = self.newest()?;
        Some((newest, newest.object.as_ref()?))
    }

    /// All versions, newest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Version> {
        self.0.iter()
    }

    fn named_mut(&mut self, id: Option<&str>) -> Option<&mut Version> {
        match id {
            None => self.0.first_mut(),
            Some(id) => self.0.iter_mut().find(|version| &*version.id == id),
        }
    }

    /// Puts a version in front of those that stay.
    fn add(&mut self, version: Version, versioning: Option<Versioning>) {
        match versioning {
            None => self.0.clear(),
            Some(Versioning::Suspended) => self.0.retain(|old| &*old.id != NULL),
            Some(Versioning::Enabled) => {}
        }
        self.0.insert(0, version);
    }
}

impl Shelf {
    /// The version that a request means: the newest, or the one it names.
    pub(crate) fn find(&self, key: &str, id: Option<&str>) -> Option<&Version> {
        let versions = self.objects.get(key)?;
        match id {
            None => versions.newest(),
            Some(id) => versions.named(id),
        }
    }

    /// Writes an object. Answers with its version id where the bucket keeps versions.
    pub(crate) fn put(
        &mut self,
        key: &str,
        object: Arc<Object>,
        versioning: Option<Versioning>,
        new_id: &str,
        at: Timestamp,
    ) -> Option<Text> {
        self.add(key, Some(object), versioning, new_id, at)
    }

    fn add(
        &mut self,
        key: &str,
        object: Option<Arc<Object>>,
        versioning: Option<Versioning>,
        new_id: &str,
        at: Timestamp,
    ) -> Option<Text> {
        let id = match versioning {
            Some(Versioning::Enabled) => Text::from(new_id),
            _ => NULL_ID.clone(),
        };
        self.overtake(key);
        let version = Version {
            id: id.clone(),
            modified: whole_seconds(at),
            object,
        };
        match self.objects.get_mut(key) {
            Some(versions) => Arc::make_mut(versions).add(version, versioning),
            None => {
                let versions = Versions(vec![version]);
                self.objects.insert(key.into(), Arc::new(versions));
            }
        }
        versioning.map(|_| id)
    }

    /// Deletes a key: for good without versioning, otherwise by putting a delete marker on top.
    pub(crate) fn delete(
        &mut self,
        key: &str,
        versioning: Option<Versioning>,
        new_id: &str,
        at: Timestamp,
    ) -> Deleted {
        if versioning.is_none() {
            if self.objects.remove(key) {
                self.overtake(key);
            }
            return Deleted {
                version: None,
                marker: false,
            };
        }
        Deleted {
            version: self.add(key, None, versioning, new_id, at),
            marker: true,
        }
    }

    /// Deletes one version for good. What is not there is deleted already.
    pub(crate) fn delete_version(&mut self, key: &str, id: &str) -> Deleted {
        let marker = self
            .find(key, Some(id))
            .is_some_and(|version| version.object.is_none());
        if let Some(versions) = self.objects.get_mut(key) {
            let versions = Arc::make_mut(versions);
            versions.0.retain(|version| &*version.id != id);
            if versions.0.is_empty() {
                self.objects.remove(key);
            }
            self.overtake(key);
        }
        Deleted {
            version: Some(id.into()),
            marker,
        }
    }

    /// Lets the uploads that are under way to this key know that it has changed since they began.
    fn overtake(&mut self, key: &str) {
        if self.uploads.is_empty() {
            return;
        }
        let from = (Text::from(key), Text::default());
        let range = self
            .uploads
            .range((Bound::Included(from), Bound::Unbounded));
        let ids: Vec<_> = range
            .take_while(|((of, _), _)| &**of == key)
            .map(|(at, _)| at.clone())
            .collect();
        for at in ids {
            if let Some(upload) = self.uploads.get_mut(&at) {
                Arc::make_mut(upload).overtaken = true;
            }
        }
    }

    /// An object to change in place: its tags.
    pub(crate) fn object_mut(&mut self, key: &str, id: Option<&str>) -> Option<&mut Object> {
        let versions = Arc::make_mut(self.objects.get_mut(key)?);
        versions.named_mut(id)?.object.as_mut().map(Arc::make_mut)
    }
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn object(content: &str) -> Arc<Object> {
        Arc::new(Object {
            etag: etag(content),
            ..Object::default()
        })
    }

    fn etag(content: &str) -> Etag {
        Etag::whole([content.bytes().next().unwrap_or_default(); 16])
    }

    fn ids(shelf: &Shelf) -> Vec<String> {
        let versions = shelf.objects.get("k").into_iter().flat_map(|it| it.iter());
        versions
            .map(|version| {
                let mark = if version.object.is_none() { "!" } else { "" };
                format!("{mark}{}", version.id)
            })
            .collect()
    }

    #[test]
    fn a_row_has_what_few_objects_have_beside_the_rest() {
        // As rolecall wrote it when every object had room for everything.
        let row = r#"{"blob":{"id":0,"length":0},"etag":"d41d8cd98f00b204e9800998ecf8427e","headers":[["content-type","a/b"]],"metadata":[],"tags":[["team","red"]],"storage_class":null,"checksum":null,"parts":[],"upload":null,"owner":"123456789012","acl":null,"encryption":"S3","lock":{"retention":null,"hold":null},"restored_until":"2026-11-29T00:00:00Z","annotations":null}"#;
        let object: Object = serde_json::from_str(row).unwrap();
        assert_eq!(object.extras.tags, [("team".to_owned(), "red".to_owned())]);
        assert!(object.extras.restored_until.is_some());
        let again = serde_json::to_value(&object).unwrap();
        let old: serde_json::Value = serde_json::from_str(row).unwrap();
        assert_eq!(again, old);
    }

    #[test]
    fn what_an_object_does_not_have_takes_no_room() {
        let row = serde_json::to_string(&Object::default()).unwrap();
        let read: Object = serde_json::from_str(&row).unwrap();
        for object in [Object::default(), read] {
            assert!(!object.extras.takes_room());
        }
        let mut object = Object::default();
        let tags = [vec![("team".to_owned(), "red".to_owned())], Vec::new()];
        for tags in tags {
            let some = !tags.is_empty();
            object.extras.change(|extras| extras.tags = tags);
            assert_eq!(object.extras.takes_room(), some);
        }
        assert!(size_of::<Object>() <= 128, "{}", size_of::<Object>());
    }

    #[test]
    fn versions_and_delete_markers() {
        use Versioning::{Enabled, Suspended};
        let at = Timestamp::UNIX_EPOCH;
        let mut shelf = Shelf::default();
        assert_eq!(shelf.put("k", object("a"), None, "1", at), None);
        assert_eq!(shelf.put("k", object("b"), None, "2", at), None);
        assert_eq!(ids(&shelf), ["null"]);
        let id = shelf.put("k", object("c"), Some(Enabled), "3", at);
        assert_eq!(id.as_deref(), Some("3"));
        let gone = shelf.delete("k", Some(Enabled), "4", at);
        assert_eq!((gone.version.as_deref(), gone.marker), (Some("4"), true));
        assert_eq!(ids(&shelf), ["!4", "3", "null"]);
        assert!(shelf.find("k", None).unwrap().object.is_none());
        shelf.put("k", object("d"), Some(Suspended), "5", at);
        assert_eq!(ids(&shelf), ["null", "!4", "3"]);
        shelf.delete("k", Some(Suspended), "6", at);
        assert_eq!(ids(&shelf), ["!null", "!4", "3"]);
        assert!(shelf.delete_version("k", "null").marker);
        assert!(shelf.delete_version("k", "4").marker);
        let current = shelf.find("k", None).unwrap().object.as_ref();
        assert_eq!(current.unwrap().etag, etag("c"));
        shelf.delete_version("k", "3");
        assert!(shelf.objects.is_empty());
    }
}
