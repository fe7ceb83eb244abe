//! Event notifications. The configuration is kept; no events are sent.

use super::{Call, Configuration};
use crate::{
    s3::{
        Bucket, faults,
        schema::{Kind, Member, any, maybe, one, some},
        setting::Aside,
        xml::Element,
    },
    wire::Fault,
};

/// `…BucketNotificationConfiguration`
#[derive(Debug)]
pub(in crate::s3) struct Notification;

const FILTER: Kind = Kind::Tree(&[maybe(
    "S3Key",
    Kind::Tree(&[any(
        "FilterRule",
        Kind::Tree(&[one("Name", Kind::Text), one("Value", Kind::Text)]),
    )]),
)]);

/// The destinations: their element, the member that holds the ARN, and the service in it.
const DESTINATIONS: [(&str, &str, &str); 3] = [
    ("TopicConfiguration", "Topic", "sns"),
    ("QueueConfiguration", "Queue", "sqs"),
    ("CloudFunctionConfiguration", "CloudFunction", "lambda"),
];

/// Source: S3 User Guide, "Supported event types for SQS, SNS, and Lambda".
const EVENTS: &[&str] = &[
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
    "s3:ObjectAcl:Put",
];

impl Configuration for Notification {
    const READ: Call = (
        "GetBucketNotificationConfiguration",
        "s3:GetBucketNotification",
    );
    const WRITE: Call = (
        "PutBucketNotificationConfiguration",
        "s3:PutBucketNotification",
    );
    const ROOT: &'static str = "NotificationConfiguration";
    const MEMBERS: &'static [Member] = &[
        any(
            "TopicConfiguration",
            Kind::Tree(&[
                maybe("Id", Kind::Text),
                one("Topic", Kind::Text),
                some("Event", usize::MAX, Kind::Text),
                maybe("Filter", FILTER),
            ]),
        ),
        any(
            "QueueConfiguration",
            Kind::Tree(&[
                maybe("Id", Kind::Text),
                one("Queue", Kind::Text),
                some("Event", usize::MAX, Kind::Text),
                maybe("Filter", FILTER),
            ]),
        ),
        any(
            "CloudFunctionConfiguration",
            Kind::Tree(&[
                maybe("Id", Kind::Text),
                one("CloudFunction", Kind::Text),
                // Of the operation that came before this one.
                maybe("InvocationRole", Kind::Text),
                some("Event", usize::MAX, Kind::Text),
                maybe("Filter", FILTER),
            ]),
        ),
        maybe("EventBridgeConfiguration", Kind::Tree(&[])),
    ];

    fn unset(_: &Bucket) -> Result<Element, Fault> {
        Ok(Element::node(Self::ROOT, []))
    }

    /// Whether a destination is there and lets S3 in cannot be known: rolecall has no SNS, SQS or Lambda.
    fn check(document: &Element, bucket: &Bucket, _: &Aside<'_>) -> Result<(), Fault> {
        let mut ids = Vec::new();
        for (element, member, service) in DESTINATIONS {
            for rule in document.all(element) {
                check_arn(
                    rule.value(member).unwrap_or_default(),
                    (member, service),
                    bucket,
                )?;
                check_rule(rule)?;
                ids.extend(rule.value("Id").filter(|id| !id.is_empty()));
            }
        }
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        if ids.len() < count {
            let message = "Same ID used for multiple configurations. IDs must be unique";
            return Err(Fault::service(400, "InvalidArgument", message));
        }
        Ok(())
    }

    /// Rules without an id get one, and `prefix` becomes `Prefix`.
    fn settle(mut document: Element, _: &mut Bucket, aside: &Aside<'_>) -> Element {
        for rule in document.children_mut() {
            if rule.name() != "EventBridgeConfiguration"
                && rule.value("Id").unwrap_or_default().is_empty()
            {
                rule.prepend(Element::leaf("Id", aside.new_id()));
            }
            for name in rule.all_mut(&["Filter", "S3Key", "FilterRule", "Name"]) {
                let word = match name.text().to_ascii_lowercase().as_str() {
                    "prefix" => "Prefix",
                    _ => "Suffix",
                };
                *name = Element::leaf("Name", word);
            }
        }
        document
    }
}

fn check_arn(arn: &str, (member, service): (&str, &str), bucket: &Bucket) -> Result<(), Fault> {
    let mut parts = arn.split(':');
    let well_formed =
        parts.next() == Some("arn") && parts.next().is_some() && arn.split(':').count() >= 6;
    if !well_formed || parts.next() != Some(service) {
        let message = "The ARN could not be parsed";
        return Err(faults::invalid_argument(message, member, arn));
    }
    if parts.next() == Some(&*bucket.region) {
        return Ok(());
    }
    let message = "The notification destination service region is not valid for the bucket location constraint";
    Err(faults::invalid_argument(message, member, arn))
}

fn check_rule(rule: &Element) -> Result<(), Fault> {
    if let Some(event) = rule.values("Event").find(|event| !EVENTS.contains(event)) {
        let message = format!("The event '{event}' is not supported for notifications");
        return Err(faults::invalid_argument(message, "Event", event));
    }
    let key = rule
        .child("Filter")
        .and_then(|filter| filter.child("S3Key"));
    for filter in key.into_iter().flat_map(|key| key.all("FilterRule")) {
        let name = filter.value("Name").unwrap_or_default();
        if !["prefix", "suffix"].contains(&name.to_ascii_lowercase().as_str()) {
            let message = "filter rule name must be either prefix or suffix";
            return Err(faults::invalid_argument(message, "FilterRule.Name", name));
        }
    }
    Ok(())
}
