//! Deciding for all resources at once.
//!
//! [`crate::decide`] answers for one resource. Wildcard patterns are regular languages, and the law of evaluation
//! joins them by and, or and not; so the set of all resources that can be allowed is a regular language too, and
//! whether it lies within another one can be decided, with a shortest counterexample when it does not.
//!
//! Conditions are free: an Allow under a condition may apply, a Deny under a condition may not, and each of them
//! independently. What is proved therefore holds whatever the context; what is not proved names its conditions, and
//! is put before [`crate::decide`] in a context that meets them.

mod actions;
mod alphabet;
mod compare;
mod example;
mod free;
mod law;
mod machine;
mod proof;
mod question;
mod reach;
mod requirement;
mod sample;
mod search;
mod set;
mod settled;
mod shape;
mod text;
mod within;
mod witness;
mod word;

pub use compare::{Access, granted_access, new_access};
pub use proof::{Because, Counterexample, Free, Proof, Requirement, Verdict};
pub use question::{Owned, Question};
pub use reach::{Reach, Term, may_reach};
pub use search::TooLarge;
pub use within::prove;
