//! Writing to the terminal. A closed pipe is nobody's fault.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};

use super::args::Colour;

static COLOURED: AtomicBool = AtomicBool::new(false);

const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// Decides on colours for the whole process; NO_COLOR and what the terminal can do are respected.
pub(super) fn colour(choice: Colour) {
    let choice = match choice {
        Colour::Auto => ColorChoice::Auto,
        Colour::Always => ColorChoice::Always,
        Colour::Never => ColorChoice::Never,
    };
    choice.write_global();
    let coloured = anstream::AutoStream::choice(&std::io::stdout()) != ColorChoice::Never;
    COLOURED.store(coloured, Ordering::Relaxed);
}

/// Whether stdout is coloured.
pub(super) fn coloured() -> bool {
    COLOURED.load(Ordering::Relaxed)
}

/// Text for stdout.
pub(super) fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// A line for stdout.
pub(super) fn line(text: &str) {
    print(&format!("{text}\n"));
}

/// Text for stderr.
pub(super) fn note(text: &str) {
    let mut out = anstream::stderr().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// What stops nothing and is hardly meant, for stderr.
pub(super) fn warning(said: &str) {
    note(&format!("{YELLOW}warning{YELLOW:#}: {said}\n"));
}

/// A failure for stderr.
pub(super) fn error(said: &str, help: Option<&str>) {
    let help = help
        .map(|help| format!("{CYAN}help{CYAN:#}: {help}\n"))
        .unwrap_or_default();
    note(&format!("{RED}error{RED:#}: {said}\n{help}"));
}
