//! What the evaluator tells about its work. In silence it costs nothing.

use crate::condition::Test;
use crate::evaluate::{Asked, Heard};
use crate::trustee::Grant;
use crate::{Attached, Layer, Source, Statement};

pub(crate) trait Trace {
    /// Whether every statement and element is wanted, even when the answer is known.
    const WHOLE: bool;

    fn layer(&mut self, _layer: Layer, _level: usize) {}
    fn policy(&mut self, _attached: &Attached<'_>) {}
    fn action(&mut self, _statement: &Statement, _asked: &Asked<'_>, _fits: bool) {}
    fn principal(&mut self, _statement: &Statement, _asked: &Asked<'_>, _fits: bool) {}
    fn resource(&mut self, _statement: &Statement, _asked: &Asked<'_>, _fits: bool) {}
    fn condition(&mut self, _test: &Test, _asked: &Asked<'_>, _holds: bool) {}
    /// After its elements.
    fn statement(
        &mut self,
        _source: &Source<'_>,
        _statement: &Statement,
        _index: usize,
        _applies: Option<Grant>,
    ) {
    }
    /// After its policies.
    fn heard(&mut self, _heard: Heard) {}
}

/// Tells nothing, and lets the evaluator stop as soon as the answer is known.
pub(crate) struct Silent;

impl Trace for Silent {
    const WHOLE: bool = false;
}
