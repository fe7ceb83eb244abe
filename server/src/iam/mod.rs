//! AWS Identity and Access Management. One file per resource; operations stand next to what they change.

mod access_keys;
mod account;
mod alias;
mod asking;
mod attach;
mod aws_managed;
mod boundaries;
mod documents;
mod entities;
mod faults;
mod groups;
mod identity;
mod inline;
mod membership;
mod names;
mod page;
mod policies;
mod role_updates;
mod roles;
mod simulate;
mod summary;
mod tags;
mod trust;
mod user_updates;
mod users;
mod versions;

pub use access_keys::{AccessKey, Holder, LastUse};
pub use account::Account;
pub(crate) use account::Kind;
pub use groups::Group;
pub use policies::{Attachments, InlinePolicy, ManagedPolicy, PolicyVersion};
pub use roles::Role;
pub use trust::Trust;
pub(crate) use trust::{bound as bound_policy, shown as shown_policy};
pub use users::User;

pub(crate) use tags::{TWINS, Tag, bounds as tag_bounds, has_twins, pairs as tag_pairs};

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
    POST "/" 200 => roles::ListInstanceProfilesForRole,
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
    POST "/" 200 => simulate::SimulateCustomPolicy,
    POST "/" 200 => simulate::SimulatePrincipalPolicy,
    POST "/" 200 => simulate::GetContextKeysForCustomPolicy,
    POST "/" 200 => simulate::GetContextKeysForPrincipalPolicy,
];

/// Tags of an IAM resource. Keys are unique ignoring case. Source: IAM User Guide, "Tags for IAM resources".
pub type Tags = Vec<(String, String)>;
