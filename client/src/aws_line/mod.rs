//! Pasted `aws` lines: the commands of the AWS pages, read without a shell and without the AWS CLI.
//!
//! A line becomes the same [`Call`] that `call:` and `with:` make. What the AWS CLI does around the
//! call (paging, printing, waiting) is left out, and what would change the call is refused.

mod high_level;
mod names;
mod shorthand;

use serde_json::{Map, Value};

use crate::diagnostic::{Diagnostic, nearest, suggestion};
use crate::endpoint::operations::{Member, Operation, Place, Service, Shape};
use crate::endpoint::{Body, Call};
use crate::scenario::documents::Document;
use crate::scenario::value;

/// A line that was understood.
#[derive(Clone, Debug)]
pub struct AwsLine {
    /// The call it makes.
    pub call: Call,
    /// The documents it loads, with the parameter each one fills.
    pub documents: Vec<(String, Document)>,
    /// Options that were read and do nothing here.
    pub ignored: Vec<String>,
}

/// Why a line was not understood.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The word it is about (empty for the whole line), the sentence, the label, what to do.
    Word {
        word: String,
        title: String,
        label: String,
        help: Option<String>,
    },
    /// A file that could not be read, said by the loader.
    File(Box<Diagnostic>),
}

fn trouble<T>(
    word: &str,
    title: impl Into<String>,
    label: &str,
    help: Option<String>,
) -> Result<T, Trouble> {
    Err(Trouble::Word {
        word: word.to_owned(),
        title: title.into(),
        label: label.to_owned(),
        help,
    })
}

/// How a line gets at files.
pub(crate) trait Files {
    /// A policy document, with the scenario's replacements.
    fn document(&self, name: &str) -> Result<Document, Box<Diagnostic>>;
    /// Any other file, as it is.
    fn text(&self, name: &str) -> Result<String, Box<Diagnostic>>;
    /// A file of bytes.
    fn bytes(&self, name: &str) -> Result<Vec<u8>, Box<Diagnostic>>;
}

/// Options of the CLI itself: name, whether a value follows, what becomes of it.
const GLOBAL: &[(&str, bool, Global)] = &[
    ("query", true, Global::Ignored),
    ("output", true, Global::Ignored),
    ("endpoint-url", true, Global::Ignored),
    ("profile", true, Global::Ignored),
    ("color", true, Global::Ignored),
    ("cli-read-timeout", true, Global::Ignored),
    ("cli-connect-timeout", true, Global::Ignored),
    ("no-cli-pager", false, Global::Ignored),
    ("no-cli-auto-prompt", false, Global::Ignored),
    ("no-paginate", false, Global::Ignored),
    ("no-verify-ssl", false, Global::Ignored),
    ("debug", false, Global::Ignored),
    ("region", true, Global::Region),
    (
        "no-sign-request",
        false,
        Global::Refused("a step can say `as: anonymous`"),
    ),
    (
        "cli-input-json",
        true,
        Global::Refused("write the parameters out as options"),
    ),
    (
        "cli-input-yaml",
        true,
        Global::Refused("write the parameters out as options"),
    ),
    (
        "generate-cli-skeleton",
        true,
        Global::Refused("it makes no call"),
    ),
];

#[derive(Clone, Copy)]
enum Global {
    Ignored,
    Region,
    Refused(&'static str),
}

/// Reads one line.
pub(crate) fn parse(line: &str, files: &dyn Files) -> Result<AwsLine, Trouble> {
    // A backslash at the end of a line joins it to the next, as in a shell.
    let joined = line.replace("\\\r\n", " ").replace("\\\n", " ");
    let Some(words) = shlex::split(&joined) else {
        return trouble(
            "",
            "a quote is not closed in this line",
            "as a shell reads it",
            None,
        );
    };
    if let Some(word) = words.iter().find(|word| is_shell(word)) {
        return trouble(
            word,
            format!("`{word}` needs a shell, and there is none"),
            "not one `aws` command",
            Some("one command for each line; results of one cannot go into the next".to_owned()),
        );
    }
    let mut words = words.iter().map(String::as_str);
    match words.next() {
        Some("aws") => {}
        Some(word) => {
            return trouble(
                word,
                format!("the line begins with `{word}`, not with `aws`"),
                "expected `aws`",
                None,
            );
        }
        None => return trouble("", "the line is empty", "", None),
    }
    let rest: Vec<&str> = words.collect();
    // Options of the CLI itself may also stand before the service.
    let mut ignored = Vec::new();
    let mut region = None;
    let rest = globals(&rest, &mut ignored, &mut region)?;
    let Some((service, rest)) = rest.split_first() else {
        return trouble(
            "aws",
            "which service?",
            "nothing follows",
            Some("aws iam create-policy ...".to_owned()),
        );
    };
    let Some((operation, rest)) = rest.split_first() else {
        return trouble(
            service,
            format!("which operation of `{service}`?"),
            "nothing follows",
            None,
        );
    };
    let (mut call, documents) = match *service {
        "s3" => (
            high_level::parse(operation, rest, region.as_deref())?,
            Vec::new(),
        ),
        "s3api" => low_level(Service::S3, service, operation, rest, files)?,
        "iam" => low_level(Service::Iam, service, operation, rest, files)?,
        "sts" => low_level(Service::Sts, service, operation, rest, files)?,
        "pinpoint" => low_level(Service::Pinpoint, service, operation, rest, files)?,
        other => {
            return trouble(
                other,
                format!("`{other}` is not served here"),
                "not a service of this endpoint",
                Some("served are iam, sts, s3, s3api and pinpoint".to_owned()),
            );
        }
    };
    call.region = region;
    Ok(AwsLine {
        call,
        documents,
        ignored,
    })
}

fn is_shell(word: &str) -> bool {
    matches!(
        word,
        "|" | "||" | "&&" | "&" | ";" | ">" | ">>" | "<" | "2>&1"
    ) || word.starts_with("$(")
        || (word.starts_with('`') && word.len() > 1)
}

/// Takes the CLI's own options out of a line.
fn globals<'w>(
    words: &[&'w str],
    ignored: &mut Vec<String>,
    region: &mut Option<String>,
) -> Result<Vec<&'w str>, Trouble> {
    let mut left = Vec::new();
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        let (name, glued) = split_option(word);
        let known = name.and_then(|name| GLOBAL.iter().find(|(known, ..)| *known == name));
        let Some((_, takes, what)) = known else {
            left.push(word);
            continue;
        };
        let value = match (takes, glued) {
            (true, Some(value)) => Some(value),
            (true, None) => match words.next() {
                Some(value) => Some(value),
                None => {
                    return trouble(
                        word,
                        format!("`{word}` needs a value"),
                        "nothing follows",
                        None,
                    );
                }
            },
            (false, _) => None,
        };
        match what {
            Global::Ignored => ignored.push(word.to_owned()),
            Global::Region => *region = value.map(str::to_owned),
            Global::Refused(help) => {
                return trouble(
                    word,
                    format!("`{word}` is not read here"),
                    "it would change the call",
                    Some((*help).to_owned()),
                );
            }
        }
    }
    Ok(left)
}

/// `--name` or `--name=value`.
fn split_option(word: &str) -> (Option<&str>, Option<&str>) {
    let Some(option) = word.strip_prefix("--") else {
        return (None, None);
    };
    match option.split_once('=') {
        Some((name, value)) => (Some(name), Some(value)),
        None => (Some(option), None),
    }
}

type Understood = (Call, Vec<(String, Document)>);

fn low_level(
    service: Service,
    typed: &str,
    operation: &str,
    words: &[&str],
    files: &dyn Files,
) -> Result<Understood, Trouble> {
    let row = service
        .operations()
        .find(|row| names::kebab(row.name) == operation);
    let Some(row) = row else {
        let known: Vec<String> = service
            .operations()
            .map(|row| names::kebab(row.name))
            .collect();
        let near = nearest(operation, known.iter().map(String::as_str));
        return trouble(
            operation,
            format!("`aws {typed}` has no `{operation}` here"),
            "not an operation that is served",
            near.map(|near| format!("did you mean `{near}`?")),
        );
    };
    let mut reading = Reading {
        row,
        service,
        files,
        documents: Vec::new(),
    };
    let mut params = Map::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let (Some(option), glued) = split_option(word) else {
            return trouble(
                word,
                format!("`{word}` stands alone"),
                "not an option, nor the value of one",
                Some("text with spaces needs quotes".to_owned()),
            );
        };
        let (member, negated) = reading.member(word, option)?;
        if params.contains_key(member.name) {
            return trouble(
                word,
                format!("`--{option}` is given twice"),
                "again here",
                None,
            );
        }
        let mut values: Vec<&str> = glued.into_iter().collect();
        if glued.is_none() {
            let many = matches!(member.shape, Shape::List | Shape::Structures);
            while let Some(value) = words.get(at) {
                let full = !many && !values.is_empty();
                if full || value.starts_with("--") || member.shape == Shape::Flag {
                    break;
                }
                values.push(value);
                at += 1;
            }
        }
        if member.shape == Shape::Flag && glued.is_none() {
            params.insert(
                member.name.to_owned(),
                Value::from(if negated { "false" } else { "true" }),
            );
            continue;
        }
        if values.is_empty() {
            return trouble(
                word,
                format!("`{word}` needs a value"),
                "nothing follows",
                None,
            );
        }
        let value = reading.value(&member, word, &values)?;
        params.insert(member.name.to_owned(), value);
    }
    let missing: Vec<String> = row
        .members()
        .filter(|member| member.required && !params.contains_key(member.name))
        .map(|member| format!("--{}", names::kebab(member.name)))
        .collect();
    if !missing.is_empty() {
        return trouble(
            operation,
            format!(
                "the following arguments are required: {}",
                missing.join(", ")
            ),
            "not complete",
            None,
        );
    }
    Ok((Call::new(service, row.name, params), reading.documents))
}

struct Reading<'a> {
    row: &'static Operation,
    service: Service,
    files: &'a dyn Files,
    documents: Vec<(String, Document)>,
}

impl Reading<'_> {
    fn member(&self, word: &str, option: &str) -> Result<(Member, bool), Trouble> {
        let named = |name: &str| {
            self.row
                .members()
                .find(|member| names::kebab(member.name) == name)
        };
        if let Some(member) = named(option) {
            return Ok((member, false));
        }
        if let Some(member) = option.strip_prefix("no-").and_then(named)
            && member.shape == Shape::Flag
        {
            return Ok((member, true));
        }
        let known: Vec<String> = self
            .row
            .members()
            .map(|member| format!("--{}", names::kebab(member.name)))
            .collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        trouble(
            word,
            format!("`{}` has no `--{option}`", names::kebab(self.row.name)),
            "not an option of this",
            suggestion(&format!("--{option}"), &known),
        )
    }

    fn value(&mut self, member: &Member, option: &str, words: &[&str]) -> Result<Value, Trouble> {
        let mut values = Vec::new();
        for word in words {
            values.push(self.one(member, option, word)?);
        }
        let list = matches!(member.shape, Shape::List | Shape::Structures);
        let mut value = match (list, values.len()) {
            (true, 1) => match values.pop() {
                Some(Value::Array(items)) => Value::Array(items),
                other => Value::Array(other.into_iter().collect()),
            },
            (true, _) => Value::Array(values),
            (false, _) => values.pop().unwrap_or_default(),
        };
        if self.service == Service::Pinpoint {
            value::retype(&mut value, member.name);
        }
        Ok(value)
    }

    fn one(&mut self, member: &Member, option: &str, word: &str) -> Result<Value, Trouble> {
        if member.shape == Shape::Blob {
            let path = word
                .strip_prefix("fileb://")
                .or_else(|| word.strip_prefix("file://"))
                .unwrap_or(word);
            return Ok(Body::from(self.files.bytes(path).map_err(Trouble::File)?).into());
        }
        let loaded;
        let text = match word.strip_prefix("file://") {
            Some(name) if is_document(member.name) => {
                let document = self.files.document(name).map_err(Trouble::File)?;
                let text = document.text.clone();
                self.documents.push((member.name.to_owned(), document));
                return Ok(Value::from(text));
            }
            Some(name) => {
                loaded = self.files.text(name).map_err(Trouble::File)?;
                loaded.as_str()
            }
            None => word,
        };
        match member.shape {
            Shape::Number if text.parse::<i64>().is_err() => trouble(
                word,
                format!("`{option}` must be a whole number"),
                "not a number",
                None,
            ),
            Shape::Structure | Shape::Structures | Shape::List
                if text.trim_start().starts_with(['{', '[']) =>
            {
                serde_json::from_str(text).or_else(|error| {
                    trouble(
                        word,
                        format!("the value of `{option}` is not JSON: {error}"),
                        "not JSON",
                        None,
                    )
                })
            }
            Shape::Structure | Shape::Structures => shorthand::parse(text).or_else(|why| {
                trouble(
                    word,
                    format!("the value of `{option}` cannot be read: {why}"),
                    "not shorthand",
                    Some(
                        "write `Key=Value,Key=[a,b],Nested={x=y}`, or JSON in single quotes"
                            .to_owned(),
                    ),
                )
            }),
            _ => Ok(Value::from(text)),
        }
    }
}

/// Whether a parameter carries a policy document.
pub(crate) fn is_document(parameter: &str) -> bool {
    matches!(
        parameter,
        "PolicyDocument" | "AssumeRolePolicyDocument" | "Policy" | "ResourcePolicy"
    )
}

/// Whether everything the path needs is there: without it there is no address to call.
pub(crate) fn missing_in_path(
    row: &Operation,
    params: &Map<String, Value>,
) -> Option<&'static str> {
    row.members()
        .find(|member| member.place == Place::Path && !params.contains_key(member.name))
        .map(|member| member.name)
}

#[cfg(test)]
mod tests;
