//! Questions about patterns with `*` and `?` that need no request.

/// Longer patterns are not looked into; IAM takes none of that length.
const LONGEST: usize = 4096;

/// Whether some text fits both patterns; `true` when they are too long to tell.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
    if one.len() > LONGEST || other.len() > LONGEST {
        return true;
    }
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    // reached[j]: the beginnings of `one` so far and of `other` up to j have a text in common.
    let mut reached = vec![false; other.len() + 1];
    for row in 0..=one.len() {
        let mut diagonal = false;
        let mut left = false;
        for column in 0..=other.len() {
            let above = reached.get(column).copied().unwrap_or_default();
            let ended = row.checked_sub(1).and_then(|at| one.get(at));
            let others = column.checked_sub(1).and_then(|at| other.get(at));
            let here = match (ended, others) {
                (None, None) => true,
                (Some('*'), None) => above,
                (None, Some('*')) => left,
                (None, Some(_)) | (Some(_), None) => false,
                // A star stands for nothing, or for one more of the other.
                (Some('*'), Some(_)) | (Some(_), Some('*')) => above || left,
                (Some(a), Some(b)) => diagonal && (a == b || *a == '?' || *b == '?'),
            };
            diagonal = above;
            left = here;
            if let Some(slot) = reached.get_mut(column) {
                *slot = here;
            }
        }
    }
    reached.last().copied().unwrap_or_default()
}

/// Whether everything that fits `inner` certainly fits `outer`.
pub(crate) fn covers(outer: &str, inner: &str) -> bool {
    let outer: Vec<char> = outer.chars().collect();
    let inner: Vec<char> = inner.chars().collect();
    let (mut at, mut seen) = (0, 0);
    // Where to go on when the stretch after the last star does not fit: after the star, and how far it reaches.
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (outer.get(at), inner.get(seen)) {
            (Some('*'), _) => {
                at += 1;
                star = Some((at, seen));
            }
            (None, None) => return true,
            (Some('?'), Some(character)) if *character != '*' => {
                at += 1;
                seen += 1;
            }
            (Some(a), Some(b)) if a == b && *b != '?' => {
                at += 1;
                seen += 1;
            }
            (_, Some(_)) => match star {
                Some((after, reached)) => {
                    at = after;
                    seen = reached + 1;
                    star = Some((after, seen));
                }
                None => return false,
            },
            (Some(_), None) => return false,
        }
    }
}

/// A pattern in which every `${variable}` may be anything.
pub(crate) fn without_variables(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("${") {
        plain.push_str(before);
        match inside.split_once('}') {
            Some((_, after)) => {
                plain.push('*');
                rest = after;
            }
            None => {
                plain.push('*');
                rest = "";
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_overlap_when_one_text_fits_both() {
        for (one, other, expected) in [
            ("apps/*", "apps/*/segments/*", true),
            ("/apps/*", "apps/*", false),
            ("*", "reports", true),
            ("a*c", "ab*", true),
            ("a*c", "*b", false),
            ("a?c", "abc", true),
            ("a?", "a", false),
            ("", "", true),
            ("", "*", true),
            ("Get*", "GetObject", true),
            ("*Object", "Get*", true),
        ] {
            assert_eq!(overlap(one, other), expected, "{one} {other}");
            assert_eq!(overlap(other, one), expected, "{other} {one}");
        }
    }

    #[test]
    fn a_pattern_covers_what_it_surely_holds() {
        for (outer, inner, expected) in [
            ("s3:*", "s3:get*", true),
            ("s3:get*", "s3:*", false),
            ("*", "anything", true),
            ("a?c", "abc", true),
            ("a?c", "a*c", false),
            ("a?c", "a?c", true),
            ("ab", "a?", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("a*", "a*", true),
            ("*a", "baa", true),
            ("??", "é", false),
        ] {
            assert_eq!(covers(outer, inner), expected, "{outer} {inner}");
        }
    }
}
