//! Segments made, changed and deleted.

use super::{Segment, Version, compile, find, on_segment, shape::WRITE};
use crate::{
    gate::{Access, Facts, Granted},
    pinpoint::{
        apps::{self, on_app},
        shape::{self, Document},
        tags,
    },
    wire::{Fault, Operation},
    world::{Map, Text},
};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// Reads a definition and splits off its tags.
fn definition(body: Option<&Value>) -> Result<(Document, Option<tags::Tags>), Fault> {
    let mut body = shape::read(body, WRITE)?;
    if body.contains_key("Dimensions") && body.contains_key("SegmentGroups") {
        let why = "a segment has either Dimensions or SegmentGroups, not both";
        return Err(Fault::malformed("SegmentGroups", why));
    }
    let tags = body
        .contains_key("tags")
        .then(|| tags::read(&body))
        .transpose()?;
    body.shift_remove("tags");
    Ok((body, tags))
}

/// `CreateSegment`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct CreateSegment {
    application_id: String,
    body: Option<Value>,
}

impl Operation for CreateSegment {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "CreateSegment";
    type Output = Document;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        // The resource is the app, so its tags are the resource's; the new segment's are the request's.
        let demand = on_app("mobiletargeting:CreateSegment", facts, &self.application_id);
        Ok(tags::in_request(demand, self.body.as_ref()).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Document, Fault> {
        let (definition, tags) = definition(self.body.as_ref())?;
        let id = Text::from(cx.ids().hex32());
        cx.write(|world| {
            let app = apps::find_mut(world, &cx, &self.application_id)?;
            let mut versions = Map::default();
            let first = Version {
                definition: Arc::new(definition),
                modified: cx.now(),
                imported: None,
            };
            compile(app, &first)?;
            versions.insert(1, first);
            let segment = Segment {
                arn: format!("{}/segments/{id}", app.arn),
                id: id.clone(),
                created: cx.now(),
                tags: tags.unwrap_or_default(),
                versions,
            };
            let answer = segment.response(app, None)?;
            app.segments.insert(id, Arc::new(segment));
            Ok(answer)
        })
    }
}

/// `UpdateSegment`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct UpdateSegment {
    application_id: String,
    segment_id: String,
    body: Option<Value>,
}

impl Operation for UpdateSegment {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "UpdateSegment";
    type Output = Document;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "mobiletargeting:UpdateSegment";
        let demand = on_segment(action, facts, &self.application_id, &self.segment_id);
        Ok(tags::in_request(demand, self.body.as_ref()).into())
    }

    /// Every update is a new version: members that are sent replace, members that are not stay.
    async fn run(self, cx: Granted<'_, Self>) -> Result<Document, Fault> {
        let (sent, tags) = definition(self.body.as_ref())?;
        cx.write(|world| {
            let app = apps::find_mut(world, &cx, &self.application_id)?;
            let mut segment = Segment::clone(find(app, &self.segment_id)?);
            let newest = segment.version(None)?.1;
            let imported = newest.imported.clone();
            if imported.is_some() {
                refuse_rules(&sent)?;
            }
            let mut definition = Document::clone(&newest.definition);
            for (one, other) in [
                ("Dimensions", "SegmentGroups"),
                ("SegmentGroups", "Dimensions"),
            ] {
                if sent.contains_key(one) {
                    definition.shift_remove(other);
                }
            }
            definition.extend(sent);
            let next = Version {
                definition: Arc::new(definition),
                modified: cx.now(),
                imported,
            };
            let number = segment.newest() + 1;
            segment.versions.insert(number, next.clone());
            segment.tags = tags.unwrap_or(segment.tags);
            let answer = segment.response(app, None)?;
            app.segments.insert(segment.id.clone(), Arc::new(segment));
            // After the change, so that a segment that now contains itself is found.
            compile(app, &next)?;
            Ok(answer)
        })
    }
}

/// An imported segment has no rules; only its name and its tags change. rolecall's choice.
fn refuse_rules(sent: &Document) -> Result<(), Fault> {
    let rules = ["Dimensions", "SegmentGroups"];
    match rules.into_iter().find(|name| sent.contains_key(*name)) {
        Some(name) => Err(Fault::malformed(
            name,
            "the segment is imported: it has a list of endpoints and no rules",
        )),
        None => Ok(()),
    }
}

/// `DeleteSegment`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::pinpoint) struct DeleteSegment {
    application_id: String,
    segment_id: String,
}

impl Operation for DeleteSegment {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "DeleteSegment";
    type Output = Document;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "mobiletargeting:DeleteSegment";
        Ok(on_segment(action, facts, &self.application_id, &self.segment_id).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Document, Fault> {
        cx.write(|world| {
            let app = apps::find_mut(world, &cx, &self.application_id)?;
            let answer = find(app, &self.segment_id)?.response(app, None)?;
            app.segments.remove(&*self.segment_id);
            Ok(answer)
        })
    }
}
