//! `given:`, the world before the first step.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::node::{Kind, Node};
use super::reader::{Fields, Reader};
use crate::diagnostic::{Span, Spot};
use crate::scenario::documents::{Document, DuplicateKeys, Loader, Replace};
use crate::scenario::value;

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

const GIVEN: [&str; 8] = [
    "via",
    "buckets",
    "policies",
    "roles",
    "users",
    "groups",
    "pinpoint",
    "resource-policies",
];
const POLICY: [&str; 3] = ["document", "replace", "duplicate-keys"];
const ROLE: [&str; 6] = ["trust", "replace", "attach", "inline", "boundary", "tags"];
const USER: [&str; 6] = ["attach", "inline", "groups", "boundary", "tags", "replace"];
const GROUP: [&str; 3] = ["attach", "inline", "replace"];
const APP: [&str; 4] = ["id", "tags", "endpoints", "segments"];
const BUCKET: [&str; 3] = ["objects", "policy", "replace"];
const DUPLICATES: [(&str, DuplicateKeys); 2] = [
    ("refuse", DuplicateKeys::Refuse),
    ("last", DuplicateKeys::Last),
];

/// A generous number for "made-up endpoints"; more would only slow the scenario down.
const MOST_ENDPOINTS: u64 = 10_000;

/// The part of the reader that knows where documents come from.
pub(crate) struct GivenReader<'a> {
    pub(crate) reader: Reader<'a>,
    pub(crate) loader: &'a Loader,
}

impl GivenReader<'_> {
    pub(crate) fn given(&self, node: &Node) -> Given {
        let mut known = GIVEN.to_vec();
        known.push("import");
        let Some(fields) = self.reader.fields(node, "`given`", &known) else {
            return Given::default();
        };
        if let Some(entry) = fields.entry("import") {
            self.reader.say(
                self.reader
                    .mistake(entry.key.span, "`import` is not in this version", "not yet")
                    .help("write the users, roles and policies under `given:`"),
            );
        }
        let via = [("api", Via::Api), ("direct", Via::Direct)];
        Given {
            via: fields
                .get("via")
                .and_then(|node| self.reader.word(node, "`via`", &via))
                .map_or(Via::Api, |via| via.value),
            buckets: fields
                .get("buckets")
                .map(|n| self.buckets(n))
                .unwrap_or_default(),
            policies: fields
                .get("policies")
                .map(|node| self.documents(node, "`policies`", "a policy"))
                .unwrap_or_default(),
            roles: self.each(fields, "roles", |name, node| self.role(name, node)),
            users: self.each(fields, "users", |name, node| self.user(name, node)),
            groups: self.each(fields, "groups", |name, node| self.group(name, node)),
            apps: self.each(fields, "pinpoint", |name, node| self.app(name, node)),
            resource_policies: fields
                .get("resource-policies")
                .map(|node| self.documents(node, "`resource-policies`", "a resource policy"))
                .unwrap_or_default(),
        }
    }

    fn each<T>(
        &self,
        fields: Fields<'_>,
        key: &str,
        read: impl Fn(Spot<String>, &Node) -> Option<T>,
    ) -> Vec<T> {
        let Some(node) = fields.get(key) else {
            return Vec::new();
        };
        self.reader
            .entries(node, &format!("`{key}`"))
            .iter()
            .filter_map(|entry| read(self.reader.key(&entry.key)?, &entry.value))
            .collect()
    }

    fn buckets(&self, node: &Node) -> Vec<Bucket> {
        let bare = |name| Bucket {
            name,
            objects: Vec::new(),
            policy: None,
        };
        match &node.kind {
            Kind::List(_) | Kind::Text { .. } => {
                let names = self.reader.texts(node, "a bucket's name");
                names.into_iter().map(bare).collect()
            }
            _ => {
                let entries = self.reader.entries(node, "`buckets`").iter();
                entries
                    .filter_map(|entry| {
                        let name = self.reader.key(&entry.key)?;
                        let fields = self.reader.fields(&entry.value, "a bucket", &BUCKET)?;
                        let replace = self.replace(fields);
                        let policy = fields
                            .get("policy")
                            .and_then(|node| self.document(node, "a bucket policy", &replace));
                        self.complain(&replace, policy.as_slice());
                        let objects = fields.get("objects");
                        Some(Bucket {
                            objects: objects
                                .map(|node| self.reader.text_map(node, "`objects`"))
                                .unwrap_or_default(),
                            policy,
                            ..bare(name)
                        })
                    })
                    .collect()
            }
        }
    }

    /// `NAME: file://x`, or with `document:` and `replace:`.
    fn documents(&self, node: &Node, what: &str, each: &str) -> Vec<NamedDocument> {
        self.reader
            .entries(node, what)
            .iter()
            .filter_map(|entry| {
                let name = self.reader.key(&entry.key)?;
                let document = self.managed(&entry.key, &entry.value, each)?;
                Some((name, document))
            })
            .collect()
    }

    fn managed(&self, key: &Spot<String>, node: &Node, what: &str) -> Option<Document> {
        if matches!(node.kind, Kind::Text { .. }) {
            return self.document(node, what, &Replace::default());
        }
        if node.get("Statement").is_some() {
            self.reader.say(
                self.reader
                    .mistake(
                        key.span,
                        format!("{what} written inline goes under `document`"),
                        "",
                    )
                    .help(format!("{}: {{ document: {{ Version: ... }} }}", key.value)),
            );
            return None;
        }
        let fields = self.reader.fields(node, what, &POLICY)?;
        let replace = self.replace(fields);
        let duplicates = fields
            .get("duplicate-keys")
            .and_then(|node| self.reader.word(node, "`duplicate-keys`", &DUPLICATES))
            .map_or(DuplicateKeys::Refuse, |word| word.value);
        let Some(source) = fields.get("document") else {
            self.reader
                .error(key.span, format!("{what} needs a `document`"), "has none");
            return None;
        };
        let document = self.document_with(source, what, &replace, duplicates);
        self.complain(&replace, document.as_slice());
        document
    }

    fn replace(&self, fields: Fields<'_>) -> Replace {
        Replace::new(
            fields
                .get("replace")
                .map(|node| self.reader.text_map(node, "`replace`"))
                .unwrap_or_default(),
        )
    }

    fn complain(&self, replace: &Replace, documents: &[Document]) {
        if documents.is_empty() {
            return; // what is missing has been said
        }
        let all: Vec<&Document> = documents.iter().collect();
        for complaint in replace.complaints(self.reader.file, &all) {
            self.reader.say(complaint);
        }
    }

    fn document(&self, node: &Node, what: &str, replace: &Replace) -> Option<Document> {
        self.document_with(node, what, replace, DuplicateKeys::Refuse)
    }

    /// `file://x`, or the document itself as a map.
    fn document_with(
        &self,
        node: &Node,
        what: &str,
        replace: &Replace,
        duplicates: DuplicateKeys,
    ) -> Option<Document> {
        match &node.kind {
            Kind::Map(_) => Some(self.loader.inline(node, replace)),
            Kind::Text { .. } => {
                let text = self.reader.text(node, what)?;
                let Some(name) = text.value.strip_prefix("file://") else {
                    self.reader.say(
                        self.reader
                            .mistake(
                                text.span,
                                format!("{what} is a file or the document itself"),
                                "neither",
                            )
                            .help(format!("for a file, write `file://{}`", text.value)),
                    );
                    return None;
                };
                self.loader
                    .document(name, text.span, replace, duplicates)
                    .map_err(|said| self.reader.say(*said))
                    .ok()
            }
            _ => {
                self.reader
                    .wrong_kind(node, what, "`file://...` or the document itself");
                None
            }
        }
    }

    fn grants(&self, fields: Fields<'_>, replace: &Replace) -> Grants {
        let inline = fields.get("inline").map(|node| {
            let entries = self.reader.entries(node, "`inline`").iter();
            entries.filter_map(|entry| {
                let name = self.reader.key(&entry.key)?;
                Some((
                    name,
                    self.document(&entry.value, "an inline policy", replace)?,
                ))
            })
        });
        Grants {
            attach: fields
                .get("attach")
                .map(|node| self.reader.texts(node, "a policy's name"))
                .unwrap_or_default(),
            inline: inline.into_iter().flatten().collect(),
            boundary: fields
                .get("boundary")
                .and_then(|node| self.reader.text(node, "`boundary`")),
            tags: self.tags(fields),
        }
    }

    fn tags(&self, fields: Fields<'_>) -> Vec<NamedText> {
        fields
            .get("tags")
            .map(|node| self.reader.text_map(node, "`tags`"))
            .unwrap_or_default()
    }

    fn role(&self, name: Spot<String>, node: &Node) -> Option<Role> {
        let fields = self.reader.fields(node, "a role", &ROLE)?;
        let replace = self.replace(fields);
        let grants = self.grants(fields, &replace);
        let Some(trust) = fields.get("trust") else {
            self.reader.say(
                self.reader
                    .mistake(name.span, "a role needs a `trust` policy", "has none")
                    .help("it says who may assume the role: `trust: file://trustpolicy.json`"),
            );
            return None;
        };
        let trust = self.document(trust, "a trust policy", &replace)?;
        let mut all = vec![trust.clone()];
        all.extend(grants.inline.iter().map(|(_, document)| document.clone()));
        self.complain(&replace, &all);
        Some(Role {
            name,
            trust,
            grants,
        })
    }

    fn user(&self, name: Spot<String>, node: &Node) -> Option<User> {
        let fields = self.reader.fields(node, "a user", &USER)?;
        let groups = fields.get("groups");
        Some(User {
            name,
            grants: self.inline_only(fields),
            groups: groups
                .map(|node| self.reader.texts(node, "a group's name"))
                .unwrap_or_default(),
        })
    }

    fn group(&self, name: Spot<String>, node: &Node) -> Option<Group> {
        let fields = self.reader.fields(node, "a group", &GROUP)?;
        Some(Group {
            name,
            grants: self.inline_only(fields),
        })
    }

    fn inline_only(&self, fields: Fields<'_>) -> Grants {
        let replace = self.replace(fields);
        let grants = self.grants(fields, &replace);
        let inline: Vec<Document> = grants
            .inline
            .iter()
            .map(|(_, document)| document.clone())
            .collect();
        self.complain(&replace, &inline);
        grants
    }

    fn app(&self, name: Spot<String>, node: &Node) -> Option<App> {
        let fields = self.reader.fields(node, "a Pinpoint app", &APP)?;
        let endpoints = fields.get("endpoints");
        let segments = fields.get("segments").map(|node| {
            let entries = self.reader.entries(node, "`segments`").iter();
            entries.filter_map(|entry| {
                let body = self.reader.resolved(&entry.value)?;
                self.reader.fields_are_a_map(&body, "a segment")?;
                Some((self.reader.key(&entry.key)?, value::typed(&body)))
            })
        });
        Some(App {
            endpoints_span: endpoints.map_or(name.span, |node| node.span),
            endpoints: endpoints
                .map(|node| self.endpoints(node))
                .unwrap_or_default(),
            id: fields
                .get("id")
                .and_then(|node| self.reader.text(node, "an app's id")),
            tags: self.tags(fields),
            segments: segments.into_iter().flatten().collect(),
            name,
        })
    }

    fn endpoints(&self, node: &Node) -> Vec<Value> {
        let Some(node) = self.reader.resolved(node) else {
            return Vec::new();
        };
        match &node.kind {
            Kind::Text { text, .. } => match text.strip_prefix("file://") {
                Some(name) => self.endpoint_lines(name, node.span),
                None => match text.parse::<u64>() {
                    Ok(count) if count <= MOST_ENDPOINTS => (1..=count).map(made_up).collect(),
                    _ => {
                        self.reader.say(
                            self.reader
                                .mistake(
                                    node.span,
                                    "`endpoints` is a number, a list, or a file of JSON lines",
                                    format!("`{text}` is none of these"),
                                )
                                .help(format!("a number may be at most {MOST_ENDPOINTS}")),
                        );
                        Vec::new()
                    }
                },
            },
            _ => {
                let items = self.reader.items(&node, "`endpoints`").iter();
                items
                    .filter_map(|item| {
                        self.reader.fields_are_a_map(item, "an endpoint")?;
                        if item.get("Id").is_none() {
                            self.reader
                                .error(item.span, "an endpoint needs an `Id`", "has none");
                        }
                        Some(value::typed(item))
                    })
                    .collect()
            }
        }
    }

    fn endpoint_lines(&self, name: &str, asked: Span) -> Vec<Value> {
        let file = match self.loader.file(name, asked) {
            Ok(file) => file,
            Err(said) => {
                self.reader.say(*said);
                return Vec::new();
            }
        };
        let mut start = 0;
        let mut out = Vec::new();
        for line in file.text.split_inclusive('\n') {
            let span = Span::new(start, start + line.trim_end().len());
            start += line.len();
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str::<Map<String, Value>>(line) {
                Ok(endpoint) if endpoint.contains_key("Id") => out.push(Value::Object(endpoint)),
                Ok(_) => self.reader.say(
                    crate::diagnostic::Diagnostic::error("an endpoint needs an `Id`")
                        .at(&file, span, "has none")
                        .also(self.reader.file, asked, "asked for here"),
                ),
                Err(_) => self.reader.say(
                    crate::diagnostic::Diagnostic::error("this line is not a JSON object")
                        .at(&file, span, "one endpoint on each line")
                        .also(self.reader.file, asked, "asked for here"),
                ),
            }
        }
        out
    }
}

/// The made-up endpoint number `n`: always the same.
fn made_up(n: u64) -> Value {
    let (channel, address) = match n % 3 {
        1 => ("EMAIL", format!("person-{n}@example.com")),
        2 => ("SMS", format!("+1206555{n:04}")),
        _ => ("GCM", format!("token-{n}")),
    };
    json!({
        "Id": format!("endpoint-{n}"),
        "ChannelType": channel,
        "Address": address,
        "OptOut": "NONE",
        "User": { "UserId": format!("user-{n}") },
    })
}

/// Tags as the API of Pinpoint takes them.
#[must_use]
pub(crate) fn tag_map(tags: &[NamedText]) -> BTreeMap<String, String> {
    tags.iter()
        .map(|(key, value)| (key.value.clone(), value.value.clone()))
        .collect()
}
