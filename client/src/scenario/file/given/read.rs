//! Reading `given:` but for Pinpoint.

use super::{Bucket, Given, Grants, Group, NamedDocument, NamedText, Role, User, Via};
use crate::diagnostic::Spot;
use crate::scenario::documents::{Document, DuplicateKeys, Loader, Replace};
use crate::scenario::file::node::{Kind, Node};
use crate::scenario::file::reader::{Fields, Reader};

const GIVEN: [&str; 9] = [
    "via",
    "buckets",
    "policies",
    "roles",
    "users",
    "groups",
    "pinpoint",
    "resource-policies",
    "organization",
];
const POLICY: [&str; 3] = ["document", "replace", "duplicate-keys"];
const ROLE: [&str; 6] = ["trust", "replace", "attach", "inline", "boundary", "tags"];
const USER: [&str; 6] = ["attach", "inline", "groups", "boundary", "tags", "replace"];
const GROUP: [&str; 3] = ["attach", "inline", "replace"];
const BUCKET: [&str; 3] = ["objects", "policy", "replace"];
const DUPLICATES: [(&str, DuplicateKeys); 2] = [
    ("refuse", DuplicateKeys::Refuse),
    ("last", DuplicateKeys::Last),
];

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
            organization: fields
                .entry("organization")
                .and_then(|entry| self.organization(entry)),
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

    /// `NAME: DOCUMENT`, each in any of its forms.
    pub(super) fn documents(&self, node: &Node, what: &str, each: &str) -> Vec<NamedDocument> {
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

    /// A document under a name: every form of one, and what lacks its `document` is told so at the name.
    fn managed(&self, key: &Spot<String>, node: &Node, what: &str) -> Option<Document> {
        let told = |name| node.get(name).is_some();
        if matches!(node.kind, Kind::Map(_)) && !told("Statement") && !told("document") {
            self.reader.fields(node, what, &POLICY)?;
            self.reader
                .error(key.span, format!("{what} needs a `document`"), "has none");
            return None;
        }
        self.document(node, what, &Replace::default())
    }

    /// The form with more to say: `{ document, replace, duplicate-keys }`. Its own words win over those around it.
    fn said_more(&self, node: &Node, what: &str, around: &Replace) -> Option<Document> {
        let fields = self.reader.fields(node, what, &POLICY)?;
        let own = fields.get("replace").map(|_| self.replace(fields));
        let duplicates = fields
            .get("duplicate-keys")
            .and_then(|node| self.reader.word(node, "`duplicate-keys`", &DUPLICATES))
            .map_or(DuplicateKeys::Refuse, |word| word.value);
        let source = fields.get("document")?;
        let replace = own.as_ref().unwrap_or(around);
        let document = self.document_with(source, what, replace, duplicates);
        if let Some(own) = &own {
            self.complain(own, document.as_slice());
        }
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

    /// A DOCUMENT: `file://x`, the document itself as a map, or a map with more to say.
    fn document(&self, node: &Node, what: &str, replace: &Replace) -> Option<Document> {
        if node.get("document").is_some() {
            return self.said_more(node, what, replace);
        }
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

    pub(super) fn tags(&self, fields: Fields<'_>) -> Vec<NamedText> {
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
}
