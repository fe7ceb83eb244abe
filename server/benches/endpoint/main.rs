//! The whole endpoint under load, beside a bare hyper server that does the same HTTP, signature check and hashes.
//!
//! ```sh
//! cargo bench -p rolecall-server --bench endpoint                 # everything, about five minutes
//! cargo bench -p rolecall-server --bench endpoint -- put get      # the rows whose names contain one of these words
//! ```
//!
//! With `ROLECALL_BENCH_SERVER=PROGRAM` another build of this program serves, or a script that starts it under a profiler.
//!
//! Each endpoint is a process of its own; load and endpoint share the machine. Rounds are interleaved, figures are medians.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a program for people, on a world that it made itself"
)]

mod bare;
mod endpoints;
mod load;
mod memory;
mod process;
mod rows;
mod sign;
mod stored;
mod world;

use process::Kind;
use std::time::Duration;

/// Rounds of each row.
const ROUNDS: usize = 5;
/// The length of one round.
const ROUND: Duration = Duration::from_millis(1200);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    match arguments.as_slice() {
        [flag, _] if flag == "--serve-rolecall" => runtime.block_on(serve_rolecall()),
        [flag, secret] if flag == "--serve-bare" => runtime.block_on(serve_bare(secret.clone())),
        words => {
            let words: Vec<&str> = words
                .iter()
                .map(String::as_str)
                .filter(|word| !word.starts_with("--"))
                .collect();
            runtime.block_on(async {
                rows::measure(&words).await;
                stored::measure(&words).await;
                endpoints::measure(&words).await;
                memory::measure(&words).await;
            });
        }
    }
}

/// Whether a row was asked for.
fn wanted(words: &[&str], name: &str) -> bool {
    words.is_empty()
        || words
            .iter()
            .any(|word| name.to_lowercase().contains(&word.to_lowercase()))
}

async fn serve_rolecall() {
    let mut builder = rolecall_server::Server::builder().port(0);
    for n in 1..=world::ACCOUNTS {
        let account = sign::further_account(n);
        builder = builder.account(rolecall_server::RootKey {
            access_key: account.clone(),
            account,
            ..rolecall_server::RootKey::default()
        });
    }
    let server = builder.start().await;
    let server = server.expect("a free port");
    println!("{}", server.address());
    std::future::pending::<()>().await;
}

async fn serve_bare(secret: String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    println!("{}", listener.local_addr().expect("its address"));
    bare::serve(listener, secret).await;
}

/// The middle one.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Rolecall => "rolecall",
            Self::Bare => "bare",
        }
    }
}
