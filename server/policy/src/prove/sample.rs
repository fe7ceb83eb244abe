//! Values of condition keys that make tests hold or fail, found by trying.

use super::word::fixed;
use crate::condition::Test;
use crate::{Context, Origin};

/// A test, and whether it is to hold.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) test: &'a Test,
    pub(super) denies: bool,
    pub(super) holds: bool,
}

impl Wanted<'_> {
    fn met(&self, context: &Context<'_>) -> bool {
        self.test.holds(self.denies, context) == self.holds
    }
}

/// Adds keys to a context until every test stands as wanted; `None` when no value tried does it.
pub(super) fn satisfy(
    mut context: Context<'static>,
    wanted: &[Wanted<'_>],
) -> Option<Context<'static>> {
    for want in wanted {
        let variables = want
            .test
            .operands
            .iter()
            .flat_map(|operand| operand.variables());
        for key in variables {
            if fixed(&context, key).is_none() && want.holds {
                context.set(key.to_owned(), String::from("x"), Origin::Given);
            }
        }
    }
    let mut done: Vec<&str> = Vec::new();
    for want in wanted {
        let key = &*want.test.key;
        if done.iter().any(|known| known.eq_ignore_ascii_case(key)) {
            continue;
        }
        done.push(key);
        let same: Vec<&Wanted<'_>> = wanted
            .iter()
            .filter(|other| other.test.key.eq_ignore_ascii_case(key))
            .collect();
        if same.iter().all(|want| want.met(&context)) && fixed(&context, key).is_some() {
            continue;
        }
        if fixed(&context, key).is_some() {
            return None;
        }
        let fits = |value: &Option<String>| {
            let mut tried = context.clone();
            if let Some(value) = value {
                tried.set(key.to_owned(), value.clone(), Origin::Given);
            }
            same.iter().all(|want| want.met(&tried)).then_some(tried)
        };
        let values = candidates(&same, &context);
        context = values.iter().find_map(fits)?;
    }
    wanted
        .iter()
        .all(|want| want.met(&context))
        .then_some(context)
}

/// Values worth trying, those that a request would rather have first; no value at all comes last.
fn candidates(wanted: &[&Wanted<'_>], context: &Context<'_>) -> Vec<Option<String>> {
    let mut values = Vec::new();
    for operand in wanted.iter().flat_map(|want| &want.test.operands) {
        let text = operand.filled(context).into_owned();
        if text.contains(['*', '?']) {
            values.push(Some(text.replace('*', "").replace('?', "x")));
            values.push(Some(text.replace(['*', '?'], "x")));
        }
        if let Ok(number) = text.trim().parse::<f64>() {
            values.extend([number, number - 1.0, number + 1.0].map(|near| Some(near.to_string())));
        }
        if let Some((address, _)) = text.split_once('/') {
            values.push(Some(address.to_owned()));
        }
        values.push(Some(text));
    }
    let usual = [
        "true",
        "false",
        "x",
        "y",
        "198.51.100.7",
        "203.0.113.77",
        "2001:db8::1",
        "2001-01-01T00:00:00Z",
        "2101-01-01T00:00:00Z",
        "arn:aws:s3:::x",
    ];
    values.extend(usual.map(|text| Some(text.to_owned())));
    values.push(None);
    values
}
