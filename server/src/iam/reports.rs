//! What is generated now and fetched later.

use super::last_accessed::Job;
use crate::world::Text;
use std::{collections::VecDeque, sync::Arc};

/// How many finished tasks and jobs of one kind are remembered.
const REMEMBERED: usize = 100;

/// Everything of one account that waits to be fetched.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reports {
    /// The last credential report and when it was made.
    pub(super) credentials: Option<(jiff::Timestamp, Text)>,
    /// Service-last-accessed jobs, oldest first.
    jobs: VecDeque<(Text, Arc<Job>)>,
    /// Tasks that deleted a service-linked role, oldest first.
    deletions: VecDeque<Text>,
}

fn push<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() >= REMEMBERED {
        list.pop_front();
    }
    list.push_back(item);
}

impl Reports {
    pub(super) fn deleted(&mut self, task: Text) {
        push(&mut self.deletions, task);
    }

    pub(super) fn was_deleted(&self, task: &str) -> bool {
        self.deletions.iter().any(|known| **known == *task)
    }

    pub(super) fn add_job(&mut self, id: Text, job: Job) {
        push(&mut self.jobs, (id, Arc::new(job)));
    }

    pub(super) fn job(&self, id: &str) -> Option<&Arc<Job>> {
        let found = self.jobs.iter().find(|(known, _)| **known == *id);
        found.map(|(_, job)| job)
    }
}
