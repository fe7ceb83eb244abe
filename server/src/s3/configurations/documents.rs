//! The documents that a bucket keeps.

use crate::{
    s3::xml::{self, Element},
    wire::{Tag, write_xml},
    world::Text,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use std::{collections::BTreeMap, sync::Arc};

/// The configurations of a bucket, by root element; those of which there are several also by id.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    one: BTreeMap<Text, Arc<Element>>,
    several: BTreeMap<Text, BTreeMap<Text, Arc<Element>>>,
}

impl Documents {
    /// The configuration with this root element.
    pub(in crate::s3) fn one(&self, root: &str) -> Option<&Element> {
        self.one.get(root).map(|document| &**document)
    }

    /// Keeps a configuration in place of the one before.
    pub(in crate::s3) fn set(&mut self, root: &str, document: Element) {
        self.one.insert(root.into(), Arc::new(document));
    }

    /// Forgets a configuration.
    pub(in crate::s3) fn remove(&mut self, root: &str) {
        self.one.remove(root);
    }

    /// The configurations with this root element, in the order of their ids.
    pub(in crate::s3) fn several(
        &self,
        root: &str,
    ) -> impl Iterator<Item = (&Text, &Arc<Element>)> + use<'_> {
        self.several.get(root).into_iter().flatten()
    }

    /// The configurations with this root element, to change.
    pub(in crate::s3) fn several_mut(&mut self, root: &str) -> &mut BTreeMap<Text, Arc<Element>> {
        self.several.entry(root.into()).or_default()
    }
}

/// The same as texts: XML, as the client's was.
#[derive(Serialize, Deserialize)]
struct Texts {
    one: BTreeMap<Text, String>,
    several: BTreeMap<Text, BTreeMap<Text, String>>,
}

type All<T> = BTreeMap<Text, T>;

fn each<T, U, E>(all: &All<T>, to: impl Fn(&T) -> Result<U, E>) -> Result<All<U>, E> {
    let pairs = all.iter().map(|(name, it)| Ok((name.clone(), to(it)?)));
    pairs.collect()
}

impl Serialize for Documents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |it: &Arc<Element>| {
            let mut text = String::new();
            write_xml(&mut text, Tag::named(it.name()), &**it).map(|()| text)
        };
        let texts = each(&self.one, text).and_then(|one| {
            let several = each(&self.several, |all| each(all, text))?;
            Ok(Texts { one, several })
        });
        texts.map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Documents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Texts::deserialize(deserializer)?;
        let read = |text: &String| {
            let element = xml::read(text).map(Arc::new);
            element.ok_or_else(|| D::Error::custom("a configuration is not XML"))
        };
        Ok(Self {
            one: each(&texts.one, read)?,
            several: each(&texts.several, |all| each(all, read))?,
        })
    }
}
