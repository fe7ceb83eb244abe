//! What whole-endpoint tests share: an endpoint of their own, people with policies, and raw requests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test support fails loudly"
)]

mod cloud;
pub mod raw;

pub use cloud::{Cloud, Person};
