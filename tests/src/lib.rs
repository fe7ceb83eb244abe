//! What whole-endpoint tests share: an endpoint of their own, people with policies, and raw requests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test support fails loudly"
)]

mod cloud;
pub mod raw;

pub use cloud::{Cloud, Person};

/// The Rust in pages that are not documentation of a crate.
#[cfg(doctest)]
#[allow(
    rustdoc::invalid_codeblock_attributes,
    reason = "the words behind the backticks are for client/tests/docs"
)]
mod pages {
    #[doc = include_str!("../../docs/clients.md")]
    mod clients {}
    #[doc = include_str!("../../docs/policy.md")]
    mod policy {}
    #[doc = include_str!("../../server/README.md")]
    mod server {}
}
