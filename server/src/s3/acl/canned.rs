//! Canned ACLs. Source: S3 User Guide, "Access control list (ACL) overview", canned ACL.

use super::{Grant, Group, On, Permission};
use crate::world::Text;

/// The grants that the canned ACL `name` stands for; none when there is no such ACL. The owner's comes first.
pub(super) fn grants(name: &str, owner: &Text, bucket_owner: &Text, on: On) -> Option<Vec<Grant>> {
    use Permission::{FullControl, Read, ReadAcp, Write};
    let more = match (name, on) {
        ("private", _) => vec![],
        ("public-read", _) => vec![Grant::to_group(Group::AllUsers, Read)],
        ("public-read-write", _) => vec![
            Grant::to_group(Group::AllUsers, Read),
            Grant::to_group(Group::AllUsers, Write),
        ],
        ("authenticated-read", _) => vec![Grant::to_group(Group::AuthenticatedUsers, Read)],
        // EC2's own account, which nobody here can be.
        ("aws-exec-read", _) => vec![],
        // "If you specify these when you create a bucket, Amazon S3 ignores them."
        ("bucket-owner-read" | "bucket-owner-full-control", On::Bucket) => vec![],
        ("bucket-owner-read" | "bucket-owner-full-control", On::Object)
            if owner == bucket_owner =>
        {
            vec![]
        }
        ("bucket-owner-read", On::Object) => vec![Grant::to_account(bucket_owner, Read)],
        ("bucket-owner-full-control", On::Object) => {
            vec![Grant::to_account(bucket_owner, FullControl)]
        }
        ("log-delivery-write", On::Bucket) => vec![
            Grant::to_group(Group::LogDelivery, Write),
            Grant::to_group(Group::LogDelivery, ReadAcp),
        ],
        ("log-delivery-write", On::Object) => vec![],
        _ => return None,
    };
    let own = Grant::to_account(owner, FullControl);
    Some(std::iter::once(own).chain(more).collect())
}
