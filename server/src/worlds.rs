//! Worlds: separate states behind the one port. `http://HOST:PORT/_w/NAME` is an endpoint of its own, with its own
//! accounts, clock, ids and decisions; an address without that prefix is the world `default`.
//!
//! A name is made on first use and thrown away by one call. Signatures are verified over the path as it was sent;
//! only what looks for the operation sees the path without its prefix.

use crate::{
    admin,
    front::Front,
    wire::{Arriving, Fault, Response},
    world::{Clock, ClockSetting, Text, World},
};
use http::Request;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
};

/// What stands before a world's name. A bucket name cannot contain `_`, so no bucket collides.
pub(crate) const PREFIX: &str = "/_w/";
/// The world of addresses without a prefix.
pub(crate) const HOME: &str = "default";
/// How many named worlds there may be unless the builder says otherwise.
pub const MOST: usize = 4096;
/// The longest name.
const LONGEST: usize = 64;

/// All worlds of an endpoint.
#[derive(Debug)]
pub(crate) struct Worlds {
    home: Arc<Front>,
    named: RwLock<BTreeMap<Text, Arc<Front>>>,
    /// Beyond this many, one that a request made and in which nothing was ever allowed makes room: strangers can make
    /// worlds, but not in the way of others.
    most: usize,
    /// The root secret, where it is not the one that everybody knows.
    secret: Option<String>,
    /// Every connection holds a clone.
    open: Arc<()>,
}

/// There is no world of that name, and none could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoWorld {
    #[error(
        "`{0}` cannot be the name of a world: 1 to {LONGEST} letters, digits, `-`, `_` and `.`, the first a letter or digit"
    )]
    BadName(String),
    #[error("{0}")]
    Unwritten(String),
    #[error("there is a world `{0}` already")]
    Taken(String),
    #[error(
        "there are {0} worlds already, which is the most; DELETE /_rolecall/worlds/NAME throws one away"
    )]
    TooMany(usize),
}

impl Worlds {
    /// Only the world `default`; at most `most` others.
    pub(crate) fn new(home: Arc<Front>, most: usize, secret: Option<String>) -> Self {
        Self {
            home,
            named: RwLock::default(),
            most,
            secret,
            open: Arc::default(),
        }
    }

    /// A token for a connection: it is open as long as somebody has the token.
    pub(crate) fn open(&self) -> Arc<()> {
        self.open.clone()
    }

    /// How many connections are open.
    pub(crate) fn connections(&self) -> usize {
        Arc::strong_count(&self.open).saturating_sub(1)
    }

    /// The root secret, where it is not the one that everybody knows.
    pub(crate) fn own_secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    /// Nothing new is to come: streams of decisions end. What ends with the process is not deleted.
    pub(crate) fn close(&self) {
        self.home.gate.store().close();
        for (_, world) in self.all() {
            world.gate.ring.close();
        }
    }

    /// Answers one request in the world that its path names.
    pub(crate) async fn answer(&self, request: Request<Arriving>, peer: SocketAddr) -> Response {
        let path = request.uri().path();
        let (name, inner) = split(path);
        if inner.starts_with(admin::PREFIX) {
            let name = name.map(str::to_owned);
            return admin::answer(self, name.as_deref(), request, peer).await;
        }
        let world = match name {
            None => Ok(self.home.clone()),
            Some(name) => self.find_or_make(name),
        };
        match world {
            Ok(world) => world.answer(request, peer).await,
            Err(why) => self.home.refuse(&request.into_parts().0, peer, &why.into()),
        }
    }

    /// The world `default`.
    pub(crate) fn home(&self) -> &Arc<Front> {
        &self.home
    }

    /// The world of this name, if it was made.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Front>> {
        if name == HOME {
            return Some(self.home.clone());
        }
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
        named.get(name).cloned()
    }

    /// The world of this name, made now if there is none.
    pub(crate) fn find_or_make(&self, name: &str) -> Result<Arc<Front>, NoWorld> {
        match self.find(name) {
            Some(world) => Ok(world),
            None => self.make(name, None),
        }
    }

    /// The same for an admin call: the world stays, whatever happens in it.
    pub(crate) fn want(&self, name: &str) -> Result<Arc<Front>, NoWorld> {
        let world = self.find_or_make(name)?;
        world.want();
        Ok(world)
    }

    /// Makes a world that begins as another is.
    pub(crate) fn fork(
        &self,
        name: &str,
        world: Arc<World>,
        clock: ClockSetting,
    ) -> Result<Arc<Front>, NoWorld> {
        if self.find(name).is_some() {
            return Err(NoWorld::Taken(name.to_owned()));
        }
        let world = self.make(name, Some((world, Clock::set_to(clock))))?;
        world.want();
        Ok(world)
    }

    /// Makes a world, unless it is there already.
    fn make(&self, name: &str, like: Option<(Arc<World>, Clock)>) -> Result<Arc<Front>, NoWorld> {
        if !is_name(name) {
            return Err(NoWorld::BadName(name.to_owned()));
        }
        let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = named.get(name) {
            return Ok(there.clone());
        }
        if named.len() >= self.most {
            let unused = named.iter().find(|(_, world)| is_unused(world));
            let (unused, world) = unused.ok_or(NoWorld::TooMany(self.most))?;
            let closed = world.gate.close();
            closed.map_err(|why| NoWorld::Unwritten(why.to_string()))?;
            world.gate.ring.close();
            let unused = unused.clone();
            named.remove(&unused);
        }
        let name = Text::from(name);
        let gate = {
            let (world, clock) = like.unzip();
            self.home.gate.another(&name, world, clock)
        };
        gate.begin()
            .map_err(|why| NoWorld::Unwritten(why.to_string()))?;
        let world = Arc::new(self.home.before(Arc::new(gate)));
        named.insert(name, world.clone());
        Ok(world)
    }

    /// Puts a world that was found on disk in its place.
    pub(crate) fn add(&self, name: &Text, world: World, clock: Clock) {
        let gate = self
            .home
            .gate
            .another(name, Some(Arc::new(world)), Some(clock));
        let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
        let world = self.home.before(Arc::new(gate));
        world.want();
        named.insert(name.clone(), Arc::new(world));
    }

    /// Throws a world away; says whether there was one. Requests that are under way end in it unseen.
    pub(crate) fn remove(&self, name: &str) -> Result<bool, Fault> {
        let mut named = self.named.write().unwrap_or_else(PoisonError::into_inner);
        let Some(world) = named.get(name) else {
            return Ok(false);
        };
        world.gate.close()?;
        world.gate.ring.close();
        let removed = named.remove(name);
        drop(named);
        Ok(removed.is_some())
    }

    /// Every world by name, `default` first.
    pub(crate) fn all(&self) -> Vec<(Text, Arc<Front>)> {
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
        let named = named
            .iter()
            .map(|(name, world)| (name.clone(), world.clone()));
        std::iter::once((Text::from(HOME), self.home.clone()))
            .chain(named)
            .collect()
    }

    /// Compares the data directory with the worlds as they are; 0 without one.
    pub(crate) fn compare(&self) -> Result<usize, String> {
        let all = self.all().into_iter();
        let worlds: Vec<_> = all
            .map(|(name, world)| (name, world.gate.whole_world()))
            .collect();
        match self.home.gate.journal() {
            Some(journal) => journal.compare(&worlds),
            None => Ok(0),
        }
    }

    /// How many named worlds there may be.
    pub(crate) fn most(&self) -> usize {
        self.most
    }
}

/// A job may still write to one world when the others are gone.
impl Drop for Worlds {
    fn drop(&mut self) {
        self.close();
    }
}

impl From<NoWorld> for Fault {
    fn from(why: NoWorld) -> Self {
        let code = match why {
            NoWorld::BadName(_) => "InvalidWorldName",
            NoWorld::TooMany(_) | NoWorld::Taken(_) => "TooManyWorlds",
            NoWorld::Unwritten(_) => {
                return Self::service(507, "InsufficientStorage", why.to_string());
            }
        };
        Self::service(400, code, why.to_string())
    }
}

/// Nobody is in it, nobody asked for it, and nothing was allowed in it. Called while nobody can come in.
fn is_unused(world: &Arc<Front>) -> bool {
    Arc::strong_count(world) == 1 && !world.is_wanted() && world.gate.ring.counts().allowed == 0
}

/// The name of the world in a path, and the path inside it.
pub(crate) fn split(path: &str) -> (Option<&str>, &str) {
    let Some(rest) = path.strip_prefix(PREFIX) else {
        return (None, path);
    };
    match rest.find('/') {
        Some(end) => {
            let (name, inner) = rest.split_at(end);
            (Some(name), inner)
        }
        None => (Some(rest), "/"),
    }
}

/// The path as the operations of a world know it.
pub(crate) fn inner(path: &str) -> &str {
    split(path).1
}

pub(crate) fn is_name(name: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    name.len() <= LONGEST
        && name.bytes().all(inside)
        && name
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_its_world() {
        assert_eq!(split("/bucket/_w/x"), (None, "/bucket/_w/x"));
        assert_eq!(split("/_w/ci42"), (Some("ci42"), "/"));
        assert_eq!(split("/_w/ci42/"), (Some("ci42"), "/"));
        assert_eq!(split("/_w/ci42/b/k//x"), (Some("ci42"), "/b/k//x"));
        assert_eq!(split("/_w//b"), (Some(""), "/b"));
    }

    #[test]
    fn names_are_short_and_plain() {
        for good in ["a", "ci-42", "tests.it_1", &"x".repeat(64)] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", ".", "..", "-a", "a b", "a%2Fb", "ä", &"x".repeat(65)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
