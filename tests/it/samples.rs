//! One well-formed request for every operation that is served: what the grid sends in seven ways.

use rolecall_server::wire::Row;
use rolecall_tests::raw::{Raw, aws_encoded};

/// A bucket, an object, an app and a role that exist before the grid begins.
pub(crate) const BUCKET: &str = "grid-bucket";
pub(crate) const KEY: &str = "key";

/// What stands for the labels of a path.
pub(crate) struct Names {
    pub(crate) app: String,
}

/// The form fields of an awsQuery operation, besides Action and Version.
const FORMS: &[(&str, &[(&str, &str)])] = &[];

/// Query string, headers and body of REST operations that need more than their path.
struct Rest {
    name: &'static str,
    query: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
}

const RESTS: &[Rest] = &[];

/// A request for `row` that reaches its decision.
pub(crate) fn sample(row: &Row, names: &Names) -> Raw {
    match row.service {
        "iam" => form(row, "2010-05-08"),
        "sts" => form(row, "2011-06-15"),
        _ => rest(row, names),
    }
}

fn form(row: &Row, version: &str) -> Raw {
    let more = FORMS
        .iter()
        .find(|(name, _)| *name == row.name)
        .map(|(_, fields)| *fields);
    let mut fields = vec![("Action", row.name), ("Version", version)];
    fields.extend(more.unwrap_or_default());
    Raw::form(&fields)
}

fn rest(row: &Row, names: &Names) -> Raw {
    let (target, header) = row.path.split_once('#').unwrap_or((row.path, ""));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let app_arn = format!(
        "arn:aws:mobiletargeting:us-east-1:123456789012:apps/{}",
        names.app
    );
    let path = path
        .replace("{bucket}", BUCKET)
        .replace("{key+}", KEY)
        .replace("{application-id}", &names.app)
        .replace("{resource-arn}", &aws_encoded(&app_arn))
        .replace(['{', '}'], "");
    let more = RESTS.iter().find(|rest| rest.name == row.name);
    let queries = [query, more.map_or("", |rest| rest.query)];
    let query: Vec<&str> = queries
        .into_iter()
        .filter(|query| !query.is_empty())
        .collect();
    let target = if query.is_empty() {
        path
    } else {
        format!("{path}?{}", query.join("&"))
    };
    let mut raw = Raw::new(row.method, &target);
    for header in header.split('#').filter(|header| !header.is_empty()) {
        raw = raw.header(header, &format!("{BUCKET}/{KEY}"));
    }
    for (name, value) in more.map(|rest| rest.headers).unwrap_or_default() {
        raw = raw.header(name, value);
    }
    raw.body(more.map_or("", |rest| rest.body))
}
