//! Configurations of which a bucket has several, each with an id: analytics, inventory, metrics, intelligent tiering.
//! They are kept and given back; no reports are written.

use super::Call;
use crate::{
    gate::{Access, Facts, Granted},
    s3::{
        Headers,
        asking::{Asking, existing},
        faults, list_page,
        schema::{self, Kind, Member, STATUS, TAG, any, maybe, one, some},
        setting::change_bucket,
        xml::Element,
    },
    wire::{Fault, Operation, XmlReply},
    world::Text,
};
use serde::Deserialize;
use std::{marker::PhantomData, sync::Arc};

/// The most of a kind in one bucket, and in one page of a listing. Source: Amazon S3 API Reference.
const MOST: usize = 1000;
const PAGE: usize = 100;

/// A kind of configuration.
pub(in crate::s3) trait Several: Send + Sync + 'static {
    /// The operation that reads one.
    const GET: Call;
    /// The operation that lists them; its action is that of reading one.
    const LIST: &'static str;
    /// The operation that sets one.
    const PUT: Call;
    /// The operation that takes one away; its action is that of setting one.
    const DELETE: &'static str;
    /// The root element of one.
    const ROOT: &'static str;
    /// The root element of a listing.
    const LISTING: &'static str;
    /// Its members.
    const MEMBERS: &'static [Member];

    /// What AWS checks besides the members.
    fn check(_document: &Element) -> Result<(), Fault> {
        Ok(())
    }

    /// AWS's answer when the document has another id than the request.
    fn other_id() -> Fault {
        let message = "Document ID does not match the specified configuration ID.";
        Fault::service(400, "IdMismatch", message)
    }
}

const PREFIX_OR_TAGS: Kind = Kind::Only(&[
    maybe("Prefix", Kind::Text),
    maybe("Tag", TAG),
    maybe(
        "And",
        Kind::Tree(&[maybe("Prefix", Kind::Text), any("Tag", TAG)]),
    ),
]);

/// `…BucketAnalyticsConfiguration`
#[derive(Debug)]
pub(in crate::s3) struct Analytics;

impl Several for Analytics {
    const GET: Call = (
        "GetBucketAnalyticsConfiguration",
        "s3:GetAnalyticsConfiguration",
    );
    const LIST: &'static str = "ListBucketAnalyticsConfigurations";
    const PUT: Call = (
        "PutBucketAnalyticsConfiguration",
        "s3:PutAnalyticsConfiguration",
    );
    const DELETE: &'static str = "DeleteBucketAnalyticsConfiguration";
    const ROOT: &'static str = "AnalyticsConfiguration";
    const LISTING: &'static str = "ListBucketAnalyticsConfigurationsResult";
    const MEMBERS: &'static [Member] = &[
        one("Id", Kind::Text),
        maybe("Filter", PREFIX_OR_TAGS),
        one(
            "StorageClassAnalysis",
            Kind::Tree(&[maybe(
                "DataExport",
                Kind::Tree(&[
                    one("OutputSchemaVersion", Kind::OneOf(&["V_1"])),
                    one(
                        "Destination",
                        Kind::Tree(&[one(
                            "S3BucketDestination",
                            Kind::Tree(&[
                                one("Format", Kind::OneOf(&["CSV"])),
                                maybe("BucketAccountId", Kind::Text),
                                one("Bucket", Kind::Text),
                                maybe("Prefix", Kind::Text),
                            ]),
                        )]),
                    ),
                ]),
            )]),
        ),
    ];

    fn other_id() -> Fault {
        faults::malformed_xml()
    }

    fn check(document: &Element) -> Result<(), Fault> {
        let analysis = document.child("StorageClassAnalysis");
        let export = analysis.and_then(|it| it.child("DataExport"));
        check_destination(export.and_then(|it| it.child("Destination")))
    }
}

/// `…BucketInventoryConfiguration`
#[derive(Debug)]
pub(in crate::s3) struct Inventory;

const FIELDS: &[&str] = &[
    "Size",
    "LastModifiedDate",
    "StorageClass",
    "ETag",
    "IsMultipartUploaded",
    "ReplicationStatus",
    "EncryptionStatus",
    "ObjectLockRetainUntilDate",
    "ObjectLockMode",
    "ObjectLockLegalHoldStatus",
    "IntelligentTieringAccessTier",
    "BucketKeyStatus",
    "ChecksumAlgorithm",
    "ObjectAccessControlList",
    "ObjectOwner",
    "LifecycleExpirationDate",
];

impl Several for Inventory {
    const GET: Call = (
        "GetBucketInventoryConfiguration",
        "s3:GetInventoryConfiguration",
    );
    const LIST: &'static str = "ListBucketInventoryConfigurations";
    const PUT: Call = (
        "PutBucketInventoryConfiguration",
        "s3:PutInventoryConfiguration",
    );
    const DELETE: &'static str = "DeleteBucketInventoryConfiguration";
    const ROOT: &'static str = "InventoryConfiguration";
    const LISTING: &'static str = "ListInventoryConfigurationsResult";
    const MEMBERS: &'static [Member] = &[
        one("Id", Kind::Text),
        one("IsEnabled", Kind::Flag),
        maybe("Filter", Kind::Tree(&[one("Prefix", Kind::Text)])),
        one(
            "Destination",
            Kind::Tree(&[one(
                "S3BucketDestination",
                Kind::Tree(&[
                    maybe("AccountId", Kind::Text),
                    one("Bucket", Kind::Text),
                    one("Format", Kind::OneOf(&["CSV", "ORC", "Parquet"])),
                    maybe("Prefix", Kind::Text),
                    maybe(
                        "Encryption",
                        Kind::Only(&[
                            maybe("SSE-S3", Kind::Tree(&[])),
                            maybe("SSE-KMS", Kind::Tree(&[one("KeyId", Kind::Text)])),
                        ]),
                    ),
                ]),
            )]),
        ),
        one(
            "Schedule",
            Kind::Tree(&[one("Frequency", Kind::OneOf(&["Daily", "Weekly"]))]),
        ),
        one("IncludedObjectVersions", Kind::OneOf(&["All", "Current"])),
        maybe(
            "OptionalFields",
            Kind::Tree(&[any("Field", Kind::OneOf(FIELDS))]),
        ),
    ];

    fn check(document: &Element) -> Result<(), Fault> {
        check_destination(document.child("Destination"))
    }
}

/// `…BucketMetricsConfiguration`
#[derive(Debug)]
pub(in crate::s3) struct Metrics;

impl Several for Metrics {
    const GET: Call = (
        "GetBucketMetricsConfiguration",
        "s3:GetMetricsConfiguration",
    );
    const LIST: &'static str = "ListBucketMetricsConfigurations";
    const PUT: Call = (
        "PutBucketMetricsConfiguration",
        "s3:PutMetricsConfiguration",
    );
    const DELETE: &'static str = "DeleteBucketMetricsConfiguration";
    const ROOT: &'static str = "MetricsConfiguration";
    const LISTING: &'static str = "ListMetricsConfigurationsResult";
    const MEMBERS: &'static [Member] = &[
        one("Id", Kind::Text),
        maybe(
            "Filter",
            Kind::Only(&[
                maybe("Prefix", Kind::Text),
                maybe("Tag", TAG),
                maybe("AccessPointArn", Kind::Text),
                maybe(
                    "And",
                    Kind::Tree(&[
                        maybe("Prefix", Kind::Text),
                        any("Tag", TAG),
                        maybe("AccessPointArn", Kind::Text),
                    ]),
                ),
            ]),
        ),
    ];
}

/// `…BucketIntelligentTieringConfiguration`
#[derive(Debug)]
pub(in crate::s3) struct IntelligentTiering;

impl Several for IntelligentTiering {
    const GET: Call = (
        "GetBucketIntelligentTieringConfiguration",
        "s3:GetIntelligentTieringConfiguration",
    );
    const LIST: &'static str = "ListBucketIntelligentTieringConfigurations";
    const PUT: Call = (
        "PutBucketIntelligentTieringConfiguration",
        "s3:PutIntelligentTieringConfiguration",
    );
    const DELETE: &'static str = "DeleteBucketIntelligentTieringConfiguration";
    const ROOT: &'static str = "IntelligentTieringConfiguration";
    const LISTING: &'static str = "ListBucketIntelligentTieringConfigurationsOutput";
    const MEMBERS: &'static [Member] = &[
        one("Id", Kind::Text),
        maybe("Filter", PREFIX_OR_TAGS),
        one("Status", STATUS),
        some(
            "Tiering",
            2,
            Kind::Tree(&[
                one(
                    "AccessTier",
                    Kind::OneOf(&["ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"]),
                ),
                one("Days", Kind::Whole),
            ]),
        ),
    ];

    fn other_id() -> Fault {
        faults::malformed_xml()
    }

    /// Source of the bounds: Amazon S3 API Reference, Tiering. The words are rolecall's choice.
    fn check(document: &Element) -> Result<(), Fault> {
        for tiering in document.all("Tiering") {
            let days = tiering.number("Days").unwrap_or_default();
            let least = match tiering.value("AccessTier") {
                Some("ARCHIVE_ACCESS") => 90,
                _ => 180,
            };
            if !(least..=730).contains(&days) {
                let message = format!("'Days' must be between {least} and 730");
                return Err(faults::invalid_argument(message, "Days", days.to_string()));
            }
        }
        Ok(())
    }
}

fn check_destination(destination: Option<&Element>) -> Result<(), Fault> {
    let target = destination.and_then(|it| it.child("S3BucketDestination"));
    let Some(arn) = target.and_then(|it| it.value("Bucket")) else {
        return Ok(());
    };
    let mut parts = arn.splitn(6, ':');
    let arn_of_s3 = parts.next() == Some("arn") && parts.nth(1) == Some("s3");
    if arn_of_s3 && parts.nth(2).is_some_and(|name| !name.is_empty()) {
        return Ok(());
    }
    Err(Fault::service(
        400,
        "InvalidS3DestinationBucket",
        "Invalid bucket ARN.",
    ))
}

fn no_such() -> Fault {
    Fault::service(
        404,
        "NoSuchConfiguration",
        "The specified configuration does not exist.",
    )
}

macro_rules! inputs {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),* })*) => { $(
        $(#[$doc])*
        #[derive(Debug, Deserialize)]
        #[serde(bound = "", rename_all = "kebab-case")]
        pub(in crate::s3) struct $name<T> {
            bucket: String,
            #[serde(default)]
            headers: Headers,
            $($(#[$attribute])* $field: $type,)*
            #[serde(skip)]
            kind: PhantomData<T>,
        }
    )* }
}

inputs! {
    /// Reads one.
    GetOne { id: String }
    /// Lists all of a kind.
    List { continuation_token: Option<String> }
    /// Sets one.
    PutOne { id: String, body: Option<Element> }
    /// Takes one away.
    DeleteOne { id: String }
}

impl<T: Several> Operation for GetOne<T> {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = T::GET.0;
    type Output = XmlReply<Element>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        Ok(Asking::from(facts).bucket(T::GET.1, bucket).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<Element>, Fault> {
        let bucket = cx.read(|world| world.law.buckets.get(&*self.bucket).cloned());
        let bucket = bucket.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
        let mut all = bucket.documents.several(T::ROOT);
        let found = all.find(|(id, _)| ***id == *self.id);
        let (_, document) = found.ok_or_else(no_such)?;
        Ok(XmlReply::root(T::ROOT, Element::clone(document)))
    }
}

impl<T: Several> Operation for List<T> {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = T::LIST;
    type Output = XmlReply<Element>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        Ok(Asking::from(facts).bucket(T::GET.1, bucket).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<Element>, Fault> {
        let bucket = cx.read(|world| world.law.buckets.get(&*self.bucket).cloned());
        let bucket = bucket.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
        let token = self.continuation_token.as_deref();
        let after = token.map(list_page::decode_token).transpose()?;
        let all = bucket.documents.several(T::ROOT);
        let mut rest = all.filter(|(id, _)| after.as_deref().is_none_or(|after| &***id > after));
        let page: Vec<_> = rest.by_ref().take(PAGE).collect();
        let more = rest.next().is_some();
        let mut listing = Element::node(T::LISTING, []);
        page.iter()
            .for_each(|(_, document)| listing.push(Element::clone(document)));
        listing.push(Element::leaf("IsTruncated", more.to_string()));
        if let Some(token) = token {
            listing.push(Element::leaf("ContinuationToken", token));
        }
        if let Some((last, _)) = page.last().filter(|_| more) {
            let token = list_page::token(last);
            listing.push(Element::leaf("NextContinuationToken", token));
        }
        Ok(XmlReply::root(T::LISTING, listing))
    }
}

impl<T: Several> Operation for PutOne<T> {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = T::PUT.0;
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        Ok(Asking::from(facts).bucket(T::PUT.1, bucket).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let document = self.body.ok_or_else(faults::no_body)?;
        schema::check(&document, T::ROOT, T::MEMBERS)?;
        if document.value("Id") != Some(&*self.id) {
            return Err(T::other_id());
        }
        T::check(&document)?;
        change_bucket(&cx, &self.bucket, |bucket| {
            let all = bucket.documents.several_mut(T::ROOT);
            if all.len() >= MOST && !all.contains_key(&*self.id) {
                let message = "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.";
                return Err(Fault::service(400, "TooManyConfigurations", message));
            }
            all.insert(Text::from(&*self.id), Arc::new(document));
            Ok(())
        })?;
        Ok(XmlReply::empty())
    }
}

impl<T: Several> Operation for DeleteOne<T> {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = T::DELETE;
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        Ok(Asking::from(facts).bucket(T::PUT.1, bucket).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        change_bucket(&cx, &self.bucket, |bucket| {
            let all = bucket.documents.several_mut(T::ROOT);
            all.remove(&*self.id).map(|_| ()).ok_or_else(no_such)
        })?;
        Ok(XmlReply::empty())
    }
}
