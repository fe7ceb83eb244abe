//! What temporary credentials cannot do, whatever the policies say.
//! Source: IAM User Guide, "Compare AWS STS credentials".

use super::{SessionKind, names::denied};
use crate::{gate::Caller, wire::Fault};

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
        (SessionKind::Role { .. }, "sts") => {
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
