//! How long a policy may be.

use crate::findings::Found;
use crate::findings::codes::*;
use crate::findings::document::Document;
use crate::findings::finding::PolicyType;
use crate::json::size_without_blanks;

const SCP: usize = 5_120;
const MANAGED: usize = 6_144;
const BUCKET: usize = 20 * 1024;
const TRUST: usize = 2_048;

/// Blanks count in service control policies and in bucket policies, and not in IAM's own.
pub(super) fn size(document: &Document<'_>, found: &mut Found<'_>) {
    let subject = document.subject;
    let without_blanks = size_without_blanks(document.text);
    let (code, size, quota, what) = match subject.policy_type {
        PolicyType::ServiceControl => (
            &POLICY_SIZE_EXCEEDS_SCP_QUOTA,
            document.text.chars().count(),
            SCP,
            "service control policies",
        ),
        PolicyType::Identity => (
            &POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA,
            without_blanks,
            MANAGED,
            "managed policies, without blanks",
        ),
        PolicyType::Resource if subject.is_trust() => (
            &POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA,
            without_blanks,
            TRUST,
            "trust policies, without blanks",
        ),
        PolicyType::Resource if subject.is_s3() => (
            &POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA,
            document.text.len(),
            BUCKET,
            "bucket policies",
        ),
        PolicyType::Resource | PolicyType::ResourceControl => return,
    };
    if size > quota {
        found.add(
            code,
            format!("The {size} characters of the policy exceed the maximum of {quota} for {what}. Use several smaller policies, or ask for a higher quota where there is one."),
            [document.root.span.clone()],
        );
    }
}
