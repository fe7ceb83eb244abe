//! A decision as the endpoint recorded it.

use std::fmt;

use rolecall_policy::{Explanation, Layer, Outcome};
use serde::Deserialize;
use serde_json::Value;

use crate::endpoint::{CallError, Endpoint};

/// One decision. A job is a chain of them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Hop {
    /// Counts up on the endpoint.
    pub number: u64,
    /// The request id.
    pub id: String,
    /// The request that caused it.
    pub of: Option<String>,
    /// The place in its chain, from 1; 0 outside a chain.
    #[serde(default)]
    pub hop: u32,
    /// When.
    pub at: String,
    /// The action that was asked for.
    pub action: String,
    /// Whether it may go on.
    pub allowed: bool,
    /// The ARN of the caller.
    pub principal: Option<String>,
    /// The ARN of the resource.
    pub resource: Option<String>,
    /// The verdict, in the words of AWS's simulator.
    #[serde(rename = "EvalDecision")]
    pub outcome: Option<Outcome>,
    /// Why the operation needs no permission, for one that needs none.
    pub open: Option<String>,
    /// The error code, where the request never reached a decision.
    pub refused: Option<String>,
    /// Why it was refused.
    pub why: Option<String>,
    /// Why the operation was refused although it might go on.
    pub fault: Option<HopFault>,
    /// The whole tree, where something was decided.
    pub explanation: Option<Explanation>,
}

/// The service's own refusal, after the policies had let the request in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HopFault {
    /// AWS's error code.
    pub code: String,
    /// AWS's sentence.
    pub message: String,
    /// Where in a document of the request the mistake is, where that is known.
    pub place: Option<FaultPlace>,
}

/// A place in a document that came with a request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FaultPlace {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is really the matter there.
    pub why: String,
}

impl fmt::Display for HopFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "REFUSED after the decision\n")?;
        writeln!(f, "{}: {}", self.code, self.message)?;
        match &self.place {
            Some(FaultPlace { line, column, why }) => {
                writeln!(f, "  at {line}:{column} of the document: {why}")
            }
            None => Ok(()),
        }
    }
}

impl Hop {
    /// What `POST /_rolecall/can` answered, in the form of a decision.
    pub(crate) fn of_question(explanation: Explanation, id: String) -> Self {
        Self {
            number: 0,
            id,
            of: None,
            hop: 0,
            at: String::new(),
            action: explanation.asked.action.clone(),
            allowed: explanation.allowed(),
            principal: Some(explanation.asked.principal.clone()),
            resource: Some(explanation.asked.resource.clone()),
            outcome: Some(explanation.outcome),
            open: None,
            refused: None,
            why: None,
            fault: None,
            explanation: Some(explanation),
        }
    }

    /// The first digits of the id: enough to name it to `rolecall explain`.
    #[must_use]
    pub fn short_id(&self) -> &str {
        self.id.get(..6).unwrap_or(&self.id)
    }

    /// The reasons, in the words of `why:`.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        let reasons = self.explanation.iter().flat_map(Explanation::why);
        reasons.map(|why| why.to_string()).collect()
    }

    /// The layer that decided.
    #[must_use]
    pub fn by(&self) -> Option<Layer> {
        Some(self.explanation.as_ref()?.by)
    }

    /// The caller in few words: `root`, `user/ana`, `s3ExportRole`, `pinpoint.amazonaws.com`.
    #[must_use]
    pub fn who(&self) -> String {
        short_arn(self.principal.as_deref().unwrap_or("somebody"))
    }

    /// The resource in few words: `role/s3ExportRole`, `app/ID`, `bucket/key`.
    #[must_use]
    pub fn what(&self) -> String {
        short_arn(self.resource.as_deref().unwrap_or_default())
    }
}

/// An ARN in few words: what follows the account; a session is shown by its role, an app as
/// `app/ID`, a long key by its beginning.
#[must_use]
pub fn short_arn(arn: &str) -> String {
    const LONGEST: usize = 48;
    let name = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    if let Some(session) = name.strip_prefix("assumed-role/") {
        return session.split('/').next().unwrap_or(session).to_owned();
    }
    let name = match name.strip_prefix("apps/") {
        Some(id) => format!("app/{id}"),
        None => name.to_owned(),
    };
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", name.get(..end).unwrap_or_default()),
        None => name,
    }
}

/// The decisions of a request and of what it caused, oldest first.
pub(crate) async fn fetch(endpoint: &Endpoint, id: &str) -> Result<Vec<Hop>, CallError> {
    let answer = endpoint.admin_get(&format!("decisions/{id}")).await;
    match answer {
        Ok(answer) => read(answer),
        // Nothing was recorded under it: the request was broken before anyone was asked.
        Err(CallError::Refused(failure)) if failure.status == 404 => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Reads the answer of `GET /_rolecall/decisions/ID`.
///
/// # Errors
/// It is not one of this version.
pub fn read(mut answer: Value) -> Result<Vec<Hop>, CallError> {
    let hops = answer.get_mut("hops").map(Value::take).unwrap_or_default();
    serde_json::from_value(hops).map_err(|error| {
        CallError::NotACall(format!(
            "the decisions cannot be read (another version of rolecall?): {error}"
        ))
    })
}
