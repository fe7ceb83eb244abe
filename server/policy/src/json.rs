//! A strict JSON reader that keeps the place of every value.
//!
//! Ready-made readers either drop positions and repeated keys, or take more than JSON
//! (a line break inside a string is the commonest fault of a pasted policy).

use std::collections::HashMap;
use std::ops::Range;

/// Objects and lists deeper than this are refused rather than followed.
const DEEPEST: usize = 64;

/// Members that are looked through one by one.
const FEW: usize = 16;

/// A value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) value: Json,
}

#[derive(Debug, Clone)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(Box<str>),
    Text(Box<str>),
    List(Vec<Node>),
    Object(Vec<Member>),
}

#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: Box<str>,
    pub(crate) name_span: Range<usize>,
    pub(crate) value: Node,
}

/// A key that stands twice in one object.
#[derive(Debug, Clone)]
pub(crate) struct Repeated {
    pub(crate) name: Box<str>,
    pub(crate) first: Range<usize>,
    pub(crate) again: Range<usize>,
}

/// Why a text is not JSON.
#[derive(Debug, Clone)]
pub(crate) struct NotJson {
    pub(crate) span: Range<usize>,
    pub(crate) why: String,
    pub(crate) help: Option<&'static str>,
}

/// Reads a text; of two equal keys the last is kept and the pair reported.
pub(crate) fn read(text: &str) -> Result<(Node, Vec<Repeated>), NotJson> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        repeated: Vec::new(),
    };
    let node = reader.value("a policy document")?;
    reader.blank();
    if reader.at < text.len() {
        return Err(reader.fault("there is more text after the end of the document", None));
    }
    Ok((node, reader.repeated))
}

/// The byte in the source that stands for byte `offset` of a decoded string.
///
/// `raw` is the source between the quotes.
pub(crate) fn source_offset(raw: &str, offset: usize) -> usize {
    let mut decoded = 0;
    let mut at = 0;
    while decoded < offset {
        let rest = raw.get(at..).unwrap_or_default();
        let Some(character) = rest.chars().next() else {
            break;
        };
        let (read, stands_for) = match character {
            '\\' => match escape(rest) {
                Some((character, length)) => (length, character.len_utf8()),
                None => break,
            },
            other => (other.len_utf8(), other.len_utf8()),
        };
        at += read;
        decoded += stands_for;
    }
    at
}

/// Characters outside of white space between tokens, as quotas count them.
pub(crate) fn size_without_blanks(text: &str) -> usize {
    let (mut size, mut inside, mut escaped) = (0, false, false);
    for byte in text.bytes() {
        let first_of_character = byte & 0xc0 != 0x80;
        if first_of_character && (inside || !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            size += 1;
        }
        match byte {
            b'"' if !escaped => inside = !inside,
            b'\\' if inside && !escaped => {
                escaped = true;
                continue;
            }
            _ => {}
        }
        escaped = false;
    }
    size
}

impl Json {
    /// The JSON type in words.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

impl Node {
    /// The place of a string without its quotes.
    pub(crate) fn inner_span(&self) -> Range<usize> {
        match self.value {
            Json::Text(_) => self.span.start + 1..self.span.end - 1,
            _ => self.span.clone(),
        }
    }

    /// A list's elements, or the value itself: policies may leave out the brackets around one value.
    pub(crate) fn each(&self) -> &[Node] {
        match &self.value {
            Json::List(list) => list,
            _ => std::slice::from_ref(self),
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    repeated: Vec<Repeated>,
}

type Read<T> = Result<T, NotJson>;

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn blank(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    /// A fault at the present character.
    fn fault(&self, why: impl Into<String>, help: Option<&'static str>) -> NotJson {
        let end = self.at + self.peek().map_or(0, char::len_utf8);
        NotJson {
            span: self.at..end,
            why: why.into(),
            help,
        }
    }

    fn value(&mut self, wanted: &str) -> Read<Node> {
        self.blank();
        let start = self.at;
        let value = match self.peek() {
            Some('{') => self.nested(Self::object)?,
            Some('[') => self.nested(Self::list)?,
            Some('"') => Json::Text(self.string()?),
            Some('-' | '0'..='9') => self.number()?,
            Some('a'..='z' | 'A'..='Z') => self.word(wanted)?,
            _ => return Err(self.unexpected(wanted)),
        };
        Ok(Node {
            span: start..self.at,
            value,
        })
    }

    fn unexpected(&self, wanted: &str) -> NotJson {
        match self.peek() {
            None => self.fault(format!("the text ends where {wanted} should stand"), None),
            Some('“' | '”' | '„' | '‘' | '’' | '\'') => self.fault(
                "strings stand between straight double quotes",
                Some("replace curly or single quotes by `\"`"),
            ),
            Some('/' | '#') => self.fault("JSON has no comments", Some("take the comment out")),
            Some('\u{feff}') => self.fault(
                "the text begins with a byte order mark",
                Some("save the file as UTF-8 without a byte order mark"),
            ),
            Some(other) => self.fault(format!("`{other}` stands where {wanted} should"), None),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Read<Json>) -> Read<Json> {
        if self.depth == DEEPEST {
            return Err(self.fault(format!("more than {DEEPEST} levels of brackets"), None));
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    /// After an element: `true` when another one follows.
    fn more(&mut self, close: char) -> Read<bool> {
        self.blank();
        match self.peek() {
            Some(',') => {
                let comma = self.at;
                self.at += 1;
                self.blank();
                if matches!(self.peek(), Some(']' | '}')) {
                    return Err(NotJson {
                        span: comma..comma + 1,
                        why: format!("a comma before `{close}`"),
                        help: Some("take the comma out"),
                    });
                }
                Ok(true)
            }
            Some(other) if other == close => {
                self.at += 1;
                Ok(false)
            }
            Some('"' | '{' | '[') => Err(self.fault(
                "a comma is missing before this",
                Some("put a comma between the two"),
            )),
            None => Err(self.fault(format!("the text ends before the closing `{close}`"), None)),
            Some(_) => Err(self.unexpected(&format!("`,` or `{close}`"))),
        }
    }

    fn list(&mut self) -> Read<Json> {
        let mut list = Vec::new();
        self.blank();
        if self.peek() == Some(']') {
            self.at += 1;
            return Ok(Json::List(list));
        }
        loop {
            list.push(self.value("a value")?);
            if !self.more(']')? {
                return Ok(Json::List(list));
            }
        }
    }

    fn object(&mut self) -> Read<Json> {
        let mut members: Vec<Member> = Vec::new();
        let mut places: HashMap<Box<str>, usize> = HashMap::new();
        self.blank();
        if self.peek() == Some('}') {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        loop {
            self.blank();
            let start = self.at;
            if self.peek() != Some('"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            let name = self.string()?;
            let name_span = start..self.at;
            self.blank();
            if self.peek() != Some(':') {
                return Err(self.fault(format!("a colon is missing after `{name}`"), None));
            }
            self.at += 1;
            let value = self.value("a value")?;
            let member = Member {
                name: name.clone(),
                name_span,
                value,
            };
            // A few members are looked through; of many the places are kept, so that no document takes long.
            let known = match members.len() {
                0..FEW => members.iter().position(|member| member.name == name),
                FEW.. => {
                    if places.is_empty() {
                        let all = members.iter().enumerate();
                        places.extend(all.map(|(place, member)| (member.name.clone(), place)));
                    }
                    places.get(&name).copied()
                }
            };
            match known.and_then(|place| members.get_mut(place)) {
                Some(known) => {
                    let (first, again) = (known.name_span.clone(), member.name_span.clone());
                    *known = member;
                    self.repeated.push(Repeated { name, first, again });
                }
                None => {
                    if !places.is_empty() {
                        places.insert(name, members.len());
                    }
                    members.push(member);
                }
            }
            if !self.more('}')? {
                return Ok(Json::Object(members));
            }
        }
    }

    /// The characters from here on that stand for themselves in a string.
    fn plain(&self) -> &'t str {
        let rest = self.rest();
        let end = rest
            .bytes()
            .position(|byte| byte < b' ' || byte == b'"' || byte == b'\\');
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    }

    fn string(&mut self) -> Read<Box<str>> {
        let start = self.at;
        self.at += 1;
        let mut decoded = String::new();
        loop {
            let plain = self.plain();
            self.at += plain.len();
            if decoded.is_empty() && self.peek() == Some('"') {
                self.at += 1;
                return Ok(plain.into());
            }
            decoded.push_str(plain);
            let Some(character) = self.peek() else {
                return Err(NotJson {
                    span: start..self.at,
                    why: "a string without its closing quote".to_owned(),
                    help: None,
                });
            };
            match character {
                '"' => {
                    self.at += 1;
                    return Ok(decoded.into());
                }
                '\\' => match escape(self.rest()) {
                    Some((character, length)) => {
                        decoded.push(character);
                        self.at += length;
                    }
                    None => return Err(self.fault("not an escape that JSON knows", None)),
                },
                '\n' | '\r' => {
                    return Err(self.fault(
                        "a line break inside a string",
                        Some("join the lines; text copied from a web page often breaks there"),
                    ));
                }
                control if control < ' ' => {
                    return Err(self.fault("a control character inside a string", None));
                }
                // Whatever is plain was taken already.
                _ => return Err(self.unexpected("a character")),
            }
        }
    }

    fn number(&mut self) -> Read<Json> {
        let start = self.at;
        if self.peek() == Some('-') {
            self.at += 1;
        }
        let whole = self.digits()?;
        if whole.len() > 1 && whole.starts_with('0') {
            self.at = start;
            return Err(self.fault(
                "a number that begins with 0",
                Some("put it in quotes: account ids are text"),
            ));
        }
        if self.peek() == Some('.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            self.at += 1;
            if matches!(self.peek(), Some('+' | '-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Json::Number(
            self.text.get(start..self.at).unwrap_or_default().into(),
        ))
    }

    fn digits(&mut self) -> Read<&str> {
        let start = self.at;
        let rest = self.rest();
        self.at += rest.len()
            - rest
                .trim_start_matches(|digit: char| digit.is_ascii_digit())
                .len();
        match self.text.get(start..self.at) {
            Some(digits) if !digits.is_empty() => Ok(digits),
            _ => Err(self.fault("a digit is missing", None)),
        }
    }

    fn word(&mut self, wanted: &str) -> Read<Json> {
        let rest = self.rest();
        let length = rest
            .find(|character: char| !character.is_alphanumeric())
            .unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default();
        let value = match word {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "null" => Json::Null,
            _ => {
                let why = format!("`{word}` stands where {wanted} should");
                let span = self.at..self.at + length;
                return Err(NotJson {
                    span,
                    why,
                    help: Some("strings stand in double quotes"),
                });
            }
        };
        self.at += length;
        Ok(value)
    }
}

/// Reads an escape at the start of `text`: the character and the bytes it took.
fn escape(text: &str) -> Option<(char, usize)> {
    let plain = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode_escape(text),
        _ => return None,
    };
    Some((plain, 2))
}

fn unicode_escape(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 4)?;
        digits
            .bytes()
            .all(|digit| digit.is_ascii_hexdigit())
            .then_some(())?;
        u32::from_str_radix(digits, 16).ok()
    };
    let first = unit(2)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 6));
    }
    // A surrogate pair: two escapes for one character.
    if !(0xd800..0xdc00).contains(&first) || text.get(6..8)? != "\\u" {
        return None;
    }
    let second = unit(8).filter(|unit| (0xdc00..0xe000).contains(unit))?;
    let character = char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))?;
    Some((character, 12))
}

#[cfg(test)]
mod tests;
