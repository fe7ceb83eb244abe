//! Segments that import jobs make: a list of endpoints and of users.

use super::{Segment, Version, find};
use crate::{
    pinpoint::{
        apps::App,
        shape::{Document, inner, text},
        tags::Tags,
    },
    wire::Fault,
    world::{Map, Text},
};
use jiff::Timestamp;
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc};

/// Who is in an imported segment.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(in crate::pinpoint) struct Imported {
    /// Endpoints, by id.
    pub(in crate::pinpoint) endpoints: BTreeSet<Text>,
    /// Users whose endpoints are all in it.
    pub(in crate::pinpoint) users: BTreeSet<Text>,
}

impl Imported {
    /// Whether this endpoint is in it.
    pub(super) fn holds(&self, endpoint: &Document) -> bool {
        let id = text(endpoint, "Id");
        let user = inner(endpoint, "User").and_then(|user| text(user, "UserId"));
        id.is_some_and(|id| self.endpoints.contains(id))
            || user.is_some_and(|user| self.users.contains(user))
    }
}

/// Refuses a segment that a job cannot import into: one that is computed.
pub(in crate::pinpoint) fn importable(app: &App, id: &str) -> Result<(), Fault> {
    match find(app, id)?.version(None)?.1.imported {
        Some(_) => Ok(()),
        None => Err(Fault::malformed(
            "SegmentId",
            "the segment is dimensional; endpoints are imported into imported segments only",
        )),
    }
}

/// Makes a segment of what was imported, or a new version of the one with this id, which must still be there unless it is
/// new.
pub(in crate::pinpoint) fn import(
    app: &mut App,
    (id, new): (&Text, bool),
    name: Option<&str>,
    definition: Document,
    imported: Imported,
    now: Timestamp,
) -> Result<(), Fault> {
    if !new {
        importable(app, id)?;
    }
    let before = app.segments.get(id);
    let mut segment = before.map_or_else(
        || Segment {
            id: id.clone(),
            arn: format!("{}/segments/{id}", app.arn),
            created: now,
            tags: Tags::default(),
            versions: Map::default(),
        },
        |segment| Segment::clone(segment),
    );
    let newest = segment.version(None).ok();
    let known = newest.and_then(|(_, version)| text(&version.definition, "Name"));
    let name = name.or(known).map(str::to_owned);
    let mut document = Document::new();
    if let Some(name) = name {
        document.insert("Name".to_owned(), json!(name));
    }
    document.insert("ImportDefinition".to_owned(), json!(definition));
    let number = segment.newest() + 1;
    let version = Version {
        definition: Arc::new(document),
        modified: now,
        imported: Some(Arc::new(imported)),
    };
    segment.versions.insert(number, version);
    app.segments.insert(id.clone(), Arc::new(segment));
    Ok(())
}
