//! How an endpoint begins: empty in memory mode, as it was left with a data directory.

use crate::{
    RootKey, StartError,
    front::Front,
    gate::{Gate, Observer, Settings},
    iam::AccessKey,
    pinpoint,
    wire::Fault,
    world::{Clock, Ids, Journal, Keeper, Published, Text, World},
    worlds::{HOME, Worlds},
};
use std::{path::Path, sync::Arc};

/// What an endpoint begins with.
pub(crate) struct Start {
    /// The world that every world begins as.
    pub(crate) first: World,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) settings: Settings,
    pub(crate) observer: Option<Observer>,
    pub(crate) most_worlds: usize,
}

impl Start {
    /// The worlds, from `data` where it is given, and whether they are new.
    pub(crate) fn worlds(self, data: Option<&Path>) -> Result<(Worlds, bool), StartError> {
        let first = Arc::new(self.first.clone());
        let Some(folder) = data else {
            return Ok((self.in_front_of(Published::new(first, None), None), true));
        };
        let unwritten = |why: Fault| StartError::Unwritten(why.to_string());
        let (journal, found) = Journal::open(folder)?;
        let (mut home, named): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(name, ..)| &**name == HOME);
        let keeper = Some(Keeper {
            journal,
            name: Text::from(HOME),
        });
        let is_new = home.is_empty();
        let worlds = match home.pop() {
            Some((_, world, clock)) => {
                self.in_front_of(Published::new(Arc::new(world), keeper), Some(clock))
            }
            None => {
                let worlds = self.in_front_of(Published::new(first.clone(), keeper), None);
                worlds.home().gate.begin().map_err(unwritten)?;
                worlds
            }
        };
        for (name, world, clock) in named {
            worlds.add(&name, world, clock);
        }
        for (_, world) in worlds.all() {
            go_on(&world.gate, &first).map_err(unwritten)?;
        }
        Ok((worlds, is_new))
    }

    fn in_front_of(self, world: Published, clock: Option<Clock>) -> Worlds {
        let known = RootKey::default();
        let root = self.first.keys.get(known.access_key.as_str());
        let secret = root
            .map(|root| root.secret.clone())
            .filter(|secret| *secret != known.secret);
        let gate = Gate::new(
            world,
            Arc::new(self.first),
            clock.unwrap_or(self.clock),
            self.ids,
            self.settings,
            self.observer,
        );
        Worlds::new(
            Arc::new(Front::new(Arc::new(gate))),
            self.most_worlds,
            secret,
        )
    }
}

/// A world goes on after the end of a process: accounts and root keys are as this start wants them, and jobs that were
/// under way have failed.
fn go_on(gate: &Gate, first: &World) -> Result<(), Fault> {
    let now = gate.clock.now();
    gate.change(|world| {
        for (id, account) in first.law.accounts.iter() {
            if world.law.account(id).is_none() {
                world.law.accounts.insert(id.clone(), account.clone());
            }
            root_keys(world, first, id, &account.root_keys);
        }
        pinpoint::interrupted(world, now);
        Ok(())
    })
}

/// The root keys of an account are those that the start names, whatever stands on disk.
fn root_keys(world: &mut World, first: &World, account: &Text, wanted: &[Text]) {
    let there = world.law.account(account);
    let there = there
        .map(|account| account.root_keys.clone())
        .unwrap_or_default();
    for gone in there.iter().filter(|id| !wanted.contains(id)) {
        world.keys.remove(&**gone);
    }
    if there != wanted
        && let Some(account) = world.law.account_mut(account)
    {
        account.root_keys = wanted.to_vec();
    }
    let same = |there: &AccessKey, key: &AccessKey| there.secret == key.secret && there.active;
    for id in wanted {
        if let Some(key) = first.keys.get(id)
            && world.keys.get(id).is_none_or(|there| !same(there, key))
        {
            world.keys.insert(id.clone(), key.clone());
        }
    }
}
