//! An explanation for people: plain text, and the pieces for those who draw it themselves.

mod excerpt;
mod hint;
mod tree;

pub use excerpt::{Excerpt, Mark};
