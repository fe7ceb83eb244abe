//! Condition operators: a table, a set qualifier in front, `IfExists` behind.

/// A condition operator taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) set: Option<SetQualifier>,
    pub(crate) family: Family,
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetQualifier {
    ForAllValues,
    ForAnyValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Text(TextMatch),
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextMatch {
    Exact,
    IgnoreCase,
    Like,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// Name, family, negated.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
const OPERATORS: [(&str, Family, bool); 27] = [
    ("StringEquals", Family::Text(TextMatch::Exact), false),
    ("StringNotEquals", Family::Text(TextMatch::Exact), true),
    (
        "StringEqualsIgnoreCase",
        Family::Text(TextMatch::IgnoreCase),
        false,
    ),
    (
        "StringNotEqualsIgnoreCase",
        Family::Text(TextMatch::IgnoreCase),
        true,
    ),
    ("StringLike", Family::Text(TextMatch::Like), false),
    ("StringNotLike", Family::Text(TextMatch::Like), true),
    ("NumericEquals", Family::Number(Order::Equal), false),
    ("NumericNotEquals", Family::Number(Order::Equal), true),
    ("NumericLessThan", Family::Number(Order::Less), false),
    (
        "NumericLessThanEquals",
        Family::Number(Order::LessEqual),
        false,
    ),
    ("NumericGreaterThan", Family::Number(Order::Greater), false),
    (
        "NumericGreaterThanEquals",
        Family::Number(Order::GreaterEqual),
        false,
    ),
    ("DateEquals", Family::Date(Order::Equal), false),
    ("DateNotEquals", Family::Date(Order::Equal), true),
    ("DateLessThan", Family::Date(Order::Less), false),
    ("DateLessThanEquals", Family::Date(Order::LessEqual), false),
    ("DateGreaterThan", Family::Date(Order::Greater), false),
    (
        "DateGreaterThanEquals",
        Family::Date(Order::GreaterEqual),
        false,
    ),
    ("Bool", Family::Bool, false),
    ("BinaryEquals", Family::Binary, false),
    ("IpAddress", Family::Ip, false),
    ("NotIpAddress", Family::Ip, true),
    ("ArnEquals", Family::Arn, false),
    ("ArnLike", Family::Arn, false),
    ("ArnNotEquals", Family::Arn, true),
    ("ArnNotLike", Family::Arn, true),
    ("Null", Family::Null, false),
];

impl Operator {
    /// Reads a name; letter case counts, and `Null` takes neither `IfExists` nor a qualifier (rolecall's choice).
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (set, base) = match name.split_once(':') {
            Some(("ForAllValues", base)) => (Some(SetQualifier::ForAllValues), base),
            Some(("ForAnyValue", base)) => (Some(SetQualifier::ForAnyValue), base),
            Some(_) => return None,
            None => (None, name),
        };
        let (base, if_exists) = match base.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (base, false),
        };
        let (_, family, negated) = OPERATORS.into_iter().find(|(known, ..)| *known == base)?;
        let plain = set.is_none() && !if_exists;
        (family != Family::Null || plain).then_some(Self {
            set,
            family,
            negated,
            if_exists,
        })
    }

    /// The known operator most like a name that is not one.
    pub(crate) fn nearest(name: &str) -> Option<&'static str> {
        let close =
            |known: &str| strsim::damerau_levenshtein(&known.to_lowercase(), &name.to_lowercase());
        let (distance, known) = OPERATORS
            .into_iter()
            .map(|(known, ..)| (close(known), known))
            .min_by_key(|(distance, _)| *distance)?;
        (distance <= 3).then_some(known)
    }
}
