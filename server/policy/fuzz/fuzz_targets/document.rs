//! No text makes the parser panic, and what it takes can be read back from its own spans.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall_policy::{DuplicateKeys, Part, Policy, PolicyKind};

const KINDS: [PolicyKind; 9] = [
    PolicyKind::Identity,
    PolicyKind::Session,
    PolicyKind::Boundary,
    PolicyKind::Trust,
    PolicyKind::Bucket,
    PolicyKind::Resource,
    PolicyKind::Scp,
    PolicyKind::Rcp,
    PolicyKind::Endpoint,
];
const PARTS: [Part; 6] = [
    Part::Sid,
    Part::Effect,
    Part::Principal,
    Part::Action,
    Part::Resource,
    Part::Condition,
];

fuzz_target!(|text: &str| {
    for kind in KINDS {
        for keys in [DuplicateKeys::Refuse, DuplicateKeys::Last] {
            match Policy::parse_with(text, kind, keys) {
                Ok(policy) => check(&policy, text),
                Err(faults) => {
                    for fault in faults.iter() {
                        assert!(text.get(fault.span.clone()).is_some(), "{fault:?}");
                        assert!(
                            fault
                                .also
                                .iter()
                                .all(|(span, _)| text.get(span.clone()).is_some()),
                            "{fault:?}"
                        );
                        assert!(
                            !fault.message.is_empty() && !fault.why.is_empty(),
                            "{fault:?}"
                        );
                    }
                }
            }
        }
    }
});

fn check(policy: &Policy, text: &str) {
    assert_eq!(policy.text(), text);
    assert!(policy.size() <= text.chars().count());
    for statement in policy.statements() {
        assert!(
            text.get(statement.span())
                .is_some_and(|text| text.starts_with('{') && text.ends_with('}'))
        );
        for span in PARTS.iter().filter_map(|part| statement.span_of(*part)) {
            assert!(text.get(span).is_some());
        }
        for pattern in statement.actions().chain(statement.resources()) {
            assert!(text.get(pattern.span).is_some());
        }
        for condition in statement.conditions() {
            assert!(text.get(condition.span).is_some());
            assert!(
                condition
                    .values
                    .iter()
                    .all(|value| text.get(value.span.clone()).is_some())
            );
        }
        assert!(
            statement
                .principals()
                .all(|principal| text.get(principal.span).is_some())
        );
    }
}
