//! `steps:`, each with its cases.

use std::collections::BTreeMap;

use super::actor::{Actor, Who, actor};
use super::cases::{self, Raw};
use super::expect::{self, Expectation};
use super::node::{Entry, Kind, Node};
use super::question::{Prove, Question, Questions};
use super::reader::{Fields, Reader};
use super::then::then;
pub use super::then::{S3Check, Wanted};
use crate::diagnostic::{Span, Spot};
use crate::scenario::documents::Loader;
use crate::scenario::vars::Var;

/// A step: one question, asked once or in many cases.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name, or what it does when it has none.
    pub name: String,
    /// Prose.
    pub about: Option<String>,
    /// Where it stands.
    pub span: Span,
    /// Why it is left out, if it is.
    pub skip: Option<Spot<String>>,
    /// Whether only steps marked so are run.
    pub only: bool,
    /// What it cannot do without.
    pub needs: Vec<Spot<Need>>,
    /// Its cases, in order.
    pub cases: Vec<Case>,
}

/// What a step cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// The server in this very process.
    Embedded,
    /// rolecall, wherever it runs.
    Rolecall,
}

/// One question and what is expected of the answer.
#[derive(Clone, Debug)]
pub struct Case {
    /// The number of the step, from 0.
    pub step: usize,
    /// The number of the row or of the value, from 0; `None` for a step that is one case.
    pub row: Option<usize>,
    /// The variables of this case alone, in the order of the columns.
    pub bindings: Vec<Var>,
    /// Who asks.
    pub actor: Spot<Actor>,
    /// What the request carries; only a `check` can say so.
    pub context: Vec<(Spot<String>, Spot<String>)>,
    /// Condition keys that the request must not carry: those whose value is `~`.
    pub absent: Vec<String>,
    /// What is asked.
    pub question: Question,
    /// What is expected.
    pub expectation: Expectation,
    /// What must be true afterwards.
    pub then: Vec<S3Check>,
    /// The row, the value, or the whole step.
    pub span: Span,
}

const STEP: [&str; 20] = [
    "name", "about", "as", "context", "aws", "call", "with", "export", "import", "check",
    "resource", "prove", "expect", "allowed", "denied", "table", "then", "skip", "only", "needs",
];
/// The keys in which a case's variables may be used.
pub(crate) const TEMPLATED: [&str; 13] = [
    "name", "as", "context", "aws", "call", "with", "export", "import", "check", "resource",
    "prove", "expect", "then",
];
const QUESTIONS: [&str; 6] = ["aws", "call", "export", "import", "check", "prove"];
const ONE_OF: &str = "a step has one of `aws`, `call`, `export`, `import`, `check` and `prove`";
const NEEDS: [(&str, Need); 2] = [("embedded", Need::Embedded), ("rolecall", Need::Rolecall)];

/// Reads every step.
pub(crate) fn steps(reader: &Reader<'_>, loader: &Loader, node: &Node) -> Vec<Step> {
    let items = reader.items(node, "`steps`");
    if items.is_empty() {
        reader.error(node.span, "there are no steps", "nothing is asked");
    }
    let steps: Vec<Step> = items
        .iter()
        .enumerate()
        .filter_map(|(number, item)| step(reader, loader, number, item))
        .collect();
    let mut names: BTreeMap<&str, Span> = BTreeMap::new();
    for step in &steps {
        if let Some(first) = names.insert(&step.name, step.span) {
            reader.say(
                reader
                    .mistake(
                        step.span,
                        format!("two steps are called `{}`", step.name),
                        "again here",
                    )
                    .also(reader.file, first, "first here")
                    .help("give one of them another `name:`"),
            );
        }
    }
    steps
}

fn step(reader: &Reader<'_>, loader: &Loader, number: usize, node: &Node) -> Option<Step> {
    if !matches!(node.kind, Kind::Map(_)) {
        reader.wrong_kind(node, "a step", "a map");
        return None;
    }
    let fields = reader
        .fields(node, "a step", &STEP)
        .filter(|fields| !fields.strangers)?;
    let raw = cases::expand(reader, fields);
    let cases: Vec<Case> = raw
        .iter()
        .filter_map(|raw| case(reader, loader, number, fields, raw))
        .collect();
    let text = |key: &str| {
        fields
            .get(key)
            .and_then(|node| reader.text(node, &format!("`{key}`")))
    };
    let name = match fields.get("name") {
        Some(name) => plain_name(reader, name, raw.first()),
        None => cases
            .first()
            .map_or_else(|| format!("step {}", number + 1), title),
    };
    let needs = fields
        .get("needs")
        .map(|node| reader.texts(node, "`needs`"))
        .unwrap_or_default();
    Some(Step {
        name,
        about: fields
            .get("about")
            .and_then(|node| prose(reader, node, "`about`")),
        span: fields.span,
        skip: text("skip"),
        only: fields
            .get("only")
            .is_some_and(|node| reader.flag(node, "`only`")),
        needs: needs
            .iter()
            .filter_map(|text| reader.one_of(text, "`needs`", &NEEDS))
            .collect(),
        cases,
    })
}

/// Prose is not templated: it may speak of `$5`.
pub(crate) fn prose(reader: &Reader<'_>, node: &Node, what: &str) -> Option<String> {
    reader.plain_text(node, what).map(|text| text.value)
}

/// A step's name; a name with a variable of its cases keeps the variable.
fn plain_name(reader: &Reader<'_>, node: &Node, first: Option<&Raw<'_>>) -> String {
    let Some(text) = reader.plain_text(node, "`name`") else {
        return String::new();
    };
    let own = |name: &str| first.is_some_and(|raw| raw.vars.iter().any(|var| var.name == name));
    let mut names = Vec::new();
    crate::scenario::vars::names_in(node, &mut names);
    if names.iter().any(|name| own(name)) {
        return text.value;
    }
    reader
        .text(node, "`name`")
        .map_or(text.value, |text| text.value)
}

/// What a step does, for one without a name.
fn title(case: &Case) -> String {
    match &case.question {
        Question::Call(call) => call.call.to_string(),
        Question::Aws(lines) => lines
            .first()
            .map_or_else(String::new, |line| line.line.call.to_string()),
        Question::Job(job) => job.to_string(),
        Question::Check(check) => format!("{} as {}", check.action.value, case.actor.value),
        Question::Prove(prove) => format!("prove {} by {}", prove.action.value, prove.by.value),
    }
}

fn case(
    reader: &Reader<'_>,
    loader: &Loader,
    step: usize,
    fields: Fields<'_>,
    raw: &Raw<'_>,
) -> Option<Case> {
    let vars = reader.vars.with_row(raw.vars.clone());
    let reader = reader.with_vars(&vars);
    let get = |key: &str| match raw.keys.iter().find(|(known, _)| *known == key) {
        Some((_, node)) => Some(*node).filter(|node| !node.is_absent()),
        None => fields.get(key),
    };
    let question = question(&reader, loader, fields, &get);
    let actor = match get("as") {
        Some(node) => actor(&reader, node),
        None => Some(Spot::new(
            Actor {
                account: None,
                who: Who::Root,
            },
            raw.span,
        )),
    };
    let context = get("context")
        .map(|node| reader.text_map(node, "`context`"))
        .unwrap_or_default();
    let has_value = |entry: &&Entry| context.iter().any(|(key, _)| key.span == entry.key.span);
    let absent = get("context").map(|node| {
        let entries = node.entries().iter().filter(|entry| !has_value(entry));
        entries.map(|entry| entry.key.value.clone()).collect()
    });
    let absent = absent.unwrap_or_default();
    if let (Some((key, _)), Some(question)) = (context.first(), &question)
        && !matches!(question, Question::Check(_))
    {
        reader.say(
            reader
                .mistake(
                    key.span,
                    "only a `check` can be told its context",
                    "a real call carries its own",
                )
                .help("ask the same with `check:` and `resource:`"),
        );
    }
    let expectation = match &question {
        Some(Question::Prove(prove)) => proved(&reader, prove, &raw.said),
        // What is wrong with the `prove` was said; without one an expectation would be missing.
        None if get("prove").is_some() => None,
        _ => expect::read(&reader, &raw.said, raw.span),
    };
    let then = get("then")
        .map(|node| then(&reader, loader, node))
        .unwrap_or_default();
    Some(Case {
        step,
        row: raw.row,
        bindings: raw.vars.clone(),
        actor: actor?,
        context,
        absent,
        question: question?,
        expectation: expectation?,
        then,
        span: raw.span,
    })
}

/// A proof is expected to hold; there is nothing to say about that.
fn proved(reader: &Reader<'_>, prove: &Prove, said: &expect::Said<'_>) -> Option<Expectation> {
    let list = said.list.map(|(_, span)| span);
    let column = said.columns.iter().flatten().next().map(|node| node.span);
    if let Some(span) = said.expect.map(|node| node.span).or(list).or(column) {
        reader.say(reader.mistake(
            span,
            "a `prove` expects a proof, and nothing else",
            "no use for it",
        ));
        return None;
    }
    Some(Expectation::of_nothing(prove.span))
}

fn question<'n>(
    reader: &Reader<'_>,
    loader: &Loader,
    fields: Fields<'_>,
    get: &dyn Fn(&str) -> Option<&'n Node>,
) -> Option<Question> {
    let mut asked: Vec<(&str, &Node)> = QUESTIONS
        .into_iter()
        .filter_map(|key| Some((key, get(key)?)))
        .collect();
    asked.sort_by_key(|(_, node)| node.span.start);
    let (key, node) = match asked.as_slice() {
        [one] => *one,
        [] => {
            reader.say(
                reader
                    .mistake(fields.span, "this step does nothing", "nothing to ask")
                    .help(ONE_OF),
            );
            return None;
        }
        [first, second, ..] => {
            reader.say(
                reader
                    .mistake(
                        second.1.span,
                        format!("`{}` and `{}` in one step", first.0, second.0),
                        "one too many",
                    )
                    .also(reader.file, first.1.span, "the other")
                    .help(ONE_OF),
            );
            return None;
        }
    };
    for (companion, of) in [("with", "call"), ("resource", "check")] {
        if let Some(entry) = fields.entry(companion)
            && key != of
        {
            reader.say(reader.mistake(
                entry.key.span,
                format!("`{companion}` belongs to `{of}`, and this step is `{key}`"),
                "no use for it",
            ));
        }
    }
    let questions = Questions { reader, loader };
    match key {
        "call" => questions.call(node, get("with")).map(Question::Call),
        "aws" => questions.lines(node).map(Question::Aws),
        "export" => questions.export(node).map(Question::Job),
        "import" => questions.import(node).map(Question::Job),
        "prove" => questions.prove(node).map(Question::Prove),
        _ => questions.check(node, get("resource")).map(Question::Check),
    }
}
