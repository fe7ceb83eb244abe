//! Walking a bucket in the order of its keys: prefix, delimiter, where to start. What lies under a common prefix
//! is jumped over, so a page costs what it shows.

use super::{
    faults,
    object::{Shelf, Versions},
};
use crate::wire::Fault;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use std::ops::{Bound, ControlFlow};

/// What is to be listed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk<'a> {
    pub(super) prefix: &'a str,
    pub(super) delimiter: Option<&'a str>,
    /// Everything up to and including this was shown before.
    pub(super) after: Option<&'a str>,
}

/// Something that a page may show.
pub(super) enum Seen<'w> {
    Key(&'w str, &'w Versions),
    Common(&'w str),
}

impl Walk<'_> {
    /// Shows keys and common prefixes in order until `each` has had enough. `visible` says which keys count.
    pub(super) fn over(
        self,
        shelf: &Shelf,
        visible: impl Fn(&Versions) -> bool,
        mut each: impl FnMut(Seen<'_>) -> ControlFlow<()>,
    ) {
        let mut start = match self.after {
            Some(after) if after >= self.prefix => Bound::Excluded(after.to_owned()),
            _ => Bound::Included(self.prefix.to_owned()),
        };
        while let Some(common) = self.to_next_common(shelf, &start, &visible, &mut each) {
            // A page that ended with this prefix, or inside of it, has shown it.
            let shown = self.after.is_some_and(|after| after.starts_with(&common));
            if !shown && each(Seen::Common(&common)).is_break() {
                return;
            }
            match successor(&common) {
                Some(next) => start = Bound::Included(next),
                None => return,
            }
        }
    }

    /// Shows keys from `start` on, up to the first that lies under a common prefix.
    fn to_next_common(
        self,
        shelf: &Shelf,
        start: &Bound<String>,
        visible: &impl Fn(&Versions) -> bool,
        each: &mut impl FnMut(Seen<'_>) -> ControlFlow<()>,
    ) -> Option<String> {
        let from = start.as_ref().map(String::as_str);
        for (key, versions) in shelf.objects.range::<str, _>((from, Bound::Unbounded)) {
            let rest = key.strip_prefix(self.prefix)?;
            if !visible(versions) {
                continue;
            }
            if let Some(common) = self.common(key, rest) {
                return Some(common.to_owned());
            }
            if each(Seen::Key(key, versions)).is_break() {
                return None;
            }
        }
        None
    }

    /// The key up to the first delimiter after the prefix.
    fn common<'k>(self, key: &'k str, rest: &str) -> Option<&'k str> {
        let delimiter = self.delimiter?;
        let at = rest.find(delimiter)?;
        key.get(..key.len() - rest.len() + at + delimiter.len())
    }
}

/// The smallest text that is larger than every text that begins with `prefix`.
pub(super) fn successor(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        // No text has surrogates.
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            _ => char::from_u32(last as u32 + 1),
        };
        if let Some(next) = next {
            text.push(next);
            return Some(text);
        }
    }
    None
}

/// Keys as an answer shows them: as they are, or URL-encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoding {
    url: bool,
}

/// What stays as it is under `encoding-type=url`.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'*')
    .remove(b'/');

impl Encoding {
    /// Reads `encoding-type`.
    pub(super) fn read(text: Option<&str>) -> Result<Self, Fault> {
        match text {
            None => Ok(Self { url: false }),
            Some("url") => Ok(Self { url: true }),
            Some(other) => Err(faults::invalid_argument(
                "Invalid Encoding Method specified in Request",
                "encoding-type",
                other,
            )),
        }
    }

    /// The text as the answer shows it.
    pub(super) fn show(self, text: &str) -> String {
        if self.url {
            utf8_percent_encode(text, KEPT)
                .to_string()
                .replace("%20", "+")
        } else {
            text.to_owned()
        }
    }

    /// `EncodingType` of the answer.
    pub(super) fn name(self) -> Option<&'static str> {
        self.url.then_some("url")
    }
}

/// `<CommonPrefixes>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CommonPrefix {
    pub(super) prefix: String,
}

/// An opaque token for the page after `last`.
pub(super) fn token(last: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("1:{last}"))
}

/// What [`token`] made a token of.
pub(super) fn decode_token(token: &str) -> Result<String, Fault> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let last = text.as_deref().and_then(|text| text.strip_prefix("1:"));
    last.map(str::to_owned).ok_or_else(|| {
        Fault::service(
            400,
            "InvalidArgument",
            "The continuation token provided is incorrect",
        )
        .detail("ArgumentName", "continuation-token")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::s3::object::Object;
    use jiff::Timestamp;
    use std::sync::Arc;

    fn shelf(keys: &[&str]) -> Shelf {
        let mut shelf = Shelf::default();
        for key in keys {
            shelf.put(
                key,
                Arc::new(Object::default()),
                None,
                "",
                Timestamp::UNIX_EPOCH,
            );
        }
        shelf
    }

    fn list(
        shelf: &Shelf,
        prefix: &str,
        delimiter: Option<&str>,
        after: Option<&str>,
    ) -> Vec<String> {
        let mut seen = Vec::new();
        let walk = Walk {
            prefix,
            delimiter,
            after,
        };
        walk.over(
            shelf,
            |_| true,
            |item| {
                seen.push(match item {
                    Seen::Key(key, _) => key.to_owned(),
                    Seen::Common(common) => format!("[{common}]"),
                });
                ControlFlow::Continue(())
            },
        );
        seen
    }

    #[test]
    fn prefixes_and_delimiters() {
        let shelf = shelf(&["a", "b/1", "b/2", "b/c/3", "b0", "c//d", "ä/x", "b"]);
        assert_eq!(
            list(&shelf, "", Some("/"), None),
            ["a", "b", "[b/]", "b0", "[c/]", "[ä/]"]
        );
        assert_eq!(
            list(&shelf, "b/", Some("/"), None),
            ["b/1", "b/2", "[b/c/]"]
        );
        assert_eq!(list(&shelf, "b/", None, Some("b/1")), ["b/2", "b/c/3"]);
        assert_eq!(list(&shelf, "b", Some("/"), Some("b/")), ["b0"]);
        assert_eq!(list(&shelf, "c/", Some("/"), None), ["[c//]"]);
        assert_eq!(list(&shelf, "x", None, None), Vec::<String>::new());
        assert_eq!(
            list(&shelf, "b", None, Some("a")),
            ["b", "b/1", "b/2", "b/c/3", "b0"]
        );
    }

    #[test]
    fn successors() {
        assert_eq!(successor("a/").as_deref(), Some("a0"));
        assert_eq!(successor("a\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(successor("\u{D7FF}").as_deref(), Some("\u{E000}"));
        assert_eq!(successor("\u{10FFFF}"), None);
    }

    #[test]
    fn encodings_and_tokens() {
        let url = Encoding::read(Some("url")).unwrap();
        assert_eq!(url.show("a b/c+ä*~"), "a+b/c%2B%C3%A4*%7E");
        assert!(Encoding::read(Some("")).is_err());
        assert_eq!(decode_token(&token("a/b")).unwrap(), "a/b");
        assert!(decode_token("nonsense!").is_err());
    }

    proptest::proptest! {
        /// Page by page the same comes out as all at once, and as a filter over all keys says.
        #[test]
        fn pages_join(keys in proptest::collection::btree_set("[ab/]{1,5}", 0..30), prefix in "[ab/]{0,2}", size in 1usize..4) {
            let all: Vec<&str> = keys.iter().map(String::as_str).collect();
            let shelf = shelf(&all);
            let whole = list(&shelf, &prefix, Some("/"), None);
            let mut expected: Vec<String> = all.iter().filter(|key| key.starts_with(&prefix)).map(|key| {
                match key.get(prefix.len()..).unwrap().find('/') {
                    Some(at) => format!("[{}]", key.get(..=prefix.len() + at).unwrap()),
                    None => (*key).to_owned(),
                }
            }).collect();
            expected.dedup();
            proptest::prop_assert_eq!(&whole, &expected);
            let (mut pages, mut after) = (Vec::new(), None::<String>);
            loop {
                let mut page = Vec::new();
                let walk = Walk { prefix: &prefix, delimiter: Some("/"), after: after.as_deref() };
                walk.over(&shelf, |_| true, |item| {
                    page.push(match item {
                        Seen::Key(key, _) => (key.to_owned(), key.to_owned()),
                        Seen::Common(common) => (common.to_owned(), format!("[{common}]")),
                    });
                    if page.len() == size { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                });
                let Some((last, _)) = page.last() else { break };
                after = Some(last.clone());
                pages.extend(page.into_iter().map(|(_, shown)| shown));
            }
            proptest::prop_assert_eq!(pages, whole);
        }
    }
}
