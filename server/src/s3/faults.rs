//! S3's own refusals, in AWS's words.

use crate::wire::Fault;

/// `NoSuchBucket`
pub(super) fn no_such_bucket(name: &str) -> Fault {
    Fault::service(404, "NoSuchBucket", "The specified bucket does not exist")
        .detail("BucketName", name)
}

/// `NoSuchKey`
pub(super) fn no_such_key(key: &str) -> Fault {
    Fault::service(404, "NoSuchKey", "The specified key does not exist.").detail("Key", key)
}

/// `NoSuchVersion`
pub(super) fn no_such_version(key: &str, version: &str) -> Fault {
    Fault::service(
        404,
        "NoSuchVersion",
        "The specified version does not exist.",
    )
    .detail("Key", key)
    .detail("VersionId", version)
}

/// A refusal that no policy explains and that AWS does not explain either.
pub(super) fn access_denied() -> Fault {
    Fault::service(403, "AccessDenied", "Access Denied")
}

/// `InvalidArgument`
pub(super) fn invalid_argument(
    message: impl Into<String>,
    name: &str,
    value: impl Into<String>,
) -> Fault {
    Fault::service(400, "InvalidArgument", message)
        .detail("ArgumentName", name)
        .detail("ArgumentValue", value)
}

/// `InvalidRequest`
pub(super) fn invalid_request(message: impl Into<String>) -> Fault {
    Fault::service(400, "InvalidRequest", message)
}

/// `MalformedXML`
pub(super) fn malformed_xml() -> Fault {
    Fault::service(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

/// `MissingRequestBodyError`
pub(super) fn no_body() -> Fault {
    Fault::service(400, "MissingRequestBodyError", "Request Body is empty")
}

/// A header that asks for something rolecall does not have. AWS says the same of its own gaps.
pub(super) fn not_implemented(header: &str) -> Fault {
    Fault::service(
        501,
        "NotImplemented",
        "A header you provided implies functionality that is not implemented",
    )
    .detail("Header", header)
}

/// `PreconditionFailed`
pub(super) fn precondition_failed(condition: &str) -> Fault {
    Fault::service(
        412,
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
    )
    .detail("Condition", condition)
}

/// `OperationAborted`, which clients try again after.
pub(super) fn changed_meanwhile() -> Fault {
    Fault::service(
        409,
        "OperationAborted",
        "A conflicting conditional operation is currently in progress against this resource. Please try again.",
    )
}

/// `AccessControlListNotSupported`
pub(super) fn no_acls() -> Fault {
    Fault::service(
        400,
        "AccessControlListNotSupported",
        "The bucket does not allow ACLs",
    )
}

/// `InvalidBucketAclWithObjectOwnership`
pub(super) fn no_acls_in_enforced() -> Fault {
    Fault::service(
        400,
        "InvalidBucketAclWithObjectOwnership",
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    )
}

/// `MalformedACLError`
pub(super) fn malformed_acl() -> Fault {
    Fault::service(
        400,
        "MalformedACLError",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

/// Grants to e-mail addresses ended on 1 October 2025.
/// Source: S3 User Guide, "Access control list (ACL) overview".
pub(super) fn no_email_grants() -> Fault {
    Fault::service(
        405,
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
    )
}

/// `MethodNotAllowed` for a delete marker.
pub(super) fn delete_marker(method: &str) -> Fault {
    Fault::service(
        405,
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
    )
    .detail("Method", method)
    .detail("ResourceType", "DeleteMarker")
    .header("allow", "DELETE")
}
