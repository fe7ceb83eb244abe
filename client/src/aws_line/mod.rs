//! Pasted `aws` lines: the commands of the AWS pages, read without a shell and without the AWS CLI.
//!
//! A line becomes the same [`Call`] that `call:` and `with:` make. What the AWS CLI does around the
//! call (paging, printing, waiting) is left out, and what would change the call is refused.

mod high_level;
mod names;
mod options;
mod parameters;
mod shorthand;

use serde_json::{Map, Value};

use self::options::{globals, split_option};
use self::parameters::Reading;
use crate::diagnostic::{Diagnostic, nearest};
use crate::endpoint::Call;
use crate::endpoint::operations::{Operation, Place, Service, Shape};
use crate::scenario::documents::Document;

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
