//! Policy documents: the text that is sent, and the way back from it to the file on disk.
//!
//! A document is never templated. Only `replace:` changes it, as the AWS pages ask their readers to
//! do by hand: whole words, inside JSON strings, never in a key. Every change is kept as an edit, so
//! a place in the sent text can be shown in the file as it was published.

mod inline;
mod replace;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use self::inline::render;
pub(crate) use self::replace::Replace;
use self::replace::is_word_byte;
use super::file::node::Node;
use super::json_text::{self, Found};
use crate::diagnostic::{Diagnostic, SourceFile, Span, nearest};

/// A policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The file it stands in: its own, or the scenario for a document written inline.
    pub file: Arc<SourceFile>,
    /// Where in the scenario it was asked for.
    pub asked: Span,
    /// The text that is sent.
    pub text: String,
    pieces: Vec<Piece>,
    whole: Span,
}

/// A run of the sent text and the run of the file it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    sent: Range<usize>,
    original: Range<usize>,
    /// Byte for byte the same, so that an offset inside it can be carried over.
    verbatim: bool,
}

impl Document {
    /// The text as it stands in the file, before any replacement.
    #[must_use]
    pub fn original(&self) -> &str {
        self.file.slice(self.whole)
    }

    /// The path of its own file; `None` when it is written inline in the scenario.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        (self.whole == Span::new(0, self.file.text.len())).then_some(self.file.path.as_str())
    }

    /// The place in `file` of a range of the sent text.
    #[must_use]
    pub fn to_original(&self, sent: Range<usize>) -> Range<usize> {
        let touched = |piece: &&Piece| {
            (piece.sent.start < sent.end && sent.start < piece.sent.end)
                || (sent.is_empty() && piece.sent.contains(&sent.start))
        };
        let Some(first) = self.pieces.iter().find(touched) else {
            // Between two pieces of an inline document: punctuation that YAML spells otherwise.
            let next = self
                .pieces
                .iter()
                .find(|piece| piece.sent.start >= sent.start);
            return next.map_or_else(|| self.whole.range(), |piece| piece.original.clone());
        };
        let last = self.pieces.iter().rfind(touched).unwrap_or(first);
        let start = if first.verbatim {
            first.original.start + sent.start.saturating_sub(first.sent.start)
        } else {
            first.original.start
        };
        let end = if last.verbatim {
            last.original.start + sent.end.min(last.sent.end) - last.sent.start
        } else {
            last.original.end
        };
        start..end.max(start)
    }
}

/// What `duplicate-keys:` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DuplicateKeys {
    /// As IAM does.
    #[default]
    Refuse,
    /// The last one counts; the earlier ones are cut out before the document is sent.
    Last,
}

/// Opens the files that `file://` names.
#[derive(Debug)]
pub(crate) struct Loader {
    scenario: Arc<SourceFile>,
    base: PathBuf,
    open: RefCell<BTreeMap<PathBuf, Arc<SourceFile>>>,
    /// The scenario's own `replace:`.
    pub(crate) everywhere: Replace,
}

impl Loader {
    /// `files` is the scenario's `files:`, relative to the folder the scenario stands in.
    pub(crate) fn new(
        scenario: &Arc<SourceFile>,
        files: Option<&str>,
        everywhere: Replace,
    ) -> Self {
        let folder = Path::new(&scenario.path).parent().unwrap_or(Path::new(""));
        Self {
            scenario: Arc::clone(scenario),
            base: tidy(&folder.join(files.unwrap_or_default())),
            open: RefCell::default(),
            everywhere,
        }
    }

    /// The text behind `file://NAME`, byte for byte.
    pub(crate) fn file(&self, name: &str, asked: Span) -> Result<Arc<SourceFile>, Box<Diagnostic>> {
        let path = tidy(&self.base.join(name));
        if let Some(file) = self.open.borrow().get(&path) {
            return Ok(Arc::clone(file));
        }
        let shown = path.display().to_string();
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let file = SourceFile::new(shown, text);
                self.open.borrow_mut().insert(path, Arc::clone(&file));
                Ok(file)
            }
            Err(error) => Err(Box::new(self.unread(&path, asked, &error))),
        }
    }

    /// A file of bytes.
    pub(crate) fn bytes(&self, name: &str, asked: Span) -> Result<Vec<u8>, Box<Diagnostic>> {
        let path = tidy(&self.base.join(name));
        std::fs::read(&path).map_err(|error| Box::new(self.unread(&path, asked, &error)))
    }

    fn unread(&self, path: &Path, asked: Span, error: &std::io::Error) -> Diagnostic {
        Diagnostic::error(format!(
            "cannot read `{}`: {}",
            path.display(),
            plain(error)
        ))
        .at(&self.scenario, asked, "asked for here")
        .maybe_help(neighbour(path))
    }

    /// The document in a file.
    pub(crate) fn document(
        &self,
        name: &str,
        asked: Span,
        replace: &Replace,
        duplicates: DuplicateKeys,
    ) -> Result<Document, Box<Diagnostic>> {
        let file = self.file(name, asked)?;
        let whole = Span::new(0, file.text.len());
        let edits = self.edits(&file.text, replace, duplicates);
        let (text, pieces) = apply(&file.text, edits);
        Ok(Document {
            file,
            asked,
            text,
            pieces,
            whole,
        })
    }

    /// The document written inline at `node`.
    pub(crate) fn inline(&self, node: &Node, replace: &Replace) -> Document {
        let mut text = String::new();
        let mut marks = Vec::new();
        render(node, &mut text, &mut marks);
        let edits = self.edits(&text, replace, DuplicateKeys::Refuse);
        let (sent, pieces) = apply(&text, edits);
        // Two steps back: from what is sent to what was rendered, and from there to the scenario.
        let rendered = Document {
            file: Arc::clone(&self.scenario),
            asked: node.span,
            text: sent,
            pieces,
            whole: Span::new(0, text.len()),
        };
        let mut both = Vec::new();
        for mark in &marks {
            let sent = rendered.pieces.iter().filter_map(|piece| {
                let overlap = piece.original.start.max(mark.sent.start)
                    ..piece.original.end.min(mark.sent.end);
                (overlap.start < overlap.end).then(|| {
                    if piece.verbatim {
                        let back = |at: usize| piece.sent.start + at - piece.original.start;
                        back(overlap.start)..back(overlap.end)
                    } else {
                        piece.sent.clone()
                    }
                })
            });
            both.extend(sent.map(|sent| Piece {
                sent,
                original: mark.original.clone(),
                verbatim: false,
            }));
        }
        Document {
            pieces: both,
            whole: node.span,
            ..rendered
        }
    }

    fn edits(&self, text: &str, replace: &Replace, duplicates: DuplicateKeys) -> Vec<Edit> {
        let mut edits = Vec::new();
        if duplicates == DuplicateKeys::Last {
            let lost = json_text::repeated_members(text);
            edits.extend(lost.into_iter().map(|range| Edit {
                range,
                text: String::new(),
            }));
        }
        // Words of a member that is cut count as found; its edits fall away with it.
        for found in json_text::strings(text) {
            if !found.key {
                self.replace_in(text, &found, replace, &mut edits);
            }
        }
        edits.sort_by_key(|edit| edit.range.start);
        edits
    }

    /// The words of one string. What stands inside `${...}` is IAM's own and stays.
    fn replace_in(&self, text: &str, found: &Found, replace: &Replace, edits: &mut Vec<Edit>) {
        let Range { start, end } = found.inner;
        let mut at = start;
        while at < end {
            let Some(rest) = text.get(at..end) else {
                at += 1;
                continue;
            };
            if rest.starts_with("${")
                && let Some(close) = rest.find('}')
            {
                at += close + 1;
                continue;
            }
            let opens = at == start
                || text
                    .as_bytes()
                    .get(at - 1)
                    .is_none_or(|b| !is_word_byte(*b));
            let word = opens
                .then(|| replace.at(rest).or_else(|| self.everywhere.at(rest)))
                .flatten();
            match word {
                Some(word) => {
                    word.found.set(true);
                    let until = at + word.word.value.len();
                    edits.push(Edit {
                        range: at..until,
                        text: json_text::escaped(&word.value.value),
                    });
                    at = until;
                }
                None => at += 1,
            }
        }
    }
}

struct Edit {
    range: Range<usize>,
    text: String,
}

fn apply(text: &str, edits: Vec<Edit>) -> (String, Vec<Piece>) {
    let mut out = String::with_capacity(text.len());
    let mut pieces = Vec::new();
    let mut done = 0;
    let copy = |out: &mut String, pieces: &mut Vec<Piece>, range: Range<usize>| {
        if let Some(same) = text.get(range.clone()).filter(|same| !same.is_empty()) {
            pieces.push(Piece {
                sent: out.len()..out.len() + same.len(),
                original: range,
                verbatim: true,
            });
            out.push_str(same);
        }
    };
    for edit in edits {
        if edit.range.start < done {
            continue;
        }
        copy(&mut out, &mut pieces, done..edit.range.start);
        if !edit.text.is_empty() {
            pieces.push(Piece {
                sent: out.len()..out.len() + edit.text.len(),
                original: edit.range.clone(),
                verbatim: false,
            });
            out.push_str(&edit.text);
        }
        done = edit.range.end;
    }
    copy(&mut out, &mut pieces, done..text.len());
    (out, pieces)
}

/// A path without `.` and without `x/..`.
fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// The words of an I/O error without its number.
fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// The file in the same folder that may have been meant.
fn neighbour(path: &Path) -> Option<String> {
    let folder = path.parent()?;
    let listed: Vec<String> = std::fs::read_dir(if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    })
    .ok()?
    .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
    .collect();
    let wanted = path.file_name()?.to_str()?;
    nearest(wanted, listed.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"))
}
