//! XML in and out, as JSON values.

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;
use serde_json::{Map, Value};

const DEEPEST: usize = 64;
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// The root element of a body: the parameter's name but for two.
pub(super) fn root(parameter: &'static str) -> &'static str {
    match parameter {
        "MultipartUpload" => "CompleteMultipartUpload",
        other => other,
    }
}

/// How the lists of S3's bodies are written: member, element of each item, whether the member
/// itself is left out.
const LISTS: [(&str, &str, bool); 3] = [
    ("Objects", "Object", true),
    ("Parts", "Part", true),
    ("TagSet", "Tag", false),
];

/// Elements that may come again, and are lists even when there is only one; with the parent where
/// the same name means something else under another.
const REPEATED: [(&str, &str); 8] = [
    ("Buckets", "Bucket"),
    ("TagSet", "Tag"),
    ("DeleteResult", "Error"),
    ("", "Contents"),
    ("", "CommonPrefixes"),
    ("", "Part"),
    ("", "Upload"),
    ("", "Deleted"),
];

pub(super) fn write(root: &str, value: &Value) -> Result<String, String> {
    let mut out = format!("<{root} xmlns=\"{NAMESPACE}\">");
    inside(value, &mut out, 0)?;
    out.push_str("</");
    out.push_str(root);
    out.push('>');
    Ok(out)
}

fn inside(value: &Value, out: &mut String, depth: usize) -> Result<(), String> {
    if depth > DEEPEST {
        return Err("its body is nested too deeply".to_owned());
    }
    match value {
        Value::Null => {}
        Value::String(text) => out.push_str(&escape(text.as_str())),
        Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
        Value::Array(_) => return Err("a list stands where it has no name".to_owned()),
        Value::Object(map) => {
            for (name, value) in map {
                let good = name.chars().all(|c| c.is_ascii_alphanumeric()) && !name.is_empty();
                if !good {
                    return Err(format!("`{name}` cannot be the name of an element"));
                }
                match value {
                    Value::Array(items) => {
                        let list = LISTS.iter().find(|(member, ..)| member == name);
                        let (each, flat) =
                            list.map_or((name.as_str(), true), |(_, each, flat)| (*each, *flat));
                        if !flat {
                            out.push_str(&format!("<{name}>"));
                        }
                        for item in items {
                            element(each, item, out, depth)?;
                        }
                        if !flat {
                            out.push_str(&format!("</{name}>"));
                        }
                    }
                    value => element(name, value, out, depth)?,
                }
            }
        }
    }
    Ok(())
}

fn element(name: &str, value: &Value, out: &mut String, depth: usize) -> Result<(), String> {
    out.push_str(&format!("<{name}>"));
    inside(value, out, depth + 1)?;
    out.push_str(&format!("</{name}>"));
    Ok(())
}

/// Reads a document: the name of the root and what is in it. `None` when it is not XML.
///
/// `<Tags><member/></Tags>` becomes a list under `Tags`; an element without children is text.
pub(super) fn read(text: &str) -> Option<(String, Value)> {
    struct Open {
        name: String,
        text: String,
        children: Vec<(String, Value)>,
    }
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let begin = |name: &str| Open {
        name: name.to_owned(),
        text: String::new(),
        children: Vec::new(),
    };
    loop {
        let closed = match reader.read_event().ok()? {
            Event::Eof => return None,
            Event::Start(tag) => {
                if open.len() > DEEPEST {
                    return None;
                }
                open.push(begin(tag.local_name().as_ref()));
                continue;
            }
            Event::Empty(tag) => begin(tag.local_name().as_ref()),
            Event::Text(words) => {
                if let Some(top) = open.last_mut() {
                    top.text.push_str(&words.xml10_content());
                }
                continue;
            }
            Event::CData(words) => {
                if let Some(top) = open.last_mut() {
                    top.text.push_str(&words);
                }
                continue;
            }
            Event::GeneralRef(entity) => {
                let c = match entity.resolve_char_ref().ok()? {
                    Some(c) => c,
                    None => match &*entity {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "apos" => '\'',
                        "quot" => '"',
                        _ => return None,
                    },
                };
                if let Some(top) = open.last_mut() {
                    top.text.push(c);
                }
                continue;
            }
            Event::End(_) => open.pop()?,
            _ => continue,
        };
        let value = if closed.children.is_empty() {
            Value::String(closed.text)
        } else {
            gather(&closed.name, closed.children)
        };
        match open.last_mut() {
            Some(parent) => parent.children.push((closed.name, value)),
            None => return Some((closed.name, value)),
        }
    }
}

fn gather(parent: &str, children: Vec<(String, Value)>) -> Value {
    if children.iter().all(|(name, _)| name == "member") {
        return Value::Array(children.into_iter().map(|(_, value)| value).collect());
    }
    let mut out = Map::new();
    for (name, value) in children {
        let repeated = REPEATED
            .iter()
            .any(|(under, each)| *each == name && (under.is_empty() || *under == parent));
        match out.get_mut(&name) {
            Some(Value::Array(items)) => items.push(value),
            Some(first) => {
                let before = first.take();
                *first = Value::Array(vec![before, value]);
            }
            None => {
                let value = if repeated {
                    Value::Array(vec![value])
                } else {
                    value
                };
                out.insert(name, value);
            }
        }
    }
    Value::Object(out)
}
