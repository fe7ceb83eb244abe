//! IAM's refusals in AWS's words. Sources: recorded answers and reports in the reference; botocore for the codes.

use super::account::Kind;
use crate::wire::Fault;

pub(super) fn no_such(kind: Kind, name: &str) -> Fault {
    let message = match kind {
        Kind::InstanceProfile => format!("Instance Profile {name} cannot be found."),
        Kind::Mfa => format!("VirtualMFADevice with serial number {name} doesn't exist."),
        Kind::OidcProvider => format!("OpenIDConnect Provider not found for arn {name}"),
        Kind::SamlProvider => format!("Manifest not found for arn {name}"),
        Kind::ServerCertificate => {
            format!("The Server Certificate with name {name} cannot be found.")
        }
        _ => format!("The {} with name {name} cannot be found.", kind.lower()),
    };
    no_entity(message)
}

pub(super) fn no_entity(message: impl Into<String>) -> Fault {
    Fault::service(404, "NoSuchEntity", message)
}

pub(super) fn already_exists(kind: Kind, name: &str) -> Fault {
    let message = match kind {
        Kind::Policy => {
            format!("A policy called {name} already exists. Duplicate names are not allowed.")
        }
        Kind::InstanceProfile => format!("Instance Profile {name} already exists."),
        Kind::Mfa => "MFADevice entity at the same path and name already exists.".to_owned(),
        Kind::OidcProvider => format!("Provider with url {name} already exists."),
        Kind::ServerCertificate => {
            format!("The Server Certificate with name {name} already exists.")
        }
        _ => format!("{} with name {name} already exists.", kind.title()),
    };
    exists(message)
}

pub(super) fn exists(message: impl Into<String>) -> Fault {
    Fault::service(409, "EntityAlreadyExists", message)
}

pub(super) fn no_policy(arn: &str) -> Fault {
    Fault::service(404, "NoSuchEntity", format!("Policy {arn} was not found."))
}

pub(super) fn not_attachable(arn: &str) -> Fault {
    Fault::service(
        404,
        "NoSuchEntity",
        format!("Policy {arn} does not exist or is not attachable."),
    )
}

pub(super) fn no_version(arn: &str, version: &str) -> Fault {
    let message = format!("Policy {arn} version {version} does not exist or is not attachable.");
    Fault::service(404, "NoSuchEntity", message)
}

pub(super) fn no_inline(kind: Kind, policy: &str) -> Fault {
    let kind = kind.lower();
    Fault::service(
        404,
        "NoSuchEntity",
        format!("The {kind} policy with name {policy} cannot be found."),
    )
}

pub(super) fn no_key(id: &str) -> Fault {
    Fault::service(
        404,
        "NoSuchEntity",
        format!("The Access Key with id {id} cannot be found."),
    )
}

/// `what` is as in `must detach all policies`.
pub(super) fn delete_first(what: &str) -> Fault {
    conflict(format!("Cannot delete entity, must {what} first."))
}

pub(super) fn conflict(message: impl Into<String>) -> Fault {
    Fault::service(409, "DeleteConflict", message)
}

pub(super) fn quota(name: &str, most: usize) -> Fault {
    limit(format!("Cannot exceed quota for {name}: {most}"))
}

pub(super) fn limit(message: impl Into<String>) -> Fault {
    Fault::service(409, "LimitExceeded", message)
}

pub(super) fn invalid_input(message: impl Into<String>) -> Fault {
    Fault::service(400, "InvalidInput", message)
}

pub(super) fn validation(message: impl Into<String>) -> Fault {
    Fault::service(400, "ValidationError", message)
}

/// AWS's own policies cannot be changed. The sentence is rolecall's choice.
pub(super) fn of_aws() -> Fault {
    Fault::service(
        403,
        "AccessDenied",
        "Policies that AWS manages cannot be changed.",
    )
}

pub(super) fn no_account() -> Fault {
    Fault::Internal("find the caller's account".to_owned())
}

/// There is no IAM Identity Center here. The sentence is rolecall's choice.
pub(super) fn no_identity_center(arn: Option<&str>) -> Result<(), Fault> {
    match arn {
        None => Ok(()),
        Some(_) => Err(invalid_input(
            "rolecall knows no instances of IAM Identity Center; IdentityCenterInstanceArn is not served",
        )),
    }
}
