//! The Condition element: one test for each operator and key.

use std::ops::Range;
use std::sync::Arc;

use crate::operand::{Item, Operand, Standing};
use crate::operator::{Family, Operator, SetQualifier};
use crate::{Context, Fit, Value};

/// One key under one operator.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    /// `None` for an operator nobody knows.
    pub(crate) operator: Option<Operator>,
    pub(crate) operator_name: Arc<str>,
    pub(crate) key: Arc<str>,
    /// The key and its values.
    pub(crate) span: Range<usize>,
    pub(crate) operands: Box<[Operand]>,
}

impl Test {
    /// Whether the statement gets past this test: what cannot be understood stops an Allow and not a Deny.
    pub(crate) fn holds(&self, denies: bool, context: &Context<'_>) -> bool {
        match self.fit(context) {
            Fit::Fits => true,
            Fit::Mismatch | Fit::Missing => false,
            Fit::NotUnderstood => denies,
        }
    }

    /// How the request fits the test.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html>
    pub(crate) fn fit(&self, context: &Context<'_>) -> Fit {
        let Some(operator) = self.operator else {
            return Fit::NotUnderstood;
        };
        // A multi-valued key without any value is as good as absent.
        let value = context
            .get(&self.key)
            .filter(|value| !matches!(value, Value::List(list) if list.is_empty()));
        if operator.family == Family::Null {
            return self.null(value);
        }
        let Some(value) = value else {
            return absent(operator);
        };
        match operator.set {
            None => match single(value) {
                Some(item) => match (self.standing(operator, item, context), operator.negated) {
                    (Standing::NotUnderstood, _) => Fit::NotUnderstood,
                    (Standing::Matched, false) | (Standing::Unmatched, true) => Fit::Fits,
                    (Standing::Unmatched, false) | (Standing::Matched, true) => Fit::Mismatch,
                },
                // A key with several values under an operator for one: nothing says what AWS does, so nothing is
                // granted, not even when this request has just one of them. rolecall's choice.
                None => Fit::NotUnderstood,
            },
            Some(set) => self.set_fit(operator, set, value, context),
        }
    }

    fn set_fit(
        &self,
        operator: Operator,
        set: SetQualifier,
        value: &Value<'_>,
        context: &Context<'_>,
    ) -> Fit {
        let (mut fits, mut misses, mut unclear) = (0, 0, 0);
        each(value, |item| {
            match (self.standing(operator, item, context), operator.negated) {
                (Standing::NotUnderstood, _) => unclear += 1,
                (Standing::Matched, false) | (Standing::Unmatched, true) => fits += 1,
                (Standing::Unmatched, false) | (Standing::Matched, true) => misses += 1,
            }
        });
        match set {
            SetQualifier::ForAnyValue if fits > 0 => Fit::Fits,
            SetQualifier::ForAllValues if misses > 0 => Fit::Mismatch,
            _ if unclear > 0 => Fit::NotUnderstood,
            SetQualifier::ForAnyValue => Fit::Mismatch,
            SetQualifier::ForAllValues => Fit::Fits,
        }
    }

    fn null(&self, value: Option<&Value<'_>>) -> Fit {
        let absent = value.is_none();
        let mut fit = Fit::Mismatch;
        for operand in &self.operands {
            match operand.wants_absent() {
                Some(wanted) if wanted == absent => return Fit::Fits,
                Some(_) => {}
                None => fit = Fit::NotUnderstood,
            }
        }
        match fit {
            Fit::Mismatch if absent => Fit::Missing,
            other => other,
        }
    }

    fn standing(&self, operator: Operator, item: Item<'_>, context: &Context<'_>) -> Standing {
        // "None of nothing" would let everything through.
        if self.operands.is_empty() && operator.negated {
            return Standing::NotUnderstood;
        }
        let mut standing = Standing::Unmatched;
        for operand in &self.operands {
            match operand.meets(operator, item, context) {
                Standing::Matched => return Standing::Matched,
                Standing::Unmatched => {}
                Standing::NotUnderstood => standing = Standing::NotUnderstood,
            }
        }
        standing
    }
}

/// How a request without the key fits.
pub(crate) fn absent(operator: Operator) -> Fit {
    match operator.set {
        _ if operator.if_exists => Fit::Fits,
        Some(SetQualifier::ForAllValues) => Fit::Fits,
        Some(SetQualifier::ForAnyValue) => Fit::Missing,
        None if operator.negated => Fit::Fits,
        None => Fit::Missing,
    }
}

fn single<'c>(value: &'c Value<'c>) -> Option<Item<'c>> {
    match value {
        Value::List(_) => None,
        Value::Text(text) => Some(Item::Text(text)),
        other => Some(Item::Other(other)),
    }
}

/// Runs over the values of a key.
pub(crate) fn each<'c>(value: &'c Value<'c>, mut run: impl FnMut(Item<'c>)) {
    match value {
        Value::List(list) => list.iter().for_each(|text| run(Item::Text(text))),
        Value::Text(text) => run(Item::Text(text)),
        other => run(Item::Other(other)),
    }
}
