//! Variables: `$name` in any string of a scenario.
//!
//! A value given with `--var` wins over `ROLECALL_VAR_name`, that over a `--vars` file, and that
//! over the scenario's own `vars:`; a row of a table or a list of cases binds names for its case
//! and wins over all of them. Policy documents are never touched.

mod template;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::template::{Piece, ProblemKind, find, find_text, pieces, text_node};
pub(crate) use self::template::{Problem, is_name, names_in};
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
