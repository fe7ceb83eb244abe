//! From one step to its cases: a table has one for each row, a list one for each value, and lists
//! of several variables multiply.

use super::expect::{DETAILS, Decision, Said};
use super::node::{Entry, Kind, Node};
use super::reader::{Fields, Reader};
use crate::diagnostic::{Span, Spot, suggestion};
use crate::scenario::vars::{Origin, Var, is_name, names_in};

/// More cases than this in one step are hardly meant.
const MOST_CASES: usize = 10_000;

/// Keys of a step that a table may have as columns, besides the details of the expectation.
pub(crate) const STEP_COLUMNS: [&str; 10] = [
    "as", "call", "with", "check", "resource", "context", "export", "import", "aws", "expect",
];

/// What one case adds to its step.
#[derive(Clone, Default)]
pub(crate) struct Raw<'n> {
    /// The number of the row or value, from 0; `None` for a step that is one case.
    pub(crate) row: Option<usize>,
    /// The variables of the case.
    pub(crate) vars: Vec<Var>,
    /// Keys of the step that the row sets; `~` takes a key away.
    pub(crate) keys: Vec<(&'static str, &'n Node)>,
    /// What was said about the outcome.
    pub(crate) said: Said<'n>,
    /// The row, or the value, or the whole step.
    pub(crate) span: Span,
}

/// The cases of a step.
pub(crate) fn expand<'n>(reader: &Reader<'_>, step: Fields<'n>) -> Vec<Raw<'n>> {
    let expect = step.get("expect");
    let lists: Vec<(Decision, &Entry)> = [Decision::Allowed, Decision::Denied]
        .into_iter()
        .filter_map(|decision| Some((decision, step.entry(decision.word())?)))
        .collect();
    if let (Some(table), [(_, list), ..]) = (step.entry("table"), lists.as_slice()) {
        reader.say(
            reader
                .mistake(
                    list.key.span,
                    "a step has a table or lists, not both",
                    "a list",
                )
                .also(reader.file, table.key.span, "a table"),
        );
        return Vec::new();
    }
    if let (Some(expect), [_, _, ..]) = (expect, lists.as_slice())
        && step.get("expect").is_some()
    {
        reader.say(
            reader
                .mistake(
                    expect.span,
                    "`expect` beside both `allowed` and `denied` is not clear",
                    "for which of them?",
                )
                .help("split the step in two"),
        );
        return Vec::new();
    }
    let cases = match step.get("table") {
        Some(table) => rows(reader, step, table, expect),
        None if lists.is_empty() => vec![Raw {
            said: Said {
                expect,
                ..Said::default()
            },
            span: step.span,
            ..Raw::default()
        }],
        None => lists
            .into_iter()
            .flat_map(|(decision, entry)| listed(reader, step, decision, entry, expect))
            .collect(),
    };
    numbered(cases)
}

fn numbered(mut cases: Vec<Raw<'_>>) -> Vec<Raw<'_>> {
    let several = cases.iter().any(|case| case.row.is_some());
    for (i, case) in cases.iter_mut().enumerate() {
        case.row = several.then_some(i);
    }
    cases
}

/// `allowed: { a: [1, 2], b: [3] }`: every a with every b.
fn listed<'n>(
    reader: &Reader<'_>,
    step: Fields<'n>,
    decision: Decision,
    entry: &'n Entry,
    expect: Option<&'n Node>,
) -> Vec<Raw<'n>> {
    let what = format!("`{}`", decision.word());
    if !matches!(entry.value.kind, Kind::Map(_)) {
        reader.say(
            reader
                .mistake(
                    entry.value.span,
                    format!("{what} is a map from a variable to its values"),
                    format!("this is {}", entry.value.describe()),
                )
                .help(format!(
                    "{}: {{ key: [a, b] }}, and `$key` in the step",
                    decision.word()
                )),
        );
        return Vec::new();
    }
    let said = Said {
        expect,
        list: Some((decision, entry.key.span)),
        ..Said::default()
    };
    let mut cases = vec![Raw {
        row: Some(0),
        said,
        span: entry.key.span,
        ..Raw::default()
    }];
    for Entry { key, value } in entry.value.entries() {
        used(reader, step, key);
        let values = match &value.kind {
            Kind::List(items) if items.is_empty() => {
                reader.error(
                    value.span,
                    format!("`{}` has no values", key.value),
                    "an empty list tests nothing",
                );
                return Vec::new();
            }
            Kind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(value),
        };
        if cases.len().saturating_mul(values.len()) > MOST_CASES {
            reader.error(
                entry.key.span,
                format!("more than {MOST_CASES} cases in one step"),
                "these lists multiply",
            );
            return Vec::new();
        }
        cases = cases
            .iter()
            .flat_map(|case| {
                values.iter().filter_map(move |value| {
                    let mut case = case.clone();
                    case.vars.push(bind(reader, &key.value, value)?);
                    case.span = value.span;
                    Some(case)
                })
            })
            .collect();
    }
    cases
}

/// The rows of a table; the first one names the columns.
fn rows<'n>(
    reader: &Reader<'_>,
    step: Fields<'n>,
    table: &'n Node,
    expect: Option<&'n Node>,
) -> Vec<Raw<'n>> {
    let items = reader.items(table, "`table`");
    let Some((head, rows)) = items.split_first() else {
        reader.error(
            table.span,
            "the table is empty",
            "the first row names the columns",
        );
        return Vec::new();
    };
    let mut columns: Vec<Spot<String>> = Vec::new();
    for cell in reader.items(head, "the first row of a table") {
        let Some(name) = reader.plain_text(cell, "the name of a column") else {
            return Vec::new();
        };
        if let Some(first) = columns
            .iter()
            .find(|other| other.value == name.value && name.value != "_")
        {
            reader.say(
                reader
                    .mistake(
                        name.span,
                        format!("the column `{}` comes twice", name.value),
                        "again here",
                    )
                    .also(reader.file, first.span, "first here"),
            );
        }
        match name.value.as_str() {
            "_" => {}
            name if STEP_COLUMNS.contains(&name) || DETAILS.contains(&name) => {}
            _ => used(reader, step, &name),
        }
        columns.push(name);
    }
    if rows.is_empty() {
        reader.error(
            table.span,
            "the table has no rows",
            "only the names of the columns",
        );
    }
    rows.iter()
        .filter_map(|row| one_row(reader, &columns, row, expect))
        .collect()
}

fn one_row<'n>(
    reader: &Reader<'_>,
    columns: &[Spot<String>],
    row: &'n Node,
    expect: Option<&'n Node>,
) -> Option<Raw<'n>> {
    let cells = reader.items(row, "a row of a table");
    if cells.len() != columns.len() {
        reader.error(
            row.span,
            format!(
                "this row has {} cells, the table has {} columns",
                cells.len(),
                columns.len()
            ),
            if cells.len() < columns.len() {
                "too few"
            } else {
                "too many"
            },
        );
        return None;
    }
    let mut case = Raw {
        row: Some(0),
        span: row.span,
        said: Said {
            expect,
            ..Said::default()
        },
        ..Raw::default()
    };
    for (column, cell) in columns.iter().zip(cells) {
        let name = column.value.as_str();
        let detail = DETAILS.iter().position(|known| *known == name);
        let key = STEP_COLUMNS.into_iter().find(|known| *known == name);
        match (name, detail, key) {
            ("_", ..) => {}
            ("expect", ..) => case.said.expect = Some(cell),
            (_, Some(at), _) => {
                if let Some(slot) = case.said.columns.get_mut(at) {
                    *slot = Some(cell);
                }
            }
            (_, _, Some(key)) => case.keys.push((key, cell)),
            _ => case.vars.push(bind(reader, name, cell)?),
        }
    }
    Some(case)
}

/// A cell may itself use the scenario's variables.
fn bind(reader: &Reader<'_>, name: &str, cell: &Node) -> Option<Var> {
    Some(Var {
        name: name.to_owned(),
        value: reader.resolved(cell)?,
        origin: Origin::Row,
        span: cell.span,
    })
}

/// A column or list that the step never uses is a mistake, usually a misspelt name.
fn used(reader: &Reader<'_>, step: Fields<'_>, column: &Spot<String>) {
    if !is_name(&column.value) {
        reader.error(
            column.span,
            format!("`{}` cannot be the name of a variable", column.value),
            "letters, digits and `_`, not a digit first",
        );
        return;
    }
    let mut names = Vec::new();
    for key in super::step::TEMPLATED {
        if let Some(node) = step.get(key) {
            names_in(node, &mut names);
        }
    }
    // A row may set `with:`, and that may use the other columns.
    if let Some(table) = step.get("table") {
        let own: Vec<&Node> = match &table.kind {
            Kind::List(rows) => rows.iter().skip(1).collect(),
            _ => Vec::new(),
        };
        for row in own {
            names_in(row, &mut names);
        }
    }
    if names.contains(&column.value) {
        return;
    }
    let mut known: Vec<&str> = STEP_COLUMNS.into_iter().chain(DETAILS).collect();
    known.extend(names.iter().map(String::as_str));
    let near = crate::diagnostic::nearest(&column.value, known.iter().copied());
    reader.say(
        reader
            .mistake(
                column.span,
                format!("the step never uses `${}`", column.value),
                "no use for it",
            )
            .maybe_help(near.and_then(|near| suggestion(&column.value, &[near])))
            .help("a column that is only for the reader is called `_`"),
    );
}
