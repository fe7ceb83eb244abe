//! An explanation for people: plain text, and the pieces for those who draw it themselves.

mod excerpt;
mod hint;
mod parting;
mod tree;

pub use excerpt::{Excerpt, Mark};
pub(crate) use parting::segment;
