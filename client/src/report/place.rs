//! From a policy as the endpoint knows it to the user's own file.

use std::ops::Range;
use std::sync::Arc;

use rolecall_policy::{Excerpt, Nearest, PolicyNode};

use crate::diagnostic::{Diagnostic, Level, SourceFile, Span};
use crate::scenario::Scenario;
use crate::scenario::documents::Document;

/// The document that a policy was sent as. Two documents may have the same text; then the name
/// decides.
pub(super) fn document<'s>(
    scenario: &'s Scenario,
    name: &str,
    holder: Option<&str>,
    text: &str,
) -> Option<&'s Document> {
    let holder = holder.map(|holder| holder.rsplit('/').next().unwrap_or(holder));
    let trust = holder.map(|holder| format!("{holder}/trust"));
    let mut found = None;
    for (known, document) in scenario
        .documents()
        .filter(|(_, document)| document.text == text)
    {
        let named =
            known == name || Some(&known) == trust.as_ref() || Some(known.as_str()) == holder;
        if named {
            return Some(document);
        }
        found = found.or(Some(document));
    }
    found
}

/// `s3policy.json:49`, or the place in the scenario for a policy that is written there.
pub(super) fn file_line(
    scenario: &Scenario,
    policy: &PolicyNode,
    span: &Range<usize>,
) -> Option<String> {
    let document = document(
        scenario,
        &policy.name,
        policy.holder.as_deref(),
        &policy.text,
    )?;
    let at = document.to_original(span.clone());
    let (line, _) = document.file.line_column(at.start);
    let name = document
        .file
        .path
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(&document.file.path);
    Some(format!("{name}:{line}"))
}

/// Where a statement begins and ends: file, and (line, column) twice.
pub(super) fn statement(
    scenario: &Scenario,
    hit: &Nearest<'_>,
) -> Option<(String, [(usize, usize); 2])> {
    let policy = hit.policy;
    let document = document(
        scenario,
        &policy.name,
        policy.holder.as_deref(),
        &policy.text,
    )?;
    let at = document.to_original(hit.statement.span.clone());
    let place = |byte| document.file.line_column(byte);
    Some((document.file.path.clone(), [place(at.start), place(at.end)]))
}

/// The excerpt in the user's own file, with the place that decided underlined.
pub(super) fn picture(scenario: &Scenario, excerpt: &Excerpt) -> Diagnostic {
    let document = document(
        scenario,
        &excerpt.policy,
        excerpt.holder.as_deref(),
        &excerpt.text,
    );
    let file = match document {
        Some(document) => Arc::clone(&document.file),
        // A policy that no file of the scenario holds: AWS's own, or one made by a call of a step.
        None => SourceFile::new(excerpt.policy.as_str(), &*excerpt.text),
    };
    let place = |span: &Range<usize>| -> Span {
        match document {
            Some(document) => document.to_original(span.clone()).into(),
            None => span.clone().into(),
        }
    };
    let mut said = Diagnostic {
        level: Level::Note,
        ..Diagnostic::error(excerpt.title.as_str())
    };
    let mut decided = false;
    for mark in &excerpt.marks {
        let span = one_line(&file, place(&mark.span));
        if mark.decisive && !decided {
            decided = true;
            said = said.at(&file, span, mark.label.as_str());
        } else {
            said = said.also(&file, span, mark.label.as_str());
        }
    }
    said
}

/// A mark over many lines would draw a bracket along all of them; its first line says enough.
pub(super) fn one_line(file: &SourceFile, span: Span) -> Span {
    let text = file.slice(span);
    match text.find('\n') {
        Some(end) => Span::new(
            span.start,
            span.start + text.get(..end).map_or(end, |line| line.trim_end().len()),
        ),
        None => span,
    }
}

/// The file, line and column of the place that decided, for annotations.
pub(super) fn decisive(scenario: &Scenario, excerpt: &Excerpt) -> Option<(String, usize, usize)> {
    let document = document(
        scenario,
        &excerpt.policy,
        excerpt.holder.as_deref(),
        &excerpt.text,
    )?;
    let mark = excerpt
        .marks
        .iter()
        .find(|mark| mark.decisive)
        .or(excerpt.marks.first())?;
    let at = document.to_original(mark.span.clone());
    let (line, column) = document.file.line_column(at.start);
    Some((document.file.path.clone(), line, column))
}
