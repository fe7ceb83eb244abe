//! AWS Identity and Access Management. One file per resource; operations stand next to what they change.

mod access_keys;
mod account;
mod alias;
mod asking;
mod attach;
mod authorization_details;
mod aws_managed;
mod boundaries;
mod credential_report;
mod credentials;
mod documents;
mod entities;
mod faults;
mod granting;
mod groups;
mod identity;
mod inline;
mod instance_profiles;
mod known;
mod last_accessed;
mod login_profiles;
mod membership;
mod mfa_devices;
mod mfa_image;
mod names;
mod oidc_providers;
mod outbound_federation;
mod page;
mod password_policy;
mod pem;
mod policies;
mod preferences;
mod private_keys;
mod reports;
mod role_updates;
mod roles;
mod root_access;
mod saml_metadata;
mod saml_providers;
mod server_certificates;
mod service_credentials;
mod service_linked;
mod signing_certificates;
mod signing_keys;
mod simulate;
mod ssh_encoding;
mod ssh_keys;
mod summary;
mod tags;
mod totp;
mod trust;
mod user_updates;
mod users;
mod versions;

pub use access_keys::{AccessKey, Holder, LastUse};
pub use account::Account;
pub(crate) use account::Kind;
pub use credentials::UserCredentials;
pub use groups::Group;
pub use instance_profiles::InstanceProfile;
pub(crate) use known::fill as fill_known;
pub use login_profiles::LoginProfile;
pub use mfa_devices::MfaDevice;
pub use oidc_providers::OidcProvider;
pub use outbound_federation::OutboundFederation;
pub use password_policy::PasswordPolicy;
pub use policies::{Attachments, InlinePolicy, ManagedPolicy, PolicyVersion};
pub use roles::Role;
pub use saml_providers::SamlProvider;
pub use server_certificates::ServerCertificate;
pub use signing_keys::SigningKeys;
pub use trust::Trust;
pub(crate) use trust::{bound as bound_policy, shown as shown_policy};
pub use users::User;

pub(crate) use tags::{
    MOST as MOST_TAGS, TWINS, Tag, bounds as tag_bounds, has_twins, pairs as tag_pairs,
    reserved as reserved_tag,
};

use crate::wire::{Query, Row, operations};

/// What every operation of IAM says alike.
macro_rules! says {
    ($operation:ident -> $output:ty) => {
        const SERVICE: &'static str = "iam";
        const NAME: &'static str = stringify!($operation);
        type Output = $output;
    };
}
use says;

/// AWS's own managed policy, by ARN.
pub(crate) use aws_managed::get as aws_managed_policy;

/// Every operation of IAM that rolecall serves.
pub static OPERATIONS: &[Row] = operations![Query, "iam";
    POST "/" 200 => users::CreateUser,
    POST "/" 200 => users::GetUser,
    POST "/" 200 => users::ListUsers,
    POST "/" 200 => user_updates::UpdateUser,
    POST "/" 200 => user_updates::DeleteUser,
    POST "/" 200 => groups::CreateGroup,
    POST "/" 200 => groups::GetGroup,
    POST "/" 200 => groups::ListGroups,
    POST "/" 200 => groups::UpdateGroup,
    POST "/" 200 => groups::DeleteGroup,
    POST "/" 200 => membership::AddUserToGroup,
    POST "/" 200 => membership::RemoveUserFromGroup,
    POST "/" 200 => membership::ListGroupsForUser,
    POST "/" 200 => roles::CreateRole,
    POST "/" 200 => roles::GetRole,
    POST "/" 200 => roles::ListRoles,
    POST "/" 200 => role_updates::UpdateRole,
    POST "/" 200 => role_updates::UpdateRoleDescription,
    POST "/" 200 => role_updates::UpdateAssumeRolePolicy,
    POST "/" 200 => role_updates::DeleteRole,
    POST "/" 200 => policies::CreatePolicy,
    POST "/" 200 => policies::GetPolicy,
    POST "/" 200 => policies::ListPolicies,
    POST "/" 200 => policies::DeletePolicy,
    POST "/" 200 => versions::CreatePolicyVersion,
    POST "/" 200 => versions::GetPolicyVersion,
    POST "/" 200 => versions::ListPolicyVersions,
    POST "/" 200 => versions::DeletePolicyVersion,
    POST "/" 200 => versions::SetDefaultPolicyVersion,
    POST "/" 200 => entities::ListEntitiesForPolicy,
    POST "/" 200 => attach::AttachUserPolicy,
    POST "/" 200 => attach::AttachGroupPolicy,
    POST "/" 200 => attach::AttachRolePolicy,
    POST "/" 200 => attach::DetachUserPolicy,
    POST "/" 200 => attach::DetachGroupPolicy,
    POST "/" 200 => attach::DetachRolePolicy,
    POST "/" 200 => attach::ListAttachedUserPolicies,
    POST "/" 200 => attach::ListAttachedGroupPolicies,
    POST "/" 200 => attach::ListAttachedRolePolicies,
    POST "/" 200 => inline::PutUserPolicy,
    POST "/" 200 => inline::PutGroupPolicy,
    POST "/" 200 => inline::PutRolePolicy,
    POST "/" 200 => inline::GetUserPolicy,
    POST "/" 200 => inline::GetGroupPolicy,
    POST "/" 200 => inline::GetRolePolicy,
    POST "/" 200 => inline::ListUserPolicies,
    POST "/" 200 => inline::ListGroupPolicies,
    POST "/" 200 => inline::ListRolePolicies,
    POST "/" 200 => inline::DeleteUserPolicy,
    POST "/" 200 => inline::DeleteGroupPolicy,
    POST "/" 200 => inline::DeleteRolePolicy,
    POST "/" 200 => boundaries::PutUserPermissionsBoundary,
    POST "/" 200 => boundaries::PutRolePermissionsBoundary,
    POST "/" 200 => boundaries::DeleteUserPermissionsBoundary,
    POST "/" 200 => boundaries::DeleteRolePermissionsBoundary,
    POST "/" 200 => tags::TagUser,
    POST "/" 200 => tags::TagRole,
    POST "/" 200 => tags::TagPolicy,
    POST "/" 200 => tags::UntagUser,
    POST "/" 200 => tags::UntagRole,
    POST "/" 200 => tags::UntagPolicy,
    POST "/" 200 => tags::ListUserTags,
    POST "/" 200 => tags::ListRoleTags,
    POST "/" 200 => tags::ListPolicyTags,
    POST "/" 200 => access_keys::CreateAccessKey,
    POST "/" 200 => access_keys::ListAccessKeys,
    POST "/" 200 => access_keys::UpdateAccessKey,
    POST "/" 200 => access_keys::DeleteAccessKey,
    POST "/" 200 => access_keys::GetAccessKeyLastUsed,
    POST "/" 200 => alias::CreateAccountAlias,
    POST "/" 200 => alias::ListAccountAliases,
    POST "/" 200 => alias::DeleteAccountAlias,
    POST "/" 200 => summary::GetAccountSummary,
    POST "/" 200 => instance_profiles::CreateInstanceProfile,
    POST "/" 200 => instance_profiles::GetInstanceProfile,
    POST "/" 200 => instance_profiles::DeleteInstanceProfile,
    POST "/" 200 => instance_profiles::AddRoleToInstanceProfile,
    POST "/" 200 => instance_profiles::RemoveRoleFromInstanceProfile,
    POST "/" 200 => instance_profiles::ListInstanceProfiles,
    POST "/" 200 => instance_profiles::ListInstanceProfilesForRole,
    POST "/" 200 => tags::TagInstanceProfile,
    POST "/" 200 => tags::UntagInstanceProfile,
    POST "/" 200 => tags::ListInstanceProfileTags,
    POST "/" 200 => tags::TagMFADevice,
    POST "/" 200 => tags::UntagMFADevice,
    POST "/" 200 => tags::ListMFADeviceTags,
    POST "/" 200 => tags::TagOpenIDConnectProvider,
    POST "/" 200 => tags::UntagOpenIDConnectProvider,
    POST "/" 200 => tags::ListOpenIDConnectProviderTags,
    POST "/" 200 => tags::TagSAMLProvider,
    POST "/" 200 => tags::UntagSAMLProvider,
    POST "/" 200 => tags::ListSAMLProviderTags,
    POST "/" 200 => tags::TagServerCertificate,
    POST "/" 200 => tags::UntagServerCertificate,
    POST "/" 200 => tags::ListServerCertificateTags,
    POST "/" 200 => login_profiles::CreateLoginProfile,
    POST "/" 200 => login_profiles::GetLoginProfile,
    POST "/" 200 => login_profiles::UpdateLoginProfile,
    POST "/" 200 => login_profiles::DeleteLoginProfile,
    POST "/" 200 => login_profiles::ChangePassword,
    POST "/" 200 => password_policy::UpdateAccountPasswordPolicy,
    POST "/" 200 => password_policy::GetAccountPasswordPolicy,
    POST "/" 200 => password_policy::DeleteAccountPasswordPolicy,
    POST "/" 200 => mfa_devices::CreateVirtualMFADevice,
    POST "/" 200 => mfa_devices::EnableMFADevice,
    POST "/" 200 => mfa_devices::ResyncMFADevice,
    POST "/" 200 => mfa_devices::DeactivateMFADevice,
    POST "/" 200 => mfa_devices::DeleteVirtualMFADevice,
    POST "/" 200 => mfa_devices::ListVirtualMFADevices,
    POST "/" 200 => mfa_devices::ListMFADevices,
    POST "/" 200 => mfa_devices::GetMFADevice,
    POST "/" 200 => oidc_providers::CreateOpenIDConnectProvider,
    POST "/" 200 => oidc_providers::GetOpenIDConnectProvider,
    POST "/" 200 => oidc_providers::ListOpenIDConnectProviders,
    POST "/" 200 => oidc_providers::DeleteOpenIDConnectProvider,
    POST "/" 200 => oidc_providers::AddClientIDToOpenIDConnectProvider,
    POST "/" 200 => oidc_providers::RemoveClientIDFromOpenIDConnectProvider,
    POST "/" 200 => oidc_providers::UpdateOpenIDConnectProviderThumbprint,
    POST "/" 200 => outbound_federation::EnableOutboundWebIdentityFederation,
    POST "/" 200 => outbound_federation::DisableOutboundWebIdentityFederation,
    POST "/" 200 => outbound_federation::GetOutboundWebIdentityFederationInfo,
    POST "/" 200 => root_access::EnableOrganizationsRootSessions,
    POST "/" 200 => root_access::DisableOrganizationsRootSessions,
    POST "/" 200 => root_access::EnableOrganizationsRootCredentialsManagement,
    POST "/" 200 => root_access::DisableOrganizationsRootCredentialsManagement,
    POST "/" 200 => root_access::ListOrganizationsFeatures,
    POST "/" 200 => saml_providers::CreateSAMLProvider,
    POST "/" 200 => saml_providers::GetSAMLProvider,
    POST "/" 200 => saml_providers::ListSAMLProviders,
    POST "/" 200 => saml_providers::UpdateSAMLProvider,
    POST "/" 200 => saml_providers::DeleteSAMLProvider,
    POST "/" 200 => server_certificates::UploadServerCertificate,
    POST "/" 200 => server_certificates::GetServerCertificate,
    POST "/" 200 => server_certificates::ListServerCertificates,
    POST "/" 200 => server_certificates::UpdateServerCertificate,
    POST "/" 200 => server_certificates::DeleteServerCertificate,
    POST "/" 200 => signing_certificates::UploadSigningCertificate,
    POST "/" 200 => signing_certificates::ListSigningCertificates,
    POST "/" 200 => signing_certificates::UpdateSigningCertificate,
    POST "/" 200 => signing_certificates::DeleteSigningCertificate,
    POST "/" 200 => ssh_keys::UploadSSHPublicKey,
    POST "/" 200 => ssh_keys::GetSSHPublicKey,
    POST "/" 200 => ssh_keys::ListSSHPublicKeys,
    POST "/" 200 => ssh_keys::UpdateSSHPublicKey,
    POST "/" 200 => ssh_keys::DeleteSSHPublicKey,
    POST "/" 200 => service_credentials::CreateServiceSpecificCredential,
    POST "/" 200 => service_credentials::ListServiceSpecificCredentials,
    POST "/" 200 => service_credentials::UpdateServiceSpecificCredential,
    POST "/" 200 => service_credentials::ResetServiceSpecificCredential,
    POST "/" 200 => service_credentials::DeleteServiceSpecificCredential,
    POST "/" 200 => service_linked::CreateServiceLinkedRole,
    POST "/" 200 => service_linked::DeleteServiceLinkedRole,
    POST "/" 200 => service_linked::GetServiceLinkedRoleDeletionStatus,
    POST "/" 200 => credential_report::GenerateCredentialReport,
    POST "/" 200 => credential_report::GetCredentialReport,
    POST "/" 200 => last_accessed::GenerateServiceLastAccessedDetails,
    POST "/" 200 => last_accessed::GetServiceLastAccessedDetails,
    POST "/" 200 => last_accessed::GetServiceLastAccessedDetailsWithEntities,
    POST "/" 200 => granting::ListPoliciesGrantingServiceAccess,
    POST "/" 200 => authorization_details::GetAccountAuthorizationDetails,
    POST "/" 200 => preferences::SetSecurityTokenServicePreferences,
    POST "/" 200 => simulate::SimulateCustomPolicy,
    POST "/" 200 => simulate::SimulatePrincipalPolicy,
    POST "/" 200 => simulate::GetContextKeysForCustomPolicy,
    POST "/" 200 => simulate::GetContextKeysForPrincipalPolicy,
];

/// Tags of an IAM resource. Keys are unique ignoring case. Source: IAM User Guide, "Tags for IAM resources".
pub type Tags = Vec<(String, String)>;
