//! The `aws s3` commands that are one call each.

use serde_json::{Map, Value, json};

use super::options::split_option;
use super::{Trouble, trouble};
use crate::diagnostic::suggestion;
use crate::endpoint::Call;
use crate::endpoint::operations::Service;

const ONE_CALL: [&str; 4] = ["mb", "rb", "ls", "rm"];
const MANY_CALLS: [(&str, &str); 6] = [
    (
        "cp",
        "`aws s3api put-object`, `get-object` or `copy-object`",
    ),
    ("mv", "`aws s3api copy-object` and `delete-object`"),
    ("sync", "one `aws s3api put-object` for each file"),
    ("presign", "a step with the call itself"),
    ("website", "nothing: websites are not served"),
    ("select", "nothing: select is not served"),
];

/// Reads what follows `aws s3`.
pub(super) fn parse(command: &str, words: &[&str], region: Option<&str>) -> Result<Call, Trouble> {
    if let Some((_, instead)) = MANY_CALLS.iter().find(|(name, _)| *name == command) {
        return trouble(
            command,
            format!("`aws s3 {command}` is not read here"),
            "it is not one call",
            Some(format!("write {instead}")),
        );
    }
    if !ONE_CALL.contains(&command) {
        return trouble(
            command,
            format!("`aws s3` has no `{command}`"),
            "not a command",
            suggestion(command, &ONE_CALL),
        );
    }
    let mut recursive = false;
    let mut targets = Vec::new();
    for word in words {
        match split_option(word) {
            (Some("recursive"), None) if command == "ls" => recursive = true,
            (Some(option), _) => {
                return trouble(
                    word,
                    format!("`aws s3 {command}` has no `--{option}` here"),
                    "not read",
                    None,
                );
            }
            (None, _) => targets.push(*word),
        }
    }
    let target = match targets.as_slice() {
        [] if command == "ls" => return Ok(Call::new(Service::S3, "ListBuckets", Map::new())),
        [one] => *one,
        [] => {
            return trouble(
                command,
                format!("`aws s3 {command}` needs `s3://BUCKET`"),
                "nothing follows",
                None,
            );
        }
        [_, second, ..] => {
            return trouble(
                second,
                format!("`{second}` is one too many"),
                "not expected",
                None,
            );
        }
    };
    let Some(path) = target.strip_prefix("s3://") else {
        return trouble(
            target,
            format!("`{target}` is not a place in S3"),
            "expected `s3://BUCKET`",
            Some(format!("write `s3://{target}`")),
        );
    };
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    if bucket.is_empty() {
        return trouble(
            target,
            "the name of the bucket is missing",
            "expected `s3://BUCKET`",
            None,
        );
    }
    if matches!(command, "mb" | "rb") && !key.is_empty() {
        return trouble(
            target,
            format!("`aws s3 {command}` takes a bucket, not a key"),
            "a key follows",
            None,
        );
    }
    let mut params = Map::from_iter([("Bucket".to_owned(), Value::from(bucket))]);
    let mut add = |key: &str, value: Value| params.insert(key.to_owned(), value);
    let operation = match command {
        "mb" => {
            if let Some(region) = region.filter(|region| *region != "us-east-1") {
                add(
                    "CreateBucketConfiguration",
                    json!({ "LocationConstraint": region }),
                );
            }
            "CreateBucket"
        }
        "rb" => "DeleteBucket",
        "rm" if key.is_empty() => {
            return trouble(target, "`aws s3 rm` needs a key", "only a bucket", None);
        }
        "rm" => {
            add("Key", Value::from(key));
            "DeleteObject"
        }
        _ => {
            add("Prefix", Value::from(key));
            if !recursive {
                add("Delimiter", Value::from("/"));
            }
            "ListObjectsV2"
        }
    };
    Ok(Call::new(Service::S3, operation, params))
}
