//! What time it is: the system's, or one that a test holds still and moves by hand.

use jiff::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};

/// The one source of time. Policies, expiry and signatures all ask it.
#[derive(Debug, Default)]
pub struct Clock {
    /// Nanosecond offset from the system's time, or the whole time when `frozen`.
    frozen_at: AtomicI64,
}

/// `frozen_at` of a clock that follows the system.
const RUNNING: i64 = 0;

impl Clock {
    /// A clock that stands still at `at` until somebody moves it.
    pub fn frozen(at: Timestamp) -> Self {
        let clock = Self::default();
        clock.freeze(at);
        clock
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match self.frozen_at.load(Ordering::Relaxed) {
            RUNNING => Timestamp::now(),
            micros => Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// Holds the clock at `at` (to the microsecond).
    pub fn freeze(&self, at: Timestamp) {
        // A clock frozen at the epoch itself would look like a running one; one microsecond later is as good.
        self.frozen_at
            .store(at.as_microsecond().max(1), Ordering::Relaxed);
    }

    /// Lets the clock follow the system again.
    pub fn run(&self) {
        self.frozen_at.store(RUNNING, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_stands_still_and_can_run_again() {
        let at: Timestamp = "2026-11-20T14:02:11Z".parse().unwrap_or_default();
        let clock = Clock::frozen(at);
        assert_eq!(clock.now(), at);
        clock.run();
        assert!(clock.now() > at || clock.now() < at, "follows the system");
    }
}
