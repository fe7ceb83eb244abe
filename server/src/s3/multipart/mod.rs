//! Multipart uploads. Source: S3 User Guide, "Uploading and copying objects using multipart upload".

mod complete;
mod create;
mod list;
mod parts;

pub(super) use complete::CompleteMultipartUpload;
pub(super) use create::{AbortMultipartUpload, CreateMultipartUpload};
pub(super) use list::{ListMultipartUploads, ListParts};
pub(super) use parts::{UploadPart, UploadPartCopy};

use super::{
    Bucket,
    asking::Asking,
    checksum::{Algorithm, Checksum, Kind},
    content::LARGE_PART,
    faults,
    object::{Object, Shelf},
    owner::Owner,
};
use crate::{
    gate::{Demand, Facts, Granted},
    wire::Fault,
    world::{Blob, Changes, Kept, Map, Rows, Text, Unkept, Unreadable, World},
};
use jiff::Timestamp;
use rolecall_policy::Rule;
use serde::Serialize;
use std::sync::Arc;

/// An upload that is under way.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Upload {
    initiated: Timestamp,
    /// The account that began it.
    pub(super) initiator: Text,
    /// The object to be, without content.
    attributes: Object,
    /// The checksum that was asked for.
    checksum: Option<(Algorithm, Kind)>,
    /// The key was written or deleted after it began.
    #[serde(default)]
    pub(super) overtaken: bool,
    /// The ARN of who began it, where that is not the account itself.
    #[serde(default)]
    principal: Option<Text>,
    /// Parts by number.
    #[serde(skip)]
    parts: Map<u16, Arc<Part>>,
}

/// A part that is here.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Part {
    blob: Blob,
    md5: [u8; 16],
    /// The checksum that the client claimed or the upload asks for.
    checksum: Option<Checksum>,
    /// Of every part, for uploads that ask for no checksum: the object gets one all the same.
    crc64: Checksum,
    modified: Timestamp,
}

crate::world::kept_in_rows!(Upload { parts });

impl Kept for Part {
    fn save(&self, _: Option<&Self>, to: &mut Changes) -> Result<(), Unkept> {
        to.blob(&self.blob);
        to.put(self)
    }

    fn load(from: &mut Rows<'_>) -> Result<Self, Unreadable> {
        let mut part: Self = from.row()?;
        from.fill(&mut part.blob, LARGE_PART)?;
        Ok(part)
    }
}

/// `<Initiator>`: an account, or a user or session of one.
/// Source: Amazon S3 API Reference, ListParts, `Initiator`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Initiator {
    #[serde(rename = "ID")]
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
}

impl Initiator {
    fn of(upload: &Upload) -> Self {
        let Some(arn) = &upload.principal else {
            return Self {
                id: Owner::of(&upload.initiator).id().to_owned(),
                display_name: None,
            };
        };
        // A user has a path before the name, a session the role's.
        let (_, rest) = arn.split_once('/').unwrap_or_default();
        let name = match arn.contains(":user/") {
            true => rest.rsplit('/').next().unwrap_or(rest),
            false => rest,
        };
        Self {
            id: arn.to_string(),
            display_name: Some(name.to_owned()),
        }
    }
}

/// `NoSuchUpload`
fn no_such_upload(id: &str) -> Fault {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
    Fault::service(404, "NoSuchUpload", message).detail("UploadId", id)
}

/// Part numbers go from 1 to 10000.
fn part_number(text: &str) -> Result<u16, Fault> {
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=10_000).contains(number));
    number.ok_or_else(|| {
        let message = "Part number must be an integer between 1 and 10000, inclusive";
        faults::invalid_argument(message, "partNumber", text)
    })
}

/// The upload, or AWS's answer that there is none.
fn find<O>(cx: &Granted<'_, O>, bucket: &str, key: &str, id: &str) -> Result<Arc<Upload>, Fault> {
    cx.read(|world| {
        let shelf = world.shelves.get(bucket);
        let shelf = shelf.ok_or_else(|| faults::no_such_bucket(bucket))?;
        let upload = shelf.uploads.get(&(Text::from(key), Text::from(id)));
        upload.cloned().ok_or_else(|| no_such_upload(id))
    })
}

/// Asks for an action on an upload. Whoever began it may do it by its own account's leave, as the bucket's owner may.
/// Source: S3 User Guide, "Multipart upload API and permissions".
fn demand(facts: &Facts<'_>, bucket: &Bucket, key: &str, id: &str, action: &'static str) -> Demand {
    let demand = Asking::from(facts).object(action, bucket, key);
    let upload = facts.upload(&bucket.name, key, id);
    let initiator = upload.map(|upload| &upload.initiator);
    match initiator.filter(|it| *it == facts.account() && **it != bucket.owner) {
        Some(account) => demand
            .owned_by(Some(account.clone()))
            .by(Rule::PolicyOnlyDenies),
        None => demand,
    }
}

/// The objects and uploads of a bucket, to change.
fn shelf_mut<'w>(world: &'w mut World, bucket: &str) -> Result<&'w mut Shelf, Fault> {
    let shelf = world.shelves.get_mut(bucket);
    shelf
        .map(Arc::make_mut)
        .ok_or_else(|| faults::no_such_bucket(bucket))
}
