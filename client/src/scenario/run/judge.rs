//! Comparing an answer with what was expected of it.

use rolecall_policy::{Layer, Outcome, Verdict};

use super::answer::Answer;
use super::hop::Hop;
use crate::diagnostic::Span;
use crate::scenario::file::expect::{Decision, Denial, Expectation, POLICY_TYPES, PolicyType, Why};

/// One thing that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// "expected allowed, got denied (implicit)".
    pub title: String,
    /// The part of the expectation that did not come true.
    pub span: Span,
    /// What to say there.
    pub label: String,
    /// What to do, where there is something.
    pub help: Option<String>,
    /// Whether it is about the decision, and not about what the call came to.
    pub verdict: bool,
}

impl Wrong {
    fn new(span: Span, title: String, label: impl Into<String>) -> Self {
        Self {
            title,
            span,
            label: label.into(),
            help: None,
            verdict: true,
        }
    }

    /// One that is about what the call came to.
    pub(crate) fn outcome(span: Span, title: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            verdict: false,
            ..Self::new(span, title.into(), label)
        }
    }
}

/// Everything that is not as expected; nothing when all is.
pub(crate) fn judge(expected: &Expectation, answer: &Answer) -> Vec<Wrong> {
    if answer.proof.is_some() {
        return proof(expected, answer).into_iter().collect();
    }
    let mut wrong = Vec::new();
    wrong.extend(decision(expected, answer));
    if !wrong.is_empty() {
        // The details of a verdict that was not expected at all would only repeat it.
        return wrong;
    }
    let deciding = deciding(expected, answer);
    wrong.extend(at(expected, &deciding));
    wrong.extend(by(expected, &deciding));
    wrong.extend(kind(expected, &deciding));
    wrong.extend(why(expected, &deciding));
    wrong.extend(error(expected, answer));
    wrong
}

/// A proof holds, or it is wrong; what nobody could decide is not proved.
fn proof(expected: &Expectation, answer: &Answer) -> Option<Wrong> {
    let (title, label) = match &answer.proof.as_ref()?.verdict {
        Verdict::Proved { .. } => return None,
        Verdict::Counterexample(found) => (
            "expected proved, got a counterexample".to_owned(),
            format!("{} on {}", found.action, found.resource),
        ),
        Verdict::TooLarge(why) => ("expected proved, not decided".to_owned(), why.to_string()),
    };
    Some(Wrong::new(expected.span, title, label))
}

fn decision(expected: &Expectation, answer: &Answer) -> Option<Wrong> {
    let wanted = expected.decision.as_ref()?;
    let got = answer.decision();
    let title = format!(
        "expected {}, got {}",
        wanted.value.word(),
        got_words(answer)
    );
    if got != Some(wanted.value) {
        let reasons = answer
            .decider()
            .map(Hop::reasons)
            .unwrap_or_default()
            .join(", ");
        let label = match (got, &answer.failure) {
            (None, Some(said)) => said.to_string(),
            (Some(got), _) if !reasons.is_empty() => format!("{}: {reasons}", got.word()),
            (Some(got), _) => got.word().to_owned(),
            (None, None) => String::new(),
        };
        return Some(Wrong::new(expected.span, title, label));
    }
    let failure = answer.failure.as_ref()?;
    if wanted.value == Decision::Denied {
        return None;
    }
    // The policies allow it, and still it did not work.
    let mut wrong = Wrong::outcome(
        expected.span,
        "expected allowed; the policies do allow it, but the call failed",
        failure.to_string(),
    );
    wrong.help = failure
        .code
        .as_ref()
        .map(|code| format!("if that is meant, write `expect: {{ error: {code} }}`"));
    Some(wrong)
}

fn got_words(answer: &Answer) -> String {
    match (answer.decision(), answer.decider()) {
        (Some(Decision::Allowed), Some(hop)) => {
            let reasons = hop.reasons();
            match (&hop.open, reasons.first()) {
                (Some(_), _) => "ALLOWED: it needs no permission".to_owned(),
                (None, Some(label)) => format!("ALLOWED by {label}"),
                (None, None) => "ALLOWED".to_owned(),
            }
        }
        _ => answer.words(),
    }
}

/// The hops that the details are about. Of an allowed chain, `at:` chooses.
fn deciding<'a>(expected: &Expectation, answer: &'a Answer) -> Vec<&'a Hop> {
    if let Some(at) = &expected.at
        && answer.decision() == Some(Decision::Allowed)
        && let Some(hop) = answer.hops.iter().rfind(|hop| same(&hop.action, &at.value))
    {
        return vec![hop];
    }
    answer.deciding().collect()
}

fn at(expected: &Expectation, deciding: &[&Hop]) -> Option<Wrong> {
    let at = expected.at.as_ref()?;
    if deciding.iter().any(|hop| same(&hop.action, &at.value)) {
        return None;
    }
    let got = deciding.last().map_or("nowhere", |hop| hop.action.as_str());
    let title = format!("expected the decision at {}, it fell at {got}", at.value);
    Some(Wrong::new(at.span, title, format!("it fell at {got}")))
}

fn by(expected: &Expectation, deciding: &[&Hop]) -> Option<Wrong> {
    let by = expected.by.as_ref()?;
    let layers = deciding.iter().map(|hop| hop.by());
    let other = layers
        .into_iter()
        .find(|layer| layer.is_none_or(|layer| policy_type(layer) != Some(by.value)));
    let got = match (other, deciding.is_empty()) {
        (None, false) => return None,
        (Some(Some(layer)), _) => layer_word(layer),
        _ => "no policy at all",
    };
    let wanted = POLICY_TYPES
        .iter()
        .find(|(_, known)| *known == by.value)
        .map_or("another", |(word, _)| word);
    let title = format!("expected the {wanted} to decide, it was the {got}");
    Some(Wrong::new(by.span, title, format!("it was the {got}")))
}

fn policy_type(layer: Layer) -> Option<PolicyType> {
    match layer {
        Layer::Identity => Some(PolicyType::Identity),
        Layer::Bucket | Layer::Resource => Some(PolicyType::Resource),
        Layer::Trust => Some(PolicyType::Trust),
        Layer::Boundary => Some(PolicyType::Boundary),
        Layer::Session => Some(PolicyType::Session),
        Layer::Scp => Some(PolicyType::ServiceControl),
        Layer::Rcp => Some(PolicyType::ResourceControl),
        Layer::Root | Layer::Endpoint => None,
    }
}

/// The word for a layer in every output.
pub(crate) fn layer_word(layer: Layer) -> &'static str {
    match layer {
        Layer::Root => "account's root user",
        Layer::Identity => "identity-policy",
        Layer::Boundary => "boundary",
        Layer::Session => "session-policy",
        Layer::Trust => "trust-policy",
        Layer::Bucket => "bucket-policy",
        Layer::Resource => "resource-policy",
        Layer::Scp => "service-control-policy",
        Layer::Rcp => "resource-control-policy",
        Layer::Endpoint => "endpoint-policy",
    }
}

fn kind(expected: &Expectation, deciding: &[&Hop]) -> Option<Wrong> {
    let kind = expected.kind.as_ref()?;
    let wanted = match kind.value {
        Denial::Implicit => Outcome::ImplicitDeny,
        Denial::Explicit => Outcome::ExplicitDeny,
    };
    let got = deciding.last().and_then(|hop| hop.outcome);
    if got == Some(wanted) {
        return None;
    }
    let word = |outcome| match outcome {
        Some(Outcome::ImplicitDeny) => "implicit",
        Some(Outcome::ExplicitDeny) => "explicit",
        Some(Outcome::Allowed) => "allowed",
        None => "no decision of a policy",
    };
    let title = format!(
        "expected an {} denial, got {}",
        word(Some(wanted)),
        word(got)
    );
    Some(Wrong::new(kind.span, title, word(got)))
}

fn why(expected: &Expectation, deciding: &[&Hop]) -> Option<Wrong> {
    let why = expected.why.as_ref()?;
    let wanted = why.value.to_string();
    // Keys may be written in any letter case; the names of statements may not.
    let fits = |reason: &String| match why.value {
        Why::Mismatch(_) | Why::Missing(_) => same(reason, &wanted),
        _ => *reason == wanted,
    };
    let other = deciding.iter().find(|hop| !hop.reasons().iter().any(fits));
    let reasons = match (other, deciding.is_empty()) {
        (None, false) => return None,
        (Some(hop), _) => hop.reasons(),
        (None, true) => Vec::new(),
    };
    let got = if reasons.is_empty() {
        "no policy's doing".to_owned()
    } else {
        reasons.join(", ")
    };
    let title = match why.value {
        Why::Statement(_) => format!("expected it to be allowed by {wanted}, it was {got}"),
        _ => format!("expected the reason `{wanted}`, got `{got}`"),
    };
    Some(Wrong::new(why.span, title, format!("the reasons: {got}")))
}

fn error(expected: &Expectation, answer: &Answer) -> Option<Wrong> {
    let (code, message) = (expected.error.as_ref(), expected.message.as_ref());
    let span = code.or(message)?.span;
    let Some(said) = &answer.failure else {
        let wanted = code.map_or("an error", |code| code.value.as_str());
        let got = answer.words();
        return Some(Wrong::outcome(
            span,
            format!("expected {wanted}, but there was no error"),
            format!("it was {got}"),
        ));
    };
    if let Some(code) = code
        && said.code.as_deref() != Some(code.value.as_str())
    {
        let got = said.code.as_deref().unwrap_or("a failed job");
        return Some(Wrong::outcome(
            code.span,
            format!("expected the error {}, got {got}", code.value),
            said.to_string(),
        ));
    }
    let message = message.filter(|part| !said.message.contains(&part.value))?;
    let title = format!("expected a message with \"{}\"", message.value);
    Some(Wrong::outcome(
        message.span,
        title,
        format!("it says: {}", said.message),
    ))
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
