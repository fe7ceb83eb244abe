//! What AWS does not say, and people trip over.

use std::ops::Range;

use super::arn;
use crate::findings::Found;
use crate::findings::codes::*;
use crate::findings::document::{Document, Text};
use crate::operator::{Family, TextMatch};

/// Words that everybody's templates leave to be filled in, beside those of AWS's pages.
const MORE_PLACEHOLDERS: [&str; 14] = [
    "app-id",
    "aws-account-id",
    "aws-region",
    "bucket-name",
    "campaign-id",
    "example-bucket-name",
    "my-account-id",
    "partition",
    "replace-me",
    "role-name",
    "segment-id",
    "your-account-id",
    "your-bucket-name",
    "your-region",
];

/// Letter case, `-` and `_` do not count.
fn is_placeholder(word: &str) -> bool {
    let plain = |word: &str| -> String {
        word.chars()
            .filter(|character| !matches!(character, '-' | '_'))
            .map(|character| character.to_ascii_lowercase())
            .collect()
    };
    let bracketed = word.len() > 2
        && ((word.starts_with('<') && word.ends_with('>'))
            || (word.starts_with('{') && word.ends_with('}')));
    let word = plain(word);
    let mut known = crate::known::PLACEHOLDERS.iter().chain(&MORE_PLACEHOLDERS);
    bracketed || known.any(|known| plain(known) == word)
}

/// The words of a text that stand between colons, slashes or alone; those in `${...}` are variables.
fn words(text: &str) -> Vec<Range<usize>> {
    let (mut words, mut start, mut inside) = (Vec::new(), 0, false);
    for (at, character) in text.char_indices() {
        match character {
            '{' if text.get(..at).is_some_and(|before| before.ends_with('$')) => inside = true,
            '}' if inside => inside = false,
            ':' | '/' if !inside => {
                words.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(start..text.len());
    words
}

pub(super) fn placeholders(document: &Document<'_>, found: &mut Found<'_>) {
    let mut names: Vec<&str> = Vec::new();
    let mut places = Vec::new();
    let mut look = |text: Text<'_>| {
        for range in words(text.text) {
            if text.text.get(range.clone()).is_some_and(is_placeholder) {
                places.push(text.part(range, document.text));
            }
        }
    };
    for statement in &document.statements {
        statement
            .texts(["Resource", "NotResource"])
            .for_each(&mut look);
        statement
            .tests
            .iter()
            .flat_map(|test| test.texts())
            .for_each(&mut look);
        let trusted = statement
            .principal
            .iter()
            .flat_map(|principal| &principal.list);
        trusted.map(|(_, text)| *text).for_each(&mut look);
    }
    for place in &places {
        let word = document.text.get(place.clone()).unwrap_or_default();
        if !names.contains(&word) {
            names.push(word);
        }
    }
    if !places.is_empty() {
        let details = match names.as_slice() {
            [one] => format!(
                "`{one}` looks like a placeholder. As it stands, it matches nothing but itself."
            ),
            _ => format!(
                "{} look like placeholders. As they stand, they match nothing but themselves.",
                list(&names)
            ),
        };
        found.add(&PLACEHOLDER, details, places);
    }
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

pub(super) fn no_sid(document: &Document<'_>, found: &mut Found<'_>) {
    let without: Vec<_> = document
        .statements
        .iter()
        .filter(|statement| statement.get("Sid").is_none())
        .map(|statement| statement.node.span.start)
        .map(|start| start..start + 1)
        .collect();
    let details = match without.len() {
        0 => return,
        1 => {
            "A statement has no Sid: explanations call it by its number, and a test cannot name it."
                .to_owned()
        }
        more => format!(
            "{more} statements have no Sid: explanations call them by their numbers, and a test cannot name them."
        ),
    };
    found.add(&NO_SID, details, without);
}

/// `Exports*` also means `ExportsOld/` and `Exports.txt`.
pub(super) fn folder_without_slash(document: &Document<'_>, found: &mut Found<'_>) {
    for statement in &document.statements {
        let keys = statement
            .texts(["Resource", "NotResource"])
            .filter_map(|text| {
                let fields = arn::fields(text.text);
                let [_, _, (_, "s3"), (_, ""), (_, ""), (start, resource)] = fields.as_slice()
                else {
                    return None;
                };
                let slash = resource.find('/')?;
                Some((text, start + slash + 1))
            });
        let prefixes = statement
            .tests
            .iter()
            .filter(|test| {
                test.key.name.eq_ignore_ascii_case("s3:prefix")
                    && test
                        .parsed
                        .is_some_and(|operator| operator.family == Family::Text(TextMatch::Like))
            })
            .flat_map(|test| test.texts())
            .map(|text| (text, 0));
        for (text, start) in keys.chain(prefixes) {
            if let Some(folder) = folder(text.text.get(start..).unwrap_or_default()) {
                let end = start + folder.end;
                let name = text
                    .text
                    .get(start + folder.start..end - 1)
                    .unwrap_or_default();
                found.add_help(
                    &FOLDER_WITHOUT_SLASH,
                    format!("`{name}*` also covers `{name}Old/` and `{name}.txt`: S3 knows no folders, the slash makes one."),
                    text.part(start + folder.start..end, document.text),
                    format!("write `{name}/*` for what lies in the folder"),
                );
            }
        }
    }
}

/// The last word of a key, when it is a name and a star.
fn folder(key: &str) -> Option<Range<usize>> {
    let start = key.rfind('/').map_or(0, |slash| slash + 1);
    let name = key.get(start..)?.strip_suffix('*')?;
    let plain = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        // What ends in a separator is a prefix on purpose.
        && !name.ends_with(['-', '_']);
    plain.then_some(start..key.len())
}
