//! The parameters of one operation, as options of its command.

use serde_json::Value;

use super::{Files, Trouble, is_document, names, shorthand, trouble};
use crate::diagnostic::suggestion;
use crate::endpoint::Body;
use crate::endpoint::operations::{Member, Operation, Service, Shape};
use crate::scenario::documents::Document;
use crate::scenario::value;

/// What a line is read against, and the documents found so far.
pub(super) struct Reading<'a> {
    pub(super) row: &'static Operation,
    pub(super) service: Service,
    pub(super) files: &'a dyn Files,
    pub(super) documents: Vec<(String, Document)>,
}

impl Reading<'_> {
    pub(super) fn member(&self, word: &str, option: &str) -> Result<(Member, bool), Trouble> {
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

    pub(super) fn value(
        &mut self,
        member: &Member,
        option: &str,
        words: &[&str],
    ) -> Result<Value, Trouble> {
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
