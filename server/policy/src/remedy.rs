//! The smallest change that would allow what was denied, tried out before it is told.

mod candidate;
mod edit;
mod trial;

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{Explanation, Layer, Layers, Outcome, Request, explain};
use candidate::candidates;

/// What would allow a denied request. Every change was made and the request decided again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    /// The changes, all of them needed, in this order. There are none where a Deny stands in the way:
    /// whoever wrote it meant it.
    pub changes: Vec<Change>,
    /// The same in words.
    pub sentence: String,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A policy would say something else.
    Edit(Edit),
    /// The request would carry another value.
    Carry {
        /// The condition key.
        key: String,
        /// The value that fits.
        value: String,
    },
    /// A policy would be attached to the caller, who has none.
    Attach {
        /// The document.
        document: String,
    },
}

/// A change of the text of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The type of the policy.
    pub layer: Layer,
    /// Its name.
    pub policy: String,
    /// The user, role, group or resource that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// The bytes to replace; empty to insert. They point into the text as changes before this one left it.
    pub span: Range<usize>,
    /// What to write there.
    pub replacement: String,
}

impl Edit {
    /// The text with the change made.
    #[must_use]
    pub fn apply(&self, text: &str) -> Option<String> {
        let (before, after) = (text.get(..self.span.start)?, text.get(self.span.end..)?);
        Some([before, &self.replacement, after].concat())
    }
}

/// A remedy of more changes than this is no small one.
const MOST: usize = 4;

/// The smallest change that would allow the request; `None` when it is allowed, or nothing small would do.
///
/// ```
/// # use rolecall_policy::*;
/// # let policy = Policy::parse(r#"{"Version": "2012-10-17", "Statement": {"Sid": "Exports", "Effect": "Allow",
/// #     "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/Exports/*"}}"#, PolicyKind::Identity)?;
/// # let source = Source { name: "write", arn: None, holder: None };
/// # let identity = [Attached { source, policy: &policy }];
/// # let layers = Layers { identity: &identity, ..Layers::default() };
/// # let arn = "arn:aws:iam::123456789012:user/ana";
/// # let request = Request {
/// #     principal: Principal::User { account: "123456789012", arn, id: "AIDAEXAMPLE", name: "ana" },
/// #     action: "s3:PutObject", resource: "arn:aws:s3:::b/exports/x", resource_account: None,
/// #     rule: Rule::Plain, context: &Context::new(),
/// # };
/// let remedy = remedy(&request, &layers).ok_or("nothing would do")?;
/// assert_eq!(remedy.sentence, r#"write "exports" instead of "Exports" in the Resource of Exports (write)"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn remedy(request: &Request<'_>, layers: &Layers<'_>) -> Option<Remedy> {
    of(&explain(request, layers), request, layers)
}

/// [`explain`], with the [`remedy`] of a denial.
#[must_use]
pub fn advise(request: &Request<'_>, layers: &Layers<'_>) -> Explanation {
    let mut explanation = explain(request, layers);
    explanation.remedy = of(&explanation, request, layers);
    explanation
}

fn of(explanation: &Explanation, request: &Request<'_>, layers: &Layers<'_>) -> Option<Remedy> {
    match explanation.outcome {
        Outcome::Allowed => None,
        Outcome::ExplicitDeny => denied(explanation),
        Outcome::ImplicitDeny => (1..=MOST).find_map(|most| {
            let mut found = Vec::new();
            search(explanation, request, layers, most, &mut found).then(|| {
                let sentence = found
                    .iter()
                    .map(|(_, said)| said.as_str())
                    .collect::<Vec<_>>()
                    .join("; and ");
                Remedy {
                    changes: found.into_iter().map(|(change, _)| change).collect(),
                    sentence,
                }
            })
        }),
    }
}

/// Tries changes, at most so many, until the request is allowed.
fn search(
    explanation: &Explanation,
    request: &Request<'_>,
    layers: &Layers<'_>,
    most: usize,
    found: &mut Vec<(Change, String)>,
) -> bool {
    let nearer = |after: &Explanation| {
        after.outcome == Outcome::ImplicitDeny
            && (after.by != explanation.by || misfits(after) < misfits(explanation))
    };
    candidates(explanation, layers)
        .into_iter()
        .any(|candidate| {
            candidate.tried(request, layers, |request, layers| {
                found.push((candidate.change.clone(), candidate.said.clone()));
                let after = explain(request, layers);
                let good = after.allowed()
                    || (most > 1
                        && nearer(&after)
                        && search(&after, request, layers, most - 1, found));
                if !good {
                    found.pop();
                }
                good
            })
        })
}

/// The elements of the nearest statement that do not fit.
fn misfits(explanation: &Explanation) -> usize {
    let wrong = |statement: &crate::StatementNode| {
        statement.parts.iter().filter(|part| !part.holds).count()
    };
    explanation
        .nearest()
        .map_or(usize::MAX, |nearest| wrong(nearest.statement))
}

/// Nothing outweighs a Deny, and it is not for us to take it out: say what it is, and when it applies.
fn denied(explanation: &Explanation) -> Option<Remedy> {
    let hit = explanation.matched().next()?;
    let conditions = hit.statement.parts.iter().filter_map(|part| {
        let check = part
            .checks
            .iter()
            .find(|check| check.matches)
            .or_else(|| part.checks.first())?;
        let actual = check
            .actual
            .as_deref()
            .map_or_else(|| "absent".to_owned(), |actual| format!("{actual:?}"));
        Some(format!("{} is {actual}", part.key.as_ref()?))
    });
    let conditions: Vec<String> = conditions.collect();
    let applies = match conditions.as_slice() {
        [] => String::new(),
        many => format!("; it applies while {}", many.join(" and ")),
    };
    Some(Remedy {
        changes: Vec::new(),
        sentence: format!(
            "{} ({}) denies it on purpose, and no Allow outweighs a Deny{applies}",
            hit.statement.label, hit.policy.name
        ),
    })
}

impl fmt::Display for Remedy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.sentence)
    }
}
