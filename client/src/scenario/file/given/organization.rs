//! `organization:`, the units and accounts with what is attached to them.

use serde_json::{Map, Value, json};

use super::{GivenReader, NamedDocument};
use crate::diagnostic::{Span, Spot};
use crate::scenario::file::node::{Entry, Kind, Node};
use crate::scenario::file::reader::Fields;

/// An organization.
#[derive(Clone, Debug)]
pub struct Organization {
    /// `o-...`
    pub id: Option<Spot<String>>,
    /// The management account, which nothing of the organization bounds.
    pub management: Option<Spot<String>>,
    /// The root and everything below it.
    pub root: Unit,
    /// Where it is asked for.
    pub span: Span,
}

/// The root, a unit or an account.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// Service control policies.
    pub scps: Vec<NamedDocument>,
    /// Resource control policies.
    pub rcps: Vec<NamedDocument>,
    /// Whether FullAWSAccess stays attached.
    pub full_access: bool,
    /// Units below.
    pub units: Vec<(Spot<String>, Unit)>,
    /// Accounts in it; they have neither units nor accounts.
    pub accounts: Vec<(Spot<String>, Unit)>,
}

const ATTACHED: [&str; 3] = ["scps", "rcps", "full-access"];
const UNIT: [&str; 5] = ["scps", "rcps", "full-access", "units", "accounts"];
const ORGANIZATION: [&str; 7] = [
    "id",
    "management",
    "scps",
    "rcps",
    "full-access",
    "units",
    "accounts",
];

impl GivenReader<'_> {
    pub(super) fn organization(&self, entry: &Entry) -> Option<Organization> {
        let fields = self
            .reader
            .fields(&entry.value, "`organization`", &ORGANIZATION)?;
        let text = |key: &str| {
            fields
                .get(key)
                .and_then(|node| self.reader.text(node, &format!("`{key}`")))
        };
        let management = text("management");
        let management = match management {
            Some(id) => Some(self.account_id(id)?),
            None => None,
        };
        Some(Organization {
            id: text("id"),
            management,
            root: self.unit(fields),
            span: entry.key.span,
        })
    }

    fn unit(&self, fields: Fields<'_>) -> Unit {
        let units = fields.get("units").map(|node| {
            let entries = self.reader.entries(node, "`units`").iter();
            entries.filter_map(|entry| {
                let name = self.reader.key(&entry.key)?;
                let fields = self.reader.fields(&entry.value, "a unit", &UNIT)?;
                Some((name, self.unit(fields)))
            })
        });
        Unit {
            units: units.into_iter().flatten().collect(),
            accounts: fields
                .get("accounts")
                .map(|node| self.accounts(node))
                .unwrap_or_default(),
            ..self.attached(fields)
        }
    }

    fn attached(&self, fields: Fields<'_>) -> Unit {
        let documents = |key: &str, each: &str| {
            let node = fields.get(key);
            node.map(|node| self.documents(node, &format!("`{key}`"), each))
                .unwrap_or_default()
        };
        Unit {
            scps: documents("scps", "a service control policy"),
            rcps: documents("rcps", "a resource control policy"),
            full_access: fields
                .get("full-access")
                .is_none_or(|node| self.reader.flag(node, "`full-access`")),
            ..Unit::default()
        }
    }

    /// A list of accounts, or a map with what is attached to each.
    fn accounts(&self, node: &Node) -> Vec<(Spot<String>, Unit)> {
        if !matches!(node.kind, Kind::Map(_)) {
            let plain = || Unit {
                full_access: true,
                ..Unit::default()
            };
            let ids = self.reader.texts(node, "an account");
            let ids = ids.into_iter().filter_map(|id| self.account_id(id));
            return ids.map(|id| (id, plain())).collect();
        }
        let entries = self.reader.entries(node, "`accounts`").iter();
        entries
            .filter_map(|entry| {
                let id = self.account_id(self.reader.key(&entry.key)?)?;
                let fields = self.reader.fields(&entry.value, "an account", &ATTACHED)?;
                Some((id, self.attached(fields)))
            })
            .collect()
    }

    fn account_id(&self, id: Spot<String>) -> Option<Spot<String>> {
        if id.value.len() == 12 && id.value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(id);
        }
        self.reader.error(
            id.span,
            format!("`{}` is not an account", id.value),
            "expected 12 digits",
        );
        None
    }
}

impl Organization {
    /// Every policy in it.
    pub fn documents(&self) -> Vec<&NamedDocument> {
        let mut all = Vec::new();
        self.root.collect(&mut all);
        all
    }

    /// What `POST /_rolecall/given` takes.
    pub(crate) fn body(&self) -> Value {
        let text = |text: &Option<Spot<String>>| text.as_ref().map(|text| text.value.clone());
        json!({
            "id": text(&self.id),
            "management": text(&self.management),
            "root": self.root.body(false),
        })
    }
}

impl Unit {
    fn collect<'u>(&'u self, all: &mut Vec<&'u NamedDocument>) {
        all.extend(self.scps.iter().chain(&self.rcps));
        for (_, below) in self.accounts.iter().chain(&self.units) {
            below.collect(all);
        }
    }

    fn body(&self, account: bool) -> Value {
        let texts = |documents: &[NamedDocument]| -> Map<String, Value> {
            let texts = documents.iter();
            texts
                .map(|(name, document)| (name.value.clone(), json!(document.text)))
                .collect()
        };
        let below = |list: &[(Spot<String>, Unit)], account: bool| -> Map<String, Value> {
            let bodies = list.iter();
            bodies
                .map(|(name, unit)| (name.value.clone(), unit.body(account)))
                .collect()
        };
        let mut body = Map::from_iter([
            ("full-access".to_owned(), json!(self.full_access)),
            ("scps".to_owned(), texts(&self.scps).into()),
            ("rcps".to_owned(), texts(&self.rcps).into()),
        ]);
        if !account {
            body.insert("units".to_owned(), below(&self.units, false).into());
            body.insert("accounts".to_owned(), below(&self.accounts, true).into());
        }
        body.into()
    }
}
