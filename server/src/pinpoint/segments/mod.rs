//! Segments: named choices among an app's endpoints. Dimensional ones are computed, imported ones listed.

mod checks;
mod imported;
mod members;
mod read;
mod shape;
mod write;

pub(super) use imported::{Imported, import, importable};
pub(super) use members::Members;
pub(super) use read::{GetSegment, GetSegmentVersion, GetSegmentVersions, GetSegments};
pub(super) use write::{CreateSegment, DeleteSegment, UpdateSegment};

use super::{
    apps::{self, App},
    shape::Document,
    tags::Tags,
};
use crate::{
    gate::{Demand, Facts},
    wire::{Fault, millis_time},
    world::{Map, Text},
};
use jiff::Timestamp;
use rolecall_policy::Origin;
use serde_json::json;
use std::sync::Arc;

/// A segment with its history.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Segment {
    id: Text,
    arn: String,
    created: Timestamp,
    pub(super) tags: Tags,
    /// Versions count from 1.
    versions: Map<u64, Version>,
}

/// One version of a definition.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Version {
    definition: Arc<Document>,
    modified: Timestamp,
    /// Who is in it, where a job brought them.
    #[serde(default)]
    imported: Option<Arc<Imported>>,
}

crate::world::kept_as_row!(Segment);

impl Version {
    /// `SegmentType`
    fn kind(&self) -> &'static str {
        match self.imported {
            Some(_) => "IMPORT",
            None => "DIMENSIONAL",
        }
    }
}

impl Segment {
    fn newest(&self) -> u64 {
        self.versions.len() as u64
    }

    /// A version, the newest unless said.
    fn version(&self, number: Option<u64>) -> Result<(u64, &Version), Fault> {
        let number = number.unwrap_or_else(|| self.newest());
        let version = self.versions.get(&number).ok_or_else(apps::not_found)?;
        Ok((number, version))
    }

    /// `SegmentResponse` of a version.
    fn response(&self, app: &App, number: Option<u64>) -> Result<Document, Fault> {
        let (number, version) = self.version(number)?;
        let mut out = Document::clone(&version.definition);
        for (name, value) in [
            ("Id", json!(&*self.id)),
            ("ApplicationId", json!(&*app.id)),
            ("Arn", json!(self.arn)),
            ("CreationDate", json!(millis_time(self.created))),
            ("LastModifiedDate", json!(millis_time(version.modified))),
            ("SegmentType", json!(version.kind())),
            ("Version", json!(number)),
        ] {
            out.insert(name.to_owned(), value);
        }
        if !self.tags.is_empty() {
            out.insert("tags".to_owned(), json!(self.tags));
        }
        Ok(out)
    }
}

/// A segment of an app.
fn find<'a>(app: &'a App, id: &str) -> Result<&'a Arc<Segment>, Fault> {
    app.segments.get(id).ok_or_else(apps::not_found)
}

/// The definition as compiled rules.
fn compile(app: &App, version: &Version) -> Result<Members, Fault> {
    let lookup = |id: &str, version| {
        let segment = app.segments.get(id)?;
        Some(segment.version(version).ok()?.1.clone())
    };
    Members::compile(version, &lookup)
}

/// The endpoints that an export of this segment takes.
pub(super) fn members(app: &App, id: &str, version: Option<u64>) -> Result<Members, Fault> {
    compile(app, find(app, id)?.version(version)?.1)
}

/// Asks for an action on a segment, with the segment's tags.
pub(super) fn on_segment(action: &'static str, facts: &Facts<'_>, app: &str, id: &str) -> Demand {
    let demand = apps::below_app(action, facts, app, &format!("segments/{id}"));
    match facts.app(app).and_then(|app| app.segments.get(id)) {
        Some(segment) => demand.with_tags(Origin::Resource, "aws:ResourceTag/", &segment.tags),
        None => demand,
    }
}
