//! A page and its fenced blocks.

use crate::root;
use std::path::PathBuf;

/// Pages that are not in `docs/`.
const OTHERS: [&str; 9] = [
    "README.md",
    "ARCHITECTURE.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "server/README.md",
    "server/policy/README.md",
    "server/policy/DIFFERENCES.md",
    "server/policy/src/findings/README.md",
    "server/sigv4/README.md",
];

/// The files that include pages as documentation, and so as doctests.
const DOCTESTS: [&str; 3] = [
    "tests/src/lib.rs",
    "server/policy/src/lib.rs",
    "server/policy/src/findings/mod.rs",
];

#[derive(Clone)]
pub(crate) struct Page {
    /// The path from the repository's root.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) blocks: Vec<Block>,
}

#[derive(Clone)]
pub(crate) struct Block {
    /// `docs/page.md:12`
    pub(crate) place: String,
    /// What stands behind the backticks.
    pub(crate) info: String,
    pub(crate) kind: Result<Kind, String>,
    /// Under which name it is put into the page's folder.
    pub(crate) file: Option<String>,
    pub(crate) text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Commands; with `console` their output too.
    Shell {
        serve: bool,
        fails: bool,
    },
    Python,
    Scenario,
    /// Steps in the world of the first scenario.
    Step,
    /// A policy, and the findings that it must have.
    Policy(Vec<String>),
    Json,
    Yaml,
    Rust,
    Picture,
    Ignored(String),
}

impl Page {
    /// Every page there is, by name.
    pub(crate) fn all() -> Vec<Self> {
        let folder = std::fs::read_dir(root().join("docs")).unwrap();
        let mut names: Vec<String> = folder
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".md"))
            .map(|name| format!("docs/{name}"))
            .collect();
        names.extend(OTHERS.map(str::to_owned));
        names.sort();
        names.into_iter().map(Self::read).collect()
    }

    fn read(name: String) -> Self {
        let path = root().join(&name);
        let text = std::fs::read_to_string(&path).expect(&name);
        Self {
            blocks: blocks(&name, &text),
            name,
            path,
            text,
        }
    }
}

fn blocks(page: &str, text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        let Some(info) = line.trim_start().strip_prefix("```") else {
            continue;
        };
        let (info, file) = match info.split_once(" file=") {
            Some((info, file)) => (info, Some(file.to_owned())),
            None => (info, None),
        };
        let mut inside = String::new();
        let mut closed = false;
        for (_, line) in lines.by_ref() {
            closed = line.trim() == "```";
            if closed {
                break;
            }
            inside.push_str(line.get(indent..).unwrap_or_default());
            inside.push('\n');
        }
        let kind = match closed {
            true => kind(page, info, &inside),
            false => Err("the block does not end".to_owned()),
        };
        blocks.push(Block {
            place: format!("{page}:{}", number + 1),
            info: info.to_owned(),
            kind,
            file,
            text: inside,
        });
    }
    blocks
}

fn kind(page: &str, info: &str, text: &str) -> Result<Kind, String> {
    if let Some((_, reason)) = info.split_once("ignore=") {
        return match reason.len() {
            0 => Err("`ignore=` needs a reason".to_owned()),
            _ => Ok(Kind::Ignored(reason.to_owned())),
        };
    }
    let words: Vec<&str> = info.split_whitespace().collect();
    let shell = |serve, fails| Ok(Kind::Shell { serve, fails });
    match words.as_slice() {
        ["console"] | ["sh"] => shell(false, false),
        ["console" | "sh", "serve"] => shell(true, false),
        ["console", "fails"] => shell(false, true),
        ["python"] => Ok(Kind::Python),
        ["yaml", "scenario"] => Ok(Kind::Scenario),
        ["yaml", "step"] => Ok(Kind::Step),
        ["json", "policy"] => Ok(Kind::Policy(Vec::new())),
        ["json", "policy", finds] if finds.starts_with("finds=") => {
            let codes = finds["finds=".len()..].split(',');
            Ok(Kind::Policy(codes.map(str::to_owned).collect()))
        }
        ["json"] => Ok(Kind::Json),
        ["yaml"] => Ok(Kind::Yaml),
        ["rust"] => match DOCTESTS.iter().any(|file| includes(file, page)) {
            true => Ok(Kind::Rust),
            false => Err(format!(
                "no crate has the doctests of this page: {DOCTESTS:?}"
            )),
        },
        ["text"] if text.lines().all(|line| !line.starts_with("$ ")) => Ok(Kind::Picture),
        ["text"] => Err("commands in a `text` block would not be run".to_owned()),
        _ => Err(format!("nobody would run or parse a `{info}` block")),
    }
}

/// Whether a source file includes this page as documentation.
fn includes(file: &str, page: &str) -> bool {
    let path = root().join(file);
    let text = std::fs::read_to_string(&path).expect(file);
    let page = root().join(page).canonicalize().unwrap();
    text.split("include_str!(\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .any(|(name, _)| {
            path.with_file_name(name)
                .canonicalize()
                .is_ok_and(|it| it == page)
        })
}
