//! Metadata that is not ASCII: clients may send it as RFC 2047 has it, and get it back so, as a header can carry
//! nothing else. Which of the two encodings S3 takes, and which signs it escapes, follows recorded answers.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use std::{borrow::Cow, fmt::Write as _};

/// The text that a header's value means. What cannot be decoded stays as it came (rolecall's choice).
pub(super) fn decode(value: &str) -> Cow<'_, str> {
    let words = value.split_ascii_whitespace().map(decode_word);
    match words.collect::<Option<Vec<_>>>() {
        // Nothing stands between two encoded words.
        Some(words) if !words.is_empty() => Cow::Owned(words.concat()),
        _ => Cow::Borrowed(value),
    }
}

/// `=?UTF-8?Q?...?=` or `=?UTF-8?B?...?=`
fn decode_word(word: &str) -> Option<String> {
    let inner = word.strip_prefix("=?")?.strip_suffix("?=")?;
    let mut parts = inner.split('?');
    let (charset, encoding, text) = (parts.next()?, parts.next()?, parts.next()?);
    let known = ["utf-8", "us-ascii"]
        .iter()
        .any(|it| charset.eq_ignore_ascii_case(it));
    if !known || parts.next().is_some() {
        return None;
    }
    let bytes = match encoding {
        "B" | "b" => BASE64_STANDARD.decode(text).ok()?,
        "Q" | "q" => unquoted(text)?,
        _ => return None,
    };
    String::from_utf8(bytes).ok()
}

fn unquoted(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'_' => b' ',
            b'=' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high << 4 | low).ok()?
            }
            other => other,
        });
    }
    Some(bytes)
}

/// The text as a header can carry it. A long text stays one word (rolecall's choice).
pub(super) fn encode(text: &str) -> Cow<'_, str> {
    let units = || text.encode_utf16();
    let odd = units().filter(|unit| is_odd(*unit)).count();
    if odd == 0 {
        return Cow::Borrowed(text);
    }
    if odd * 2 >= units().count() {
        return Cow::Owned(format!("=?UTF-8?B?{}?=", BASE64_STANDARD.encode(text)));
    }
    let mut word = String::from("=?UTF-8?Q?");
    for byte in text.bytes() {
        match byte {
            b' ' => word.push('_'),
            b'=' | b'_' | b'?' | ..=0x1f | 0x7f.. => {
                // Writing to a String cannot fail.
                let _ = write!(word, "={byte:02X}");
            }
            plain => word.push(char::from(plain)),
        }
    }
    word.push_str("?=");
    Cow::Owned(word)
}

fn is_odd(unit: u16) -> bool {
    unit >= 0x7f || unit < 0x20 && ![0x09, 0x0a, 0x0d].contains(&unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What AWS answered.
    const RECORDED: &[(&str, &str)] = &[
        (
            "test_—_file%E2%80%94_é_2?.pdf",
            "=?UTF-8?Q?test=5F=E2=80=94=5Ffile%E2%80%94=5F=C3=A9=5F2=3F.pdf?=",
        ),
        ("ÄMÄZÕÑ S3", "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?="),
        ("\x00\x01\x02\x03", "=?UTF-8?B?AAECAw==?="),
        ("\u{fffd}\u{fffd}\u{fffd}", "=?UTF-8?B?77+977+977+9?="),
        (
            "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
            "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        ),
    ];

    #[test]
    fn texts_are_encoded_as_recorded() {
        for (text, word) in RECORDED {
            assert_eq!(encode(text), *word);
            assert_eq!(decode(word), *text);
        }
        assert_eq!(decode("=?UTF-8?Q?actually-ascii?="), "actually-ascii");
        assert_eq!(decode("=?utf-8?b?YWJj?= =?UTF-8?Q?d=65?="), "abcde");
        for odd in [
            "=?UTF-8?B?=GGG?=",
            "=?KOI8-R?Q?a?=",
            "=?UTF-8?Q?=Z?=",
            "a =?UTF-8?Q?b?=",
            "",
        ] {
            assert_eq!(decode(odd), odd);
        }
    }
}
