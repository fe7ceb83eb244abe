//! Snapshots of a world: taken, gone back to, compared, and made into worlds of their own. They share everything that
//! is the same, cost nothing to take, and live in memory as long as their world does.

use super::{Answer, Ask, Refused, refused, words};
use crate::{
    pinpoint,
    world::{ClockSetting, Text, World},
};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The most snapshots of a world.
const MOST: usize = 100;
/// The world as it is, among snapshots.
const NOW: &str = "now";
/// The world as it was at the start.
const START: &str = "start";

/// A world and its clock as they were.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    world: Arc<World>,
    clock: ClockSetting,
    at: Timestamp,
}

/// The snapshots of a world, by name.
#[derive(Debug, Default)]
pub(crate) struct Snapshots(Mutex<BTreeMap<Text, Snapshot>>);

/// The name of a snapshot; without one it is `s1`, `s2` and so on.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: Option<String>,
}

/// The new world, and the snapshot it begins as; the world as it is unless said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fork {
    to: String,
    from: Option<String>,
}

impl Snapshots {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.with(|all| all.len())
    }

    fn with<T>(&self, f: impl FnOnce(&mut BTreeMap<Text, Snapshot>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn shown(name: &str, snapshot: &Snapshot) -> Value {
    json!({"name": name, "at": snapshot.at.to_string()})
}

fn none(name: &str) -> Refused {
    refused(
        StatusCode::NOT_FOUND,
        format!("there is no snapshot `{name}`"),
    )
}

/// The world of a snapshot, as it is now, or as it was at the start.
fn world_of(ask: &Ask<'_>, name: &str) -> Result<Snapshot, Refused> {
    let gate = ask.gate();
    let of = |world| Snapshot {
        world,
        clock: gate.clock.setting(),
        at: gate.clock.now(),
    };
    match name {
        NOW => Ok(of(gate.whole_world())),
        START => Ok(of(gate.first().clone())),
        _ => gate
            .snapshots
            .with(|all| all.get(name).cloned())
            .ok_or_else(|| none(name)),
    }
}

/// Back to the world of the start; snapshots stay.
pub(super) fn reset(ask: &Ask<'_>) -> Result<Answer, Refused> {
    ask.gate().reset()?;
    Ok(Answer::ok())
}

/// Which there are.
#[expect(clippy::unnecessary_wraps, reason = "a handler")]
pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let all = ask.gate().snapshots.with(|all| {
        let all = all.iter().map(|(name, snapshot)| shown(name, snapshot));
        all.collect::<Vec<_>>()
    });
    Ok(Answer::json(&json!({"snapshots": all, "most": MOST})))
}

/// Keeps the world as it is.
pub(super) fn take(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let Named { name } = ask.read_or_default()?;
    if let Some(name) = &name
        && (name == NOW || name == START || !crate::worlds::is_name(name))
    {
        let why = format!("`{name}` cannot be the name of a snapshot");
        return Err(refused(StatusCode::BAD_REQUEST, why));
    }
    let snapshot = world_of(ask, NOW)?;
    ask.gate().snapshots.with(|all| {
        if all.len() >= MOST {
            let why = format!("there are {MOST} snapshots already, which is the most");
            return Err(refused(StatusCode::CONFLICT, why));
        }
        let free = || {
            (1..)
                .map(|n| format!("s{n}"))
                .find(|name| !all.contains_key(name.as_str()))
        };
        let name = Text::from(name.or_else(free).unwrap_or_default());
        if all.contains_key(&name) {
            let why = format!("there is a snapshot `{name}` already");
            return Err(refused(StatusCode::CONFLICT, why));
        }
        let answer = shown(&name, &snapshot);
        all.insert(name, snapshot);
        Ok(Answer::json(&answer))
    })
}

/// Forgets one.
pub(super) fn forget(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let removed = ask.gate().snapshots.with(|all| all.remove(ask.name));
    removed.map(|_| Answer::ok()).ok_or_else(|| none(ask.name))
}

/// Goes back to one: the world and its clock.
pub(super) fn restore(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let snapshot = world_of(ask, ask.name)?;
    let world = pinpoint::settled(snapshot.world, ask.gate().clock.now());
    ask.gate().replace(world)?;
    ask.gate().set_clock(snapshot.clock)?;
    Ok(Answer::ok())
}

/// Makes a world that begins as this one is, or as a snapshot of it.
pub(super) fn fork(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let Fork { to, from } = ask.read()?;
    let from = world_of(ask, from.as_deref().unwrap_or(NOW))?;
    let world = pinpoint::settled(from.world, ask.gate().clock.now());
    let made = ask.worlds.fork(&to, world, from.clock);
    let world = made.map_err(|why| super::no_world(&why))?;
    Ok(Answer::json(&super::worlds::shown(&to, &world)))
}

/// What differs between two snapshots, in words.
pub(super) fn diff(ask: &Ask<'_>) -> Result<Answer, Refused> {
    let from = ask.query("from").unwrap_or_else(|| START.into());
    let to = ask.query("to").unwrap_or_else(|| NOW.into());
    let (old, new) = (world_of(ask, &from)?, world_of(ask, &to)?);
    let changes = words::between(&old.world, &new.world, ask.gate().store())
        .map_err(|error| refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(Answer::json(
        &json!({"from": from, "to": to, "changes": changes}),
    ))
}
