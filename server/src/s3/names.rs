//! What names may look like: buckets, Regions and keys.

use super::faults;
use crate::wire::Fault;

/// Regions of the three partitions that a bucket may be made in.
/// Source: AWS General Reference, "Amazon S3 endpoints and quotas".
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// Beginnings and endings that AWS keeps for itself.
/// Source: S3 User Guide, "General purpose bucket naming rules".
const RESERVED: (&[&str], &[&str]) = (
    &["xn--", "sthree-", "amzn-s3-demo-"],
    &["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"],
);

/// The longest key, in bytes of UTF-8.
const LONGEST_KEY: usize = 1024;

/// Whether buckets can be in this Region.
pub(super) fn is_region(name: &str) -> bool {
    REGIONS.contains(&name)
}

/// Refuses a name that no bucket can have.
pub(super) fn check_bucket_name(name: &str) -> Result<(), Fault> {
    if is_bucket_name(name) {
        return Ok(());
    }
    Err(Fault::service(
        400,
        "InvalidBucketName",
        "The specified bucket is not valid.",
    )
    .detail("BucketName", name))
}

fn is_bucket_name(name: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = |byte: Option<&u8>| byte.copied().is_some_and(inside);
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes
            .iter()
            .all(|byte| inside(*byte) || matches!(byte, b'-' | b'.'))
        && ends(bytes.first())
        && ends(bytes.last())
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
        && !RESERVED.0.iter().any(|prefix| name.starts_with(prefix))
        && !RESERVED.1.iter().any(|suffix| name.ends_with(suffix))
}

/// Refuses a key that is too long. Any other text is a key.
pub(super) fn check_key(key: &str) -> Result<(), Fault> {
    if key.len() <= LONGEST_KEY {
        return Ok(());
    }
    Err(
        Fault::service(400, "KeyTooLongError", "Your key is too long")
            .detail("Size", key.len().to_string())
            .detail("MaxSizeAllowed", LONGEST_KEY.to_string()),
    )
}

/// Where a new bucket goes: us-east-1 takes any constraint but its own name, other Regions only theirs.
/// Source: recorded answers to CreateBucket in us-east-1, us-west-1 and eu-west-1.
pub(super) fn region_of_new_bucket(
    endpoint: &str,
    constraint: Option<&str>,
) -> Result<String, Fault> {
    let incompatible = |what: &str| {
        let message = format!(
            "The {what} location constraint is incompatible for the region specific endpoint this request was sent to."
        );
        Fault::service(400, "IllegalLocationConstraintException", message)
    };
    match (endpoint, constraint) {
        ("us-east-1", None) => Ok("us-east-1".to_owned()),
        ("us-east-1", Some("EU")) => Ok("eu-west-1".to_owned()),
        ("us-east-1", Some(text)) if text != "us-east-1" && REGIONS.contains(&text) => {
            Ok(text.to_owned())
        }
        ("us-east-1", Some(text)) => Err(Fault::service(
            400,
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
        )
        .detail("LocationConstraint", text)),
        (_, None) => Err(incompatible("unspecified")),
        (here, Some(text)) if text == here || (here, text) == ("eu-west-1", "EU") => {
            Ok(here.to_owned())
        }
        (_, Some(text)) => Err(incompatible(text)),
    }
}

/// The answer of `GetBucketLocation`: us-east-1 has none.
pub(super) fn location_of(region: &str) -> &str {
    if region == "us-east-1" { "" } else { region }
}

/// A number in the query: at most 1000, 1000 when not sent.
pub(super) fn page_size(name: &str, text: Option<&str>) -> Result<usize, Fault> {
    match text {
        Some(text) => Ok(number(name, text)?.min(1000)),
        None => Ok(1000),
    }
}

/// A number in the query.
pub(super) fn number(name: &str, text: &str) -> Result<usize, Fault> {
    let message = format!("Provided {name} not an integer or within integer range");
    let size: i32 = text
        .parse()
        .map_err(|_| faults::invalid_argument(message, name, text))?;
    usize::try_from(size).map_err(|_| {
        let message = format!("Argument {name} must be an integer between 0 and 2147483647");
        faults::invalid_argument(message, name, text)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn bucket_names_follow_the_rules() {
        for good in ["abc", "a.b", "example-bucket", "0.1.2", &"a".repeat(63)] {
            assert!(is_bucket_name(good), "{good}");
        }
        for bad in [
            "ab",
            "Abc",
            "a_b",
            "-ab",
            "ab-",
            "a..b",
            "1.2.3.4",
            "xn--a",
            "ab-s3alias",
            ".ab",
            &"a".repeat(64),
            "a/b",
            "äöü",
        ] {
            assert!(!is_bucket_name(bad), "{bad}");
        }
    }

    #[test]
    fn regions_take_their_own_buckets() {
        let at = |endpoint, constraint| region_of_new_bucket(endpoint, constraint);
        assert_eq!(at("us-east-1", None).unwrap(), "us-east-1");
        assert_eq!(at("us-east-1", Some("eu-west-3")).unwrap(), "eu-west-3");
        assert!(at("us-east-1", Some("us-east-1")).is_err());
        assert!(at("us-east-1", Some("aws-global")).is_err());
        assert!(at("eu-west-1", None).is_err());
        assert!(at("eu-west-1", Some("eu-west-2")).is_err());
        assert_eq!(at("eu-west-1", Some("eu-west-1")).unwrap(), "eu-west-1");
    }
}
