//! Equal documents are one policy: most roles trust the same service with the same words, so a document that stands
//! somewhere already is neither compiled nor kept again.

use rolecall_policy::{Faults, Policy, PolicyKind};
use serde::{Deserialize, Deserializer};
use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher as _,
    sync::{Arc, LazyLock, Mutex, PoisonError, Weak},
};

/// Every policy that is bound to nobody, by the hash of its kind and text. Of two with one hash the later one is found.
static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
static HASH: LazyLock<RandomState> = LazyLock::new(RandomState::new);

#[derive(Default)]
struct Known {
    policies: HashMap<u64, Weak<Policy>>,
    /// How many there may be before those that nobody has any more are looked for.
    enough: usize,
}

/// The policy that a document says, compiled now or when it was first seen.
pub(crate) fn policy(text: &str, kind: PolicyKind) -> Result<Arc<Policy>, Faults> {
    match Known::find(text, kind) {
        Some(known) => Ok(known),
        None => Ok(Known::keep(Policy::parse(text, kind)?)),
    }
}

/// A policy from its row.
pub(crate) fn from_row<'de, D: Deserializer<'de>>(row: D) -> Result<Arc<Policy>, D::Error> {
    let policy = Policy::deserialize(row)?;
    if policy.principals().any(|principal| principal.id.is_some()) {
        return Ok(Arc::new(policy));
    }
    Ok(match Known::find(policy.text(), policy.kind()) {
        Some(known) => known,
        None => Known::keep(policy),
    })
}

/// A policy from its row, where there may be none.
pub(crate) fn from_row_if_any<'de, D: Deserializer<'de>>(
    row: D,
) -> Result<Option<Arc<Policy>>, D::Error> {
    #[derive(Deserialize)]
    struct Row(#[serde(deserialize_with = "from_row")] Arc<Policy>);
    Ok(Option::<Row>::deserialize(row)?.map(|row| row.0))
}

impl Known {
    fn find(text: &str, kind: PolicyKind) -> Option<Arc<Policy>> {
        let hash = HASH.hash_one((kind, text));
        let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let policy = known.policies.get(&hash)?.upgrade()?;
        drop(known);
        (policy.kind() == kind && policy.text() == text).then_some(policy)
    }

    fn keep(policy: Policy) -> Arc<Policy> {
        let hash = HASH.hash_one((policy.kind(), policy.text()));
        let policy = Arc::new(policy);
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if known.policies.len() >= known.enough {
            known.policies.retain(|_, policy| policy.strong_count() > 0);
            known.enough = 2 * known.policies.len() + 64;
        }
        known.policies.insert(hash, Arc::downgrade(&policy));
        policy
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn document(bucket: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::{bucket}"}}}}"#
        )
    }

    #[test]
    fn equal_documents_are_one_policy() {
        let text = document("equal-documents");
        let first = policy(&text, PolicyKind::Identity).unwrap();
        let again = policy(&text, PolicyKind::Identity).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        let session = policy(&text, PolicyKind::Session).unwrap();
        assert_eq!(session.kind(), PolicyKind::Session);
        let spaced = policy(&format!("{text} "), PolicyKind::Identity).unwrap();
        assert_ne!(spaced.text(), first.text());
        assert!(policy("{", PolicyKind::Identity).is_err());
    }

    #[test]
    fn a_row_is_the_policy_that_is_there_unless_it_is_bound_to_somebody() {
        let read = |row: &str| from_row(&mut serde_json::Deserializer::from_str(row)).unwrap();
        let text = document("a-row");
        let first = policy(&text, PolicyKind::Identity).unwrap();
        let row = serde_json::to_string(&*first).unwrap();
        assert!(Arc::ptr_eq(&first, &read(&row)));

        let trust = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::123456789012:user/ana"}}}"#;
        let free = policy(trust, PolicyKind::Trust).unwrap();
        let bound = Policy::clone(&free).with_principal_ids(|_| Some("AIDAANA".to_owned()));
        let bound = read(&serde_json::to_string(&bound).unwrap());
        let id = |policy: &Policy| policy.principals().find_map(|it| it.id.map(str::to_owned));
        assert_eq!(id(&bound).as_deref(), Some("AIDAANA"));
        assert_eq!(id(&policy(trust, PolicyKind::Trust).unwrap()), None);
    }

    #[test]
    fn what_nobody_has_is_forgotten() {
        let text = document("forgotten");
        let weak = Arc::downgrade(&policy(&text, PolicyKind::Identity).unwrap());
        assert!(weak.upgrade().is_none());
        for n in 0..1000 {
            policy(&document(&format!("forgotten-{n}")), PolicyKind::Identity).unwrap();
        }
        let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(known.policies.len() < 500, "{}", known.policies.len());
    }
}
