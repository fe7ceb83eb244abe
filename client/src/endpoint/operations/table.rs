//! The rows.

use super::Operation;

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

pub(super) const IAM: &[Operation] = &[
    query(
        "AddClientIDToOpenIDConnectProvider",
        "OpenIDConnectProviderArn! ClientID!",
    ),
    query("AddRoleToInstanceProfile", "InstanceProfileName! RoleName!"),
    query("AddUserToGroup", "GroupName! UserName!"),
    query("AttachGroupPolicy", "GroupName! PolicyArn!"),
    query("AttachRolePolicy", "RoleName! PolicyArn!"),
    query("AttachUserPolicy", "UserName! PolicyArn!"),
    query("ChangePassword", "OldPassword! NewPassword!"),
    query("CreateAccessKey", "UserName"),
    query("CreateAccountAlias", "AccountAlias!"),
    query("CreateGroup", "GroupName! Path"),
    query(
        "CreateInstanceProfile",
        "InstanceProfileName! Path Tags[]{}",
    ),
    query(
        "CreateLoginProfile",
        "UserName Password PasswordResetRequired?",
    ),
    query(
        "CreateOpenIDConnectProvider",
        "Url! ClientIDList[] ThumbprintList[] Tags[]{}",
    ),
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
    query(
        "CreateSAMLProvider",
        "SAMLMetadataDocument! Name! Tags[]{} AssertionEncryptionMode AddPrivateKey",
    ),
    query(
        "CreateServiceLinkedRole",
        "AWSServiceName! Description CustomSuffix",
    ),
    query(
        "CreateServiceSpecificCredential",
        "UserName! ServiceName! CredentialAgeDays#",
    ),
    query("CreateUser", "UserName! Path PermissionsBoundary Tags[]{}"),
    query(
        "CreateVirtualMFADevice",
        "Path VirtualMFADeviceName! Tags[]{}",
    ),
    query("DeactivateMFADevice", "UserName SerialNumber!"),
    query("DeleteAccessKey", "UserName AccessKeyId!"),
    query("DeleteAccountAlias", "AccountAlias!"),
    query("DeleteAccountPasswordPolicy", ""),
    query("DeleteGroup", "GroupName!"),
    query("DeleteGroupPolicy", "GroupName! PolicyName!"),
    query("DeleteInstanceProfile", "InstanceProfileName!"),
    query("DeleteLoginProfile", "UserName"),
    query("DeleteOpenIDConnectProvider", "OpenIDConnectProviderArn!"),
    query("DeletePolicy", "PolicyArn!"),
    query("DeletePolicyVersion", "PolicyArn! VersionId!"),
    query("DeleteRole", "RoleName!"),
    query("DeleteRolePermissionsBoundary", "RoleName!"),
    query("DeleteRolePolicy", "RoleName! PolicyName!"),
    query("DeleteSAMLProvider", "SAMLProviderArn!"),
    query("DeleteSSHPublicKey", "UserName! SSHPublicKeyId!"),
    query("DeleteServerCertificate", "ServerCertificateName!"),
    query("DeleteServiceLinkedRole", "RoleName!"),
    query(
        "DeleteServiceSpecificCredential",
        "UserName ServiceSpecificCredentialId!",
    ),
    query("DeleteSigningCertificate", "UserName CertificateId!"),
    query("DeleteUser", "UserName!"),
    query("DeleteUserPermissionsBoundary", "UserName!"),
    query("DeleteUserPolicy", "UserName! PolicyName!"),
    query("DeleteVirtualMFADevice", "SerialNumber!"),
    query("DetachGroupPolicy", "GroupName! PolicyArn!"),
    query("DetachRolePolicy", "RoleName! PolicyArn!"),
    query("DetachUserPolicy", "UserName! PolicyArn!"),
    query("DisableOrganizationsRootCredentialsManagement", ""),
    query("DisableOrganizationsRootSessions", ""),
    query("DisableOutboundWebIdentityFederation", ""),
    query(
        "EnableMFADevice",
        "UserName! SerialNumber! AuthenticationCode1! AuthenticationCode2!",
    ),
    query("EnableOrganizationsRootCredentialsManagement", ""),
    query("EnableOrganizationsRootSessions", ""),
    query("EnableOutboundWebIdentityFederation", ""),
    query("GenerateCredentialReport", ""),
    query("GenerateServiceLastAccessedDetails", "Arn! Granularity"),
    query("GetAccessKeyLastUsed", "AccessKeyId!"),
    query(
        "GetAccountAuthorizationDetails",
        "Filter[] MaxItems# Marker",
    ),
    query("GetAccountPasswordPolicy", ""),
    query("GetAccountSummary", ""),
    query("GetCredentialReport", ""),
    query("GetGroup", "GroupName! Marker MaxItems#"),
    query("GetGroupPolicy", "GroupName! PolicyName!"),
    query("GetInstanceProfile", "InstanceProfileName!"),
    query("GetLoginProfile", "UserName"),
    query("GetMFADevice", "SerialNumber! UserName"),
    query("GetOpenIDConnectProvider", "OpenIDConnectProviderArn!"),
    query("GetOutboundWebIdentityFederationInfo", ""),
    query("GetPolicy", "PolicyArn!"),
    query("GetPolicyVersion", "PolicyArn! VersionId!"),
    query("GetRole", "RoleName!"),
    query("GetRolePolicy", "RoleName! PolicyName!"),
    query("GetSAMLProvider", "SAMLProviderArn!"),
    query("GetSSHPublicKey", "UserName! SSHPublicKeyId! Encoding!"),
    query("GetServerCertificate", "ServerCertificateName!"),
    query("GetServiceLastAccessedDetails", "JobId! MaxItems# Marker"),
    query(
        "GetServiceLastAccessedDetailsWithEntities",
        "JobId! ServiceNamespace! MaxItems# Marker",
    ),
    query("GetServiceLinkedRoleDeletionStatus", "DeletionTaskId!"),
    query("GetUser", "UserName"),
    query("GetUserPolicy", "UserName! PolicyName!"),
    query("ListAccessKeys", "UserName Marker MaxItems#"),
    query("ListAccountAliases", "Marker MaxItems#"),
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
        "ListInstanceProfileTags",
        "InstanceProfileName! Marker MaxItems#",
    ),
    query("ListInstanceProfiles", "PathPrefix Marker MaxItems#"),
    query("ListInstanceProfilesForRole", "RoleName! Marker MaxItems#"),
    query("ListMFADeviceTags", "SerialNumber! Marker MaxItems#"),
    query("ListMFADevices", "UserName Marker MaxItems#"),
    query(
        "ListOpenIDConnectProviderTags",
        "OpenIDConnectProviderArn! Marker MaxItems#",
    ),
    query("ListOpenIDConnectProviders", ""),
    query("ListOrganizationsFeatures", ""),
    query(
        "ListPolicies",
        "Scope OnlyAttached? PathPrefix PolicyUsageFilter Marker MaxItems#",
    ),
    query(
        "ListPoliciesGrantingServiceAccess",
        "Marker Arn! ServiceNamespaces![]",
    ),
    query("ListPolicyTags", "PolicyArn! Marker MaxItems#"),
    query("ListPolicyVersions", "PolicyArn! Marker MaxItems#"),
    query("ListRolePolicies", "RoleName! Marker MaxItems#"),
    query("ListRoleTags", "RoleName! Marker MaxItems#"),
    query("ListRoles", "PathPrefix Marker MaxItems#"),
    query("ListSAMLProviderTags", "SAMLProviderArn! Marker MaxItems#"),
    query("ListSAMLProviders", ""),
    query("ListSSHPublicKeys", "UserName Marker MaxItems#"),
    query(
        "ListServerCertificateTags",
        "ServerCertificateName! Marker MaxItems#",
    ),
    query("ListServerCertificates", "PathPrefix Marker MaxItems#"),
    query(
        "ListServiceSpecificCredentials",
        "UserName ServiceName AllUsers? Marker MaxItems#",
    ),
    query("ListSigningCertificates", "UserName Marker MaxItems#"),
    query("ListUserPolicies", "UserName! Marker MaxItems#"),
    query("ListUserTags", "UserName! Marker MaxItems#"),
    query("ListUsers", "PathPrefix Marker MaxItems#"),
    query("ListVirtualMFADevices", "AssignmentStatus Marker MaxItems#"),
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
    query(
        "RemoveClientIDFromOpenIDConnectProvider",
        "OpenIDConnectProviderArn! ClientID!",
    ),
    query(
        "RemoveRoleFromInstanceProfile",
        "InstanceProfileName! RoleName!",
    ),
    query("RemoveUserFromGroup", "GroupName! UserName!"),
    query(
        "ResetServiceSpecificCredential",
        "UserName ServiceSpecificCredentialId!",
    ),
    query(
        "ResyncMFADevice",
        "UserName! SerialNumber! AuthenticationCode1! AuthenticationCode2!",
    ),
    query("SetDefaultPolicyVersion", "PolicyArn! VersionId!"),
    query(
        "SetSecurityTokenServicePreferences",
        "GlobalEndpointTokenVersion!",
    ),
    query(
        "SimulateCustomPolicy",
        "PolicyInputList![] PermissionsBoundaryPolicyInputList[] ActionNames![] ResourceArns[] ResourcePolicy ResourceOwner CallerArn ContextEntries[]{} ResourceHandlingOption MaxItems# Marker",
    ),
    query(
        "SimulatePrincipalPolicy",
        "PolicySourceArn! PolicyInputList[] PermissionsBoundaryPolicyInputList[] ActionNames![] ResourceArns[] ResourcePolicy ResourceOwner CallerArn ContextEntries[]{} ResourceHandlingOption MaxItems# Marker",
    ),
    query("TagInstanceProfile", "InstanceProfileName! Tags![]{}"),
    query("TagMFADevice", "SerialNumber! Tags![]{}"),
    query(
        "TagOpenIDConnectProvider",
        "OpenIDConnectProviderArn! Tags![]{}",
    ),
    query("TagPolicy", "PolicyArn! Tags![]{}"),
    query("TagRole", "RoleName! Tags![]{}"),
    query("TagSAMLProvider", "SAMLProviderArn! Tags![]{}"),
    query("TagServerCertificate", "ServerCertificateName! Tags![]{}"),
    query("TagUser", "UserName! Tags![]{}"),
    query("UntagInstanceProfile", "InstanceProfileName! TagKeys![]"),
    query("UntagMFADevice", "SerialNumber! TagKeys![]"),
    query(
        "UntagOpenIDConnectProvider",
        "OpenIDConnectProviderArn! TagKeys![]",
    ),
    query("UntagPolicy", "PolicyArn! TagKeys![]"),
    query("UntagRole", "RoleName! TagKeys![]"),
    query("UntagSAMLProvider", "SAMLProviderArn! TagKeys![]"),
    query(
        "UntagServerCertificate",
        "ServerCertificateName! TagKeys![]",
    ),
    query("UntagUser", "UserName! TagKeys![]"),
    query("UpdateAccessKey", "UserName AccessKeyId! Status!"),
    query(
        "UpdateAccountPasswordPolicy",
        "MinimumPasswordLength# RequireSymbols? RequireNumbers? RequireUppercaseCharacters? RequireLowercaseCharacters? AllowUsersToChangePassword? MaxPasswordAge# PasswordReusePrevention# HardExpiry?",
    ),
    query("UpdateAssumeRolePolicy", "RoleName! PolicyDocument!"),
    query("UpdateGroup", "GroupName! NewPath NewGroupName"),
    query(
        "UpdateLoginProfile",
        "UserName! Password PasswordResetRequired?",
    ),
    query(
        "UpdateOpenIDConnectProviderThumbprint",
        "OpenIDConnectProviderArn! ThumbprintList![]",
    ),
    query("UpdateRole", "RoleName! Description MaxSessionDuration#"),
    query("UpdateRoleDescription", "RoleName! Description!"),
    query(
        "UpdateSAMLProvider",
        "SAMLMetadataDocument SAMLProviderArn! AssertionEncryptionMode AddPrivateKey RemovePrivateKey",
    ),
    query("UpdateSSHPublicKey", "UserName! SSHPublicKeyId! Status!"),
    query(
        "UpdateServerCertificate",
        "ServerCertificateName! NewPath NewServerCertificateName",
    ),
    query(
        "UpdateServiceSpecificCredential",
        "UserName ServiceSpecificCredentialId! Status!",
    ),
    query(
        "UpdateSigningCertificate",
        "UserName CertificateId! Status!",
    ),
    query("UpdateUser", "UserName! NewPath NewUserName"),
    query("UploadSSHPublicKey", "UserName! SSHPublicKeyBody!"),
    query(
        "UploadServerCertificate",
        "Path ServerCertificateName! CertificateBody! PrivateKey! CertificateChain Tags[]{}",
    ),
    query("UploadSigningCertificate", "UserName CertificateBody!"),
];

pub(super) const STS: &[Operation] = &[
    query(
        "AssumeRole",
        "RoleArn! RoleSessionName! PolicyArns[]{} Policy DurationSeconds# Tags[]{} TransitiveTagKeys[] ExternalId SerialNumber TokenCode SourceIdentity",
    ),
    query(
        "AssumeRoot",
        "TargetPrincipal! TaskPolicyArn!{} DurationSeconds#",
    ),
    query("DecodeAuthorizationMessage", "EncodedMessage!"),
    query("GetAccessKeyInfo", "AccessKeyId!"),
    query("GetCallerIdentity", ""),
    query("GetDelegatedAccessToken", "TradeInToken!"),
    query("GetSessionToken", "DurationSeconds# SerialNumber TokenCode"),
    query(
        "GetWebIdentityToken",
        "Audience![] DurationSeconds# SigningAlgorithm! Tags[]{}",
    ),
    query(
        "AssumeRoleWithWebIdentity",
        "RoleArn! RoleSessionName! WebIdentityToken! ProviderId PolicyArns[]{} Policy DurationSeconds#",
    ),
    query(
        "GetFederationToken",
        "Name! Policy PolicyArns[]{} DurationSeconds# Tags[]{}",
    ),
];

pub(super) const S3: &[Operation] = &[
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

pub(super) const PINPOINT: &[Operation] = &[
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
