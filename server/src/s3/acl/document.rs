//! `<AccessControlPolicy>`, as it is read and written.

use super::{Acl, Grant, Grantee, Group, Permission};
use crate::{
    s3::{faults, owner::Owner},
    wire::Fault,
    world::Text,
};
use serde::{Deserialize, Serialize};

/// `<AccessControlPolicy>`
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::s3) struct AccessControlPolicy {
    owner: Option<OwnerShape>,
    access_control_list: Option<Grants>,
}

#[derive(Debug, Serialize, Deserialize)]
struct OwnerShape {
    #[serde(rename = "ID")]
    id: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Grants {
    #[serde(rename = "Grant", default)]
    grants: Vec<GrantShape>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GrantShape {
    grantee: Option<GranteeShape>,
    permission: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct GranteeShape {
    #[serde(rename(serialize = "@xmlns:xsi"), skip_deserializing)]
    namespace: &'static str,
    /// The reader knows attributes by their local names.
    #[serde(
        rename(serialize = "@xsi:type", deserialize = "@type"),
        alias = "@xsi:type"
    )]
    kind: Option<String>,
    #[serde(rename = "ID", skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "URI", skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    #[serde(rename = "EmailAddress", skip_serializing)]
    email: Option<String>,
}

impl AccessControlPolicy {
    /// The document for a list; without one the owner may do everything.
    pub(super) fn of(owner: &Text, acl: Option<&Acl>) -> Self {
        let default = [Grant::to_account(owner, Permission::FullControl)];
        let grants = acl.map_or(default.as_slice(), Acl::grants);
        let id = Some(Owner::of(owner).id().to_owned());
        Self {
            owner: Some(OwnerShape { id }),
            access_control_list: Some(Grants {
                grants: grants.iter().map(GrantShape::of).collect(),
            }),
        }
    }

    /// The grants that a request's document lists. It must name the owner as it is.
    pub(super) fn grants(
        self,
        owner: &Text,
        account_of: impl Fn(&str) -> Option<Text>,
    ) -> Result<Vec<Grant>, Fault> {
        let (Some(named), Some(list)) = (self.owner, self.access_control_list) else {
            return Err(faults::malformed_acl());
        };
        match named.id.as_deref() {
            Some(id) if id == Owner::of(owner).id() => {}
            Some(id) if account_of(id).is_none() => {
                return Err(faults::invalid_argument(
                    "Invalid id",
                    "CanonicalUser/ID",
                    id,
                ));
            }
            // Nobody gives an object away. Source: Amazon S3 API Reference, PutObjectAcl.
            _ => return Err(faults::access_denied()),
        }
        list.grants
            .into_iter()
            .map(|grant| grant.read(&account_of))
            .collect()
    }
}

impl GrantShape {
    fn of(grant: &Grant) -> Self {
        let (kind, id, uri) = match &grant.grantee {
            Grantee::Account(account) => {
                let id = Owner::of(account).id().to_owned();
                ("CanonicalUser", Some(id), None)
            }
            Grantee::Group(group) => ("Group", None, Some(group.uri().to_owned())),
        };
        Self {
            grantee: Some(GranteeShape {
                namespace: "http://www.w3.org/2001/XMLSchema-instance",
                kind: Some(kind.to_owned()),
                id,
                uri,
                email: None,
            }),
            permission: Some(grant.permission.name().to_owned()),
        }
    }

    fn read(self, account_of: impl Fn(&str) -> Option<Text>) -> Result<Grant, Fault> {
        let permission = self.permission.unwrap_or_default();
        let permission = Permission::ALL
            .into_iter()
            .find(|known| known.name() == permission)
            .ok_or_else(faults::malformed_acl)?;
        let grantee = self.grantee.ok_or_else(faults::malformed_acl)?;
        let grantee = match (grantee.kind.as_deref(), grantee.id, grantee.uri) {
            (Some("CanonicalUser") | None, Some(id), None) => {
                let account = account_of(&id).ok_or_else(|| {
                    faults::invalid_argument("Invalid id", "CanonicalUser/ID", &*id)
                })?;
                Grantee::Account(account)
            }
            (Some("Group") | None, None, Some(uri)) => {
                let group = Group::named(&uri).ok_or_else(|| {
                    faults::invalid_argument("Invalid group uri", "Group/URI", &*uri)
                })?;
                Grantee::Group(group)
            }
            _ if grantee.email.is_some() => return Err(faults::no_email_grants()),
            _ => return Err(faults::malformed_acl()),
        };
        Ok(Grant {
            grantee,
            permission,
        })
    }
}
