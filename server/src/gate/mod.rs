//! The one door. `Granted` is the only way to the world, and only `Gate::admit` makes one.
//!
//! Architecture Invariant: the world is private to this module and `world/`. An operation gets at it
//! through the `Granted` that its own `access` earned, a service through the same door as everyone.

mod ask;
mod asked;
mod authenticate;
mod caller;
mod demand;
mod denial;
mod facts;
#[cfg(test)]
mod keys;
mod meta;
mod prove;
mod record;

pub use ask::{Question, Unanswerable};
pub use asked::Asked;
pub(crate) use authenticate::{
    Authenticated, authenticate, authenticate_2, authenticate_form, authenticate_form_2,
};
pub use caller::{Caller, Service, Who};
pub use demand::{Access, Demand, Fact, Guard, account_of};
pub use denial::Denial;
pub use facts::Facts;
pub use meta::{Cause, Meta, SignedHow};
pub use prove::ProofQuestion;
pub use record::{RING, Record, Ring, What};

use crate::{
    admin::Snapshots,
    sts,
    wire::{Fault, Operation},
    world::{
        Clock, ClockSetting, Ids, Journal, Keeper, Law, Published, Shared, Spool, Store, Text,
        World,
    },
};
use smallvec::SmallVec;
use std::{
    fmt,
    marker::PhantomData,
    sync::{Arc, OnceLock},
};

/// Who calls, under which circumstances. A service's job makes its own.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who.
    pub caller: Arc<Caller>,
    /// When, from where, how.
    pub meta: Arc<Meta>,
}

/// What the operations of an endpoint share.
pub struct Gate {
    world: Published,
    /// The world as it was at the start, to go back to.
    first: Arc<World>,
    /// Time.
    pub clock: Clock,
    /// Names.
    pub ids: Ids,
    /// The last decisions.
    pub ring: Ring,
    /// The files of large objects, in memory mode.
    spool: Spool,
    pub(crate) snapshots: Snapshots,
    /// Places for content that is compared and never written, in memory mode.
    store: Arc<Store>,
    /// What the person who started the endpoint chose.
    pub settings: Settings,
    observer: Option<Observer>,
}

/// Called with every record as it is made.
pub type Observer = Arc<dyn Fn(&Arc<Record>) + Send + Sync>;

/// Choices made at start-up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `aws:SecureTransport` is what the connection is; otherwise plain http counts as secure.
    pub honest_tls: bool,
    /// The session name Pinpoint uses when it assumes a role. AWS never said what it is; rolecall's choice.
    pub export_session_name: String,
    /// New buckets are as they were before April 2023: ACLs count, and Block Public Access is off.
    pub legacy_bucket_defaults: bool,
    /// Routes and a key for somebody else's suite.
    pub compat: Option<crate::Compat>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            honest_tls: false,
            export_session_name: "pinpoint".to_owned(),
            legacy_bucket_defaults: false,
            compat: None,
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Gate {
    /// A gate in front of `world`, which goes back to `first`.
    pub(crate) fn new(
        world: Published,
        first: Arc<World>,
        clock: Clock,
        ids: Ids,
        settings: Settings,
        observer: Option<Observer>,
    ) -> Self {
        Self {
            world,
            first,
            clock,
            ids,
            ring: Ring::default(),
            spool: Spool::default(),
            snapshots: Snapshots::default(),
            store: Arc::default(),
            settings,
            observer,
        }
    }

    /// A gate in front of another world, as this one was at its start unless one is given. Only choices are shared.
    pub(crate) fn another(
        &self,
        name: &Text,
        world: Option<Arc<World>>,
        clock: Option<Clock>,
    ) -> Self {
        let keeper = self.world.keeper().map(|keeper| Keeper {
            journal: keeper.journal.clone(),
            name: name.clone(),
        });
        Self {
            world: Published::new(world.unwrap_or_else(|| self.first.clone()), keeper),
            first: self.first.clone(),
            clock: clock.unwrap_or_else(|| self.clock.at_start()),
            ids: self.ids.another(name),
            ring: Ring::default(),
            spool: Spool::default(),
            snapshots: Snapshots::default(),
            store: Arc::default(),
            settings: self.settings.clone(),
            observer: self.observer.clone(),
        }
    }

    /// Decides what `op` asks for, and begins it. The only caller of `Operation::run`, for the wire and for services.
    pub(crate) fn begin_op<'g, O: Operation>(
        self: &'g Arc<Self>,
        actor: &'g Actor,
        op: O,
    ) -> Result<impl Future<Output = Result<O::Output, Fault>> + Send + use<'g, O>, Fault> {
        let granted = self.admit(actor, &op)?;
        Ok(op.run(granted))
    }

    /// Decides what `op` asks for and runs it.
    pub async fn perform<O: Operation>(
        self: &Arc<Self>,
        actor: &Actor,
        op: O,
    ) -> Result<O::Output, Fault> {
        self.begin_op(actor, op)?.await
    }

    /// Asks the policies. Whoever is let in holds the permit.
    fn admit<'g, O: Operation>(
        self: &'g Arc<Self>,
        actor: &'g Actor,
        op: &O,
    ) -> Result<Granted<'g, O>, Fault> {
        let each = self.ask_policies(actor, &|facts| op.access(facts), O::SERVICE, O::NAME)?;
        Ok(Granted {
            gate: self,
            actor,
            each,
            op: PhantomData,
        })
    }

    // What does not depend on the operation's type stands apart from `admit`, which is compiled once for every operation.

    fn ask_policies(
        &self,
        actor: &Actor,
        access: &dyn Fn(&Facts<'_>) -> Result<Access, Fault>,
        service: &'static str,
        operation: &'static str,
    ) -> Result<Each, Fault> {
        if let Some(key) = &actor.caller.key {
            key.last_use
                .note(actor.meta.at, service, &actor.meta.region);
        }
        sts::limits::check(&actor.caller, service, operation)?;
        let world = self.world.load();
        let access = access(&Facts::new(&world, actor))?;
        let each = self.decide(&world.law, actor, access, service, operation)?;
        sts::limits::room(world.expiring.len(), service, operation)?;
        Ok(each)
    }

    /// Decides what an operation asks for.
    fn decide(
        &self,
        law: &Shared<Law>,
        actor: &Actor,
        access: Access,
        service: &'static str,
        operation: &'static str,
    ) -> Result<Each, Fault> {
        let mut each = Each::new();
        match access {
            Access::All(demands) => {
                let several = demands.len() > 1;
                for (demand, place) in demands.into_iter().zip(1..) {
                    let hop = actor.meta.hop(if several { place } else { 0 });
                    self.demand(law, actor, demand, hop)?;
                }
            }
            Access::Each(demands) => {
                let hop = actor.meta.hop(0);
                for demand in demands {
                    let answer = self.demand(law, actor, demand, hop);
                    each.push(answer.err().map(Box::new));
                }
            }
            Access::Open(why) => {
                let record = What::Open {
                    action: format!("{service}:{operation}"),
                    caller: actor.caller.arn.to_string(),
                    why,
                };
                self.record(&actor.meta, actor.meta.hop(0), record);
            }
        }
        Ok(each)
    }

    /// Decides one demand and records the decision.
    fn demand(
        &self,
        law: &Shared<Law>,
        actor: &Actor,
        demand: Demand,
        hop: u32,
    ) -> Result<(), Fault> {
        let asked = Box::new(Asked {
            caller: demand.asker.as_ref().unwrap_or(&actor.caller).clone(),
            meta: actor.meta.clone(),
            demand,
        });
        let (outcome, denial) = asked.put(law, |request, layers| {
            let decision = rolecall_policy::decide(request, layers);
            let denial = (!decision.allowed())
                .then(|| Denial::new(&asked, &decision.reason(request, layers)));
            (decision.outcome, denial)
        });
        let law = law.clone();
        self.record(
            &actor.meta,
            hop,
            What::Decided {
                asked,
                law,
                outcome,
            },
        );
        match denial {
            None => Ok(()),
            Some(denial) => Err(Fault::Denied(Box::new(denial))),
        }
    }

    fn record(&self, meta: &Meta, hop: u32, what: What) -> Arc<Record> {
        let weight = what.weight();
        let record = self.ring.push(|number| Record {
            number,
            id: meta.id,
            of: meta.of.map(|cause| cause.id),
            hop,
            at: meta.at,
            what,
            fault: OnceLock::new(),
            weight,
        });
        if let Some(observer) = &self.observer {
            observer(&record);
        }
        record
    }

    /// Records a request that never reached a decision.
    pub(crate) fn refused(&self, meta: &Meta, action: String, code: &str, why: String) {
        self.record(meta, meta.hop(0), What::refused(action, code, why));
    }

    /// Whoever holds this access key: how a service acts with the credentials it was given.
    pub(crate) fn caller_with(&self, access_key: &str) -> Option<Caller> {
        let world = self.world.load();
        authenticate::caller(&world, world.keys.get(access_key)?)
    }

    /// The world as it is now, to look at for a moment; for authentication, the admin's snapshot and nothing else.
    pub(crate) fn world(&self) -> arc_swap::Guard<Arc<World>> {
        self.world.load()
    }

    /// The same, to hold on to.
    pub(crate) fn whole_world(&self) -> Arc<World> {
        self.world.load_full()
    }

    /// Puts a whole world in place of this one (restore).
    pub(crate) fn replace(&self, world: Arc<World>) -> Result<(), Fault> {
        self.world.replace(world)
    }

    /// Goes back to the world of the start, and forgets every decision.
    pub(crate) fn reset(&self) -> Result<(), Fault> {
        self.world.replace(self.first.clone())?;
        self.ring.clear();
        Ok(())
    }

    /// Writes a new world to the data directory, where there is one.
    pub(crate) fn begin(&self) -> Result<(), Fault> {
        self.world.begin(&self.clock)
    }

    /// The world of the start.
    pub(crate) fn first(&self) -> &Arc<World> {
        &self.first
    }

    /// Where content gets its numbers.
    pub(crate) fn store(&self) -> &Arc<Store> {
        self.journal()
            .map_or(&self.store, |journal| journal.store())
    }

    /// The data directory, where there is one.
    pub(crate) fn journal(&self) -> Option<&Arc<Journal>> {
        self.world.keeper().map(|keeper| &keeper.journal)
    }

    /// Throws the world away: nothing is written to it from now on.
    pub(crate) fn close(&self) -> Result<(), Fault> {
        self.world.close()
    }

    /// Lets the clock go as `setting` says, and keeps that with the world.
    pub(crate) fn set_clock(&self, setting: ClockSetting) -> Result<(), Fault> {
        self.world.set_clock(&self.clock, setting)
    }

    /// Runs `change` on a copy that shares everything unchanged, and publishes it if `change` succeeds.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut World) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.world.change(change)
    }
}

/// The answers to `Access::Each`.
type Each = SmallVec<[Option<Box<Fault>>; 1]>;

/// The permit: the only handle to state, and proof that every demand of `O` was decided.
pub struct Granted<'g, O> {
    gate: &'g Arc<Gate>,
    actor: &'g Actor,
    each: Each,
    op: PhantomData<fn(O)>,
}

impl<O> fmt::Debug for Granted<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Granted")
            .field("actor", self.actor)
            .finish_non_exhaustive()
    }
}

impl<'g, O> Granted<'g, O> {
    /// Who calls.
    pub fn caller(&self) -> &'g Caller {
        &self.actor.caller
    }

    /// Under which circumstances.
    pub fn meta(&self) -> &'g Meta {
        &self.actor.meta
    }

    /// The caller's account.
    pub fn account(&self) -> &'g Text {
        &self.actor.caller.account
    }

    /// The time of this request.
    pub fn now(&self) -> jiff::Timestamp {
        self.actor.meta.at
    }

    /// Makes names.
    pub fn ids(&self) -> &'g Ids {
        &self.gate.ids
    }

    /// Where the bytes of large objects go.
    pub(crate) fn spool(&self) -> &'g Spool {
        let journal = self.gate.journal();
        journal.map_or(&self.gate.spool, |journal| journal.spool())
    }

    /// Choices made at start-up.
    pub fn settings(&self) -> &'g Settings {
        &self.gate.settings
    }

    /// The answers to `Access::Each`, in order: none where allowed.
    pub fn each(&self) -> &[Option<Box<Fault>>] {
        &self.each
    }

    /// A further question that only arises once the state is seen, such as `s3:ListBucket` for a missing key.
    pub fn demand(&self, demand: Demand) -> Result<(), Fault> {
        let world = self.gate.world.load();
        let hop = self.actor.meta.hop(0);
        self.gate.demand(&world.law, self.actor, demand, hop)
    }

    /// Looks at the world.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.gate.world.load())
    }

    /// Changes the world: all of it or nothing. Nothing is awaited inside.
    pub(crate) fn write<T>(
        &self,
        change: impl FnOnce(&mut World) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.gate.change(change)
    }

    /// The gate itself, for a job that goes on after the answer. The job acts through `Gate::perform` like anyone.
    pub(crate) fn gate(&self) -> &'g Arc<Gate> {
        self.gate
    }
}
