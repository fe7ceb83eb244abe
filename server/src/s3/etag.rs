//! The ETag of an object: the MD5 of its content, or of the MD5s of its parts with their number.
//! Source: Amazon S3 API Reference, "Object".

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;

/// An ETag, shown without quotes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Etag {
    md5: [u8; 16],
    /// How many parts there were; none for an object that was uploaded whole.
    parts: u16,
}

impl Etag {
    /// Of content that came whole.
    pub(super) fn whole(md5: [u8; 16]) -> Self {
        Self { md5, parts: 0 }
    }

    /// Of so many parts, whose MD5s have this MD5. At most 10,000 are taken.
    pub(super) fn of_parts(md5: [u8; 16], parts: usize) -> Self {
        Self {
            md5,
            parts: u16::try_from(parts).unwrap_or(u16::MAX),
        }
    }

    /// In its quotes.
    pub(super) fn quoted(self) -> String {
        // Exactly as long where there are no parts: so it becomes a header as it is.
        let mut text = String::with_capacity(34);
        text.push('"');
        self.append(&mut text);
        text.push('"');
        text
    }

    fn append(self, text: &mut String) {
        data_encoding::HEXLOWER.encode_append(&self.md5, text);
        if self.parts > 0 {
            text.push('-');
            text.push_str(&self.parts.to_string());
        }
    }

    /// Reads what `Display` wrote.
    fn read(text: &str) -> Option<Self> {
        let (md5, parts) = match text.split_once('-') {
            Some((md5, parts)) => (md5, parts.parse().ok()?),
            None => (text, 0),
        };
        let md5 = data_encoding::HEXLOWER.decode(md5.as_bytes()).ok()?;
        Some(Self {
            md5: md5.try_into().ok()?,
            parts,
        })
    }
}

impl fmt::Display for Etag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.append(&mut text);
        f.write_str(&text)
    }
}

/// As text: so data directories have it.
impl Serialize for Etag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Etag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            // So older data directories have an upload that is under way, whose content has no ETag yet.
            return Ok(Self::default());
        }
        Self::read(&text).ok_or_else(|| D::Error::custom(format_args!("`{text}` is no ETag")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_of_older_data_directories_are_read() {
        let etag: Result<Etag, _> = serde_json::from_str("\"\"");
        assert!(etag.is_ok_and(|etag| etag == Etag::default()));
        assert!(serde_json::from_str::<Etag>("\"x\"").is_err());
    }

    #[test]
    fn reads_what_it_shows() {
        for etag in [
            Etag::whole(*b"0123456789abcdef"),
            Etag::of_parts(*b"0123456789abcdef", 10_000),
        ] {
            assert_eq!(Etag::read(&etag.to_string()), Some(etag));
        }
        let text = "ab".repeat(16);
        assert_eq!(Etag::whole([0xab; 16]).to_string(), text);
        for bad in ["", "30", "-1", &format!("{text}-x"), &text.to_uppercase()] {
            assert_eq!(Etag::read(bad), None, "{bad}");
        }
    }
}
