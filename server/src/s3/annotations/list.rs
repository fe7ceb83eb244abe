//! `ListObjectAnnotations`.

use super::{LONGEST_NAME, VERSION, demand, is_no_text};
use crate::{
    gate::{Access, Facts, Granted},
    s3::{
        Headers, faults,
        list_page::{decode_token, token},
        names::number,
        read::{self, Wanted},
    },
    wire::{Fault, Operation, XmlReply, millis_time},
};
use serde::{Deserialize, Serialize};

/// The most of one page.
const MOST: usize = 1000;

/// `ListObjectAnnotations`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::s3) struct ListObjectAnnotations {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
    annotation_prefix: Option<String>,
    max_annotation_results: Option<String>,
    continuation_token: Option<String>,
}

/// `<ListObjectAnnotationsOutput>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::s3) struct ListObjectAnnotationsOutput {
    annotations: Entries,
    bucket: String,
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotation_prefix: Option<String>,
    max_annotation_results: usize,
    annotation_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_continuation_token: Option<String>,
}

#[derive(Debug, Serialize)]
struct Entries {
    #[serde(rename = "AnnotationEntry")]
    entries: Vec<Entry>,
}

/// `<AnnotationEntry>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    annotation_name: String,
    last_modified: String,
    #[serde(rename = "ETag")]
    etag: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_algorithm: Option<&'static str>,
    size: u64,
}

impl ListObjectAnnotations {
    /// How many are asked for.
    fn most(&self) -> Result<Option<usize>, Fault> {
        let name = "max-annotation-results";
        let Some(text) = self.max_annotation_results.as_deref() else {
            return Ok(None);
        };
        let most = number(name, text)?;
        if !(1..=MOST).contains(&most) {
            let message = format!("Argument {name} must be an integer between 1 and {MOST}");
            return Err(faults::invalid_argument(message, name, text));
        }
        Ok(Some(most))
    }

    fn prefix(&self) -> Result<&str, Fault> {
        let prefix = self.annotation_prefix.as_deref().unwrap_or_default();
        if prefix.len() > LONGEST_NAME || prefix.chars().any(is_no_text) {
            let message = "The annotation prefix you provided is invalid.";
            return Err(Fault::service(400, "InvalidPrefix", message));
        }
        Ok(prefix)
    }
}

impl Operation for ListObjectAnnotations {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "ListObjectAnnotations";
    type Output = XmlReply<ListObjectAnnotationsOutput>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let actions = (
            "s3:ListObjectAnnotations",
            "s3:ListObjectVersionAnnotations",
        );
        let most = self.most()?;
        let demand = demand(facts, wanted, &self.headers, actions)?
            .with("s3:annotation-prefix", self.annotation_prefix.as_deref())
            .with("s3:max-annotation-results", most.map(|most| most as f64));
        Ok(demand.into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Self::Output, Fault> {
        let most = self.most()?.unwrap_or(MOST);
        let prefix = self.prefix()?;
        let after = self.continuation_token.as_deref();
        let after = after.map(decode_token).transpose()?;
        let wanted = Wanted::new(&self.bucket, &self.key, self.version.as_deref());
        let found = read::find_no_marker(&cx, wanted, "GET")?;
        let mut rest = found
            .object
            .extras
            .annotations
            .page(prefix, after.as_deref());
        let entries: Vec<Entry> = rest
            .by_ref()
            .take(most)
            .map(|(name, annotation)| Entry {
                annotation_name: name.to_string(),
                last_modified: millis_time(annotation.modified),
                etag: annotation.etag.quoted(),
                checksum_algorithm: annotation.checksum.as_ref().map(|it| it.algorithm.name()),
                size: annotation.blob.len(),
            })
            .collect();
        let more = rest.next().is_some();
        drop(rest);
        let last = entries.last().filter(|_| more);
        let next = last.map(|entry| token(&entry.annotation_name));
        let output = ListObjectAnnotationsOutput {
            annotation_count: entries.len(),
            annotations: Entries { entries },
            bucket: self.bucket,
            key: self.key,
            annotation_prefix: self.annotation_prefix,
            max_annotation_results: most,
            continuation_token: self.continuation_token,
            next_continuation_token: next,
        };
        Ok(XmlReply::root("ListObjectAnnotationsOutput", output)
            .header(VERSION, found.version.as_deref()))
    }
}
