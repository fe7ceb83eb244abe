//! The query protocol of IAM and STS: everything is a form field, lists are `Name.member.N`.

use serde_json::{Map, Value};

use super::operations::{Operation, Service};
use super::request::{Parts, encode};

/// The version of each API that is spoken.
fn version(service: Service) -> &'static str {
    match service {
        Service::Sts => "2011-06-15",
        _ => "2010-05-08",
    }
}

pub(super) fn write(
    service: Service,
    operation: &Operation,
    params: &Map<String, Value>,
) -> Result<Parts, String> {
    let mut fields = vec![
        ("Action".to_owned(), operation.name.to_owned()),
        ("Version".to_owned(), version(service).to_owned()),
    ];
    for (name, value) in params {
        flatten(name.clone(), value, &mut fields);
    }
    let form: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name, false), encode(value, false)))
        .collect();
    Ok(Parts {
        method: "POST",
        path: "/".to_owned(),
        query: String::new(),
        headers: vec![(
            "content-type".to_owned(),
            "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
        )],
        body: form.join("&").into(),
    })
}

fn flatten(name: String, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::String(text) => out.push((name, text.clone())),
        Value::Bool(_) | Value::Number(_) => out.push((name, value.to_string())),
        // An empty list is sent as the bare name, which is how the protocol says "empty".
        Value::Array(items) if items.is_empty() => out.push((name, String::new())),
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                flatten(format!("{name}.member.{}", i + 1), item, out);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                flatten(format!("{name}.{key}"), item, out);
            }
        }
    }
}
