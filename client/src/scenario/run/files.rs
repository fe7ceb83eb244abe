//! Finding scenario files and reading them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, SourceFile, nearest};
use crate::scenario::vars::Overrides;
use crate::scenario::{Scenario, read};

const ENDINGS: [&str; 2] = [".rolecall.yaml", ".rolecall.yml"];
/// Folders that hold other people's files, or built ones.
const PASSED_BY: [&str; 3] = ["target", "node_modules", ".git"];
const DEEPEST: usize = 16;

/// The scenario files under some paths, sorted; without paths those under `scenarios`, or, when
/// there is no such folder, those under the current one.
///
/// # Errors
/// A path that is not there.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Box<Diagnostic>> {
    let usual = Path::new("scenarios");
    let defaults = [if usual.is_dir() {
        usual.to_owned()
    } else {
        PathBuf::from(".")
    }];
    let paths = if paths.is_empty() { &defaults } else { paths };
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = found.len();
            walk(path, 0, &mut found);
            if let Some(new) = found.get_mut(before..) {
                new.sort();
            }
        } else if path.exists() {
            found.push(path.clone());
        } else {
            let said = format!(
                "failed to find `{}`: there is no such file or folder",
                path.display()
            );
            return Err(Box::new(
                Diagnostic::error(said).maybe_help(neighbour(path)),
            ));
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    Ok(found)
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // A link to a folder is not followed: it may lead back here.
        let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let path = match entry.path().strip_prefix(".") {
            Ok(path) => path.to_owned(),
            Err(_) => entry.path(),
        };
        if folder && depth < DEEPEST && !PASSED_BY.contains(&&*name) {
            walk(&path, depth + 1, found);
        } else if !folder && ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
}

fn neighbour(path: &Path) -> Option<String> {
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let names = std::fs::read_dir(folder).ok()?.flatten();
    let names: Vec<String> = names
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let near = nearest(
        path.file_name()?.to_str()?,
        names.iter().map(String::as_str),
    )?;
    Some(format!(
        "did you mean `{}`?",
        path.with_file_name(near).display()
    ))
}

/// Reads scenarios. Everything that is wrong in any of them is told at once.
///
/// # Errors
/// What is wrong.
pub fn read_all(
    files: &[PathBuf],
    overrides: &Overrides,
) -> Result<Vec<Arc<Scenario>>, Vec<Diagnostic>> {
    let mut scenarios = Vec::new();
    let mut wrong = Vec::new();
    for path in files {
        let shown = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => match read(&SourceFile::new(shown, text), overrides) {
                Ok(scenario) => scenarios.push(Arc::new(scenario)),
                Err(said) => wrong.extend(said),
            },
            Err(error) => {
                let why = match error.kind() {
                    std::io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
                    _ => error.to_string(),
                };
                wrong.push(Diagnostic::error(format!(
                    "failed to read `{shown}`: {why}"
                )));
            }
        }
    }
    if wrong.is_empty() {
        Ok(scenarios)
    } else {
        Err(wrong)
    }
}
