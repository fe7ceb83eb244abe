//! The role that a caller hands over with a job.

use super::PINPOINT;
use crate::{
    gate::{Access, Demand, Facts, Granted, account_of},
    pinpoint::{
        apps::on_app,
        shape::{Document, text},
    },
    wire::Fault,
};
use serde_json::Value;

/// `arn:PARTITION:iam::ACCOUNT:role/…`
fn is_role(arn: &str) -> bool {
    let fields: Vec<_> = arn.splitn(6, ':').collect();
    let [scheme, partition, "iam", "", account, resource] = *fields.as_slice() else {
        return false;
    };
    scheme == "arn"
        && partition.starts_with("aws")
        && account.len() == 12
        && account.bytes().all(|digit| digit.is_ascii_digit())
        && resource
            .strip_prefix("role/")
            .is_some_and(|name| !name.is_empty() && !name.ends_with('/'))
}

/// Asks for `action` on the app, and to pass the role. A body that names no role passes none; it is refused for that once
/// the caller may create jobs at all.
pub(in crate::pinpoint) fn access(
    action: &'static str,
    facts: &Facts<'_>,
    app: &str,
    body: Option<&Value>,
) -> Access {
    let access = Access::from(on_app(action, facts, app));
    let named = body.and_then(|body| body.get("RoleArn")?.as_str());
    match named.filter(|arn| is_role(arn)) {
        Some(role) => access.and(Demand::pass_role(role, PINPOINT)),
        None => access,
    }
}

/// The role of a body, which must be one of the caller's account.
pub(in crate::pinpoint) fn checked_role<'b, O>(
    body: &'b Document,
    cx: &Granted<'_, O>,
) -> Result<&'b str, Fault> {
    let role = text(body, "RoleArn").unwrap_or_default();
    if !is_role(role) {
        let why = format!("`{role}` is not the ARN of a role");
        return Err(Fault::malformed("RoleArn", why));
    }
    if account_of(role) != Some(&**cx.account()) {
        return Err(Fault::service(
            403,
            "ForbiddenException",
            "Cross-account pass role is not allowed.",
        ));
    }
    Ok(role)
}

#[cfg(test)]
mod tests {
    use super::is_role;

    #[test]
    fn only_the_arn_of_a_role_is_passed() {
        for arn in [
            "arn:aws:iam::123456789012:role/a",
            "arn:aws-cn:iam::123456789012:role/path/a",
        ] {
            assert!(is_role(arn), "{arn}");
        }
        for arn in [
            "",
            "role/a",
            "arn:aws:iam::123456789012:user/a",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::12345678901:role/a",
            "arn:aws:iam:us-east-1:123456789012:role/a",
            "arn:aws:sts::123456789012:role/a",
        ] {
            assert!(!is_role(arn), "{arn}");
        }
    }
}
