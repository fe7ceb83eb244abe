//! Paths of the repository that pages name in `code`: a map with places that are gone leads nowhere.

use crate::{page::Page, root};
use libtest_mimic::Failed;

/// Where a path may begin that is not written out from the root.
const FROM: [&str; 5] = [
    "",
    "server/src",
    "server/src/wire",
    "tests",
    "server/policy",
];
/// What lies at the root, and so begins a path of ours.
const TOP: [&str; 7] = [
    ".ci/",
    ".github/",
    "client/",
    "docs/",
    "scenarios/",
    "server/",
    "tests/",
];
/// The page that is a map: there every word with a slash or a source file's ending is a path.
const MAP: &str = "ARCHITECTURE.md";

pub(crate) fn all(pages: &[Page]) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for page in pages {
        let is_map = page.name == MAP;
        for word in words(&page.text, is_map) {
            let named = TOP.iter().any(|top| word.starts_with(top))
                || is_map && (word.ends_with(".rs") || word.ends_with('/'));
            let there = |from: &str| {
                let path = root().join(from).join(word);
                path.exists() || path.with_extension("rs").exists()
            };
            if named && !word.contains('*') && !FROM.into_iter().any(there) {
                wrong.push(format!("{}: `{word}` is not there", page.name));
            }
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n").into()),
    }
}

/// What stands in backticks, and in the map's drawings too.
fn words(text: &str, drawings: bool) -> Vec<&str> {
    let mut words = Vec::new();
    let mut code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        } else if code && drawings {
            words.extend(line.split_whitespace().take_while(|word| *word != "#"));
        } else if !code {
            let spans = line.split('`').skip(1).step_by(2);
            words.extend(spans.filter(|span| !span.contains(' ')));
        }
    }
    words
}
