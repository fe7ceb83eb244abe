//! `ListBuckets`.

use super::{Headers, faults, names, owner::Owner};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Fault, Operation, XmlReply, millis_time},
};
use serde::{Deserialize, Serialize};
use std::ops::Bound;

/// `ListBuckets`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ListBuckets {
    prefix: Option<String>,
    max_buckets: Option<String>,
    continuation_token: Option<String>,
    bucket_region: Option<String>,
    #[serde(default, rename = "headers")]
    _headers: Headers,
}

/// `<ListAllMyBucketsResult>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListAllMyBucketsResult {
    owner: Owner,
    buckets: Buckets,
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
}

#[derive(Debug, Serialize)]
struct Buckets {
    #[serde(rename = "Bucket")]
    buckets: Vec<Entry>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    name: String,
    creation_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bucket_region: Option<String>,
    bucket_arn: String,
}

impl ListBuckets {
    fn most(&self) -> Result<usize, Fault> {
        let Some(text) = self.max_buckets.as_deref() else {
            return Ok(10_000);
        };
        let most = text.parse().ok().filter(|most| (1..=10_000).contains(most));
        most.ok_or_else(|| {
            let message = "Argument max-buckets must be an integer between 1 and 10000";
            faults::invalid_argument(message, "max-buckets", text)
        })
    }
}

impl Operation for ListBuckets {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "ListBuckets";
    type Output = XmlReply<ListAllMyBucketsResult>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let resource = format!("arn:{}:s3:::*", facts.partition());
        let demand = Demand::new("s3:ListAllMyBuckets", resource)
            .owned_by(Some(facts.account().clone()))
            .shown_as("")
            .signed();
        Ok(demand.into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<ListAllMyBucketsResult>, Fault> {
        let most = self.most()?;
        let prefix = self.prefix.as_deref().unwrap_or_default();
        if let Some(region) = self.bucket_region.as_deref()
            && !names::is_region(region)
        {
            let message = format!("Argument value {region} is not a valid AWS Region");
            return Err(Fault::service(400, "InvalidArgument", message)
                .detail("ArgumentName", "bucket-region"));
        }
        // An empty token is none.
        let after = self.continuation_token.as_deref();
        let after = after.filter(|token| !token.is_empty());
        let after = after.map(super::list_page::decode_token).transpose()?;
        let start = match &after {
            Some(name) if name.as_str() >= prefix => Bound::Excluded(name.as_str()),
            _ => Bound::Included(prefix),
        };
        let paged = self.max_buckets.is_some() || self.prefix.is_some() || after.is_some();
        let (buckets, more) = cx.read(|world| {
            let mut page: Vec<Entry> = Vec::new();
            // rolecall's choice: buckets of all accounts stand in one map, so those of others are passed over.
            let named = world.law.buckets.range::<str, _>((start, Bound::Unbounded));
            let named = named.take_while(|(name, _)| name.starts_with(prefix));
            for (name, bucket) in named.filter(|(_, bucket)| bucket.owner == *cx.account()) {
                let region = self.bucket_region.as_deref();
                if region.is_some_and(|region| region != &*bucket.region) {
                    continue;
                }
                if page.len() == most {
                    return (page, true);
                }
                page.push(Entry {
                    name: name.to_string(),
                    creation_date: millis_time(super::copy_object::whole_second(bucket.created)),
                    bucket_region: paged.then(|| bucket.region.to_string()),
                    bucket_arn: bucket.arn(),
                });
            }
            (page, false)
        });
        let last = buckets.last().filter(|_| more);
        let result = ListAllMyBucketsResult {
            owner: Owner::of(cx.account()),
            continuation_token: last.map(|last| super::list_page::token(&last.name)),
            prefix: self.prefix.clone(),
            buckets: Buckets { buckets },
        };
        Ok(XmlReply::root("ListAllMyBucketsResult", result))
    }
}
