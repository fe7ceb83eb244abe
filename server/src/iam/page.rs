//! Pages of lists: `Marker`, `MaxItems`, `IsTruncated`.

use crate::wire::Fault;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// How many members a page has unless said.
const USUAL: usize = 100;

/// One page.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// Where the next page goes on; none on the last one.
    pub(super) next: Option<String>,
}

impl<T> Page<T> {
    /// The first `max` of `entries`, which begin after the marker. Only these are looked at.
    pub(super) fn of<K: AsRef<str>>(
        entries: impl IntoIterator<Item = (K, T)>,
        max: Option<i64>,
    ) -> Self {
        let max = max
            .and_then(|max| usize::try_from(max).ok())
            .unwrap_or(USUAL);
        let mut entries = entries.into_iter();
        let (mut items, mut last) = (Vec::new(), None);
        for (key, item) in entries.by_ref().take(max) {
            items.push(item);
            last = Some(key);
        }
        let next = entries
            .next()
            .and(last)
            .map(|last| URL_SAFE_NO_PAD.encode(last.as_ref()));
        Self { items, next }
    }
}

/// The key after which the page begins.
pub(super) fn start(marker: Option<&str>) -> Result<Option<String>, Fault> {
    let read = |marker| String::from_utf8(URL_SAFE_NO_PAD.decode(marker).ok()?).ok();
    marker
        .map(|marker| {
            read(marker).ok_or_else(|| Fault::service(400, "ValidationError", "Invalid Marker."))
        })
        .transpose()
}

/// The answer of a list operation: a list under its own name, and how it goes on.
macro_rules! listing {
    ($(#[$doc:meta])* $name:ident { $field:ident $(as $wire:literal)?: $shape:ty }) => {
        $(#[$doc])*
        #[derive(Debug, serde::Serialize)]
        #[serde(rename_all = "PascalCase")]
        pub(super) struct $name {
            is_truncated: bool,
            $(#[serde(rename = $wire)])?
            $field: crate::wire::Members<$shape>,
            #[serde(skip_serializing_if = "Option::is_none")]
            marker: Option<String>,
        }

        impl From<crate::iam::page::Page<$shape>> for $name {
            fn from(page: crate::iam::page::Page<$shape>) -> Self {
                Self {
                    is_truncated: page.next.is_some(),
                    $field: page.items.into_iter().collect(),
                    marker: page.next,
                }
            }
        }
    };
}
pub(super) use listing;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::world::{Map, Text};

    #[test]
    fn pages_follow_one_another_and_the_last_says_so() {
        let map: Map<Text, usize> = (0..250)
            .map(|n| (Text::from(format!("{n:03}")), n))
            .collect();
        let (mut seen, mut marker, mut pages) = (Vec::new(), None, 0);
        loop {
            let after = start(marker.as_deref()).unwrap();
            let entries = map
                .after(after.as_deref())
                .map(|(key, n)| (key.clone(), *n));
            let page = Page::of(entries, Some(50));
            assert_eq!(page.items.len(), 50);
            seen.extend(page.items);
            pages += 1;
            marker = page.next;
            if marker.is_none() {
                break;
            }
        }
        assert_eq!((pages, seen), (5, (0..250).collect::<Vec<_>>()));
        assert_eq!(Page::of([("a", 1)], None).next, None);
        assert!(start(Some("not base64!")).is_err());
    }
}
