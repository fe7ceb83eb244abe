//! What a Resource may look like.

use crate::PolicyKind;
use crate::trouble::Trouble;

const PARTITIONS: [&str; 9] = [
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-eusc",
    "*",
];

/// The kinds of things that IAM holds.
const IAM_PATHS: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// S3 resources that do have a Region and an account.
const S3_REGIONAL: [&str; 6] = [
    "accesspoint",
    "access-grants",
    "async-request",
    "job/",
    "storage-lens",
    "multi-region-access-point",
];

/// What is wrong with one resource, if anything.
pub(super) fn trouble(resource: &str, kind: PolicyKind) -> Option<Trouble> {
    if resource == "*" {
        // A bucket policy is about its own bucket.
        return (kind == PolicyKind::Bucket).then(|| Trouble::ResourceForeign(resource.into()));
    }
    let Some((_, rest)) = resource.split_once(':') else {
        return Some(Trouble::ResourceNotArn(resource.into()));
    };
    let mut parts = rest.splitn(5, ':');
    let partition = parts.next().unwrap_or_default();
    if !PARTITIONS.contains(&partition) {
        return Some(Trouble::Partition {
            partition: partition.into(),
            shown: shown(rest),
        });
    }
    let Some(service) = parts.next() else {
        return Some(Trouble::ResourceVendor(resource.into()));
    };
    let (region, account, path) = (parts.next(), parts.next(), parts.next());
    let own = match service {
        "iam" => iam(resource, region, path),
        "s3" => s3(resource, region, account, path),
        _ => None,
    };
    own.or_else(|| {
        (kind == PolicyKind::Bucket && !bucket_service(service))
            .then(|| Trouble::ResourceForeign(resource.into()))
    })
    .or_else(|| {
        let few = resource.contains("::") && resource.matches(':').count() < 5;
        (few || service.is_empty()).then(|| Trouble::ResourceColons(resource.into()))
    })
}

fn bucket_service(service: &str) -> bool {
    matches!(
        service,
        "s3" | "s3express" | "s3-object-lambda" | "s3-outposts"
    )
}

fn iam(resource: &str, region: Option<&str>, path: Option<&str>) -> Option<Trouble> {
    if region.is_some_and(|region| !region.is_empty()) {
        return Some(Trouble::IamRegion(resource.into()));
    }
    let known = match path {
        // AWS's own sentence leaves the root user out; its task policies for AssumeRoot name it.
        Some("*" | "root") => true,
        Some(path) => IAM_PATHS.iter().any(|known| path.starts_with(known)),
        None => false,
    };
    // Too few colons is the older complaint.
    (!known && path.is_some()).then(|| Trouble::IamPath(resource.into()))
}

fn s3(
    resource: &str,
    region: Option<&str>,
    account: Option<&str>,
    path: Option<&str>,
) -> Option<Trouble> {
    let named = [region, account]
        .into_iter()
        .flatten()
        .any(|part| !part.is_empty());
    let regional = path
        .is_some_and(|path| path == "*" || S3_REGIONAL.iter().any(|known| path.starts_with(known)));
    (named && !regional && path.is_some()).then(|| Trouble::S3Region(resource.into()))
}

/// The ARN as AWS prints it in the partition message: `arn` in front whatever was written, `*` for absent parts.
fn shown(rest: &str) -> String {
    let mut parts = rest.splitn(5, ':');
    let mut shown = String::from("arn");
    for _ in 0..5 {
        shown.push(':');
        shown.push_str(parts.next().unwrap_or("*"));
    }
    shown
}
