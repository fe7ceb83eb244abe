//! `then:`: what must be found in S3 after a case. The runner looks as the root user.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};

use super::judge::Wrong;
use super::world::{World, root};
use crate::diagnostic::{Span, Spot};
use crate::endpoint::operations::Service;
use crate::endpoint::{Call, CallError};
use crate::scenario::file::step::{S3Check, Wanted};

/// The most that is read of one object after gunzip.
const MOST_BYTES: u64 = 256 * 1024 * 1024;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What is not as expected in S3.
pub(crate) async fn look(world: &World, check: &S3Check) -> Vec<Wrong> {
    let mut found = match keys(world, check).await {
        Ok(found) => found,
        // A bucket that is not there holds nothing.
        Err(CallError::Refused(failure)) if failure.code == "NoSuchBucket" => Vec::new(),
        Err(error) => {
            return vec![wrong(
                check.within.span,
                "S3 could not be looked into",
                error.to_string(),
            )];
        }
    };
    if let Some(outside) = &check.outside {
        found.retain(|key| !key.starts_with(&outside.value));
    }
    let mut all = Vec::new();
    let listed = listed(&found);
    if let Some(objects) = &check.objects
        && objects.value != found.len() as u64
    {
        let title = format!(
            "expected {}, found {}",
            count(objects.value, "object"),
            found.len()
        );
        all.push(wrong(objects.span, &title, format!("there: {listed}")));
    }
    for glob in &check.keys {
        let pattern = glob::Pattern::new(&glob.value);
        match pattern {
            Err(error) => all.push(wrong(glob.span, "this is not a glob", error.msg.to_owned())),
            Ok(pattern) if !found.iter().any(|key| pattern.matches(key)) => {
                let title = format!("expected a key like `{}`, found none", glob.value);
                all.push(wrong(glob.span, &title, format!("there: {listed}")));
            }
            Ok(_) => {}
        }
    }
    if check.records.is_none() && check.some.is_empty() && check.every.is_empty() {
        return all;
    }
    match records(world, &check.within.value.bucket, &found).await {
        Ok(records) => compare(check, &records, &mut all),
        Err(said) => all.push(wrong(check.within.span, "the records cannot be read", said)),
    }
    all
}

fn wrong(span: Span, title: &str, label: String) -> Wrong {
    Wrong::outcome(span, title, label)
}

/// Every key under the place.
async fn keys(world: &World, check: &S3Check) -> Result<Vec<String>, CallError> {
    let place = &check.within.value;
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let mut call = Call::with(
            Service::S3,
            "ListObjectsV2",
            [
                ("Bucket", json!(place.bucket)),
                ("Prefix", json!(place.prefix)),
            ],
        );
        if let Some(token) = &token {
            call.params
                .insert("ContinuationToken".to_owned(), json!(token));
        }
        let body = world
            .call(Some(&root(world.endpoint.root_secret(), None)), &call)
            .await?
            .body;
        let contents = match body.get("Contents") {
            Some(Value::Array(items)) => items.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        let keys = contents.iter().filter_map(|item| item.get("Key")?.as_str());
        found.extend(keys.map(str::to_owned));
        token = body
            .get("NextContinuationToken")
            .and_then(Value::as_str)
            .map(str::to_owned);
        if token.is_none() {
            return Ok(found);
        }
    }
}

/// Every line of JSON in the objects, gzip or not.
async fn records(world: &World, bucket: &str, keys: &[String]) -> Result<Vec<Value>, String> {
    let mut records = Vec::new();
    for key in keys {
        let call = Call::with(
            Service::S3,
            "GetObject",
            [("Bucket", json!(bucket)), ("Key", json!(key))],
        );
        let reply = world
            .call(Some(&root(world.endpoint.root_secret(), None)), &call)
            .await
            .map_err(|error| error.to_string())?;
        let text = if reply.bytes.starts_with(&GZIP) {
            let mut text = String::new();
            let read = MultiGzDecoder::new(&*reply.bytes)
                .take(MOST_BYTES)
                .read_to_string(&mut text);
            read.map_err(|error| format!("`{key}` is not gzip of text: {error}"))?;
            text
        } else {
            String::from_utf8_lossy(&reply.bytes).into_owned()
        };
        for (number, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let record = serde_json::from_str(line)
                .map_err(|error| format!("line {} of `{key}` is not JSON: {error}", number + 1))?;
            records.push(record);
        }
    }
    Ok(records)
}

fn compare(check: &S3Check, records: &[Value], all: &mut Vec<Wrong>) {
    if let Some(wanted) = &check.records
        && wanted.value != records.len() as u64
    {
        let title = format!(
            "expected {}, found {}",
            count(wanted.value, "record"),
            records.len()
        );
        all.push(wrong(
            wanted.span,
            &title,
            format!("{} there", records.len()),
        ));
    }
    // `some` is about one record that has all of the members.
    if !check.some.is_empty()
        && !records
            .iter()
            .any(|record| check.some.iter().all(|pair| has(record, pair)))
    {
        let (first, rest) = (check.some.first(), check.some.last());
        let span = first
            .zip(rest)
            .map_or(check.span, |(first, last)| first.0.span.to(last.1.span));
        let label = records.first().map_or_else(
            || "there are none".to_owned(),
            |record| format!("the first is {}", short(record)),
        );
        all.push(wrong(span, "no record has these members", label));
    }
    for pair in &check.every {
        if let Some(other) = records.iter().find(|record| !has(record, pair)) {
            let title = format!("not every record has this `{}`", pair.0.value);
            all.push(wrong(
                pair.1.span,
                &title,
                format!("this one has not: {}", short(other)),
            ));
        }
    }
    if !check.every.is_empty() && records.is_empty() && check.records.is_none() {
        all.push(wrong(
            check.span,
            "expected every record to be so, found no record",
            "nothing there".to_owned(),
        ));
    }
}

fn has(record: &Value, (name, wanted): &(Spot<String>, Spot<Wanted>)) -> bool {
    let found = name
        .value
        .split('.')
        .try_fold(record, |value, part| value.get(part));
    match (&wanted.value, found) {
        (Wanted::Present, found) => found.is_some_and(|value| !value.is_null()),
        (Wanted::Absent, found) => found.is_none_or(Value::is_null),
        (Wanted::Text(text), Some(Value::String(found))) => found == text,
        // Numbers and booleans by their JSON text.
        (Wanted::Text(text), Some(found)) => {
            serde_json::to_string(found).is_ok_and(|found| found == *text)
        }
        (Wanted::Text(_), None) => false,
    }
}

fn short(record: &Value) -> String {
    let text = record.to_string();
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn listed(keys: &[String]) -> String {
    match keys {
        [] => "nothing".to_owned(),
        [one, two, three, _, ..] => format!("{one}, {two}, {three} and {} more", keys.len() - 3),
        few => few.join(", "),
    }
}

fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
