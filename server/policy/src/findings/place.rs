//! From bytes of a text to the places that AWS reports.

use std::ops::Range;

use super::finding::{Location, PathElement, Position, Span};
use crate::json::{Json, Node};

/// Knows where the lines of a text begin.
pub(crate) struct Places<'t> {
    text: &'t str,
    /// Of each line: its first byte and its first character.
    lines: Vec<(usize, usize)>,
}

impl<'t> Places<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let mut lines = vec![(0, 0)];
        for (offset, (at, character)) in text.char_indices().enumerate() {
            if character == '\n' {
                lines.push((at + 1, offset + 1));
            }
        }
        Self { text, lines }
    }

    pub(crate) fn position(&self, byte: usize) -> Position {
        let line = self
            .lines
            .partition_point(|(start, _)| *start <= byte)
            .saturating_sub(1);
        let (start, before) = self.lines.get(line).copied().unwrap_or_default();
        let column = self
            .text
            .get(start..byte)
            .map_or(0, |rest| rest.chars().count());
        Position {
            line: line + 1,
            column,
            offset: before + column,
        }
    }

    pub(crate) fn location(&self, root: Option<&Node>, bytes: Range<usize>) -> Location {
        Location {
            path: root.map_or_else(Vec::new, |root| path(root, self.text, &bytes)),
            span: Span {
                start: self.position(bytes.start),
                end: self.position(bytes.end),
            },
            bytes,
        }
    }
}

/// The way from the root to the innermost thing that holds a stretch of the text.
fn path(root: &Node, text: &str, bytes: &Range<usize>) -> Vec<PathElement> {
    let mut path = Vec::new();
    let mut node = root;
    let holds = |outer: &Range<usize>| outer.start <= bytes.start && bytes.end <= outer.end;
    loop {
        match &node.value {
            Json::List(list) => {
                let Some(index) = list.iter().position(|element| holds(&element.span)) else {
                    return path;
                };
                let Some(element) = list.get(index) else {
                    return path;
                };
                path.push(PathElement::Index(index));
                node = element;
            }
            Json::Object(members) => {
                if let Some(member) = members.iter().find(|member| holds(&member.name_span)) {
                    path.push(PathElement::Key(member.name.to_string()));
                    return path;
                }
                let Some(member) = members.iter().find(|member| holds(&member.value.span)) else {
                    return path;
                };
                path.push(PathElement::Value(member.name.to_string()));
                node = &member.value;
            }
            Json::Text(_) => {
                let inner = node.inner_span();
                let whole = *bytes == node.span || *bytes == inner;
                if !whole && let Some(part) = substring(text, &inner, bytes) {
                    path.push(part);
                }
                return path;
            }
            _ => return path,
        }
    }
}

/// Counts in characters of the string as decoded; an escape is one.
fn substring(text: &str, inner: &Range<usize>, bytes: &Range<usize>) -> Option<PathElement> {
    let count = |range: Range<usize>| text.get(range).map(decoded_length);
    Some(PathElement::Substring {
        start: count(inner.start..bytes.start)?,
        length: count(bytes.clone())?,
    })
}

fn decoded_length(raw: &str) -> usize {
    let (mut length, mut rest) = (0, raw.chars());
    while let Some(character) = rest.next() {
        if character == '\\' && rest.next() == Some('u') {
            rest.by_ref().take(4).for_each(drop);
        }
        length += 1;
    }
    length
}
