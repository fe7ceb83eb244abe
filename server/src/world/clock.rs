//! What time it is: the system's, a fixed distance from it, or one that stands still until somebody moves it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::{PoisonError, RwLock};

/// The one source of time. Policies, expiry and signatures all ask it.
#[derive(Debug, Default)]
pub struct Clock {
    start: Setting,
    now: RwLock<Setting>,
}

/// How a clock goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Setting {
    /// Beside the system's clock, this far from it.
    Running(SignedDuration),
    /// Still.
    Frozen(Timestamp),
}

impl Default for Setting {
    fn default() -> Self {
        Self::Running(SignedDuration::ZERO)
    }
}

impl Clock {
    /// A clock that stands still at `at` until somebody moves it.
    pub fn frozen(at: Timestamp) -> Self {
        Self::set_to(Setting::Frozen(at))
    }

    pub(crate) fn set_to(setting: Setting) -> Self {
        Self {
            start: setting,
            now: RwLock::new(setting),
        }
    }

    /// A clock as this one was at its start.
    pub(crate) fn at_start(&self) -> Self {
        Self::set_to(self.start)
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match self.setting() {
            Setting::Running(SignedDuration::ZERO) => Timestamp::now(),
            Setting::Running(offset) => plus(Timestamp::now(), offset),
            Setting::Frozen(at) => at,
        }
    }

    /// Holds the clock at `at`.
    pub fn freeze(&self, at: Timestamp) {
        self.set(Setting::Frozen(at));
    }

    /// Moves the clock by `by`, whether it stands or goes.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        *now = match *now {
            Setting::Running(offset) => Setting::Running(offset.saturating_add(by)),
            Setting::Frozen(at) => Setting::Frozen(plus(at, by)),
        };
    }

    /// Lets the clock go on from `at`.
    pub fn run_from(&self, at: Timestamp) {
        self.set(Setting::Running(at.duration_since(Timestamp::now())));
    }

    /// Lets the clock follow the system again.
    pub fn run(&self) {
        self.set(Setting::default());
    }

    /// Somebody moved it away from the system's time.
    pub fn is_moved(&self) -> bool {
        self.setting() != Setting::default()
    }

    pub(crate) fn setting(&self) -> Setting {
        *self.now.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, setting: Setting) {
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = setting;
    }
}

/// Stays within what can be written.
fn plus(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_stands_still_and_can_run_again() {
        let at: Timestamp = "2026-11-20T14:02:11Z".parse().unwrap_or_default();
        let hour = SignedDuration::from_hours(1);
        let clock = Clock::frozen(at);
        assert_eq!(clock.now(), at);
        clock.advance(hour);
        assert_eq!(clock.now(), at + hour);
        assert_eq!(clock.at_start().now(), at);
        clock.run();
        assert!(!clock.is_moved());
        clock.advance(hour);
        let ahead = clock.now().duration_since(Timestamp::now());
        assert!(
            ahead > hour - SignedDuration::from_secs(5) && ahead <= hour,
            "{ahead}"
        );
        clock.run_from(at);
        assert!(clock.now() >= at && clock.now() < at + hour);
        clock.advance(SignedDuration::MAX);
        clock.now();
    }
}
