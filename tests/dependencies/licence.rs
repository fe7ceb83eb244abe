//! Licence expressions: `A OR B`, `A AND B`, brackets, and the old `A/B`.

use std::collections::BTreeSet;

/// Whether the expression can be met with these licences alone. None at all, or one that cannot be read, cannot.
pub(crate) fn permits(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace(" WITH ", "\u{0}");
    let words: Vec<String> = spaced
        .split_whitespace()
        .map(|word| word.replace('\u{0}', " WITH "))
        .collect();
    let mut words = words.iter().map(String::as_str).peekable();
    let met = either(&mut words, allowed);
    met == Some(true) && words.next().is_none()
}

type Words<I> = std::iter::Peekable<I>;

fn either<'w, I: Iterator<Item = &'w str>>(
    words: &mut Words<I>,
    allowed: &BTreeSet<&str>,
) -> Option<bool> {
    let mut met = both(words, allowed)?;
    while words.next_if_eq(&"OR").is_some() {
        met |= both(words, allowed)?;
    }
    Some(met)
}

fn both<'w, I: Iterator<Item = &'w str>>(
    words: &mut Words<I>,
    allowed: &BTreeSet<&str>,
) -> Option<bool> {
    let mut met = one(words, allowed)?;
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allowed)?;
    }
    Some(met)
}

fn one<'w, I: Iterator<Item = &'w str>>(
    words: &mut Words<I>,
    allowed: &BTreeSet<&str>,
) -> Option<bool> {
    match words.next()? {
        "(" => {
            let met = either(words, allowed)?;
            words.next_if_eq(&")").map(|_| met)
        }
        name => Some(allowed.contains(name)),
    }
}

#[test]
fn expressions() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0 WITH LLVM-exception", "Zlib"]);
    for (expression, met) in [
        ("MIT", true),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("(GPL-3.0 OR Zlib) AND MIT", true),
        ("Zlib AND (GPL-3.0 OR MPL-2.0)", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0", false),
        ("", false),
        ("(MIT", false),
        ("MIT Zlib", false),
    ] {
        assert_eq!(permits(expression, &allowed), met, "{expression}");
    }
}
