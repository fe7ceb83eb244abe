//! Conditions that do not depend on the request: their key is the same in every one, or they are never understood.

use super::word::fixed;
use crate::Context;
use crate::condition::Test;

/// Whether the statement gets past the test, when that is the same for every request.
pub(super) fn settled(test: &Test, denies: bool, known: &Context<'_>) -> Option<bool> {
    if test.operator.is_none() {
        return Some(test.holds(denies, known));
    }
    let mut keys = test.operands.iter().flat_map(|operand| operand.variables());
    (fixed(known, &test.key).is_some() && keys.all(|key| fixed(known, key).is_some()))
        .then(|| test.holds(denies, known))
}
