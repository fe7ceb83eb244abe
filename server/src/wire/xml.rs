//! Answers as XML. quick-xml reads documents and escapes text; writing them needs little and happens with every answer,
//! so one small serializer does it, which each answer is compiled for once.
//!
//! Fields become elements in their order, lists repeat their element, `@name` is an attribute (first), `$text` the text
//! and `$value` the content without an element of its own, as quick-xml has it.

use memchr::{memchr, memchr3};
use quick_xml::escape::{escape, partial_escape};
use serde::ser::{self, Impossible, Serialize, Serializer};
use std::{
    borrow::Cow,
    fmt::{self, Display, Write as _},
};

/// An answer that has no form in XML.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unwritable(String);

impl ser::Error for Unwritable {
    fn custom<T: Display>(why: T) -> Self {
        Self(why.to_string())
    }
}

/// The name of an element, and the namespace that a root declares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tag<'n> {
    name: &'n str,
    namespace: Option<&'n str>,
}

impl<'n> Tag<'n> {
    /// An element.
    pub(crate) fn named(name: &'n str) -> Self {
        Self {
            name,
            namespace: None,
        }
    }

    /// It declares a namespace.
    pub(crate) fn within(self, namespace: &'n str) -> Self {
        Self {
            namespace: Some(namespace),
            ..self
        }
    }

    /// `<name`
    fn begin(self, out: &mut String) {
        out.push('<');
        out.push_str(self.name);
        if let Some(namespace) = self.namespace {
            out.push_str(" xmlns=\"");
            out.push_str(namespace);
            out.push('"');
        }
    }

    fn end(self, out: &mut String) {
        out.push_str("</");
        out.push_str(self.name);
        out.push('>');
    }

    fn empty(self, out: &mut String) {
        self.begin(out);
        out.push_str("/>");
    }
}

/// Writes `value` as the element `root`.
pub(crate) fn write<T: Serialize>(
    out: &mut String,
    root: Tag<'_>,
    value: &T,
) -> Result<(), Unwritable> {
    value.serialize(Xml {
        out,
        place: Place::Element(root),
    })
}

/// Where a value stands.
#[derive(Clone, Copy)]
enum Place<'n> {
    /// In an element of its own.
    Element(Tag<'n>),
    /// Between the tags of an element that has begun.
    Content,
    /// In the quotation marks of an attribute.
    Attribute,
    /// It is the name of an element.
    Name,
}

struct Xml<'w, 'n> {
    out: &'w mut String,
    place: Place<'n>,
}

impl Xml<'_, '_> {
    fn text(self, text: &str) {
        let out = self.out;
        match self.place {
            Place::Element(tag) if text.is_empty() => tag.empty(out),
            Place::Element(tag) => {
                tag.begin(out);
                out.push('>');
                out.push_str(&escaped(text));
                tag.end(out);
            }
            Place::Content => out.push_str(&escaped(text)),
            Place::Attribute => out.push_str(&escape(text)),
            Place::Name => out.push_str(text),
        }
    }

    /// A number: nothing in it needs an escape.
    fn plain(self, number: impl Display) -> Result<(), Unwritable> {
        let out = self.out;
        let Place::Element(tag) = self.place else {
            return Ok(write!(out, "{number}")?);
        };
        tag.begin(out);
        write!(out, ">{number}")?;
        tag.end(out);
        Ok(())
    }

    fn nothing(self) {
        if let Place::Element(tag) = self.place {
            tag.empty(self.out);
        }
    }
}

/// Text between tags. Almost nothing needs an escape.
fn escaped(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    match memchr3(b'<', b'>', b'&', bytes).or_else(|| memchr(b'\r', bytes)) {
        None => text.into(),
        Some(_) => partial_escape(text),
    }
}

impl From<fmt::Error> for Unwritable {
    fn from(error: fmt::Error) -> Self {
        Self(error.to_string())
    }
}

fn unwritable<T>(what: &str) -> Result<T, Unwritable> {
    Err(Unwritable(format!("{what} cannot be written here")))
}

/// The fields of an element that has begun.
struct Fields<'w, 'n> {
    out: &'w mut String,
    tag: Tag<'n>,
    /// The tag is still open: attributes may follow.
    open: bool,
    /// The name of the next entry of a map.
    key: String,
}

impl Fields<'_, '_> {
    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Unwritable> {
        if let Some(name) = key.strip_prefix('@') {
            if !self.open {
                return unwritable("an attribute behind an element");
            }
            write!(self.out, " {name}=\"")?;
            value.serialize(Xml {
                out: self.out,
                place: Place::Attribute,
            })?;
            self.out.push('"');
            return Ok(());
        }
        if self.open {
            self.out.push('>');
        }
        let begun = self.out.len();
        value.serialize(Xml {
            out: self.out,
            place: match key {
                "$text" | "$value" => Place::Content,
                name => Place::Element(Tag::named(name)),
            },
        })?;
        if self.out.len() > begun {
            self.open = false;
        } else if self.open {
            self.out.pop();
        }
        Ok(())
    }

    fn finish(self) {
        if self.open {
            self.out.push_str("/>");
        } else {
            self.tag.end(self.out);
        }
    }
}

/// The items of a list, each in the place of the list.
struct Items<'w, 'n>(Xml<'w, 'n>);

macro_rules! plain {
    ($($method:ident $ty:ty),*) => { $(
        fn $method(self, value: $ty) -> Result<(), Unwritable> {
            self.plain(value)
        }
    )* }
}

impl<'w, 'n> Serializer for Xml<'w, 'n> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Items<'w, 'n>;
    type SerializeTuple = Items<'w, 'n>;
    type SerializeTupleStruct = Items<'w, 'n>;
    type SerializeTupleVariant = Impossible<(), Unwritable>;
    type SerializeMap = Fields<'w, 'n>;
    type SerializeStruct = Fields<'w, 'n>;
    type SerializeStructVariant = Impossible<(), Unwritable>;

    plain! {
        serialize_bool bool, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_u8 u8,
        serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_f32 f32, serialize_f64 f64
    }

    fn serialize_char(self, value: char) -> Result<(), Unwritable> {
        self.text(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Unwritable> {
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unwritable> {
        unwritable("bytes")
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        self.nothing();
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        self.nothing();
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwritable> {
        self.nothing();
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Unwritable> {
        match self.place {
            Place::Content => Tag::named(variant).empty(self.out),
            Place::Element(_) | Place::Attribute | Place::Name => self.text(variant),
        }
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        match self.place {
            Place::Content => value.serialize(Xml {
                out: self.out,
                place: Place::Element(Tag::named(variant)),
            }),
            Place::Element(_) | Place::Attribute | Place::Name => unwritable(variant),
        }
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'w, 'n>, Unwritable> {
        Ok(Items(self))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'w, 'n>, Unwritable> {
        Ok(Items(self))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Items<'w, 'n>, Unwritable> {
        Ok(Items(self))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unwritable> {
        unwritable(variant)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'w, 'n>, Unwritable> {
        let Place::Element(tag) = self.place else {
            return unwritable("a structure");
        };
        tag.begin(self.out);
        Ok(Fields {
            out: self.out,
            tag,
            open: true,
            key: String::new(),
        })
    }

    fn serialize_struct(
        self,
        _: &'static str,
        length: usize,
    ) -> Result<Fields<'w, 'n>, Unwritable> {
        self.serialize_map(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unwritable> {
        unwritable(variant)
    }
}

impl ser::SerializeStruct for Fields<'_, '_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        self.field(key, value)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.finish();
        Ok(())
    }
}

impl ser::SerializeMap for Fields<'_, '_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.key.clear();
        key.serialize(Xml {
            out: &mut self.key,
            place: Place::Name,
        })
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        let key = std::mem::take(&mut self.key);
        self.field(&key, value)?;
        self.key = key;
        Ok(())
    }

    fn end(self) -> Result<(), Unwritable> {
        self.finish();
        Ok(())
    }
}

impl Items<'_, '_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        value.serialize(Xml {
            out: self.0.out,
            place: self.0.place,
        })
    }
}

macro_rules! items {
    ($($of:ident $method:ident),*) => { $(
        impl ser::$of for Items<'_, '_> {
            type Ok = ();
            type Error = Unwritable;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
                self.item(value)
            }

            fn end(self) -> Result<(), Unwritable> {
                Ok(())
            }
        }
    )* }
}

items!(SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field);

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde::Serialize;
    use std::collections::BTreeMap;

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        #[serde(rename = "@kind")]
        kind: &'static str,
        name: &'static str,
        count: Option<u32>,
        nothing: Option<u32>,
        ready: bool,
        empty: &'static str,
        list: Vec<&'static str>,
        none: Vec<&'static str>,
        map: BTreeMap<&'static str, i64>,
        bare: Bare,
        #[serde(rename = "$value")]
        content: Vec<Choice>,
    }

    #[derive(Serialize)]
    struct Bare {}

    #[derive(Serialize)]
    enum Choice {
        One(Text),
        Other,
    }

    #[derive(Serialize)]
    struct Text {
        #[serde(rename = "$text")]
        text: &'static str,
    }

    fn written<T: Serialize>(tag: Tag<'_>, value: &T) -> String {
        let mut out = String::new();
        write(&mut out, tag, value).unwrap();
        out
    }

    fn answer() -> Answer {
        Answer {
            kind: "a \"b\" & c",
            name: "x < y & z",
            count: Some(7),
            nothing: None,
            ready: true,
            empty: "",
            list: vec!["a", "", "b"],
            none: Vec::new(),
            map: [("m", -1), ("n", 2)].into(),
            bare: Bare {},
            content: vec![
                Choice::One(Text { text: "1>0" }),
                Choice::Other,
                Choice::One(Text { text: "" }),
            ],
        }
    }

    #[test]
    fn answers_have_their_form() {
        assert_eq!(
            written(Tag::named("A"), &answer()),
            "<A kind=\"a &quot;b&quot; &amp; c\"><Name>x &lt; y &amp; z</Name><Count>7</Count><Nothing/><Ready>true</Ready>\
             <Empty/><List>a</List><List/><List>b</List><Map><m>-1</m><n>2</n></Map><Bare/><One>1&gt;0</One><Other/><One/></A>"
        );
        let text = Text { text: "" };
        assert_eq!(written(Tag::named("L"), &text), "<L/>");
        let rooted = Tag::named("L").within("urn:x");
        assert_eq!(written(rooted, &text), "<L xmlns=\"urn:x\"/>");
        assert_eq!(written(rooted, &"t"), "<L xmlns=\"urn:x\">t</L>");
    }

    #[test]
    fn it_is_what_quick_xml_would_write() {
        let theirs = quick_xml::se::to_string_with_root("A", &answer()).unwrap();
        // Between items of `$value` that are elements nothing stands there either.
        assert_eq!(written(Tag::named("A"), &answer()), theirs);
    }

    #[test]
    fn what_has_no_form_is_refused() {
        #[derive(Serialize)]
        struct Behind {
            child: u8,
            #[serde(rename = "@late")]
            late: u8,
        }
        let mut out = String::new();
        let late = Behind { child: 1, late: 2 };
        assert!(write(&mut out, Tag::named("A"), &late).is_err());
        assert!(write(&mut out, Tag::named("A"), &Choice::One(Text { text: "" })).is_err());
    }
}
