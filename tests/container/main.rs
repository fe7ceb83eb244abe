//! rolecall in a real container. Needs a Docker engine and the image `rolecall:latest` (see `Dockerfile`).
//!
//! Without them the tests say so and count as ignored; `ROLECALL_REQUIRE_DOCKER=1` makes them fail instead.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "tests fail loudly"
)]

mod durable;
mod recipes;
mod walk_through;

use libtest_mimic::{Arguments, Trial};
use rolecall::container::{Rolecall, RolecallExt as _};
use rolecall_tests::{Person, raw::Keys};
use std::{future::Future, process::Command};
use testcontainers::{ContainerAsync, runners::AsyncRunner as _};

fn main() {
    let arguments = Arguments::from_args();
    let tests = [walk_through::tests(), durable::tests(), recipes::tests()];
    libtest_mimic::run(&arguments, tests.into_iter().flatten().collect()).exit();
}

/// A test that needs Docker.
fn test<F: Future<Output = ()>>(name: &str, body: impl FnOnce() -> F + Send + 'static) -> Trial {
    let required = std::env::var_os("ROLECALL_REQUIRE_DOCKER").is_some_and(|value| value == "1");
    let ignored = !required
        && missing().is_some_and(|why| {
            eprintln!("SKIPPED {name}: {why}");
            true
        });
    let trial = Trial::test(name, move || {
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(body());
        Ok(())
    });
    trial.with_ignored_flag(ignored)
}

/// What is not there.
fn missing() -> Option<&'static str> {
    let works = |arguments: &[&str]| {
        let docker = Command::new("docker").args(arguments).output();
        docker.is_ok_and(|output| output.status.success())
    };
    if !works(&["info"]) {
        return Some("no Docker engine answers");
    }
    (!works(&["image", "inspect", "rolecall:latest"]))
        .then_some("there is no image `rolecall:latest`")
}

/// A container of this test's own and its root user.
async fn started(image: Rolecall) -> (ContainerAsync<Rolecall>, Person) {
    let node = image.start().await.expect("the image starts");
    let root = root(&node).await;
    (node, root)
}

async fn root(node: &ContainerAsync<Rolecall>) -> Person {
    let credentials = node.root_credentials();
    let keys = Keys {
        access_key: credentials.access_key,
        secret: credentials.secret,
        token: None,
    };
    Person::at(node.endpoint().await.expect("a port"), keys)
}
