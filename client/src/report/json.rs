//! One JSON object for each line, `"v":1`, the words of the scenario file.

use std::io::{self, Write};

use rolecall_policy::{Effect, Explanation, Fit, Nearest};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Reporter, place};
use crate::scenario::Scenario;
use crate::scenario::event::{Checked, Event};
use crate::scenario::run::Hop;

/// Writes JSON lines.
#[derive(Debug)]
pub struct Json<W> {
    out: W,
}

#[derive(Serialize)]
struct Line<'a> {
    v: u8,
    #[serde(flatten)]
    event: &'a Event,
}

impl<W: Write> Json<W> {
    /// A reporter that writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    fn decisions(&mut self, checked: &Checked) -> io::Result<()> {
        for hop in &checked.evidence.answer.hops {
            writeln!(self.out, "{}", decision(&checked.evidence.source, hop))?;
        }
        if let Some(proof) = &checked.evidence.answer.proof {
            let line = json!({ "v": 1, "event": "proof", "proof": proof });
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }
}

impl<W: Write> Reporter for Json<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        if let Event::Check(checked) = event {
            self.decisions(checked)?;
        }
        serde_json::to_writer(&mut self.out, &Line { v: 1, event })?;
        writeln!(self.out)?;
        if matches!(event, Event::End(_)) {
            self.out.flush()?;
        }
        Ok(())
    }
}

/// A decision in the words of AWS's simulator, with places in the user's own files.
fn decision(scenario: &Scenario, hop: &Hop) -> Value {
    let mut out = json!({
        "v": 1,
        "event": "decision",
        "id": Some(&hop.id).filter(|id| !id.is_empty()),
        "hop": hop.hop,
        "of": hop.of,
        "principal": hop.principal,
        "action": hop.action,
        "resource": hop.resource,
        "allowed": hop.allowed,
        "EvalDecision": hop.outcome,
        "why": hop.reasons(),
    });
    let mut more = Map::new();
    if let Some(explanation) = &hop.explanation {
        more.insert("by".to_owned(), json!(explanation.by));
        let matched: Vec<Value> = explanation
            .matched()
            .map(|hit| statement(scenario, &hit))
            .collect();
        more.insert("MatchedStatements".to_owned(), Value::Array(matched));
        more.insert(
            "nearest".to_owned(),
            explanation
                .nearest()
                .map_or(Value::Null, |hit| nearest(scenario, explanation, &hit)),
        );
        more.insert("MissingContextValues".to_owned(), missing(explanation));
    }
    if let Some(code) = &hop.refused {
        more.insert("refused".to_owned(), json!(code));
    }
    if let Some(open) = &hop.open {
        more.insert("open".to_owned(), json!(open));
    }
    if let Value::Object(out) = &mut out {
        out.extend(more);
    }
    out
}

fn statement(scenario: &Scenario, hit: &Nearest<'_>) -> Value {
    let mut out = json!({ "SourcePolicyId": hit.policy.name, "Sid": hit.statement.label });
    if let (Value::Object(out), Some((file, [start, end]))) =
        (&mut out, place::statement(scenario, hit))
    {
        let position = |(line, column)| json!({ "Line": line, "Column": column });
        out.insert("file".to_owned(), json!(file));
        out.insert("StartPosition".to_owned(), position(start));
        out.insert("EndPosition".to_owned(), position(end));
    }
    out
}

fn nearest(scenario: &Scenario, explanation: &Explanation, hit: &Nearest<'_>) -> Value {
    let mut out = statement(scenario, hit);
    let parts = hit.statement.parts.iter().map(|part| {
        let name = part
            .key
            .as_deref()
            .map(str::to_owned)
            .unwrap_or_else(|| format!("{:?}", part.part).to_lowercase());
        (name, json!(part.fit))
    });
    if let Value::Object(out) = &mut out {
        out.insert("parts".to_owned(), Value::Object(parts.collect()));
        let at = explanation
            .excerpt()
            .and_then(|excerpt| place::decisive(scenario, &excerpt));
        if let Some((_, line, column)) = at {
            out.insert("at".to_owned(), json!({ "Line": line, "Column": column }));
        }
    }
    out
}

/// The keys that statements about this request asked for and did not find.
fn missing(explanation: &Explanation) -> Value {
    let mut keys: Vec<&str> = explanation
        .nearest()
        .iter()
        .filter(|hit| hit.statement.effect == Effect::Allow)
        .flat_map(|hit| &hit.statement.parts)
        .filter(|part| part.fit == Fit::Missing && !part.holds)
        .filter_map(|part| part.key.as_deref())
        .collect();
    keys.dedup();
    json!(keys)
}
