//! The lines of a file, and the endpoint that each describes: an object in JSON, or values under the names of a first line.
//! Source: Amazon Pinpoint User Guide, "Importing segments".

use super::csv::Columns;
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read};

/// The most bytes of a line: an endpoint has 15 KB at most.
const LONGEST: u64 = 64 * 1024;

/// `Format`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Json,
}

impl Format {
    pub(super) fn of(word: Option<&str>) -> Self {
        match word {
            Some("CSV") => Self::Csv,
            _ => Self::Json,
        }
    }

    /// How the names of its files end.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Csv => ".csv",
            Self::Json => ".json",
        }
    }

    pub(super) fn names(self, key: &str) -> bool {
        let end = self.extension();
        let tail = key
            .len()
            .checked_sub(end.len())
            .and_then(|at| key.get(at..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    }
}

/// The endpoints of a file, line by line.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    /// The names of the columns, where the format has a first line of them.
    columns: Option<Columns>,
    number: usize,
    /// How many bytes were read.
    pub(super) bytes: u64,
}

/// What a line says, or what is wrong with it, with the number of the line.
pub(super) type Line = (usize, Result<Value, String>);

impl<R: Read> Lines<R> {
    /// Begins to read. An error says why nothing of the file can be read.
    pub(super) fn new(file: R, format: Format) -> Result<Self, String> {
        let mut lines = Self {
            reader: BufReader::new(file),
            columns: None,
            number: 0,
            bytes: 0,
        };
        let start = lines.reader.fill_buf().map_err(|error| error.to_string())?;
        if start.starts_with(&[0x1f, 0x8b]) {
            return Err("it is compressed, which a file to import must not be".to_owned());
        }
        if format == Format::Csv {
            let first = loop {
                let line = lines.line().map_err(|error| error.to_string())?;
                let line = line.ok_or("it has no first line with the names of the columns")??;
                if !line.trim().is_empty() {
                    break line;
                }
            };
            lines.columns = Some(Columns::read(&first)?);
        }
        Ok(lines)
    }

    /// The next line that is not empty.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        while let Some(line) = self.line()? {
            let number = self.number;
            let read = match (line, &self.columns) {
                (Ok(text), _) if text.trim().is_empty() => continue,
                (Ok(text), Some(columns)) => columns.endpoint(&text),
                (Ok(text), None) => {
                    serde_json::from_str(&text).map_err(|error| format!("no JSON: {error}"))
                }
                (Err(why), _) => Err(why),
            };
            return Ok(Some((number, read)));
        }
        Ok(None)
    }

    /// The text of the next line, without its end.
    fn line(&mut self) -> io::Result<Option<Result<String, String>>> {
        let mut bytes = Vec::new();
        let reader = &mut self.reader;
        let read = reader
            .by_ref()
            .take(LONGEST)
            .read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.bytes += read as u64;
        if read as u64 == LONGEST && bytes.last() != Some(&b'\n') {
            self.reader.skip_until(b'\n')?;
            return Ok(Some(Err(format!("it is longer than {LONGEST} bytes"))));
        }
        // Some editors begin a file with a mark of its encoding.
        let mark = "\u{feff}".as_bytes();
        let bytes = match (self.number, bytes.strip_prefix(mark)) {
            (1, Some(rest)) => rest,
            _ => &bytes,
        };
        let text = str::from_utf8(bytes).map(|text| text.trim_end_matches(['\n', '\r']));
        Ok(Some(match text {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err("it is not UTF-8".to_owned()),
        }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    fn all(text: &[u8], format: Format) -> Vec<Line> {
        let mut lines = Lines::new(text, format).unwrap();
        std::iter::from_fn(|| lines.next().unwrap()).collect()
    }

    #[test]
    fn json_is_one_object_on_each_line() {
        let lines = all(b"{\"Id\":\"a\"}\r\n\n{\n{\"Id\":\"b\"}", Format::Json);
        let numbers: Vec<_> = lines.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 3, 4]);
        assert_eq!(lines.first().unwrap().1, Ok(json!({"Id": "a"})));
        assert!(
            lines
                .get(1)
                .unwrap()
                .1
                .as_ref()
                .unwrap_err()
                .starts_with("no JSON")
        );
        assert_eq!(lines.last().unwrap().1, Ok(json!({"Id": "b"})));
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let long = [b"\"".as_slice(), &vec![b'x'; 200_000], b"\"\n1"].concat();
        let lines = all(&long, Format::Json);
        assert!(lines.first().unwrap().1.is_err());
        assert_eq!(lines.last().unwrap(), &(2, Ok(json!(1))));
        let edge = [&vec![b' '; LONGEST as usize - 1][..], b"\n2"].concat();
        assert_eq!(all(&edge, Format::Json), [(2, Ok(json!(2)))]);
    }

    #[test]
    fn what_is_no_text_says_so() {
        assert_eq!(
            all(b"\xff\n", Format::Json),
            [(1, Err("it is not UTF-8".to_owned()))]
        );
        assert!(Lines::new(&b"\x1f\x8b\x08"[..], Format::Json).is_err());
        assert!(Lines::new(&b""[..], Format::Csv).is_err());
        let marked = "\u{feff}Id\nx".as_bytes();
        assert_eq!(all(marked, Format::Csv), [(2, Ok(json!({"Id": "x"})))]);
    }
}
