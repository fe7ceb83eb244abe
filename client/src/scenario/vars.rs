//! Variables: `$name` in any string of a scenario.
//!
//! A value given with `--var` wins over `ROLECALL_VAR_name`, that over a `--vars` file, and that
//! over the scenario's own `vars:`; a row of a table or a list of cases binds names for its case
//! and wins over all of them. Policy documents are never touched.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::file::node::{Entry, Kind, Node};
use crate::diagnostic::{Diagnostic, SourceFile, Span, Spot, nearest};

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `--var name=value`.
    Flag,
    /// `ROLECALL_VAR_name`.
    Environment,
    /// A file given with `--vars`.
    File,
    /// The scenario's own `vars:`.
    Scenario,
    /// A table row, or a value of an `allowed:` or `denied:` list.
    Row,
}

impl Origin {
    /// "from --var" and so on, for a line such as "$folder = exports, from --var".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Origin::Flag => "from --var",
            Origin::Environment => "from the environment",
            Origin::File => "from the --vars file",
            Origin::Scenario => "from vars",
            Origin::Row => "from this case",
        }
    }
}

/// A name and what it stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Var {
    /// The name, without the dollar.
    pub name: String,
    /// The value: `Absent` makes the key that holds `$name` absent.
    pub value: Node,
    /// Where the value came from.
    pub origin: Origin,
    /// Where the scenario names it; empty when it does not.
    pub span: Span,
}

impl Var {
    /// The value as text; `None` when it is absent, or more than text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value.kind {
            Kind::Text { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// Values given from outside the scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--var name=value`.
    pub flags: BTreeMap<String, String>,
    /// `ROLECALL_VAR_name`, by name.
    pub environment: BTreeMap<String, String>,
    /// The `--vars` file.
    pub file: BTreeMap<String, String>,
}

impl Overrides {
    /// Takes every `ROLECALL_VAR_name` out of an environment.
    #[must_use]
    pub fn with_environment(mut self, all: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment = all
            .into_iter()
            .filter_map(|(key, value)| Some((key.strip_prefix("ROLECALL_VAR_")?.to_owned(), value)))
            .collect();
        self
    }

    /// Reads a `--vars` file: one YAML (or JSON) map from name to text.
    ///
    /// # Errors
    /// The file is not such a map.
    pub fn with_file(mut self, file: &Arc<SourceFile>) -> Result<Self, Box<Diagnostic>> {
        let root = super::file::node::parse(file)?;
        if !matches!(root.kind, Kind::Map(_) | Kind::Absent) {
            return Err(Box::new(
                Diagnostic::error("a vars file is a map from name to text").at(
                    file,
                    root.span,
                    format!("this is {}", root.describe()),
                ),
            ));
        }
        for entry in root.entries() {
            let Kind::Text { text, .. } = &entry.value.kind else {
                return Err(Box::new(
                    Diagnostic::error(format!("the value of `{}` must be text", entry.key.value))
                        .at(
                            file,
                            entry.value.span,
                            format!("this is {}", entry.value.describe()),
                        ),
                ));
            };
            self.file.insert(entry.key.value.clone(), text.clone());
        }
        Ok(self)
    }

    fn get(&self, name: &str) -> Option<(&str, Origin)> {
        [
            (&self.flags, Origin::Flag),
            (&self.environment, Origin::Environment),
            (&self.file, Origin::File),
        ]
        .into_iter()
        .find_map(|(map, origin)| Some((map.get(name)?.as_str(), origin)))
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        self.flags
            .keys()
            .chain(self.environment.keys())
            .chain(self.file.keys())
    }
}

/// The variables that can be seen from some place of a scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vars {
    all: Vec<Var>,
}

impl Vars {
    /// The scenario's `vars:` (if any) under the values given from outside.
    pub(crate) fn read(
        file: &Arc<SourceFile>,
        node: Option<&Node>,
        overrides: &Overrides,
        said: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut vars = Self::default();
        let entries = node.map(Node::entries).unwrap_or_default();
        if let Some(node) = node
            && !matches!(node.kind, Kind::Map(_) | Kind::Absent)
        {
            said.push(
                Diagnostic::error("`vars` must be a map from name to text").at(
                    file,
                    node.span,
                    format!("this is {}", node.describe()),
                ),
            );
        }
        for Entry { key, value } in entries {
            if !is_name(&key.value) {
                said.push(
                    Diagnostic::error(format!("`{}` cannot be the name of a variable", key.value))
                        .at(file, key.span, "letters, digits and `_`, not a digit first"),
                );
            }
            if !matches!(value.kind, Kind::Text { .. }) {
                said.push(
                    Diagnostic::error(format!("the value of `${}` must be text", key.value)).at(
                        file,
                        value.span,
                        format!("this is {}", value.describe()),
                    ),
                );
                continue;
            }
            let (value, origin) = match overrides.get(&key.value) {
                Some((text, origin)) => (text_node(text, value.span), origin),
                None => {
                    let later = entries
                        .iter()
                        .filter(|entry| entry.key.span.start >= key.span.start);
                    let later: Vec<&str> = later.map(|entry| entry.key.value.as_str()).collect();
                    match vars.resolve(file, value) {
                        Ok(value) => (value, Origin::Scenario),
                        Err(problem) => {
                            said.push(problem.about(file, &later));
                            (value.clone(), Origin::Scenario)
                        }
                    }
                }
            };
            vars.all.push(Var {
                name: key.value.clone(),
                value,
                origin,
                span: key.span,
            });
        }
        // A name that only the outside knows may be used too.
        for name in overrides.names() {
            if vars.get(name).is_none()
                && let Some((text, origin)) = overrides.get(name)
            {
                vars.all.push(Var {
                    name: name.clone(),
                    value: text_node(text, Span::default()),
                    origin,
                    span: Span::default(),
                });
            }
        }
        vars
    }

    /// These, with a case's own names in front of them.
    #[must_use]
    pub fn with_row(&self, row: Vec<Var>) -> Self {
        let mut all = row;
        all.extend(self.all.iter().cloned());
        Self { all }
    }

    /// What a name stands for.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Var> {
        self.all.iter().find(|var| var.name == name)
    }

    /// All of them, the nearest first.
    pub fn iter(&self) -> impl Iterator<Item = &Var> {
        self.all.iter()
    }

    /// A copy of `node` with every `$name` replaced, keys included.
    pub(crate) fn resolve(&self, file: &Arc<SourceFile>, node: &Node) -> Result<Node, Problem> {
        let kind = match &node.kind {
            Kind::Absent => Kind::Absent,
            Kind::Text { text, plain } => match self.whole(text) {
                Some(var) => var.value.kind.clone(),
                None => Kind::Text {
                    text: self.fill(file, text, node.span)?,
                    plain: *plain,
                },
            },
            Kind::List(items) => Kind::List(
                items
                    .iter()
                    .map(|item| self.resolve(file, item))
                    .collect::<Result<_, _>>()?,
            ),
            Kind::Map(entries) => Kind::Map(
                entries
                    .iter()
                    .map(|Entry { key, value }| {
                        Ok(Entry {
                            key: Spot::new(self.fill(file, &key.value, key.span)?, key.span),
                            value: self.resolve(file, value)?,
                        })
                    })
                    .collect::<Result<_, Problem>>()?,
            ),
        };
        Ok(Node {
            span: node.span,
            kind,
        })
    }

    /// `text` with every `$name` replaced; `$$` is a dollar.
    pub(crate) fn fill(
        &self,
        file: &Arc<SourceFile>,
        text: &str,
        span: Span,
    ) -> Result<String, Problem> {
        if !text.contains('$') {
            return Ok(text.to_owned());
        }
        let mut out = String::with_capacity(text.len() + 16);
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Name(name) => match self.get(name) {
                    Some(var) => match var.text() {
                        Some(value) => out.push_str(value),
                        None => {
                            return Err(Problem {
                                name: name.to_owned(),
                                at: find(file, span, name),
                                kind: if var.value.is_absent() {
                                    ProblemKind::Absent
                                } else {
                                    ProblemKind::NotText
                                },
                            });
                        }
                    },
                    None => {
                        let near = nearest(name, self.all.iter().map(|var| var.name.as_str()));
                        return Err(Problem {
                            name: name.to_owned(),
                            at: find(file, span, name),
                            kind: ProblemKind::Unknown(near.map(str::to_owned)),
                        });
                    }
                },
                Piece::Braces(name) => {
                    return Err(Problem {
                        name: name.to_owned(),
                        at: find_text(file, span, "${"),
                        kind: ProblemKind::Braces,
                    });
                }
                Piece::Dollar => {
                    return Err(Problem {
                        name: String::new(),
                        at: find_text(file, span, "$"),
                        kind: ProblemKind::Dollar,
                    });
                }
            }
        }
        Ok(out)
    }

    /// A string that is nothing but `$name` takes over the value, whatever it is.
    fn whole(&self, text: &str) -> Option<&Var> {
        let name = text.strip_prefix('$')?;
        if !is_name(name) {
            return None;
        }
        self.get(name)
    }
}

/// Why a string could not be filled in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    name: String,
    at: Span,
    kind: ProblemKind,
}

#[derive(Clone, Debug, PartialEq)]
enum ProblemKind {
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

enum Piece<'t> {
    Text(&'t str),
    Name(&'t str),
    Braces(&'t str),
    Dollar,
}

/// The parts of a string, in order.
fn pieces(text: &str) -> Vec<Piece<'_>> {
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

fn text_node(text: &str, span: Span) -> Node {
    Node {
        span,
        kind: Kind::Text {
            text: text.to_owned(),
            plain: false,
        },
    }
}

/// `$name` as it stands in the file inside `span`; all of `span` when it does not stand there.
fn find(file: &Arc<SourceFile>, span: Span, name: &str) -> Span {
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

fn find_text(file: &Arc<SourceFile>, span: Span, wanted: &str) -> Span {
    file.slice(span).find(wanted).map_or(span, |i| {
        Span::new(span.start + i, span.start + i + wanted.len())
    })
}
