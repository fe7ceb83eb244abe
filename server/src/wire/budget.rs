//! How much may be in memory of bodies that have to be here in whole before anybody knows who sends them.

use super::Fault;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Of all worlds and connections together.
const MOST: usize = 256 * 1024 * 1024;
/// So much of each body does not count: small calls are answered whatever others send. What bounds these is the number of
/// connections.
const FREE: usize = 16 * 1024;

/// What is left of it. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Budget(Arc<AtomicUsize>);

/// What one body takes; given back with the value.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Budget,
    taken: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of(MOST)
    }
}

impl Budget {
    /// So many bytes.
    pub(crate) fn of(bytes: usize) -> Self {
        Self(Arc::new(bytes.into()))
    }

    /// A share of it, nothing yet.
    pub(crate) fn share(&self) -> Share {
        Share {
            budget: self.clone(),
            taken: 0,
        }
    }
}

impl Share {
    /// The body has so many bytes by now.
    pub(crate) fn reach(&mut self, length: usize) -> Result<(), Fault> {
        let more = length.saturating_sub(FREE + self.taken);
        if more > 0 {
            let order = Ordering::Relaxed;
            let left = &self.budget.0;
            left.fetch_update(order, order, |left| left.checked_sub(more))
                .map_err(|_| busy())?;
            self.taken += more;
        }
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.0.fetch_add(self.taken, Ordering::Relaxed);
    }
}

/// Clients try again after this code, whatever the service. Source: AWS SDKs and Tools Reference Guide, "Retry behavior".
fn busy() -> Fault {
    let why = "Please reduce your request rate: rolecall holds as much of the bodies of unfinished requests as it may.";
    Fault::service(503, "SlowDown", why)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1024;

    fn left(budget: &Budget) -> usize {
        budget.0.load(Ordering::Relaxed)
    }

    #[test]
    fn large_bodies_share_what_there_is() {
        let budget = Budget::of(100 * KIB);
        let (mut one, mut other) = (budget.share(), budget.share());
        assert!(one.reach(10 * KIB).is_ok() && left(&budget) == 100 * KIB);
        assert!(one.reach(76 * KIB).is_ok() && left(&budget) == 40 * KIB);
        assert!(one.reach(76 * KIB).is_ok() && left(&budget) == 40 * KIB);
        assert!(other.reach(57 * KIB).is_err() && left(&budget) == 40 * KIB);
        drop(one);
        assert!(other.reach(57 * KIB).is_ok() && left(&budget) == 59 * KIB);
        drop(other);
        assert_eq!(left(&budget), 100 * KIB);
    }

    #[test]
    fn small_bodies_come_through_when_nothing_is_left() {
        let budget = Budget::of(0);
        let mut share = budget.share();
        assert!(share.reach(FREE).is_ok());
        let refused = share.reach(FREE + 1);
        assert!(matches!(refused, Err(Fault::Service(fault)) if fault.status == 503));
    }
}
