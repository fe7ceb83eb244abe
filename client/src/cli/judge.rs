//! `rolecall judge`: neutral case files of other projects, and where they differ.

use std::path::Path;
use std::process::ExitCode;

use rolecall_policy::judge::{Judged, Verdict, judge};

use super::args::Judge;
use super::{Failed, Outcome, out};

/// Where the known differences are explained.
const DIFFERENCES: &str =
    "https://github.com/rolecall/rolecall/blob/main/server/policy/DIFFERENCES.md";

pub(super) fn main(args: &Judge) -> Outcome {
    let mut differ = 0;
    for path in &args.files {
        differ += file(path, args)?;
    }
    if differ == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    out::note(&format!(
        "known differences, each with its reason: {DIFFERENCES}\n"
    ));
    Ok(ExitCode::FAILURE)
}

/// Judges one file; the number of differences.
fn file(path: &Path, args: &Judge) -> Result<usize, Failed> {
    let unreadable =
        |why: String| Failed::new(format!("failed to read {}: {why}", path.display())).code(3);
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let cases: Vec<Judged> = judge(&text)
        .collect::<Result<_, _>>()
        .map_err(|error| unreadable(error.to_string()).help("one JSON object on a line"))?;
    let asked: Vec<&Judged> = cases
        .iter()
        .filter(|case| case.strict || !args.strict)
        .collect();
    if asked.is_empty() {
        return Err(Failed::new(format!("{}: no cases", path.display())).code(4));
    }
    let differ: Vec<&&Judged> = asked.iter().filter(|case| !case.agrees()).collect();
    for case in &differ {
        out::print(&difference(case));
    }
    let strict = |case: &&&Judged| case.strict;
    let (all, core) = (asked.len(), asked.iter().filter(strict).count());
    let wrong = differ.iter().filter(|case| case.strict).count();
    out::line(&format!(
        "{}: {} of {all} agree, {} differ; of those nobody doubts {} of {core} agree",
        path.display(),
        all - differ.len(),
        differ.len(),
        core - wrong,
    ));
    Ok(differ.len())
}

/// One difference with what explains it.
fn difference(case: &Judged) -> String {
    let mut text = format!(
        "{} (line {}): expected {}, decided {}\n",
        case.id, case.line, case.expected, case.verdict
    );
    if let Some(doubt) = &case.doubt {
        text.push_str(&format!("  the case says: {doubt}\n"));
    }
    if let Verdict::Decided(explanation) = &case.verdict {
        let tree = explanation.to_string();
        text.extend(
            tree.lines()
                .map(|line| format!("  {line}").trim_end().to_owned() + "\n"),
        );
    }
    text.push('\n');
    text
}
