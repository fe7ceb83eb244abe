//! `multipart/form-data`, as browsers send it: the fields before the file, and the file as slices of what arrived.
//! Source: RFC 7578; Amazon S3 API Reference, "POST Object".

use crate::{s3::faults, wire::Fault};
use bytes::Bytes;
use http::HeaderMap;

/// The fields before the file have at most 20 KB. Source: Amazon S3 API Reference, "POST Object".
const LARGEST_HEAD: usize = 20 * 1024;

/// A form: its fields by lower-case name, and its file.
#[derive(Debug, Default)]
pub(crate) struct Form {
    pub(crate) fields: Vec<(String, String)>,
    /// The name of the file at the browser's.
    pub(crate) filename: Option<String>,
    pub(crate) file: Vec<Bytes>,
}

impl Form {
    /// A field by its lower-case name.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Takes a form apart. What comes after the file is not looked at.
    pub(crate) fn read(headers: &HeaderMap, pieces: &[Bytes]) -> Result<Self, Fault> {
        let boundary = boundary(headers).ok_or_else(|| {
            faults::precondition_failed(
                "Bucket POST must be of the enclosure-type multipart/form-data",
            )
        })?;
        let head = head(pieces);
        let open = format!("--{boundary}");
        let close = format!("\r\n--{boundary}");
        let mut form = Self::default();
        let mut at = find(&head, open.as_bytes(), 0).ok_or_else(malformed)? + open.len();
        loop {
            let part = head.get(at..).unwrap_or_default();
            if part.starts_with(b"--") {
                return Err(no_file());
            }
            let start = find(&head, b"\r\n\r\n", at).ok_or_else(|| too_long(&head))? + 4;
            let lines = head.get(at..start).unwrap_or_default();
            let part = PartHead::read(lines).ok_or_else(malformed)?;
            if part.name == "file" {
                let whole = Pieces(pieces);
                let end = whole.find(close.as_bytes(), start).ok_or_else(malformed)?;
                form.file = whole.slice(start, end);
                form.filename = part.filename;
                return Ok(form);
            }
            let end = find(&head, close.as_bytes(), start).ok_or_else(|| too_long(&head))?;
            let value = head.get(start..end).unwrap_or_default();
            let value = String::from_utf8(value.to_vec()).map_err(|_| malformed())?;
            form.fields.push((part.name, value));
            at = end + close.len();
        }
    }
}

fn malformed() -> Fault {
    Fault::service(
        400,
        "MalformedPOSTRequest",
        "The body of your POST request is not well-formed multipart/form-data.",
    )
}

fn no_file() -> Fault {
    faults::invalid_argument(
        "POST requires exactly one file upload per request.",
        "file",
        "0",
    )
}

/// Where the head ends before what is looked for, the form is either broken or too long.
fn too_long(head: &[u8]) -> Fault {
    if head.len() < LARGEST_HEAD {
        return malformed();
    }
    Fault::service(
        400,
        "MaxPostPreDataLengthExceeded",
        "Your POST request fields preceding the upload file were too large.",
    )
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get("content-type")?.to_str().ok()?;
    let mut parameters = kind.split(';').map(str::trim);
    let form = parameters
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/form-data"));
    let boundary = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then_some(value)
    })?;
    let boundary = boundary.trim_matches('"');
    (form && !boundary.is_empty()).then(|| boundary.to_owned())
}

/// The beginning of a form, in one piece.
fn head(pieces: &[Bytes]) -> Vec<u8> {
    let mut head = Vec::new();
    for piece in pieces {
        let room = LARGEST_HEAD.saturating_sub(head.len());
        head.extend_from_slice(piece.get(..room.min(piece.len())).unwrap_or_default());
    }
    head
}

fn find(text: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let mut windows = rest.windows(wanted.len());
    windows
        .position(|window| window == wanted)
        .map(|at| from + at)
}

/// The lines above a part.
struct PartHead {
    name: String,
    filename: Option<String>,
}

impl PartHead {
    fn read(lines: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(lines);
        let disposition = text.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case("content-disposition")
                .then(|| value.to_owned())
        })?;
        Some(Self {
            name: parameter(&disposition, "name")?.to_ascii_lowercase(),
            filename: parameter(&disposition, "filename"),
        })
    }
}

/// A parameter of `form-data; name="key"; filename="a \"b\".txt"`.
fn parameter(disposition: &str, wanted: &str) -> Option<String> {
    let mut rest = disposition.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = match after.strip_prefix('"') {
            None => match after.split_once(';') {
                Some((value, after)) => (value.trim().to_owned(), after),
                None => (after.trim().to_owned(), ""),
            },
            Some(quoted) => unquoted(quoted)?,
        };
        if name.trim_matches([';', ' ']).eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = after;
    }
}

/// A text up to its closing quote, and what comes after.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => value.push(chars.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// Bytes in pieces, as one.
struct Pieces<'p>(&'p [Bytes]);

impl Pieces<'_> {
    /// The first place at or after `from` where `wanted` begins. `wanted` begins with a carriage return, and has none
    /// further on.
    fn find(&self, wanted: &[u8], from: usize) -> Option<usize> {
        let (mut start, mut found) = (0, None::<(usize, usize)>);
        for piece in self.0 {
            let skipped = from.saturating_sub(start).min(piece.len());
            let mut at = skipped;
            while let Some(byte) = piece.get(at) {
                let here = start + at;
                at += 1;
                found = match found {
                    Some((begin, matched)) if wanted.get(matched) == Some(byte) => {
                        Some((begin, matched + 1))
                    }
                    _ if *byte == b'\r' => Some((here, 1)),
                    _ => {
                        // Nothing begins before the next carriage return.
                        let rest = piece.get(at..).unwrap_or_default();
                        at += rest
                            .iter()
                            .position(|byte| *byte == b'\r')
                            .unwrap_or(rest.len());
                        None
                    }
                };
                if let Some((begin, matched)) = found
                    && matched == wanted.len()
                {
                    return Some(begin);
                }
            }
            start += piece.len();
        }
        None
    }

    /// The bytes from `from` up to `to`, shared and not copied.
    fn slice(&self, from: usize, to: usize) -> Vec<Bytes> {
        let (mut start, mut slices) = (0, Vec::new());
        for piece in self.0 {
            let first = from.saturating_sub(start).min(piece.len());
            let last = to.saturating_sub(start).min(piece.len());
            if first < last {
                slices.push(piece.slice(first..last));
            }
            start += piece.len();
        }
        slices
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use http::HeaderValue;

    const FORM: &str = "--x\r\nContent-Disposition: form-data; name=\"Key\"\r\n\r\na\r\nb\r\n--x\r\n\
        content-disposition: form-data; name=\"file\"; filename=\"f \\\"1\\\".txt\"\r\nContent-Type: text/plain\r\n\r\n\
        con\r\r\n--\r\n--tent\r\n--x\r\nContent-Disposition: form-data; name=\"submit\"\r\n\r\ngo\r\n--x--\r\n";

    fn headers(kind: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_str(kind).unwrap());
        headers
    }

    #[test]
    fn a_form_comes_apart_wherever_it_was_cut() {
        let headers = headers("multipart/form-data; boundary=\"x\"");
        for size in [1, 2, 3, 7, 1000] {
            let pieces: Vec<Bytes> = FORM
                .as_bytes()
                .chunks(size)
                .map(Bytes::copy_from_slice)
                .collect();
            let form = Form::read(&headers, &pieces).unwrap();
            assert_eq!(form.fields, [("key".to_owned(), "a\r\nb".to_owned())]);
            assert_eq!(form.filename.as_deref(), Some("f \"1\".txt"));
            assert_eq!(
                form.file.concat(),
                b"con\r\r\n--\r\n--tent",
                "cut by {size}"
            );
        }
    }

    #[test]
    fn what_is_no_form_is_refused() {
        let whole = [Bytes::from_static(FORM.as_bytes())];
        assert!(Form::read(&headers("text/plain"), &whole).is_err());
        assert!(Form::read(&headers("multipart/form-data"), &whole).is_err());
        let kind = headers("multipart/form-data; boundary=x");
        for end in 0..FORM
            .find("\r\n--x\r\nContent-Disposition: form-data; name=\"submit")
            .unwrap()
            + 4
        {
            let cut = [Bytes::copy_from_slice(&FORM.as_bytes()[..end])];
            assert!(Form::read(&kind, &cut).is_err(), "cut at {end}");
        }
        let no_file = "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na\r\n--x--\r\n";
        assert!(Form::read(&kind, &[Bytes::from_static(no_file.as_bytes())]).is_err());
        let long = format!(
            "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n{}",
            "a".repeat(30_000)
        );
        assert!(Form::read(&kind, &[Bytes::from(long)]).is_err());
    }
}
