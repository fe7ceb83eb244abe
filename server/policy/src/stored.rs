//! A policy as data: its text, what it hangs on, and whom it is bound to. Reading it compiles it again.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{DuplicateKeys, Policy, PolicyKind};

#[derive(Deserialize)]
struct Stored {
    text: String,
    kind: PolicyKind,
    #[serde(default)]
    ids: BTreeMap<String, String>,
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bound = self
            .principals()
            .filter_map(|principal| Some((principal.value, principal.id?)));
        let mut stored = serializer.serialize_struct("Policy", 3)?;
        stored.serialize_field("text", self.text())?;
        stored.serialize_field("kind", &self.kind())?;
        stored.serialize_field("ids", &bound.collect::<BTreeMap<_, _>>())?;
        stored.end()
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        // It was accepted once; that a key is repeated was known then.
        let policy = Self::parse_with(&stored.text, stored.kind, DuplicateKeys::Last)
            .map_err(D::Error::custom)?;
        let bound = |name: &str| stored.ids.get(name).cloned();
        Ok(policy.with_principal_ids(bound).with_canonical_users(bound))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn comes_back_bound_to_the_same_people() {
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
            "Principal":{"AWS":["arn:aws:iam::123456789012:user/ana","arn:aws:iam::123456789012:root"]}}}"#;
        let ana = "arn:aws:iam::123456789012:user/ana";
        let policy = Policy::parse(text, PolicyKind::Trust)
            .unwrap()
            .with_principal_ids(|arn| (arn == ana).then(|| "AIDAANA".to_owned()));
        let stored = serde_json::to_string(&policy).unwrap();
        let again: Policy = serde_json::from_str(&stored).unwrap();
        assert_eq!(again.text(), text);
        assert_eq!(again.principal_id(ana).as_deref(), Some("AIDAANA"));
        assert_eq!(serde_json::to_string(&again).unwrap(), stored);
        let canonical = format!(
            r#"{{"Statement":{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*",
            "Principal":{{"CanonicalUser":"{}"}}}}}}"#,
            "a".repeat(64)
        );
        let policy = Policy::parse(&canonical, PolicyKind::Bucket)
            .unwrap()
            .with_canonical_users(|_| Some("123456789012".to_owned()));
        let again: Policy = serde_json::from_str(&serde_json::to_string(&policy).unwrap()).unwrap();
        let bound: Vec<_> = again.principals().map(|it| it.id).collect();
        assert_eq!(bound, [Some("123456789012")]);
        let broken = stored.replace("2012-10-17", "2012-10-18");
        assert!(serde_json::from_str::<Policy>(&broken).is_err());
    }
}
