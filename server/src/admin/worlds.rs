//! `/_rolecall/worlds`: which there are, made beforehand, and thrown away.

use super::{Answer, Ask, Refused, no_world, none, refused};
use crate::{
    front::Front,
    worlds::{HOME, PREFIX},
};
use http::StatusCode;
use serde_json::{Value, json};

/// All worlds.
#[expect(clippy::unnecessary_wraps, reason = "a handler")]
pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let all = ask.worlds.all();
    let all = all.iter().map(|(name, world)| shown(name, world));
    Ok(Answer::json(&json!({
        "worlds": all.collect::<Vec<_>>(), "most": ask.worlds.most(),
    })))
}

/// One of them.
pub(super) fn show(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let world = ask.worlds.find(ask.name).ok_or_else(|| none(ask.name))?;
    Ok(Answer::json(&shown(ask.name, &world)))
}

/// Makes one, unless it is there.
pub(super) fn make(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let world = ask.worlds.want(ask.name).map_err(|why| no_world(&why))?;
    Ok(Answer::json(&shown(ask.name, &world)))
}

/// Throws one away.
pub(super) fn remove(ask: &Ask<'_>) -> Result<Answer, Refused> {
    if ask.name == HOME {
        let why = "the world `default` stays; POST reset empties it";
        return Err(refused(StatusCode::CONFLICT, why));
    }
    if ask.worlds.remove(ask.name)? {
        Ok(Answer::ok())
    } else {
        Err(none(ask.name))
    }
}

pub(super) fn shown(name: &str, world: &Front) -> Value {
    let prefix = if name == HOME {
        String::new()
    } else {
        format!("{PREFIX}{name}")
    };
    json!({
        "name": name,
        "path": prefix,
        "now": world.gate.clock.now().to_string(),
        "decisions": world.gate.ring.total(),
    })
}
