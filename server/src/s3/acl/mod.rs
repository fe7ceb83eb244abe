//! Access control lists: who is granted what besides the owner, kept together with the policy that says the same to
//! the engine. Where Object Ownership is BucketOwnerEnforced nobody asks them.
//! Source: S3 User Guide, "Access control list (ACL) overview".

mod bucket;
mod canned;
mod document;
mod object;
mod request;

pub(super) use bucket::{GetBucketAcl, PutBucketAcl};
pub(super) use object::{GetObjectAcl, PutObjectAcl};
pub(super) use request::{of_new_bucket, of_new_object};

use super::{Bucket, ownership::Ownership};
use crate::{wire::Fault, world::Text};
use rolecall_policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// The grants on a bucket or an object, and what they mean to the engine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "List", into = "List")]
pub struct Acl {
    list: List,
    /// All grants; none where nobody but the owner is granted anything.
    law: Option<Arc<Policy>>,
    /// Without those to everybody, for `IgnorePublicAcls`.
    private_law: Option<Arc<Policy>>,
}

/// The grants as they are kept, and whose they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct List {
    grants: Vec<Grant>,
    owner: Text,
    on: On,
}

/// Somebody may do something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grant {
    pub(super) grantee: Grantee,
    pub(super) permission: Permission,
}

/// To whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Grantee {
    /// An account, by its number; people see its canonical user id.
    Account(Text),
    /// One of the predefined groups.
    Group(Group),
}

/// The predefined groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Group {
    /// Anybody, signed or not.
    AllUsers,
    /// Anybody who signed.
    AuthenticatedUsers,
    /// The service that writes access logs.
    LogDelivery,
}

/// What is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Permission {
    FullControl,
    Read,
    Write,
    ReadAcp,
    WriteAcp,
}

/// What an ACL hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum On {
    Bucket,
    Object,
}

impl Permission {
    pub(super) const ALL: [Self; 5] = [
        Self::FullControl,
        Self::Read,
        Self::Write,
        Self::ReadAcp,
        Self::WriteAcp,
    ];

    /// As documents spell it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FullControl => "FULL_CONTROL",
            Self::Read => "READ",
            Self::Write => "WRITE",
            Self::ReadAcp => "READ_ACP",
            Self::WriteAcp => "WRITE_ACP",
        }
    }

    /// The header that grants it.
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::FullControl => "x-amz-grant-full-control",
            Self::Read => "x-amz-grant-read",
            Self::Write => "x-amz-grant-write",
            Self::ReadAcp => "x-amz-grant-read-acp",
            Self::WriteAcp => "x-amz-grant-write-acp",
        }
    }

    /// The actions behind it.
    /// Source: S3 User Guide, "Mapping of ACL permissions and access policy permissions".
    fn actions(self, on: On) -> Vec<&'static str> {
        match (self, on) {
            // `s3:GetObject` of a bucket's ACL is only asked for keys that are not there: whoever may list is told so.
            (Self::Read, On::Bucket) => vec![
                "s3:ListBucket",
                "s3:ListBucketVersions",
                "s3:ListBucketMultipartUploads",
                "s3:GetObject",
                "s3:GetObjectVersion",
            ],
            // A writer says who may use what it writes. Deleting is the older half of WRITE, which AWS keeps.
            (Self::Write, On::Bucket) => {
                vec!["s3:PutObject", "s3:PutObjectAcl", "s3:DeleteObject"]
            }
            (Self::ReadAcp, On::Bucket) => vec!["s3:GetBucketAcl"],
            (Self::WriteAcp, On::Bucket) => vec!["s3:PutBucketAcl"],
            (Self::Read, On::Object) => vec!["s3:GetObject", "s3:GetObjectVersion"],
            (Self::Write, On::Object) => Vec::new(),
            (Self::ReadAcp, On::Object) => vec!["s3:GetObjectAcl", "s3:GetObjectVersionAcl"],
            (Self::WriteAcp, On::Object) => vec!["s3:PutObjectAcl", "s3:PutObjectVersionAcl"],
            (Self::FullControl, on) => [Self::Read, Self::Write, Self::ReadAcp, Self::WriteAcp]
                .into_iter()
                .flat_map(|permission| permission.actions(on))
                .collect(),
        }
    }
}

impl Group {
    const ALL: [Self; 3] = [Self::AllUsers, Self::AuthenticatedUsers, Self::LogDelivery];

    /// As documents name it.
    pub(super) fn uri(self) -> &'static str {
        match self {
            Self::AllUsers => "http://acs.amazonaws.com/groups/global/AllUsers",
            Self::AuthenticatedUsers => "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
            Self::LogDelivery => "http://acs.amazonaws.com/groups/s3/LogDelivery",
        }
    }

    /// The group of this name.
    fn named(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.uri() == uri)
    }
}

impl Grant {
    pub(super) fn to_account(account: &Text, permission: Permission) -> Self {
        Self {
            grantee: Grantee::Account(account.clone()),
            permission,
        }
    }

    pub(super) fn to_group(group: Group, permission: Permission) -> Self {
        Self {
            grantee: Grantee::Group(group),
            permission,
        }
    }

    /// Whether Block Public Access calls it public. Source: S3 User Guide, "The meaning of 'public'".
    fn is_public(&self) -> bool {
        matches!(
            self.grantee,
            Grantee::Group(Group::AllUsers | Group::AuthenticatedUsers)
        )
    }

    /// The grant as a statement of a policy; none when it allows nothing.
    fn statement(&self, on: On) -> Option<Value> {
        let actions = self.permission.actions(on);
        if actions.is_empty() {
            return None;
        }
        let principal = match &self.grantee {
            Grantee::Account(account) => json!({ "AWS": &**account }),
            Grantee::Group(Group::LogDelivery) => json!({ "Service": "logging.s3.amazonaws.com" }),
            Grantee::Group(_) => json!("*"),
        };
        let mut statement = json!({
            "Effect": "Allow",
            "Principal": principal,
            "Action": actions,
            "Resource": "*",
        });
        if let (Grantee::Group(Group::AuthenticatedUsers), Some(statement)) =
            (&self.grantee, statement.as_object_mut())
        {
            let signed = ["Account", "User", "AssumedRole", "FederatedUser"];
            let condition = json!({ "StringEquals": { "aws:PrincipalType": signed } });
            statement.insert("Condition".to_owned(), condition);
        }
        Some(statement)
    }
}

impl Acl {
    /// The list of these grants.
    pub(super) fn new(grants: Vec<Grant>, owner: &Text, on: On) -> Result<Self, Fault> {
        let own = Grantee::Account(owner.clone());
        let others = || grants.iter().filter(|grant| grant.grantee != own);
        let law = law(others(), on)?;
        let private_law = if others().any(Grant::is_public) {
            self::law(others().filter(|grant| !grant.is_public()), on)?
        } else {
            law.clone()
        };
        let list = List {
            grants,
            owner: owner.clone(),
            on,
        };
        Ok(Self {
            list,
            law,
            private_law,
        })
    }

    /// The grants, in the order they were made.
    pub(super) fn grants(&self) -> &[Grant] {
        &self.list.grants
    }

    /// Whether anybody but the owner is granted anything.
    pub(super) fn grants_to_others(&self) -> bool {
        self.law.is_some()
    }

    /// Whether Block Public Access calls it public.
    pub(super) fn is_public(&self) -> bool {
        self.grants().iter().any(Grant::is_public)
    }

    /// What it says to the engine in this bucket.
    pub(crate) fn law(&self, bucket: &Bucket) -> Option<Arc<Policy>> {
        let ignored = bucket.public_access.is_some_and(|it| it.ignore_public_acls);
        if bucket.ownership() == Ownership::BucketOwnerEnforced {
            None
        } else if ignored {
            self.private_law.clone()
        } else {
            self.law.clone()
        }
    }
}

impl TryFrom<List> for Acl {
    type Error = Fault;

    fn try_from(list: List) -> Result<Self, Fault> {
        Self::new(list.grants, &list.owner, list.on)
    }
}

impl From<Acl> for List {
    fn from(acl: Acl) -> Self {
        acl.list
    }
}

/// The grants as a policy; none where there are none.
fn law<'g>(grants: impl Iterator<Item = &'g Grant>, on: On) -> Result<Option<Arc<Policy>>, Fault> {
    let statements: Vec<Value> = grants.filter_map(|grant| grant.statement(on)).collect();
    if statements.is_empty() {
        return Ok(None);
    }
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    let unreadable = |_| Fault::Internal("write an access control list as a policy".to_owned());
    let text = format!("{document:#}");
    let policy = Policy::parse(&text, PolicyKind::Resource).map_err(unreadable)?;
    Ok(Some(Arc::new(policy)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn only_what_others_are_granted_is_law() {
        let (owner, other) = (Text::from("123456789012"), Text::from("111122223333"));
        let own = Grant::to_account(&owner, Permission::FullControl);
        let acl = Acl::new(vec![own.clone()], &owner, On::Object).unwrap();
        assert!(acl.law.is_none() && !acl.is_public());
        let everybody = Grant::to_group(Group::AllUsers, Permission::Read);
        let acl = Acl::new(vec![own.clone(), everybody.clone()], &owner, On::Object).unwrap();
        assert!(acl.law.is_some() && acl.private_law.is_none() && acl.is_public());
        let foreign = Grant::to_account(&other, Permission::ReadAcp);
        let acl = Acl::new(vec![own, everybody, foreign], &owner, On::Bucket).unwrap();
        assert_eq!(acl.law.unwrap().statements().len(), 2);
        assert_eq!(acl.private_law.unwrap().statements().len(), 1);
    }

    #[test]
    fn writing_an_object_means_nothing() {
        assert!(Permission::Write.actions(On::Object).is_empty());
        assert_eq!(Permission::FullControl.actions(On::Object).len(), 6);
    }
}
