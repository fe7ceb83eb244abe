//! A small XML tree: the documents that configure a bucket are kept as they came and given back as they were.
//!
//! It knows no entities but the five of XML itself and no document types, so nothing in it can grow or reach out.

use quick_xml::{Reader, XmlVersion, events::BytesStart, events::Event};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::Error as _,
    ser::{Error as _, SerializeMap},
};

/// Deeper than any document of S3.
const DEEPEST: usize = 16;

/// An element: children, or text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    name: String,
    /// `xsi:type`, the one attribute that means something to S3.
    kind: Option<String>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// An element with children.
    pub(super) fn node(name: &str, children: impl Into<Vec<Element>>) -> Self {
        Self {
            name: name.to_owned(),
            children: children.into(),
            ..Self::default()
        }
    }

    /// An element with text.
    pub(super) fn leaf(name: &str, text: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            text: text.into(),
            ..Self::default()
        }
    }

    /// Its name, without a prefix.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its text; empty when it has children.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Its `xsi:type`.
    pub(super) fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// All its children.
    pub(super) fn children(&self) -> &[Element] {
        &self.children
    }

    /// The first child of this name.
    pub(super) fn child<'e>(&'e self, name: &str) -> Option<&'e Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children of this name.
    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> + Clone {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child of this name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.child(name).map(Element::text)
    }

    /// The texts of the children of this name.
    pub(super) fn values<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e str> + Clone {
        self.all(name).map(Element::text)
    }

    /// The number in the first child of this name; none when it is not one.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.value(name)?.trim().parse().ok()
    }

    /// Whether there is a child of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.child(name).is_some()
    }

    /// Puts a child in front of the others.
    pub(super) fn prepend(&mut self, child: Element) {
        self.children.insert(0, child);
    }

    /// Adds a child.
    pub(super) fn push(&mut self, child: Element) {
        self.children.push(child);
    }

    /// The children, to change.
    pub(super) fn children_mut(&mut self) -> &mut [Element] {
        &mut self.children
    }

    /// The elements at the end of this path, to change.
    pub(super) fn all_mut(&mut self, path: &[&str]) -> Vec<&mut Element> {
        let Some((name, rest)) = path.split_first() else {
            return vec![self];
        };
        let named = self.children.iter_mut().filter(|child| child.name == *name);
        named.flat_map(|child| child.all_mut(rest)).collect()
    }

    fn open(start: &BytesStart<'_>) -> Option<Self> {
        let name = start.local_name();
        let mut element = Self::leaf(local(name.as_ref())?, "");
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            if attribute.key.as_ref() == "xsi:type" {
                element.kind = Some(attribute.value.into_owned());
            }
        }
        Some(element)
    }
}

fn local(name: &str) -> Option<&str> {
    (!name.is_empty()).then_some(name)
}

/// The tree; none when the text is not one well-formed document.
pub(super) fn read(text: &str) -> Option<Element> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let (ended, content) = match reader.read_event().ok()? {
            Event::Start(start) => {
                if open.len() == DEEPEST || root.is_some() {
                    return None;
                }
                open.push(Element::open(&start)?);
                continue;
            }
            Event::Empty(start) if root.is_none() => (Some(Element::open(&start)?), None),
            Event::End(_) => (Some(open.pop()?), None),
            Event::Text(text) => (
                None,
                Some(text.xml_content(XmlVersion::Implicit1_0).into_owned()),
            ),
            Event::CData(text) => (
                None,
                Some(text.xml_content(XmlVersion::Implicit1_0).into_owned()),
            ),
            Event::GeneralRef(name) => (None, Some(resolved(&name)?)),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => continue,
            Event::Eof => break,
            Event::Empty(_) | Event::DocType(_) => return None,
        };
        if let Some(content) = content {
            match open.last_mut() {
                Some(element) => element.text.push_str(&content),
                None if content.trim().is_empty() => {}
                None => return None,
            }
        }
        if let Some(mut element) = ended {
            if !element.children.is_empty() {
                // White space between children is layout; anything else stands where nothing may.
                if !element.text.trim().is_empty() {
                    return None;
                }
                element.text.clear();
            }
            match open.last_mut() {
                Some(parent) => parent.children.push(element),
                None => root = Some(element),
            }
        }
    }
    root.filter(|_| open.is_empty())
}

/// `&lt;` and its like, and `&#65;`.
fn resolved(name: &quick_xml::events::BytesRef<'_>) -> Option<String> {
    if let Some(char) = name.resolve_char_ref().ok()? {
        return Some(char.to_string());
    }
    let text = name.xml_content(XmlVersion::Implicit1_0);
    quick_xml::escape::resolve_predefined_entity(&text).map(str::to_owned)
}

impl Serialize for Element {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.children.is_empty() && self.kind.is_none() {
            return serializer.serialize_str(&self.text);
        }
        let mut map = serializer.serialize_map(None)?;
        if let Some(kind) = &self.kind {
            map.serialize_entry("@xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")?;
            map.serialize_entry("@xsi:type", kind)?;
        }
        for child in &self.children {
            map.serialize_entry(&child.name, child)?;
        }
        if self.children.is_empty() && !self.text.is_empty() {
            return Err(S::Error::custom("text beside an attribute"));
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Element {
    /// From the document as it came.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        read(&text).ok_or_else(|| D::Error::custom("it is not well-formed XML"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::wire::{Tag, write_xml};

    #[test]
    fn documents_become_trees_and_documents_again() {
        let text = "<?xml version=\"1.0\"?>\n<A xmlns=\"u\"><!-- c --><B>1 &lt; &#50;</B>\n <B><![CDATA[<x>]]></B>\
                    <C><D/></C><G xmlns:xsi=\"i\" xsi:type=\"Group\"><URI>u</URI></G></A>";
        let tree = read(text).unwrap();
        assert_eq!(tree.name(), "A");
        assert_eq!(tree.values("B").collect::<Vec<_>>(), ["1 < 2", "<x>"]);
        assert!(tree.child("C").unwrap().has("D"));
        assert_eq!(tree.child("G").unwrap().kind(), Some("Group"));
        let mut written = String::new();
        write_xml(&mut written, Tag::named("A"), &tree).unwrap();
        assert_eq!(read(&written).unwrap(), tree);
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let deep = "<a>".repeat(40) + &"</a>".repeat(40);
        for bad in [
            "",
            "x",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "<a>x<b/></a>",
            "<a>&e;</a>",
            &deep,
            "<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>",
            "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        ] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
