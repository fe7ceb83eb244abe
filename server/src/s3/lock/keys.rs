//! The condition keys of object lock: `s3:` and the header's name without `x-amz-`.

use super::{HOLD, MODE, UNTIL};
use crate::{
    gate::{Demand, Fact},
    s3::{Headers, schema::moment},
};
use jiff::Timestamp;

const SECONDS_A_DAY: f64 = 24.0 * 60.0 * 60.0;

impl Demand {
    /// The keys that a write's headers make.
    pub(in crate::s3) fn with_lock(self, headers: &Headers, now: Timestamp) -> Self {
        self.with_retention(headers.get(MODE), headers.get(UNTIL), now)
            .with_legal_hold(headers.get(HOLD))
    }

    /// The keys of a retention. A day that has begun counts as a remaining one (rolecall's choice): whoever asks for
    /// ten days from now has ten, although the request took its time.
    pub(in crate::s3) fn with_retention(
        self,
        mode: Option<&str>,
        until: Option<&str>,
        now: Timestamp,
    ) -> Self {
        let at = until.and_then(moment);
        let days = at.map(|at| {
            let seconds = at.duration_since(now).as_secs_f64();
            (seconds / SECONDS_A_DAY).ceil()
        });
        let until = until.map(|text| at.map_or_else(|| Fact::from(text), Fact::Time));
        self.with("s3:object-lock-mode", mode)
            .with("s3:object-lock-retain-until-date", until)
            .with("s3:object-lock-remaining-retention-days", days)
    }

    /// The key of a legal hold.
    pub(in crate::s3) fn with_legal_hold(self, status: Option<&str>) -> Self {
        self.with("s3:object-lock-legal-hold", status)
    }
}
