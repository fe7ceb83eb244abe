//! The options of the AWS CLI itself, which every command takes.

use super::{Trouble, trouble};

/// Options of the CLI itself: name, whether a value follows, what becomes of it.
const GLOBAL: &[(&str, bool, Global)] = &[
    ("query", true, Global::Ignored),
    ("output", true, Global::Ignored),
    ("endpoint-url", true, Global::Ignored),
    ("profile", true, Global::Ignored),
    ("color", true, Global::Ignored),
    ("cli-read-timeout", true, Global::Ignored),
    ("cli-connect-timeout", true, Global::Ignored),
    ("no-cli-pager", false, Global::Ignored),
    ("no-cli-auto-prompt", false, Global::Ignored),
    ("no-paginate", false, Global::Ignored),
    ("no-verify-ssl", false, Global::Ignored),
    ("debug", false, Global::Ignored),
    ("region", true, Global::Region),
    (
        "no-sign-request",
        false,
        Global::Refused("a step can say `as: anonymous`"),
    ),
    (
        "cli-input-json",
        true,
        Global::Refused("write the parameters out as options"),
    ),
    (
        "cli-input-yaml",
        true,
        Global::Refused("write the parameters out as options"),
    ),
    (
        "generate-cli-skeleton",
        true,
        Global::Refused("it makes no call"),
    ),
];

#[derive(Clone, Copy)]
enum Global {
    Ignored,
    Region,
    Refused(&'static str),
}

/// Takes the CLI's own options out of a line.
pub(super) fn globals<'w>(
    words: &[&'w str],
    ignored: &mut Vec<String>,
    region: &mut Option<String>,
) -> Result<Vec<&'w str>, Trouble> {
    let mut left = Vec::new();
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        let (name, glued) = split_option(word);
        let known = name.and_then(|name| GLOBAL.iter().find(|(known, ..)| *known == name));
        let Some((_, takes, what)) = known else {
            left.push(word);
            continue;
        };
        let value = match (takes, glued) {
            (true, Some(value)) => Some(value),
            (true, None) => match words.next() {
                Some(value) => Some(value),
                None => {
                    return trouble(
                        word,
                        format!("`{word}` needs a value"),
                        "nothing follows",
                        None,
                    );
                }
            },
            (false, _) => None,
        };
        match what {
            Global::Ignored => ignored.push(word.to_owned()),
            Global::Region => *region = value.map(str::to_owned),
            Global::Refused(help) => {
                return trouble(
                    word,
                    format!("`{word}` is not read here"),
                    "it would change the call",
                    Some((*help).to_owned()),
                );
            }
        }
    }
    Ok(left)
}

/// `--name` or `--name=value`.
pub(super) fn split_option(word: &str) -> (Option<&str>, Option<&str>) {
    let Some(option) = word.strip_prefix("--") else {
        return (None, None);
    };
    match option.split_once('=') {
        Some((name, value)) => (Some(name), Some(value)),
        None => (Some(option), None),
    }
}
