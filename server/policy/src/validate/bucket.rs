//! Unlike IAM, S3 checks that an action exists and that one of the statement's resources is its kind.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>

use crate::action::ActionPattern;
use crate::raw::{RawStatement, Word};
use crate::trouble::{Found, Trouble};
use crate::{Context, PolicyKind};

/// Actions on a bucket.
const BUCKET: &[&str] = &[
    "AllowVendedLogDeliveryForResource",
    "AssociateAccessGrantsIdentityCenter",
    "CreateBucket",
    "CreateBucketMetadataTableConfiguration",
    "DeleteBucket",
    "DeleteBucketMetadataTableConfiguration",
    "DeleteBucketPolicy",
    "DeleteBucketWebsite",
    "GetAccelerateConfiguration",
    "GetAnalyticsConfiguration",
    "GetBucketABAC",
    "GetBucketAcl",
    "GetBucketCORS",
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketMetadataTableConfiguration",
    "GetBucketNotification",
    "GetBucketObjectLockConfiguration",
    "GetBucketOwnershipControls",
    "GetBucketPolicy",
    "GetBucketPolicyStatus",
    "GetBucketPublicAccessBlock",
    "GetBucketRequestPayment",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetBucketWebsite",
    "GetEncryptionConfiguration",
    "GetIntelligentTieringConfiguration",
    "GetInventoryConfiguration",
    "GetLifecycleConfiguration",
    "GetMetricsConfiguration",
    "GetReplicationConfiguration",
    "ListBucket",
    "ListBucketMultipartUploads",
    "ListBucketVersions",
    "ListTagsForResource",
    "PauseReplication",
    "PutAccelerateConfiguration",
    "PutAnalyticsConfiguration",
    "PutBucketABAC",
    "PutBucketAcl",
    "PutBucketCORS",
    "PutBucketLogging",
    "PutBucketNotification",
    "PutBucketObjectLockConfiguration",
    "PutBucketOwnershipControls",
    "PutBucketPolicy",
    "PutBucketPublicAccessBlock",
    "PutBucketRequestPayment",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutBucketWebsite",
    "PutEncryptionConfiguration",
    "PutIntelligentTieringConfiguration",
    "PutInventoryConfiguration",
    "PutLifecycleConfiguration",
    "PutMetricsConfiguration",
    "PutReplicationConfiguration",
    "TagResource",
    "UntagResource",
    "UpdateBucketMetadataAnnotationTableConfiguration",
    "UpdateBucketMetadataInventoryTableConfiguration",
    "UpdateBucketMetadataJournalTableConfiguration",
];

/// Actions on an object.
const OBJECT: &[&str] = &[
    "AbortMultipartUpload",
    "BypassGovernanceRetention",
    "DeleteObject",
    "DeleteObjectAnnotation",
    "DeleteObjectTagging",
    "DeleteObjectVersion",
    "DeleteObjectVersionAnnotation",
    "DeleteObjectVersionTagging",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAnnotation",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "GetObjectTorrent",
    "GetObjectVersion",
    "GetObjectVersionAcl",
    "GetObjectVersionAnnotation",
    "GetObjectVersionAnnotationForReplication",
    "GetObjectVersionAttributes",
    "GetObjectVersionForReplication",
    "GetObjectVersionTagging",
    "GetObjectVersionTorrent",
    "InitiateReplication",
    "ListMultipartUploadParts",
    "ListObjectAnnotations",
    "ListObjectVersionAnnotations",
    "ObjectOwnerOverrideToBucketOwner",
    "PutObject",
    "PutObjectAcl",
    "PutObjectAnnotation",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "PutObjectVersionAcl",
    "PutObjectVersionAnnotation",
    "PutObjectVersionTagging",
    "ReplicateDelete",
    "ReplicateObject",
    "ReplicateObjectAnnotation",
    "ReplicateTags",
    "RestoreObject",
    "UpdateObjectEncryption",
];

pub(super) fn check(statement: &RawStatement, found: &mut Vec<Found>) {
    let (Some(actions), Some(resources)) = (&statement.action, &statement.resource) else {
        return;
    };
    for word in actions.values.iter().filter(|word| is_plain_s3(word)) {
        let pattern = ActionPattern::compile(&word.text, word.span.clone());
        let covers = |names: &[&str]| {
            let context = Context::new();
            names.iter().any(|name| {
                pattern
                    .pattern
                    .matches(&format!("s3:{}", name.to_ascii_lowercase()), &context)
            })
        };
        let (bucket, object) = (covers(BUCKET), covers(OBJECT));
        if !bucket && !object {
            found.push(Found::at(
                Trouble::ActionForeign(word.text.clone()),
                word.span.clone(),
            ));
            continue;
        }
        let fits = |word: &Word| {
            (bucket && may_be_bucket(&word.text)) || (object && may_be_object(&word.text))
        };
        let known = !resources.values.is_empty()
            && resources
                .values
                .iter()
                .all(|word| word.text.starts_with("arn:"));
        if known && !actions.negated && !resources.negated && !resources.values.iter().any(fits) {
            let trouble = Trouble::ActionUnfit {
                action: word.text.clone(),
                object,
            };
            found.push(Found::at(trouble, word.span.clone()));
        }
    }
}

/// An action of plain S3 and of the right shape; the others have their own checks.
fn is_plain_s3(word: &Word) -> bool {
    word.text
        .split_once(':')
        .is_some_and(|(vendor, name)| vendor.eq_ignore_ascii_case("s3") && !name.contains(':'))
}

/// A pattern with a star before any slash may be both.
fn may_be_object(resource: &str) -> bool {
    resource.contains(['/', '*'])
}

fn may_be_bucket(resource: &str) -> bool {
    resource
        .split_once('/')
        .is_none_or(|(bucket, _)| bucket.contains('*'))
}

/// Whether this kind of policy is checked so.
pub(super) fn applies_to(kind: PolicyKind) -> bool {
    kind == PolicyKind::Bucket
}
