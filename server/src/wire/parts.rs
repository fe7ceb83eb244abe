//! One deserializer for every protocol: a request is a list of named parts.
//!
//! `awsQuery` fills it from dotted form keys (`Tags.member.1.Key`), `restJson` and `restXml` from path
//! labels, the query string, headers and a body. An operation's input is then an ordinary serde struct.
//! Nothing is copied before it is read: the parts are sorted once and grouped by their next segment.

use serde::de::{
    self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use std::borrow::Cow;

/// What stands behind a name.
#[derive(Debug)]
pub enum Value<'a> {
    /// One text: a form value, a label, a query parameter or a header.
    Text(Cow<'a, str>),
    /// Several texts under one name: a repeated query parameter.
    Texts(Vec<Cow<'a, str>>),
    /// Names that the client chose: `x-amz-meta-…` headers.
    Pairs(Vec<(Cow<'a, str>, Cow<'a, str>)>),
    /// A JSON body, still as it came.
    Json(&'a [u8]),
    /// An XML body, still as it came.
    Xml(&'a str),
    /// Already read.
    Taken,
}

/// The named parts of one request.
#[derive(Debug, Default)]
pub struct Parts<'a> {
    items: Vec<(Cow<'a, str>, Value<'a>)>,
    dotted: bool,
}

/// Why an input could not be read: which member, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unreadable {
    /// A required member is not there.
    #[error("`{0}` is missing")]
    Missing(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl de::Error for Unreadable {
    fn custom<T: std::fmt::Display>(why: T) -> Self {
        Self::Other(why.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field.to_owned())
    }
}

impl<'a> Parts<'a> {
    /// The parts of an `application/x-www-form-urlencoded` body.
    pub fn from_form(body: &'a [u8]) -> Self {
        Self {
            items: form_urlencoded::parse(body)
                .map(|(key, text)| (key, Value::Text(text)))
                .collect(),
            dotted: true,
        }
    }

    /// Adds a text.
    pub fn text(&mut self, name: impl Into<Cow<'a, str>>, text: impl Into<Cow<'a, str>>) {
        self.items.push((name.into(), Value::Text(text.into())));
    }

    /// Adds any value.
    pub fn add(&mut self, name: impl Into<Cow<'a, str>>, value: Value<'a>) {
        self.items.push((name.into(), value));
    }

    /// The text called `name`, if there is one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.items.iter().find_map(|(key, value)| match value {
            Value::Text(text) if key == name => Some(text.as_ref()),
            _ => None,
        })
    }

    /// Reads an operation's input.
    pub fn read<T: de::DeserializeOwned>(mut self) -> Result<T, Unreadable> {
        self.order();
        T::deserialize(Whole(Node {
            items: &mut self.items,
            at: 0,
            dotted: self.dotted,
        }))
    }

    /// Brings what belongs together side by side. Apart from `read`, which is compiled once for every operation.
    fn order(&mut self) {
        self.items.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.items
            .dedup_by(|(later, twice), (first, once)| later == first && merge(once, twice));
    }
}

/// The whole request: always a struct, never a text or a body. Kept apart from `Node` so that no operation's input
/// is compiled for JSON and XML as well, which only its members can be.
struct Whole<'n, 'a>(Node<'n, 'a>);

impl<'de, 'n, 'a: 'de> Deserializer<'de> for Whole<'n, 'a> {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_map(Groups {
            node: self.0,
            value: None,
        })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Puts a repeated query parameter into one list. Says yes when `twice` is now part of `once`.
fn merge<'a>(once: &mut Value<'a>, twice: &mut Value<'a>) -> bool {
    let Value::Text(more) = std::mem::replace(twice, Value::Taken) else {
        return true;
    };
    match once {
        Value::Text(text) => *once = Value::Texts(vec![more, std::mem::take(text)]),
        Value::Texts(texts) => texts.push(more),
        _ => {}
    }
    if let Value::Texts(texts) = once {
        texts.sort();
    }
    true
}

/// All parts whose names share what stands before `at`.
struct Node<'n, 'a> {
    items: &'n mut [(Cow<'a, str>, Value<'a>)],
    at: usize,
    dotted: bool,
}

impl<'n, 'a> Node<'n, 'a> {
    /// The value itself, when the names end here.
    fn leaf(&mut self) -> Option<Value<'a>> {
        match self.items {
            [(name, value), ..] if name.len() < self.at => {
                Some(std::mem::replace(value, Value::Taken))
            }
            _ => None,
        }
    }

    /// Splits off the first group of parts that share their next segment.
    fn next_group(&mut self) -> Option<(Cow<'a, str>, Node<'n, 'a>)> {
        let (at, dotted) = (self.at, self.dotted);
        let segment: Cow<'a, str> = match self.items.first()? {
            (Cow::Borrowed(first), _) => Cow::Borrowed(segment(first, at, dotted)),
            (Cow::Owned(first), _) => Cow::Owned(segment(first, at, dotted).to_owned()),
        };
        let same = self
            .items
            .iter()
            .take_while(|(name, _)| self::segment(name, at, dotted) == segment)
            .count();
        let (group, rest) = std::mem::take(&mut self.items).split_at_mut(same);
        self.items = rest;
        let next = at + segment.len() + 1;
        Some((
            segment,
            Node {
                items: group,
                at: next,
                dotted,
            },
        ))
    }

    /// The members of a list, `X.member.1`, `X.member.2` or flattened `X.1`, in numeric order.
    fn members(mut self) -> Vec<Node<'n, 'a>> {
        let mut numbered: Vec<(u32, Node<'n, 'a>)> = Vec::new();
        while let Some((name, mut group)) = self.next_group() {
            if name == "member" {
                while let Some((number, node)) = group.next_group() {
                    numbered.extend(number.parse().ok().map(|n| (n, node)));
                }
            } else {
                numbered.extend(name.parse().ok().map(|n| (n, group)));
            }
        }
        numbered.sort_by_key(|(number, _)| *number);
        numbered.into_iter().map(|(_, node)| node).collect()
    }
}

/// The part of `name` from `at` to the next dot (all of it, where dots mean nothing).
fn segment(name: &str, at: usize, dotted: bool) -> &str {
    let rest = name.get(at..).unwrap_or_default();
    if dotted {
        rest.split('.').next().unwrap_or_default()
    } else {
        rest
    }
}

/// Deserializes the pieces of a map one group at a time.
struct Groups<'n, 'a> {
    node: Node<'n, 'a>,
    value: Option<Node<'n, 'a>>,
}

impl<'de, 'n, 'a: 'de> MapAccess<'de> for Groups<'n, 'a> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unreadable> {
        let Some((name, group)) = self.node.next_group() else {
            return Ok(None);
        };
        self.value = Some(group);
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Unreadable> {
        match self.value.take() {
            Some(node) => seed.deserialize(node),
            None => Err(de::Error::custom("a value without a name")),
        }
    }
}

struct List<I>(I);

impl<'de, 'n, 'a: 'n + 'de, I: Iterator<Item = Node<'n, 'a>>> SeqAccess<'de> for List<I> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        self.0.next().map(|node| seed.deserialize(node)).transpose()
    }
}

fn xml<'de>(
    text: &str,
) -> quick_xml::de::Deserializer<'de, quick_xml::de::IoReader<std::io::Cursor<Vec<u8>>>> {
    quick_xml::de::Deserializer::from_reader(std::io::Cursor::new(text.as_bytes().to_vec()))
}

/// Says where in a JSON body something is wrong, without Rust's type names.
fn json_error(error: &serde_json::Error) -> Unreadable {
    Unreadable::Other(error.to_string())
}

macro_rules! scalars {
    ($($method:ident $visit:ident $ty:ty, $kind:literal;)*) => { $(
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Unreadable> {
            match self.leaf() {
                Some(Value::Text(text)) => match text.parse::<$ty>() {
                    Ok(value) => visitor.$visit(value),
                    Err(_) => Err(de::Error::custom(format_args!("`{text}` is not {}", $kind))),
                },
                _ => Err(de::Error::custom(concat!("expected ", $kind))),
            }
        }
    )* }
}

impl<'de, 'n, 'a: 'de> Deserializer<'de> for Node<'n, 'a> {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.leaf() {
            Some(Value::Text(text)) => visitor.visit_string(text.into_owned()),
            Some(Value::Texts(texts)) => {
                visitor.visit_seq(de::value::SeqDeserializer::new(texts.into_iter()))
            }
            Some(Value::Pairs(pairs)) => {
                visitor.visit_map(de::value::MapDeserializer::new(pairs.into_iter()))
            }
            Some(Value::Json(bytes)) => {
                let mut json = serde_json::Deserializer::from_slice(bytes);
                let value = json.deserialize_any(visitor).map_err(|e| json_error(&e))?;
                json.end().map_err(|e| json_error(&e))?;
                Ok(value)
            }
            Some(Value::Xml(text)) => xml(text)
                .deserialize_any(visitor)
                .map_err(de::Error::custom),
            Some(Value::Taken) | None => visitor.visit_map(Groups {
                node: self,
                value: None,
            }),
        }
    }

    scalars! {
        deserialize_bool visit_bool bool, "`true` or `false`";
        deserialize_u8 visit_u8 u8, "a whole number";
        deserialize_u16 visit_u16 u16, "a whole number";
        deserialize_u32 visit_u32 u32, "a whole number";
        deserialize_u64 visit_u64 u64, "a whole number";
        deserialize_i32 visit_i32 i32, "a whole number";
        deserialize_i64 visit_i64 i64, "a whole number";
        deserialize_f64 visit_f64 f64, "a number";
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.items.first() {
            Some((name, _)) if name.len() > self.at && self.dotted => {
                visitor.visit_seq(List(self.members().into_iter()))
            }
            _ => match self.leaf() {
                // `Tags=` is how a query client sends an empty list.
                Some(Value::Text(text)) if text.is_empty() => {
                    visitor.visit_seq(List(std::iter::empty()))
                }
                Some(Value::Text(text)) => {
                    visitor.visit_seq(de::value::SeqDeserializer::new(std::iter::once(text)))
                }
                Some(Value::Texts(texts)) => {
                    visitor.visit_seq(de::value::SeqDeserializer::new(texts.into_iter()))
                }
                _ => Err(de::Error::custom("expected a list")),
            },
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        match self.items {
            [(_, Value::Json(_) | Value::Xml(_))] if self.at > 0 => match self.leaf() {
                Some(Value::Json(bytes)) => {
                    let mut json = serde_json::Deserializer::from_slice(bytes);
                    let value = json
                        .deserialize_struct(name, fields, visitor)
                        .map_err(|e| json_error(&e))?;
                    json.end().map_err(|e| json_error(&e))?;
                    Ok(value)
                }
                Some(Value::Xml(text)) => xml(text)
                    .deserialize_struct(name, fields, visitor)
                    .map_err(de::Error::custom),
                _ => Err(de::Error::custom("expected a body")),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    /// An XML body that is asked for as text is handed over as it came.
    fn deserialize_string<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.items {
            [(_, Value::Xml(_))] => match self.leaf() {
                Some(Value::Xml(text)) => visitor.visit_str(text),
                _ => Err(de::Error::custom("expected a body")),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        match self.leaf() {
            Some(Value::Text(text)) => {
                let text: de::value::StringDeserializer<Unreadable> =
                    text.into_owned().into_deserializer();
                text.deserialize_enum(name, variants, visitor)
            }
            _ => Err(de::Error::custom("expected a name")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i128 u128 f32 char str bytes byte_buf unit unit_struct tuple tuple_struct map identifier
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "PascalCase")]
    struct Tag {
        key: String,
        value: String,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "PascalCase")]
    struct CreateUser {
        user_name: String,
        path: Option<String>,
        max_items: Option<u32>,
        #[serde(default)]
        tags: Vec<Tag>,
    }

    fn form(text: &str) -> Result<CreateUser, Unreadable> {
        Parts::from_form(text.as_bytes()).read()
    }

    #[test]
    fn a_form_becomes_a_struct() {
        let user = form("Tags.member.10.Key=j&Tags.member.10.Value=k&Action=CreateUser&UserName=bob%2Bx&Tags.member.2.Key=a&Tags.member.2.Value=b.c&MaxItems=7").unwrap();
        assert_eq!(user.user_name, "bob+x");
        assert_eq!(user.max_items, Some(7));
        let tags: Vec<_> = user.tags.iter().map(|t| (&*t.key, &*t.value)).collect();
        assert_eq!(
            tags,
            [("a", "b.c"), ("j", "k")],
            "numeric order, not text order"
        );
    }

    #[test]
    fn flattened_and_empty_lists_are_lists() {
        assert_eq!(
            form("UserName=b&Tags.1.Key=a&Tags.1.Value=b")
                .unwrap()
                .tags
                .len(),
            1
        );
        assert_eq!(form("UserName=b&Tags=").unwrap().tags, []);
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(
            form("Path=/").unwrap_err(),
            Unreadable::Missing("UserName".into())
        );
        assert_eq!(
            form("UserName=a&MaxItems=x").unwrap_err().to_string(),
            "`x` is not a whole number"
        );
        assert!(form("UserName.x=a").is_err());
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Put {
        bucket: String,
        #[serde(default)]
        x_amz_meta: BTreeMap<String, String>,
        body: Option<Config>,
        #[serde(default, rename = "tagKeys")]
        tag_keys: Vec<String>,
    }

    #[derive(Debug, Deserialize)]
    struct Config {
        #[serde(rename = "Status")]
        status: String,
    }

    #[test]
    fn labels_headers_and_bodies_become_a_struct() {
        let mut parts = Parts::default();
        parts.text("bucket", "b.c");
        parts.text("host.with.dots", "x");
        parts.text("tagKeys", "b");
        parts.text("tagKeys", "a");
        parts.add("x-amz-meta", Value::Pairs(vec![("a.b".into(), "1".into())]));
        parts.add("body", Value::Xml("<V><Status>Enabled</Status></V>"));
        let put: Put = parts.read().unwrap();
        assert_eq!(put.bucket, "b.c");
        assert_eq!(put.x_amz_meta.get("a.b").map(String::as_str), Some("1"));
        assert_eq!(put.body.unwrap().status, "Enabled");
        assert_eq!(put.tag_keys, ["a", "b"]);
        let mut parts = Parts::default();
        parts.text("bucket", "b");
        parts.add("body", Value::Json(br#"{"Status":"On"}"#));
        assert_eq!(parts.read::<Put>().unwrap().body.unwrap().status, "On");
        let mut parts = Parts::default();
        parts.text("bucket", "b");
        parts.add("body", Value::Json(br#"{"Status":"On"} trailing"#));
        assert!(parts.read::<Put>().is_err());
    }

    #[derive(Debug, Deserialize)]
    struct PutLikeAnother(Put);

    #[test]
    fn an_input_may_wrap_another() {
        let mut parts = Parts::default();
        parts.text("bucket", "b");
        assert_eq!(parts.read::<PutLikeAnother>().unwrap().0.bucket, "b");
    }

    proptest::proptest! {
        #[test]
        fn no_form_panics(text in "[A-Za-z0-9.&=%+]{0,200}") {
            let _ = form(&text);
        }
    }
}
