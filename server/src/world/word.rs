//! Words that the code knows by heart, such as the names of partitions and headers: there are few, so those that come
//! from disk stay in memory.

use serde::{Deserialize, Deserializer};
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// Such a word.
pub type Word = &'static str;

static KNOWN: Mutex<BTreeSet<Word>> = Mutex::new(BTreeSet::new());

fn known(text: &str) -> Word {
    let mut all = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(word) = all.get(text) {
        return word;
    }
    let word: Word = String::leak(text.to_owned());
    all.insert(word);
    word
}

/// Reads a word.
pub(crate) fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
    Ok(known(&String::deserialize(deserializer)?))
}

/// Reads pairs of a word and a value.
pub(crate) fn in_pairs<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<(Word, V)>, D::Error> {
    let pairs = Vec::<(String, V)>::deserialize(deserializer)?;
    Ok(pairs
        .into_iter()
        .map(|(name, value)| (known(&name), value))
        .collect())
}
