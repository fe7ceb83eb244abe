//! A MIME message of a subject, a text and HTML.
//! Source: RFC 2045, RFC 2046, RFC 2047, RFC 5322. Which headers there are, and their order, was recorded of messages
//! that SES delivered.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::{Timestamp, fmt::rfc2822};

/// Bytes of a line, without its end: RFC 5322.
const LONGEST: usize = 998;
/// Bytes of a line in quoted-printable, without its end: RFC 2045.
const QUOTED: usize = 76;
/// Bytes of text in an encoded word, whose base64 stays below 76 characters with what stands around it: RFC 2047.
const WORD: usize = 39;

/// The whole message.
pub(super) fn written(
    at: Timestamp,
    subject: &str,
    text: Option<&str>,
    html: Option<&str>,
    boundary: &str,
) -> String {
    let date = rfc2822::to_string(&at.to_zoned(jiff::tz::TimeZone::UTC)).unwrap_or_default();
    let mut out = format!(
        "Date: {date}\r\nSubject: {}\r\nMIME-Version: 1.0\r\n",
        header(subject)
    );
    let parts: Vec<(&str, &str)> = [("plain", text), ("html", html)]
        .into_iter()
        .filter_map(|(kind, part)| Some((kind, part?)))
        .collect();
    match parts.as_slice() {
        [] => body(&mut out, "plain", ""),
        [(kind, only)] => body(&mut out, kind, only),
        several => {
            out.push_str(&format!(
                "Content-Type: multipart/alternative;\r\n\tboundary=\"{boundary}\"\r\n\r\n"
            ));
            for (kind, part) in several {
                out.push_str(&format!("--{boundary}\r\n"));
                body(&mut out, kind, part);
                out.push_str("\r\n");
            }
            out.push_str(&format!("--{boundary}--\r\n"));
        }
    }
    out
}

/// One part with its own headers.
fn body(out: &mut String, kind: &str, text: &str) {
    let text = lines(text);
    let plain = text.is_ascii() && text.lines().all(|line| line.len() <= LONGEST);
    let (encoding, text) = if plain {
        ("7bit", text)
    } else {
        ("quoted-printable", quoted(&text))
    };
    out.push_str(&format!(
        "Content-Type: text/{kind}; charset=UTF-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{text}"
    ));
}

/// Every line ends with CR LF. What XML 1.0 has no place for is left out: the answer could not be read.
fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' | '\n' => {
                out.push_str("\r\n");
                if c == '\r' {
                    rest.next_if_eq(&'\n');
                }
            }
            '\t' | ' '..='\u{FFFD}' | '\u{10000}'.. => out.push(c),
            _ => {}
        }
    }
    out
}

/// A header's value: one line, in encoded words where it is not ASCII.
fn header(text: &str) -> String {
    let line: String = lines(text).replace("\r\n", " ");
    if line.is_ascii() {
        return line;
    }
    let mut words: Vec<String> = Vec::new();
    for c in line.chars() {
        match words.last_mut() {
            Some(word) if word.len() + c.len_utf8() <= WORD => word.push(c),
            _ => words.push(c.into()),
        }
    }
    let encoded = words
        .iter()
        .map(|word| format!("=?UTF-8?B?{}?=", BASE64_STANDARD.encode(word)));
    encoded.collect::<Vec<_>>().join("\r\n ")
}

/// Quoted-printable.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for (at, line) in text.split("\r\n").enumerate() {
        if at > 0 {
            out.push_str("\r\n");
        }
        let mut length = 0;
        let last = line.len().saturating_sub(1);
        for (at, byte) in line.bytes().enumerate() {
            let plain = match byte {
                b'=' => false,
                b' ' | b'\t' => at < last,
                _ => byte.is_ascii_graphic(),
            };
            let width = if plain { 1 } else { 3 };
            if length + width >= QUOTED {
                out.push_str("=\r\n");
                length = 0;
            }
            length += width;
            if plain {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("={byte:02X}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_its_parts() {
        let at = Timestamp::UNIX_EPOCH;
        assert_eq!(
            written(
                at,
                "Hi\r\nBcc: x@example.com",
                Some("Dear\nAna"),
                Some("<b>Ana</b>"),
                "=_1"
            ),
            "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\nSubject: Hi Bcc: x@example.com\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/alternative;\r\n\tboundary=\"=_1\"\r\n\r\n\
             --=_1\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nDear\r\nAna\r\n\
             --=_1\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n<b>Ana</b>\r\n\
             --=_1--\r\n"
        );
        assert_eq!(
            written(at, "Grüße", Some("Grüße = \u{1}\t "), None, "=_1"),
            "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\nSubject: =?UTF-8?B?R3LDvMOfZQ==?=\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
             Gr=C3=BC=C3=9Fe =3D \t=20"
        );
    }

    #[test]
    fn no_line_is_too_long() {
        let long = "é".repeat(1000);
        let text = written(
            Timestamp::UNIX_EPOCH,
            &long,
            Some(&long),
            Some(&"a".repeat(2000)),
            "=_1",
        );
        assert!(
            text.split("\r\n").all(|line| line.len() <= QUOTED),
            "{text}"
        );
    }
}
