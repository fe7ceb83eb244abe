//! What temporary credentials cannot do, whatever the policies say.
//! Source: IAM User Guide, "Compare AWS STS credentials".

use super::{SessionKind, names::denied};
use crate::{gate::Caller, wire::Fault};

/// The most temporary credentials of a world; each is forgotten 48 hours after its end. rolecall's choice.
const MOST: usize = 100_000;

/// Refuses to make temporary credentials where there are too many already.
pub(crate) fn room(kept: usize, service: &str, operation: &str) -> Result<(), Fault> {
    let makes = service == "sts"
        && (operation.starts_with("Assume")
            || matches!(operation, "GetSessionToken" | "GetFederationToken"));
    if !makes || kept < MOST {
        return Ok(());
    }
    let message = format!(
        "There are {MOST} temporary credentials already, which is the most that rolecall keeps; each is forgotten 48 hours after its end."
    );
    Err(Fault::service(400, "LimitExceeded", message))
}

/// Refuses an operation that this kind of credentials is not for.
pub(crate) fn check(caller: &Caller, service: &str, operation: &str) -> Result<(), Fault> {
    let Some(session) = caller.session() else {
        return Ok(());
    };
    let able = match (&session.kind, service) {
        (SessionKind::Same, "iam") => session.mfa.is_some(),
        (SessionKind::Same, "sts") => matches!(operation, "AssumeRole" | "GetCallerIdentity"),
        (SessionKind::Federated { .. }, "iam") => false,
        (SessionKind::Federated { .. }, "sts") => operation == "GetCallerIdentity",
        (SessionKind::Role { .. } | SessionKind::Root, "sts") => {
            !matches!(operation, "GetSessionToken" | "GetFederationToken")
        }
        _ => true,
    };
    match (able, service) {
        (true, _) => Ok(()),
        // This is how IAM answers, although the token is valid elsewhere.
        (false, "iam") => {
            let message = "The security token included in the request is invalid.";
            Err(Fault::service(403, "InvalidClientTokenId", message))
        }
        (false, _) => Err(denied(format!(
            "Cannot call {operation} with session credentials"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_credentials_need_room() {
        assert!(room(MOST - 1, "sts", "AssumeRole").is_ok());
        assert!(room(MOST, "sts", "GetCallerIdentity").is_ok());
        assert!(room(MOST, "iam", "AssumeRole").is_ok());
        let fault =
            room(MOST, "sts", "AssumeRoleWithWebIdentity").map_err(|fault| fault.to_string());
        assert!(fault.is_err_and(|text| text.starts_with("LimitExceeded: There are 100000")));
    }
}
