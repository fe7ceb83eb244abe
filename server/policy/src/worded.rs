//! A value of the request as text, without touching the heap.

use std::fmt::{self, Write as _};
use std::ops::Deref;

use smallvec::SmallVec;

/// Text that is there already, or was written into room on the stack.
pub(crate) enum Worded<'v> {
    There(&'v str),
    Written(Room),
}

/// Enough for an address, a moment and all but the longest numbers.
#[derive(Default)]
pub(crate) struct Room(SmallVec<[u8; 64]>);

impl Worded<'_> {
    pub(crate) fn written(value: impl fmt::Display) -> Self {
        let mut room = Room::default();
        // Writing into memory does not fail.
        let _ = write!(room, "{value}");
        Self::Written(room)
    }
}

impl fmt::Write for Room {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl Deref for Worded<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::There(text) => text,
            Self::Written(room) => std::str::from_utf8(&room.0).unwrap_or_default(),
        }
    }
}
