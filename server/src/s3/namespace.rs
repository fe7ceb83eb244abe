//! Buckets in a namespace of one account and Region: their names end in `-ACCOUNT-REGION-an`, and a header says so.
//! Source: S3 User Guide, "Namespaces for general purpose buckets".

use super::{Headers, faults};
use crate::wire::Fault;

const HEADER: &str = "x-amz-bucket-namespace";

/// Refuses a new bucket whose name and header do not agree, or that is another account's to name.
pub(super) fn check(
    name: &str,
    headers: &Headers,
    account: &str,
    region: &str,
) -> Result<(), Fault> {
    let regional = match headers.get(HEADER) {
        None | Some("global") => false,
        Some("account-regional") => true,
        // rolecall's choice of words; AWS's are not recorded.
        Some(other) => {
            let message = "The value is neither global nor account-regional.";
            return Err(faults::invalid_argument(message, HEADER, other));
        }
    };
    let own = format!("-{account}-{region}-an");
    match (is_regional(name), regional) {
        (true, true) if name.ends_with(&own) => Ok(()),
        (false, true) => Err(Fault::service(
            400,
            "InvalidNamespaceHeader",
            format!(
                "The requested bucket name did not include the account-regional namespace suffix, but the provided x-amz-bucket-namespace header value is account-regional. Specify {own} as the bucket name suffix to create a bucket in your account-regional namespace, or remove the header."
            ),
        )),
        // AWS's words are not recorded.
        (true, true) => Err(Fault::service(
            400,
            "InvalidBucketNamespace",
            format!("A bucket in your account-regional namespace ends in {own}."),
        )
        .detail("BucketName", name)),
        (true, false) => Err(Fault::service(
            400,
            "MissingNamespaceHeader",
            "The requested bucket is an account-regional namespace bucket, but your request is missing the required x-amz-bucket-namespace header.",
        )
        .detail("Header", HEADER)),
        (false, false) => Ok(()),
    }
}

/// `NAME-123456789012-us-east-1-an`
fn is_regional(name: &str) -> bool {
    let Some((rest, number)) = name.strip_suffix("-an").and_then(|it| it.rsplit_once('-')) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // At least two words of the Region follow the account, and a name comes before it.
    let mut accounts = rest.split('-').rev().skip(2);
    let found = accounts
        .clone()
        .position(|part| part.len() == 12 && digits(part));
    digits(number) && found.is_some_and(|at| accounts.nth(at + 1).is_some())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn name_and_header_agree() {
        let said = |name: &str, header: Option<&str>| {
            let headers = Headers::default();
            let headers = match header {
                Some(value) => headers.with(HEADER, value),
                None => headers,
            };
            match check(name, &headers, "123456789012", "us-east-1") {
                Ok(()) => "ok".to_owned(),
                Err(fault) => fault.to_string().split(':').next().unwrap().to_owned(),
            }
        };
        let regional = Some("account-regional");
        assert_eq!(said("plain", None), "ok");
        assert_eq!(said("plain-an", Some("global")), "ok");
        assert_eq!(said("b-123456789012-us-east-1-an", regional), "ok");
        assert_eq!(said("plain", regional), "InvalidNamespaceHeader");
        assert_eq!(
            said("b-123456789012-us-east-1-an", None),
            "MissingNamespaceHeader"
        );
        for foreign in ["b-999988887777-us-east-1-an", "b-123456789012-eu-west-1-an"] {
            assert_eq!(said(foreign, regional), "InvalidBucketNamespace");
        }
        assert_eq!(said("plain", Some("mine")), "InvalidArgument");
    }
}
