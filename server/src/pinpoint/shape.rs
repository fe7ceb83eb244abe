//! The shapes of Pinpoint's documents, as data.
//!
//! A body is read against its shape once: known members are checked and kept as they came, unknown ones
//! are dropped, and what is wrong is named by its path (`Location.Latitude`).

use crate::wire::Fault;
use serde_json::{Map, Value};

/// A JSON object.
pub(super) type Document = Map<String, Value>;

/// What a value must be.
#[derive(Debug)]
pub(super) enum Shape {
    Text,
    Bool,
    /// A whole number that fits 32 bits, as the model's `integer`.
    Integer,
    Number,
    /// One of a closed list of words.
    Word(&'static [&'static str]),
    List(&'static Shape),
    /// Names that the client chose.
    Map(&'static Shape),
    Object(&'static [Member]),
    /// AWS takes this, rolecall does not: refused with the reason rather than half obeyed.
    Refused(&'static str),
}

/// A member of an object.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) shape: &'static Shape,
    required: bool,
}

/// A member that may be left out.
pub(super) const fn may(name: &'static str, shape: &'static Shape) -> Member {
    Member {
        name,
        shape,
        required: false,
    }
}

/// A member that must be there.
pub(super) const fn must(name: &'static str, shape: &'static Shape) -> Member {
    Member {
        name,
        shape,
        required: true,
    }
}

/// Reads a whole body.
pub(super) fn read(body: Option<&Value>, members: &'static [Member]) -> Result<Document, Fault> {
    let body = body.ok_or_else(|| Fault::malformed("", "the request has no body"))?;
    object(body, members, &mut Path::default())
}

/// Where in the body we are; made into text only when something is wrong.
#[derive(Debug, Default)]
struct Path(Vec<Step>);

#[derive(Debug)]
enum Step {
    Name(String),
    Index(usize),
}

impl Path {
    fn within<T>(
        &mut self,
        step: Step,
        look: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.0.push(step);
        let out = look(self)?;
        self.0.pop();
        Ok(out)
    }

    fn fault(&self, why: impl Into<String>) -> Fault {
        let mut text = String::new();
        for step in &self.0 {
            match step {
                Step::Name(name) if text.is_empty() => text.push_str(name),
                Step::Name(name) => {
                    text.push('.');
                    text.push_str(name);
                }
                Step::Index(index) => text.push_str(&format!("[{index}]")),
            }
        }
        Fault::malformed(text, why)
    }
}

fn object(value: &Value, members: &'static [Member], path: &mut Path) -> Result<Document, Fault> {
    let Value::Object(sent) = value else {
        return Err(path.fault("expected an object"));
    };
    let mut kept = Document::new();
    for member in members {
        let step = || Step::Name(member.name.to_owned());
        match sent.get(member.name).filter(|value| !value.is_null()) {
            Some(value) => {
                let value = path.within(step(), |path| check(value, member.shape, path))?;
                kept.insert(member.name.to_owned(), value);
            }
            None if member.required => {
                return path.within(step(), |path| Err(path.fault("it is required")));
            }
            None => {}
        }
    }
    Ok(kept)
}

fn check(value: &Value, shape: &'static Shape, path: &mut Path) -> Result<Value, Fault> {
    let fits = |fits: bool, what: &str, path: &Path| {
        if fits {
            Ok(value.clone())
        } else {
            Err(path.fault(format!("expected {what}")))
        }
    };
    match shape {
        Shape::Text => fits(value.is_string(), "a string", path),
        Shape::Bool => fits(value.is_boolean(), "`true` or `false`", path),
        Shape::Number => fits(value.is_number(), "a number", path),
        Shape::Integer => {
            let whole = value.as_i64().and_then(|n| i32::try_from(n).ok());
            fits(whole.is_some(), "a whole number", path)
        }
        Shape::Word(words) => {
            let known = value.as_str().is_some_and(|word| words.contains(&word));
            fits(known, &format!("one of {}", words.join(", ")), path)
        }
        Shape::List(of) => {
            let Value::Array(items) = value else {
                return Err(path.fault("expected a list"));
            };
            let item =
                |(index, item)| path.within(Step::Index(index), |path| check(item, of, path));
            let items: Result<_, Fault> = items.iter().enumerate().map(item).collect();
            Ok(Value::Array(items?))
        }
        Shape::Map(of) => {
            let Value::Object(entries) = value else {
                return Err(path.fault("expected an object"));
            };
            let entries = entries.iter().filter(|(_, value)| !value.is_null());
            let entry = |(name, value): (&String, &Value)| {
                let value = path.within(Step::Name(name.clone()), |path| check(value, of, path))?;
                Ok((name.clone(), value))
            };
            let entries: Result<_, Fault> = entries.map(entry).collect();
            Ok(Value::Object(entries?))
        }
        Shape::Object(members) => object(value, members, path).map(Value::Object),
        Shape::Refused(why) => Err(path.fault(*why)),
    }
}

/// A text member.
pub(super) fn text<'d>(document: &'d Document, name: &str) -> Option<&'d str> {
    document.get(name)?.as_str()
}

/// An object member.
pub(super) fn inner<'d>(document: &'d Document, name: &str) -> Option<&'d Document> {
    document.get(name)?.as_object()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    static THING: &[Member] = &[
        must("Name", &Shape::Text),
        may("Size", &Shape::Integer),
        may("Kind", &Shape::Word(&["A", "B"])),
        may("Old", &Shape::Refused("nobody has it any more")),
        may(
            "Parts",
            &Shape::List(&Shape::Object(&[may("Weight", &Shape::Number)])),
        ),
        may("Labels", &Shape::Map(&Shape::List(&Shape::Text))),
    ];

    #[test]
    fn known_members_are_kept_as_they_came_and_others_dropped() {
        let body = json!({"Name": "n", "Size": null, "Else": 1, "Parts": [{"Weight": 1.5, "x": 2}], "Labels": {"a": ["b"], "c": null}});
        let kept = Value::Object(read(Some(&body), THING).unwrap());
        let wanted = json!({"Name": "n", "Parts": [{"Weight": 1.5}], "Labels": {"a": ["b"]}});
        assert_eq!(kept, wanted);
    }

    #[test]
    fn what_is_wrong_is_named_by_its_path() {
        let says = |body: Value| read(Some(&body), THING).unwrap_err().to_string();
        assert_eq!(says(json!([])), "``: expected an object");
        assert_eq!(says(json!({})), "`Name`: it is required");
        assert_eq!(says(json!({"Name": 1})), "`Name`: expected a string");
        assert_eq!(
            says(json!({"Name": "n", "Size": 1.5})),
            "`Size`: expected a whole number"
        );
        assert_eq!(
            says(json!({"Name": "n", "Size": 3_000_000_000_i64})),
            "`Size`: expected a whole number"
        );
        assert_eq!(
            says(json!({"Name": "n", "Kind": "C"})),
            "`Kind`: expected one of A, B"
        );
        assert_eq!(
            says(json!({"Name": "n", "Old": 1})),
            "`Old`: nobody has it any more"
        );
        assert_eq!(
            says(json!({"Name": "n", "Parts": [{}, {"Weight": "x"}]})),
            "`Parts[1].Weight`: expected a number"
        );
        assert_eq!(
            says(json!({"Name": "n", "Labels": {"a": ["b", 2]}})),
            "`Labels.a[1]`: expected a string"
        );
        assert!(read(None, THING).is_err());
    }
}
