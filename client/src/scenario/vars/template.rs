//! The text with names in it, and what can be wrong with it.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, SourceFile, Span};
use crate::scenario::file::node::{Kind, Node};

/// Why a string could not be filled in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    pub(super) name: String,
    pub(super) at: Span,
    pub(super) kind: ProblemKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum ProblemKind {
    Unknown(Option<String>),
    Absent,
    NotText,
    Braces,
    Dollar,
}

impl Problem {
    /// As a message; `later` are names that are set, but further down.
    pub(crate) fn about(&self, file: &Arc<SourceFile>, later: &[&str]) -> Diagnostic {
        let Problem { name, at, kind } = self;
        match kind {
            ProblemKind::Unknown(_) if later.contains(&name.as_str()) => Diagnostic::error(format!(
                "`${name}` is not set yet"
            ))
            .at(file, *at, "used before it is set")
            .help("a variable may use those above it: change the order"),
            ProblemKind::Unknown(near) => Diagnostic::error(format!("there is no variable `${name}`"))
                .at(file, *at, "not known here")
                .help(match near {
                    Some(near) => format!("did you mean `${near}`?"),
                    None => format!(
                        "set it under `vars:`, or with `--var {name}=...`; a plain dollar is written `$$`"
                    ),
                }),
            ProblemKind::Absent => Diagnostic::error(format!(
                "`${name}` is absent (`~`) in this case, so it cannot be part of a longer text"
            ))
            .at(file, *at, "absent")
            .help("a key whose whole value is absent is left out; inside a text, use \"\""),
            ProblemKind::NotText => {
                Diagnostic::error(format!("`${name}` is more than text, so it cannot be part of one"))
                    .at(file, *at, "a list or a map")
            }
            ProblemKind::Braces => Diagnostic::error("a variable is written without braces")
                .at(file, *at, "braces")
                .help(if is_name(name) {
                    format!("use `${name}`; for the text `${{{name}}}` itself, write `$${{{name}}}`")
                } else {
                    format!("for the text `${{{name}}}` itself, write `$${{{name}}}`")
                }),
            ProblemKind::Dollar => Diagnostic::error("a dollar that begins no name")
                .at(file, *at, "no name follows")
                .help("write `$$` for a plain dollar"),
        }
    }
}

pub(super) enum Piece<'t> {
    Text(&'t str),
    Name(&'t str),
    Braces(&'t str),
    Dollar,
}

/// The parts of a string, in order.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        let (before, after) = rest.split_at(dollar);
        out.push(Piece::Text(before));
        let after = after.get(1..).unwrap_or_default();
        if let Some(next) = after.strip_prefix('$') {
            out.push(Piece::Text("$"));
            rest = next;
        } else if let Some(inner) = after.strip_prefix('{') {
            let (name, next) = inner.split_once('}').unwrap_or((inner, ""));
            out.push(Piece::Braces(name));
            rest = next;
        } else {
            let length = name_length(after);
            let (name, next) = after.split_at(length);
            out.push(if name.is_empty() {
                Piece::Dollar
            } else {
                Piece::Name(name)
            });
            rest = next;
        }
    }
    out.push(Piece::Text(rest));
    out
}

/// The names that a tree uses.
pub(crate) fn names_in(node: &Node, into: &mut Vec<String>) {
    let mut add = |text: &str| {
        into.extend(pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Name(name) => Some(name.to_owned()),
            _ => None,
        }));
    };
    match &node.kind {
        Kind::Absent => {}
        Kind::Text { text, .. } => add(text),
        Kind::List(items) => items.iter().for_each(|item| names_in(item, into)),
        Kind::Map(entries) => {
            for entry in entries {
                names_in(&text_node(&entry.key.value, entry.key.span), into);
                names_in(&entry.value, into);
            }
        }
    }
}

fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len())
}

pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && name_length(text) == text.len()
}

pub(super) fn text_node(text: &str, span: Span) -> Node {
    Node {
        span,
        kind: Kind::Text {
            text: text.to_owned(),
            plain: false,
        },
    }
}

/// `$name` as it stands in the file inside `span`; all of `span` when it does not stand there.
pub(super) fn find(file: &Arc<SourceFile>, span: Span, name: &str) -> Span {
    let slice = file.slice(span);
    let wanted = format!("${name}");
    slice
        .match_indices(&wanted)
        .map(|(i, _)| i)
        .find(|i| {
            let after = slice.get(i + wanted.len()..).unwrap_or_default();
            !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        })
        .map_or(span, |i| {
            Span::new(span.start + i, span.start + i + wanted.len())
        })
}

pub(super) fn find_text(file: &Arc<SourceFile>, span: Span, wanted: &str) -> Span {
    file.slice(span).find(wanted).map_or(span, |i| {
        Span::new(span.start + i, span.start + i + wanted.len())
    })
}
