//! The canonical request: what client and server must both arrive at.
//!
//! It is written into one buffer, hashed as a whole, and shown when the signature does not match.

use std::borrow::Cow;

use http::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

use crate::find::Head;
use crate::scope::Rules;

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// The same within a path, where `/` stands for itself.
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// What the canonical request is made from besides the request itself.
pub(crate) struct Canonical<'a> {
    pub(crate) head: &'a Head<'a>,
    pub(crate) signed_headers: &'a str,
    /// Query parameters which are not part of it (`X-Amz-Signature`), by their canonical names.
    pub(crate) left_out: &'a [&'a str],
    /// The last line: a hash or one of the words which stand for it.
    pub(crate) payload: &'a [u8],
}

impl Canonical<'_> {
    /// Writes it. Says whether every header that was signed is there: one that is gone must not pass for an empty one.
    pub(crate) fn write(&self, rules: &Rules<'_>, sink: &mut Vec<u8>) -> bool {
        sink.extend_from_slice(self.head.method.as_bytes());
        sink.push(b'\n');
        write_path(self.head.path, rules, sink);
        sink.push(b'\n');
        write_query(self.head.query.unwrap_or_default(), self.left_out, sink);
        sink.push(b'\n');
        let mut all_there = true;
        for name in self.signed_headers.split(';') {
            all_there &= write_header(name, self.head.headers, sink);
        }
        sink.push(b'\n');
        sink.extend_from_slice(self.signed_headers.as_bytes());
        sink.push(b'\n');
        sink.extend_from_slice(self.payload);
        all_there
    }
}

// === path ===

fn write_path(path: &str, rules: &Rules<'_>, sink: &mut Vec<u8>) {
    let path = if path.is_empty() { "/" } else { path };
    let path = if rules.normalize_path {
        normalize(path)
    } else {
        Cow::Borrowed(path)
    };
    if path.bytes().all(|byte| byte == b'/' || is_unreserved(byte)) {
        sink.extend_from_slice(path.as_bytes());
        return;
    }
    if rules.double_encode {
        put_encoded(path.as_bytes(), RESERVED_IN_PATH, sink);
        return;
    }
    // Single encoding means the encoding of what the client meant, whether it sent `(` or `%28`.
    // `/` and `%2F` remain two things: the first separates, the second is part of a name.
    for (place, segment) in path.split('/').enumerate() {
        if place > 0 {
            sink.push(b'/');
        }
        let meant: Cow<'_, [u8]> = percent_decode(segment.as_bytes()).into();
        put_encoded(&meant, RESERVED, sink);
    }
}

fn put_encoded(bytes: &[u8], reserved: &'static AsciiSet, sink: &mut Vec<u8>) {
    for piece in percent_encode(bytes, reserved) {
        sink.extend_from_slice(piece.as_bytes());
    }
}

/// Removes `.`, `..` and empty segments, as RFC 3986 section 5.2.4 with AWS's rule for `//`.
fn normalize(path: &str) -> Cow<'_, str> {
    let plain = path.starts_with('/') && !path.contains("//") && !path.contains("/.");
    if plain {
        return Cow::Borrowed(path);
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut open_ended = false;
    for segment in path.split('/') {
        open_ended = matches!(segment, "" | "." | "..");
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            name => kept.push(name),
        }
    }
    let mut normal = String::with_capacity(path.len() + 1);
    for segment in &kept {
        normal.push('/');
        normal.push_str(segment);
    }
    if open_ended || kept.is_empty() {
        normal.push('/');
    }
    Cow::Owned(normal)
}

// === query ===

fn write_query(query: &str, left_out: &[&str], sink: &mut Vec<u8>) {
    let mut pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (canonical_component(name), canonical_component(value)))
        .filter(|(name, _)| !left_out.contains(&name.as_ref()))
        .collect();
    // By the encoded name, then by the encoded value.
    pairs.sort_unstable();
    for (place, (name, value)) in pairs.iter().enumerate() {
        if place > 0 {
            sink.push(b'&');
        }
        sink.extend_from_slice(name.as_bytes());
        sink.push(b'=');
        sink.extend_from_slice(value.as_bytes());
    }
}

/// Decodes one name or value of a query; `+` is a space there.
pub(crate) fn decode_component(raw: &str) -> Cow<'_, [u8]> {
    if raw.contains('+') {
        let spaced = raw.replace('+', " ");
        Cow::Owned(percent_decode(spaced.as_bytes()).collect())
    } else {
        percent_decode(raw.as_bytes()).into()
    }
}

/// The one encoding of a name or value, borrowed when the client sent just that.
fn canonical_component(raw: &str) -> Cow<'_, str> {
    if is_canonical(raw.as_bytes()) {
        Cow::Borrowed(raw)
    } else {
        Cow::Owned(percent_encode(&decode_component(raw), RESERVED).to_string())
    }
}

fn is_canonical(mut raw: &[u8]) -> bool {
    loop {
        raw = match raw {
            [] => return true,
            [b'%', high, low, rest @ ..] => {
                let (Some(high), Some(low)) = (upper_hex(*high), upper_hex(*low)) else {
                    return false;
                };
                if is_unreserved((high << 4) | low) {
                    return false;
                }
                rest
            }
            [byte, rest @ ..] if is_unreserved(*byte) => rest,
            _ => return false,
        }
    }
}

fn upper_hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

// === headers ===

/// Says whether the header is there.
fn write_header(name: &str, headers: &HeaderMap, sink: &mut Vec<u8>) -> bool {
    sink.extend_from_slice(name.as_bytes());
    sink.push(b':');
    let mut is_there = false;
    for value in headers.get_all(name) {
        if is_there {
            sink.push(b',');
        }
        is_there = true;
        write_value(value.as_bytes(), sink);
    }
    sink.push(b'\n');
    is_there
}

/// Trims the value and makes one space of several, inside quotation marks too.
fn write_value(value: &[u8], sink: &mut Vec<u8>) {
    let value = value.trim_ascii();
    if !value.contains(&b' ') {
        sink.extend_from_slice(value);
        return;
    }
    let mut words = value
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty());
    if let Some(first) = words.next() {
        sink.extend_from_slice(first);
    }
    for word in words {
        sink.push(b' ');
        sink.extend_from_slice(word);
    }
}
