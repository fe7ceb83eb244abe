//! `then:`, what must be true afterwards.

use super::node::{Kind, Node};
use super::question::{Questions, S3Place};
use super::reader::Reader;
use crate::diagnostic::{Span, Spot};
use crate::scenario::documents::Loader;

/// What must be found in S3.
#[derive(Clone, Debug, PartialEq)]
pub struct S3Check {
    /// Where it stands.
    pub span: Span,
    /// The place to look.
    pub within: Spot<S3Place>,
    /// A prefix (below the bucket) to leave out.
    pub outside: Option<Spot<String>>,
    /// How many objects there are.
    pub objects: Option<Spot<u64>>,
    /// How many lines of JSON they hold, after gunzip.
    pub records: Option<Spot<u64>>,
    /// A glob for each key that must be there.
    pub keys: Vec<Spot<String>>,
    /// Members and values that at least one record has.
    pub some: Vec<(Spot<String>, Spot<Wanted>)>,
    /// Members and values that every record has.
    pub every: Vec<(Spot<String>, Spot<Wanted>)>,
}

/// What a member of a record must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Anything, as long as it is there (`present`).
    Present,
    /// Not there (`absent`).
    Absent,
    /// This text; numbers and booleans are compared by their JSON text.
    Text(String),
}

const THEN_S3: [&str; 7] = [
    "in", "outside", "objects", "records", "keys", "some", "every",
];

/// Reads it.
pub(crate) fn then(reader: &Reader<'_>, loader: &Loader, node: &Node) -> Vec<S3Check> {
    let Some(fields) = reader.fields(node, "`then`", &["s3"]) else {
        return Vec::new();
    };
    let Some(list) = fields.get("s3") else {
        reader.error(node.span, "`then` says nothing", "expected `s3: [ ... ]`");
        return Vec::new();
    };
    let items = match &list.kind {
        Kind::Map(_) => std::slice::from_ref(list),
        _ => reader.items(list, "`s3`"),
    };
    let questions = Questions { reader, loader };
    items
        .iter()
        .filter_map(|item| s3_check(&questions, item))
        .collect()
}

fn s3_check(questions: &Questions<'_>, node: &Node) -> Option<S3Check> {
    let reader = questions.reader;
    let fields = reader.fields(node, "a look into S3", &THEN_S3)?;
    let number = |key: &str| {
        fields
            .get(key)
            .and_then(|node| reader.number(node, &format!("`{key}`")))
    };
    if fields.strangers {
        return None;
    }
    let Some(within) = fields.get("in") else {
        reader.say(
            reader
                .mistake(fields.span, "a look into S3 needs `in`", "has none")
                .help("in: s3://bucket/prefix/"),
        );
        return None;
    };
    let members = |key: &str| {
        let map = fields
            .get(key)
            .map(|node| reader.text_map(node, &format!("`{key}`")));
        map.unwrap_or_default()
            .into_iter()
            .map(|(name, value)| {
                let wanted = match value.value.as_str() {
                    "present" => Wanted::Present,
                    "absent" => Wanted::Absent,
                    _ => Wanted::Text(value.value),
                };
                (name, Spot::new(wanted, value.span))
            })
            .collect::<Vec<_>>()
    };
    let within = reader.text(within, "`in`")?;
    let check = S3Check {
        span: fields.span,
        within: questions.place(&within)?,
        outside: fields
            .get("outside")
            .and_then(|node| reader.text(node, "`outside`")),
        objects: number("objects"),
        records: number("records"),
        keys: fields
            .get("keys")
            .map(|node| reader.texts(node, "`keys`"))
            .unwrap_or_default(),
        some: members("some"),
        every: members("every"),
    };
    let asks = fields
        .get("objects")
        .or_else(|| fields.get("records"))
        .is_some();
    if !asks && check.keys.is_empty() && check.some.is_empty() && check.every.is_empty() {
        reader.say(
            reader
                .mistake(
                    fields.span,
                    "this look into S3 asks nothing",
                    "no expectation",
                )
                .help("add one of `objects`, `records`, `keys`, `some` and `every`"),
        );
        return None;
    }
    Some(check)
}
