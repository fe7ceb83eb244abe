//! A text becomes a part: tags between texts, blocks with what stands in them.

use super::{Block, Kind, Node, Part, Path, Start, Unreadable};
use std::collections::BTreeMap;

/// Blocks within blocks. Nobody nests so deeply; parsing goes down with them.
const DEEPEST: usize = 50;

/// Reads one part of a template.
pub(crate) fn parse(text: &str) -> Result<Part, Unreadable> {
    let mut parser = Parser {
        rest: text,
        trim: false,
        depth: 0,
        inline: BTreeMap::new(),
        wanted: Vec::new(),
    };
    let mut nodes = Vec::new();
    match parser.nodes(&mut nodes)? {
        Stop::End => {}
        Stop::Else(tag) => return wrong(format!("`{}` stands in no block", tag.text)),
        Stop::Close(tag) => return wrong(format!("`{}` closes nothing", tag.text)),
    }
    let (inline, wanted) = (parser.inline, parser.wanted);
    match wanted.into_iter().find(|name| !inline.contains_key(name)) {
        Some(name) => wrong(format!("there is no partial `{name}`")),
        None => Ok(Part { nodes, inline }),
    }
}

fn wrong<T>(why: String) -> Result<T, Unreadable> {
    Err(Unreadable(why))
}

struct Parser<'t> {
    rest: &'t str,
    /// The tag before ended with `~`.
    trim: bool,
    depth: usize,
    inline: BTreeMap<String, Vec<Node>>,
    /// The partials that the part speaks of.
    wanted: Vec<String>,
}

/// Where a row of nodes ends.
enum Stop<'t> {
    End,
    Else(Tag<'t>),
    Close(Tag<'t>),
}

/// What stands between `{{` and `}}`.
struct Tag<'t> {
    /// As it was written.
    text: &'t str,
    sign: Sign,
    words: Vec<Word>,
    /// `~` at its beginning.
    trims: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Value,
    Open,
    Inverse,
    Close,
    Partial,
    Inline,
    Comment,
}

enum Word {
    Path(Path),
    Text(String),
    /// `|`
    Bar,
}

impl Tag<'_> {
    /// The first word, where it is a path.
    fn name(&self) -> &str {
        match self.words.first() {
            Some(Word::Path(path)) => &path.text,
            _ => "",
        }
    }

    fn is_else(&self) -> bool {
        match self.sign {
            Sign::Value => self.name() == "else",
            Sign::Inverse => self.words.is_empty(),
            _ => false,
        }
    }
}

impl<'t> Parser<'t> {
    /// Reads nodes until a tag that belongs to the block around them.
    fn nodes(&mut self, to: &mut Vec<Node>) -> Result<Stop<'t>, Unreadable> {
        loop {
            let trim = self.trim;
            let mut text = self.text();
            if trim {
                text.drain(..text.len() - text.trim_start().len());
            }
            let tag = match self.rest {
                "" => None,
                _ => Some(self.tag()?),
            };
            if tag.as_ref().is_some_and(|tag| tag.trims) {
                text.truncate(text.trim_end().len());
            }
            if !text.is_empty() {
                to.push(Node::Text(text));
            }
            let Some(tag) = tag else { return Ok(Stop::End) };
            if tag.is_else() {
                return Ok(Stop::Else(tag));
            }
            match tag.sign {
                Sign::Comment => {}
                Sign::Close => return Ok(Stop::Close(tag)),
                Sign::Value => to.push(value(tag)?),
                Sign::Open | Sign::Inverse => {
                    let block = self.block(tag)?;
                    to.push(Node::Block(block));
                }
                Sign::Partial => to.push(self.partial(tag)?),
                Sign::Inline => self.inline(&tag)?,
            }
        }
    }

    /// The text before the next tag. `\{{` is text, `\\{{` a backslash and a tag.
    fn text(&mut self) -> String {
        let mut text = String::new();
        while let Some((before, _)) = self.rest.split_once("{{") {
            let (_, tag) = self.rest.split_at(before.len());
            self.rest = tag;
            match before.strip_suffix('\\') {
                None => {
                    text.push_str(before);
                    return text;
                }
                Some(before) if before.ends_with('\\') => {
                    text.push_str(before);
                    return text;
                }
                Some(before) => {
                    text.push_str(before);
                    text.push_str("{{");
                    self.rest = tag.strip_prefix("{{").unwrap_or(tag);
                }
            }
        }
        text.push_str(self.rest);
        self.rest = "";
        text
    }

    /// The tag that comes now.
    fn tag(&mut self) -> Result<Tag<'t>, Unreadable> {
        let begin = self.rest;
        let unclosed = || Unreadable(format!("the tag `{}` is not closed", first_line(begin)));
        let inner = begin.strip_prefix("{{").unwrap_or(begin);
        let (trims, inner) = match inner.strip_prefix('~') {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        if let Some(comment) = inner.strip_prefix('!') {
            let (after, trim) = comment_end(comment).ok_or_else(unclosed)?;
            self.rest = after;
            self.trim = trim;
            return Ok(Tag {
                text: "",
                sign: Sign::Comment,
                words: Vec::new(),
                trims,
            });
        }
        let (sign, triple, mut inner) = if let Some(inner) = inner.strip_prefix('{') {
            (Sign::Value, true, inner)
        } else {
            let signs = [
                ("#*", Sign::Inline),
                ("#", Sign::Open),
                ("/", Sign::Close),
                ("^", Sign::Inverse),
                (">", Sign::Partial),
                ("&", Sign::Value),
            ];
            let found = signs
                .iter()
                .find_map(|(sign, what)| Some((*what, inner.strip_prefix(sign)?)));
            let (sign, inner) = found.unwrap_or((Sign::Value, inner));
            (sign, false, inner)
        };
        let close = if triple { "}}}" } else { "}}" };
        let mut words = Vec::new();
        loop {
            inner = inner.trim_start();
            let tilde = match inner.strip_prefix('~') {
                Some(after) => after.strip_prefix("}}").filter(|_| !triple),
                None => None,
            };
            let plain = || match inner.strip_prefix("}~}}") {
                Some(after) if triple => Some((after, true)),
                _ => Some((inner.strip_prefix(close)?, false)),
            };
            if let Some((after, trim)) = tilde.map(|after| (after, true)).or_else(plain) {
                self.rest = after;
                self.trim = trim;
                let (text, _) = begin.split_at(begin.len() - after.len());
                return Ok(Tag {
                    text,
                    sign,
                    words,
                    trims,
                });
            }
            let Some(first) = inner.chars().next() else {
                return Err(unclosed());
            };
            inner = match first {
                '"' | '\'' => {
                    let quoted = inner.strip_prefix(first).unwrap_or_default();
                    let (text, after) = quoted.split_once(first).ok_or_else(unclosed)?;
                    words.push(Word::Text(text.to_owned()));
                    after
                }
                '|' => {
                    words.push(Word::Bar);
                    inner.strip_prefix('|').unwrap_or_default()
                }
                '(' | ')' | '=' => {
                    let tag = first_line(begin);
                    return wrong(format!("`{first}` is not understood in `{tag}`"));
                }
                '{' | '}' | '~' => return Err(unclosed()),
                _ => {
                    let (text, after) = inner.split_at(path_length(inner));
                    words.push(Word::Path(path(text)));
                    after
                }
            };
        }
    }

    /// A block, with its `else` and its end.
    fn block(&mut self, tag: Tag<'t>) -> Result<Block, Unreadable> {
        let name = tag.name().to_owned();
        let (block, stop) = self.open(&tag, &name)?;
        match stop {
            Stop::Close(close) if close.name() == name => Ok(block),
            Stop::Close(close) => wrong(format!("`{}` closes `{}`", close.text, tag.text)),
            Stop::Else(tag) => wrong(format!("`{}` stands in no block", tag.text)),
            Stop::End => wrong(format!("`{}` is not closed", tag.text)),
        }
    }

    /// What stands in a block that `tag` begins (`{{#if a}}`, or the rest of `{{else if a}}`), and what ended it.
    fn open(&mut self, tag: &Tag<'t>, name: &str) -> Result<(Block, Stop<'t>), Unreadable> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return wrong("blocks are nested too deeply".to_owned());
        }
        let mut block = begun(tag, name)?;
        let mut stop = self.nodes(&mut block.main)?;
        if let Stop::Else(other) = stop {
            stop = if other.sign == Sign::Value && other.words.len() > 1 {
                let chained = Tag {
                    sign: Sign::Open,
                    words: other.words.into_iter().skip(1).collect(),
                    ..other
                };
                let name = chained.name().to_owned();
                let (inner, stop) = self.open(&chained, &name)?;
                block.other.push(Node::Block(inner));
                stop
            } else {
                self.nodes(&mut block.other)?
            };
        }
        // `{{^a}}` is a block that begins with its `else`.
        if tag.sign == Sign::Inverse {
            std::mem::swap(&mut block.main, &mut block.other);
        }
        self.depth -= 1;
        Ok((block, stop))
    }

    /// `{{> name context}}`
    fn partial(&mut self, tag: Tag<'t>) -> Result<Node, Unreadable> {
        let mut words = tag.words.into_iter();
        let (name, context) = match (words.next(), words.next(), words.next()) {
            (Some(name), context, None) => (name.into_text(), context),
            _ => return wrong(format!("`{}` takes a name and one value", tag.text)),
        };
        let context = match context {
            None => None,
            Some(Word::Path(path)) => Some(path),
            Some(_) => return wrong(format!("`{}` takes a name and one value", tag.text)),
        };
        self.wanted.push(name.clone());
        Ok(Node::Partial(name, context))
    }

    /// `{{#* inline "name"}}…{{/inline}}`
    fn inline(&mut self, tag: &Tag<'t>) -> Result<(), Unreadable> {
        let name = match (tag.name(), tag.words.get(1), tag.words.len()) {
            ("inline", Some(Word::Text(name)), 2) => name.clone(),
            _ => return wrong(format!("`{}` is not `inline` and a name", tag.text)),
        };
        self.depth += 1;
        if self.depth > DEEPEST {
            return wrong("blocks are nested too deeply".to_owned());
        }
        let mut nodes = Vec::new();
        match self.nodes(&mut nodes)? {
            Stop::Close(close) if close.name() == "inline" => {}
            Stop::Close(close) => {
                return wrong(format!("`{}` closes `{}`", close.text, tag.text));
            }
            Stop::Else(tag) => return wrong(format!("`{}` stands in no block", tag.text)),
            Stop::End => return wrong(format!("`{}` is not closed", tag.text)),
        }
        self.depth -= 1;
        self.inline.insert(name, nodes);
        Ok(())
    }
}

impl Word {
    fn into_text(self) -> String {
        match self {
            Self::Path(path) => path.text,
            Self::Text(text) => text,
            Self::Bar => "|".to_owned(),
        }
    }
}

/// `{{name}}`
fn value(tag: Tag<'_>) -> Result<Node, Unreadable> {
    let name = tag.name().to_owned();
    let mut words = tag.words.into_iter();
    match (words.next(), words.next()) {
        (None, _) => wrong(format!("the tag `{}` names nothing", tag.text)),
        (Some(Word::Path(path)), None) => Ok(Node::Value(path)),
        (Some(Word::Text(text)), None) => Ok(Node::Value(Path {
            up: 0,
            start: Start::Name,
            steps: vec![text.clone()],
            text,
        })),
        _ => wrong(format!("`{name}` is not a helper that rolecall knows")),
    }
}

/// The block that a tag begins, still empty.
fn begun(tag: &Tag<'_>, name: &str) -> Result<Block, Unreadable> {
    let kind = match name {
        "if" => Kind::If,
        "unless" => Kind::Unless,
        "each" => Kind::Each,
        "with" => Kind::With,
        _ => Kind::Section,
    };
    let mut words = tag.words.iter();
    if kind != Kind::Section {
        words.next();
    }
    let Some(Word::Path(subject)) = words.next() else {
        return wrong(format!("`{}` takes one value", tag.text));
    };
    let names = match names(words.as_slice()) {
        Some(names) => names,
        None if kind == Kind::Section => {
            return wrong(format!("`{name}` is not a helper that rolecall knows"));
        }
        None => return wrong(format!("`{}` takes one value", tag.text)),
    };
    Ok(Block {
        kind,
        subject: subject.clone(),
        names,
        main: Vec::new(),
        other: Vec::new(),
    })
}

/// `as |item index|`, or nothing.
fn names(words: &[Word]) -> Option<Vec<String>> {
    let [Word::Path(word), Word::Bar, names @ .., Word::Bar] = words else {
        return words.is_empty().then(Vec::new);
    };
    let name = |word: &Word| match word {
        Word::Path(path) => Some(path.text.clone()),
        _ => None,
    };
    (word.text == "as").then(|| names.iter().map(name).collect())?
}

/// What follows on a comment, and whether white space is trimmed there. `--` at its beginning lets it hold tags.
fn comment_end(comment: &str) -> Option<(&str, bool)> {
    let Some(mut rest) = comment.strip_prefix("--") else {
        let (text, after) = comment.split_once("}}")?;
        return Some((after, text.ends_with('~')));
    };
    loop {
        (_, rest) = rest.split_at_checked(rest.find("--")?)?;
        for (end, trim) in [("--}}", false), ("--~}}", true)] {
            if let Some(after) = rest.strip_prefix(end) {
                return Some((after, trim));
            }
        }
        rest = rest.strip_prefix('-')?;
    }
}

/// How much of a text is a path. What stands in `[` and `]` may be anything.
fn path_length(text: &str) -> usize {
    let mut within = false;
    let end = |c: char| {
        match c {
            '[' => within = true,
            ']' => within = false,
            _ => {}
        }
        !within
            && (c.is_whitespace()
                || matches!(c, '}' | '{' | '~' | '|' | '=' | '(' | ')' | '"' | '\''))
    };
    text.find(end).unwrap_or(text.len())
}

/// Reads a path. Names are parted by `.` or `/`.
fn path(text: &str) -> Path {
    let mut rest = text;
    let mut up = 0;
    let mut start = Start::Name;
    while let Some(after) = rest.strip_prefix("../") {
        (up, rest, start) = (up + 1, after, Start::Context);
    }
    if rest == ".." {
        (up, rest, start) = (up + 1, "", Start::Context);
    }
    for own in ["this.", "this/", "./"] {
        if let Some(after) = rest.strip_prefix(own) {
            (rest, start) = (after, Start::Context);
        }
    }
    if rest == "this" || rest == "." {
        (rest, start) = ("", Start::Context);
    }
    if let Some(after) = rest.strip_prefix('@') {
        (rest, start) = match after.strip_prefix("root") {
            Some("") => ("", Start::Root),
            Some(after) if after.starts_with(['.', '/']) => {
                (after.get(1..).unwrap_or_default(), Start::Root)
            }
            _ => (after, Start::Loop),
        };
    }
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, after) = match rest.strip_prefix('[').and_then(|it| it.split_once(']')) {
            Some((step, after)) => (step, after.strip_prefix(['.', '/']).unwrap_or(after)),
            None => rest.split_once(['.', '/']).unwrap_or((rest, "")),
        };
        steps.push(step.to_owned());
        rest = after;
    }
    Path {
        text: text.to_owned(),
        up,
        start,
        steps,
    }
}

/// A tag in an error: not more than its line, and not much of that.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let to_end = line.find("}}").map(|at| {
        let after = line.get(at..).unwrap_or_default();
        at + after.chars().take_while(|c| *c == '}').count()
    });
    let tag = to_end.and_then(|end| line.get(..end)).unwrap_or(line);
    tag.chars().take(60).collect()
}
