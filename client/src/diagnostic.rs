//! What is said about a mistake: a sentence, the place in the user's file, and what to do about it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level as Shown, Renderer, Snippet};

/// A range of bytes in one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to `end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The same range as the standard library spells it.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A value and where the user wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spot<T> {
    /// A value found at `span`.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A file as it was read, and the name by which the user knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as shown.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl SourceFile {
    /// A file that was read.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            path: path.into(),
            text: text.into(),
        })
    }

    /// The text of a range; empty when the range is not one of this file.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Line and column (both from 1, the column in characters) of a byte.
    #[must_use]
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        let before = self.text.get(..byte).unwrap_or(&self.text);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before
            .get(start..)
            .map_or(1, |rest| rest.chars().count() + 1);
        (line, column)
    }

    /// A range that can be underlined: on character boundaries and inside the text.
    fn clamp(&self, span: Span) -> Range<usize> {
        let mut start = span.start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = span.end.clamp(start, self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// Nothing can go on.
    Error,
    /// It can go on, but is hardly meant.
    Warning,
    /// Worth knowing.
    Note,
}

impl Level {
    fn shown(self) -> Shown<'static> {
        match self {
            Level::Error => Shown::ERROR,
            Level::Warning => Shown::WARNING,
            Level::Note => Shown::NOTE,
        }
    }
}

/// A place in a file and what is to be said there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The bytes to underline.
    pub span: Span,
    /// The words under the line; may be empty.
    pub text: String,
}

/// One thing to tell the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub level: Level,
    /// The sentence: a lower-case fragment.
    pub title: String,
    /// The place it is about; absent when there is no file to show.
    pub primary: Option<Label>,
    /// Other places that matter.
    pub more: Vec<Label>,
    /// What to do.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error without a place.
    pub fn error(title: impl Into<String>) -> Self {
        Self {
            level: Level::Error,
            title: title.into(),
            primary: None,
            more: Vec::new(),
            help: Vec::new(),
        }
    }

    /// A warning without a place.
    pub fn warning(title: impl Into<String>) -> Self {
        Self {
            level: Level::Warning,
            ..Self::error(title)
        }
    }

    /// Points at the place it is about.
    #[must_use]
    pub fn at(mut self, file: &Arc<SourceFile>, span: Span, text: impl Into<String>) -> Self {
        self.primary = Some(Label {
            file: Arc::clone(file),
            span,
            text: text.into(),
        });
        self
    }

    /// Points at one more place.
    #[must_use]
    pub fn also(mut self, file: &Arc<SourceFile>, span: Span, text: impl Into<String>) -> Self {
        self.more.push(Label {
            file: Arc::clone(file),
            span,
            text: text.into(),
        });
        self
    }

    /// Adds something to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds something to do, when there is something.
    #[must_use]
    pub fn maybe_help(mut self, text: Option<String>) -> Self {
        self.help.extend(text);
        self
    }

    /// The whole message for a terminal (`colour`) or for a file.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let mut group = Group::with_title(self.level.shown().primary_title(&self.title));
        let labels: Vec<(AnnotationKind, &Label)> = self
            .primary
            .iter()
            .map(|label| (AnnotationKind::Primary, label))
            .chain(
                self.more
                    .iter()
                    .map(|label| (AnnotationKind::Context, label)),
            )
            .collect();
        // One picture for each file, in the order in which the files are first named.
        let mut files: Vec<&Arc<SourceFile>> = Vec::new();
        for (_, label) in &labels {
            if !files.iter().any(|file| ***file == *label.file) {
                files.push(&label.file);
            }
        }
        for file in files {
            let marks = labels
                .iter()
                .filter(|(_, label)| *label.file == **file)
                .map(|(kind, label)| {
                    let words = (!label.text.is_empty()).then_some(label.text.as_str());
                    kind.span(file.clamp(label.span)).label(words)
                });
            group = group.element(
                Snippet::source(file.text.as_str())
                    .path(file.path.as_str())
                    .annotations(marks),
            );
        }
        for help in &self.help {
            group = group.element(Shown::HELP.message(help.as_str()));
        }
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.render(&[group])
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

/// The word of `known` that is close enough to `wrong` to have been meant.
#[must_use]
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = wrong.to_lowercase();
    let distance = |word: &str| {
        let word = word.to_lowercase();
        match folded.len() >= 4 && word.starts_with(&folded) {
            true => 1, // the beginning of a longer word
            false => strsim::damerau_levenshtein(&folded, &word),
        }
    };
    known
        .into_iter()
        .map(|word| (distance(word), word))
        .filter(|(distance, word)| {
            *distance <= (word.chars().count().max(folded.chars().count()) / 3).max(1)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// "did you mean `x`?", when a word is near enough; otherwise the list of the words there are.
#[must_use]
pub fn suggestion(wrong: &str, known: &[&str]) -> Option<String> {
    if let Some(word) = nearest(wrong, known.iter().copied()) {
        return Some(format!("did you mean `{word}`?"));
    }
    let quoted: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
    (!quoted.is_empty() && quoted.len() <= 24).then(|| format!("known here: {}", quoted.join(", ")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn one_picture_for_each_file() {
        let one = SourceFile::new("a.yaml", "first: 1\nsecond: 2\nfirst: 3\n");
        let two = SourceFile::new("b.json", "{ \"x\": 1 }\n");
        let said = Diagnostic::error("`first` is given twice")
            .at(&one, Span::new(19, 24), "again")
            .also(&one, Span::new(0, 5), "first here")
            .also(&two, Span::new(2, 5), "and there")
            .help("keep one of them");
        insta::assert_snapshot!(said, @r#"
        error: `first` is given twice
         --> a.yaml:3:1
          |
        1 | first: 1
          | ----- first here
        2 | second: 2
        3 | first: 3
          | ^^^^^ again
          |
         ::: b.json:1:3
          |
        1 | { "x": 1 }
          |   --- and there
          |
          = help: keep one of them
        "#);
    }

    #[test]
    fn a_word_is_suggested_only_when_it_is_near() {
        let known = ["export", "expect", "resource"];
        assert_eq!(nearest("expct", known), Some("expect"));
        assert_eq!(nearest("Resources", known), Some("resource"));
        assert_eq!(nearest("banana", known), None);
        assert_eq!(
            nearest("identity", ["trust-policy", "identity-policy"]),
            Some("identity-policy")
        );
    }

    #[test]
    fn a_range_outside_the_text_is_harmless() {
        let file = SourceFile::new("a", "é");
        let said = Diagnostic::error("x").at(&file, Span::new(1, 900), "here");
        assert!(said.render(false).contains("here"));
        assert!(said.render(true).contains("here"));
    }

    #[test]
    fn lines_and_columns_count_from_one() {
        let file = SourceFile::new("a", "é=1\nb=2\n");
        assert_eq!(file.line_column(0), (1, 1));
        assert_eq!(file.line_column(2), (1, 2));
        assert_eq!(file.line_column(5), (2, 1));
    }
}
