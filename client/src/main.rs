//! The `rolecall` command.

mod cli;

use std::process::ExitCode;

/// Serving a request takes about a hundred small pieces of memory, of which most are gone with the answer.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
