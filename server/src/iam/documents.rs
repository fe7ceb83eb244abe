//! Policy documents on their way in and out.

use super::{faults, names::DOCUMENT};
use crate::{
    wire::{Constraints, Fault},
    world,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rolecall_policy::{Policy, PolicyKind};
use std::sync::Arc;

/// Characters of a managed policy, without white space. Source: IAM User Guide, "IAM and AWS STS quotas".
const MANAGED: usize = 6144;

/// Everything but what RFC 3986 leaves alone.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A document as IAM returns it.
pub(super) fn encoded(text: &str) -> String {
    // A document is full of quotation marks and spaces, each of which becomes three characters.
    let mut encoded = String::with_capacity(text.len() * 2);
    encoded.extend(utf8_percent_encode(text, ENCODED));
    encoded
}

/// The bounds that are looked at before anybody is asked.
pub(super) fn bounds(constraints: Constraints, member: &str, text: &str) -> Constraints {
    constraints.text(member, Some(text), &DOCUMENT)
}

/// Reads a document; its first fault is AWS's answer.
pub(super) fn read(text: &str, kind: PolicyKind) -> Result<Arc<Policy>, Fault> {
    world::policy(text, kind)
        .map_err(|faults| Fault::document(400, "MalformedPolicyDocument", text, &faults))
}

/// Reads the document of a managed policy.
pub(super) fn managed(text: &str) -> Result<Arc<Policy>, Fault> {
    let policy = read(text, PolicyKind::Identity)?;
    if policy.size() > MANAGED {
        return Err(faults::quota("PolicySize", MANAGED));
    }
    Ok(policy)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn documents_are_encoded_as_rfc_3986_says() {
        assert_eq!(
            encoded("{\"a\": \"b*c~d\"}"),
            "%7B%22a%22%3A%20%22b%2Ac~d%22%7D"
        );
    }

    #[test]
    fn white_space_does_not_count() {
        let statement = |padding: &str, resource: &str| {
            format!(
                r#"{{"Version":"2012-10-17",{padding}"Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::{resource}"}}}}"#
            )
        };
        assert!(managed(&statement(&" ".repeat(9000), "b")).is_ok());
        let fault = managed(&statement("", &"b".repeat(6144))).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "LimitExceeded: Cannot exceed quota for PolicySize: 6144"
        );
        let fault = managed("{").unwrap_err();
        assert_eq!(
            fault.to_string(),
            "MalformedPolicyDocument: Syntax errors in policy."
        );
    }
}
