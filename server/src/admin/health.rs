//! Whether it lives, whether it can work, and what it serves.

use super::{Answer, Ask, Refused, refused};
use http::StatusCode;
use serde_json::json;

/// It answers.
#[expect(clippy::unnecessary_wraps, reason = "a handler")]
pub(super) fn health(_: &Ask<'_>) -> Result<Answer, Refused> {
    Ok(Answer::json(&json!({
        "status": "ok", "enforcing": true, "version": env!("CARGO_PKG_VERSION"),
    })))
}

/// It can also write, where there is something to write to.
pub(super) fn ready(ask: &Ask<'_>) -> Result<Answer, Refused> {
    match ask.gate().journal() {
        Some(journal) if !journal.writes() => {
            let why = "the data directory could not be written the last time; reads go on";
            Err(refused(StatusCode::SERVICE_UNAVAILABLE, why))
        }
        Some(_) => Ok(Answer::json(&json!({"status": "ready", "data": true}))),
        None => Ok(Answer::json(&json!({"status": "ready", "data": false}))),
    }
}

/// Every operation that is served.
#[expect(clippy::unnecessary_wraps, reason = "a handler")]
pub(super) fn operations(_: &Ask<'_>) -> Result<Answer, Refused> {
    let rows = crate::rows().map(|row| {
        json!({"service": row.service, "operation": row.name, "method": row.method, "path": row.path})
    });
    Ok(Answer::json(
        &json!({ "operations": rows.collect::<Vec<_>>() }),
    ))
}
