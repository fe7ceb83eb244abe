//! Reading typed values out of the tree, and saying what is wrong with them.

use std::cell::RefCell;
use std::sync::Arc;

use super::node::{Entry, Kind, Node};
use crate::diagnostic::{Diagnostic, SourceFile, Span, Spot, suggestion};
use crate::scenario::vars::{Problem, Vars};

/// What every part of the file is read with: the variables that can be seen from there, and the
/// one list of complaints.
pub(crate) struct Reader<'a> {
    pub(crate) file: &'a Arc<SourceFile>,
    pub(crate) vars: &'a Vars,
    pub(crate) said: &'a RefCell<Vec<Diagnostic>>,
}

impl<'a> Reader<'a> {
    /// The same file seen with other variables.
    pub(crate) fn with_vars<'b>(&'b self, vars: &'b Vars) -> Reader<'b>
    where
        'a: 'b,
    {
        Reader {
            file: self.file,
            vars,
            said: self.said,
        }
    }

    /// Complains; the same complaint (from another row of the same table) is made once.
    pub(crate) fn say(&self, diagnostic: Diagnostic) {
        let mut said = self.said.borrow_mut();
        if !said.contains(&diagnostic) {
            said.push(diagnostic);
        }
    }

    pub(crate) fn error(&self, span: Span, title: impl Into<String>, label: impl Into<String>) {
        self.say(self.mistake(span, title, label));
    }

    pub(crate) fn mistake(
        &self,
        span: Span,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::error(title).at(self.file, span, label)
    }

    pub(crate) fn problem(&self, problem: &Problem) {
        self.say(problem.about(self.file, &[]));
    }

    /// A mapping with no other keys than `known`.
    pub(crate) fn fields<'n>(
        &self,
        node: &'n Node,
        what: &str,
        known: &[&str],
    ) -> Option<Fields<'n>> {
        if !matches!(node.kind, Kind::Map(_) | Kind::Absent) {
            self.wrong_kind(node, what, "a map");
            return None;
        }
        let mut strangers = false;
        for entry in node.entries() {
            if !known.contains(&entry.key.value.as_str()) {
                self.unknown(&entry.key, what, known);
                strangers = true;
            }
        }
        Some(Fields {
            entries: node.entries(),
            span: node.span,
            strangers,
        })
    }

    pub(crate) fn unknown(&self, key: &Spot<String>, what: &str, known: &[&str]) {
        self.say(
            self.mistake(
                key.span,
                format!("{what} has no `{}`", key.value),
                "not a key of this",
            )
            .maybe_help(suggestion(&key.value, known)),
        );
    }

    pub(crate) fn wrong_kind(&self, node: &Node, what: &str, wanted: &str) {
        self.error(
            node.span,
            format!("{what} must be {wanted}"),
            format!("this is {}", node.describe()),
        );
    }

    /// The tree with its variables filled in; `None` after a complaint.
    pub(crate) fn resolved(&self, node: &Node) -> Option<Node> {
        self.vars
            .resolve(self.file, node)
            .map_err(|problem| self.problem(&problem))
            .ok()
    }

    /// A key of a map of the user's own names.
    pub(crate) fn key(&self, key: &Spot<String>) -> Option<Spot<String>> {
        self.vars
            .fill(self.file, &key.value, key.span)
            .map_err(|problem| self.problem(&problem))
            .ok()
            .map(|text| Spot::new(text, key.span))
    }

    /// Text with its variables filled in; absent stays absent without a word.
    pub(crate) fn text(&self, node: &Node, what: &str) -> Option<Spot<String>> {
        let node = self.resolved(node)?;
        let span = node.span;
        match node.kind {
            Kind::Text { text, .. } => Some(Spot::new(text, span)),
            Kind::Absent => None,
            _ => {
                self.wrong_kind(&node, what, "text");
                None
            }
        }
    }

    /// One text, or a list of them.
    pub(crate) fn texts(&self, node: &Node, what: &str) -> Vec<Spot<String>> {
        match self.resolved(node) {
            Some(Node {
                kind: Kind::List(items),
                ..
            }) => items
                .iter()
                .filter_map(|item| self.plain_text(item, what))
                .collect(),
            Some(node) => self.plain_text(&node, what).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// Text of a tree that is filled in already.
    pub(crate) fn plain_text(&self, node: &Node, what: &str) -> Option<Spot<String>> {
        match &node.kind {
            Kind::Text { text, .. } => Some(Spot::new(text.clone(), node.span)),
            Kind::Absent => None,
            _ => {
                self.wrong_kind(node, what, "text");
                None
            }
        }
    }

    /// A map from the user's names to text.
    pub(crate) fn text_map(&self, node: &Node, what: &str) -> Vec<(Spot<String>, Spot<String>)> {
        let each = format!("a value of {what}");
        self.entries(node, what)
            .iter()
            .filter_map(|entry| Some((self.key(&entry.key)?, self.text(&entry.value, &each)?)))
            .collect()
    }

    /// The entries of a map of the user's own names.
    pub(crate) fn entries<'n>(&self, node: &'n Node, what: &str) -> &'n [Entry] {
        if !matches!(node.kind, Kind::Map(_) | Kind::Absent) {
            self.wrong_kind(node, what, "a map");
        }
        node.entries()
    }

    /// Whether it is a map; complains otherwise.
    pub(crate) fn fields_are_a_map(&self, node: &Node, what: &str) -> Option<()> {
        if matches!(node.kind, Kind::Map(_)) {
            return Some(());
        }
        self.wrong_kind(node, what, "a map");
        None
    }

    /// The items of a list.
    pub(crate) fn items<'n>(&self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.kind {
            Kind::List(items) => items,
            Kind::Absent => &[],
            _ => {
                self.wrong_kind(node, what, "a list");
                &[]
            }
        }
    }

    pub(crate) fn number(&self, node: &Node, what: &str) -> Option<Spot<u64>> {
        let text = self.text(node, what)?;
        match text.value.parse() {
            Ok(number) => Some(Spot::new(number, text.span)),
            Err(_) => {
                self.error(
                    text.span,
                    format!("{what} must be a whole number"),
                    format!("`{}` is not", text.value),
                );
                None
            }
        }
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, node: &Node, what: &str) -> bool {
        match self.text(node, what) {
            Some(text) if text.value == "true" => true,
            Some(text) if text.value == "false" => false,
            Some(text) => {
                self.error(
                    text.span,
                    format!("{what} must be `true` or `false`"),
                    format!("`{}` is neither", text.value),
                );
                false
            }
            None => false,
        }
    }

    /// One word of a closed list.
    pub(crate) fn word<T: Copy>(
        &self,
        node: &Node,
        what: &str,
        known: &[(&str, T)],
    ) -> Option<Spot<T>> {
        let text = self.text(node, what)?;
        self.one_of(&text, what, known)
    }

    pub(crate) fn one_of<T: Copy>(
        &self,
        text: &Spot<String>,
        what: &str,
        known: &[(&str, T)],
    ) -> Option<Spot<T>> {
        if let Some((_, value)) = known.iter().find(|(word, _)| *word == text.value) {
            return Some(Spot::new(*value, text.span));
        }
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        self.say(
            self.mistake(
                text.span,
                format!("{what} cannot be `{}`", text.value),
                "not a word for this",
            )
            .maybe_help(suggestion(&text.value, &words)),
        );
        None
    }
}

/// The keys of one mapping.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'n> {
    entries: &'n [Entry],
    pub(crate) span: Span,
    /// Whether it has a key that is not known: then nothing is said about what seems to be missing.
    pub(crate) strangers: bool,
}

impl<'n> Fields<'n> {
    /// The value of a key; `~` is no value.
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry(key)
            .map(|entry| &entry.value)
            .filter(|value| !value.is_absent())
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|entry| entry.key.value == key)
    }
}
