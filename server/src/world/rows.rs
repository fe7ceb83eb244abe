//! Reading rows back, in the order of their paths.

use super::blob::{Blob, Piece, Store};
use serde::de::DeserializeOwned;
use std::{
    collections::{HashMap, HashSet},
    iter::Peekable,
    sync::Arc,
};

/// A row is not what this rolecall writes.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The file cannot be read.
    #[error("{0}")]
    Disk(#[from] redb::Error),
    /// A row is damaged, or of a rolecall that keeps other things.
    #[error("the row `{path}`: {why}")]
    Row {
        /// Names from the world's down, separated by `/`.
        path: String,
        /// What is wrong with it.
        why: String,
    },
}

/// A row and its path.
pub(crate) type Row = (Vec<u8>, Vec<u8>);

/// Reads content by its number; whether it is large.
type Content<'t> = dyn Fn(u64, bool) -> Result<Vec<Piece>, redb::Error> + 't;

/// The rows of a world that are left to read, and where in it we are.
pub(crate) struct Rows<'t> {
    left: Peekable<Box<dyn Iterator<Item = Result<Row, redb::Error>> + 't>>,
    path: Vec<u8>,
    content: Box<Content<'t>>,
    store: Arc<Store>,
    /// What was read already: copies and forks have the content of their originals.
    read: HashMap<u64, Blob>,
}

impl<'t> Rows<'t> {
    pub(crate) fn new(
        rows: impl Iterator<Item = Result<Row, redb::Error>> + 't,
        content: impl Fn(u64, bool) -> Result<Vec<Piece>, redb::Error> + 't,
        store: Arc<Store>,
    ) -> Self {
        let rows: Box<dyn Iterator<Item = _> + 't> = Box::new(rows);
        Self {
            left: rows.peekable(),
            path: Vec::new(),
            content: Box::new(content),
            store,
            read: HashMap::new(),
        }
    }

    /// The name of the next world, or none at the end.
    pub(crate) fn next_world(&mut self) -> Result<Option<String>, Unreadable> {
        self.path.clear();
        let name = match self.left.peek() {
            None => return Ok(None),
            Some(Err(_)) => return Err(self.broken()),
            Some(Ok((path, _))) => path.split(|byte| *byte == 0).next().unwrap_or_default(),
        };
        self.path = name.to_vec();
        Ok(Some(String::from_utf8_lossy(name).into_owned()))
    }

    /// The row of exactly this place.
    pub(crate) fn row<T: DeserializeOwned>(&mut self) -> Result<T, Unreadable> {
        match self.left.next() {
            Some(Ok((path, row))) if path == self.path => {
                serde_json::from_slice(&row).map_err(|error| self.wrong(error.to_string()))
            }
            Some(Err(error)) => Err(error.into()),
            _ => Err(self.wrong("it is missing".to_owned())),
        }
    }

    /// Calls `each` with every name below this place, standing there.
    pub(crate) fn each_below(
        &mut self,
        mut each: impl FnMut(&mut Self, &[u8]) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        let here = self.path.len();
        loop {
            let rest = match self.left.peek() {
                None => return Ok(()),
                Some(Err(_)) => return Err(self.broken()),
                Some(Ok((path, _))) => path.strip_prefix(self.path.as_slice()),
            };
            let Some(rest) = rest.and_then(|rest| rest.strip_prefix(&[0])) else {
                return Ok(());
            };
            let name = rest
                .split(|byte| *byte == 0)
                .next()
                .unwrap_or_default()
                .to_vec();
            self.path.push(0);
            self.path.extend_from_slice(&name);
            let done = each(self, &name);
            // A reader that takes nothing would be called for ever.
            let stuck = matches!(self.left.peek(), Some(Ok((path, _))) if path.starts_with(&self.path)
                && path.get(self.path.len()).is_none_or(|next| *next == 0));
            if done.is_ok() && stuck {
                return Err(self.unknown());
            }
            self.path.truncate(here);
            done?;
        }
    }

    /// A name that is a key.
    pub(crate) fn name<K: DeserializeOwned>(&self, name: &[u8]) -> Result<K, Unreadable> {
        serde_json::from_slice(name).map_err(|error| self.wrong(error.to_string()))
    }

    /// Puts its content into a blob that was read from a row; more than `most` bytes do not stay in memory.
    pub(crate) fn fill(&mut self, blob: &mut Blob, most: u64) -> Result<(), Unreadable> {
        let Some(id) = blob.id() else { return Ok(()) };
        let read = match self.read.get(&id) {
            Some(read) => read.clone(),
            None => {
                let pieces = (self.content)(id, blob.len() > most)?;
                Blob::from_disk(pieces, id, self.store.clone())
            }
        };
        if read.len() != blob.len() {
            let (there, wanted) = (read.len(), blob.len());
            let why = format!("its content has {there} bytes instead of {wanted}");
            return Err(self.wrong(why));
        }
        self.read.insert(id, read.clone());
        *blob = read;
        Ok(())
    }

    /// The content that some row speaks of.
    pub(crate) fn into_used(self) -> HashSet<u64> {
        self.read.into_keys().collect()
    }

    /// Nothing of this name belongs here.
    pub(crate) fn unknown(&self) -> Unreadable {
        self.wrong(
            "this rolecall does not know such a row; a newer one may have written it".to_owned(),
        )
    }

    fn wrong(&self, why: String) -> Unreadable {
        let path = String::from_utf8_lossy(&self.path).replace('\0', "/");
        Unreadable::Row { path, why }
    }

    fn broken(&mut self) -> Unreadable {
        match self.left.next() {
            Some(Err(error)) => error.into(),
            _ => self.wrong("it cannot be read".to_owned()),
        }
    }
}
