//! The difference of two worlds in words. It is made of the rows that would be written to disk, so it knows of every
//! change; of a thing's members it says only which, never what stands in them: secrets stay where they are.

use crate::world::{Change, Changes, Store, Unkept, World};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

type Rows = BTreeMap<Vec<u8>, Value>;

/// A thing in words: what it is, its name, and where it is.
#[derive(Debug, PartialEq, Eq)]
struct Thing {
    what: &'static str,
    name: String,
    of: Option<String>,
}

/// What turns `old` into `new`, in the order of the things.
pub(super) fn between(old: &World, new: &World, store: &Arc<Store>) -> Result<Vec<Value>, Unkept> {
    let after = rows(old, new, store)?;
    let before = rows(new, old, store)?;
    let mut changes = Vec::new();
    for (path, row) in &after {
        match before.get(path) {
            None => changes.extend(said(path, "created", &[])),
            Some(was) if was != row => changes.extend(said(path, "changed", &members(was, row))),
            Some(_) => {}
        }
    }
    let gone = before.keys().filter(|path| !after.contains_key(*path));
    changes.extend(gone.filter_map(|path| said(path, "deleted", &[])));
    Ok(changes)
}

/// The rows that `to` has and `from` has not, or has otherwise.
fn rows(from: &World, to: &World, store: &Arc<Store>) -> Result<Rows, Unkept> {
    let changes = Changes::from_whole("", from, to, store)?;
    let rows = changes.rows.into_iter().filter_map(|change| match change {
        Change::Put { path, row } => Some((path, serde_json::from_slice(&row).ok()?)),
        Change::Remove { .. } | Change::Clock { .. } => None,
    });
    Ok(rows.collect())
}

/// The members in which two rows differ.
fn members(was: &Value, is: &Value) -> Vec<String> {
    let (Value::Object(was), Value::Object(is)) = (was, is) else {
        return Vec::new();
    };
    let names = was
        .keys()
        .chain(is.keys().filter(|name| !was.contains_key(*name)));
    names
        .filter(|name| was.get(*name) != is.get(*name))
        .cloned()
        .collect()
}

fn said(path: &[u8], change: &'static str, members: &[String]) -> Option<Value> {
    let thing = thing(path)?;
    let of = thing
        .of
        .as_deref()
        .map(|of| format!(" of {of}"))
        .unwrap_or_default();
    let which = if members.is_empty() {
        String::new()
    } else {
        format!(": {}", members.join(", "))
    };
    let words = format!("{} `{}`{of} {change}{which}", thing.what, thing.name);
    Some(json!({
        "what": thing.what, "name": thing.name, "of": thing.of, "change": change, "members": members, "words": words,
    }))
}

/// What stands at a path; none for indexes, which follow from the things themselves.
fn thing(path: &[u8]) -> Option<Thing> {
    let segments: Vec<&str> = path
        .split(|byte| *byte == 0)
        .skip(1)
        .map(|segment| str::from_utf8(segment).unwrap_or_default())
        .collect();
    let plain = |what, name: &str| {
        Some(Thing {
            what,
            name: text(name),
            of: None,
        })
    };
    let within = |what, name: &str, of: String| {
        Some(Thing {
            what,
            name: text(name),
            of: Some(of),
        })
    };
    match segments.as_slice() {
        ["law"] => Some(Thing {
            what: "organization",
            name: "o".to_owned(),
            of: None,
        }),
        ["law", "accounts", id] => plain("account", id),
        ["law", "accounts", _, "names" | "ids" | "uses", _] => None,
        ["law", "accounts", id, kind, name] => {
            within(in_account(kind), name, format!("account {}", text(id)))
        }
        ["law", "buckets", name] => plain("bucket", name),
        ["law", "given", arn] => plain("resource policy", arn),
        ["keys", id] => plain("access key", id),
        ["provider_keys", issuer] => plain("key set of the issuer", issuer),
        ["shelves", bucket, "objects", key] => {
            within("object", key, format!("bucket {}", text(bucket)))
        }
        ["shelves", bucket, "uploads", upload] => {
            within("upload", upload, format!("bucket {}", text(bucket)))
        }
        ["shelves", _, "uploads", upload, "parts", number] => {
            within("part", number, format!("upload {}", text(upload)))
        }
        ["apps", app] => plain("app", app),
        ["apps", app, "endpoints", "by_id", id] => {
            within("endpoint", id, format!("app {}", text(app)))
        }
        ["apps", app, "segments", id] => within("segment", id, format!("app {}", text(app))),
        ["templates", place, name] => within("template", name, text(place)),
        ["apps", app, "exports", id] => within("export job", id, format!("app {}", text(app))),
        ["apps", app, "imports", id] => within("import job", id, format!("app {}", text(app))),
        _ => None,
    }
}

fn in_account(kind: &str) -> &'static str {
    match kind {
        "users" => "user",
        "groups" => "group",
        "roles" => "role",
        "policies" => "policy",
        "profiles" => "instance profile",
        "mfa_devices" => "MFA device",
        "oidc_providers" => "OpenID Connect provider",
        "saml_providers" => "SAML provider",
        "server_certificates" => "server certificate",
        _ => "entry",
    }
}

/// A key as people write it: a text without quotes, several parts with slashes between.
fn text(key: &str) -> String {
    match serde_json::from_str(key) {
        Ok(Value::String(text)) => text,
        Ok(Value::Array(parts)) => {
            let parts = parts.iter().map(|part| {
                part.as_str()
                    .map_or_else(|| part.to_string(), str::to_owned)
            });
            parts.collect::<Vec<_>>().join("/")
        }
        _ => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_things() {
        let shown = |path: &str| {
            thing(path.replace('/', "\0").as_bytes())
                .map(|thing| (thing.what, thing.name, thing.of))
        };
        let role = shown(r#"/law/accounts/"123456789012"/roles/"r""#);
        assert_eq!(
            role,
            Some((
                "role",
                "r".to_owned(),
                Some("account 123456789012".to_owned())
            ))
        );
        assert_eq!(shown(r#"/law/accounts/"1"/names/["user","r"]"#), None);
        let device = shown(r#"/law/accounts/"1"/mfa_devices/"arn""#);
        assert_eq!(device.map(|(what, ..)| what), Some("MFA device"));
        assert_eq!(
            shown(r#"/apps/["1","us-east-1","a"]"#),
            Some(("app", "1/us-east-1/a".to_owned(), None))
        );
    }

    #[test]
    fn members_are_named_and_not_shown() {
        let (was, is) = (
            json!({"a": 1, "secret": "x"}),
            json!({"a": 1, "secret": "y", "b": 2}),
        );
        assert_eq!(members(&was, &is), ["secret", "b"]);
    }
}
