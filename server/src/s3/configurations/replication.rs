//! Replication. The configuration is kept; nothing is replicated.

use super::{Call, Configuration, not_found};
use crate::{
    gate::{Demand, Facts},
    s3::{
        Bucket, Versioning, faults,
        schema::{Kind, Member, STATUS, TAG, any, maybe, one, some},
        setting::Aside,
        xml::Element,
    },
    wire::Fault,
};

/// `…BucketReplication`
#[derive(Debug)]
pub(in crate::s3) struct Replication;

const SWITCH: Kind = Kind::Tree(&[one("Status", STATUS)]);
const MINUTES: Kind = Kind::Tree(&[maybe("Minutes", Kind::Whole)]);

const DESTINATION: Kind = Kind::Tree(&[
    one("Bucket", Kind::Text),
    maybe("Account", Kind::Text),
    maybe("StorageClass", Kind::Text),
    maybe(
        "AccessControlTranslation",
        Kind::Tree(&[one("Owner", Kind::OneOf(&["Destination"]))]),
    ),
    maybe(
        "EncryptionConfiguration",
        Kind::Tree(&[maybe("ReplicaKmsKeyID", Kind::Text)]),
    ),
    maybe(
        "ReplicationTime",
        Kind::Tree(&[one("Status", STATUS), one("Time", MINUTES)]),
    ),
    maybe(
        "Metrics",
        Kind::Tree(&[one("Status", STATUS), maybe("EventThreshold", MINUTES)]),
    ),
]);

const FILTER: Kind = Kind::Tree(&[
    maybe("Prefix", Kind::Text),
    maybe("Tag", TAG),
    maybe(
        "And",
        Kind::Tree(&[maybe("Prefix", Kind::Text), any("Tag", TAG)]),
    ),
]);

impl Configuration for Replication {
    const READ: Call = ("GetBucketReplication", "s3:GetReplicationConfiguration");
    const WRITE: Call = ("PutBucketReplication", "s3:PutReplicationConfiguration");
    const REMOVE: Call = ("DeleteBucketReplication", "s3:PutReplicationConfiguration");
    const ROOT: &'static str = "ReplicationConfiguration";
    const MEMBERS: &'static [Member] = &[
        one("Role", Kind::Text),
        some(
            "Rule",
            1000,
            Kind::Tree(&[
                maybe("ID", Kind::Text),
                maybe("Priority", Kind::Whole),
                maybe("Prefix", Kind::Text),
                maybe("Filter", FILTER),
                one("Status", STATUS),
                maybe(
                    "SourceSelectionCriteria",
                    Kind::Tree(&[
                        maybe("SseKmsEncryptedObjects", SWITCH),
                        maybe("ReplicaModifications", SWITCH),
                    ]),
                ),
                maybe("ExistingObjectReplication", SWITCH),
                one("Destination", DESTINATION),
                maybe(
                    "DeleteMarkerReplication",
                    Kind::Tree(&[maybe("Status", STATUS)]),
                ),
            ]),
        ),
    ];

    fn unset(bucket: &Bucket) -> Result<Element, Fault> {
        let message = "The replication configuration was not found";
        not_found(bucket, "ReplicationConfigurationNotFoundError", message)
    }

    /// Whoever sets it hands the role to S3.
    fn also(document: &Element, _: &Facts<'_>) -> Option<Demand> {
        let role = document.value("Role")?;
        Some(Demand::pass_role(role, "s3.amazonaws.com"))
    }

    fn check(document: &Element, bucket: &Bucket, aside: &Aside<'_>) -> Result<(), Fault> {
        if bucket.versioning != Some(Versioning::Enabled) {
            return Err(faults::invalid_request(
                "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
            ));
        }
        let mut ids = Vec::new();
        for rule in document.all("Rule") {
            if rule.has("Prefix") == rule.has("Filter") {
                return Err(faults::malformed_xml());
            }
            let id = rule.value("ID").unwrap_or_default();
            if id.len() > 255 {
                let message = "The maximum value for rule ID is 255 characters.";
                return Err(faults::invalid_argument(message, "ID", id));
            }
            if !id.is_empty() && ids.contains(&id) {
                let message = "Rule ID must be unique. Found same ID for more than one rule.";
                return Err(faults::invalid_argument(message, "ID", id));
            }
            ids.push(id);
            check_destination(rule, aside)?;
        }
        Ok(())
    }

    /// Rules without an id get one.
    fn settle(mut document: Element, _: &mut Bucket, aside: &Aside<'_>) -> Element {
        for rule in document.children_mut() {
            if rule.name() == "Rule" && rule.value("ID").unwrap_or_default().is_empty() {
                rule.prepend(Element::leaf("ID", aside.new_id()));
            }
        }
        document
    }
}

fn check_destination(rule: &Element, aside: &Aside<'_>) -> Result<(), Fault> {
    let arn = rule.child("Destination").and_then(|it| it.value("Bucket"));
    let name = arn.and_then(|arn| arn.split(":s3:::").nth(1));
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        let message = "Invalid bucket ARN.";
        return Err(faults::invalid_argument(
            message,
            "Bucket",
            arn.unwrap_or_default(),
        ));
    };
    let target = aside.law.buckets.get(name);
    if target.is_some_and(|target| target.versioning == Some(Versioning::Enabled)) {
        return Ok(());
    }
    Err(faults::invalid_request(
        "Destination bucket must have versioning enabled.",
    ))
}
