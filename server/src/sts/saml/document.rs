//! An XML document with its namespaces, as far as a signature over a part of it needs them.
//!
//! It has no document type and so no entities but XML's five, no processing instructions, and is no deeper than
//! `DEEPEST`: nothing in it can grow, reach out or be read in two ways.

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
};
use std::{collections::BTreeMap, collections::BTreeSet, sync::Arc};

/// Deeper than any response of a provider.
const DEEPEST: usize = 64;

/// More prefixes in scope than any response has. Every element that declares one keeps a list of its own.
const MOST_PREFIXES: usize = 64;

/// What the prefix `xml` means without being declared.
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Prefixes in scope and what they mean; the default namespace stands under the empty prefix.
pub(super) type Scope = Arc<BTreeMap<String, String>>;

/// A qualified name, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// Empty for none.
    pub(super) prefix: String,
    pub(super) local: String,
    /// Empty for none.
    pub(super) space: String,
}

impl Name {
    /// `prefix:local`, as it was written.
    pub(super) fn written(&self) -> String {
        match &*self.prefix {
            "" => self.local.clone(),
            prefix => format!("{prefix}:{}", self.local),
        }
    }
}

/// An element.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: Name,
    pub(super) attributes: Vec<(Name, String)>,
    pub(super) scope: Scope,
    pub(super) children: Vec<Node>,
}

/// What an element holds. Comments are not kept: no canonical form that is accepted here has them.
#[derive(Debug)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// Whether this is `local` of `space`.
    pub(super) fn is(&self, space: &str, local: &str) -> bool {
        self.name.space == space && self.name.local == local
    }

    /// The children that are elements.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The children of this name.
    pub(super) fn all<'e>(
        &'e self,
        space: &'e str,
        local: &'e str,
    ) -> impl Iterator<Item = &'e Element> {
        self.elements().filter(move |child| child.is(space, local))
    }

    /// The only child of this name; none when there are none or several.
    pub(super) fn only<'e>(&'e self, space: &'e str, local: &'e str) -> Option<&'e Element> {
        let mut all = self.all(space, local);
        all.next().filter(|_| all.next().is_none())
    }

    /// An attribute without a prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let plain = |key: &Name| key.space.is_empty() && key.local == name;
        let (_, value) = self.attributes.iter().find(|(key, _)| plain(key))?;
        Some(value)
    }

    /// Its own text, trimmed; none when there are elements in it.
    pub(super) fn text(&self) -> Option<String> {
        let mut whole = String::new();
        for node in &self.children {
            match node {
                Node::Text(text) => whole.push_str(text),
                Node::Element(_) => return None,
            }
        }
        Some(whole.trim().to_owned())
    }

    /// This element and all below it, in document order.
    pub(super) fn descendants(&self) -> Vec<&Element> {
        let mut all = vec![self];
        for child in self.elements() {
            all.extend(child.descendants());
        }
        all
    }

    fn push_text(&mut self, more: &str) {
        match self.children.last_mut() {
            Some(Node::Text(text)) => text.push_str(more),
            _ => self.children.push(Node::Text(more.to_owned())),
        }
    }
}

/// Reads a document; none when it is not one, or has what is not accepted here.
pub(super) fn read(text: &str) -> Option<Element> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let event = reader.read_event().ok()?;
        match event {
            Event::Start(start) if root.is_none() && open.len() < DEEPEST => {
                let element = begin(&start, open.last().map(|parent| &parent.scope))?;
                open.push(element);
            }
            Event::Empty(start) if root.is_none() && open.len() < DEEPEST => {
                let element = begin(&start, open.last().map(|parent| &parent.scope))?;
                close(element, &mut open, &mut root);
            }
            Event::End(_) => {
                let element = open.pop()?;
                close(element, &mut open, &mut root);
            }
            Event::Text(text) => match open.last_mut() {
                Some(element) => element.push_text(&allowed(&text.xml10_content())?),
                None if text.chars().all(char::is_whitespace) => {}
                None => return None,
            },
            Event::CData(text) => {
                let text = allowed(&text.xml10_content())?;
                open.last_mut()?.push_text(&text);
            }
            Event::GeneralRef(entity) => {
                let name: &str = &entity;
                let text = match entity.resolve_char_ref().ok()? {
                    Some(character) => character.to_string(),
                    None => resolve_predefined_entity(name)?.to_owned(),
                };
                open.last_mut()?.push_text(&allowed(&text)?);
            }
            Event::Comment(_) => {}
            Event::Decl(_) if root.is_none() && open.is_empty() => {}
            Event::Eof if open.is_empty() => return root,
            _ => return None,
        }
    }
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(Node::Element(element)),
        None => *root = Some(element),
    }
}

/// A start tag, its names resolved.
fn begin(start: &BytesStart<'_>, outer: Option<&Scope>) -> Option<Element> {
    let mut scope = outer.cloned().unwrap_or_default();
    let mut plain = Vec::new();
    for attribute in start.attributes() {
        // Two attributes of one name are an error already.
        let attribute = attribute.ok()?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
        let (value, name) = (allowed(&value)?, attribute.key.into_inner());
        match name.split_once(':') {
            None if name == "xmlns" => {
                Arc::make_mut(&mut scope).insert(String::new(), value);
            }
            Some(("xmlns", prefix)) => {
                // What `xml` and `xmlns` mean is fixed, and a prefix cannot be undeclared.
                if matches!(prefix, "" | "xml" | "xmlns") || value.is_empty() || value == XML {
                    return None;
                }
                Arc::make_mut(&mut scope).insert(prefix.to_owned(), value);
            }
            _ => plain.push((name.to_owned(), value)),
        }
    }
    if scope.len() > MOST_PREFIXES {
        return None;
    }
    let mut seen = BTreeSet::new();
    let mut attributes = Vec::new();
    for (name, value) in plain {
        // An attribute without a prefix is in no namespace.
        let name = resolve(&name, &scope, false)?;
        if !seen.insert((name.space.clone(), name.local.clone())) {
            return None;
        }
        attributes.push((name, value));
    }
    Some(Element {
        name: resolve(start.name().into_inner(), &scope, true)?,
        attributes,
        scope,
        children: Vec::new(),
    })
}

fn resolve(name: &str, scope: &Scope, element: bool) -> Option<Name> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let space = match prefix {
        "" if !element => "",
        "" => scope.get("").map_or("", |space| space),
        "xml" => XML,
        prefix => scope.get(prefix)?,
    };
    let fits =
        !local.is_empty() && !local.contains(':') && (prefix.is_empty() != name.contains(':'));
    fits.then(|| Name {
        prefix: prefix.to_owned(),
        local: local.to_owned(),
        space: space.to_owned(),
    })
}

/// Text without the characters that XML 1.0 does not have.
fn allowed(text: &str) -> Option<String> {
    let bad = |c: char| {
        (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    (!text.contains(bad)).then(|| text.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn names_are_resolved_and_comments_do_not_cut_text() {
        let root = read(
            "<?xml version='1.0'?>\n<a:r xmlns:a='urn:a' xmlns='urn:d' x='1' a:x='&#10;2\t'><c>ad<!-- -->min&amp;<![CDATA[<]]></c></a:r>",
        )
        .unwrap();
        assert!(root.is("urn:a", "r"));
        assert!(read(&format!("<a {}/>", many(64))).is_some());
        assert_eq!(root.attribute("x"), Some("1"));
        assert_eq!(root.attributes.last().unwrap().1, "\n2 ");
        assert_eq!(root.only("urn:d", "c").unwrap().text().unwrap(), "admin&<");
    }

    fn many(count: usize) -> String {
        let declared = |n| format!(" xmlns:p{n}='urn:{n}'");
        (0..count).map(declared).collect()
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_not_read() {
        for bad in [
            "",
            "a",
            "<a>",
            "<a/><b/>",
            "<a/>b",
            "<b:a/>",
            "<!DOCTYPE a><a/>",
            "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
            "<a>&e;</a>",
            "<a><?pi x?></a>",
            "<a x='1' x='2'/>",
            "<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>",
            "<a xmlns:xml='u'/>",
            "<a xmlns:p=''/>",
            "<a>&#0;</a>",
            &("<a>".repeat(65) + &"</a>".repeat(65)),
            &format!("<a {}/>", many(65)),
        ] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
