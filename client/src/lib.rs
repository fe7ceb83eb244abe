//! rolecall: scenarios about AWS permissions, and the command that runs them.
//!
//! This library is what the `rolecall` command is made of, and what a test suite can link against:
//! it reads scenario files and pasted `aws` lines, calls any served operation by its wire name, and
//! says what is wrong in the user's own file.

pub mod aws_line;
#[cfg(feature = "testcontainers")]
pub mod container;
pub mod diagnostic;
pub mod endpoint;
pub mod log;
pub mod report;
pub mod scenario;

pub use rolecall_server::Server;
pub use scenario::run::{Options, Report, run_scenarios};
