//! Whether an output is the one that a page shows.

/// Compares line by line: `...` in a line is any part of it, on a line of its own any lines at all.
pub(crate) fn same(shown: &str, got: &str) -> bool {
    let lines = |text: &str| -> Vec<String> {
        let lines = text.trim_end().lines();
        lines.map(|line| line.trim_end().to_owned()).collect()
    };
    lines_match(&lines(shown), &lines(got))
}

fn lines_match(shown: &[String], got: &[String]) -> bool {
    match shown.split_first() {
        None => got.is_empty(),
        Some((line, rest)) if line.trim() == "..." => {
            (0..=got.len()).any(|skipped| lines_match(rest, &got[skipped..]))
        }
        Some((line, rest)) => got
            .split_first()
            .is_some_and(|(first, others)| line_matches(line, first) && lines_match(rest, others)),
    }
}

fn line_matches(shown: &str, got: &str) -> bool {
    let Some((head, tail)) = shown.split_once("...") else {
        return shown == got;
    };
    let Some(rest) = got.strip_prefix(head) else {
        return false;
    };
    (0..=rest.len())
        .filter(|at| rest.is_char_boundary(*at))
        .any(|at| line_matches(tail, &rest[at..]))
}
