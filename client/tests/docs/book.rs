//! What mdBook would find out: links, headings, and that the summary is complete.
//!
//! `mdbook build docs` itself runs where the site is published (`.github/workflows/release.yml`).

use crate::{page::Page, root};
use libtest_mimic::Failed;
use std::path::{Path, PathBuf};

/// Every page stands in the summary once, and everything in the summary is a page.
pub(crate) fn summary() -> Result<(), Failed> {
    let path = root().join("docs/SUMMARY.md");
    let text = std::fs::read_to_string(&path)?;
    let mut listed: Vec<String> = targets(&text).into_iter().map(str::to_owned).collect();
    listed.sort();
    let mut pages: Vec<String> = std::fs::read_dir(root().join("docs"))?
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".md") && name != "SUMMARY.md")
        .collect();
    pages.sort();
    match listed == pages {
        true => Ok(()),
        false => Err(format!("in the summary {listed:?}\nin docs/ {pages:?}").into()),
    }
}

/// Every link that stays in the repository leads somewhere, in the site as well as on the page.
pub(crate) fn links(page: &Page) -> Result<(), Failed> {
    let text = expanded(&page.path, &page.text)?;
    let in_book = page.name.starts_with("docs/");
    let mut wrong = Vec::new();
    for target in targets(&text) {
        if ["https://", "http://", "mailto:"]
            .iter()
            .any(|it| target.starts_with(it))
        {
            continue;
        }
        let (file, heading) = target.split_once('#').unwrap_or((target, ""));
        let path = match file {
            "" => page.path.clone(),
            _ => page.path.with_file_name("").join(file),
        };
        if !path.exists() {
            wrong.push(format!("`{target}` is not there"));
        } else if in_book && file.contains("..") {
            wrong.push(format!("`{target}` would lead out of the site"));
        } else if !heading.is_empty() && !headings(&path)?.iter().any(|it| it == heading) {
            wrong.push(format!("`{target}`: there is no such heading"));
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n").into()),
    }
}

/// The page as mdBook sees it: `{{#include path:anchor}}` replaced by what stands there.
fn expanded(path: &Path, text: &str) -> Result<String, Failed> {
    let mut whole = String::new();
    for line in text.lines() {
        let Some(included) = line
            .strip_prefix("{{#include ")
            .and_then(|it| it.strip_suffix("}}"))
        else {
            whole.push_str(line);
            whole.push('\n');
            continue;
        };
        let (file, anchor) = included.split_once(':').unwrap_or((included, ""));
        let file: PathBuf = path.with_file_name("").join(file);
        let there = std::fs::read_to_string(&file)?;
        let part = match anchor {
            "" => Some(there.as_str()),
            _ => there
                .split_once(&format!("ANCHOR: {anchor} -->"))
                .and_then(|(_, rest)| rest.split_once("<!-- ANCHOR_END:"))
                .map(|(part, _)| part),
        };
        whole.push_str(part.ok_or_else(|| format!("`{included}`: there is no such anchor"))?);
    }
    Ok(whole)
}

/// Where the links of a text lead, code aside: `[x](here)` and `[x]: here`.
fn targets(text: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    let mut code = false;
    for line in text.lines() {
        code ^= line.trim_start().starts_with("```");
        if code {
            continue;
        }
        let defined = line
            .starts_with('[')
            .then(|| line.split_once("]: "))
            .flatten();
        targets.extend(defined.map(|(_, target)| target.trim()));
        let linked = line.split("](").skip(1);
        targets.extend(linked.filter_map(|rest| rest.split([')', ' ']).next()));
    }
    targets
}

/// The headings of a page as mdBook and GitHub write them in links.
fn headings(path: &Path) -> Result<Vec<String>, Failed> {
    let text = expanded(path, &std::fs::read_to_string(path)?)?;
    let heads = text.lines().filter_map(|line| {
        let head = line.trim_start_matches('#');
        (head.len() < line.len()).then(|| head.trim().to_lowercase())
    });
    Ok(heads
        .map(|head| {
            head.chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect())
}
