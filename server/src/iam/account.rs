//! An AWS account: everything IAM keeps for its 12 digits.

use super::{
    Attachments, Group, InstanceProfile, ManagedPolicy, MfaDevice, OidcProvider,
    OutboundFederation, PasswordPolicy, Role, SamlProvider, ServerCertificate, User, aws_managed,
    faults, reports::Reports,
};
use crate::{
    wire::Fault,
    world::{Map, Text, World},
};
use std::{cmp::Ordering, sync::Arc};

/// An account and its identities.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Account {
    /// 12 digits.
    pub id: Text,
    /// `aws`, `aws-us-gov`, `aws-cn`.
    #[serde(deserialize_with = "crate::world::word")]
    pub partition: crate::world::Word,
    /// The account's alias.
    pub(crate) alias: Option<String>,
    /// The ids of the root user's access keys.
    pub(crate) root_keys: Vec<Text>,
    /// Users by name, in the letter case of their creation.
    #[serde(skip)]
    pub(crate) users: Map<Text, Arc<User>>,
    /// Groups by name.
    #[serde(skip)]
    pub(crate) groups: Map<Text, Arc<Group>>,
    /// Roles by name.
    #[serde(skip)]
    pub(crate) roles: Map<Text, Arc<Role>>,
    /// Customer managed policies by ARN.
    #[serde(skip)]
    pub(crate) policies: Map<Text, Arc<ManagedPolicy>>,
    /// Who uses which managed policy, by its ARN; AWS's own policies too.
    #[serde(skip)]
    pub(crate) uses: Map<Text, Uses>,
    /// Instance profiles by name.
    #[serde(skip)]
    pub(crate) profiles: Map<Text, Arc<InstanceProfile>>,
    /// Virtual MFA devices by serial number, which is their ARN.
    #[serde(skip)]
    pub(crate) mfa_devices: Map<Text, Arc<MfaDevice>>,
    /// OpenID Connect providers by ARN.
    #[serde(skip)]
    pub(crate) oidc_providers: Map<Text, Arc<OidcProvider>>,
    /// SAML providers by ARN.
    #[serde(skip)]
    pub(crate) saml_providers: Map<Text, Arc<SamlProvider>>,
    /// Server certificates by name.
    #[serde(skip)]
    pub(crate) server_certificates: Map<Text, Arc<ServerCertificate>>,
    /// What passwords must be, when the account says so itself.
    #[serde(default)]
    pub(crate) password_policy: Option<PasswordPolicy>,
    /// What was generated to be fetched later. It does not outlive the process: it can be generated again.
    #[serde(skip)]
    pub(crate) reports: Arc<Reports>,
    /// `v1Token` or `v2Token`: 1 or 2.
    #[serde(default = "first_version")]
    pub(crate) token_version: u8,
    /// Web identity tokens for others, once somebody asked for them.
    #[serde(default)]
    pub(crate) outbound: Option<OutboundFederation>,
    /// Names that are taken.
    #[serde(skip)]
    names: Map<(Kind, AnyCase), ()>,
    /// Users and roles by unique id.
    #[serde(skip)]
    ids: Map<Text, (Kind, Text)>,
}

/// The version that tokens of the global endpoint have until somebody says otherwise.
fn first_version() -> u8 {
    1
}

/// What IAM names.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub(crate) enum Kind {
    Group,
    InstanceProfile,
    Mfa,
    OidcProvider,
    Policy,
    Role,
    SamlProvider,
    ServerCertificate,
    User,
}

impl Kind {
    /// All of them.
    pub(super) const ALL: [Self; 9] = [
        Self::Group,
        Self::InstanceProfile,
        Self::Mfa,
        Self::OidcProvider,
        Self::Policy,
        Self::Role,
        Self::SamlProvider,
        Self::ServerCertificate,
        Self::User,
    ];

    /// `user`, as in ARNs.
    pub(crate) fn lower(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::InstanceProfile => "instance-profile",
            Self::Mfa => "mfa",
            Self::OidcProvider => "oidc-provider",
            Self::Policy => "policy",
            Self::Role => "role",
            Self::SamlProvider => "saml-provider",
            Self::ServerCertificate => "server-certificate",
            Self::User => "user",
        }
    }

    /// `User`, as in sentences and quota names.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Group => "Group",
            Self::InstanceProfile => "InstanceProfile",
            Self::Mfa => "MFADevice",
            Self::OidcProvider => "OpenIdConnectProvider",
            Self::Policy => "Policy",
            Self::Role => "Role",
            Self::SamlProvider => "SAMLProvider",
            Self::ServerCertificate => "ServerCertificate",
            Self::User => "User",
        }
    }
}

/// A name as it is compared with others of its kind: they are unique whatever their letter case.
/// Source: IAM User Guide, "IAM and AWS STS quotas", on names.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(transparent)]
struct AnyCase(Text);

/// Names that are the same are one row, so it has them in lower case.
impl serde::Serialize for AnyCase {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_ascii_lowercase())
    }
}

impl AnyCase {
    fn lower(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().map(|byte| byte.to_ascii_lowercase())
    }
}

impl PartialEq for AnyCase {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for AnyCase {}

impl PartialOrd for AnyCase {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AnyCase {
    fn cmp(&self, other: &Self) -> Ordering {
        self.lower().cmp(other.lower())
    }
}

/// The users, groups and roles that use a managed policy.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Uses {
    /// It is attached to them.
    pub(crate) attached: Map<(Kind, Text), ()>,
    /// It bounds them.
    pub(crate) bounds: Map<(Kind, Text), ()>,
}

crate::world::kept_in_rows!(Account {
    users,
    groups,
    roles,
    policies,
    uses,
    names,
    ids,
    profiles,
    mfa_devices,
    oidc_providers,
    saml_providers,
    server_certificates
});
crate::world::kept_as_row!(
    User,
    Group,
    Role,
    ManagedPolicy,
    Uses,
    InstanceProfile,
    MfaDevice,
    OidcProvider,
    SamlProvider,
    ServerCertificate,
    (Kind, Text)
);

impl Account {
    /// An account without anybody in it but root.
    pub fn new(id: impl Into<Text>, partition: &'static str) -> Self {
        Self {
            id: id.into(),
            partition,
            alias: None,
            root_keys: Vec::new(),
            users: Map::default(),
            groups: Map::default(),
            roles: Map::default(),
            policies: Map::default(),
            uses: Map::default(),
            profiles: Map::default(),
            mfa_devices: Map::default(),
            oidc_providers: Map::default(),
            saml_providers: Map::default(),
            server_certificates: Map::default(),
            password_policy: None,
            reports: Arc::default(),
            token_version: first_version(),
            outbound: None,
            names: Map::default(),
            ids: Map::default(),
        }
    }

    /// `arn:aws:iam::A:` + `tail`
    pub(crate) fn arn(&self, tail: &str) -> String {
        format!("arn:{}:iam::{}:{tail}", self.partition, self.id)
    }

    /// Takes `name` for something new.
    pub(crate) fn take_name(&mut self, kind: Kind, name: &str) -> Result<Text, Fault> {
        let key = (kind, AnyCase(name.into()));
        if self.names.contains_key(&key) {
            return Err(faults::already_exists(kind, name));
        }
        let name = key.1.0.clone();
        self.names.insert(key, ());
        Ok(name)
    }

    /// Gives `name` back.
    pub(crate) fn free_name(&mut self, kind: Kind, name: &Text) {
        self.names.remove(&(kind, AnyCase(name.clone())));
    }

    /// Remembers which user or role has the unique id.
    pub(crate) fn know_id(&mut self, id: &Text, kind: Kind, name: &Text) {
        self.ids.insert(id.clone(), (kind, name.clone()));
    }

    /// The unique id belongs to nobody any more, and never will.
    pub(crate) fn forget_id(&mut self, id: &str) {
        self.ids.remove(id);
    }

    /// The user with this unique id.
    pub(crate) fn user_by_id(&self, id: &str) -> Option<&Arc<User>> {
        match self.ids.get(id)? {
            (Kind::User, name) => self.users.get(name),
            _ => None,
        }
    }

    /// The ARN of the user or role with this unique id.
    pub(crate) fn arn_of_id(&self, id: &str) -> Option<&str> {
        match self.ids.get(id)? {
            (Kind::User, name) => Some(&self.users.get(name)?.arn),
            (Kind::Role, name) => Some(&self.roles.get(name)?.arn),
            _ => None,
        }
    }

    /// The unique id of the user or role with this ARN.
    pub(crate) fn id_of_arn(&self, arn: &str) -> Option<&Text> {
        let (kind, path) = arn.splitn(6, ':').nth(5)?.split_once('/')?;
        let name = path.rsplit('/').next()?;
        match kind {
            "user" => self
                .users
                .get(name)
                .filter(|user| user.arn == arn)
                .map(|user| &user.id),
            "role" => self
                .roles
                .get(name)
                .filter(|role| role.arn == arn)
                .map(|role| &role.id),
            _ => None,
        }
    }

    pub(crate) fn user(&self, name: &str) -> Result<&Arc<User>, Fault> {
        self.users
            .get(name)
            .ok_or_else(|| faults::no_such(Kind::User, name))
    }

    pub(crate) fn user_mut(&mut self, name: &str) -> Result<&mut User, Fault> {
        let user = self.users.get_mut(name).map(Arc::make_mut);
        user.ok_or_else(|| faults::no_such(Kind::User, name))
    }

    pub(crate) fn group(&self, name: &str) -> Result<&Arc<Group>, Fault> {
        self.groups
            .get(name)
            .ok_or_else(|| faults::no_such(Kind::Group, name))
    }

    pub(crate) fn group_mut(&mut self, name: &str) -> Result<&mut Group, Fault> {
        let group = self.groups.get_mut(name).map(Arc::make_mut);
        group.ok_or_else(|| faults::no_such(Kind::Group, name))
    }

    pub(crate) fn role(&self, name: &str) -> Result<&Arc<Role>, Fault> {
        self.roles
            .get(name)
            .ok_or_else(|| faults::no_such(Kind::Role, name))
    }

    pub(crate) fn role_mut(&mut self, name: &str) -> Result<&mut Role, Fault> {
        let role = self.roles.get_mut(name).map(Arc::make_mut);
        role.ok_or_else(|| faults::no_such(Kind::Role, name))
    }

    /// A policy of this account or one of AWS's.
    pub(crate) fn policy(&self, arn: &str) -> Result<&Arc<ManagedPolicy>, Fault> {
        let of_aws =
            || aws_managed::get(arn).filter(|_| arn.split(':').nth(1) == Some(self.partition));
        let policy = self.policies.get(arn).or_else(of_aws);
        policy.ok_or_else(|| faults::no_policy(arn))
    }

    /// A policy of this account, to change.
    pub(crate) fn policy_mut(&mut self, arn: &str) -> Result<&mut ManagedPolicy, Fault> {
        if aws_managed::get(arn).is_some() {
            return Err(faults::of_aws());
        }
        let policy = self.policies.get_mut(arn).map(Arc::make_mut);
        policy.ok_or_else(|| faults::no_policy(arn))
    }

    pub(crate) fn profile(&self, name: &str) -> Result<&Arc<InstanceProfile>, Fault> {
        self.profiles
            .get(name)
            .ok_or_else(|| faults::no_such(Kind::InstanceProfile, name))
    }

    pub(crate) fn profile_mut(&mut self, name: &str) -> Result<&mut InstanceProfile, Fault> {
        let profile = self.profiles.get_mut(name).map(Arc::make_mut);
        profile.ok_or_else(|| faults::no_such(Kind::InstanceProfile, name))
    }

    pub(crate) fn mfa_device(&self, serial: &str) -> Result<&Arc<MfaDevice>, Fault> {
        self.mfa_devices
            .get(serial)
            .ok_or_else(|| faults::no_such(Kind::Mfa, serial))
    }

    pub(crate) fn mfa_device_mut(&mut self, serial: &str) -> Result<&mut MfaDevice, Fault> {
        let device = self.mfa_devices.get_mut(serial).map(Arc::make_mut);
        device.ok_or_else(|| faults::no_such(Kind::Mfa, serial))
    }

    pub(crate) fn oidc_provider(&self, arn: &str) -> Result<&Arc<OidcProvider>, Fault> {
        self.oidc_providers
            .get(arn)
            .ok_or_else(|| faults::no_such(Kind::OidcProvider, arn))
    }

    pub(crate) fn oidc_provider_mut(&mut self, arn: &str) -> Result<&mut OidcProvider, Fault> {
        let provider = self.oidc_providers.get_mut(arn).map(Arc::make_mut);
        provider.ok_or_else(|| faults::no_such(Kind::OidcProvider, arn))
    }

    pub(crate) fn saml_provider(&self, arn: &str) -> Result<&Arc<SamlProvider>, Fault> {
        self.saml_providers
            .get(arn)
            .ok_or_else(|| faults::no_such(Kind::SamlProvider, arn))
    }

    pub(crate) fn saml_provider_mut(&mut self, arn: &str) -> Result<&mut SamlProvider, Fault> {
        let provider = self.saml_providers.get_mut(arn).map(Arc::make_mut);
        provider.ok_or_else(|| faults::no_such(Kind::SamlProvider, arn))
    }

    pub(crate) fn server_certificate(&self, name: &str) -> Result<&Arc<ServerCertificate>, Fault> {
        self.server_certificates
            .get(name)
            .ok_or_else(|| faults::no_such(Kind::ServerCertificate, name))
    }

    pub(crate) fn server_certificate_mut(
        &mut self,
        name: &str,
    ) -> Result<&mut ServerCertificate, Fault> {
        let certificate = self.server_certificates.get_mut(name).map(Arc::make_mut);
        certificate.ok_or_else(|| faults::no_such(Kind::ServerCertificate, name))
    }

    /// What hangs on a user, group or role.
    pub(crate) fn attachments(&self, kind: Kind, name: &str) -> Result<&Attachments, Fault> {
        match kind {
            Kind::User => self.user(name).map(|user| &user.policies),
            Kind::Group => self.group(name).map(|group| &group.policies),
            Kind::Role => self.role(name).map(|role| &role.policies),
            _ => Err(faults::no_such(kind, name)),
        }
    }

    /// What hangs on a user, group or role, to change.
    pub(crate) fn attachments_mut(
        &mut self,
        kind: Kind,
        name: &str,
    ) -> Result<&mut Attachments, Fault> {
        match kind {
            Kind::User => self.user_mut(name).map(|user| &mut user.policies),
            Kind::Group => self.group_mut(name).map(|group| &mut group.policies),
            Kind::Role => self.own_role_mut(name).map(|role| &mut role.policies),
            _ => Err(faults::no_such(kind, name)),
        }
    }

    /// The boundary of a user or role, to change.
    pub(crate) fn boundary_mut(
        &mut self,
        kind: Kind,
        name: &str,
    ) -> Result<&mut Option<Text>, Fault> {
        match kind {
            Kind::User => self.user_mut(name).map(|user| &mut user.boundary),
            Kind::Role => self.own_role_mut(name).map(|role| &mut role.boundary),
            _ => Err(faults::no_such(kind, name)),
        }
    }

    /// Notes a change of who uses the policy.
    pub(crate) fn change_uses(&mut self, arn: &Text, change: impl FnOnce(&mut Uses)) {
        let mut uses = self.uses.get(arn).cloned().unwrap_or_default();
        change(&mut uses);
        if uses.attached.is_empty() && uses.bounds.is_empty() {
            self.uses.remove(arn);
        } else {
            self.uses.insert(arn.clone(), uses);
        }
    }
}

impl World {
    /// The caller's account.
    pub(super) fn iam(&self, account: &str) -> Result<&Account, Fault> {
        let account = self.law.account(account).map(Arc::as_ref);
        account.ok_or_else(faults::no_account)
    }

    /// The caller's account, to change.
    pub(super) fn iam_mut(&mut self, account: &str) -> Result<&mut Account, Fault> {
        self.law.account_mut(account).ok_or_else(faults::no_account)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_whatever_their_letter_case() {
        let mut account = Account::new("123456789012", "aws");
        account.take_name(Kind::User, "Alice").unwrap();
        let again = account.take_name(Kind::User, "aLICE").unwrap_err();
        assert_eq!(
            again.to_string(),
            "EntityAlreadyExists: User with name aLICE already exists."
        );
        account.take_name(Kind::Role, "alice").unwrap();
        account.free_name(Kind::User, &"ALICE".into());
        account.take_name(Kind::User, "alice").unwrap();
    }
}
