//! ARNs: six parts between colons.

use crate::Context;
use crate::pattern::{Miss, Pattern, Syntax, common};

/// The parts of an ARN; the last one keeps its colons.
pub(crate) fn parts(arn: &str) -> Option<[&str; 6]> {
    let mut rest = arn;
    let mut part = || {
        // Parts are short: a search made for long texts takes longer.
        let end = rest.bytes().position(|byte| byte == b':')?;
        let (part, more) = rest.split_at_checked(end)?;
        rest = more.get(1..)?;
        Some(part)
    };
    let five = [part()?, part()?, part()?, part()?, part()?];
    let [arn, partition, service, region, account] = five;
    Some([arn, partition, service, region, account, rest])
}

/// The first of the parts before the last that is written out in full and says something else. A star between its
/// colons stands for that part here, as whoever wrote it meant it: following it further tells of a chance likeness.
/// Without a star before the place where the two part there is nothing to set right.
pub(crate) fn aligned_miss(pattern: &str, arn: &str, miss: Miss) -> Option<Miss> {
    let followed = pattern.as_bytes().get(..miss.pattern)?;
    if !followed.contains(&b'*') {
        return None;
    }
    let (wanted, said) = (parts(pattern)?, parts(arn)?);
    let mut miss = Miss {
        pattern: 0,
        text: 0,
    };
    for (wanted, said) in wanted.into_iter().zip(said).take(5) {
        let special = |byte| matches!(byte, b'*' | b'?' | b'$');
        if wanted != said && wanted != "*" {
            if wanted.bytes().any(special) {
                return None;
            }
            let same = common(wanted, said);
            return Some(Miss {
                pattern: miss.pattern + same,
                text: miss.text + same,
            });
        }
        miss.pattern += wanted.len() + 1;
        miss.text += said.len() + 1;
    }
    None
}

/// Where the last part of an ARN pattern begins: policy variables count only from there on.
pub(crate) fn resource_part(pattern: &str) -> Option<usize> {
    pattern.match_indices(':').nth(4).map(|(at, _)| at + 1)
}

/// A value of ArnEquals and ArnLike: every part is matched by itself, so a star never crosses one of the
/// first five colons.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ArnPattern {
    parts: [(usize, Pattern); 6],
}

impl ArnPattern {
    /// `None` when the text does not have six parts.
    pub(crate) fn compile(text: &str, variables: bool) -> Option<Self> {
        let mut parts = split(text, variables).into_iter();
        let mut part = || {
            let (start, part) = parts.next()?;
            let syntax = Syntax {
                wildcards: true,
                variables_from: variables.then_some(0),
            };
            Some((start, Pattern::compile(part, syntax)))
        };
        Some(Self {
            parts: [part()?, part()?, part()?, part()?, part()?, part()?],
        })
    }

    pub(crate) fn matches(&self, arn: &str, context: &Context<'_>) -> bool {
        parts(arn).is_some_and(|arn| {
            self.parts
                .iter()
                .zip(arn)
                .all(|((_, pattern), part)| pattern.matches(part, context))
        })
    }

    /// The patterns of the six parts.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.parts.iter().map(|(_, pattern)| pattern)
    }

    pub(crate) fn miss(&self, arn: &str, context: &Context<'_>) -> Option<Miss> {
        let mut at = 0;
        let asked = parts(arn).unwrap_or([arn, "", "", "", "", ""]);
        for ((start, pattern), part) in self.parts.iter().zip(asked) {
            if let Some(miss) = pattern.miss(part, context) {
                return Some(Miss {
                    pattern: start + miss.pattern,
                    text: (at + miss.text).min(arn.len()),
                });
            }
            at += part.len() + 1;
        }
        None
    }

    pub(crate) fn unresolved<'p>(&'p self, context: &Context<'_>) -> Option<&'p str> {
        self.parts
            .iter()
            .find_map(|(_, pattern)| pattern.unresolved(context))
    }
}

/// Splits at the first five colons outside of `${…}`.
fn split(text: &str, variables: bool) -> Vec<(usize, &str)> {
    let (mut parts, mut start, mut inside) = (Vec::with_capacity(6), 0, false);
    for (at, character) in text.char_indices() {
        match character {
            '{' if variables && text.get(..at).is_some_and(|before| before.ends_with('$')) => {
                inside = true
            }
            '}' => inside = false,
            ':' if !inside && parts.len() < 5 => {
                parts.push((start, text.get(start..at).unwrap_or_default()));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push((start, text.get(start..).unwrap_or_default()));
    parts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_star_stays_within_its_part() {
        let pattern =
            ArnPattern::compile("arn:aws:someservice:*:111122223333:finance/*", true).unwrap();
        let context = Context::new();
        let other = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
        assert!(!pattern.matches(other, &context));
        assert!(pattern.matches(
            "arn:aws:someservice:us-east-2:111122223333:finance/a/b:c",
            &context
        ));
    }

    #[test]
    fn colons_of_variables_do_not_split() {
        let mut context = Context::new();
        context.set("aws:username", "ana", crate::Origin::Caller);
        let pattern = ArnPattern::compile("arn:aws:iam::1:user/${aws:username}", true).unwrap();
        assert!(pattern.matches("arn:aws:iam::1:user/ana", &context));
        assert!(ArnPattern::compile("*", true).is_none());
    }
}
