//! `POST /_rolecall/can`: one question, decided as a request would be; `prove`: one about all resources.

use super::{Answer, Ask, Refused, refused};
use crate::gate::{ProofQuestion, Question, Unanswerable};
use http::StatusCode;
use serde_json::json;

/// May they?
pub(super) fn can(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let question: Question = ask.read()?;
    match ask.gate().ask(&question) {
        Ok((id, explanation)) => Ok(Answer::json(&json!({"id": id, "explanation": explanation}))),
        Err(why) => Err(refused(StatusCode::NOT_FOUND, why.to_string())),
    }
}

/// May they ever, outside of some patterns?
pub(super) fn prove(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let question: ProofQuestion = ask.read()?;
    match ask.gate().prove(&question) {
        Ok(proof) => Ok(Answer::json(&json!({ "proof": proof }))),
        Err(
            why @ (Unanswerable::Action(_) | Unanswerable::NoAction(_) | Unanswerable::Pattern(_)),
        ) => Err(refused(StatusCode::BAD_REQUEST, why.to_string())),
        Err(why) => Err(refused(StatusCode::NOT_FOUND, why.to_string())),
    }
}

/// What no API of AWS can make, put straight into the world.
pub(super) fn given(ask: &Ask<'_>) -> Result<Answer, Refused> {
    match super::given::put(ask.gate(), ask.read()?) {
        Ok(()) => Ok(Answer::ok()),
        Err(why) => Err(refused(StatusCode::BAD_REQUEST, why)),
    }
}
