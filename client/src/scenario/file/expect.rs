//! What a case expects, in one closed vocabulary.

use std::fmt;

use super::node::{Kind, Node};
use super::reader::{Fields, Reader};
use crate::diagnostic::{Span, Spot, nearest};

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// It may.
    Allowed,
    /// It may not.
    Denied,
}

impl Decision {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Decision::Allowed => "allowed",
            Decision::Denied => "denied",
        }
    }
}

/// The kind of policy that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyType {
    /// Policies of the user, its groups, or the role.
    Identity,
    /// A policy on the resource, a bucket policy for one.
    Resource,
    /// The trust policy of a role.
    Trust,
    /// The permissions boundary.
    Boundary,
    /// The policy passed when the session began.
    Session,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
}

/// The words of `by:`.
pub const POLICY_TYPES: [(&str, PolicyType); 9] = [
    ("identity-policy", PolicyType::Identity),
    ("resource-policy", PolicyType::Resource),
    ("bucket-policy", PolicyType::Resource),
    ("trust-policy", PolicyType::Trust),
    ("boundary", PolicyType::Boundary),
    ("permissions-boundary", PolicyType::Boundary),
    ("session-policy", PolicyType::Session),
    ("service-control-policy", PolicyType::ServiceControl),
    ("resource-control-policy", PolicyType::ResourceControl),
];

/// How a No came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Denial {
    /// Nothing allowed it.
    Implicit,
    /// A statement denied it.
    Explicit,
}

/// A reason, in the words that every output uses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// Allowed by this statement: its `Sid`, `policy#2` or `trust#0`.
    Statement(String),
    /// No policy at all.
    NoPolicy,
    /// The nearest statement is about another action, resource, principal, or about another value
    /// of a condition key.
    Mismatch(String),
    /// The nearest statement asks for a condition key that the request does not carry.
    Missing(String),
    /// Denied by this statement.
    Explicit(String),
    /// The permissions boundary does not allow it.
    Boundary,
    /// The session policy does not allow it.
    SessionPolicy,
    /// A service control policy does not allow it.
    Scp,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Statement(label) => f.write_str(label),
            Why::NoPolicy => f.write_str("no-policy"),
            Why::Mismatch(what) => write!(f, "mismatch {what}"),
            Why::Missing(key) => write!(f, "missing {key}"),
            Why::Explicit(label) => write!(f, "explicit {label}"),
            Why::Boundary => f.write_str("boundary"),
            Why::SessionPolicy => f.write_str("session-policy"),
            Why::Scp => f.write_str("scp"),
        }
    }
}

/// What a case expects. What is not said is not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The place to point at when it does not come true.
    pub span: Span,
    /// Yes or no; absent when only an error is expected.
    pub decision: Option<Spot<Decision>>,
    /// The action of the hop that decided, such as `s3:PutObject`.
    pub at: Option<Spot<String>>,
    /// The kind of policy that decided.
    pub by: Option<Spot<PolicyType>>,
    /// How the No came about.
    pub kind: Option<Spot<Denial>>,
    /// A reason that must be among the reasons.
    pub why: Option<Spot<Why>>,
    /// The error code.
    pub error: Option<Spot<String>>,
    /// A part of the error message.
    pub message: Option<Spot<String>>,
}

impl Expectation {
    /// An expectation about which nothing has been said yet.
    pub(crate) fn of_nothing(span: Span) -> Self {
        Self {
            span,
            decision: None,
            at: None,
            by: None,
            kind: None,
            why: None,
            error: None,
            message: None,
        }
    }
}

/// The keys of the long form; each can be the column of a table as well.
pub(crate) const DETAILS: [&str; 6] = ["at", "by", "kind", "why", "error", "message"];
const LONG: [&str; 9] = [
    "decision", "allowed", "denied", "at", "by", "kind", "why", "error", "message",
];
const DECISIONS: [(&str, Decision); 2] =
    [("allowed", Decision::Allowed), ("denied", Decision::Denied)];
const KINDS: [(&str, Denial); 2] = [
    ("implicit", Denial::Implicit),
    ("explicit", Denial::Explicit),
];
const DENIALS: [&str; 10] = [
    "no-policy",
    "mismatch action",
    "mismatch resource",
    "mismatch principal",
    "mismatch <key>",
    "missing <key>",
    "explicit <Sid>",
    "boundary",
    "session-policy",
    "scp",
];

/// What was said about the outcome, gathered from `expect:`, from the lists and from a row.
#[derive(Clone, Copy, Default)]
pub(crate) struct Said<'n> {
    /// `expect:`, of the step or of the row.
    pub(crate) expect: Option<&'n Node>,
    /// The list (`allowed:` or `denied:`) that the case comes from.
    pub(crate) list: Option<(Decision, Span)>,
    /// Columns of the row.
    pub(crate) columns: [Option<&'n Node>; DETAILS.len()],
}

/// Reads all of it; `None` after a complaint.
pub(crate) fn read(reader: &Reader<'_>, said: &Said<'_>, case: Span) -> Option<Expectation> {
    let mut out = Expectation::of_nothing(said.expect.map_or(case, |node| node.span));
    let mut why_text = None;
    match said.expect.map(|node| (node, &node.kind)) {
        None | Some((_, Kind::Absent)) => {}
        Some((node, Kind::Map(_))) => {
            let fields = reader
                .fields(node, "`expect`", &LONG)
                .filter(|fields| !fields.strangers)?;
            why_text = long(reader, fields, &mut out);
        }
        Some((node, _)) => out.decision = Some(reader.word(node, "`expect`", &DECISIONS)?),
    }
    columns(reader, said, &mut out, &mut why_text);
    if let Some((decision, span)) = said.list {
        if let Some(other) = &out.decision
            && other.value != decision
        {
            reader.say(
                reader
                    .mistake(
                        other.span,
                        format!(
                            "`{}` here, but the list says `{}`",
                            other.value.word(),
                            decision.word()
                        ),
                        "which of the two?",
                    )
                    .also(reader.file, span, "the list"),
            );
            return None;
        }
        out.decision = Some(Spot::new(decision, span));
        if said.expect.is_none() {
            out.span = case;
        }
    }
    out.why = match why_text {
        Some(text) => Some(why(reader, &text, out.decision.as_ref().map(|d| d.value))?),
        None => None,
    };
    settle(reader, &mut out)?;
    Some(out)
}

/// The long form. Returns the text of `why`, which cannot be read before the decision is known.
fn long(reader: &Reader<'_>, fields: Fields<'_>, out: &mut Expectation) -> Option<Spot<String>> {
    let text = |key: &str| {
        fields
            .get(key)
            .and_then(|node| reader.text(node, &format!("`{key}`")))
    };
    let mut reason = text("why");
    let decisions = ["decision", "allowed", "denied"];
    let given: Vec<_> = decisions
        .iter()
        .filter_map(|key| fields.entry(key))
        .collect();
    if let [first, second, ..] = given.as_slice() {
        reader.say(
            reader
                .mistake(second.key.span, "the decision is given twice", "again here")
                .also(reader.file, first.key.span, "first here"),
        );
    }
    if let Some(node) = fields.get("decision") {
        out.decision = reader.word(node, "`decision`", &DECISIONS);
    }
    for (word, decision) in DECISIONS {
        if let Some(entry) = fields.entry(word) {
            out.decision = Some(Spot::new(decision, entry.key.span));
            reason = text(word).or(reason);
        }
    }
    out.at = text("at");
    out.error = text("error");
    out.message = text("message");
    out.by = fields
        .get("by")
        .and_then(|node| reader.word(node, "`by`", &POLICY_TYPES));
    out.kind = fields
        .get("kind")
        .and_then(|node| reader.word(node, "`kind`", &KINDS));
    reason
}

fn columns(
    reader: &Reader<'_>,
    said: &Said<'_>,
    out: &mut Expectation,
    why: &mut Option<Spot<String>>,
) {
    for (name, node) in DETAILS.into_iter().zip(said.columns) {
        let Some(node) = node.filter(|node| !node.is_absent()) else {
            continue;
        };
        let text = || reader.text(node, &format!("`{name}`"));
        match name {
            "at" => out.at = text(),
            "by" => out.by = reader.word(node, "`by`", &POLICY_TYPES),
            "kind" => out.kind = reader.word(node, "`kind`", &KINDS),
            "why" => *why = text(),
            "error" => out.error = text(),
            _ => out.message = text(),
        }
    }
}

/// What follows from what was said, and what contradicts it.
fn settle(reader: &Reader<'_>, out: &mut Expectation) -> Option<()> {
    if out.decision.is_none() {
        // A reason for a No, or its kind, says that it is a No.
        let denial = out.kind.as_ref().map(|kind| kind.span);
        let reason = out
            .why
            .as_ref()
            .filter(|why| !matches!(why.value, Why::Statement(_)));
        out.decision = denial
            .or(reason.map(|why| why.span))
            .map(|span| Spot::new(Decision::Denied, span));
    }
    let allowed = out
        .decision
        .as_ref()
        .is_some_and(|d| d.value == Decision::Allowed);
    let contradiction = [
        out.kind.as_ref().map(|kind| ("kind", kind.span)),
        out.error.as_ref().map(|error| ("error", error.span)),
        out.message
            .as_ref()
            .map(|message| ("message", message.span)),
    ];
    if allowed && let Some((key, span)) = contradiction.into_iter().flatten().next() {
        reader.error(
            span,
            format!("what is allowed has no `{key}`"),
            "only a denial has one",
        );
        return None;
    }
    let nothing = out.decision.is_none()
        && out.error.is_none()
        && out.message.is_none()
        && out.at.is_none()
        && out.by.is_none();
    if nothing {
        reader.say(
            reader
                .mistake(out.span, "nothing is expected here", "no expectation")
                .help("add `expect: allowed` or `expect: denied`"),
        );
        return None;
    }
    Some(())
}

/// A reason in its closed vocabulary.
fn why(reader: &Reader<'_>, text: &Spot<String>, decision: Option<Decision>) -> Option<Spot<Why>> {
    let words: Vec<&str> = text.value.split_whitespace().collect();
    let denial = match words.as_slice() {
        ["no-policy"] => Some(Why::NoPolicy),
        ["boundary"] => Some(Why::Boundary),
        ["session-policy"] => Some(Why::SessionPolicy),
        ["scp"] => Some(Why::Scp),
        ["mismatch", what @ ("action" | "resource" | "principal")] => {
            Some(Why::Mismatch((*what).to_owned()))
        }
        ["mismatch", key] if is_key(key) => Some(Why::Mismatch((*key).to_owned())),
        ["missing", key] if is_key(key) => Some(Why::Missing((*key).to_owned())),
        ["explicit", label] => Some(Why::Explicit((*label).to_owned())),
        _ => None,
    };
    let found = match (decision, denial) {
        (Some(Decision::Allowed), Some(_)) => {
            reader.say(
                reader
                    .mistake(text.span, format!("`{}` is a reason for a No", text.value), "but `allowed` is expected")
                    .help("for an allowed case, `why` names the statement: its Sid, `policy#2` or `trust#0`"),
            );
            return None;
        }
        (_, Some(denial)) => denial,
        (Some(Decision::Denied), None) => {
            reader.say(not_a_reason(reader, text, &words));
            return None;
        }
        (_, None) if words.len() == 1 => Why::Statement(text.value.clone()),
        (_, None) => {
            reader.say(not_a_reason(reader, text, &words));
            return None;
        }
    };
    Some(Spot::new(found, text.span))
}

fn not_a_reason(
    reader: &Reader<'_>,
    text: &Spot<String>,
    words: &[&str],
) -> crate::diagnostic::Diagnostic {
    let said = reader.mistake(
        text.span,
        format!("`{}` is not a reason for a No", text.value),
        "not one of the words",
    );
    let parts = ["action", "resource", "principal"];
    let close = match words {
        ["mismatch", what] => nearest(what, parts).map(|what| format!("mismatch {what}")),
        ["missing", what] if nearest(what, parts).is_some() => {
            nearest(what, parts).map(|what| format!("mismatch {what}"))
        }
        [first, rest @ ..] if !rest.is_empty() => {
            nearest(first, ["mismatch", "missing", "explicit"])
                .filter(|near| near != first)
                .map(|near| format!("{near} {}", rest.join(" ")))
        }
        _ => nearest(&text.value, DENIALS).map(str::to_owned),
    };
    match close {
        Some(close) => said.help(format!("did you mean `{close}`?")),
        None => said.help(format!("the words are: {}", DENIALS.join(", "))),
    }
}

/// `aws:SourceArn`, `s3:prefix`, `aws:ResourceTag/Owner`.
fn is_key(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty())
}
