//! Texts with `*`, `?` and `${variables}`, split once when a policy is stored.

use std::borrow::Cow;
use std::ops::Range;

use smallvec::SmallVec;

use crate::Context;
use crate::worded::Worded;

/// A pattern ready to match.
///
/// Matching looks at each stretch between two stars once, so its cost is at most
/// the length of the text times the longest such stretch; nothing backtracks.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Pattern {
    /// `*`.
    Any,
    /// No wildcard and no variable.
    Exact(Box<str>),
    /// Plain text, then one `*`.
    Prefix(Box<str>),
    /// Everything else.
    Pieces(Box<[Piece]>),
}

/// A stretch of a pattern, with its place in the pattern's text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    what: What,
    at: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Text(Box<str>),
    One,
    Many,
    Variable {
        key: Box<str>,
        default: Option<Box<str>>,
    },
}

/// What is special in a pattern's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Syntax {
    pub(crate) wildcards: bool,
    /// Variables count from this byte on; `None` under Version 2008-10-17.
    pub(crate) variables_from: Option<usize>,
}

/// Where a near miss parts from the text: byte offsets into the pattern and into the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Miss {
    pub(crate) pattern: usize,
    pub(crate) text: usize,
}

/// What a pattern is made of, for those who reason about all texts at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<'p> {
    Text(&'p str),
    One,
    Many,
    /// The name of a condition key.
    Variable(&'p str),
}

/// The values of the variables of one pattern; a ninth would touch the heap.
type Resolved<'c> = SmallVec<[Worded<'c>; 8]>;

impl Pattern {
    pub(crate) fn compile(text: &str, syntax: Syntax) -> Self {
        let pieces = split(text, syntax);
        match pieces.as_slice() {
            [] => Self::Exact("".into()),
            [
                Piece {
                    what: What::Text(only),
                    ..
                },
            ] => Self::Exact(only.clone()),
            [
                Piece {
                    what: What::Many, ..
                },
            ] => Self::Any,
            [
                Piece {
                    what: What::Text(start),
                    ..
                },
                Piece {
                    what: What::Many, ..
                },
            ] => Self::Prefix(start.clone()),
            _ => Self::Pieces(pieces.into()),
        }
    }

    /// Whether the pattern covers `text`. A variable without value matches nothing.
    #[inline]
    pub(crate) fn matches(&self, text: &str, context: &Context<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(exact) => **exact == *text,
            Self::Prefix(start) => text.as_bytes().starts_with(start.as_bytes()),
            Self::Pieces(pieces) => {
                resolve(pieces, context).is_some_and(|values| walk(pieces, &values, text).is_ok())
            }
        }
    }

    /// The text, when the pattern has neither wildcards nor variables.
    pub(crate) fn exact(&self) -> Option<&str> {
        match self {
            Self::Exact(exact) => Some(exact),
            _ => None,
        }
    }

    /// What every text begins with that the pattern covers.
    pub(crate) fn start(&self) -> &str {
        match self {
            Self::Any => "",
            Self::Exact(start) | Self::Prefix(start) => start,
            Self::Pieces(pieces) => match pieces.first().map(|piece| &piece.what) {
                Some(What::Text(start)) => start,
                _ => "",
            },
        }
    }

    /// The text with its variables filled in and its wildcards as they are.
    pub(crate) fn fill<'p>(&'p self, context: &Context<'_>) -> Option<Cow<'p, str>> {
        Some(match self {
            Self::Any => Cow::Borrowed("*"),
            Self::Exact(exact) => Cow::Borrowed(exact),
            Self::Prefix(start) => Cow::Owned(format!("{start}*")),
            Self::Pieces(pieces) => {
                let values = resolve(pieces, context)?;
                texts(pieces, &values).collect::<String>().into()
            }
        })
    }

    /// Whether the pattern, its variables filled in, is `text` but for letter case. It has no wildcards.
    pub(crate) fn says_ignoring_case(&self, text: &str, context: &Context<'_>) -> bool {
        let same = |written: &mut dyn Iterator<Item = char>| {
            written
                .flat_map(char::to_lowercase)
                .eq(text.chars().flat_map(char::to_lowercase))
        };
        match self {
            Self::Any => same(&mut "*".chars()),
            Self::Exact(exact) => same(&mut exact.chars()),
            Self::Prefix(start) => same(&mut start.chars().chain(['*'])),
            Self::Pieces(pieces) => resolve(pieces, context)
                .is_some_and(|values| same(&mut texts(pieces, &values).flat_map(str::chars))),
        }
    }

    /// The pattern from left to right.
    pub(crate) fn steps(&self) -> SmallVec<[Step<'_>; 4]> {
        match self {
            Self::Any => SmallVec::from_slice(&[Step::Many]),
            Self::Exact(text) => SmallVec::from_slice(&[Step::Text(text)]),
            Self::Prefix(start) => SmallVec::from_slice(&[Step::Text(start), Step::Many]),
            Self::Pieces(pieces) => pieces
                .iter()
                .map(|piece| match &piece.what {
                    What::Text(text) => Step::Text(text),
                    What::One => Step::One,
                    What::Many => Step::Many,
                    What::Variable { key, .. } => Step::Variable(key),
                })
                .collect(),
        }
    }

    /// Names of the variables that have no value in this request.
    pub(crate) fn unresolved<'p>(&'p self, context: &Context<'_>) -> Option<&'p str> {
        let Self::Pieces(pieces) = self else {
            return None;
        };
        pieces.iter().find_map(|piece| match &piece.what {
            What::Variable { key, default: None } if context.entry(key).is_none() => Some(&**key),
            _ => None,
        })
    }

    /// Where the text leaves the pattern; `None` when it matches.
    pub(crate) fn miss(&self, text: &str, context: &Context<'_>) -> Option<Miss> {
        match self {
            Self::Any => None,
            Self::Exact(exact) => {
                let same = common(exact, text);
                (**exact != *text).then_some(Miss {
                    pattern: same,
                    text: same,
                })
            }
            Self::Prefix(start) => {
                let same = common(start, text);
                (same < start.len()).then_some(Miss {
                    pattern: same,
                    text: same,
                })
            }
            Self::Pieces(pieces) => match resolve(pieces, context) {
                Some(values) => walk(pieces, &values, text)
                    .err()
                    .map(|stuck| stuck.miss(text)),
                None => pieces
                    .iter()
                    .find(|piece| matches!(piece.what, What::Variable { .. }))
                    .map(|piece| Miss {
                        pattern: piece.at.start,
                        text: 0,
                    }),
            },
        }
    }
}

/// The length of the common start, ending between characters.
pub(crate) fn common(one: &str, other: &str) -> usize {
    let same = one.bytes().zip(other.bytes());
    one.floor_char_boundary(same.take_while(|(a, b)| a == b).count())
}

/// The pieces as they are written, variables as their values.
fn texts<'w>(pieces: &'w [Piece], values: &'w [Worded<'w>]) -> impl Iterator<Item = &'w str> {
    let mut values = values.iter();
    pieces.iter().map(move |piece| match &piece.what {
        What::Text(text) => &**text,
        What::One => "?",
        What::Many => "*",
        What::Variable { .. } => values.next().map_or("", |value| &**value),
    })
}

fn resolve<'c>(pieces: &'c [Piece], context: &'c Context<'_>) -> Option<Resolved<'c>> {
    let mut values = Resolved::new();
    for piece in pieces {
        if let What::Variable { key, default } = &piece.what {
            let value = match context.get(key) {
                Some(value) => value.single_text()?,
                None => Worded::There(default.as_deref()?),
            };
            values.push(value);
        }
    }
    Some(values)
}

/// Where a walk got stuck: the stretch that fits nowhere, its values, and the rest of the text.
struct Stuck<'w> {
    stretch: &'w [Piece],
    values: &'w [Worded<'w>],
    rest: &'w str,
    first: bool,
    last: bool,
}

/// Walks the stretches between stars: the first is bound to the start, the last to the end, the others
/// take the leftmost place they fit.
fn walk<'w>(pieces: &'w [Piece], values: &'w [Worded<'w>], text: &'w str) -> Result<(), Stuck<'w>> {
    let mut values = values;
    let mut rest = text;
    let mut first = true;
    let mut stretches = pieces.split(|piece| piece.what == What::Many).peekable();
    while let Some(stretch) = stretches.next() {
        let variables = stretch
            .iter()
            .filter(|piece| matches!(piece.what, What::Variable { .. }))
            .count();
        let (own, later) = values.split_at_checked(variables).unwrap_or((values, &[]));
        values = later;
        let last = stretches.peek().is_none();
        let end = match (first, last) {
            (true, true) => take(stretch, own, rest)
                .ok()
                .filter(|taken| *taken == rest.len()),
            (true, false) => take(stretch, own, rest).ok(),
            (false, true) => ends(stretch, own, rest).then_some(rest.len()),
            (false, false) => find(stretch, own, rest),
        };
        match end.and_then(|end| rest.get(end..)) {
            Some(left) => rest = left,
            None => {
                return Err(Stuck {
                    stretch,
                    values: own,
                    rest,
                    first,
                    last,
                });
            }
        }
        first = false;
    }
    Ok(())
}

impl Stuck<'_> {
    /// The place where the stretch follows the text longest before the two part.
    fn miss(&self, text: &str) -> Miss {
        let offset = text.len() - self.rest.len();
        let starts = self
            .rest
            .char_indices()
            .map(|(at, _)| at)
            .take_while(|at| !self.first || *at == 0);
        let start = self.stretch.first().map_or(0, |piece| piece.at.start);
        let mut best = Miss {
            pattern: start,
            text: offset,
        };
        for start in starts.chain(self.rest.is_empty().then_some(0)) {
            let tried = self.rest.get(start..).unwrap_or_default();
            let (pattern, at) = match take(self.stretch, self.values, tried) {
                Err(parted) => parted,
                // It fits here, but the text goes on.
                Ok(taken) if self.last => {
                    (self.stretch.last().map_or(0, |piece| piece.at.end), taken)
                }
                Ok(_) => continue,
            };
            if pattern > best.pattern {
                best = Miss {
                    pattern,
                    text: offset + start + at,
                };
            }
        }
        best
    }
}

/// Counts the bytes that are looked at; tests hold the sum against the lengths of pattern and text.
#[inline]
fn looked_at(bytes: usize) {
    #[cfg(test)]
    tests::LOOKED_AT.with(|sum| sum.set(sum.get() + bytes));
    #[cfg(not(test))]
    let _ = bytes;
}

/// Matches a stretch at the start of `text`; the number of bytes taken, or where pattern and text part.
fn take(stretch: &[Piece], values: &[Worded<'_>], text: &str) -> Result<usize, (usize, usize)> {
    let mut values = values.iter();
    let mut taken = 0;
    for piece in stretch {
        let rest = text.get(taken..).unwrap_or_default();
        looked_at(piece.at.len().min(rest.len() + 1));
        match &piece.what {
            What::Text(literal) => {
                if !rest.as_bytes().starts_with(literal.as_bytes()) {
                    let same = common(literal, rest);
                    return Err((piece.at.start + same, taken + same));
                }
                taken += literal.len();
            }
            What::One => match rest.chars().next() {
                Some(character) => taken += character.len_utf8(),
                None => return Err((piece.at.start, taken)),
            },
            What::Variable { .. } => {
                let value = values.next().map_or("", |value| &**value);
                if !rest.as_bytes().starts_with(value.as_bytes()) {
                    return Err((piece.at.start, taken + common(value, rest)));
                }
                taken += value.len();
            }
            What::Many => {}
        }
    }
    Ok(taken)
}

/// Whether a stretch fits the end of `text`.
fn ends(stretch: &[Piece], values: &[Worded<'_>], text: &str) -> bool {
    let mut rest = text;
    let mut values = values.iter().rev();
    for piece in stretch.iter().rev() {
        let left = match &piece.what {
            What::Text(literal) => rest.strip_suffix(&**literal),
            What::One => {
                let mut characters = rest.chars();
                characters.next_back().map(|_| characters.as_str())
            }
            What::Variable { .. } => rest.strip_suffix(values.next().map_or("", |value| &**value)),
            What::Many => Some(rest),
        };
        match left {
            Some(left) => rest = left,
            None => return false,
        }
    }
    true
}

/// The leftmost place a stretch fits: the offset after it.
fn find(stretch: &[Piece], values: &[Worded<'_>], text: &str) -> Option<usize> {
    if let [
        Piece {
            what: What::Text(literal),
            ..
        },
    ] = stretch
    {
        // The search of the standard library is linear whatever is sought in whatever text.
        let found = text.find(&**literal).map(|at| at + literal.len());
        looked_at(found.unwrap_or(text.len()));
        return found;
    }
    let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    for start in starts {
        if let Ok(taken) = take(stretch, values, text.get(start..).unwrap_or_default()) {
            return Some(start + taken);
        }
    }
    None
}

fn split(text: &str, syntax: Syntax) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut plain = 0;
    let mut at = 0;
    while let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let variable = syntax
            .variables_from
            .filter(|from| character == '$' && at >= *from)
            .and_then(|_| Variable::read(text.get(at..).unwrap_or_default()));
        let (what, length) = match (character, variable) {
            (_, Some(variable)) => (variable.what, variable.length),
            ('*', None) if syntax.wildcards => (What::Many, 1),
            ('?', None) if syntax.wildcards => (What::One, 1),
            (other, None) => {
                at += other.len_utf8();
                continue;
            }
        };
        plain_text(&mut pieces, text, plain..at);
        match pieces.last_mut() {
            // Two stars in a row say no more than one.
            Some(Piece {
                what: What::Many,
                at: known,
            }) if what == What::Many => known.end = at + length,
            _ => pieces.push(Piece {
                what,
                at: at..at + length,
            }),
        }
        at += length;
        plain = at;
    }
    plain_text(&mut pieces, text, plain..at);
    pieces
}

fn plain_text(pieces: &mut Vec<Piece>, text: &str, at: Range<usize>) {
    if let Some(plain) = text.get(at.clone()).filter(|plain| !plain.is_empty()) {
        pieces.push(Piece {
            what: What::Text(plain.into()),
            at,
        });
    }
}

/// `${key}`, `${key, 'default'}`, `${*}`, `${?}`, `${$}`.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
struct Variable {
    what: What,
    length: usize,
}

impl Variable {
    fn read(text: &str) -> Option<Self> {
        let inner = text.strip_prefix("${")?;
        // A default may hold a brace inside its quotes.
        let mut quoted = false;
        let end = inner.find(|character| {
            if character == '\'' {
                quoted = !quoted;
            }
            character == '}' && !quoted
        })?;
        let (inner, length) = (inner.get(..end)?, end + 3);
        let what = match inner {
            "*" | "?" | "$" => What::Text(inner.into()),
            _ => match inner.split_once(',') {
                Some((key, default)) => {
                    let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
                    What::Variable {
                        key: key.trim().into(),
                        default: Some(default.into()),
                    }
                }
                None => What::Variable {
                    key: inner.trim().into(),
                    default: None,
                },
            },
        };
        matches!(&what, What::Variable { key, .. } if !key.is_empty())
            .then_some(())
            .or_else(|| matches!(&what, What::Text(_)).then_some(()))
            .map(|()| Self { what, length })
    }
}

#[cfg(test)]
mod tests;
