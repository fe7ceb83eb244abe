//! `rolecall lint`: what is wrong with policy documents, before anybody is denied anything.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use rolecall::diagnostic::{Diagnostic, Level, SourceFile, Span};
use rolecall::report::annotation;
use rolecall_policy::findings::{Finding, Location, PolicyType, Severity, fix, guess, lint};
use rolecall_policy::{Policy, PolicyKind};
use serde_json::{Value, json};

use super::args::{Lint, LintFormat, PolicyAs};
use super::{Failed, Outcome, out};

/// How many of each kind were said.
#[derive(Default)]
struct Count {
    files: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
}

pub(super) fn main(args: &Lint) -> Outcome {
    let mut count = Count::default();
    for path in documents(&args.paths)? {
        let file = read(&path, args.fix)?;
        let (policy_type, resource) = match args.kind {
            Some(kind) => label(kind, &file.text),
            None => guess(&file.text),
        };
        count.files += 1;
        let mendable = fix(&file.text).is_some();
        for finding in lint(&file.text, policy_type, resource) {
            count.add(finding.severity);
            out::print(&match args.format {
                LintFormat::Human => human(&finding, &file, mendable),
                LintFormat::Json => json_line(&finding, &file),
                LintFormat::Github => github(&finding, &file),
            });
        }
    }
    let clean = count.errors + count.warnings == 0;
    match args.format {
        LintFormat::Human => out::line(&count.said()),
        LintFormat::Json => out::line(&count.json(clean).to_string()),
        LintFormat::Github => {}
    }
    Ok(if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The files as named, and of folders every JSON file that has a statement.
fn documents(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failed> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let before = found.len();
        folder(path, &mut found)?;
        if found.len() == before {
            let said = format!("no policy documents in `{}`", path.display());
            return Err(Failed::new(said).code(4));
        }
    }
    Ok(found)
}

fn folder(path: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failed> {
    let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(|error| unreadable(path, &error))?;
    inside.sort();
    for path in inside {
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_symlink() || hidden {
            continue;
        }
        if path.is_dir() {
            folder(&path, found)?;
        } else if path.extension().is_some_and(|end| end == "json") {
            let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            if String::from_utf8_lossy(&bytes).contains("Statement") {
                found.push(path);
            }
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failed {
    Failed::new(format!("failed to read `{}`: {error}", path.display())).code(3)
}

/// The document; mended on the disk first if that is asked for.
fn read(path: &Path, mend: bool) -> Result<Arc<SourceFile>, Failed> {
    let mut text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    if mend && let Some(mended) = fix(&text) {
        std::fs::write(path, &mended).map_err(|error| {
            Failed::new(format!("failed to write `{}`: {error}", path.display())).code(3)
        })?;
        out::note(&format!("mended {}\n", path.display()));
        text = mended;
    }
    Ok(SourceFile::new(path.display().to_string(), text))
}

/// The kind as told. Which resource a policy belongs to is still seen from its actions.
fn label(kind: PolicyAs, text: &str) -> (PolicyType, Option<&'static str>) {
    match kind {
        PolicyAs::Identity => (PolicyType::Identity, None),
        PolicyAs::Trust => (
            PolicyType::Resource,
            Some("AWS::IAM::AssumeRolePolicyDocument"),
        ),
        PolicyAs::Resource => match guess(text) {
            (PolicyType::Resource, Some(resource)) if resource.starts_with("AWS::S3") => {
                (PolicyType::Resource, Some(resource))
            }
            _ => (PolicyType::Resource, None),
        },
        PolicyAs::Scp => (PolicyType::ServiceControl, None),
        PolicyAs::Rcp => (PolicyType::ResourceControl, None),
    }
}

fn span(location: &Location) -> Span {
    Span::from(location.bytes.clone())
}

/// rolecall's code, or AWS's where that is the only one.
fn code(finding: &Finding) -> &'static str {
    finding.rc.unwrap_or(finding.code)
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Note => Level::Note,
    }
}

fn human(finding: &Finding, file: &Arc<SourceFile>, mendable: bool) -> String {
    let mut said = Diagnostic::error(format!("{} {}", code(finding), finding.details));
    said.level = level(finding.severity);
    let mut places = finding.locations.iter();
    if let Some(first) = places.next() {
        said = said.at(file, one_line(span(first), file), "");
    }
    for more in places {
        said = said.also(file, one_line(span(more), file), "");
    }
    said = said.maybe_help(finding.help.clone());
    if mendable && finding.rc == Some("RC-P001") {
        said = said.help("rolecall lint --fix does that");
    }
    if let Some(rc) = finding.rc {
        said = said.help(format!("rolecall explain {rc}"));
    }
    format!("{}\n\n", said.render(out::coloured()))
}

/// What makes a document one that is refused, for stderr: the findings that are errors, or, where AWS's checks find none,
/// the fault that IAM stops at.
pub(super) fn mistakes(path: &Path, text: String, kind: PolicyKind) {
    let file = SourceFile::new(path.display().to_string(), text);
    let (policy_type, resource) = match kind {
        PolicyKind::Trust => label(PolicyAs::Trust, &file.text),
        _ => label(PolicyAs::Identity, &file.text),
    };
    let mendable = fix(&file.text).is_some();
    let findings = lint(&file.text, policy_type, resource);
    let errors: Vec<String> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| human(finding, &file, mendable))
        .collect();
    if !errors.is_empty() {
        return out::note(&errors.concat());
    }
    if let Err(faults) = Policy::parse(&file.text, kind) {
        let fault = faults.first();
        let said = Diagnostic::error(fault.why.clone())
            .at(&file, one_line(Span::from(fault.span.clone()), &file), "")
            .maybe_help(fault.help.clone());
        out::note(&format!("{}\n\n", said.render(out::coloured())));
    }
}

/// What is missing from a statement is said at its first line; the rest of it would only be in the way.
fn one_line(span: Span, file: &SourceFile) -> Span {
    let text = file.slice(span);
    match text.split_once('\n') {
        Some((first, _)) if !first.trim().is_empty() => {
            Span::new(span.start, span.start + first.trim_end().len())
        }
        _ => span,
    }
}

fn start(finding: &Finding, file: &SourceFile) -> (usize, usize) {
    let first = finding.locations.first();
    file.line_column(first.map_or(0, |location| location.bytes.start))
}

fn json_line(finding: &Finding, file: &SourceFile) -> String {
    let (line, column) = start(finding, file);
    let aws = (!finding.code.starts_with("RC-")).then_some(finding);
    let event = json!({
        "v": 1,
        "event": "finding",
        "file": file.path,
        "line": line,
        "column": column,
        "severity": finding.severity,
        "code": code(finding),
        "message": finding.details,
        "help": finding.help,
        "aws": aws,
    });
    format!("{event}\n")
}

fn github(finding: &Finding, file: &SourceFile) -> String {
    let (line, column) = start(finding, file);
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut text = finding.details.clone();
    if let Some(help) = &finding.help {
        text.push_str(&format!("\nhelp: {help}"));
    }
    format!(
        "{}\n",
        annotation(level, (&file.path, line, column), code(finding), &text)
    )
}

impl Count {
    fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Note => self.notes += 1,
        }
    }

    fn said(&self) -> String {
        let many = |count: usize, word: &str| match count {
            1 => format!("1 {word}"),
            _ => format!("{count} {word}s"),
        };
        format!(
            "{}: {}, {}, {}",
            many(self.files, "document"),
            many(self.errors, "error"),
            many(self.warnings, "warning"),
            many(self.notes, "note")
        )
    }

    fn json(&self, clean: bool) -> Value {
        json!({
            "v": 1,
            "event": "end",
            "files": self.files,
            "errors": self.errors,
            "warnings": self.warnings,
            "notes": self.notes,
            "exit": i32::from(!clean),
        })
    }
}
