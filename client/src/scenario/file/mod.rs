//! The grammar of scenario files.

pub mod actor;
pub(crate) mod cases;
pub mod expect;
pub mod given;
pub mod mutants;
pub mod node;
pub mod question;
pub(crate) mod reader;
pub mod step;
pub mod then;

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use self::given::{Given, GivenReader};
use self::mutants::Mutants;
use self::node::{Kind, Node};
use self::question::{PlannedLine, Questions};
use self::reader::{Fields, Reader};
use self::step::Step;
use super::documents::{Document, Loader, Replace};
use super::vars::{Overrides, Vars};
use crate::diagnostic::{Diagnostic, Level, SourceFile, Spot};

/// A scenario as it was read, every variable filled in.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file.
    pub file: Arc<SourceFile>,
    /// One sentence.
    pub name: String,
    /// Prose.
    pub about: Option<String>,
    /// The page it is a test of.
    pub docs: Option<String>,
    /// Tags to choose by.
    pub tags: Vec<String>,
    /// How long one step may take.
    pub timeout: Duration,
    /// The variables that every step sees.
    pub vars: Vars,
    /// The world before the first step.
    pub given: Given,
    /// Pasted lines that come before the first step, run as root.
    pub setup: Vec<PlannedLine>,
    /// The steps.
    pub steps: Vec<Step>,
    /// The negative twins.
    pub mutants: Mutants,
    /// What is worth knowing, though it stops nothing.
    pub notes: Vec<Diagnostic>,
}

const TOP: [&str; 12] = [
    "rolecall", "name", "about", "docs", "tags", "timeout", "files", "vars", "replace", "given",
    "setup", "steps",
];
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads a scenario.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn read(file: &Arc<SourceFile>, overrides: &Overrides) -> Result<Scenario, Vec<Diagnostic>> {
    let root = node::parse(file).map_err(|said| vec![*said])?;
    let mut first = Vec::new();
    let vars = Vars::read(file, root.get("vars"), overrides, &mut first);
    let said = RefCell::new(first);
    let reader = Reader {
        file,
        vars: &vars,
        said: &said,
    };
    let scenario = top(&reader, &root);
    let mut said = said.into_inner();
    said.sort_by_key(|diagnostic| {
        diagnostic
            .primary
            .as_ref()
            .map_or(0, |label| label.span.start)
    });
    let wrong = said
        .iter()
        .any(|diagnostic| diagnostic.level == Level::Error);
    match scenario {
        Some(scenario) if !wrong => Ok(Scenario {
            notes: said,
            ..scenario
        }),
        _ => Err(said),
    }
}

fn top(reader: &Reader<'_>, root: &Node) -> Option<Scenario> {
    if let Some(version) = root.get("rolecall") {
        version_is_one(reader, version)?;
    }
    if let Some(prove) = root
        .entries()
        .iter()
        .find(|entry| entry.key.value == "prove")
    {
        reader.say(
            reader
                .mistake(prove.key.span, "`prove` is a step", "not here")
                .help("steps:\n  - prove: { action: s3:PutObject, by: role/NAME, within: \"arn:aws:s3:::bucket/prefix/*\" }"),
        );
        return None;
    }
    let mut known = TOP.to_vec();
    known.push("mutants");
    let fields = reader.fields(root, "a scenario", &known)?;
    if fields.entry("rolecall").is_none() {
        reader.say(
            reader
                .mistake(
                    root.span,
                    "this is not a scenario of this version",
                    "no `rolecall: 1`",
                )
                .help("begin the file with `rolecall: 1`"),
        );
        return None;
    }
    let text = |key: &str| {
        fields
            .get(key)
            .and_then(|node| reader.text(node, &format!("`{key}`")))
    };
    let words = fields
        .get("replace")
        .map(|node| reader.text_map(node, "`replace`"));
    let files = text("files").map(|text| text.value);
    let loader = Loader::new(
        reader.file,
        files.as_deref(),
        Replace::new(words.unwrap_or_default()),
    );
    let given = fields.get("given").map(|node| {
        GivenReader {
            reader: reader.with_vars(reader.vars),
            loader: &loader,
        }
        .given(node)
    });
    let questions = Questions {
        reader,
        loader: &loader,
    };
    let setup = fields
        .get("setup")
        .map(|node| reader.texts(node, "a line of `setup`"));
    let setup = setup
        .unwrap_or_default()
        .iter()
        .filter_map(|text| questions.line(text))
        .collect();
    let steps = match fields.get("steps") {
        Some(node) => step::steps(reader, &loader, node),
        None if fields.strangers => Vec::new(), // perhaps misspelt, which has been said
        None => {
            reader.error(root.span, "a scenario needs `steps`", "has none");
            Vec::new()
        }
    };
    let mutants = fields
        .get("mutants")
        .map(|node| mutants::read(reader, node, &steps));
    let scenario = Scenario {
        file: Arc::clone(reader.file),
        name: text("name").map_or_else(|| file_name(&reader.file.path), |name| name.value),
        about: fields
            .get("about")
            .and_then(|node| step::prose(reader, node, "`about`")),
        docs: fields
            .get("docs")
            .and_then(|node| step::prose(reader, node, "`docs`")),
        tags: fields
            .get("tags")
            .map(|node| reader.texts(node, "a tag"))
            .unwrap_or_default()
            .into_iter()
            .map(|tag| tag.value)
            .collect(),
        timeout: timeout(reader, fields),
        vars: reader.vars.clone(),
        given: given.unwrap_or_default(),
        setup,
        steps,
        mutants: mutants.unwrap_or_default(),
        notes: Vec::new(),
    };
    notes(reader, &scenario, &loader);
    Some(scenario)
}

fn version_is_one(reader: &Reader<'_>, node: &Node) -> Option<()> {
    let written = match &node.kind {
        Kind::Text { text, .. } if text == "1" => return Some(()),
        Kind::Text { text, .. } => text.as_str(),
        _ => node.describe(),
    };
    reader.say(
        reader
            .mistake(
                node.span,
                format!("format `{written}` is not known"),
                "only `1` is",
            )
            .help("this rolecall reads `rolecall: 1`; a newer one may read more"),
    );
    None
}

/// `5s`, `500ms`, `1m`, or a bare number of seconds.
fn timeout(reader: &Reader<'_>, fields: Fields<'_>) -> Duration {
    let Some(text) = fields
        .get("timeout")
        .and_then(|node| reader.text(node, "`timeout`"))
    else {
        return DEFAULT_TIMEOUT;
    };
    let Spot { value, span } = text;
    let digits = value
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(value.len());
    let (number, unit) = value.split_at(digits);
    let millis = match unit {
        "ms" => Some(1),
        "s" | "" => Some(1_000),
        "m" | "min" => Some(60_000),
        _ => None,
    };
    let total = number
        .parse::<u64>()
        .ok()
        .zip(millis)
        .and_then(|(n, unit)| n.checked_mul(unit));
    match total {
        Some(millis) if millis > 0 => Duration::from_millis(millis),
        _ => {
            reader.say(
                reader
                    .mistake(
                        span,
                        format!("`{value}` is not a time"),
                        "expected a number and a unit",
                    )
                    .help("`500ms`, `5s` or `1m`"),
            );
            DEFAULT_TIMEOUT
        }
    }
}

fn file_name(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".rolecall.yaml")
        .unwrap_or(name)
        .to_owned()
}

/// What can only be said when everything has been read.
fn notes(reader: &Reader<'_>, scenario: &Scenario, loader: &Loader) {
    let documents: Vec<&Document> = scenario.documents().map(|(_, document)| document).collect();
    for complaint in loader.everywhere.complaints(reader.file, &documents) {
        reader.say(complaint);
    }
    let lines = scenario.lines();
    for line in lines.filter(|line| !line.line.ignored.is_empty()) {
        let options = line.line.ignored.join("`, `");
        reader.say(Diagnostic {
            level: Level::Note,
            ..reader.mistake(
                line.span,
                format!("`{options}` does nothing here"),
                "read and left out: it does not change the call",
            )
        });
    }
}
