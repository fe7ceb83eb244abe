//! Tags of apps and segments, and the condition keys that they become.

use super::{
    apps::{self, App},
    segments::Segment,
    shape::{self, Document, Member, Shape, may, must},
};
use crate::{
    gate::{Access, Demand, Facts, Granted, account_of},
    wire::{Fault, Operation},
    world::{Text, World},
};
use rolecall_policy::Origin;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// Tags by key. Keys count their letter case.
pub(crate) type Tags = BTreeMap<String, String>;

static TAGS: Shape = Shape::Map(&Shape::Text);
/// The member `tags` of a body.
pub(super) const MEMBER: Member = may("tags", &TAGS);
static BODY: &[Member] = &[must("tags", &TAGS)];

/// The tags of a body that was read, within AWS's bounds.
/// Source: Amazon Pinpoint Developer Guide, "Tagging Amazon Pinpoint resources".
pub(super) fn read(body: &Document) -> Result<Tags, Fault> {
    let tags = sent(body);
    check(&tags)?;
    Ok(tags)
}

/// The tags as sent, for the policies, which are asked before the bounds are checked.
fn sent(body: &Document) -> Tags {
    let tags = shape::inner(body, "tags").into_iter().flatten();
    tags.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// The bounds that hold for every set of tags.
pub(crate) fn check(tags: &Tags) -> Result<(), Fault> {
    let wrong = |why: String| Err(Fault::malformed("tags", why));
    if tags.len() > 50 {
        return wrong(format!(
            "there are {} tags; a resource has at most 50",
            tags.len()
        ));
    }
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 128 {
            return wrong(format!(
                "the key `{key}` must have from 1 to 128 characters"
            ));
        }
        if value.chars().count() > 256 {
            return wrong(format!(
                "the value of `{key}` is longer than 256 characters"
            ));
        }
        if key
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
        {
            return wrong(format!(
                "the key `{key}` begins with `aws:`, which is reserved"
            ));
        }
    }
    Ok(())
}

/// `aws:RequestTag/…` and `aws:TagKeys` of the tags in a body.
pub(super) fn in_request(demand: Demand, body: Option<&Value>) -> Demand {
    let tags = body
        .and_then(Value::as_object)
        .map(sent)
        .unwrap_or_default();
    let keys: Vec<String> = tags.keys().cloned().collect();
    demand
        .with_tags(Origin::Request, "aws:RequestTag/", &tags)
        .with("aws:TagKeys", Some(keys).filter(|keys| !keys.is_empty()))
}

/// The same for a resource that is about to be made, whose tags are `aws:ResourceTag/…` already.
/// Source: IAM User Guide, "AWS global condition context keys", `aws:ResourceTag`.
pub(super) fn of_new(demand: Demand, body: Option<&Value>) -> Demand {
    let tags = body
        .and_then(Value::as_object)
        .map(sent)
        .unwrap_or_default();
    in_request(demand, body).with_tags(Origin::Request, "aws:ResourceTag/", &tags)
}

/// What an ARN of Pinpoint names.
struct Tagged<'a> {
    region: &'a str,
    account: &'a str,
    app: &'a str,
    segment: Option<&'a str>,
}

impl<'a> Tagged<'a> {
    /// Apps and segments are what rolecall serves of what carries tags.
    fn parse(arn: &'a str) -> Option<Self> {
        let mut fields = arn.splitn(6, ':');
        let (_, _, service) = (fields.next()?, fields.next()?, fields.next()?);
        let (region, account, tail) = (fields.next()?, fields.next()?, fields.next()?);
        let steps: Vec<_> = tail.split('/').collect();
        let (app, segment) = match *steps.as_slice() {
            ["apps", app] => (app, None),
            ["apps", app, "segments", segment] => (app, Some(segment)),
            _ => return None,
        };
        (arn.starts_with("arn:") && service == "mobiletargeting").then_some(Self {
            region,
            account,
            app,
            segment,
        })
    }

    /// The tags of what is there under this name, in this account and Region.
    fn tags<'w>(&self, app: &'w App) -> Option<&'w Tags> {
        match self.segment {
            None => Some(&app.tags),
            Some(id) => app.segments.get(id).map(|segment| &segment.tags),
        }
    }

    fn tags_mut<'w>(&self, app: &'w mut App) -> Option<&'w mut Tags> {
        match self.segment {
            None => Some(&mut app.tags),
            Some(id) => {
                let segment: &mut Segment = app.segments.get_mut(id).map(Arc::make_mut)?;
                Some(&mut segment.tags)
            }
        }
    }
}

/// Asks for an action on the ARN in the path, with the tags of what it names.
fn on_arn(action: &'static str, facts: &Facts<'_>, arn: &str) -> Demand {
    let demand = Demand::new(action, arn).owned_by(account_of(arn).map(Text::from));
    fill_known(demand, |of, region, app| facts.app_of(of, region, app))
}

/// Adds to a demand the tags of its resource, when that is an app or a segment that is there.
pub(crate) fn fill_known<'w>(
    demand: Demand,
    find: impl Fn(&Text, &Text, &str) -> Option<&'w Arc<App>>,
) -> Demand {
    let tags = Tagged::parse(&demand.resource)
        .and_then(|of| of.tags(find(&of.account.into(), &of.region.into(), of.app)?));
    match tags {
        Some(tags) => demand.with_tags(Origin::Resource, "aws:ResourceTag/", tags),
        None => demand,
    }
}

/// Runs `change` on the tags of the thing that `arn` names.
fn change<O>(
    world: &mut World,
    cx: &Granted<'_, O>,
    arn: &str,
    change: impl FnOnce(&mut Tags) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let of = here(cx, arn)?;
    let app = apps::find_mut(world, cx, of.app)?;
    change(of.tags_mut(app).ok_or_else(apps::not_found)?)
}

fn here<'a, O>(cx: &Granted<'_, O>, arn: &'a str) -> Result<Tagged<'a>, Fault> {
    let of = Tagged::parse(arn).ok_or_else(|| {
        Fault::malformed(
            "resource-arn",
            format!("`{arn}` is not the ARN of an app or a segment"),
        )
    })?;
    let ours = of.account == &**cx.account() && of.region == &*cx.meta().region;
    if ours { Ok(of) } else { Err(apps::not_found()) }
}

/// `TagResource`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct TagResource {
    resource_arn: String,
    body: Option<Value>,
}

impl Operation for TagResource {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "TagResource";
    type Output = ();

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let demand = on_arn("mobiletargeting:TagResource", facts, &self.resource_arn);
        Ok(in_request(demand, self.body.as_ref()).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        let new = read(&shape::read(self.body.as_ref(), BODY)?)?;
        cx.write(|world| {
            change(world, &cx, &self.resource_arn, |tags| {
                tags.extend(new);
                check(tags)
            })
        })
    }
}

/// `UntagResource`
#[derive(Debug, Deserialize)]
pub(super) struct UntagResource {
    #[serde(rename = "resource-arn")]
    resource_arn: String,
    #[serde(rename = "tagKeys", default)]
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "UntagResource";
    type Output = ();

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let keys = Some(self.tag_keys.clone()).filter(|keys| !keys.is_empty());
        let demand = on_arn("mobiletargeting:UntagResource", facts, &self.resource_arn);
        Ok(demand.with("aws:TagKeys", keys).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        if self.tag_keys.is_empty() {
            return Err(Fault::malformed("tagKeys", "it is required"));
        }
        cx.write(|world| {
            change(world, &cx, &self.resource_arn, |tags| {
                tags.retain(|key, _| !self.tag_keys.contains(key));
                Ok(())
            })
        })
    }
}

/// `ListTagsForResource`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ListTagsForResource {
    resource_arn: String,
}

/// `TagsModel`
#[derive(Debug, Serialize)]
pub(super) struct TagsModel {
    tags: Tags,
}

impl Operation for ListTagsForResource {
    const SERVICE: &'static str = "mobiletargeting";
    const NAME: &'static str = "ListTagsForResource";
    type Output = TagsModel;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Ok(on_arn(
            "mobiletargeting:ListTagsForResource",
            facts,
            &self.resource_arn,
        )
        .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<TagsModel, Fault> {
        let of = here(&cx, &self.resource_arn)?;
        cx.read(|world| {
            let tags = of.tags(apps::find(world, &cx, of.app)?);
            let tags = tags.ok_or_else(apps::not_found)?.clone();
            Ok(TagsModel { tags })
        })
    }
}
