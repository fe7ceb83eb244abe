//! The exclusive canonical form of an element, without comments. Source: W3C, "Exclusive XML Canonicalization 1.0"
//! and "Canonical XML 1.0", sections 1.1 and 2.3.

use super::document::{Element, Node};
use std::collections::BTreeMap;

/// Prefixes that have been written and what they mean.
type Written = BTreeMap<String, String>;

/// The form of `element` without its child `left_out`. `inclusive` are prefixes that are written even where nothing
/// uses them; the default namespace is the empty one.
pub(super) fn form(element: &Element, left_out: Option<&Element>, inclusive: &[String]) -> String {
    let mut out = String::new();
    write(element, left_out, inclusive, &Written::new(), &mut out);
    out
}

fn write(
    element: &Element,
    left_out: Option<&Element>,
    inclusive: &[String],
    outer: &Written,
    out: &mut String,
) {
    let name = element.name.written();
    out.push('<');
    out.push_str(&name);
    let mut written = outer.clone();
    for (prefix, space) in needed(element, inclusive) {
        let known = outer.get(prefix).map_or("", |space| space);
        // An empty default namespace needs saying only where another one was in force.
        if known == space {
            continue;
        }
        match prefix {
            "" => out.push_str(" xmlns=\""),
            prefix => {
                out.push_str(" xmlns:");
                out.push_str(prefix);
                out.push_str("=\"");
            }
        }
        escape(space, ATTRIBUTE, out);
        out.push('"');
        written.insert(prefix.to_owned(), space.to_owned());
    }
    let mut attributes: Vec<_> = element.attributes.iter().collect();
    attributes.sort_by(|(a, _), (b, _)| (&a.space, &a.local).cmp(&(&b.space, &b.local)));
    for (name, value) in attributes {
        out.push(' ');
        out.push_str(&name.written());
        out.push_str("=\"");
        escape(value, ATTRIBUTE, out);
        out.push('"');
    }
    out.push('>');
    for node in &element.children {
        match node {
            Node::Text(text) => escape(text, TEXT, out),
            Node::Element(child) if left_out.is_some_and(|it| std::ptr::eq(it, child)) => {}
            Node::Element(child) => write(child, left_out, inclusive, &written, out),
        }
    }
    out.push_str("</");
    out.push_str(&name);
    out.push('>');
}

/// What the names of the element and of its attributes use, and what is in `inclusive`; in order of the prefixes.
fn needed<'e>(element: &'e Element, inclusive: &'e [String]) -> BTreeMap<&'e str, &'e str> {
    let used = element.attributes.iter().map(|(name, _)| name);
    let used = used.filter(|name| !name.prefix.is_empty());
    let used = used.chain([&element.name]);
    let used = used
        .filter(|name| name.prefix != "xml")
        .map(|name| (&*name.prefix, &*name.space));
    let more = inclusive
        .iter()
        .filter_map(|prefix| element.scope.get_key_value(prefix))
        .map(|(prefix, space)| (&**prefix, &**space));
    used.chain(more).collect()
}

const TEXT: &[(char, &str)] = &[
    ('&', "&amp;"),
    ('<', "&lt;"),
    ('>', "&gt;"),
    ('\r', "&#xD;"),
];

const ATTRIBUTE: &[(char, &str)] = &[
    ('&', "&amp;"),
    ('<', "&lt;"),
    ('"', "&quot;"),
    ('\t', "&#x9;"),
    ('\n', "&#xA;"),
    ('\r', "&#xD;"),
];

fn escape(text: &str, table: &[(char, &str)], out: &mut String) {
    for c in text.chars() {
        match table.iter().find(|(special, _)| *special == c) {
            Some((_, escaped)) => out.push_str(escaped),
            None => out.push(c),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{super::document, *};

    fn check(text: &str, inclusive: &[&str], want: &str) {
        let root = document::read(text).unwrap();
        let inner = root.elements().next().unwrap();
        let inclusive: Vec<String> = inclusive.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(form(inner, None, &inclusive), want, "{text}");
    }

    #[test]
    fn only_what_is_used_is_declared_and_once() {
        // The example of the specification, section 2.2.
        check(
            "<n0:pdu xmlns:n0='http://a.example'><n1:elem2 xmlns:n1='http://b.example' xml:lang='en'><n3:stuff xmlns:n3='ftp://example.org'/></n1:elem2></n0:pdu>",
            &[],
            "<n1:elem2 xmlns:n1=\"http://b.example\" xml:lang=\"en\"><n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>",
        );
        check(
            "<n2:pdu xmlns:n1='http://b.example' xmlns:n2='http://c.example'><n1:e><n1:f a='1'/></n1:e></n2:pdu>",
            &[],
            "<n1:e xmlns:n1=\"http://b.example\"><n1:f a=\"1\"></n1:f></n1:e>",
        );
    }

    #[test]
    fn default_namespaces_come_and_go() {
        check(
            "<r xmlns='urn:d'><a><b xmlns=''><c xmlns='urn:d'/></b></a></r>",
            &[],
            "<a xmlns=\"urn:d\"><b xmlns=\"\"><c xmlns=\"urn:d\"></c></b></a>",
        );
        check("<r xmlns='urn:d'><a xmlns=''/></r>", &[], "<a></a>");
    }

    #[test]
    fn named_prefixes_are_declared_all_the_same() {
        check(
            "<r xmlns:x='urn:x' xmlns='urn:d'><p:a xmlns:p='urn:p'><p:b/></p:a></r>",
            &["x", ""],
            "<p:a xmlns=\"urn:d\" xmlns:p=\"urn:p\" xmlns:x=\"urn:x\"><p:b></p:b></p:a>",
        );
    }

    #[test]
    fn attributes_are_sorted_and_text_is_escaped() {
        check(
            "<r xmlns:z='urn:a' xmlns:y='urn:b'><a y:q='1' z:q='2' b='\"&lt;&#9;&#13;>' a=\"'\">&lt;&gt;&amp;\"&#13;\r\n<!-- c --></a></r>",
            &[],
            "<a xmlns:y=\"urn:b\" xmlns:z=\"urn:a\" a=\"'\" b=\"&quot;&lt;&#x9;&#xD;>\" z:q=\"2\" y:q=\"1\">&lt;&gt;&amp;\"&#xD;\n</a>",
        );
    }
}
