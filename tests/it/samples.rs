//! One well-formed request for every operation that is served: what the grid sends in seven ways.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use md5::{Digest as _, Md5};
use rolecall_server::wire::Row;
use rolecall_tests::raw::{Raw, aws_encoded};

/// A bucket, an object, an app and a role that exist before the grid begins.
pub(crate) const BUCKET: &str = "grid-bucket";
pub(crate) const KEY: &str = "key";

/// What stands for the labels of a path.
pub(crate) struct Names {
    pub(crate) app: String,
}

/// The form fields of an awsQuery operation, besides Action and Version.
const FORMS: &[(&str, &[(&str, &str)])] = &[
    (
        "AddUserToGroup",
        &[("GroupName", "grid-group"), ("UserName", "grid-user")],
    ),
    (
        "AssumeRole",
        &[
            ("RoleArn", "arn:aws:iam::123456789012:role/grid-role"),
            ("RoleSessionName", "grid"),
        ],
    ),
    (
        "AssumeRoot",
        &[
            ("TargetPrincipal", "111122223333"),
            (
                "TaskPolicyArn.arn",
                "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy",
            ),
        ],
    ),
    (
        "AssumeRoleWithSAML",
        &[
            ("RoleArn", "arn:aws:iam::123456789012:role/grid-role"),
            (
                "PrincipalArn",
                "arn:aws:iam::123456789012:saml-provider/none",
            ),
            ("SAMLAssertion", "none"),
        ],
    ),
    (
        "AssumeRoleWithWebIdentity",
        &[
            ("RoleArn", "arn:aws:iam::123456789012:role/grid-role"),
            ("RoleSessionName", "grid"),
            ("WebIdentityToken", "none"),
        ],
    ),
    (
        "AttachGroupPolicy",
        &[
            ("GroupName", "grid-group"),
            ("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy"),
        ],
    ),
    (
        "AttachRolePolicy",
        &[
            ("RoleName", "grid-role"),
            ("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy"),
        ],
    ),
    (
        "AttachUserPolicy",
        &[
            ("UserName", "grid-user"),
            ("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy"),
        ],
    ),
    ("CreateAccessKey", &[("UserName", "grid-user")]),
    ("CreateAccountAlias", &[("AccountAlias", "grid-alias")]),
    ("CreateGroup", &[("GroupName", "grid-group")]),
    (
        "CreatePolicy",
        &[("PolicyName", "grid-policy"), ("PolicyDocument", DOCUMENT)],
    ),
    (
        "CreatePolicyVersion",
        &[
            ("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy"),
            ("PolicyDocument", DOCUMENT),
        ],
    ),
    (
        "CreateRole",
        &[
            ("RoleName", "grid-role"),
            ("AssumeRolePolicyDocument", TRUST),
        ],
    ),
    (
        "CreateTemplate",
        &[
            ("Template.TemplateName", "grid-template"),
            ("Template.SubjectPart", "grid"),
        ],
    ),
    ("GetTemplate", &[("TemplateName", "grid-template")]),
    (
        "UpdateTemplate",
        &[
            ("Template.TemplateName", "grid-template"),
            ("Template.SubjectPart", "grid"),
        ],
    ),
    ("DeleteTemplate", &[("TemplateName", "grid-other")]),
    (
        "TestRenderTemplate",
        &[("TemplateName", "grid-template"), ("TemplateData", "{}")],
    ),
    ("CreateUser", &[("UserName", "grid-user")]),
    (
        "DecodeAuthorizationMessage",
        &[("EncodedMessage", "00000000")],
    ),
    (
        "SimulateCustomPolicy",
        &[
            ("PolicyInputList.member.1", DOCUMENT),
            ("ActionNames.member.1", "s3:PutObject"),
        ],
    ),
    (
        "SimulatePrincipalPolicy",
        &[
            (
                "PolicySourceArn",
                "arn:aws:iam::123456789012:user/grid-user",
            ),
            ("ActionNames.member.1", "s3:PutObject"),
        ],
    ),
    (
        "GetContextKeysForCustomPolicy",
        &[("PolicyInputList.member.1", DOCUMENT)],
    ),
    (
        "GetContextKeysForPrincipalPolicy",
        &[(
            "PolicySourceArn",
            "arn:aws:iam::123456789012:user/grid-user",
        )],
    ),
    (
        "DeleteAccessKey",
        &[
            ("UserName", "grid-user"),
            ("AccessKeyId", "AKIAIOSFODNN7EXAMPLE"),
        ],
    ),
    ("DeleteAccountAlias", &[("AccountAlias", "grid-alias")]),
    ("DeleteGroup", &[("GroupName", "grid-group")]),
    (
        "DeleteGroupPolicy",
        &[("GroupName", "grid-group"), ("PolicyName", "grid-policy")],
    ),
    (
        "DeletePolicy",
        &[("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy")],
    ),
    (
        "DeletePolicyVersion",
        &[
            ("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy"),
            ("VersionId", "v1"),
        ],
    ),
    ("DeleteRole", &[("RoleName", "grid-role")]),
    (
        "DeleteRolePermissionsBoundary",
        &[("RoleName", "grid-role")],
    ),
    (
        "DeleteRolePolicy",
        &[("RoleName", "grid-role"), ("PolicyName", "grid-policy")],
    ),
    ("DeleteUser", &[("UserName", "grid-user")]),
    (
        "DeleteUserPermissionsBoundary",
        &[("UserName", "grid-user")],
    ),
    (
        "DeleteUserPolicy",
        &[("UserName", "grid-user"), ("PolicyName", "grid-policy")],
    ),
    (
        "DetachGroupPolicy",
        &[
            ("GroupName", "grid-group"),
            ("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy"),
        ],
    ),
    (
        "DetachRolePolicy",
        &[
            ("RoleName", "grid-role"),
            ("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy"),
        ],
    ),
    (
        "DetachUserPolicy",
        &[
            ("UserName", "grid-user"),
            ("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy"),
        ],
    ),
    (
        "GetAccessKeyInfo",
        &[("AccessKeyId", "AKIAIOSFODNN7EXAMPLE")],
    ),
    (
        "GetAccessKeyLastUsed",
        &[("AccessKeyId", "AKIAIOSFODNN7EXAMPLE")],
    ),
    ("GetDelegatedAccessToken", &[("TradeInToken", "grid")]),
    ("GetFederationToken", &[("Name", "grid")]),
    (
        "GetWebIdentityToken",
        &[
            ("Audience.member.1", "https://grid.example.com"),
            ("SigningAlgorithm", "ES384"),
            ("Tags.member.1.Key", "grid"),
            ("Tags.member.1.Value", "1"),
        ],
    ),
    ("GetGroup", &[("GroupName", "grid-group")]),
    (
        "GetGroupPolicy",
        &[("GroupName", "grid-group"), ("PolicyName", "grid-policy")],
    ),
    (
        "GetPolicy",
        &[("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy")],
    ),
    (
        "GetPolicyVersion",
        &[
            ("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy"),
            ("VersionId", "v1"),
        ],
    ),
    ("GetRole", &[("RoleName", "grid-role")]),
    (
        "GetRolePolicy",
        &[("RoleName", "grid-role"), ("PolicyName", "grid-policy")],
    ),
    ("GetUser", &[("UserName", "grid-user")]),
    (
        "GetUserPolicy",
        &[("UserName", "grid-user"), ("PolicyName", "grid-policy")],
    ),
    ("ListAccessKeys", &[("UserName", "grid-user")]),
    ("ListAttachedGroupPolicies", &[("GroupName", "grid-group")]),
    ("ListAttachedRolePolicies", &[("RoleName", "grid-role")]),
    ("ListAttachedUserPolicies", &[("UserName", "grid-user")]),
    (
        "ListEntitiesForPolicy",
        &[("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy")],
    ),
    ("ListGroupPolicies", &[("GroupName", "grid-group")]),
    ("ListGroupsForUser", &[("UserName", "grid-user")]),
    ("ListInstanceProfilesForRole", &[("RoleName", "grid-role")]),
    (
        "ListPolicyTags",
        &[("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy")],
    ),
    (
        "ListPolicyVersions",
        &[("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy")],
    ),
    ("ListRolePolicies", &[("RoleName", "grid-role")]),
    ("ListRoleTags", &[("RoleName", "grid-role")]),
    ("ListUserPolicies", &[("UserName", "grid-user")]),
    ("ListUserTags", &[("UserName", "grid-user")]),
    (
        "PutGroupPolicy",
        &[
            ("GroupName", "grid-group"),
            ("PolicyName", "grid-policy"),
            ("PolicyDocument", DOCUMENT),
        ],
    ),
    (
        "PutRolePermissionsBoundary",
        &[
            ("RoleName", "grid-role"),
            (
                "PermissionsBoundary",
                "arn:aws:iam::123456789012:policy/grid-policy",
            ),
        ],
    ),
    (
        "PutRolePolicy",
        &[
            ("RoleName", "grid-role"),
            ("PolicyName", "grid-policy"),
            ("PolicyDocument", DOCUMENT),
        ],
    ),
    (
        "PutUserPermissionsBoundary",
        &[
            ("UserName", "grid-user"),
            (
                "PermissionsBoundary",
                "arn:aws:iam::123456789012:policy/grid-policy",
            ),
        ],
    ),
    (
        "PutUserPolicy",
        &[
            ("UserName", "grid-user"),
            ("PolicyName", "grid-policy"),
            ("PolicyDocument", DOCUMENT),
        ],
    ),
    (
        "RemoveUserFromGroup",
        &[("GroupName", "grid-group"), ("UserName", "grid-user")],
    ),
    (
        "SetDefaultPolicyVersion",
        &[
            ("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy"),
            ("VersionId", "v1"),
        ],
    ),
    (
        "TagPolicy",
        &[
            ("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy"),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "grid"),
        ],
    ),
    (
        "TagRole",
        &[
            ("RoleName", "grid-role"),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "grid"),
        ],
    ),
    (
        "TagUser",
        &[
            ("UserName", "grid-user"),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "grid"),
        ],
    ),
    (
        "UntagPolicy",
        &[
            ("PolicyArn", "arn:aws:iam::123456789012:policy/grid-policy"),
            ("TagKeys.member.1", "team"),
        ],
    ),
    (
        "UntagRole",
        &[("RoleName", "grid-role"), ("TagKeys.member.1", "team")],
    ),
    (
        "UntagUser",
        &[("UserName", "grid-user"), ("TagKeys.member.1", "team")],
    ),
    (
        "UpdateAccessKey",
        &[
            ("UserName", "grid-user"),
            ("AccessKeyId", "AKIAIOSFODNN7EXAMPLE"),
            ("Status", "Inactive"),
        ],
    ),
    (
        "UpdateAssumeRolePolicy",
        &[("RoleName", "grid-role"), ("PolicyDocument", TRUST)],
    ),
    ("UpdateGroup", &[("GroupName", "grid-group")]),
    ("UpdateRole", &[("RoleName", "grid-role")]),
    (
        "UpdateRoleDescription",
        &[("RoleName", "grid-role"), ("Description", "grid")],
    ),
    ("UpdateUser", &[("UserName", "grid-user")]),
    (
        "AddClientIDToOpenIDConnectProvider",
        &[
            (
                "OpenIDConnectProviderArn",
                "arn:aws:iam::123456789012:oidc-provider/idp.example.com",
            ),
            ("ClientID", "grid"),
        ],
    ),
    (
        "AddRoleToInstanceProfile",
        &[
            ("InstanceProfileName", "grid-profile"),
            ("RoleName", "grid-role"),
        ],
    ),
    (
        "ChangePassword",
        &[("OldPassword", "Grid-2345"), ("NewPassword", "Grid-5432")],
    ),
    (
        "CreateInstanceProfile",
        &[("InstanceProfileName", "grid-profile")],
    ),
    (
        "CreateLoginProfile",
        &[("UserName", "grid-user"), ("Password", "Grid-2345")],
    ),
    (
        "CreateOpenIDConnectProvider",
        &[("Url", "https://idp.example.com")],
    ),
    (
        "CreateSAMLProvider",
        &[("Name", "grid-saml"), ("SAMLMetadataDocument", METADATA)],
    ),
    (
        "CreateServiceLinkedRole",
        &[("AWSServiceName", "batch.amazonaws.com")],
    ),
    (
        "CreateServiceSpecificCredential",
        &[
            ("UserName", "grid-user"),
            ("ServiceName", "codecommit.amazonaws.com"),
        ],
    ),
    (
        "CreateVirtualMFADevice",
        &[("VirtualMFADeviceName", "grid-device")],
    ),
    (
        "DeactivateMFADevice",
        &[
            ("UserName", "grid-user"),
            ("SerialNumber", "arn:aws:iam::123456789012:mfa/grid-device"),
        ],
    ),
    (
        "DeleteInstanceProfile",
        &[("InstanceProfileName", "grid-profile")],
    ),
    ("DeleteLoginProfile", &[("UserName", "grid-user")]),
    (
        "DeleteOpenIDConnectProvider",
        &[(
            "OpenIDConnectProviderArn",
            "arn:aws:iam::123456789012:oidc-provider/idp.example.com",
        )],
    ),
    (
        "DeleteSAMLProvider",
        &[(
            "SAMLProviderArn",
            "arn:aws:iam::123456789012:saml-provider/grid-saml",
        )],
    ),
    (
        "DeleteSSHPublicKey",
        &[
            ("UserName", "grid-user"),
            ("SSHPublicKeyId", "APKAGRID2345GRID2345"),
        ],
    ),
    (
        "DeleteServerCertificate",
        &[("ServerCertificateName", "grid-certificate")],
    ),
    (
        "DeleteServiceLinkedRole",
        &[("RoleName", "AWSServiceRoleForBatch")],
    ),
    (
        "DeleteServiceSpecificCredential",
        &[
            ("UserName", "grid-user"),
            ("ServiceSpecificCredentialId", "ACCAGRID2345GRID23456"),
        ],
    ),
    (
        "DeleteSigningCertificate",
        &[
            ("UserName", "grid-user"),
            ("CertificateId", "GRID2345GRID2345GRID2345"),
        ],
    ),
    (
        "DeleteVirtualMFADevice",
        &[("SerialNumber", "arn:aws:iam::123456789012:mfa/grid-device")],
    ),
    (
        "EnableMFADevice",
        &[
            ("UserName", "grid-user"),
            ("SerialNumber", "arn:aws:iam::123456789012:mfa/grid-device"),
            ("AuthenticationCode1", "123456"),
            ("AuthenticationCode2", "654321"),
        ],
    ),
    (
        "GenerateServiceLastAccessedDetails",
        &[("Arn", "arn:aws:iam::123456789012:user/grid-user")],
    ),
    (
        "GetInstanceProfile",
        &[("InstanceProfileName", "grid-profile")],
    ),
    ("GetLoginProfile", &[("UserName", "grid-user")]),
    (
        "GetMFADevice",
        &[
            ("SerialNumber", "arn:aws:iam::123456789012:mfa/grid-device"),
            ("UserName", "grid-user"),
        ],
    ),
    (
        "GetOpenIDConnectProvider",
        &[(
            "OpenIDConnectProviderArn",
            "arn:aws:iam::123456789012:oidc-provider/idp.example.com",
        )],
    ),
    (
        "GetSAMLProvider",
        &[(
            "SAMLProviderArn",
            "arn:aws:iam::123456789012:saml-provider/grid-saml",
        )],
    ),
    (
        "GetSSHPublicKey",
        &[
            ("UserName", "grid-user"),
            ("SSHPublicKeyId", "APKAGRID2345GRID2345"),
            ("Encoding", "SSH"),
        ],
    ),
    (
        "GetServerCertificate",
        &[("ServerCertificateName", "grid-certificate")],
    ),
    (
        "GetServiceLastAccessedDetails",
        &[("JobId", "7e1f0b2a-6f3e-4f5e-9d0a-000000000000")],
    ),
    (
        "GetServiceLastAccessedDetailsWithEntities",
        &[
            ("JobId", "7e1f0b2a-6f3e-4f5e-9d0a-000000000000"),
            ("ServiceNamespace", "s3"),
        ],
    ),
    (
        "GetServiceLinkedRoleDeletionStatus",
        &[(
            "DeletionTaskId",
            "task/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch/1",
        )],
    ),
    (
        "ListInstanceProfileTags",
        &[("InstanceProfileName", "grid-profile")],
    ),
    (
        "ListMFADeviceTags",
        &[("SerialNumber", "arn:aws:iam::123456789012:mfa/grid-device")],
    ),
    ("ListMFADevices", &[("UserName", "grid-user")]),
    (
        "ListOpenIDConnectProviderTags",
        &[(
            "OpenIDConnectProviderArn",
            "arn:aws:iam::123456789012:oidc-provider/idp.example.com",
        )],
    ),
    (
        "ListPoliciesGrantingServiceAccess",
        &[
            ("Arn", "arn:aws:iam::123456789012:user/grid-user"),
            ("ServiceNamespaces.member.1", "s3"),
        ],
    ),
    (
        "ListSAMLProviderTags",
        &[(
            "SAMLProviderArn",
            "arn:aws:iam::123456789012:saml-provider/grid-saml",
        )],
    ),
    ("ListSSHPublicKeys", &[("UserName", "grid-user")]),
    (
        "ListServerCertificateTags",
        &[("ServerCertificateName", "grid-certificate")],
    ),
    (
        "ListServiceSpecificCredentials",
        &[("UserName", "grid-user")],
    ),
    ("ListSigningCertificates", &[("UserName", "grid-user")]),
    (
        "RemoveClientIDFromOpenIDConnectProvider",
        &[
            (
                "OpenIDConnectProviderArn",
                "arn:aws:iam::123456789012:oidc-provider/idp.example.com",
            ),
            ("ClientID", "grid"),
        ],
    ),
    (
        "RemoveRoleFromInstanceProfile",
        &[
            ("InstanceProfileName", "grid-profile"),
            ("RoleName", "grid-role"),
        ],
    ),
    (
        "ResetServiceSpecificCredential",
        &[
            ("UserName", "grid-user"),
            ("ServiceSpecificCredentialId", "ACCAGRID2345GRID23456"),
        ],
    ),
    (
        "ResyncMFADevice",
        &[
            ("UserName", "grid-user"),
            ("SerialNumber", "arn:aws:iam::123456789012:mfa/grid-device"),
            ("AuthenticationCode1", "123456"),
            ("AuthenticationCode2", "654321"),
        ],
    ),
    (
        "SetSecurityTokenServicePreferences",
        &[("GlobalEndpointTokenVersion", "v2Token")],
    ),
    (
        "TagInstanceProfile",
        &[
            ("InstanceProfileName", "grid-profile"),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "grid"),
        ],
    ),
    (
        "TagMFADevice",
        &[
            ("SerialNumber", "arn:aws:iam::123456789012:mfa/grid-device"),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "grid"),
        ],
    ),
    (
        "TagOpenIDConnectProvider",
        &[
            (
                "OpenIDConnectProviderArn",
                "arn:aws:iam::123456789012:oidc-provider/idp.example.com",
            ),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "grid"),
        ],
    ),
    (
        "TagSAMLProvider",
        &[
            (
                "SAMLProviderArn",
                "arn:aws:iam::123456789012:saml-provider/grid-saml",
            ),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "grid"),
        ],
    ),
    (
        "TagServerCertificate",
        &[
            ("ServerCertificateName", "grid-certificate"),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "grid"),
        ],
    ),
    (
        "UntagInstanceProfile",
        &[
            ("InstanceProfileName", "grid-profile"),
            ("TagKeys.member.1", "team"),
        ],
    ),
    (
        "UntagMFADevice",
        &[
            ("SerialNumber", "arn:aws:iam::123456789012:mfa/grid-device"),
            ("TagKeys.member.1", "team"),
        ],
    ),
    (
        "UntagOpenIDConnectProvider",
        &[
            (
                "OpenIDConnectProviderArn",
                "arn:aws:iam::123456789012:oidc-provider/idp.example.com",
            ),
            ("TagKeys.member.1", "team"),
        ],
    ),
    (
        "UntagSAMLProvider",
        &[
            (
                "SAMLProviderArn",
                "arn:aws:iam::123456789012:saml-provider/grid-saml",
            ),
            ("TagKeys.member.1", "team"),
        ],
    ),
    (
        "UntagServerCertificate",
        &[
            ("ServerCertificateName", "grid-certificate"),
            ("TagKeys.member.1", "team"),
        ],
    ),
    (
        "UpdateAccountPasswordPolicy",
        &[("MinimumPasswordLength", "8")],
    ),
    (
        "UpdateLoginProfile",
        &[("UserName", "grid-user"), ("Password", "Grid-2345")],
    ),
    (
        "UpdateOpenIDConnectProviderThumbprint",
        &[
            (
                "OpenIDConnectProviderArn",
                "arn:aws:iam::123456789012:oidc-provider/idp.example.com",
            ),
            (
                "ThumbprintList.member.1",
                "0000000000000000000000000000000000000000",
            ),
        ],
    ),
    (
        "UpdateSAMLProvider",
        &[(
            "SAMLProviderArn",
            "arn:aws:iam::123456789012:saml-provider/grid-saml",
        )],
    ),
    (
        "UpdateSSHPublicKey",
        &[
            ("UserName", "grid-user"),
            ("SSHPublicKeyId", "APKAGRID2345GRID2345"),
            ("Status", "Inactive"),
        ],
    ),
    (
        "UpdateServerCertificate",
        &[
            ("ServerCertificateName", "grid-certificate"),
            ("NewPath", "/grid/"),
        ],
    ),
    (
        "UpdateServiceSpecificCredential",
        &[
            ("UserName", "grid-user"),
            ("ServiceSpecificCredentialId", "ACCAGRID2345GRID23456"),
            ("Status", "Inactive"),
        ],
    ),
    (
        "UpdateSigningCertificate",
        &[
            ("UserName", "grid-user"),
            ("CertificateId", "GRID2345GRID2345GRID2345"),
            ("Status", "Inactive"),
        ],
    ),
    (
        "UploadSSHPublicKey",
        &[
            ("UserName", "grid-user"),
            ("SSHPublicKeyBody", "ssh-rsa AAAAB3NzaC1yc2E="),
        ],
    ),
    (
        "UploadServerCertificate",
        &[
            ("ServerCertificateName", "grid-certificate"),
            ("CertificateBody", "grid"),
            ("PrivateKey", "grid"),
        ],
    ),
    (
        "UploadSigningCertificate",
        &[("UserName", "grid-user"), ("CertificateBody", "grid")],
    ),
];

const DOCUMENT: &str = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}";
/// A thousand characters at least, as AWS wants them.
const METADATA: &str = "<EntityDescriptor entityID=\"https://idp.example.com\"><IDPSSODescriptor></IDPSSODescriptor><!--........................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................................--></EntityDescriptor>";
const TRUST: &str = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"pinpoint.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}";

/// Query string, headers and body of REST operations that need more than their path.
struct Rest {
    name: &'static str,
    query: &'static str,
    header: Option<(&'static str, &'static str)>,
    body: &'static str,
}

const RESTS: &[Rest] = &[
    Rest::body(
        "ValidatePolicy",
        "{\"policyType\":\"IDENTITY_POLICY\",\"policyDocument\":\"{}\"}",
    ),
    Rest::body(
        "CheckNoNewAccess",
        "{\"policyType\":\"IDENTITY_POLICY\",\"newPolicyDocument\":\"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[]}\",\"existingPolicyDocument\":\"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[]}\"}",
    ),
    Rest::body(
        "CheckAccessNotGranted",
        "{\"policyType\":\"IDENTITY_POLICY\",\"policyDocument\":\"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[]}\",\"access\":[{\"actions\":[\"s3:PutObject\"]}]}",
    ),
    Rest::body(
        "CheckNoPublicAccess",
        "{\"resourceType\":\"AWS::S3::Bucket\",\"policyDocument\":\"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[]}\"}",
    ),
    Rest::body("CreateApp", "{\"Name\":\"grid\"}"),
    Rest::body("UpdateApplicationSettings", "{}"),
    Rest::body(
        "UpdateEndpoint",
        "{\"ChannelType\":\"EMAIL\",\"Address\":\"a@example.com\"}",
    ),
    Rest::body(
        "UpdateEndpointsBatch",
        "{\"Item\":[{\"Id\":\"e-1\",\"ChannelType\":\"EMAIL\",\"Address\":\"a@example.com\"}]}",
    ),
    Rest::body("CreateSegment", "{\"Name\":\"grid\"}"),
    Rest::body("UpdateSegment", "{\"Name\":\"grid\"}"),
    Rest::body(
        "CreateExportJob",
        "{\"RoleArn\":\"arn:aws:iam::123456789012:role/grid-role\",\"S3UrlPrefix\":\"s3://grid-bucket/Exports/\"}",
    ),
    Rest::body(
        "CreateImportJob",
        "{\"Format\":\"JSON\",\"RegisterEndpoints\":true,\"RoleArn\":\"arn:aws:iam::123456789012:role/grid-role\",\"S3Url\":\"s3://grid-bucket/Imports/\"}",
    ),
    Rest::body("TagResource", "{\"tags\":{\"team\":\"grid\"}}"),
    Rest::query("UntagResource", "tagKeys=team"),
    Rest::body(
        "PutBucketPolicy",
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"123456789012\"},\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::grid-bucket/other\"}]}",
    ),
    Rest::body("PutBucketTagging", TAGGING),
    Rest::body("PutObjectTagging", TAGGING),
    Rest::body(
        "PutBucketVersioning",
        "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>",
    ),
    Rest::body(
        "PutPublicAccessBlock",
        "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
    ),
    Rest::body(
        "PutBucketOwnershipControls",
        "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>",
    ),
    Rest::header("OptionsBucket", "origin", "http://grid.example.com"),
    Rest::header("OptionsObject", "origin", "http://grid.example.com"),
    Rest::body(
        "PutBucketCors",
        "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>http://other.example.com</AllowedOrigin></CORSRule></CORSConfiguration>",
    ),
    Rest::body(
        "PutBucketEncryption",
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
    ),
    Rest::body(
        "PutBucketWebsite",
        "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>",
    ),
    Rest::body("PutBucketLogging", "<BucketLoggingStatus/>"),
    Rest::body(
        "PutBucketLifecycleConfiguration",
        "<LifecycleConfiguration><Rule><ID>grid</ID><Filter/><Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule></LifecycleConfiguration>",
    ),
    Rest::body(
        "PutBucketReplication",
        "<ReplicationConfiguration><Role>arn:aws:iam::123456789012:role/grid-role</Role><Rule><Status>Enabled</Status><Prefix/><Destination><Bucket>arn:aws:s3:::other-bucket</Bucket></Destination></Rule></ReplicationConfiguration>",
    ),
    Rest::body(
        "PutBucketRequestPayment",
        "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
    ),
    Rest::body(
        "PutBucketAccelerateConfiguration",
        "<AccelerateConfiguration><Status>Suspended</Status></AccelerateConfiguration>",
    ),
    Rest::body(
        "PutBucketNotificationConfiguration",
        "<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>",
    ),
    Rest::body(
        "PutObjectLockConfiguration",
        "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>",
    ),
    Rest::body(
        "PutBucketAnalyticsConfiguration",
        "<AnalyticsConfiguration><Id/><StorageClassAnalysis/></AnalyticsConfiguration>",
    ),
    Rest::body(
        "PutBucketInventoryConfiguration",
        "<InventoryConfiguration><Id/><IsEnabled>true</IsEnabled><Destination><S3BucketDestination><Bucket>arn:aws:s3:::grid-bucket</Bucket><Format>CSV</Format></S3BucketDestination></Destination><Schedule><Frequency>Daily</Frequency></Schedule><IncludedObjectVersions>All</IncludedObjectVersions></InventoryConfiguration>",
    ),
    Rest::body(
        "PutBucketMetricsConfiguration",
        "<MetricsConfiguration><Id/></MetricsConfiguration>",
    ),
    Rest::body(
        "PutBucketIntelligentTieringConfiguration",
        "<IntelligentTieringConfiguration><Id/><Status>Enabled</Status><Tiering><AccessTier>ARCHIVE_ACCESS</AccessTier><Days>90</Days></Tiering></IntelligentTieringConfiguration>",
    ),
    Rest::body(
        "PutObjectRetention",
        "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2099-01-01T00:00:00Z</RetainUntilDate></Retention>",
    ),
    Rest::body(
        "PutBucketAbac",
        "<AbacStatus><Status>Disabled</Status></AbacStatus>",
    ),
    Rest::body(
        "RestoreObject",
        "<RestoreRequest><Days>1</Days></RestoreRequest>",
    ),
    Rest::body(
        "UpdateObjectEncryption",
        "<ObjectEncryption><SSE-KMS><KMSKeyArn>arn:aws:kms:us-east-1:123456789012:key/grid</KMSKeyArn></SSE-KMS></ObjectEncryption>",
    ),
    Rest::body(
        "PutObjectLegalHold",
        "<LegalHold><Status>OFF</Status></LegalHold>",
    ),
    Rest::body(
        "DeleteObjects",
        "<Delete><Object><Key>other</Key></Object></Delete>",
    ),
    Rest::header("PutBucketAcl", "x-amz-acl", "private"),
    Rest::header("PutObjectAcl", "x-amz-acl", "private"),
    Rest::body(
        "CompleteMultipartUpload",
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"5eb63bbbe01eeed093cb22bb8f5acdc3\"</ETag></Part></CompleteMultipartUpload>",
    ),
    Rest {
        header: Some(("content-type", "multipart/form-data; boundary=grid")),
        ..Rest::body("PostObject", POSTED)
    },
    Rest::header("GetObjectAttributes", "x-amz-object-attributes", "ETag"),
];

const POSTED: &str = "--grid\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nother\r\n--grid\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\ncontent\r\n--grid--\r\n";

const TAG_RESOURCE: &str = "<TagResourceRequest><Tags><Tag><Key>team</Key><Value>grid</Value></Tag></Tags></TagResourceRequest>";

const TAGGING: &str =
    "<Tagging><TagSet><Tag><Key>team</Key><Value>grid</Value></Tag></TagSet></Tagging>";

/// Operations that would take the stage away from under the others use another key.
const ELSEWHERE: &[&str] = &["DeleteObject"];

impl Rest {
    const fn plain(name: &'static str) -> Self {
        Self {
            name,
            query: "",
            header: None,
            body: "",
        }
    }

    const fn body(name: &'static str, body: &'static str) -> Self {
        Self {
            body,
            ..Self::plain(name)
        }
    }

    const fn query(name: &'static str, query: &'static str) -> Self {
        Self {
            query,
            ..Self::plain(name)
        }
    }

    const fn header(name: &'static str, header: &'static str, value: &'static str) -> Self {
        Self {
            header: Some((header, value)),
            ..Self::plain(name)
        }
    }
}

/// A request for `row` that reaches its decision.
pub(crate) fn sample(row: &Row, names: &Names) -> Raw {
    match row.service {
        "iam" => form(row, "2010-05-08"),
        "sts" => form(row, "2011-06-15"),
        "ses" => form(row, "2010-12-01"),
        _ => rest(row, names),
    }
}

fn form(row: &Row, version: &str) -> Raw {
    let more = FORMS
        .iter()
        .find(|(name, _)| *name == row.name)
        .map(|(_, fields)| *fields);
    let mut fields = vec![("Action", row.name), ("Version", version)];
    fields.extend(more.unwrap_or_default());
    Raw::form(&fields)
}

fn rest(row: &Row, names: &Names) -> Raw {
    let (target, header) = row.path.split_once('#').unwrap_or((row.path, ""));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let app_arn = format!(
        "arn:aws:mobiletargeting:us-east-1:123456789012:apps/{}",
        names.app
    );
    let path = path
        .replace("{bucket}", BUCKET)
        .replace(
            "{key+}",
            if ELSEWHERE.contains(&row.name) {
                "other"
            } else {
                KEY
            },
        )
        .replace("{application-id}", &names.app)
        .replace("{resource-arn}", &aws_encoded(&app_arn))
        .replace(
            "{resourceArn+}",
            &aws_encoded(&format!("arn:aws:s3:::{BUCKET}")),
        )
        .replace("{version}", "1")
        .replace(['{', '}'], "");
    let more = RESTS.iter().find(|rest| rest.name == row.name);
    let queries = [query, more.map_or("", |rest| rest.query)];
    let query: Vec<&str> = queries
        .into_iter()
        .filter(|query| !query.is_empty())
        .collect();
    let target = if query.is_empty() {
        path
    } else {
        format!("{path}?{}", query.join("&"))
    };
    let mut raw = Raw::new(row.method, &target);
    for header in header.split('#').filter(|header| !header.is_empty()) {
        let value = match header {
            "x-amz-account-id" => "123456789012".to_owned(),
            _ => format!("{BUCKET}/{KEY}"),
        };
        raw = raw.header(header, &value);
    }
    if let Some((name, value)) = more.and_then(|rest| rest.header) {
        raw = raw.header(name, value);
    }
    let body = match (row.service, row.name) {
        // S3 has an operation of a name that Pinpoint has too.
        ("s3", "TagResource") => TAG_RESOURCE,
        _ => more.map_or("", |rest| rest.body),
    };
    // S3 asks for a digest of some documents.
    if row.service == "s3" && !body.is_empty() {
        raw = raw.header("content-md5", &BASE64_STANDARD.encode(Md5::digest(body)));
    }
    raw.body(body)
}
