//! The members of a request, checked as the model says.

use crate::wire::Fault;
use rolecall_policy::{Policy, PolicyKind};
use serde_json::Value;

/// A body that is a JSON object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Input<'a>(Option<&'a Value>);

/// `ValidationException`
pub(super) fn invalid(message: impl Into<String>, reason: &'static str) -> Fault {
    Fault::service(400, "ValidationException", message).detail("reason", reason)
}

fn constraint(member: &str, shown: &str, must: &str) -> Fault {
    let sentence = format!(
        "1 validation error detected: Value {shown} at '{member}' failed to satisfy constraint: Member must {must}"
    );
    invalid(sentence, "fieldValidationFailed")
}

impl<'a> Input<'a> {
    pub(super) fn new(body: Option<&'a Value>) -> Self {
        Self(body)
    }

    fn get(self, member: &str) -> Option<&'a Value> {
        self.0?.get(member).filter(|value| !value.is_null())
    }

    /// A text that may be absent.
    pub(super) fn may(self, member: &str) -> Result<Option<&'a str>, Fault> {
        match self.get(member) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(
                format!("{member}: expected a string"),
                "cannotParse",
            )),
        }
    }

    /// A text that must be there.
    pub(super) fn must(self, member: &str) -> Result<&'a str, Fault> {
        self.may(member)?
            .ok_or_else(|| constraint(member, "null", "not be null"))
    }

    /// One of a closed list of words.
    pub(super) fn word(self, member: &str, words: &[&str]) -> Result<Option<&'a str>, Fault> {
        match self.may(member)? {
            Some(word) if !words.contains(&word) => {
                let set = format!("satisfy enum value set: [{}]", words.join(", "));
                Err(constraint(member, &format!("'{word}'"), &set))
            }
            word => Ok(word),
        }
    }

    /// A word that must be there.
    pub(super) fn must_word(self, member: &str, words: &[&str]) -> Result<&'a str, Fault> {
        self.word(member, words)?
            .ok_or_else(|| constraint(member, "null", "not be null"))
    }

    /// A list; absent is empty.
    pub(super) fn list(self, member: &str, most: usize) -> Result<&'a [Value], Fault> {
        match self.get(member) {
            None => Ok(&[]),
            Some(Value::Array(list)) if list.len() <= most => Ok(list),
            Some(Value::Array(_)) => {
                let must = format!("have length less than or equal to {most}");
                Err(constraint(member, "", &must))
            }
            Some(_) => Err(invalid(format!("{member}: expected a list"), "cannotParse")),
        }
    }

    /// A list of texts; absent is empty.
    pub(super) fn texts(self, member: &str, most: usize) -> Result<Vec<&'a str>, Fault> {
        let text = |value: &'a Value| {
            value.as_str().ok_or_else(|| {
                invalid(
                    format!("{member}: expected a list of strings"),
                    "cannotParse",
                )
            })
        };
        self.list(member, most)?.iter().map(text).collect()
    }

    /// A document as one of some kinds; what is wrong with it as the first of them otherwise.
    ///
    /// The code is AWS's; the sentence is rolecall's choice, as none was recorded.
    pub(super) fn policy(self, member: &str, kinds: &[PolicyKind]) -> Result<Policy, Fault> {
        let text = self.must(member)?;
        let mut first = None;
        for kind in kinds {
            match Policy::parse(text, *kind) {
                Ok(policy) => return Ok(policy),
                Err(faults) => first = first.or(Some(faults)),
            }
        }
        let why = first.map_or_else(String::new, |faults| faults.first().why.clone());
        let message = format!("The policy document in {member} is not valid: {why}");
        Err(Fault::service(400, "InvalidParameterException", message))
    }
}
