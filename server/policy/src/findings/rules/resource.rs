//! Resources.

use super::arn;
use crate::findings::Found;
use crate::findings::codes::*;
use crate::findings::document::{Document, Text};

const RESOURCES: [&str; 2] = ["Resource", "NotResource"];

fn each<'t>(document: &Document<'t>) -> impl Iterator<Item = Text<'t>> {
    document
        .statements
        .iter()
        .flat_map(|statement| statement.texts(RESOURCES))
}

pub(super) fn arns(document: &Document<'_>, found: &mut Found<'_>) {
    // A trust policy has no resource at all; that is said elsewhere.
    if document.subject.is_trust() {
        return;
    }
    for resource in each(document).filter(|resource| resource.text != "*") {
        for fault in arn::faults(resource.text) {
            found.add(
                fault.code,
                fault.details,
                [resource.part(fault.part, document.text)],
            );
        }
    }
}

/// A bucket's policy is about that bucket.
pub(super) fn fits_policy(document: &Document<'_>, found: &mut Found<'_>) {
    if !document.subject.is_s3() {
        return;
    }
    for resource in each(document) {
        let fields = arn::fields(resource.text);
        if let [_, _, (_, vendor), ..] = fields.as_slice()
            && !vendor.starts_with("s3")
            && !vendor.contains(['*', '?'])
        {
            found.add(
                &UNSUPPORTED_RESOURCE_ARN_IN_POLICY,
                format!(
                    "The resource ARN `{}` is not supported in the policy of a bucket or access point.",
                    resource.text
                ),
                [resource.span()],
            );
        }
    }
}
