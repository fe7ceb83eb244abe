//! Which operation a request means, for those that no row serves: so that a request about a sub-resource is never
//! mistaken for a listing or an object. Source: Amazon S3 API Reference, "Actions".

use http::Method;
use std::borrow::Cow;

/// A query parameter that names a sub-resource.
struct Subresource {
    parameter: &'static str,
    /// What it is called in the names of operations on a bucket, and on an object; empty where there is none.
    bucket: &'static str,
    object: &'static str,
}

const fn sub(parameter: &'static str, bucket: &'static str, object: &'static str) -> Subresource {
    Subresource {
        parameter,
        bucket,
        object,
    }
}

const SUBRESOURCES: &[Subresource] = &[
    sub("abac", "BucketAbac", ""),
    sub("accelerate", "BucketAccelerateConfiguration", ""),
    sub("acl", "BucketAcl", "ObjectAcl"),
    sub("analytics", "BucketAnalyticsConfiguration", ""),
    sub("annotation", "", "ObjectAnnotation"),
    sub("attributes", "", "ObjectAttributes"),
    sub("cors", "BucketCors", ""),
    sub("encryption", "BucketEncryption", "ObjectEncryption"),
    sub(
        "intelligent-tiering",
        "BucketIntelligentTieringConfiguration",
        "",
    ),
    sub("inventory", "BucketInventoryConfiguration", ""),
    sub("legal-hold", "", "ObjectLegalHold"),
    sub("lifecycle", "BucketLifecycleConfiguration", ""),
    sub("location", "BucketLocation", ""),
    sub("logging", "BucketLogging", ""),
    sub("metadataConfiguration", "BucketMetadataConfiguration", ""),
    sub(
        "metadataInventoryTable",
        "BucketMetadataInventoryTableConfiguration",
        "",
    ),
    sub(
        "metadataJournalTable",
        "BucketMetadataJournalTableConfiguration",
        "",
    ),
    sub("metadataTable", "BucketMetadataTableConfiguration", ""),
    sub("metrics", "BucketMetricsConfiguration", ""),
    sub("notification", "BucketNotificationConfiguration", ""),
    sub("object-lock", "ObjectLockConfiguration", ""),
    sub("ownershipControls", "BucketOwnershipControls", ""),
    sub("policy", "BucketPolicy", ""),
    sub("policyStatus", "BucketPolicyStatus", ""),
    sub("publicAccessBlock", "PublicAccessBlock", ""),
    sub("renameObject", "", "RenameObject"),
    sub("replication", "BucketReplication", ""),
    sub("requestPayment", "BucketRequestPayment", ""),
    sub("restore", "", "RestoreObject"),
    sub("retention", "", "ObjectRetention"),
    sub("select", "", "SelectObjectContent"),
    sub("session", "Session", ""),
    sub("tagging", "BucketTagging", "ObjectTagging"),
    sub("torrent", "", "ObjectTorrent"),
    sub("versioning", "BucketVersioning", ""),
    sub("versions", "ObjectVersions", ""),
    sub("website", "BucketWebsite", ""),
];

/// Operations whose names are not a verb and the sub-resource: method, parameter, on an object, name.
const NAMED: &[(&str, &str, bool, &str)] = &[
    ("DELETE", "lifecycle", false, "DeleteBucketLifecycle"),
    ("DELETE", "uploadId", true, "AbortMultipartUpload"),
    ("GET", "session", false, "CreateSession"),
    ("GET", "uploadId", true, "ListParts"),
    ("GET", "uploads", false, "ListMultipartUploads"),
    ("GET", "versions", false, "ListObjectVersions"),
    ("POST", "delete", false, "DeleteObjects"),
    (
        "POST",
        "metadataConfiguration",
        false,
        "CreateBucketMetadataConfiguration",
    ),
    (
        "POST",
        "metadataTable",
        false,
        "CreateBucketMetadataTableConfiguration",
    ),
    ("POST", "restore", true, "RestoreObject"),
    ("POST", "select", true, "SelectObjectContent"),
    ("POST", "uploadId", true, "CompleteMultipartUpload"),
    ("POST", "uploads", true, "CreateMultipartUpload"),
    ("PUT", "encryption", true, "UpdateObjectEncryption"),
    (
        "PUT",
        "metadataInventoryTable",
        false,
        "UpdateBucketMetadataInventoryTableConfiguration",
    ),
    (
        "PUT",
        "metadataJournalTable",
        false,
        "UpdateBucketMetadataJournalTableConfiguration",
    ),
    ("PUT", "renameObject", true, "RenameObject"),
    ("PUT", "uploadId", true, "UploadPart"),
];

/// Configurations of which a bucket has several: without an id all of them are listed.
const SEVERAL: &[&str] = &["analytics", "intelligent-tiering", "inventory", "metrics"];

type Query<'a> = [(Cow<'a, str>, Cow<'a, str>)];

/// The operation that a request means, as far as a sub-resource tells, and the parameter that tells it; none for listings
/// and plain objects.
pub(super) fn operation(
    method: &Method,
    on_object: bool,
    query: &Query<'_>,
) -> Option<(String, &'static str)> {
    let names = query.iter().map(|(name, _)| name.as_ref());
    let named = names.clone().find_map(|parameter| {
        let is = |row: &&(&str, &str, bool, &str)| {
            row.0 == method.as_str() && row.1 == parameter && row.2 == on_object
        };
        NAMED.iter().find(is).map(|row| (row.3.to_owned(), row.1))
    });
    if named.is_some() {
        return named;
    }
    let found = names
        .filter_map(|name| SUBRESOURCES.iter().find(|known| known.parameter == name))
        .next()?;
    let verb = match method.as_str() {
        "GET" | "HEAD" => "Get",
        "PUT" | "POST" => "Put",
        "DELETE" => "Delete",
        other => other,
    };
    let noun = if on_object {
        found.object
    } else {
        found.bucket
    };
    let several = SEVERAL.contains(&found.parameter)
        && verb == "Get"
        && !query.iter().any(|(name, _)| name == "id");
    let name = match noun {
        // Nothing of AWS's; what was asked for is said as it came.
        "" => format!("{method} ?{}", found.parameter),
        noun if several => format!("List{noun}s"),
        noun => format!("{verb}{noun}"),
    };
    Some((name, found.parameter))
}

/// What a request without a sub-resource is called when no row serves it.
pub(super) fn plain(method: &Method, on_object: bool, at_root: bool) -> String {
    match (method.as_str(), on_object) {
        ("POST", false) if !at_root => "PostObject".to_owned(),
        (method, _) => method.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_resources_have_their_operations_names() {
        let of = |method: Method, on_object, text: &str| {
            let query: Vec<_> = form_urlencoded::parse(text.as_bytes()).collect();
            let (name, _) = operation(&method, on_object, &query).unwrap_or_default();
            name
        };
        assert_eq!(of(Method::GET, false, "acl"), "GetBucketAcl");
        assert_eq!(of(Method::PUT, true, "acl"), "PutObjectAcl");
        assert_eq!(
            of(Method::GET, false, "inventory"),
            "ListBucketInventoryConfigurations"
        );
        assert_eq!(
            of(Method::GET, false, "inventory&id=x"),
            "GetBucketInventoryConfiguration"
        );
        assert_eq!(of(Method::POST, true, "restore"), "RestoreObject");
        assert_eq!(
            of(Method::PUT, true, "partNumber=1&uploadId=x"),
            "UploadPart"
        );
        assert_eq!(of(Method::GET, true, "policy"), "GET ?policy");
        assert_eq!(of(Method::GET, false, "prefix=acl"), "");
        assert_eq!(of(Method::GET, true, "versionId=x"), "");
    }
}
