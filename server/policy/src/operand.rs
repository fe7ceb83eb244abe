//! One value of a condition, compiled, against one value of the request.

use std::borrow::Cow;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

use crate::arn::ArnPattern;
use crate::date::Instant;
use crate::operator::{Family, Operator, Order, TextMatch};
use crate::pattern::{Miss, Pattern, Step, Syntax};
use crate::worded::Worded;
use crate::{Context, Value};

/// One value in the policy.
#[derive(Debug, Clone)]
pub(crate) struct Operand {
    pub(crate) text: Arc<str>,
    pub(crate) span: Range<usize>,
    meaning: Meaning,
}

/// What a value says under its operator.
#[derive(Debug, Clone)]
pub(crate) enum Meaning {
    Text(Pattern),
    Number(f64),
    Date(Instant),
    Bool(bool),
    /// A boolean that a policy variable supplies.
    BoolOf(Pattern),
    Bytes(Box<[u8]>),
    Net(ipnet::IpNet),
    Arn(ArnPattern),
    /// `"true"` of the Null operator: the key must be absent.
    Absent(bool),
    Unreadable,
}

/// One value of the request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Item<'c> {
    Text(&'c str),
    Other(&'c Value<'c>),
}

/// How a value of the request stands to the values of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Matched,
    Unmatched,
    NotUnderstood,
}

impl Operand {
    pub(crate) fn compile(
        text: &str,
        span: Range<usize>,
        operator: Option<Operator>,
        variables: bool,
    ) -> Self {
        let meaning = operator
            .and_then(|operator| read(text, operator, variables))
            .unwrap_or(Meaning::Unreadable);
        Self {
            text: text.into(),
            span,
            meaning,
        }
    }

    /// What it says.
    pub(crate) fn meaning(&self) -> &Meaning {
        &self.meaning
    }

    /// Whether this value alone matches one value of the request.
    pub(crate) fn matches(
        &self,
        operator: Operator,
        item: Item<'_>,
        context: &Context<'_>,
    ) -> bool {
        self.meets(operator, item, context) == Standing::Matched
    }

    /// Where the two part.
    pub(crate) fn miss(&self, item: Item<'_>, context: &Context<'_>) -> Option<Miss> {
        let text = item.text();
        match &self.meaning {
            Meaning::Text(pattern) => pattern.miss(&text, context),
            Meaning::Arn(pattern) => pattern.miss(&text, context),
            _ => None,
        }
    }

    /// The value with its variables filled in, wildcards as written.
    pub(crate) fn filled<'p>(&'p self, context: &'p Context<'_>) -> Cow<'p, str> {
        match &self.meaning {
            Meaning::Text(pattern) | Meaning::BoolOf(pattern) => pattern.fill(context),
            _ => None,
        }
        .unwrap_or(Cow::Borrowed(&self.text))
    }

    /// The keys of the policy variables in this value.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        let patterns = match &self.meaning {
            Meaning::Text(pattern) | Meaning::BoolOf(pattern) => {
                std::slice::from_ref(pattern).iter().collect()
            }
            Meaning::Arn(pattern) => pattern.patterns().collect(),
            _ => Vec::new(),
        };
        patterns
            .into_iter()
            .flat_map(Pattern::steps)
            .filter_map(|step| match step {
                Step::Variable(key) => Some(key),
                _ => None,
            })
    }

    /// A policy variable in this value that the request does not fill.
    pub(crate) fn unresolved<'p>(&'p self, context: &Context<'_>) -> Option<&'p str> {
        match &self.meaning {
            Meaning::Text(pattern) | Meaning::BoolOf(pattern) => pattern.unresolved(context),
            Meaning::Arn(pattern) => pattern.unresolved(context),
            _ => None,
        }
    }

    /// What the Null operator wants: `true` for an absent key.
    pub(crate) fn wants_absent(&self) -> Option<bool> {
        match self.meaning {
            Meaning::Absent(wanted) => Some(wanted),
            _ => None,
        }
    }

    pub(crate) fn meets(
        &self,
        operator: Operator,
        item: Item<'_>,
        context: &Context<'_>,
    ) -> Standing {
        // A request value of another type is no match; under a negated operator that would let it through.
        let unreadable = if operator.negated {
            Standing::NotUnderstood
        } else {
            Standing::Unmatched
        };
        let matched = match (&self.meaning, operator.family) {
            (Meaning::Text(pattern), Family::Text(TextMatch::IgnoreCase)) => {
                pattern.says_ignoring_case(&item.text(), context)
            }
            (Meaning::Text(pattern), _) => pattern.matches(&item.text(), context),
            (Meaning::Arn(pattern), _) => pattern.matches(&item.text(), context),
            (Meaning::Number(number), Family::Number(order)) => match item.number() {
                Some(value) => order.holds(value.partial_cmp(number)),
                None => return unreadable,
            },
            (Meaning::Date(date), Family::Date(order)) => match item.instant() {
                Some(value) => order.holds(Some(value.cmp(date))),
                None => return unreadable,
            },
            (Meaning::Bool(wanted), _) => item.bool() == Some(*wanted),
            (Meaning::BoolOf(pattern), _) => item.bool().is_some_and(|value| {
                let value = if value { "true" } else { "false" };
                pattern.says_ignoring_case(value, context)
            }),
            (Meaning::Bytes(bytes), _) => item.text().as_bytes() == &**bytes,
            (Meaning::Net(net), _) => match item.address() {
                Some(address) => net.contains(&address),
                None => return unreadable,
            },
            _ => return Standing::NotUnderstood,
        };
        if matched {
            Standing::Matched
        } else {
            Standing::Unmatched
        }
    }
}

impl Order {
    pub(crate) fn holds(self, value_to_operand: Option<std::cmp::Ordering>) -> bool {
        value_to_operand.is_some_and(|ordering| match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterEqual => ordering.is_ge(),
        })
    }
}

fn read(text: &str, operator: Operator, variables: bool) -> Option<Meaning> {
    let from = variables.then_some(0);
    Some(match operator.family {
        Family::Text(kind) => {
            let wildcards = kind == TextMatch::Like;
            Meaning::Text(Pattern::compile(
                text,
                Syntax {
                    wildcards,
                    variables_from: from,
                },
            ))
        }
        Family::Number(_) => Meaning::Number(read_number(text)?),
        Family::Date(_) => Meaning::Date(Instant::parse(text)?),
        Family::Bool => match read_bool(text) {
            Some(value) => Meaning::Bool(value),
            None if variables && text.contains("${") => Meaning::BoolOf(Pattern::compile(
                text,
                Syntax {
                    wildcards: false,
                    variables_from: from,
                },
            )),
            None => return None,
        },
        Family::Binary => {
            use base64::Engine as _;
            Meaning::Bytes(
                base64::engine::general_purpose::STANDARD
                    .decode(text)
                    .ok()?
                    .into(),
            )
        }
        Family::Ip => Meaning::Net(read_net(text)?),
        Family::Arn => Meaning::Arn(ArnPattern::compile(text, variables)?),
        Family::Null => Meaning::Absent(read_bool(text)?),
    })
}

fn read_bool(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A decimal number; `inf` and `nan` are none.
fn read_number(text: &str) -> Option<f64> {
    let text = text.trim();
    text.bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'))
        .then_some(())?;
    text.parse().ok()
}

/// An address or a range; a bare address is a range of one.
fn read_net(text: &str) -> Option<ipnet::IpNet> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(plain(address).into()),
        Err(_) => text.parse().ok(),
    }
}

/// `::ffff:192.0.2.1` is 192.0.2.1; rolecall's choice.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

impl<'c> Item<'c> {
    pub(crate) fn text(self) -> Worded<'c> {
        match self {
            Self::Text(text) => Worded::There(text),
            Self::Other(value) => value.single_text().unwrap_or(Worded::There("")),
        }
    }

    fn number(self) -> Option<f64> {
        match self {
            Self::Text(text) => read_number(text),
            Self::Other(Value::Number(number)) => Some(*number),
            // `aws:EpochTime` and `aws:CurrentTime` under a numeric operator count seconds.
            #[expect(
                clippy::cast_precision_loss,
                reason = "seconds since 1970 fit a double for 285 million years"
            )]
            Self::Other(Value::Time(time)) => Some(time.as_second() as f64),
            Self::Other(_) => None,
        }
    }

    fn instant(self) -> Option<Instant> {
        match self {
            Self::Text(text) => Instant::parse(text),
            Self::Other(Value::Time(time)) => Some(Instant::from_timestamp(*time)),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a number too large saturates"
            )]
            Self::Other(Value::Number(number)) => Some(Instant::from_seconds(*number as i64)),
            Self::Other(_) => None,
        }
    }

    fn bool(self) -> Option<bool> {
        match self {
            Self::Text(text) => read_bool(text),
            Self::Other(Value::Bool(value)) => Some(*value),
            Self::Other(_) => None,
        }
    }

    fn address(self) -> Option<IpAddr> {
        match self {
            Self::Text(text) => text.parse().ok().map(plain),
            Self::Other(Value::Ip(address)) => Some(plain(*address)),
            Self::Other(_) => None,
        }
    }
}
