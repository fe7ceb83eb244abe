//! `given:`, the world before the first step.

mod organization;
mod pinpoint;
mod read;

use std::collections::BTreeMap;

use serde_json::Value;

pub use self::organization::{Organization, Unit};
pub(crate) use self::read::GivenReader;
use crate::diagnostic::{Span, Spot};
use crate::scenario::documents::Document;

/// A name of the user's and a document.
pub type NamedDocument = (Spot<String>, Document);
/// A name of the user's and a text.
pub type NamedText = (Spot<String>, Spot<String>);

/// The world before the first step.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// How it is made.
    pub via: Via,
    /// S3 buckets.
    pub buckets: Vec<Bucket>,
    /// Customer managed policies.
    pub policies: Vec<NamedDocument>,
    /// IAM roles.
    pub roles: Vec<Role>,
    /// IAM users.
    pub users: Vec<User>,
    /// IAM groups.
    pub groups: Vec<Group>,
    /// Pinpoint apps.
    pub apps: Vec<App>,
    /// Policies on resources of services that are only asked about, by ARN.
    pub resource_policies: Vec<NamedDocument>,
    /// The organization of the accounts.
    pub organization: Option<Organization>,
}

/// How the world is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Via {
    /// By API calls, as anyone would.
    #[default]
    Api,
    /// Put straight in. The plan is the same calls today; the word is a permission, not a promise.
    Direct,
}

/// An S3 bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name.
    pub name: Spot<String>,
    /// Key and text of its objects.
    pub objects: Vec<NamedText>,
    /// Its bucket policy.
    pub policy: Option<Document>,
}

/// An IAM role.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its name.
    pub name: Spot<String>,
    /// Its trust policy.
    pub trust: Document,
    /// What is attached to it.
    pub grants: Grants,
}

/// An IAM user.
#[derive(Clone, Debug)]
pub struct User {
    /// Its name.
    pub name: Spot<String>,
    /// What is attached to it.
    pub grants: Grants,
    /// The groups it is in.
    pub groups: Vec<Spot<String>>,
}

/// An IAM group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub name: Spot<String>,
    /// What is attached to it.
    pub grants: Grants,
}

/// The policies (and tags) of a role, a user or a group.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    /// Names, or ARNs, of managed policies.
    pub attach: Vec<Spot<String>>,
    /// Inline policies.
    pub inline: Vec<NamedDocument>,
    /// The permissions boundary, a managed policy.
    pub boundary: Option<Spot<String>>,
    /// Tags.
    pub tags: Vec<NamedText>,
}

/// A Pinpoint app.
#[derive(Clone, Debug)]
pub struct App {
    /// Its name.
    pub name: Spot<String>,
    /// Its id, where the scenario needs to know it.
    pub id: Option<Spot<String>>,
    /// Tags.
    pub tags: Vec<NamedText>,
    /// EndpointRequest bodies, each with its `Id`.
    pub endpoints: Vec<Value>,
    /// Where the endpoints are asked for.
    pub endpoints_span: Span,
    /// WriteSegmentRequest bodies, by segment name.
    pub segments: Vec<(Spot<String>, Value)>,
}

/// Tags as the API of Pinpoint takes them.
#[must_use]
pub(crate) fn tag_map(tags: &[NamedText]) -> BTreeMap<String, String> {
    tags.iter()
        .map(|(key, value)| (key.value.clone(), value.value.clone()))
        .collect()
}
