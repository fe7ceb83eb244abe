//! Verifies what others sign: AWS's vectors and published examples, and the `aws-sigv4` crate.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    unreachable_pub,
    reason = "tests"
)]

mod chunked;
mod form;
mod oracle;
mod own;
mod published;
mod refusals;
mod tamper;
mod vectors;
mod wire;
