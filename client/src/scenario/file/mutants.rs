//! `mutants:`, the negative twins. They are read, so that a mistake in them is seen, and not yet run.

use super::node::{Kind, Node};
use super::reader::Reader;
use super::step::Step;
use crate::diagnostic::{Span, Spot, suggestion};

/// Negative twins: each breaks a policy, and a step must notice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mutants {
    /// Whether to make them up.
    pub auto: bool,
    /// Those written down.
    pub written: Vec<Mutant>,
    /// Where they stand.
    pub span: Span,
}

impl Mutants {
    /// Whether there are any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.auto && self.written.is_empty()
    }
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// What is broken.
    pub change: Change,
    /// The name of the step that must notice.
    pub breaks: Spot<String>,
    /// Where it stands.
    pub span: Span,
}

/// What is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The part at this path is dropped.
    Drop(Spot<String>),
    /// The parts at these paths get these values.
    Set(Vec<(Spot<String>, Spot<String>)>),
}

pub(crate) fn read(reader: &Reader<'_>, node: &Node, steps: &[Step]) -> Mutants {
    let mut out = Mutants {
        span: node.span,
        ..Mutants::default()
    };
    match &node.kind {
        Kind::Map(_) => {
            if let Some(fields) = reader.fields(node, "`mutants`", &["auto"]) {
                out.auto = fields
                    .get("auto")
                    .is_some_and(|node| reader.flag(node, "`auto`"));
            }
        }
        _ => {
            let items = reader.items(node, "`mutants`").iter();
            out.written = items
                .filter_map(|item| mutant(reader, item, steps))
                .collect();
        }
    }
    out
}

fn mutant(reader: &Reader<'_>, node: &Node, steps: &[Step]) -> Option<Mutant> {
    let fields = reader.fields(node, "a mutant", &["drop", "set", "breaks"])?;
    let change = match (fields.get("drop"), fields.get("set")) {
        (Some(drop), None) => Change::Drop(reader.text(drop, "`drop`")?),
        (None, Some(set)) => Change::Set(reader.text_map(set, "`set`")),
        _ => {
            reader.error(
                fields.span,
                "a mutant has either `drop` or `set`",
                "one of the two",
            );
            return None;
        }
    };
    let Some(breaks) = fields
        .get("breaks")
        .and_then(|node| reader.text(node, "`breaks`"))
    else {
        reader.error(
            fields.span,
            "a mutant needs `breaks`, the name of a step",
            "has none",
        );
        return None;
    };
    let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
    if !names.contains(&breaks.value.as_str()) {
        reader.say(
            reader
                .mistake(
                    breaks.span,
                    format!("there is no step `{}`", breaks.value),
                    "the name of a step",
                )
                .maybe_help(suggestion(&breaks.value, &names)),
        );
    }
    Some(Mutant {
        change,
        breaks,
        span: fields.span,
    })
}
