//! The world that everybody sees, and how it becomes the next one: at once in memory mode, with a data directory once
//! the difference is on disk.

use super::{
    Clock, World,
    clock::Setting,
    journal::{Done, Journal, Unwritten},
    kept::Changes,
};
use crate::{wire::Fault, world::Text};
use arc_swap::{ArcSwap, Guard};
use std::sync::{Arc, Mutex, PoisonError};

/// A world that is replaced as a whole, by one writer at a time.
#[derive(Debug)]
pub(crate) struct Published {
    now: Arc<ArcSwap<World>>,
    writer: Mutex<Writer>,
    keeper: Option<Keeper>,
}

/// Where a world is kept.
#[derive(Debug, Clone)]
pub(crate) struct Keeper {
    pub(crate) journal: Arc<Journal>,
    /// Its name on disk.
    pub(crate) name: Text,
}

#[derive(Debug, Default)]
struct Writer {
    /// The newest world, which nobody may see until it is on disk, and the count of failures it was made after.
    head: Option<(Arc<World>, u64)>,
    /// The world was thrown away.
    closed: bool,
}

impl Published {
    pub(crate) fn new(world: Arc<World>, keeper: Option<Keeper>) -> Self {
        Self {
            now: Arc::new(ArcSwap::new(world)),
            writer: Mutex::default(),
            keeper,
        }
    }

    /// The world, to look at for a moment.
    pub(crate) fn load(&self) -> Guard<Arc<World>> {
        self.now.load()
    }

    /// The world, to hold on to.
    pub(crate) fn load_full(&self) -> Arc<World> {
        self.now.load_full()
    }

    /// Where it is kept.
    pub(crate) fn keeper(&self) -> Option<&Keeper> {
        self.keeper.as_ref()
    }

    /// Runs `change` on a copy that shares everything unchanged, and publishes it if `change` succeeds.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut World) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let (mut change, mut out) = (Some(change), None);
        self.change_once(&mut |world| {
            if let Some(change) = change.take() {
                out = Some(change(world)?);
            }
            Ok(())
        })?;
        out.ok_or_else(|| Fault::Internal("change the world".to_owned()))
    }

    /// The same, compiled once and not for every change.
    fn change_once(
        &self,
        change: &mut dyn FnMut(&mut World) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.closed {
            return Err(thrown_away());
        }
        let Some(keeper) = &self.keeper else {
            let mut next = World::clone(&self.now.load());
            change(&mut next)?;
            let old = self.now.swap(Arc::new(next));
            // Nobody needs to wait while it is taken down.
            drop(writer);
            drop(old);
            return Ok(());
        };
        let failures = keeper.journal.failures();
        let base = match &writer.head {
            Some((head, made_after)) if *made_after == failures => head.clone(),
            _ => self.now.load_full(),
        };
        let mut next = World::clone(&base);
        change(&mut next)?;
        let store = keeper.journal.store();
        let changes = Changes::between(&keeper.name, Some(&*base), &next, store)
            .map_err(|error| Fault::Internal(error.to_string()))?;
        if changes.rows.is_empty() && Arc::ptr_eq(&base, &self.now.load()) {
            // Nothing for the disk, but perhaps something that lives in memory only, such as a credential report.
            self.now.store(Arc::new(next));
            writer.head = None;
            return Ok(());
        }
        let done = self.enqueue(keeper, &mut writer, changes, Arc::new(next), failures)?;
        drop(writer);
        Ok(keeper.journal.wait(&done)?)
    }

    /// Puts a whole world in place of this one (reset, restore).
    pub(crate) fn replace(&self, world: Arc<World>) -> Result<(), Fault> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.closed {
            return Err(thrown_away());
        }
        let Some(keeper) = &self.keeper else {
            let old = self.now.swap(world);
            drop(writer);
            drop(old);
            return Ok(());
        };
        let failures = keeper.journal.failures();
        let base = match &writer.head {
            Some((head, made_after)) if *made_after == failures => head.clone(),
            _ => self.now.load_full(),
        };
        let store = keeper.journal.store();
        let changes = Changes::from_whole(&keeper.name, &*base, &*world, store)
            .map_err(|error| Fault::Internal(error.to_string()))?;
        let done = self.enqueue(keeper, &mut writer, changes, world, failures)?;
        drop(writer);
        Ok(keeper.journal.wait(&done)?)
    }

    fn enqueue(
        &self,
        keeper: &Keeper,
        writer: &mut Writer,
        changes: Changes,
        next: Arc<World>,
        failures: u64,
    ) -> Result<Arc<Done>, Unwritten> {
        let publish = Some((self.now.clone(), next.clone()));
        let done = keeper.journal.enqueue(changes, publish, failures)?;
        writer.head = Some((next, failures));
        Ok(done)
    }

    /// Writes the world for the first time.
    pub(crate) fn begin(&self, clock: &Clock) -> Result<(), Fault> {
        let Some(keeper) = &self.keeper else {
            return Ok(());
        };
        let internal = |error: super::kept::Unkept| Fault::Internal(error.to_string());
        let store = keeper.journal.store();
        let world = self.load_full();
        let mut changes = Changes::between(&keeper.name, None, &*world, store).map_err(internal)?;
        changes
            .clock(&keeper.name, clock.setting())
            .map_err(internal)?;
        Ok(keeper.journal.write(changes)?)
    }

    /// Writes how the world's clock goes from now on, and lets it.
    pub(crate) fn set_clock(&self, clock: &Clock, setting: Setting) -> Result<(), Fault> {
        if let Some(keeper) = &self.keeper {
            let mut changes = Changes::nothing(keeper.journal.store());
            changes
                .clock(&keeper.name, setting)
                .map_err(|error| Fault::Internal(error.to_string()))?;
            keeper.journal.write(changes)?;
        }
        clock.set(setting);
        Ok(())
    }

    /// Throws the world away: nothing is written to it any more, and nothing of it stays on disk. Where that cannot be
    /// written it stays as it is.
    pub(crate) fn close(&self) -> Result<(), Fault> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keeper) = &self.keeper {
            let changes = Changes::of_end(&keeper.name, keeper.journal.store());
            // Nobody may write in between, so the writers wait with it.
            keeper.journal.write(changes)?;
        }
        writer.closed = true;
        Ok(())
    }
}

fn thrown_away() -> Fault {
    Fault::service(404, "NoSuchWorld", "this world was thrown away")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_thrown_away_is_not_half_gone() {
        let keeper = Keeper {
            journal: Arc::new(Journal::broken().unwrap()),
            name: "w".into(),
        };
        let published = Published::new(Arc::default(), Some(keeper));
        let touch = || {
            published.change(|world| {
                let account = crate::iam::Account::new("1", "aws");
                world.law.accounts.insert("1".into(), Arc::new(account));
                Ok(())
            })
        };
        for fault in [published.close(), touch(), published.close(), touch()] {
            let said = fault.unwrap_err().to_string();
            assert!(said.starts_with("InsufficientStorage: "), "{said}");
        }
    }
}
