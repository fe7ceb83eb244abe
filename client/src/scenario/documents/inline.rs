//! Documents written inline in a scenario.

use std::fmt::Write as _;

use super::Piece;
use crate::diagnostic::Span;
use crate::scenario::file::node::{Kind, Node};
use crate::scenario::json_text;

/// An inline document as JSON text. Scalars are text as written, which is what IAM reads in every
/// place of a policy (`"true"`, `"5"`).
pub(super) fn render(node: &Node, out: &mut String, marks: &mut Vec<Piece>) {
    let mut mark = |out: &mut String, text: &str, span: Span| {
        let start = out.len();
        let _ = write!(out, "\"{}\"", json_text::escaped(text));
        marks.push(Piece {
            sent: start..out.len(),
            original: span.range(),
            verbatim: false,
        });
    };
    match &node.kind {
        Kind::Absent => out.push_str("null"),
        Kind::Text { text, .. } => mark(out, text, node.span),
        Kind::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                render(item, out, marks);
            }
            out.push(']');
        }
        Kind::Map(entries) => {
            out.push('{');
            for (i, entry) in entries.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                let start = out.len();
                let _ = write!(out, "\"{}\"", json_text::escaped(&entry.key.value));
                marks.push(Piece {
                    sent: start..out.len(),
                    original: entry.key.span.range(),
                    verbatim: false,
                });
                out.push(':');
                render(&entry.value, out, marks);
            }
            out.push('}');
        }
    }
}
