//! What came of a question.

use rolecall_policy::{Counterexample, Proof, Verdict};

use super::hop::Hop;
use crate::endpoint::Failure;
use crate::scenario::file::expect::Decision;

/// What came of a question: the decisions, and what the service said.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Every decision, oldest first.
    pub hops: Vec<Hop>,
    /// The places in `hops` of those that an expectation is about: the one that said no, or the
    /// last of each call.
    pub deciders: Vec<usize>,
    /// What the service said instead of a result.
    pub failure: Option<Said>,
    /// What came of a question about all resources.
    pub proof: Option<Proof>,
}

/// An error as a service words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The code; a failed job has none.
    pub code: Option<String>,
    /// The sentence.
    pub message: String,
}

impl From<&Failure> for Said {
    fn from(failure: &Failure) -> Self {
        Self {
            code: Some(failure.code.clone()),
            message: failure.message.clone(),
        }
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.code {
            Some(code) if self.message.is_empty() => f.write_str(code),
            Some(code) => write!(f, "{code}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl Answer {
    /// Takes in the decisions of one more call.
    pub(crate) fn add(&mut self, hops: Vec<Hop>, failure: Option<Said>) {
        let start = self.hops.len();
        let denied = hops.iter().rposition(|hop| !hop.allowed);
        let decider = denied.or_else(|| hops.len().checked_sub(1));
        if denied.is_some() {
            self.deciders.clear();
        }
        self.deciders.extend(decider.map(|at| start + at));
        self.hops.extend(hops);
        self.failure = failure;
    }

    /// Yes or no; `None` when nobody was asked.
    #[must_use]
    pub fn decision(&self) -> Option<Decision> {
        if self.hops.is_empty() {
            return None;
        }
        let allowed = self.hops.iter().all(|hop| hop.allowed);
        Some(if allowed {
            Decision::Allowed
        } else {
            Decision::Denied
        })
    }

    /// The decision that an expectation is about; of several (one for each `aws` line) the last.
    #[must_use]
    pub fn decider(&self) -> Option<&Hop> {
        self.hops.get(*self.deciders.last()?)
    }

    /// All of them.
    pub fn deciding(&self) -> impl Iterator<Item = &Hop> {
        self.deciders.iter().filter_map(|at| self.hops.get(*at))
    }

    /// What stands against a proof.
    #[must_use]
    pub fn counterexample(&self) -> Option<&Counterexample> {
        self.proof.as_ref()?.counterexample()
    }

    /// The sentence that AWS would say.
    #[must_use]
    pub fn sentence(&self) -> Option<&str> {
        let said = self.failure.as_ref()?;
        (!said.message.is_empty()).then_some(said.message.as_str())
    }

    /// In few words: `allowed`, `denied (implicit)`, `no decision`.
    #[must_use]
    pub fn words(&self) -> String {
        match self.proof.as_ref().map(|proof| &proof.verdict) {
            Some(Verdict::Proved { .. }) => return "proved".to_owned(),
            Some(Verdict::Counterexample(_)) => return "not proved".to_owned(),
            Some(Verdict::TooLarge(_)) => return "not decided".to_owned(),
            None => {}
        }
        match (self.decision(), self.decider()) {
            (None, _) => "no decision".to_owned(),
            (Some(Decision::Allowed), _) => "allowed".to_owned(),
            (Some(Decision::Denied), decider) => {
                let kind = decider.and_then(|hop| match (&hop.refused, hop.outcome) {
                    (Some(code), _) => Some(code.clone()),
                    (None, Some(rolecall_policy::Outcome::ImplicitDeny)) => {
                        Some("implicit".to_owned())
                    }
                    (None, Some(rolecall_policy::Outcome::ExplicitDeny)) => {
                        Some("explicit".to_owned())
                    }
                    _ => None,
                });
                kind.map_or_else(|| "denied".to_owned(), |kind| format!("denied ({kind})"))
            }
        }
    }
}
