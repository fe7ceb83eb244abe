//! One stream of events, many ways to write it down.

mod failure;
mod github;
mod json;
mod junit;
mod place;
mod remedy;
mod tap;
mod terminal;

use std::io;

use crate::scenario::event::Event;
use crate::scenario::run::Hop;

pub use failure::{failure, trouble};
pub use github::{Github, annotation};
pub use json::Json;
pub use junit::Junit;
pub use tap::Tap;
pub use terminal::{Detail, Terminal};

/// Writes events down as they come.
pub trait Reporter {
    /// One more.
    ///
    /// # Errors
    /// It cannot be written.
    fn event(&mut self, event: &Event) -> io::Result<()>;
}

/// The hops of a chain as a table: the answer, the action, who asks for what, and a note.
#[must_use]
pub fn hops_table(
    hops: &[Hop],
    what: &dyn Fn(&Hop) -> String,
    note: &dyn Fn(&Hop) -> String,
) -> String {
    let rows: Vec<[String; 3]> = hops
        .iter()
        .map(|hop| {
            let what = what(hop);
            let whole = if what.is_empty() {
                hop.who()
            } else {
                format!("{} -> {what}", hop.who())
            };
            [hop.action.clone(), whole, note(hop)]
        })
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let (first, second) = (width(0), width(1));
    let mut text = String::new();
    for (hop, [action, whole, note]) in hops.iter().zip(&rows) {
        let answer = if hop.allowed { "ok" } else { "NO" };
        let line = format!("  {answer}  {action:<first$}  {whole:<second$}  {note}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
