//! The ring of decisions: what was asked, in which world, and what came of it.
//!
//! A record keeps the question and the law of that moment, not an explanation; the explanation is made
//! by deciding again, so it costs nothing until somebody asks.

use super::Asked;
use crate::{
    wire::ServiceFault,
    world::{Law, Shared},
};
use jiff::Timestamp;
use rolecall_policy::{Explanation, Outcome};
use smallvec::SmallVec;
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::Notify;
use uuid::Uuid;

/// How many records the ring keeps.
pub const RING: usize = 1000;
/// How many bytes of what clients sent it keeps; the newest record stays whatever it has.
const HEAVIEST: usize = 16 * 1024 * 1024;

/// The longest name and the longest sentence that a record keeps of what a client sent: anyone can send megabytes.
const LONGEST_NAME: usize = 256;
const LONGEST_SENTENCE: usize = 4096;

/// The beginning of a long text.
fn beginning(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push_str("...");
        text.shrink_to_fit();
    }
    text
}

/// Something that was decided or refused.
#[derive(Debug)]
pub struct Record {
    /// Counts up from 1; never reused.
    pub number: u64,
    /// The request id.
    pub id: Uuid,
    /// The request that caused this one (a job's hops).
    pub of: Option<Uuid>,
    /// The place among the decisions of one request and of the job that it started, from 1; 0 for the only one.
    pub hop: u32,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
    /// Why the operation was refused although it might go on; known only once it has ended.
    pub fault: OnceLock<Box<ServiceFault>>,
    /// About how many bytes of it a client sent.
    pub(super) weight: usize,
}

/// The kinds of record.
#[derive(Debug)]
pub enum What {
    /// The engine answered.
    Decided {
        /// The question.
        asked: Box<Asked>,
        /// The law it was decided under.
        law: Shared<Law>,
        /// The answer.
        outcome: Outcome,
    },
    /// An operation that needs no permission ran.
    Open {
        /// `sts:GetCallerIdentity`
        action: String,
        /// Who called.
        caller: String,
        /// Why it needs none.
        why: &'static str,
    },
    /// The request never reached a decision.
    Refused {
        /// The service and operation, as far as they are known.
        action: String,
        /// AWS's error code.
        code: String,
        /// Why.
        why: String,
    },
}

impl What {
    /// A request that never reached a decision.
    pub(super) fn refused(action: String, code: &str, why: String) -> Self {
        Self::Refused {
            action: beginning(action, LONGEST_NAME),
            code: code.to_owned(),
            why: beginning(why, LONGEST_SENTENCE),
        }
    }

    /// About how many bytes of it a client sent.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Decided { asked, .. } => asked.weight(),
            Self::Open { .. } => 0,
            Self::Refused { action, why, .. } => action.len() + why.len(),
        }
    }
}

impl Record {
    /// The whole tree of this decision; none where nothing was decided.
    pub fn explain(&self) -> Option<Explanation> {
        match &self.what {
            What::Decided { asked, law, .. } => Some(asked.explain(law)),
            What::Open { .. } | What::Refused { .. } => None,
        }
    }

    /// Whether the request may go on.
    pub fn allowed(&self) -> bool {
        match &self.what {
            What::Decided { outcome, .. } => *outcome == Outcome::Allowed,
            What::Open { .. } => true,
            What::Refused { .. } => false,
        }
    }

    /// The action that was asked for.
    pub fn action(&self) -> &str {
        match &self.what {
            What::Decided { asked, .. } => &asked.demand.action,
            What::Open { action, .. } | What::Refused { action, .. } => action,
        }
    }
}

/// The last records, newest last.
#[derive(Debug, Default)]
pub struct Ring {
    inner: Mutex<Inner>,
    /// Wakes those who follow it.
    news: Notify,
    closed: AtomicBool,
}

#[derive(Debug, Default)]
struct Inner {
    records: VecDeque<Arc<Record>>,
    /// Of all records together.
    weight: usize,
    last: u64,
    allowed: u64,
    refused: u64,
}

/// What the ring has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Allowed by a decision, or open.
    pub allowed: u64,
    /// Denied by a decision.
    pub denied: u64,
    /// Refused before any.
    pub refused: u64,
    /// How many can still be explained.
    pub kept: usize,
}

impl Ring {
    /// Keeps what `make` makes of the next number.
    pub(super) fn push(&self, make: impl FnOnce(u64) -> Record) -> Arc<Record> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.last += 1;
        let record = Arc::new(make(inner.last));
        match record.what {
            What::Refused { .. } => inner.refused += 1,
            _ if record.allowed() => inner.allowed += 1,
            _ => {}
        }
        inner.weight += record.weight;
        let mut dropped = SmallVec::<[Arc<Record>; 1]>::new();
        while inner.records.len() >= RING || inner.weight > HEAVIEST {
            let Some(oldest) = inner.records.pop_front() else {
                break;
            };
            inner.weight -= oldest.weight;
            dropped.push(oldest);
        }
        inner.records.push_back(record.clone());
        drop(inner);
        drop(dropped);
        self.news.notify_waiters();
        record
    }

    /// The request ended with a fault of the service itself, which the last of its decisions did not foresee.
    pub(crate) fn ended(&self, id: Uuid, fault: &ServiceFault) {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let last = inner.records.iter().rev().find(|record| record.id == id);
        let last = last.filter(|record| record.allowed()).cloned();
        drop(inner);
        if let Some(record) = last {
            record.fault.get_or_init(|| {
                Box::new(ServiceFault {
                    message: beginning(fault.message.clone(), LONGEST_SENTENCE),
                    detail: Vec::new(),
                    headers: Vec::new(),
                    ..fault.clone()
                })
            });
        }
    }

    /// All records after number `since`, oldest first.
    pub fn since(&self, since: u64) -> Vec<Arc<Record>> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner
            .records
            .iter()
            .filter(|record| record.number > since)
            .cloned()
            .collect()
    }

    /// The records whose id begins with `prefix` (hex digits, dashes optional), and the hops they caused; oldest first.
    pub fn find(&self, prefix: &str) -> Vec<Arc<Record>> {
        let prefix = prefix.to_ascii_lowercase();
        let fits = |id: Uuid| {
            id.hyphenated().to_string().starts_with(&prefix)
                || id.simple().to_string().starts_with(&prefix)
        };
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let found = |record: &&Arc<Record>| fits(record.id) || record.of.is_some_and(fits);
        inner.records.iter().filter(found).cloned().collect()
    }

    /// The newest.
    pub fn last(&self) -> Option<Arc<Record>> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.records.back().cloned()
    }

    /// Ends when there is a record that was not there when this was called, or the ring is closed.
    pub fn news(&self) -> impl Future<Output = ()> {
        self.news.notified()
    }

    /// There will be nothing new: whoever follows the ring may go.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.news.notify_waiters();
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// What it has seen.
    pub fn counts(&self) -> Counts {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        Counts {
            allowed: inner.allowed,
            denied: inner.last - inner.allowed - inner.refused,
            refused: inner.refused,
            kept: inner.records.len(),
        }
    }

    /// How many there have ever been.
    pub fn total(&self) -> u64 {
        self.inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .last
    }

    /// Forgets everything; numbers go on.
    pub fn clear(&self) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.records.clear();
        inner.weight = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sent_is_kept_in_part() {
        let refused = What::refused(
            "iam:".to_owned() + &"ä".repeat(1 << 20),
            "Unauthenticated",
            "x".repeat(1 << 20),
        );
        let What::Refused { action, why, .. } = refused else {
            return;
        };
        assert!(
            action.starts_with("iam:ää") && action.ends_with("ä..."),
            "{action}"
        );
        assert!(action.capacity() < 300 && why.capacity() < 5000);
        assert_eq!(beginning("short".to_owned(), 5), "short");
    }

    fn record(number: u64, action: String) -> Record {
        let what = What::Refused {
            action,
            code: String::new(),
            why: String::new(),
        };
        Record {
            number,
            id: Uuid::nil(),
            of: None,
            hop: 0,
            at: Timestamp::UNIX_EPOCH,
            weight: what.weight(),
            what,
            fault: OnceLock::new(),
        }
    }

    #[test]
    fn heavy_records_leave_room_for_fewer() {
        let ring = Ring::default();
        for _ in 0..RING + 7 {
            ring.push(|number| record(number, String::new()));
        }
        assert_eq!(ring.counts().kept, RING);
        for _ in 0..40 {
            ring.push(|number| record(number, "x".repeat(1 << 20)));
        }
        assert_eq!(ring.counts().kept, 16);
        assert_eq!(ring.total(), RING as u64 + 47);
        ring.push(|number| record(number, "x".repeat(HEAVIEST + 1)));
        assert_eq!(ring.counts().kept, 1);
        ring.clear();
        ring.push(|number| record(number, String::new()));
        ring.push(|number| record(number, String::new()));
        assert_eq!(ring.counts().kept, 2);
    }
}
