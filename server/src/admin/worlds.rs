//! `/_rolecall/worlds`: which there are, made beforehand, and thrown away.

use super::{no_such_world, reply, unwritten, world_refused};
use crate::{
    front::Front,
    wire::Response,
    worlds::{HOME, PREFIX, Worlds},
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// All worlds.
pub(super) fn list(worlds: &Worlds) -> Response {
    let all = worlds.all();
    let all = all.iter().map(|(name, world)| shown(name, world));
    reply(
        StatusCode::OK,
        &json!({"worlds": all.collect::<Vec<_>>(), "most": worlds.most()}),
    )
}

/// One world: looked at, made, or thrown away.
pub(super) fn one(worlds: &Worlds, method: &Method, name: &str) -> Response {
    match *method {
        Method::GET => match worlds.find(name) {
            Some(world) => reply(StatusCode::OK, &shown(name, &world)),
            None => no_such_world(name),
        },
        Method::PUT => match worlds.find_or_make(name) {
            Ok(world) => reply(StatusCode::OK, &shown(name, &world)),
            Err(why) => world_refused(&why),
        },
        Method::DELETE if name == HOME => reply(
            StatusCode::CONFLICT,
            &json!({"error": "the world `default` stays; POST reset empties it"}),
        ),
        Method::DELETE => match worlds.remove(name) {
            Ok(true) => reply(StatusCode::OK, &json!({"status": "ok"})),
            Ok(false) => no_such_world(name),
            Err(why) => unwritten(&why),
        },
        _ => reply(
            StatusCode::METHOD_NOT_ALLOWED,
            &json!({"error": format!("a world takes GET, PUT and DELETE, not {method}")}),
        ),
    }
}

fn shown(name: &str, world: &Front) -> Value {
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
