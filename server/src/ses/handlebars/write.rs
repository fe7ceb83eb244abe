//! A part and data become a text.

use super::{Block, Kind, Node, Part, Path, Start, Unwritten};
use serde_json::Value;
use std::borrow::Cow;

/// Bytes of a rendered part: SES sends no larger message unless it is asked to.
/// Source: Amazon SES Developer Guide, "Service quotas in Amazon SES".
const LARGEST: usize = 10 * 1024 * 1024;
/// Nodes that are written at most: loops within loops over nothing much write nothing, for ever.
const LONGEST: usize = 1_000_000;
/// Blocks and partials within each other.
const DEEPEST: usize = 100;

impl Part {
    /// Writes the part with `data`.
    pub(crate) fn write(&self, data: &Value) -> Result<String, Unwritten> {
        let mut writer = Writer {
            part: self,
            out: String::new(),
            left: LONGEST,
            depth: 0,
        };
        let root = Frame {
            value: data,
            outer: None,
            turn: None,
            names: &[],
        };
        writer.nodes(&self.nodes, &root)?;
        Ok(writer.out)
    }
}

struct Writer<'p> {
    part: &'p Part,
    out: String,
    left: usize,
    depth: usize,
}

/// What names are looked up in.
#[derive(Clone, Copy)]
struct Frame<'f> {
    value: &'f Value,
    outer: Option<&'f Frame<'f>>,
    turn: Option<&'f Turn<'f>>,
    /// The names that the block gave to the value and to its key.
    names: &'f [String],
}

/// One turn of an `each`.
struct Turn<'f> {
    key: Key<'f>,
    is_first: bool,
    is_last: bool,
}

enum Key<'f> {
    Index(usize),
    Name(&'f str),
}

impl Turn<'_> {
    fn fact(&self, name: &str) -> Option<Value> {
        match (name, &self.key) {
            ("index", Key::Index(at)) | ("key", Key::Index(at)) => Some(Value::from(*at)),
            ("key", Key::Name(name)) => Some(Value::from(*name)),
            ("first", _) => Some(Value::from(self.is_first)),
            ("last", _) => Some(Value::from(self.is_last)),
            _ => None,
        }
    }
}

impl<'f> Frame<'f> {
    /// The frame of the context around this one.
    fn up(&'f self, count: usize) -> Option<&'f Self> {
        match count {
            0 => Some(self),
            _ => self.outer?.up(count - 1),
        }
    }

    fn root(&'f self) -> &'f Value {
        self.outer.map_or(self.value, Self::root)
    }

    /// What a block around here calls `name`.
    fn named(&'f self, name: &str) -> Option<Cow<'f, Value>> {
        match self.names {
            [value, ..] if value == name => Some(Cow::Borrowed(self.value)),
            [_, key] if key == name => Some(Cow::Owned(self.turn?.fact("key")?)),
            _ => self.outer?.named(name),
        }
    }

    /// A fact of the loop around here.
    fn fact(&'f self, name: &str) -> Option<Value> {
        match self.turn {
            Some(turn) => turn.fact(name),
            None => self.outer?.fact(name),
        }
    }

    fn find(&'f self, path: &Path) -> Option<Cow<'f, Value>> {
        let mut steps = path.steps.iter();
        let begin = match path.start {
            Start::Root => Cow::Borrowed(self.root()),
            Start::Loop => Cow::Owned(self.up(path.up)?.fact(steps.next()?)?),
            Start::Context => Cow::Borrowed(self.up(path.up)?.value),
            Start::Name => match path.steps.first().and_then(|name| self.named(name)) {
                Some(named) => {
                    steps.next();
                    named
                }
                None => Cow::Borrowed(self.value),
            },
        };
        let found = steps.try_fold(begin, |value, step| match value {
            Cow::Borrowed(value) => inner(value, step).map(Cow::Borrowed),
            Cow::Owned(_) => None,
        })?;
        (!found.is_null()).then_some(found)
    }
}

fn inner<'v>(value: &'v Value, step: &str) -> Option<&'v Value> {
    match value {
        Value::Object(members) => members.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    }
}

/// What `if` takes for no.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(_) => false,
    }
}

impl<'p> Writer<'p> {
    fn nodes(&mut self, nodes: &'p [Node], frame: &Frame<'_>) -> Result<(), Unwritten> {
        if self.depth >= DEEPEST {
            return Err(Unwritten::TooDeep);
        }
        self.depth += 1;
        for node in nodes {
            self.step()?;
            match node {
                Node::Text(text) => self.text(text)?,
                Node::Value(path) => self.value(path, frame)?,
                Node::Block(block) => self.block(block, frame)?,
                Node::Partial(name, context) => self.partial(name, context.as_ref(), frame)?,
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn step(&mut self) -> Result<(), Unwritten> {
        self.left = self.left.checked_sub(1).ok_or(Unwritten::TooLarge)?;
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Unwritten> {
        if self.out.len() + text.len() > LARGEST {
            return Err(Unwritten::TooLarge);
        }
        self.out.push_str(text);
        Ok(())
    }

    /// Lists and objects are written as JSON: rolecall's choice.
    fn value(&mut self, path: &Path, frame: &Frame<'_>) -> Result<(), Unwritten> {
        let missing = || Unwritten::Missing(path.text.clone());
        match frame.find(path).ok_or_else(missing)?.as_ref() {
            Value::String(text) => self.text(text),
            other => self.text(&other.to_string()),
        }
    }

    fn block(&mut self, block: &'p Block, frame: &Frame<'_>) -> Result<(), Unwritten> {
        let found = frame.find(&block.subject);
        let Some(value) = found.filter(|value| !is_empty(value)) else {
            let nodes = match block.kind {
                Kind::Unless => &block.main,
                _ => &block.other,
            };
            return self.nodes(nodes, frame);
        };
        match (block.kind, &*value) {
            (Kind::If, _) | (Kind::Section, Value::Bool(_)) => self.nodes(&block.main, frame),
            (Kind::Unless, _) => self.nodes(&block.other, frame),
            (Kind::Each | Kind::Section, Value::Array(items)) => {
                let keys = (0..items.len()).map(Key::Index);
                self.each(block, keys.zip(items), items.len(), frame)
            }
            (Kind::Each, Value::Object(members)) => {
                let entries = members.iter().map(|(name, it)| (Key::Name(name), it));
                self.each(block, entries, members.len(), frame)
            }
            (Kind::Each, _) => self.nodes(&block.other, frame),
            (Kind::With | Kind::Section, value) => {
                let within = Frame {
                    value,
                    outer: Some(frame),
                    turn: None,
                    names: &block.names,
                };
                self.nodes(&block.main, &within)
            }
        }
    }

    fn each<'v>(
        &mut self,
        block: &'p Block,
        entries: impl Iterator<Item = (Key<'v>, &'v Value)>,
        count: usize,
        frame: &Frame<'_>,
    ) -> Result<(), Unwritten> {
        if count == 0 {
            return self.nodes(&block.other, frame);
        }
        for (at, (key, value)) in entries.enumerate() {
            self.step()?;
            let turn = Turn {
                key,
                is_first: at == 0,
                is_last: at + 1 == count,
            };
            let within = Frame {
                value,
                outer: Some(frame),
                turn: Some(&turn),
                names: &block.names,
            };
            self.nodes(&block.main, &within)?;
        }
        Ok(())
    }

    fn partial(
        &mut self,
        name: &str,
        context: Option<&Path>,
        frame: &Frame<'_>,
    ) -> Result<(), Unwritten> {
        // Parsing held that it is there.
        let nodes = self.part.inline.get(name).map_or(&[][..], Vec::as_slice);
        let Some(path) = context else {
            return self.nodes(nodes, frame);
        };
        let missing = || Unwritten::Missing(path.text.clone());
        let value = frame.find(path).ok_or_else(missing)?;
        let within = Frame {
            value: &value,
            outer: Some(frame),
            turn: None,
            names: &[],
        };
        self.nodes(nodes, &within)
    }
}
