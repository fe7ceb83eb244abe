//! `/_rolecall/clock`: what time it is in a world. Policies, sessions and presigned requests go by it.
//!
//! Clients sign with their own time. A signature in the `Authorization` header is fresh by the world's clock or by the
//! system's, so moving a clock shuts nobody out; presigned requests and temporary credentials end by the world's.

use super::{Answer, Ask, Refused, refused};
use crate::world::ClockSetting;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

/// A moment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    at: Timestamp,
}

/// A moment, or now.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MaybeAt {
    at: Option<Timestamp>,
}

/// A distance, such as `1h 30m` or `PT90M`; one with a minus goes back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct By {
    by: SignedDuration,
}

/// How it goes.
#[expect(clippy::unnecessary_wraps, reason = "a handler")]
pub(super) fn show(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let clock = &ask.gate().clock;
    let (frozen, offset) = match clock.setting() {
        ClockSetting::Running(offset) => (false, offset),
        ClockSetting::Frozen(_) => (true, SignedDuration::ZERO),
    };
    Ok(Answer::json(&json!({
        "now": clock.now().to_string(), "frozen": frozen, "offset": offset.to_string(),
    })))
}

/// Stops it, here or at another moment.
pub(super) fn freeze(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let at: MaybeAt = ask.read_or_default()?;
    let at = at.at.unwrap_or_else(|| ask.gate().clock.now());
    to(ask, ClockSetting::Frozen(at))
}

/// Moves it, whether it stands or goes.
pub(super) fn advance(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let By { by } = ask.read()?;
    let too_far = || refused(StatusCode::BAD_REQUEST, "no clock shows that time");
    let clock = &ask.gate().clock;
    let then = clock.now().checked_add(by).map_err(|_| too_far())?;
    match clock.setting() {
        ClockSetting::Frozen(_) => to(ask, ClockSetting::Frozen(then)),
        ClockSetting::Running(offset) => {
            let offset = offset.checked_add(by).ok_or_else(too_far)?;
            to(ask, ClockSetting::Running(offset))
        }
    }
}

/// Lets it go on from another moment.
pub(super) fn set(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let At { at } = ask.read()?;
    to(
        ask,
        ClockSetting::Running(at.duration_since(Timestamp::now())),
    )
}

/// Lets it follow the system again.
pub(super) fn run(ask: &Ask<'_>) -> Result<Answer, Refused> {
    to(ask, ClockSetting::default())
}

fn to(ask: &Ask<'_>, setting: ClockSetting) -> Result<Answer, Refused> {
    ask.gate().set_clock(setting)?;
    show(ask)
}
