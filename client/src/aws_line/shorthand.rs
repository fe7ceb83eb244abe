//! The AWS CLI's shorthand: `Key=Value,Key=[a,b],Nested={x=y}`.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::{Map, Value};

const DEEPEST: usize = 32;

/// Reads one value: a structure.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let mut reader = Shorthand {
        rest: text.chars().peekable(),
    };
    let value = reader.structure(None, 0)?;
    match reader.rest.next() {
        None => Ok(value),
        Some(c) => Err(format!("`{c}` is one too many")),
    }
}

struct Shorthand<'t> {
    rest: Peekable<Chars<'t>>,
}

impl Shorthand<'_> {
    /// `a=b,c=d`, up to `close`.
    fn structure(&mut self, close: Option<char>, depth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err("it is nested too deeply".to_owned());
        }
        let mut out = Map::new();
        loop {
            self.spaces();
            if close.is_some() && self.rest.peek() == close.as_ref() {
                self.rest.next();
                return Ok(Value::Object(out));
            }
            let key = self.bare("=,]}")?;
            match self.rest.next() {
                Some('=') if !key.is_empty() => {}
                _ if key.is_empty() => return Err("a key is missing".to_owned()),
                _ => return Err(format!("`{key}` has no `=`")),
            }
            let value = self.value(close, depth)?;
            if out.insert(key.clone(), value).is_some() {
                return Err(format!("`{key}` is given twice"));
            }
            self.spaces();
            match self.rest.next() {
                Some(',') => {}
                None if close.is_none() => return Ok(Value::Object(out)),
                Some(c) if close == Some(c) => return Ok(Value::Object(out)),
                Some(c) => return Err(format!("`{c}` is not expected after `{key}`")),
                None => return Err("a `}` is missing".to_owned()),
            }
        }
    }

    /// What follows `key=`. Without brackets, `a,b` goes on as a list until the next `key=`.
    fn value(&mut self, close: Option<char>, depth: usize) -> Result<Value, String> {
        self.spaces();
        match self.rest.peek() {
            Some('{') => {
                self.rest.next();
                return self.structure(Some('}'), depth + 1);
            }
            Some('[') => {
                self.rest.next();
                return self.list(depth + 1);
            }
            _ => {}
        }
        let first = self.text(",}")?;
        let mut items = vec![Value::from(first)];
        while self.list_goes_on(close) {
            self.rest.next();
            items.push(Value::from(self.text(",}")?));
        }
        Ok(if items.len() == 1 {
            items.pop().unwrap_or_default()
        } else {
            Value::Array(items)
        })
    }

    /// Whether a comma is followed by a word that is not a key.
    fn list_goes_on(&mut self, close: Option<char>) -> bool {
        let mut ahead = self.rest.clone();
        if ahead.next() != Some(',') {
            return false;
        }
        let word: String = ahead
            .take_while(|c| *c != ',' && Some(*c) != close)
            .collect();
        !word.trim().is_empty()
            && (!word.contains('=') || word.trim_start().starts_with(['"', '\'']))
    }

    fn list(&mut self, depth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err("it is nested too deeply".to_owned());
        }
        let mut items = Vec::new();
        loop {
            self.spaces();
            match self.rest.peek() {
                Some(']') => {
                    self.rest.next();
                    return Ok(Value::Array(items));
                }
                Some('{') => {
                    self.rest.next();
                    items.push(self.structure(Some('}'), depth + 1)?);
                }
                Some('[') => {
                    self.rest.next();
                    items.push(self.list(depth + 1)?);
                }
                Some(_) => items.push(Value::from(self.text(",]")?)),
                None => return Err("a `]` is missing".to_owned()),
            }
            self.spaces();
            match self.rest.next() {
                Some(',') => {}
                Some(']') => return Ok(Value::Array(items)),
                Some(c) => return Err(format!("`{c}` is not expected in a list")),
                None => return Err("a `]` is missing".to_owned()),
            }
        }
    }

    /// A quoted text, or one up to a stop.
    fn text(&mut self, stops: &str) -> Result<String, String> {
        let Some(quote) = self
            .rest
            .peek()
            .copied()
            .filter(|c| matches!(c, '"' | '\''))
        else {
            return self.bare(stops);
        };
        self.rest.next();
        let mut out = String::new();
        loop {
            match self.rest.next() {
                Some(c) if c == quote => return Ok(out),
                Some('\\') if self.rest.peek().is_some_and(|c| *c == quote || *c == '\\') => {
                    out.extend(self.rest.next());
                }
                Some(c) => out.push(c),
                None => return Err(format!("a {quote} is not closed")),
            }
        }
    }

    fn bare(&mut self, stops: &str) -> Result<String, String> {
        let mut out = String::new();
        while let Some(c) = self.rest.peek().copied() {
            if stops.contains(c) {
                break;
            }
            self.rest.next();
            match (c, self.rest.peek()) {
                ('\\', Some(next)) if stops.contains(*next) || *next == '\\' => {
                    out.extend(self.rest.next())
                }
                _ => out.push(c),
            }
        }
        Ok(out.trim_end().to_owned())
    }

    fn spaces(&mut self) {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::parse;
    use serde_json::json;

    #[test]
    fn what_the_cli_reads() {
        for (text, wanted) in [
            ("Name=demo", json!({"Name": "demo"})),
            ("Key=a,Value=b", json!({"Key": "a", "Value": "b"})),
            (
                "Key=Value,Key2=[a,b],Nested={x=y}",
                json!({"Key": "Value", "Key2": ["a", "b"], "Nested": {"x": "y"}}),
            ),
            (
                "Values=a,b,Name=c",
                json!({"Values": ["a", "b"], "Name": "c"}),
            ),
            (
                "Name=demo,tags={owner=ana,team=x}",
                json!({"Name": "demo", "tags": {"owner": "ana", "team": "x"}}),
            ),
            (
                "Name='a, b',X=\"q=\\\"\"",
                json!({"Name": "a, b", "X": "q=\""}),
            ),
            (
                "A={B=[{C=d},{C=e}]}",
                json!({"A": {"B": [{"C": "d"}, {"C": "e"}]}}),
            ),
            ("A=s3://b/Exports/", json!({"A": "s3://b/Exports/"})),
            ("A=", json!({"A": ""})),
            ("A=x=y", json!({"A": "x=y"})),
        ] {
            assert_eq!(parse(text).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn what_it_does_not() {
        for text in [
            "", "demo", "=x", "A={B=c", "A=[b", "A=b}", "A=1,A=2", "A='b", "A=[b}",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&format!("A={}", "[".repeat(10_000))).is_err());
        assert!(parse(&"A={".repeat(10_000)).is_err());
    }
}
