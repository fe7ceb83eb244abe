//! The managed policies of AWS that rolecall knows, the same in every account.

use super::{ManagedPolicy, PolicyVersion};
use crate::world::Text;
use data_encoding::BASE32_NOPAD;
use rolecall_policy::{Policy, PolicyKind};
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, LazyLock},
};

/// One of AWS's policies: name, path, unique id (empty where nobody published it), current version, when it was
/// made and changed, document.
struct Known(
    &'static str,
    &'static str,
    &'static str,
    u32,
    &'static str,
    &'static str,
    &'static str,
);

/// Source: AWS Managed Policy Reference Guide.
#[rustfmt::skip]
const KNOWN: &[Known] = &[
    Known("AWSKeyManagementServicePowerUser", "/", "", 2, "2015-02-06T18:40:40Z", "2017-03-07T00:55:11Z", include_str!("aws_managed/AWSKeyManagementServicePowerUser.json")),
    Known("AWSLambdaBasicExecutionRole", "/service-role/", "", 1, "2015-04-09T15:03:43Z", "2015-04-09T15:03:43Z", include_str!("aws_managed/AWSLambdaBasicExecutionRole.json")),
    Known("AWSLambdaExecute", "/", "", 1, "2015-02-06T18:40:46Z", "2015-02-06T18:40:46Z", include_str!("aws_managed/AWSLambdaExecute.json")),
    Known("AWSLambdaVPCAccessExecutionRole", "/service-role/", "", 3, "2016-02-11T23:15:26Z", "2024-01-05T22:38:26Z", include_str!("aws_managed/AWSLambdaVPCAccessExecutionRole.json")),
    Known("AWSXRayDaemonWriteAccess", "/", "", 2, "2018-08-28T23:00:33Z", "2024-02-13T21:58:30Z", include_str!("aws_managed/AWSXRayDaemonWriteAccess.json")),
    Known("AdministratorAccess", "/", "ANPAIWMBCKSKIEE64ZLYK", 1, "2015-02-06T18:39:46Z", "2015-02-06T18:39:46Z", include_str!("aws_managed/AdministratorAccess.json")),
    Known("AmazonDynamoDBFullAccess", "/", "", 15, "2015-02-06T18:40:11Z", "2021-01-29T17:38:30Z", include_str!("aws_managed/AmazonDynamoDBFullAccess.json")),
    Known("AmazonEC2ContainerRegistryReadOnly", "/", "", 3, "2015-12-21T17:04:15Z", "2019-12-10T20:56:32Z", include_str!("aws_managed/AmazonEC2ContainerRegistryReadOnly.json")),
    Known("AmazonEC2FullAccess", "/", "", 5, "2015-02-06T18:40:15Z", "2018-11-27T02:16:56Z", include_str!("aws_managed/AmazonEC2FullAccess.json")),
    Known("AmazonEC2ReadOnlyAccess", "/", "", 5, "2015-02-06T18:40:17Z", "2026-02-12T18:03:17Z", include_str!("aws_managed/AmazonEC2ReadOnlyAccess.json")),
    Known("AmazonECSTaskExecutionRolePolicy", "/service-role/", "", 1, "2017-11-16T18:48:22Z", "2017-11-16T18:48:22Z", include_str!("aws_managed/AmazonECSTaskExecutionRolePolicy.json")),
    Known("AmazonEKSClusterPolicy", "/", "", 10, "2018-05-27T21:06:14Z", "2026-02-12T17:58:15Z", include_str!("aws_managed/AmazonEKSClusterPolicy.json")),
    Known("AmazonEKSWorkerNodePolicy", "/", "", 3, "2018-05-27T21:09:01Z", "2023-11-27T00:06:13Z", include_str!("aws_managed/AmazonEKSWorkerNodePolicy.json")),
    Known("AmazonEKS_CNI_Policy", "/", "", 6, "2018-05-27T21:07:42Z", "2026-03-04T19:12:14Z", include_str!("aws_managed/AmazonEKS_CNI_Policy.json")),
    Known("AmazonKinesisFirehoseFullAccess", "/", "", 1, "2015-10-07T18:45:26Z", "2015-10-07T18:45:26Z", include_str!("aws_managed/AmazonKinesisFirehoseFullAccess.json")),
    Known("AmazonMobileAnalyticsFullAccess", "/", "", 1, "2015-02-06T18:40:34Z", "2015-02-06T18:40:34Z", include_str!("aws_managed/AmazonMobileAnalyticsFullAccess.json")),
    Known("AmazonRDSFullAccess", "/", "", 14, "2015-02-06T18:40:52Z", "2023-08-17T23:00:17Z", include_str!("aws_managed/AmazonRDSFullAccess.json")),
    Known("AmazonS3FullAccess", "/", "ANPAIFIR6V6BVTRAHWINE", 2, "2015-02-06T18:40:58Z", "2021-09-27T20:16:37Z", include_str!("aws_managed/AmazonS3FullAccess.json")),
    Known("AmazonS3ReadOnlyAccess", "/", "ANPAIZTJ4DXE7G6AGAE6M", 3, "2015-02-06T18:40:59Z", "2023-08-10T21:31:39Z", include_str!("aws_managed/AmazonS3ReadOnlyAccess.json")),
    Known("AmazonSESFullAccess", "/", "", 1, "2015-02-06T18:41:02Z", "2015-02-06T18:41:02Z", include_str!("aws_managed/AmazonSESFullAccess.json")),
    Known("AmazonSNSFullAccess", "/", "", 2, "2015-02-06T18:41:05Z", "2024-09-24T22:32:05Z", include_str!("aws_managed/AmazonSNSFullAccess.json")),
    Known("AmazonSQSFullAccess", "/", "", 1, "2015-02-06T18:41:07Z", "2015-02-06T18:41:07Z", include_str!("aws_managed/AmazonSQSFullAccess.json")),
    Known("AmazonSSMManagedInstanceCore", "/", "", 2, "2019-03-15T17:22:12Z", "2019-05-23T16:54:21Z", include_str!("aws_managed/AmazonSSMManagedInstanceCore.json")),
    Known("AmazonVPCFullAccess", "/", "", 13, "2015-02-06T18:41:16Z", "2026-02-12T18:00:44Z", include_str!("aws_managed/AmazonVPCFullAccess.json")),
    Known("Billing", "/job-function/", "", 28, "2016-11-10T17:33:18Z", "2026-04-08T17:12:18Z", include_str!("aws_managed/Billing.json")),
    Known("CloudWatchAgentServerPolicy", "/", "", 3, "2018-03-07T01:06:44Z", "2024-02-06T16:37:37Z", include_str!("aws_managed/CloudWatchAgentServerPolicy.json")),
    Known("CloudWatchFullAccess", "/", "", 4, "2015-02-06T18:40:00Z", "2022-11-27T13:23:49Z", include_str!("aws_managed/CloudWatchFullAccess.json")),
    Known("CloudWatchLogsFullAccess", "/", "", 8, "2015-02-06T18:40:02Z", "2026-02-12T18:00:33Z", include_str!("aws_managed/CloudWatchLogsFullAccess.json")),
    Known("DataScientist", "/job-function/", "", 5, "2016-11-10T17:28:48Z", "2019-12-03T16:48:34Z", include_str!("aws_managed/DataScientist.json")),
    Known("DatabaseAdministrator", "/job-function/", "", 5, "2016-11-10T17:25:43Z", "2026-02-12T18:02:20Z", include_str!("aws_managed/DatabaseAdministrator.json")),
    Known("IAMAuditRootUserCredentials", "/root-task/", "", 1, "2024-11-06T22:27:58Z", "2024-11-06T22:27:58Z", include_str!("aws_managed/IAMAuditRootUserCredentials.json")),
    Known("IAMCreateRootUserPassword", "/root-task/", "", 1, "2024-11-06T22:32:59Z", "2024-11-06T22:32:59Z", include_str!("aws_managed/IAMCreateRootUserPassword.json")),
    Known("IAMDeleteRootUserCredentials", "/root-task/", "", 1, "2024-11-06T22:47:58Z", "2024-11-06T22:47:58Z", include_str!("aws_managed/IAMDeleteRootUserCredentials.json")),
    Known("IAMFullAccess", "/", "ANPAI7XKCFMBPM3QQRRVQ", 2, "2015-02-06T18:40:38Z", "2019-06-21T19:40:00Z", include_str!("aws_managed/IAMFullAccess.json")),
    Known("IAMReadOnlyAccess", "/", "ANPAJKSO7NDY4T57MWDSQ", 4, "2015-02-06T18:40:39Z", "2018-01-25T19:11:27Z", include_str!("aws_managed/IAMReadOnlyAccess.json")),
    Known("IAMUserChangePassword", "/", "", 5, "2016-11-15T00:25:16Z", "2026-02-12T17:58:57Z", include_str!("aws_managed/IAMUserChangePassword.json")),
    Known("NetworkAdministrator", "/job-function/", "", 15, "2016-11-10T17:31:35Z", "2026-02-12T17:59:36Z", include_str!("aws_managed/NetworkAdministrator.json")),
    Known("PowerUserAccess", "/", "ANPAJYRXTHIB4FOVS3ZXS", 5, "2015-02-06T18:39:47Z", "2023-07-06T22:04:00Z", include_str!("aws_managed/PowerUserAccess.json")),
    Known("ReadOnlyAccess", "/", "", 182, "2015-02-06T18:39:48Z", "2026-04-03T15:27:12Z", include_str!("aws_managed/ReadOnlyAccess.json")),
    Known("S3UnlockBucketPolicy", "/root-task/", "", 1, "2024-11-06T21:55:56Z", "2024-11-06T21:55:56Z", include_str!("aws_managed/S3UnlockBucketPolicy.json")),
    Known("SQSUnlockQueuePolicy", "/root-task/", "", 1, "2024-11-06T21:51:02Z", "2024-11-06T21:51:02Z", include_str!("aws_managed/SQSUnlockQueuePolicy.json")),
    Known("SecretsManagerReadWrite", "/", "", 5, "2018-04-04T18:05:29Z", "2024-02-22T18:12:06Z", include_str!("aws_managed/SecretsManagerReadWrite.json")),
    Known("SecurityAudit", "/", "", 86, "2015-02-06T18:41:01Z", "2026-05-01T03:12:13Z", include_str!("aws_managed/SecurityAudit.json")),
    Known("SupportUser", "/job-function/", "", 11, "2016-11-10T17:21:53Z", "2026-02-12T18:03:12Z", include_str!("aws_managed/SupportUser.json")),
    Known("SystemAdministrator", "/job-function/", "", 12, "2016-11-10T17:23:56Z", "2026-02-12T18:02:37Z", include_str!("aws_managed/SystemAdministrator.json")),
    Known("ViewOnlyAccess", "/job-function/", "", 45, "2016-11-10T17:20:15Z", "2026-04-22T18:12:21Z", include_str!("aws_managed/ViewOnlyAccess.json")),
];

/// Each partition has its own copies.
const PARTITIONS: [&str; 3] = ["aws", "aws-cn", "aws-us-gov"];

static POLICIES: LazyLock<BTreeMap<Text, Arc<ManagedPolicy>>> = LazyLock::new(|| {
    let known = KNOWN.iter().filter_map(|known| {
        Some((
            known,
            Arc::new(Policy::parse(known.6, PolicyKind::Identity).ok()?),
        ))
    });
    known
        .flat_map(|(known, policy)| PARTITIONS.map(|partition| made(known, &policy, partition)))
        .map(|policy| (policy.arn.clone(), Arc::new(policy)))
        .collect()
});

fn made(known: &Known, policy: &Arc<Policy>, partition: &str) -> ManagedPolicy {
    let Known(name, path, id, number, created, updated, _) = *known;
    let time = |text: &str| text.parse().unwrap_or_default();
    let version = PolicyVersion {
        number,
        policy: policy.clone(),
        created: time(updated),
    };
    ManagedPolicy {
        name: name.into(),
        arn: format!("arn:{partition}:iam::aws:policy{path}{name}").into(),
        id: if id.is_empty() {
            made_id(name).into()
        } else {
            id.into()
        },
        path: path.to_owned(),
        description: None,
        created: time(created),
        updated: time(updated),
        versions: vec![version],
        default_version: number,
        next_version: number + 1,
        tags: Vec::new(),
    }
}

/// The same id for the same name, where AWS's own is not known: rolecall's choice.
fn made_id(name: &str) -> String {
    let hash = BASE32_NOPAD.encode(&Sha256::digest(name));
    format!("ANPAJ{}", hash.get(..16).unwrap_or_default())
}

/// AWS's policy with this ARN.
pub(crate) fn get(arn: &str) -> Option<&'static Arc<ManagedPolicy>> {
    POLICIES.get(arn)
}

/// AWS's policies in `partition` after an ARN, in order.
pub(super) fn after<'a>(
    partition: &str,
    arn: Option<&str>,
) -> impl Iterator<Item = (&'a Text, &'a Arc<ManagedPolicy>)> {
    let prefix = format!("arn:{partition}:iam::aws:");
    let start = arn.map_or(Bound::Unbounded, Bound::Excluded);
    let rest = POLICIES.range::<str, _>((start, Bound::Unbounded));
    rest.filter_map(move |(arn, policy)| arn.starts_with(&prefix).then_some((arn, policy)))
}

/// Everything is allowed: what stands behind the root user where it needs a policy.
pub(super) fn everything(partition: &str) -> Option<&'static ManagedPolicy> {
    get(&format!(
        "arn:{partition}:iam::aws:policy/AdministratorAccess"
    ))
    .map(|policy| &**policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_is_read_in_every_partition() {
        assert_eq!(POLICIES.len(), KNOWN.len() * PARTITIONS.len());
        assert_eq!(after("aws-cn", None).count(), KNOWN.len());
        let last = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        assert_eq!(after("aws", Some(last)).count(), 2);
        assert!(POLICIES.values().all(|policy| policy.id.len() == 21));
        let policy = get("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
        assert!(
            policy.is_some_and(|policy| policy.default_policy().is_some() && policy.id.len() == 21)
        );
    }
}
