//! Pages of a listing: `page-size` and `token`, both texts in the query string.

use crate::wire::Fault;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

/// Items on a page where the request does not say; rolecall's choice.
const USUAL: usize = 100;
/// The most items on a page; rolecall's choice.
const MOST: usize = 1000;

/// Which page is asked for.
#[derive(Debug)]
pub(super) struct Page {
    size: usize,
    /// The key of the last item of the page before.
    pub(super) after: Option<String>,
}

/// One page. AWS names the list `Item`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Items<T> {
    item: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl<T> Items<T> {
    /// A list that has no pages.
    pub(super) fn all(item: Vec<T>) -> Self {
        Self {
            item,
            next_token: None,
        }
    }
}

impl Page {
    /// Reads the two query parameters.
    pub(super) fn asked(size: Option<&str>, token: Option<&str>) -> Result<Self, Fault> {
        let size = match size.filter(|text| !text.is_empty()) {
            None => USUAL,
            Some(text) => text
                .parse()
                .ok()
                .filter(|size| (1..=MOST).contains(size))
                .ok_or_else(|| {
                    Fault::malformed("page-size", format!("expected a number from 1 to {MOST}"))
                })?,
        };
        let after = token
            .filter(|text| !text.is_empty())
            .map(|token| {
                let bytes = URL_SAFE_NO_PAD.decode(token).ok();
                bytes
                    .and_then(|bytes| String::from_utf8(bytes).ok())
                    .ok_or_else(|| Fault::malformed("token", "it is not one that a page came with"))
            })
            .transpose()?;
        Ok(Self { size, after })
    }

    /// Takes this page from the items that follow `after`, each with its key.
    pub(super) fn take<K: AsRef<str>, T>(&self, items: impl Iterator<Item = (K, T)>) -> Items<T> {
        let mut items = items.peekable();
        let (mut page, mut last) = (Vec::new(), None);
        while page.len() < self.size
            && let Some((key, item)) = items.next()
        {
            page.push(item);
            last = Some(key);
        }
        let more = items.peek().is_some();
        Items {
            item: page,
            next_token: last
                .filter(|_| more)
                .map(|key| URL_SAFE_NO_PAD.encode(key.as_ref())),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_and_end() {
        let keys = ["a", "b", "c", "d", "e"];
        let (mut token, mut seen) = (None, Vec::new());
        for _ in 0..3 {
            let page = Page::asked(Some("2"), token.as_deref()).unwrap();
            let rest = keys
                .iter()
                .filter(|key| page.after.as_deref().is_none_or(|after| **key > after));
            let items = page.take(rest.map(|key| (key, *key)));
            seen.push(items.item);
            token = items.next_token;
        }
        assert_eq!(seen, [vec!["a", "b"], vec!["c", "d"], vec!["e"]]);
        assert_eq!(token, None);
    }

    #[test]
    fn a_page_that_cannot_be_is_refused() {
        for size in ["0", "-1", "1001", "x"] {
            assert!(Page::asked(Some(size), None).is_err(), "{size}");
        }
        assert!(Page::asked(None, Some("!")).is_err());
        assert_eq!(
            Page::asked(Some(""), Some(""))
                .expect("as if left out")
                .size,
            USUAL
        );
    }
}
