//! The operations that can be called, as data: where each one goes and what its parameters are.
//!
//! A row is `name, HTTP, parameters`. HTTP is written as Smithy writes it (empty for the query
//! protocol). A parameter is its name in the API and marks:
//!
//! | mark | meaning |
//! | --- | --- |
//! | `!` | required |
//! | `[]` | a list; `[]{}` a list of structures |
//! | `{}` | a structure or a map |
//! | `?` `#` `&` | a boolean, a whole number, bytes |
//! | `@h` | travels as header `h`; `@h*` as one header for each entry |
//! | `=q` | travels in the query string as `q` |
//! | `=` alone | is the body |
//!
//! A parameter that stands in the path of its row travels there.

use std::fmt;

/// A service of the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// AWS Identity and Access Management.
    Iam,
    /// AWS Security Token Service.
    Sts,
    /// Amazon S3.
    S3,
    /// Amazon Pinpoint.
    Pinpoint,
}

impl Service {
    /// All of them.
    pub const ALL: [Service; 4] = [Service::Iam, Service::Sts, Service::S3, Service::Pinpoint];

    /// The name used in a scenario and on the AWS command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Service::Iam => "iam",
            Service::Sts => "sts",
            Service::S3 => "s3",
            Service::Pinpoint => "pinpoint",
        }
    }

    /// The name in the scope of a signature and before the colon of an action.
    #[must_use]
    pub fn signing_name(self) -> &'static str {
        match self {
            Service::Pinpoint => "mobiletargeting",
            other => other.name(),
        }
    }

    /// The service of a name; Pinpoint also answers to the prefix of its actions.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|service| service.name() == name || service.signing_name() == name)
    }

    /// The operations of the service.
    pub fn operations(self) -> impl Iterator<Item = &'static Operation> {
        let rows: &'static [Operation] = match self {
            Service::Iam => IAM,
            Service::Sts => STS,
            Service::S3 => S3,
            Service::Pinpoint => PINPOINT,
        };
        rows.iter()
    }

    /// The operation of that name.
    #[must_use]
    pub fn operation(self, name: &str) -> Option<&'static Operation> {
        self.operations().find(|operation| operation.name == name)
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The name in the API.
    pub name: &'static str,
    /// Method and path; empty for the query protocol.
    pub(super) http: &'static str,
    members: &'static str,
}

impl Operation {
    /// The parameters.
    pub fn members(&self) -> impl Iterator<Item = Member> + use<> {
        let path = self.http;
        self.members
            .split_whitespace()
            .map(|text| Member::parse(text, path))
    }

    /// The parameter of that name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<Member> {
        self.members().find(|member| member.name == name)
    }
}

/// What a parameter looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    Text,
    /// A boolean.
    Flag,
    /// A whole number.
    Number,
    /// Bytes.
    Blob,
    /// A list of texts.
    List,
    /// A list of structures.
    Structures,
    /// A structure or a map.
    Structure,
}

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the form of a query operation.
    Form,
    /// In the path.
    Path,
    /// In a header.
    Header(&'static str),
    /// In one header for each entry, which begin so.
    Headers(&'static str),
    /// In the query string.
    Query(&'static str),
    /// As the body.
    Body,
}

/// A parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name in the API.
    pub name: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// What it looks like.
    pub shape: Shape,
    /// Where it travels.
    pub place: Place,
}

impl Member {
    fn parse(text: &'static str, path: &str) -> Self {
        let end = text
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
            .unwrap_or(text.len());
        let (name, mut marks) = text.split_at(end);
        let mut take = |mark: &str| match marks.strip_prefix(mark) {
            Some(rest) => {
                marks = rest;
                true
            }
            None => false,
        };
        let required = take("!");
        let shape = match () {
            () if take("[]{}") => Shape::Structures,
            () if take("[]") => Shape::List,
            () if take("{}") => Shape::Structure,
            () if take("?") => Shape::Flag,
            () if take("#") => Shape::Number,
            () if take("&") => Shape::Blob,
            () => Shape::Text,
        };
        let in_path = || {
            let wanted = |close: &str| path.contains(&format!("{{{name}{close}"));
            wanted("}") || wanted("+}")
        };
        let place = match (marks.strip_prefix('@'), marks.strip_prefix('=')) {
            (Some(header), _) => match header.strip_suffix('*') {
                Some(prefix) => Place::Headers(prefix),
                None => Place::Header(header),
            },
            (_, Some("")) => Place::Body,
            (_, Some(query)) => Place::Query(query),
            _ if in_path() => Place::Path,
            _ => Place::Form,
        };
        Member {
            name,
            required,
            shape,
            place,
        }
    }
}

const fn row(name: &'static str, http: &'static str, members: &'static str) -> Operation {
    Operation {
        name,
        http,
        members,
    }
}

const fn query(name: &'static str, members: &'static str) -> Operation {
    row(name, "", members)
}

const IAM: &[Operation] = &[
    query("AddUserToGroup", "GroupName! UserName!"),
    query("AttachGroupPolicy", "GroupName! PolicyArn!"),
    query("AttachRolePolicy", "RoleName! PolicyArn!"),
    query("AttachUserPolicy", "UserName! PolicyArn!"),
    query("CreateAccessKey", "UserName"),
    query("CreateGroup", "GroupName! Path"),
    query(
        "CreatePolicy",
        "PolicyName! PolicyDocument! Path Description Tags[]{}",
    ),
    query(
        "CreatePolicyVersion",
        "PolicyArn! PolicyDocument! SetAsDefault?",
    ),
    query(
        "CreateRole",
        "RoleName! AssumeRolePolicyDocument! Path Description MaxSessionDuration# PermissionsBoundary Tags[]{}",
    ),
    query("CreateUser", "UserName! Path PermissionsBoundary Tags[]{}"),
    query("DeleteAccessKey", "UserName AccessKeyId!"),
    query("DeleteGroup", "GroupName!"),
    query("DeleteGroupPolicy", "GroupName! PolicyName!"),
    query("DeletePolicy", "PolicyArn!"),
    query("DeletePolicyVersion", "PolicyArn! VersionId!"),
    query("DeleteRole", "RoleName!"),
    query("DeleteRolePermissionsBoundary", "RoleName!"),
    query("DeleteRolePolicy", "RoleName! PolicyName!"),
    query("DeleteUser", "UserName!"),
    query("DeleteUserPermissionsBoundary", "UserName!"),
    query("DeleteUserPolicy", "UserName! PolicyName!"),
    query("DetachGroupPolicy", "GroupName! PolicyArn!"),
    query("DetachRolePolicy", "RoleName! PolicyArn!"),
    query("DetachUserPolicy", "UserName! PolicyArn!"),
    query("GetAccessKeyLastUsed", "AccessKeyId!"),
    query("GetGroup", "GroupName! Marker MaxItems#"),
    query("GetGroupPolicy", "GroupName! PolicyName!"),
    query("GetPolicy", "PolicyArn!"),
    query("GetPolicyVersion", "PolicyArn! VersionId!"),
    query("GetRole", "RoleName!"),
    query("GetRolePolicy", "RoleName! PolicyName!"),
    query("GetUser", "UserName"),
    query("GetUserPolicy", "UserName! PolicyName!"),
    query("ListAccessKeys", "UserName Marker MaxItems#"),
    query(
        "ListAttachedGroupPolicies",
        "GroupName! PathPrefix Marker MaxItems#",
    ),
    query(
        "ListAttachedRolePolicies",
        "RoleName! PathPrefix Marker MaxItems#",
    ),
    query(
        "ListAttachedUserPolicies",
        "UserName! PathPrefix Marker MaxItems#",
    ),
    query(
        "ListEntitiesForPolicy",
        "PolicyArn! EntityFilter PathPrefix PolicyUsageFilter Marker MaxItems#",
    ),
    query("ListGroupPolicies", "GroupName! Marker MaxItems#"),
    query("ListGroups", "PathPrefix Marker MaxItems#"),
    query("ListGroupsForUser", "UserName! Marker MaxItems#"),
    query(
        "ListPolicies",
        "Scope OnlyAttached? PathPrefix PolicyUsageFilter Marker MaxItems#",
    ),
    query("ListPolicyTags", "PolicyArn! Marker MaxItems#"),
    query("ListPolicyVersions", "PolicyArn! Marker MaxItems#"),
    query("ListRolePolicies", "RoleName! Marker MaxItems#"),
    query("ListRoles", "PathPrefix Marker MaxItems#"),
    query("ListRoleTags", "RoleName! Marker MaxItems#"),
    query("ListUserPolicies", "UserName! Marker MaxItems#"),
    query("ListUsers", "PathPrefix Marker MaxItems#"),
    query("ListUserTags", "UserName! Marker MaxItems#"),
    query("PutGroupPolicy", "GroupName! PolicyName! PolicyDocument!"),
    query(
        "PutRolePermissionsBoundary",
        "RoleName! PermissionsBoundary!",
    ),
    query("PutRolePolicy", "RoleName! PolicyName! PolicyDocument!"),
    query(
        "PutUserPermissionsBoundary",
        "UserName! PermissionsBoundary!",
    ),
    query("PutUserPolicy", "UserName! PolicyName! PolicyDocument!"),
    query("RemoveUserFromGroup", "GroupName! UserName!"),
    query("SetDefaultPolicyVersion", "PolicyArn! VersionId!"),
    query(
        "SimulateCustomPolicy",
        "PolicyInputList![] PermissionsBoundaryPolicyInputList[] ActionNames![] ResourceArns[] ResourcePolicy ResourceOwner CallerArn ContextEntries[]{} ResourceHandlingOption MaxItems# Marker",
    ),
    query(
        "SimulatePrincipalPolicy",
        "PolicySourceArn! PolicyInputList[] PermissionsBoundaryPolicyInputList[] ActionNames![] ResourceArns[] ResourcePolicy ResourceOwner CallerArn ContextEntries[]{} ResourceHandlingOption MaxItems# Marker",
    ),
    query("TagPolicy", "PolicyArn! Tags![]{}"),
    query("TagRole", "RoleName! Tags![]{}"),
    query("TagUser", "UserName! Tags![]{}"),
    query("UntagPolicy", "PolicyArn! TagKeys![]"),
    query("UntagRole", "RoleName! TagKeys![]"),
    query("UntagUser", "UserName! TagKeys![]"),
    query("UpdateAccessKey", "UserName AccessKeyId! Status!"),
    query("UpdateAssumeRolePolicy", "RoleName! PolicyDocument!"),
    query("UpdateGroup", "GroupName! NewPath NewGroupName"),
    query("UpdateRole", "RoleName! Description MaxSessionDuration#"),
    query("UpdateRoleDescription", "RoleName! Description!"),
    query("UpdateUser", "UserName! NewPath NewUserName"),
];

const STS: &[Operation] = &[
    query(
        "AssumeRole",
        "RoleArn! RoleSessionName! PolicyArns[]{} Policy DurationSeconds# Tags[]{} TransitiveTagKeys[] ExternalId SerialNumber TokenCode SourceIdentity",
    ),
    query("DecodeAuthorizationMessage", "EncodedMessage!"),
    query("GetAccessKeyInfo", "AccessKeyId!"),
    query("GetCallerIdentity", ""),
    query("GetSessionToken", "DurationSeconds# SerialNumber TokenCode"),
];

const S3: &[Operation] = &[
    row(
        "AbortMultipartUpload",
        "DELETE /{Bucket}/{Key+}?x-id=AbortMultipartUpload",
        "Bucket! Key! UploadId!=uploadId ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "CompleteMultipartUpload",
        "POST /{Bucket}/{Key+}",
        "Bucket! Key! MultipartUpload{}= UploadId!=uploadId IfMatch@If-Match IfNoneMatch@If-None-Match ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "CopyObject",
        "PUT /{Bucket}/{Key+}?x-id=CopyObject",
        "Bucket! Key! CopySource!@x-amz-copy-source ACL@x-amz-acl CacheControl@Cache-Control ContentType@Content-Type CopySourceIfMatch@x-amz-copy-source-if-match CopySourceIfNoneMatch@x-amz-copy-source-if-none-match IfMatch@If-Match IfNoneMatch@If-None-Match Metadata{}@x-amz-meta-* MetadataDirective@x-amz-metadata-directive TaggingDirective@x-amz-tagging-directive ServerSideEncryption@x-amz-server-side-encryption StorageClass@x-amz-storage-class Tagging@x-amz-tagging ExpectedBucketOwner@x-amz-expected-bucket-owner ExpectedSourceBucketOwner@x-amz-source-expected-bucket-owner",
    ),
    row(
        "CreateBucket",
        "PUT /{Bucket}",
        "Bucket! ACL@x-amz-acl CreateBucketConfiguration{}= ObjectLockEnabledForBucket?@x-amz-bucket-object-lock-enabled ObjectOwnership@x-amz-object-ownership",
    ),
    row(
        "CreateMultipartUpload",
        "POST /{Bucket}/{Key+}?uploads",
        "Bucket! Key! ACL@x-amz-acl CacheControl@Cache-Control ContentType@Content-Type Metadata{}@x-amz-meta-* ServerSideEncryption@x-amz-server-side-encryption StorageClass@x-amz-storage-class Tagging@x-amz-tagging ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "DeleteBucket",
        "DELETE /{Bucket}",
        "Bucket! ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "DeleteBucketPolicy",
        "DELETE /{Bucket}?policy",
        "Bucket! ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "DeleteBucketTagging",
        "DELETE /{Bucket}?tagging",
        "Bucket! ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "DeleteObject",
        "DELETE /{Bucket}/{Key+}?x-id=DeleteObject",
        "Bucket! Key! VersionId=versionId MFA@x-amz-mfa BypassGovernanceRetention?@x-amz-bypass-governance-retention IfMatch@If-Match ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "DeleteObjects",
        "POST /{Bucket}?delete",
        "Bucket! Delete!{}= MFA@x-amz-mfa BypassGovernanceRetention?@x-amz-bypass-governance-retention ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "DeleteObjectTagging",
        "DELETE /{Bucket}/{Key+}?tagging",
        "Bucket! Key! VersionId=versionId ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "GetBucketLocation",
        "GET /{Bucket}?location",
        "Bucket! ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "GetBucketPolicy",
        "GET /{Bucket}?policy",
        "Bucket! ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "GetBucketTagging",
        "GET /{Bucket}?tagging",
        "Bucket! ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "GetBucketVersioning",
        "GET /{Bucket}?versioning",
        "Bucket! ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "GetObject",
        "GET /{Bucket}/{Key+}?x-id=GetObject",
        "Bucket! Key! Range@Range IfMatch@If-Match IfNoneMatch@If-None-Match IfModifiedSince@If-Modified-Since IfUnmodifiedSince@If-Unmodified-Since VersionId=versionId PartNumber#=partNumber ResponseContentType=response-content-type ResponseContentDisposition=response-content-disposition ChecksumMode@x-amz-checksum-mode ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "GetObjectTagging",
        "GET /{Bucket}/{Key+}?tagging",
        "Bucket! Key! VersionId=versionId ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "HeadBucket",
        "HEAD /{Bucket}",
        "Bucket! ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "HeadObject",
        "HEAD /{Bucket}/{Key+}",
        "Bucket! Key! Range@Range IfMatch@If-Match IfNoneMatch@If-None-Match IfModifiedSince@If-Modified-Since IfUnmodifiedSince@If-Unmodified-Since VersionId=versionId PartNumber#=partNumber ChecksumMode@x-amz-checksum-mode ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "ListBuckets",
        "GET /?x-id=ListBuckets",
        "MaxBuckets#=max-buckets ContinuationToken=continuation-token Prefix=prefix BucketRegion=bucket-region",
    ),
    row(
        "ListMultipartUploads",
        "GET /{Bucket}?uploads",
        "Bucket! Delimiter=delimiter EncodingType=encoding-type KeyMarker=key-marker MaxUploads#=max-uploads Prefix=prefix UploadIdMarker=upload-id-marker ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "ListObjects",
        "GET /{Bucket}",
        "Bucket! Delimiter=delimiter EncodingType=encoding-type Marker=marker MaxKeys#=max-keys Prefix=prefix ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "ListObjectsV2",
        "GET /{Bucket}?list-type=2",
        "Bucket! Delimiter=delimiter EncodingType=encoding-type MaxKeys#=max-keys Prefix=prefix ContinuationToken=continuation-token FetchOwner?=fetch-owner StartAfter=start-after ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "ListParts",
        "GET /{Bucket}/{Key+}?x-id=ListParts",
        "Bucket! Key! UploadId!=uploadId MaxParts#=max-parts PartNumberMarker=part-number-marker ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "PutBucketPolicy",
        "PUT /{Bucket}?policy",
        "Bucket! Policy!= ConfirmRemoveSelfBucketAccess?@x-amz-confirm-remove-self-bucket-access ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "PutBucketTagging",
        "PUT /{Bucket}?tagging",
        "Bucket! Tagging!{}= ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "PutBucketVersioning",
        "PUT /{Bucket}?versioning",
        "Bucket! VersioningConfiguration!{}= MFA@x-amz-mfa ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "PutObject",
        "PUT /{Bucket}/{Key+}?x-id=PutObject",
        "Bucket! Key! Body&= ACL@x-amz-acl CacheControl@Cache-Control ContentDisposition@Content-Disposition ContentEncoding@Content-Encoding ContentLanguage@Content-Language ContentMD5@Content-MD5 ContentType@Content-Type Expires@Expires IfMatch@If-Match IfNoneMatch@If-None-Match Metadata{}@x-amz-meta-* ServerSideEncryption@x-amz-server-side-encryption StorageClass@x-amz-storage-class SSEKMSKeyId@x-amz-server-side-encryption-aws-kms-key-id Tagging@x-amz-tagging ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "PutObjectTagging",
        "PUT /{Bucket}/{Key+}?tagging",
        "Bucket! Key! Tagging!{}= VersionId=versionId ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
    row(
        "UploadPart",
        "PUT /{Bucket}/{Key+}?x-id=UploadPart",
        "Bucket! Key! Body&= ContentMD5@Content-MD5 PartNumber!#=partNumber UploadId!=uploadId ExpectedBucketOwner@x-amz-expected-bucket-owner",
    ),
];

const PINPOINT: &[Operation] = &[
    row("CreateApp", "POST /v1/apps", "CreateApplicationRequest!{}="),
    row(
        "CreateExportJob",
        "POST /v1/apps/{ApplicationId}/jobs/export",
        "ApplicationId! ExportJobRequest!{}=",
    ),
    row(
        "CreateImportJob",
        "POST /v1/apps/{ApplicationId}/jobs/import",
        "ApplicationId! ImportJobRequest!{}=",
    ),
    row(
        "CreateSegment",
        "POST /v1/apps/{ApplicationId}/segments",
        "ApplicationId! WriteSegmentRequest!{}=",
    ),
    row(
        "DeleteApp",
        "DELETE /v1/apps/{ApplicationId}",
        "ApplicationId!",
    ),
    row(
        "DeleteEndpoint",
        "DELETE /v1/apps/{ApplicationId}/endpoints/{EndpointId}",
        "ApplicationId! EndpointId!",
    ),
    row(
        "DeleteSegment",
        "DELETE /v1/apps/{ApplicationId}/segments/{SegmentId}",
        "ApplicationId! SegmentId!",
    ),
    row(
        "DeleteUserEndpoints",
        "DELETE /v1/apps/{ApplicationId}/users/{UserId}",
        "ApplicationId! UserId!",
    ),
    row("GetApp", "GET /v1/apps/{ApplicationId}", "ApplicationId!"),
    row(
        "GetApplicationSettings",
        "GET /v1/apps/{ApplicationId}/settings",
        "ApplicationId!",
    ),
    row("GetApps", "GET /v1/apps", "PageSize=page-size Token=token"),
    row(
        "GetEndpoint",
        "GET /v1/apps/{ApplicationId}/endpoints/{EndpointId}",
        "ApplicationId! EndpointId!",
    ),
    row(
        "GetExportJob",
        "GET /v1/apps/{ApplicationId}/jobs/export/{JobId}",
        "ApplicationId! JobId!",
    ),
    row(
        "GetExportJobs",
        "GET /v1/apps/{ApplicationId}/jobs/export",
        "ApplicationId! PageSize=page-size Token=token",
    ),
    row(
        "GetImportJob",
        "GET /v1/apps/{ApplicationId}/jobs/import/{JobId}",
        "ApplicationId! JobId!",
    ),
    row(
        "GetImportJobs",
        "GET /v1/apps/{ApplicationId}/jobs/import",
        "ApplicationId! PageSize=page-size Token=token",
    ),
    row(
        "GetSegment",
        "GET /v1/apps/{ApplicationId}/segments/{SegmentId}",
        "ApplicationId! SegmentId!",
    ),
    row(
        "GetSegmentExportJobs",
        "GET /v1/apps/{ApplicationId}/segments/{SegmentId}/jobs/export",
        "ApplicationId! SegmentId! PageSize=page-size Token=token",
    ),
    row(
        "GetSegmentImportJobs",
        "GET /v1/apps/{ApplicationId}/segments/{SegmentId}/jobs/import",
        "ApplicationId! SegmentId! PageSize=page-size Token=token",
    ),
    row(
        "GetSegments",
        "GET /v1/apps/{ApplicationId}/segments",
        "ApplicationId! PageSize=page-size Token=token",
    ),
    row(
        "GetSegmentVersion",
        "GET /v1/apps/{ApplicationId}/segments/{SegmentId}/versions/{Version}",
        "ApplicationId! SegmentId! Version!",
    ),
    row(
        "GetSegmentVersions",
        "GET /v1/apps/{ApplicationId}/segments/{SegmentId}/versions",
        "ApplicationId! SegmentId! PageSize=page-size Token=token",
    ),
    row(
        "GetUserEndpoints",
        "GET /v1/apps/{ApplicationId}/users/{UserId}",
        "ApplicationId! UserId!",
    ),
    row(
        "ListTagsForResource",
        "GET /v1/tags/{ResourceArn}",
        "ResourceArn!",
    ),
    row(
        "TagResource",
        "POST /v1/tags/{ResourceArn}",
        "ResourceArn! TagsModel!{}=",
    ),
    row(
        "UntagResource",
        "DELETE /v1/tags/{ResourceArn}",
        "ResourceArn! TagKeys![]=tagKeys",
    ),
    row(
        "UpdateApplicationSettings",
        "PUT /v1/apps/{ApplicationId}/settings",
        "ApplicationId! WriteApplicationSettingsRequest!{}=",
    ),
    row(
        "UpdateEndpoint",
        "PUT /v1/apps/{ApplicationId}/endpoints/{EndpointId}",
        "ApplicationId! EndpointId! EndpointRequest!{}=",
    ),
    row(
        "UpdateEndpointsBatch",
        "PUT /v1/apps/{ApplicationId}/endpoints",
        "ApplicationId! EndpointBatchRequest!{}=",
    ),
    row(
        "UpdateSegment",
        "PUT /v1/apps/{ApplicationId}/segments/{SegmentId}",
        "ApplicationId! SegmentId! WriteSegmentRequest!{}=",
    ),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn every_row_can_be_read() {
        for service in Service::ALL {
            let rest = matches!(service, Service::S3 | Service::Pinpoint);
            for operation in service.operations() {
                let what = format!("{service}:{}", operation.name);
                assert_eq!(!operation.http.is_empty(), rest, "{what}");
                let members: Vec<Member> = operation.members().collect();
                for member in &members {
                    assert!(
                        member.name.chars().all(char::is_alphanumeric),
                        "{what} {member:?}"
                    );
                    assert_eq!(member.place != Place::Form, rest, "{what} {member:?}");
                }
                let bodies = members.iter().filter(|m| m.place == Place::Body).count();
                assert!(bodies <= 1, "{what}");
                let labels = operation.http.matches('{').count();
                let paths = members.iter().filter(|m| m.place == Place::Path).count();
                assert_eq!(labels, paths, "{what}");
                let same = service
                    .operations()
                    .filter(|other| other.name == operation.name);
                assert_eq!(same.count(), 1, "{what}");
            }
        }
    }

    #[test]
    fn marks_mean_what_they_say() {
        let tags = Service::Iam
            .operation("TagRole")
            .unwrap()
            .member("Tags")
            .unwrap();
        assert_eq!(
            (tags.required, tags.shape, tags.place),
            (true, Shape::Structures, Place::Form)
        );
        let put = Service::S3.operation("PutObject").unwrap();
        assert_eq!(put.member("Body").unwrap().shape, Shape::Blob);
        assert_eq!(
            put.member("Metadata").unwrap().place,
            Place::Headers("x-amz-meta-")
        );
        assert_eq!(put.member("Key").unwrap().place, Place::Path);
        let part = Service::S3
            .operation("UploadPart")
            .unwrap()
            .member("PartNumber")
            .unwrap();
        assert_eq!(
            (part.required, part.shape, part.place),
            (true, Shape::Number, Place::Query("partNumber"))
        );
    }
}
