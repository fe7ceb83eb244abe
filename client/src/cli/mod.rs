//! The command line: one file for each sub-command.

mod args;
mod can;
mod env;
mod explain;
mod init;
mod judge;
mod lint;
mod out;
mod ping;
mod prove;
mod run;
mod serve;
mod server;
mod test;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};

use args::{Command, Rolecall};

/// What a sub-command ends with: an exit code, or a sentence for stderr and exit code 1.
type Outcome = Result<ExitCode, Failed>;

/// Why a sub-command did not do what it was asked to.
#[derive(Debug)]
struct Failed {
    /// Reads well after "failed to"; or is a whole sentence.
    said: String,
    /// What to do.
    help: Option<String>,
    code: u8,
}

impl Failed {
    fn new(said: impl Into<String>) -> Self {
        Self {
            said: said.into(),
            help: None,
            code: 1,
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }
}

impl From<rolecall::endpoint::CallError> for Failed {
    fn from(error: rolecall::endpoint::CallError) -> Self {
        use rolecall::endpoint::CallError;
        let failed = Self::new(error.to_string());
        match &error {
            CallError::Unreachable { .. } => failed
                .help("is it running? `rolecall serve` starts it; --endpoint says where it is"),
            CallError::Refused(failure) => Self::new(if failure.message.is_empty() {
                failure.code.clone()
            } else {
                failure.message.clone()
            }),
            CallError::NotACall(_) => failed,
        }
    }
}

pub(crate) fn main() -> ExitCode {
    let args = match Rolecall::try_parse() {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    out::colour(args.color);
    let Some(command) = args.command else {
        out::print(&Rolecall::command().render_help().ansi().to_string());
        return ExitCode::SUCCESS;
    };
    let outcome = match command {
        Command::Serve(serve) => serve::main(serve),
        Command::Run(run) => run::main(run),
        Command::Test(test) => test::main(test),
        Command::Can(can) => can::main(can),
        Command::Prove(prove) => prove::main(prove),
        Command::Explain(explain) => explain::main(&explain),
        Command::Env(env) => env::main(&env),
        Command::Ping(ping) => ping::main(&ping),
        Command::Init(init) => init::main(&init),
        Command::Judge(judge) => judge::main(&judge),
        Command::Lint(lint) => lint::main(&lint),
    };
    outcome.unwrap_or_else(|failed| {
        out::error(&failed.said, failed.help.as_deref());
        ExitCode::from(failed.code)
    })
}

/// Help goes to stdout with 0, a mistake to stderr with 2.
fn usage(error: &clap::Error) -> ExitCode {
    let text = error.render().ansi().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            out::print(&text);
            ExitCode::SUCCESS
        }
        _ => {
            out::note(&text);
            ExitCode::from(2)
        }
    }
}
