//! Buckets: what they are, and making, finding and removing them.

use super::{
    Acl, Headers, acl,
    asking::{Asking, existing},
    configurations::{self, Documents},
    faults, names, namespace,
    object::Shelf,
    ownership::Ownership,
    public_access::PublicAccessBlock,
    tags::{self, Tags},
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Fault, Operation, XmlReply},
    world::Text,
};
use jiff::Timestamp;
use rolecall_policy::{Origin, Policy};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A bucket and its settings.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Bucket {
    /// Its name.
    pub name: Text,
    /// The account that owns it.
    pub owner: Text,
    /// The partition it lives in.
    #[serde(deserialize_with = "crate::world::word")]
    pub partition: crate::world::Word,
    /// The Region it lives in.
    pub region: Text,
    /// When it was made.
    pub created: Timestamp,
    /// Its policy.
    #[serde(deserialize_with = "crate::world::policy_from_row_if_any")]
    pub policy: Option<Arc<Policy>>,
    /// Whether the policy is public in the sense of Block Public Access.
    pub policy_is_public: bool,
    /// Its Block Public Access switches; none when they were deleted.
    pub public_access: Option<PublicAccessBlock>,
    /// Who owns objects; none when the setting was deleted, which means the writer does.
    pub ownership: Option<Ownership>,
    /// What others are granted; none: nothing.
    #[serde(default)]
    pub acl: Option<Arc<Acl>>,
    /// Whether versions are kept; none when nobody ever said.
    pub versioning: Option<Versioning>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
    /// Whether it was made to refuse the keys of customers (SSE-C), until its encryption says otherwise. Buckets from
    /// before April 2026 were not.
    #[serde(default)]
    pub blocks_customer_keys: bool,
    /// Its other configurations: CORS, lifecycle, encryption and the like.
    #[serde(default)]
    pub documents: Documents,
}

/// The state of a bucket's versioning, once somebody set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Versioning {
    /// Every write makes a version.
    Enabled,
    /// Old versions stay, new writes have the version `null`.
    Suspended,
}

crate::world::kept_as_row!(Bucket);

impl Bucket {
    /// `arn:aws:s3:::NAME`
    pub fn arn(&self) -> String {
        format!("arn:{}:s3:::{}", self.partition, self.name)
    }

    /// The ARN of a key. Written without the machinery of formatting, since every request about an object asks for it.
    pub(super) fn arn_of(&self, key: &str) -> String {
        let parts = ["arn:", self.partition, ":s3:::", &self.name, "/", key];
        parts.concat()
    }

    /// Who owns objects, and whether ACLs count.
    pub fn ownership(&self) -> Ownership {
        self.ownership.unwrap_or(Ownership::ObjectWriter)
    }

    /// A new bucket has Block Public Access on, ACLs off, and no keys of customers.
    /// Source: S3 User Guide, "Default settings for new S3 buckets FAQ", "Default SSE-C setting for new buckets FAQ".
    fn new(name: Text, owner: Text, partition: &'static str, region: Text, at: Timestamp) -> Self {
        Self {
            name,
            owner,
            partition,
            region,
            created: at,
            policy: None,
            policy_is_public: false,
            public_access: Some(PublicAccessBlock::ALL),
            ownership: Some(Ownership::BucketOwnerEnforced),
            acl: None,
            versioning: None,
            tags: Vec::new(),
            blocks_customer_keys: true,
            documents: Documents::default(),
        }
    }
}

/// `CreateBucket`
#[derive(Debug, Deserialize)]
pub(super) struct CreateBucket {
    bucket: String,
    #[serde(default)]
    headers: Headers,
    body: Option<CreateBucketConfiguration>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateBucketConfiguration {
    location_constraint: Option<String>,
    tags: Option<Tags>,
}

impl CreateBucket {
    fn tags(&self) -> &[tags::Tag] {
        let tags = self.body.as_ref().and_then(|body| body.tags.as_ref());
        tags.map_or(&[], |tags| &tags.tag)
    }

    fn constraint(&self) -> Option<&str> {
        let body = self.body.as_ref()?;
        body.location_constraint
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// The mode that the request asks for.
    fn ownership(&self) -> Result<Option<Ownership>, Fault> {
        let Some(text) = self.headers.get("x-amz-object-ownership") else {
            return Ok(None);
        };
        let mode = Ownership::parse(text).ok_or_else(|| {
            let message = format!("Invalid x-amz-object-ownership header: {text}");
            Fault::service(400, "InvalidArgument", message)
                .detail("ArgumentName", "x-amz-object-ownership")
        });
        mode.map(Some)
    }

    fn locks(&self) -> bool {
        let asked = self.headers.get("x-amz-bucket-object-lock-enabled");
        asked.is_some_and(|asked| asked.eq_ignore_ascii_case("true"))
    }
}

impl Operation for CreateBucket {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "CreateBucket";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        names::check_bucket_name(&self.bucket)?;
        let arn = format!("arn:{}:s3:::{}", facts.partition(), self.bucket);
        let ask = |action: &'static str| {
            Demand::new(action, arn.clone())
                .signed()
                .owned_by(Some(facts.account().clone()))
                .in_bucket_of(facts.account())
        };
        let pairs = || self.tags().iter().map(|tag| (&tag.key, &tag.value));
        let tagged = |demand: Demand| {
            let keys: Vec<String> = self.tags().iter().map(|tag| tag.key.clone()).collect();
            demand
                .with_tags(Origin::Request, "aws:RequestTag/", pairs())
                .with("aws:TagKeys", (!keys.is_empty()).then_some(keys))
        };
        let create = tagged(ask("s3:CreateBucket"))
            .with("s3:locationconstraint", self.constraint())
            .with_headers(&self.headers, super::headers::CREATE_BUCKET_KEYS);
        let mut access = Access::from(create);
        if self.headers.has_acl() && self.headers.get("x-amz-acl") != Some("private") {
            let put = ask("s3:PutBucketAcl");
            access = access.and(put.with_headers(&self.headers, super::headers::ACL_KEYS));
        }
        if self.locks() {
            access = access
                .and(ask("s3:PutBucketObjectLockConfiguration"))
                .and(ask("s3:PutBucketVersioning"));
        }
        if self.headers.has("x-amz-object-ownership") {
            access = access.and(ask("s3:PutBucketOwnershipControls"));
        }
        if !self.tags().is_empty() {
            access = access.and(tagged(ask("s3:TagResource")));
        }
        Ok(access)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let region = names::region_of_new_bucket(&cx.meta().region, self.constraint())?;
        namespace::check(&self.bucket, &self.headers, cx.account(), &region)?;
        let ownership = self.ownership()?;
        tags::check(self.tags(), tags::Of::NewBucket)?;
        let name = Text::from(self.bucket.as_str());
        let mut bucket = Bucket::new(
            name.clone(),
            cx.account().clone(),
            cx.caller().partition,
            region.into(),
            cx.now(),
        );
        if cx.settings().legacy_bucket_defaults {
            bucket.public_access = None;
            bucket.ownership = Some(Ownership::ObjectWriter);
            bucket.blocks_customer_keys = false;
        }
        bucket.ownership = ownership.or(bucket.ownership);
        bucket.acl = acl::of_new_bucket(&cx, &bucket, &self.headers)?;
        bucket.tags = tags::pairs(self.tags());
        if self.locks() {
            configurations::enable_object_lock(&mut bucket);
        }
        if self.constraint() == Some("EU") {
            configurations::call_location(&mut bucket, "EU");
        }
        cx.write(|world| {
            if let Some(there) = world.law.buckets.get(&name) {
                return already_there(there, cx.account(), &cx.meta().region, self.tags());
            }
            world.law.buckets.insert(name.clone(), Arc::new(bucket));
            world
                .shelves
                .insert(name.clone(), Arc::new(Shelf::default()));
            Ok(())
        })?;
        let arn = format!("arn:{}:s3:::{}", cx.caller().partition, self.bucket);
        let location = match self.constraint() {
            None => format!("/{}", self.bucket),
            Some(_) => format!("http://{}.s3.amazonaws.com/", self.bucket),
        };
        Ok(XmlReply::empty()
            .header("location", Some(location))
            .header("x-amz-bucket-arn", Some(arn)))
    }
}

/// Making a bucket again is only a success for its owner in us-east-1, and without tags.
fn already_there(
    bucket: &Bucket,
    account: &Text,
    region: &Text,
    tags: &[tags::Tag],
) -> Result<(), Fault> {
    if bucket.owner != *account {
        let message = "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
        return Err(
            Fault::service(409, "BucketAlreadyExists", message).detail("BucketName", &*bucket.name)
        );
    }
    if &**region == "us-east-1" && bucket.region == *region && tags.is_empty() {
        return Ok(());
    }
    let message =
        "Your previous request to create the named bucket succeeded and you already own it.";
    Err(Fault::service(409, "BucketAlreadyOwnedByYou", message).detail("BucketName", &*bucket.name))
}

/// `DeleteBucket`
#[derive(Debug, Deserialize)]
pub(super) struct DeleteBucket {
    bucket: String,
    #[serde(default)]
    headers: Headers,
}

impl Operation for DeleteBucket {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "DeleteBucket";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        Ok(Asking::from(facts).bucket("s3:DeleteBucket", bucket).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        cx.write(|world| {
            let bucket = world.law.buckets.get(&*self.bucket);
            let bucket = bucket.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
            let shelf = world.shelves.get(&*self.bucket);
            if shelf.is_some_and(|shelf| !shelf.objects.is_empty()) {
                let message = if bucket.versioning.is_some() {
                    "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
                } else {
                    "The bucket you tried to delete is not empty"
                };
                return Err(Fault::service(409, "BucketNotEmpty", message)
                    .detail("BucketName", &*self.bucket));
            }
            world.law.buckets.remove(&*self.bucket);
            world.shelves.remove(&*self.bucket);
            Ok(())
        })?;
        Ok(XmlReply::empty())
    }
}

/// `HeadBucket`
#[derive(Debug, Deserialize)]
pub(super) struct HeadBucket {
    bucket: String,
    #[serde(default)]
    headers: Headers,
}

impl Operation for HeadBucket {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "HeadBucket";
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        Ok(Asking::from(facts).bucket("s3:ListBucket", bucket).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let bucket = cx.read(|world| world.law.buckets.get(&*self.bucket).cloned());
        let bucket = bucket.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
        Ok(XmlReply::empty()
            .header("x-amz-bucket-region", Some(&*bucket.region))
            .header("x-amz-bucket-arn", Some(bucket.arn()))
            .header("x-amz-access-point-alias", Some("false"))
            .header("content-type", Some("application/xml")))
    }
}
