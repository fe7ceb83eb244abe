//! Annotations: named texts that hang on a version of an object and go with it. One file per operation.
//! Source: Amazon S3 API Reference, PutObjectAnnotation; S3 User Guide, "Annotating your objects".

mod delete;
mod get;
mod kept;
mod list;
mod put;
mod seen;

pub(super) use delete::DeleteObjectAnnotation;
pub(super) use get::GetObjectAnnotation;
pub(crate) use kept::Annotations;
pub(super) use list::ListObjectAnnotations;
pub(super) use put::PutObjectAnnotation;

use super::{
    Headers,
    asking::{Asking, existing},
    conditions::any_is,
    faults,
    object::Object,
    read::Wanted,
};
use crate::{
    gate::{Access, Demand, Facts},
    wire::Fault,
};

/// The header with the ETag that the object must have.
const IF_MATCH: &str = "x-amz-object-if-match";

/// The header that tells the version which the annotation hangs on.
const VERSION: &str = "x-amz-object-version-id";

/// The longest name, in bytes.
const LONGEST_NAME: usize = 512;

/// Names that AWS keeps for itself begin so, in any letter case.
const RESERVED: &[&str] = &["aws", "s3"];

/// Asks for the first action, or for the second where a version is named, with the keys that all four have, and for the
/// use of the object's key where it has one of a customer's: annotations are encrypted as their object is. Which actions on
/// the key that takes is rolecall's choice.
fn access(
    facts: &Facts<'_>,
    wanted: Wanted<'_>,
    headers: &Headers,
    actions: (&'static str, &'static str),
    of_key: &'static str,
) -> Result<Access, Fault> {
    let access = Access::from(demand(facts, wanted, headers, actions)?);
    let object = wanted.object(facts);
    let key = object.and_then(|it| Asking::from(facts).key(of_key, &it.extras.encryption));
    Ok(key.into_iter().fold(access, Access::and))
}

/// The demand without the key.
fn demand(
    facts: &Facts<'_>,
    wanted: Wanted<'_>,
    headers: &Headers,
    actions: (&'static str, &'static str),
) -> Result<Demand, Fault> {
    let bucket = existing(facts, wanted.bucket(), headers)?;
    let demand = wanted.demand(facts, bucket, actions);
    Ok(demand.with_headers(headers, &[IF_MATCH]))
}

/// Refuses what cannot be a name. AWS publishes the codes and the rules; the words are rolecall's choice.
fn check_name(name: &str) -> Result<(), Fault> {
    let invalid = |message: &str| {
        Err(Fault::service(400, "InvalidAnnotationName", message).detail("AnnotationName", name))
    };
    if name.is_empty() {
        return invalid("The annotation name must not be empty.");
    }
    if name.len() > LONGEST_NAME {
        let message = "The annotation name exceeds 512 bytes.";
        return Err(Fault::service(400, "AnnotationNameTooLong", message)
            .detail("MaxSizeAllowed", LONGEST_NAME.to_string()));
    }
    if name.chars().any(is_no_text) {
        return invalid("The annotation name must be UTF-8 without control characters.");
    }
    let begins = |prefix: &&str| {
        let start = name.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if RESERVED.iter().any(begins) {
        return invalid("The annotation name must not begin with aws or s3.");
    }
    Ok(())
}

/// What XML cannot show, and what stands for bytes that are no UTF-8.
fn is_no_text(sign: char) -> bool {
    sign.is_control() || matches!(sign, '\u{fffd}'..='\u{ffff}')
}

/// Holds `x-amz-object-if-match` against the object.
fn check_object(headers: &Headers, object: &Object) -> Result<(), Fault> {
    match headers.get(IF_MATCH) {
        Some(tags) if !any_is(tags, object.etag) => {
            Err(faults::precondition_failed("x-amz-object-if-match"))
        }
        _ => Ok(()),
    }
}

/// What is encrypted with a key of the customer's own has no annotations.
pub(super) fn not_under_customers_keys() -> Fault {
    faults::invalid_request("Objects that are encrypted with SSE-C cannot have annotations.")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn names_follow_the_rules() {
        for good in ["a", "labels/v1", "ä ö", "awe", "s4", "s", &"n".repeat(512)] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        let is = |name: &str, code: &str| {
            let fault = check_name(name).unwrap_err().to_string();
            assert!(fault.starts_with(code), "{name}: {fault}");
        };
        for bad in [
            "", "aws", "AWS-x", "s3", "S3/x", "a\u{1}", "a\n", "\u{fffd}",
        ] {
            is(bad, "InvalidAnnotationName:");
        }
        is(&"ä".repeat(257), "AnnotationNameTooLong:");
    }
}
