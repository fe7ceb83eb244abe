#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use proptest::prelude::*;

use super::*;
use crate::Origin;

const ALL: Syntax = Syntax {
    wildcards: true,
    variables_from: Some(0),
};

/// The textbook matcher, exponential and obviously right.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
        Some(('?', rest)) => !text.is_empty() && naive(rest, &text[1..]),
        Some((character, rest)) => text.first() == Some(character) && naive(rest, &text[1..]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn matches_as_the_naive_matcher(pattern in "[abé*?]{0,8}", text in "[abé]{0,10}") {
        let characters = |text: &str| text.chars().collect::<Vec<_>>();
        let wanted = naive(&characters(&pattern), &characters(&text));
        let compiled = Pattern::compile(&pattern, ALL);
        let context = Context::new();
        prop_assert_eq!(compiled.matches(&text, &context), wanted);
        let miss = compiled.miss(&text, &context);
        prop_assert_eq!(miss.is_none(), wanted);
        if let Some(miss) = miss {
            prop_assert!(pattern.get(miss.pattern..).is_some() && text.get(miss.text..).is_some());
        }
    }

    #[test]
    fn a_variable_matches_as_its_value_would(before in "[ab*?]{0,3}", value in "[ab*?]{0,3}", after in "[ab*?]{0,3}", text in "[ab*?]{0,8}") {
        let mut context = Context::new();
        context.set("k", value.as_str(), Origin::Given);
        let literal: String = value.chars().map(|character| match character {
            '*' | '?' => format!("${{{character}}}"),
            other => other.to_string(),
        }).collect();
        let filled = Pattern::compile(&format!("{before}${{k}}{after}"), ALL);
        let written = Pattern::compile(&format!("{before}{literal}{after}"), ALL);
        prop_assert_eq!(filled.matches(&text, &context), written.matches(&text, &context));
    }
}

thread_local! {
    pub(super) static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// What matching looks at.
fn steps(pattern: &str, text: &str) -> usize {
    let pattern = Pattern::compile(pattern, ALL);
    LOOKED_AT.set(0);
    assert!(!pattern.matches(text, &Context::new()));
    LOOKED_AT.get()
}

#[test]
fn a_thousand_stars_look_at_every_byte_once() {
    let (pattern, text) = (
        "*a".repeat(1_000) + "*",
        "a".repeat(999) + &"b".repeat(100_000),
    );
    let steps = steps(&pattern, &text);
    assert!(steps >= text.len() - 1_000, "not counted: {steps}");
    assert!(steps <= pattern.len() + 2 * text.len(), "{steps} steps");
}

#[test]
fn twice_the_text_takes_twice_the_steps() {
    for pattern in [
        "*a".repeat(50),
        "*?a?c".repeat(20),
        "?*a*b*".repeat(20) + "c",
        "a*ab*aab*aaab*c".to_owned(),
        "*????a".to_owned(),
    ] {
        let text = |length: usize| "aab".repeat(length) + "d";
        let (short, long) = (
            steps(&pattern, &text(5_000)),
            steps(&pattern, &text(10_000)),
        );
        assert!(long <= 2 * short + 100, "{pattern}: {short}, then {long}");
        // The longest stretch between two stars bounds the looks at one byte.
        assert!(long <= text(10_000).len() * 8, "{pattern}: {long}");
    }
}

#[test]
fn where_pattern_and_text_part() {
    let context = Context::new();
    let miss = |pattern: &str, text: &str| {
        Pattern::compile(pattern, ALL)
            .miss(text, &context)
            .map(|miss| (miss.pattern, miss.text))
    };
    assert_eq!(miss("b/Exports/*", "b/exports/x"), Some((2, 2)));
    assert_eq!(miss("b/*", "b"), Some((1, 1)));
    assert_eq!(miss("apps/x", "apps/x/jobs"), Some((6, 6)));
    assert_eq!(miss("iam::*:user/ana", "iam::1:user/bob"), Some((12, 12)));
    assert_eq!(miss("a*b", "a"), Some((2, 1)));
}
