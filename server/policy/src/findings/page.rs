//! The pages behind `rolecall explain RC-P...`.

use std::sync::OnceLock;

/// What `rolecall explain` prints about one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Such as `RC-P003`.
    pub code: &'static str,
    /// A lower-case fragment.
    pub title: &'static str,
    /// The rest of the page.
    pub text: &'static str,
}

/// The page of a code, in any letter case.
#[must_use]
pub fn page(code: &str) -> Option<&'static Page> {
    pages()
        .iter()
        .find(|page| page.code.eq_ignore_ascii_case(code))
}

/// All pages, in order.
#[must_use]
pub fn pages() -> &'static [Page] {
    static PAGES: OnceLock<Vec<Page>> = OnceLock::new();
    PAGES.get_or_init(|| {
        include_str!("data/pages.txt")
            .split("\n=== ")
            .skip(1)
            .filter_map(|page| {
                let (head, text) = page.split_once('\n')?;
                let (code, title) = head.split_once(": ")?;
                Some(Page {
                    code,
                    title,
                    text: text.trim(),
                })
            })
            .collect()
    })
}
