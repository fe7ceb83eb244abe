//! The annotations of an object as they are kept.

use crate::{
    s3::{checksum::Checksum, etag::Etag},
    world::{Blob, Text},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, ops::Bound, sync::Arc};

/// The annotations of one version of an object, by name. Copies share them; few objects have any.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Annotations(Option<Arc<BTreeMap<Text, Annotation>>>);

/// A named text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Annotation {
    /// Its bytes, which are UTF-8.
    pub(super) blob: Blob,
    pub(super) etag: Etag,
    pub(super) modified: Timestamp,
    pub(super) checksum: Option<Checksum>,
}

impl Annotations {
    /// No annotation.
    pub(crate) const NONE: Self = Self(None);

    /// The most that an object has.
    const MOST: usize = 1000;

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What their bytes are kept in.
    pub(crate) fn blobs(&self) -> impl Iterator<Item = &Blob> {
        let all = self.0.iter().flat_map(|all| all.values());
        all.map(|annotation| &annotation.blob)
    }

    /// The same, to fill.
    pub(crate) fn blobs_mut(&mut self) -> impl Iterator<Item = &mut Blob> {
        let all = self
            .0
            .iter_mut()
            .flat_map(|all| Arc::make_mut(all).values_mut());
        all.map(|annotation| &mut annotation.blob)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Annotation> {
        self.0.as_ref()?.get(name)
    }

    /// Whether one more would be too many.
    pub(super) fn is_full_for(&self, name: &str) -> bool {
        let full =
            |all: &BTreeMap<Text, Annotation>| all.len() >= Self::MOST && !all.contains_key(name);
        self.0.as_deref().is_some_and(full)
    }

    pub(super) fn put(&mut self, name: &str, annotation: Annotation) {
        Arc::make_mut(self.0.get_or_insert_default()).insert(name.into(), annotation);
    }

    /// Takes one away, if it is there.
    pub(super) fn remove(&mut self, name: &str) {
        let Some(all) = &mut self.0 else { return };
        Arc::make_mut(all).remove(name);
        if all.is_empty() {
            self.0 = None;
        }
    }

    /// Those whose names begin with `prefix` and come after `after`, by name.
    pub(super) fn page<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&str>,
    ) -> impl Iterator<Item = (&'a Text, &'a Annotation)> {
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after.to_owned()),
            _ => Bound::Included(prefix.to_owned()),
        };
        let all = self.0.iter().flat_map(move |all| {
            let from = from.as_ref().map(String::as_str);
            all.range::<str, _>((from, Bound::Unbounded))
        });
        all.take_while(move |(name, _)| name.starts_with(prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotation() -> Annotation {
        Annotation {
            blob: Blob::default(),
            etag: Etag::whole([0; 16]),
            modified: Timestamp::UNIX_EPOCH,
            checksum: None,
        }
    }

    #[test]
    fn pages_go_on_where_the_last_one_ended() {
        let mut all = Annotations::default();
        for name in ["a", "b/1", "b/2", "b/3", "c"] {
            all.put(name, annotation());
        }
        let names = |prefix: &str, after: Option<&str>| {
            let page = all.page(prefix, after);
            page.map(|(name, _)| name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names("b/", None), ["b/1", "b/2", "b/3"]);
        assert_eq!(names("b/", Some("b/1")), ["b/2", "b/3"]);
        assert_eq!(names("b/", Some("a")), ["b/1", "b/2", "b/3"]);
        assert_eq!(names("", Some("b/3")), ["c"]);
        assert_eq!(names("d", None), Vec::<String>::new());
    }

    #[test]
    fn a_thousand_are_enough() {
        let mut all = Annotations::default();
        for n in 0..Annotations::MOST {
            assert!(!all.is_full_for("one more"), "{n}");
            all.put(&format!("n{n}"), annotation());
        }
        assert!(all.is_full_for("one more"));
        assert!(!all.is_full_for("n7"), "what is there can be replaced");
        all.remove("n7");
        assert!(!all.is_full_for("one more"));
    }

    #[test]
    fn the_last_one_leaves_nothing() {
        let mut all = Annotations::default();
        all.put("a", annotation());
        let copy = all.clone();
        all.remove("b");
        all.remove("a");
        assert!(all.is_empty() && !copy.is_empty());
    }
}
