//! AWS Security Token Service.

mod access_key_info;
mod assume_role;
mod assume_root;
mod caller_identity;
mod credentials;
mod decode;
mod delegated_token;
mod federation_token;
pub(crate) mod limits;
mod mfa;
mod names;
mod outbound;
mod role_session;
mod saml;
mod session;
mod session_policies;
mod session_token;
mod web_identity;

pub(crate) use assume_role::AssumeRole;
pub(crate) use outbound::Signers;
pub use session::{Federation, Session, SessionKind};
pub(crate) use web_identity::{Keys, issuer};

use crate::wire::{Query, Row, operations};

/// Every operation of STS that rolecall serves.
pub static OPERATIONS: &[Row] = operations![Query, "sts";
    POST "/" 200 => assume_role::AssumeRole,
    POST "/" 200 => web_identity::AssumeRoleWithWebIdentity,
    POST "/" 200 => saml::AssumeRoleWithSAML,
    POST "/" 200 => assume_root::AssumeRoot,
    POST "/" 200 => caller_identity::GetCallerIdentity,
    POST "/" 200 => session_token::GetSessionToken,
    POST "/" 200 => federation_token::GetFederationToken,
    POST "/" 200 => delegated_token::GetDelegatedAccessToken,
    POST "/" 200 => outbound::GetWebIdentityToken,
    POST "/" 200 => access_key_info::GetAccessKeyInfo,
    POST "/" 200 => decode::DecodeAuthorizationMessage,
];
