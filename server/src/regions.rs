//! Which Regions a signature may name. Clients are told one address for all of them, so the Region they sign for is the one
//! they call.
//!
//! IAM has one Region in each partition, and AWS takes no signature for another. Clients that are given an endpoint sign for
//! the Region they are set to, so all are taken here, and the request is one of IAM's home (rolecall's choice). S3 takes the
//! Region of the bucket, and no service takes a pseudo-Region such as `aws-global` (rolecall's choice).

use rolecall_sigv4::Regions;

/// Partition, how the names of its Regions begin, and where its IAM is. All other Regions are those of `aws`.
/// Source: IAM User Guide, "IAM and AWS STS endpoints".
const PARTITIONS: &[(&str, &str, &str)] = &[
    ("aws-cn", "cn-", "cn-north-1"),
    ("aws-us-gov", "us-gov-", "us-gov-west-1"),
    ("aws-iso", "us-iso-", "us-iso-east-1"),
    ("aws-iso-b", "us-isob-", "us-isob-east-1"),
];

/// The partition of a Region.
pub(crate) fn partition_of(region: &str) -> &'static str {
    let row = PARTITIONS
        .iter()
        .find(|(_, begin, _)| region.starts_with(begin));
    row.map_or("aws", |(partition, _, _)| partition)
}

/// Where the partition of `region` has its IAM.
pub(crate) fn home(region: &str) -> &'static str {
    let row = PARTITIONS
        .iter()
        .find(|(_, begin, _)| region.starts_with(begin));
    row.map_or(crate::DEFAULT_REGION, |(_, _, home)| home)
}

/// The Regions from before January 2014, where S3 takes Signature Version 2. AWS's guide says that buckets made after June 2020
/// do not take it; recorded answers of such buckets show that they do.
/// Source: Amazon S3 User Guide, "Authenticating Requests (AWS Signature Version 4)".
const VERSION_2: &[&str] = &[
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
    "us-gov-west-1",
];

/// Whether S3 takes Signature Version 2 for a bucket of this Region.
pub(crate) fn takes_version_2(region: &str) -> bool {
    VERSION_2.contains(&region)
}

/// A service with an endpoint in every Region, called by the name of one.
pub(crate) fn regional(region: &str) -> Regions<'static> {
    let number = region.rsplit_once('-').map(|(_, number)| number);
    let is_region = number.is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
    if is_region {
        Regions::Any
    } else {
        Regions::Only(home(region))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_a_partition_and_a_home() {
        for (region, partition, at) in [
            ("us-east-1", "aws", "us-east-1"),
            ("eu-west-1", "aws", "us-east-1"),
            ("us-gov-east-1", "aws-us-gov", "us-gov-west-1"),
            ("cn-northwest-1", "aws-cn", "cn-north-1"),
            ("us-isob-east-1", "aws-iso-b", "us-isob-east-1"),
        ] {
            assert_eq!((partition_of(region), home(region)), (partition, at));
            assert_eq!(regional(region), Regions::Any);
        }
        for pseudo in ["aws-global", "us-east", "moon", ""] {
            assert_eq!(regional(pseudo), Regions::Only("us-east-1"), "{pseudo}");
        }
    }
}
