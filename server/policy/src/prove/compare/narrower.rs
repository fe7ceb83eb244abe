//! Whether one condition holds wherever another one does, as far as that can be proved.
//!
//! Texts and ARNs are compared as the sets of texts their patterns describe, addresses as ranges, numbers and dates
//! as bounds. What is not proved here counts as a condition of its own.

use std::cmp::Ordering;

use super::sides::Letters;
use crate::Fit;
use crate::condition::{Test, absent};
use crate::operand::{Meaning, Operand};
use crate::operator::{Family, Operator, Order, TextMatch};
use crate::pattern::{Pattern, Step};
use crate::prove::search;
use crate::prove::set::{Pool, Set};
use crate::prove::word::{ANY, COLON, Item, Kinds, LOWER, REST, UPPER, VARIABLE, Word};

/// Searches through patterns before two documents count as too different to compare their conditions.
pub(super) const MOST_SEARCHES: usize = 200;

/// Whether `other` holds in every request in which `one` does.
pub(super) fn implies(one: &Test, other: &Test, searches: &mut usize) -> bool {
    let (Some(mine), Some(theirs)) = (one.operator, other.operator) else {
        return false;
    };
    if mine.set != theirs.set || !alike(mine, theirs) || !one.key.eq_ignore_ascii_case(&other.key) {
        return false;
    }
    // A request without the key.
    if absent(mine) == Fit::Fits && absent(theirs) != Fit::Fits {
        return false;
    }
    // An exclusion of nothing is never understood.
    let empty = |operator: Operator, test: &Test| operator.negated && test.operands.is_empty();
    if empty(mine, one) || empty(theirs, other) {
        return false;
    }
    let (mine_first, theirs_first) = ((mine, &*one.operands), (theirs, &*other.operands));
    match (mine.negated, theirs.negated) {
        (false, false) => within(mine_first, theirs_first, searches),
        // What is excluded there is excluded here.
        (true, true) => within(theirs_first, mine_first, searches),
        (false, true) => apart(mine_first, theirs_first, searches),
        (true, false) => false,
    }
}

type Values<'t> = (Operator, &'t [Operand]);

/// Whether all that matches `inner` matches `outer`.
fn within(inner: Values<'_>, outer: Values<'_>, searches: &mut usize) -> bool {
    if is_text(inner.0) && is_text(outer.0) {
        let (mut pool, mut letters) = (Pool::default(), Letters::default());
        // Where letter case does not count, both are told in lower case.
        let (most, least) = match outer.0.family {
            Family::Text(TextMatch::IgnoreCase) => (Spelling::Lower, Spelling::Lower),
            _ => (Spelling::Any, Spelling::Written),
        };
        let (Some(inner_set), Some(outer_set)) = (
            texts(inner, most, &mut pool, &mut letters),
            texts(outer, least, &mut pool, &mut letters),
        ) else {
            return false;
        };
        // The unknown text of a variable may have a colon in it, which tells the parts of an ARN apart.
        let alike = matches!(inner.0.family, Family::Arn) == matches!(outer.0.family, Family::Arn);
        return (alike || letters.is_empty())
            && is_empty(&pool, &inner_set.except(outer_set), searches);
    }
    inner.1.iter().all(|value| {
        outer
            .1
            .iter()
            .any(|wide| narrower((inner.0, value), (outer.0, wide)))
    })
}

/// Whether nothing matches both.
fn apart(one: Values<'_>, other: Values<'_>, searches: &mut usize) -> bool {
    if is_text(one.0) && is_text(other.0) {
        let (mut pool, mut letters) = (Pool::default(), Letters::default());
        let (Some(one), Some(other)) = (
            texts(one, Spelling::Any, &mut pool, &mut letters),
            texts(other, Spelling::Any, &mut pool, &mut letters),
        ) else {
            return false;
        };
        return letters.is_empty() && is_empty(&pool, &one.and(other), searches);
    }
    one.1.iter().all(|value| {
        other
            .1
            .iter()
            .all(|excluded| match (value.meaning(), excluded.meaning()) {
                (Meaning::Net(one), Meaning::Net(other)) => {
                    !one.contains(other) && !other.contains(one)
                }
                // A number is excluded by being equal to one.
                (Meaning::Number(bound), Meaning::Number(excluded)) => {
                    order(one.0).is_some_and(|order| !order.holds(excluded.partial_cmp(bound)))
                }
                (Meaning::Date(bound), Meaning::Date(excluded)) => {
                    order(one.0).is_some_and(|order| !order.holds(Some(excluded.cmp(bound))))
                }
                _ => false,
            })
    })
}

/// Whether all that matches one value matches another one that is no text.
fn narrower(inner: (Operator, &Operand), outer: (Operator, &Operand)) -> bool {
    let orders = order(inner.0).zip(order(outer.0));
    match (inner.1.meaning(), outer.1.meaning()) {
        (Meaning::Net(inner), Meaning::Net(outer)) => outer.contains(inner),
        (Meaning::Bool(inner), Meaning::Bool(outer)) => inner == outer,
        (Meaning::Bytes(inner), Meaning::Bytes(outer)) => inner == outer,
        (Meaning::Number(inner), Meaning::Number(outer)) => {
            orders.is_some_and(|(one, other)| bounded(one, other, inner.partial_cmp(outer)))
        }
        (Meaning::Date(inner), Meaning::Date(outer)) => {
            orders.is_some_and(|(one, other)| bounded(one, other, Some(inner.cmp(outer))))
        }
        _ => false,
    }
}

fn order(operator: Operator) -> Option<Order> {
    match operator.family {
        Family::Number(order) | Family::Date(order) => Some(order),
        _ => None,
    }
}

/// Whether whatever stands to one bound as asked stands to another so, when the bounds stand to each other like this.
fn bounded(one: Order, other: Order, bounds: Option<Ordering>) -> bool {
    use Order::{Equal, Greater, GreaterEqual, Less, LessEqual};
    bounds.is_some_and(|bounds| match (one, other) {
        (Equal, other) => other.holds(Some(bounds)),
        (Less, Less | LessEqual) | (LessEqual, LessEqual) => bounds.is_le(),
        (LessEqual, Less) => bounds.is_lt(),
        (Greater, Greater | GreaterEqual) | (GreaterEqual, GreaterEqual) => bounds.is_ge(),
        (GreaterEqual, Greater) => bounds.is_gt(),
        _ => false,
    })
}

/// Whether two operators read the values of a request as the same kind of thing, so that they understand the same ones.
fn alike(one: Operator, other: Operator) -> bool {
    let kind = std::mem::discriminant::<Family>;
    (is_text(one) && is_text(other))
        || (one.family != Family::Null && kind(&one.family) == kind(&other.family))
}

fn is_text(operator: Operator) -> bool {
    matches!(operator.family, Family::Text(_) | Family::Arn)
}

/// Whether a set has no text in it, as far as one may look.
fn is_empty(pool: &Pool, set: &Set, searches: &mut usize) -> bool {
    let Some(left) = searches.checked_sub(1) else {
        return false;
    };
    *searches = left;
    matches!(search::shortest(pool, set), Ok(None))
}

/// How letters are read under an operator for which their case does not count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// At least all that match.
    Any,
    /// Only what is written.
    Written,
    /// What is written, in lower case.
    Lower,
}

/// The texts that match; `None` where they cannot be described.
fn texts(
    (operator, operands): Values<'_>,
    spelling: Spelling,
    pool: &mut Pool,
    letters: &mut Letters,
) -> Option<Set> {
    let sets = operands.iter().map(|operand| {
        let mut items = Vec::new();
        match operand.meaning() {
            Meaning::Text(pattern) => {
                let plain = operator.family != Family::Text(TextMatch::Like);
                add(pattern, &operand.text, ANY, letters, &mut items);
                if plain && !items.iter().all(|item| matches!(item, Item::Char(_))) {
                    return None;
                }
                match spelling {
                    Spelling::Any if operator.family == Family::Text(TextMatch::IgnoreCase) => {
                        items = any_case(items)?;
                    }
                    Spelling::Any | Spelling::Written => {}
                    Spelling::Lower => items = lower_case(items)?,
                }
            }
            Meaning::Arn(_) if spelling == Spelling::Lower => return None,
            Meaning::Arn(pattern) => {
                for (place, part) in pattern.patterns().enumerate() {
                    if place > 0 {
                        items.push(Item::Char(':'));
                    }
                    // A star stays within its part; the last one keeps its colons.
                    let star = if place < 5 { ANY & !COLON } else { ANY };
                    add(part, &operand.text, star, letters, &mut items);
                }
            }
            _ => return None,
        }
        items.dedup_by(|next, before| matches!(next, Item::Many(_)) && *next == *before);
        Some(pool.add(Word(items)))
    });
    Some(Set::any(sets.collect::<Option<Vec<_>>>()?))
}

fn add(pattern: &Pattern, text: &str, star: Kinds, letters: &mut Letters, items: &mut Vec<Item>) {
    for step in pattern.steps() {
        match step {
            Step::Text(text) => items.extend(text.chars().map(Item::Char)),
            // The unknown text of a variable need not be one character long.
            Step::One => items.push(Item::One(star & !VARIABLE)),
            Step::Many => items.push(Item::Many(star)),
            Step::Variable(key) => items.push(Item::Char(letters.of(key, text))),
        }
    }
}

/// At least every spelling of a text; beyond ASCII one letter may be two in the other case.
fn any_case(items: Vec<Item>) -> Option<Vec<Item>> {
    let any = |item| match item {
        Item::Char(letter) if letter.is_ascii_alphabetic() => Some(Item::One(LOWER | UPPER | REST)),
        Item::Char(sign) if sign.is_ascii() => Some(item),
        _ => None,
    };
    items.into_iter().map(any).collect()
}

/// A text in lower case; of a pattern that is not known.
fn lower_case(items: Vec<Item>) -> Option<Vec<Item>> {
    let letters = items.into_iter().map(|item| match item {
        Item::Char(letter) => Some(letter),
        Item::One(_) | Item::Many(_) => None,
    });
    let letters: Vec<char> = letters.collect::<Option<_>>()?;
    let lower = letters.into_iter().flat_map(char::to_lowercase);
    Some(lower.map(Item::Char).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::{Context, Origin, Policy, PolicyKind, Value};

    const TEXTS: [&str; 14] = [
        "", "a", "b", "A", "ab", "aB", "abc", "k", "K", "\u{212a}", "a/x", "x*", "1", "bob",
    ];
    const ARNS: [&str; 4] = [
        "arn:aws:s3:::b",
        "arn:aws:s3:::b:c",
        "arn:aws:s3:x:1:b",
        "arn:aws:s3::b",
    ];
    const OTHERS: [&str; 10] = [
        "10.1.2.3",
        "10.200.0.1",
        "192.0.2.1",
        "2001:db8::1",
        "5",
        "10",
        "10.5",
        "true",
        "2026-01-01T00:00:00Z",
        "2026-02-01T00:00:00Z",
    ];

    fn conditions() -> Vec<String> {
        let texts = [
            r#""a""#,
            r#"["a","ab"]"#,
            r#""a*""#,
            r#""*""#,
            r#""?""#,
            r#""a?*""#,
            r#""k""#,
            r#""${aws:username}""#,
            r#""${aws:username}*""#,
            r#""arn:aws:s3:*:b""#,
            "[]",
        ];
        let words = [
            "StringEquals",
            "StringLike",
            "StringEqualsIgnoreCase",
            "StringNotEquals",
            "StringNotLike",
            "StringNotEqualsIgnoreCase",
            "StringLikeIfExists",
            "StringNotLikeIfExists",
            "ForAnyValue:StringLike",
            "ForAllValues:StringNotEquals",
            "ForAnyValue:StringNotLike",
        ];
        let mut all = Vec::new();
        let mut add = |operators: &[&str], values: &[&str]| {
            for operator in operators {
                all.extend(
                    values
                        .iter()
                        .map(|value| format!(r#"{{"{operator}":{{"k:k":{value}}}}}"#)),
                );
            }
        };
        add(&words, &texts);
        add(
            &["ArnLike", "ArnNotLike", "ArnLikeIfExists"],
            &[
                r#""arn:aws:s3:::b""#,
                r#""arn:aws:s3:*:*:b*""#,
                r#""arn:*:s3:::?""#,
            ],
        );
        add(
            &["IpAddress", "NotIpAddress", "IpAddressIfExists"],
            &[
                r#""10.0.0.0/8""#,
                r#""10.1.0.0/16""#,
                r#"["10.1.2.3","2001:db8::/32"]"#,
            ],
        );
        add(
            &[
                "NumericLessThan",
                "NumericLessThanEquals",
                "NumericGreaterThanEquals",
                "NumericEquals",
                "NumericNotEquals",
            ],
            &[r#""5""#, r#""10""#],
        );
        add(
            &["DateLessThan", "DateGreaterThanEquals", "DateNotEquals"],
            &[r#""2026-01-01T00:00:00Z""#, r#""2026-02-01T00:00:00Z""#],
        );
        add(&["Bool", "Null"], &[r#""true""#, r#""false""#]);
        all
    }

    fn contexts() -> Vec<Context<'static>> {
        let values = TEXTS.into_iter().chain(ARNS).chain(OTHERS);
        let mut values: Vec<Option<Value<'static>>> =
            values.map(|text| Some(Value::from(text))).collect();
        values.push(None);
        values.extend([&["a"][..], &["a", "b"], &["b", "abc"], &[]].map(|list| {
            Some(Value::List(
                list.iter().map(|text| (*text).into()).collect(),
            ))
        }));
        let mut contexts = Vec::new();
        for name in [None, Some("a"), Some("bob"), Some("b:b")] {
            contexts.extend(values.iter().map(|value| {
                let mut context = Context::new();
                if let Some(name) = name {
                    context.set("aws:username", name, Origin::Given);
                }
                if let Some(value) = value {
                    context.set("k:k", value.clone(), Origin::Given);
                }
                context
            }));
        }
        contexts
    }

    /// Whatever is said to follow does follow, for an Allow and for a Deny, in every one of many requests.
    #[test]
    fn what_is_proved_holds() {
        let conditions = conditions();
        let policies: Vec<Policy> = conditions
            .iter()
            .filter_map(|condition| {
                let text = format!(
                    r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}}}"#
                );
                Policy::parse(&text, PolicyKind::Identity).ok()
            })
            .collect();
        let tests: Vec<&Test> = policies
            .iter()
            .flat_map(|policy| policy.statements())
            .flat_map(|statement| statement.conditions.iter())
            .collect();
        assert!(tests.len() > 120, "{}", tests.len());
        let contexts = contexts();
        let mut proved = 0;
        for one in &tests {
            for other in &tests {
                if !implies(one, other, &mut 1) {
                    continue;
                }
                proved += 1;
                for context in &contexts {
                    for denies in [false, true] {
                        assert!(
                            !one.holds(denies, context) || other.holds(denies, context),
                            "{one:?}\n{other:?}\n{context:?}"
                        );
                    }
                }
            }
        }
        assert!(proved > 500, "{proved}");
    }
}
