//! The endpoints under load, each in a process of its own so that its time and memory can be told apart.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Another build of this program to serve with, or a script that starts it under a profiler.
const PROGRAM: &str = "ROLECALL_BENCH_SERVER";

/// Which endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Rolecall,
    Bare,
}

impl Kind {
    fn flag(self) -> &'static str {
        match self {
            Self::Rolecall => "--serve-rolecall",
            Self::Bare => "--serve-bare",
        }
    }
}

/// A running endpoint; it ends with the value.
pub(crate) struct Endpoint {
    child: Child,
    pub(crate) host: String,
}

impl Endpoint {
    /// Starts this program again as an endpoint. `secret` is what the bare server checks signatures with.
    pub(crate) fn start(kind: Kind, secret: &str) -> Self {
        let other = std::env::var_os(PROGRAM).map(Into::into);
        let program = other.unwrap_or_else(|| std::env::current_exe().expect("this program"));
        let mut child = Command::new(program)
            .args([kind.flag(), secret])
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program again");
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        out.read_line(&mut line).expect("its address");
        Self {
            child,
            host: line.trim().to_owned(),
        }
    }

    /// Processor time used so far.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.expect("Linux");
        let after_name = stat.rsplit(')').next().expect("a name in parentheses");
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        // utime and stime, in hundredths of a second (USER_HZ). Source: proc(5).
        let ticks: u64 = fields[11..13]
            .iter()
            .map(|n| n.parse::<u64>().expect("ticks"))
            .sum();
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory in bytes.
    pub(crate) fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("Linux");
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
        kilobytes
            .and_then(|n| n.parse::<u64>().ok())
            .expect("a size")
            * 1024
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
