//! The managed policies of AWS that rolecall knows, the same in every account.

use super::{ManagedPolicy, PolicyVersion};
use crate::world::Text;
use rolecall_policy::{Policy, PolicyKind};
use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, LazyLock},
};

/// One of AWS's policies: name, unique id, current version, when it was made and changed, document.
struct Known(
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
    Known("AdministratorAccess", "ANPAIWMBCKSKIEE64ZLYK", 1, "2015-02-06T18:39:46Z", "2015-02-06T18:39:46Z", include_str!("aws_managed/AdministratorAccess.json")),
    Known("AmazonS3FullAccess", "ANPAIFIR6V6BVTRAHWINE", 2, "2015-02-06T18:40:58Z", "2021-09-27T20:16:37Z", include_str!("aws_managed/AmazonS3FullAccess.json")),
    Known("AmazonS3ReadOnlyAccess", "ANPAIZTJ4DXE7G6AGAE6M", 3, "2015-02-06T18:40:59Z", "2023-08-10T21:31:39Z", include_str!("aws_managed/AmazonS3ReadOnlyAccess.json")),
    Known("IAMFullAccess", "ANPAI7XKCFMBPM3QQRRVQ", 2, "2015-02-06T18:40:38Z", "2019-06-21T19:40:00Z", include_str!("aws_managed/IAMFullAccess.json")),
    Known("IAMReadOnlyAccess", "ANPAJKSO7NDY4T57MWDSQ", 4, "2015-02-06T18:40:39Z", "2018-01-25T19:11:27Z", include_str!("aws_managed/IAMReadOnlyAccess.json")),
    Known("PowerUserAccess", "ANPAJYRXTHIB4FOVS3ZXS", 5, "2015-02-06T18:39:47Z", "2023-07-06T22:04:00Z", include_str!("aws_managed/PowerUserAccess.json")),
];

/// Each partition has its own copies.
const PARTITIONS: [&str; 3] = ["aws", "aws-cn", "aws-us-gov"];

static POLICIES: LazyLock<BTreeMap<Text, Arc<ManagedPolicy>>> = LazyLock::new(|| {
    let known = KNOWN.iter().filter_map(|known| {
        Some((
            known,
            Arc::new(Policy::parse(known.5, PolicyKind::Identity).ok()?),
        ))
    });
    known
        .flat_map(|(known, policy)| PARTITIONS.map(|partition| made(known, &policy, partition)))
        .map(|policy| (policy.arn.clone(), Arc::new(policy)))
        .collect()
});

fn made(known: &Known, policy: &Arc<Policy>, partition: &str) -> ManagedPolicy {
    let Known(name, id, number, created, updated, _) = *known;
    let time = |text: &str| text.parse().unwrap_or_default();
    let version = PolicyVersion {
        number,
        policy: policy.clone(),
        created: time(updated),
    };
    ManagedPolicy {
        name: name.into(),
        arn: format!("arn:{partition}:iam::aws:policy/{name}").into(),
        id: id.into(),
        path: "/".to_owned(),
        description: None,
        created: time(created),
        updated: time(updated),
        versions: vec![version],
        default_version: number,
        next_version: number + 1,
        tags: Vec::new(),
    }
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
        assert_eq!(
            after("aws", Some("arn:aws:iam::aws:policy/IAMFullAccess")).count(),
            2
        );
        let policy = get("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
        assert!(
            policy.is_some_and(|policy| policy.default_policy().is_some() && policy.id.len() == 21)
        );
    }
}
