//! YAML as a small tree: every scalar is text as it was written, every node knows where it stands.
//!
//! serde's data model would turn `012345670123` into a number and forget what was quoted, so the
//! tree is built from the parser's own events. Tags, merge keys and equal keys are refused here;
//! what the keys mean is not known here.

use std::collections::HashMap;
use std::sync::Arc;

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span as YamlSpan, StrInput};

use crate::diagnostic::{Diagnostic, SourceFile, Span, Spot};

/// Anchors may be reused, but a small file must not grow into a huge tree.
const MOST_NODES: usize = 200_000;
const DEEPEST: usize = 64;

/// A value of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `~`, `null` or nothing at all: the key might as well not be there.
    Absent,
    /// A scalar, as written.
    Text {
        /// The text without its quotes.
        text: String,
        /// Whether it stood there without quotes.
        plain: bool,
    },
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<Entry>),
}

/// One key of a mapping and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Spot<String>,
    /// The value.
    pub value: Node,
}

impl Node {
    /// What a reader would call it.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match self.kind {
            Kind::Absent => "nothing",
            Kind::Text { .. } => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }

    /// Whether it is `~`.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.kind == Kind::Absent
    }

    /// The entries of a mapping.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The value of a key of a mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find(|entry| entry.key.value == key)
            .map(|entry| &entry.value)
    }

    fn count(&self) -> usize {
        1 + match &self.kind {
            Kind::Absent | Kind::Text { .. } => 0,
            Kind::List(items) => items.iter().map(Node::count).sum(),
            Kind::Map(entries) => entries.iter().map(|entry| entry.value.count()).sum(),
        }
    }
}

/// Reads one YAML document.
///
/// # Errors
/// The first thing that is not YAML, or not the YAML that scenarios are written in.
pub fn parse(file: &Arc<SourceFile>) -> Result<Node, Box<Diagnostic>> {
    Builder {
        file,
        parser: Parser::new_from_str(&file.text),
        anchors: HashMap::new(),
        nodes: 0,
    }
    .document()
}

struct Builder<'f> {
    file: &'f Arc<SourceFile>,
    parser: Parser<'f, StrInput<'f>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

type Built<T> = Result<T, Box<Diagnostic>>;

impl<'f> Builder<'f> {
    fn document(mut self) -> Built<Node> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => {
                    return Ok(Node {
                        span: Span::default(),
                        kind: Kind::Absent,
                    });
                }
                Event::StreamStart | Event::DocumentStart(..) => {}
                event => {
                    let root = self.node(event, span, 0)?;
                    self.end()?;
                    return Ok(root);
                }
            }
        }
    }

    /// Nothing may follow the first document.
    fn end(&mut self) -> Built<()> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(()),
                Event::DocumentEnd => {}
                _ => {
                    return Err(Box::new(
                        Diagnostic::error("a second document begins here")
                            .at(self.file, span, "`---` starts another document")
                            .help("one scenario is one file"),
                    ));
                }
            }
        }
    }

    fn next(&mut self) -> Built<(Event<'f>, Span)> {
        loop {
            return match self.parser.next_event() {
                Some(Ok((Event::Comment(..) | Event::Anchor(..), _))) => continue,
                Some(Ok((event, span))) => Ok((event, bytes(&span))),
                Some(Err(error)) => {
                    let at = error.marker().byte_offset().unwrap_or(self.file.text.len());
                    Err(Box::new(self.not_yaml(at, &error.info())))
                }
                None => Ok((Event::StreamEnd, Span::default())),
            };
        }
    }

    fn node(&mut self, event: Event<'f>, span: Span, depth: usize) -> Built<Node> {
        self.nodes += 1;
        if depth > DEEPEST || self.nodes > MOST_NODES {
            return Err(Box::new(
                Diagnostic::error(
                    "this file is nested too deeply, or grows too large through its anchors",
                )
                .at(self.file, span, "given up here"),
            ));
        }
        if let Some(tag) = event.tag() {
            return Err(Box::new(self.tagged(&tag.original(), span)));
        }
        let anchor = event.anchor_id();
        let node = match event {
            Event::Scalar(text, style, ..) => scalar(text.into_owned(), style, span),
            Event::SequenceStart(..) => self.list(span, depth)?,
            Event::MappingStart(..) => self.map(span, depth)?,
            Event::Alias(id) => return self.alias(id, span),
            _ => Node {
                span,
                kind: Kind::Absent,
            },
        };
        if let Some(id) = anchor {
            self.anchors.insert(id, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, start: Span, depth: usize) -> Built<Node> {
        let mut items: Vec<Node> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                let last = items.last().map(|item| item.span);
                return Ok(Node {
                    span: self.whole(start, last, span),
                    kind: Kind::List(items),
                });
            }
            items.push(self.node(event, span, depth + 1)?);
        }
    }

    fn map(&mut self, start: Span, depth: usize) -> Built<Node> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                let last = entries
                    .last()
                    .map(|entry| entry.key.span.to(entry.value.span));
                return Ok(Node {
                    span: self.whole(start, last, span),
                    kind: Kind::Map(entries),
                });
            }
            let key = self.key(event, span)?;
            if let Some(first) = entries.iter().find(|entry| entry.key.value == key.value) {
                return Err(Box::new(
                    Diagnostic::error(format!("`{}` is given twice", key.value))
                        .at(self.file, key.span, "again here")
                        .also(self.file, first.key.span, "first here")
                        .help("keep one of them; the other would be lost without a word"),
                ));
            }
            let (event, span) = self.next()?;
            let mut value = self.node(event, span, depth + 1)?;
            // A key without a value is pointed at through its key.
            if value.is_absent() && self.file.slice(value.span).is_empty() {
                value.span = key.span;
            }
            entries.push(Entry { key, value });
        }
    }

    fn key(&mut self, event: Event<'f>, span: Span) -> Built<Spot<String>> {
        if let Some(tag) = event.tag() {
            return Err(Box::new(self.tagged(&tag.original(), span)));
        }
        match event {
            Event::Scalar(text, style, ..) if style == ScalarStyle::Plain && text == "<<" => {
                Err(Box::new(
                    Diagnostic::error("merge keys (`<<`) are not read")
                        .at(self.file, span, "not in a scenario")
                        .help(
                            "write the keys out, or reuse one whole value with `&name` and `*name`",
                        ),
                ))
            }
            Event::Scalar(text, ..) => Ok(Spot::new(text.into_owned(), span)),
            _ => {
                let map = self.file.slice(Span::new(span.start, span.start + 1)) == "{";
                Err(Box::new(
                    Diagnostic::error("a key must be text")
                        .at(self.file, span, "this is not")
                        .maybe_help(map.then(|| {
                            "braces are YAML's own: write `$name`, not `{name}` or `${name}`"
                                .to_owned()
                        })),
                ))
            }
        }
    }

    fn alias(&mut self, id: usize, span: Span) -> Built<Node> {
        let Some(node) = self.anchors.get(&id) else {
            return Err(Box::new(
                Diagnostic::error("this anchor is not complete yet").at(
                    self.file,
                    span,
                    "a value cannot hold itself",
                ),
            ));
        };
        self.nodes += node.count();
        if self.nodes > MOST_NODES {
            return Err(Box::new(
                Diagnostic::error("this file grows too large through its anchors").at(
                    self.file,
                    span,
                    "given up here",
                ),
            ));
        }
        Ok(Node {
            span,
            kind: node.kind.clone(),
        })
    }

    /// From the first to the last character: a flow collection ends with its bracket, a block
    /// collection with its last item (its end event stands on a later line).
    fn whole(&self, start: Span, last: Option<Span>, end: Span) -> Span {
        let open = self.file.slice(Span::new(start.start, start.start + 1));
        match (open, last) {
            ("[" | "{", _) | (_, None) => start.to(end),
            (_, Some(last)) => start.to(last),
        }
    }

    fn tagged(&self, tag: &str, span: Span) -> Diagnostic {
        // The node begins after its tag.
        let before = self.file.text.get(..span.start).unwrap_or_default();
        let start = before.rfind(tag).unwrap_or(span.start);
        let written = Span::new(start, start + tag.len());
        Diagnostic::error(format!("tags (`{tag}`) are not read"))
            .at(self.file, written, "not in a scenario")
            .help("every scalar is text as written; leave the tag out")
    }

    /// The parser's words, and better ones for the two mistakes that people make.
    fn not_yaml(&self, at: usize, said: &str) -> Diagnostic {
        let text = &self.file.text;
        let start = text
            .get(..at)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |n| n + 1);
        let line = text
            .get(start..)
            .and_then(|rest| rest.lines().next())
            .unwrap_or_default();
        let find = |what: &str| line.find(what).map(|i| start + i);

        if let Some(star) = star(line) {
            let star = start + star;
            return Diagnostic::error("an unquoted `*` is an alias to YAML")
                .at(self.file, Span::new(star, star + 1), "meant as text?")
                .help("quote it: \"*\"");
        }
        if let Some(dollar) = find("${") {
            let end = line
                .get(dollar - start..)
                .and_then(|rest| rest.find('}'))
                .map_or(2, |i| i + 1);
            let written = text.get(dollar..dollar + end).unwrap_or("${name}");
            let name: String = written
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .collect();
            return Diagnostic::error(format!("`{written}` is not YAML: braces are YAML's own"))
                .at(self.file, Span::new(dollar, dollar + end), "a variable?")
                .help(format!("use `${name}`, which needs no quotes anywhere"));
        }
        if let Some(tab) = line
            .find('\t')
            .filter(|i| line.get(..*i).is_some_and(|b| b.trim().is_empty()))
        {
            return Diagnostic::error("a tab cannot indent YAML")
                .at(self.file, Span::new(start + tab, start + tab + 1), "a tab")
                .help("indent with spaces");
        }
        Diagnostic::error(format!("not YAML: {said}")).at(self.file, Span::new(at, at + 1), "here")
    }
}

/// A lone `*` where a value begins.
fn star(line: &str) -> Option<usize> {
    line.match_indices('*').map(|(i, _)| i).find(|i| {
        let before = line.get(..*i).unwrap_or_default().trim_end();
        let after = line.get(i + 1..).unwrap_or_default();
        let begins = before.ends_with([':', '-', '[', ',', '{']);
        begins
            && after
                .chars()
                .next()
                .is_none_or(|c| c.is_whitespace() || ",]}".contains(c))
    })
}

fn scalar(text: String, style: ScalarStyle, span: Span) -> Node {
    let plain = style == ScalarStyle::Plain;
    let kind = match text.as_str() {
        "~" | "null" | "" if plain => Kind::Absent,
        _ => Kind::Text { text, plain },
    };
    Node { span, kind }
}

fn bytes(span: &YamlSpan) -> Span {
    let start = span.start.byte_offset().unwrap_or_default();
    Span::new(start, span.end.byte_offset().unwrap_or(start))
}
