//! What a user can prove who it is with, besides access keys.

use super::{
    faults, login_profiles::LoginProfile, service_credentials::ServiceCredential,
    signing_certificates::SigningCertificate, ssh_keys::SshKey,
};
use crate::{wire::Fault, world::Text};

/// A user's credentials of every kind but access keys.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct UserCredentials {
    pub(super) login: Option<LoginProfile>,
    /// The serial numbers of its MFA devices.
    pub(crate) mfa: Vec<Text>,
    pub(super) ssh_keys: Vec<SshKey>,
    pub(super) signing: Vec<SigningCertificate>,
    pub(super) services: Vec<ServiceCredential>,
}

impl UserCredentials {
    /// Refuses to let a user go who still holds any of these.
    pub(super) fn none_left(&self) -> Result<(), Fault> {
        let in_the_way = [
            (self.login.is_some(), "delete login profile"),
            (!self.mfa.is_empty(), "delete MFA device"),
            (!self.signing.is_empty(), "delete signing certificate"),
            (!self.ssh_keys.is_empty(), "delete SSH public keys"),
            (!self.services.is_empty(), "remove referenced objects"),
        ];
        match in_the_way.iter().find(|(there, _)| *there) {
            Some((_, what)) => Err(faults::delete_first(what)),
            None => Ok(()),
        }
    }
}

/// `Active`, `Inactive`: what every credential can be switched to.
pub(super) const STATUSES: &[&str] = &["Active", "Inactive"];

/// As the API writes it.
pub(super) fn status(active: bool) -> &'static str {
    if active { "Active" } else { "Inactive" }
}
