//! Every test of the whole endpoint, made at run time: one for each operation, scenario and client script.
//!
//! A test whose tool is not there says so and counts as ignored; `ROLECALL_REQUIRE_CLIENTS=1` makes it fail.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "tests fail loudly"
)]

mod admin;
mod annotations;
mod bad_input;
mod clients;
mod compat;
mod coverage;
mod durable;
mod every_operation;
mod explain;
mod saml;
mod samples;
mod scenarios;
mod sdk;
mod signatures;
mod terraform;
mod tls;
mod web_identity;
mod worlds;

use libtest_mimic::{Arguments, Trial};
use std::future::Future;

fn main() {
    durable::serve_if_asked();
    let arguments = Arguments::from_args();
    let tests = [
        every_operation::tests(),
        signatures::tests(),
        bad_input::tests(),
        explain::tests(),
        sdk::tests(),
        annotations::tests(),
        worlds::tests(),
        tls::tests(),
        admin::tests(),
        durable::tests(),
        scenarios::tests(),
        clients::tests(),
        compat::tests(),
        web_identity::tests(),
        saml::tests(),
        terraform::tests(),
        coverage::tests(),
    ];
    libtest_mimic::run(&arguments, tests.into_iter().flatten().collect()).exit();
}

/// A test that runs in a tokio runtime of its own.
fn test<F: Future<Output = ()>>(
    name: impl Into<String>,
    body: impl FnOnce() -> F + Send + 'static,
) -> Trial {
    Trial::test(name, move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        runtime.block_on(body());
        Ok(())
    })
}
