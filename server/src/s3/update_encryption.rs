//! `UpdateObjectEncryption`: another key for an object that is there. Nothing else of it changes, not even its date.
//! Source: Amazon S3 API Reference, UpdateObjectEncryption.

use super::{
    Headers,
    asking::{Asking, existing},
    encryption::Encryption,
    faults, lock,
    read::{self, Wanted},
    xml::Element,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Fault, Operation, XmlReply},
};
use serde::Deserialize;

const ROOT: &str = "ObjectEncryption";

/// What the use of the new key needs, and of the old where it is a customer's. AWS lists these without saying which
/// key each is for (rolecall's choice).
const OF_NEW: &[&str] = &[
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptTo",
];
const OF_OLD: &[&str] = &["kms:Decrypt", "kms:ReEncryptFrom"];

/// `UpdateObjectEncryption`
#[derive(Debug, Deserialize)]
pub(super) struct UpdateObjectEncryption {
    bucket: String,
    key: String,
    #[serde(default)]
    headers: Headers,
    #[serde(rename = "versionId")]
    version: Option<String>,
    body: Option<Element>,
}

impl UpdateObjectEncryption {
    fn wanted(&self) -> Wanted<'_> {
        Wanted::new(&self.bucket, &self.key, self.version.as_deref())
    }

    /// What the object is to be encrypted with.
    fn asked(&self) -> Result<Encryption, Fault> {
        let document = self.body.as_ref().ok_or_else(faults::no_body)?;
        if document.name() != ROOT || document.children().len() > 1 {
            return Err(faults::malformed_xml());
        }
        let Some(kms) = document.child("SSE-KMS") else {
            return Err(faults::invalid_request(
                "Requests that modify an object encryption configuration require a valid new encryption type. Valid values are SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, and then try again.",
            ));
        };
        let arn = kms.value("KMSKeyArn").unwrap_or_default();
        if arn.is_empty() {
            return Err(faults::invalid_request(
                "Requests that modify an object's encryption type to SSE-KMS require an Amazon Web Services KMS key Amazon Resource Name (ARN). Modify the request to specify a KMS key ARN, and then try again.",
            ));
        }
        if !is_key(arn) {
            return Err(faults::invalid_request(
                "Requests that modify an object's encryption type to SSE-KMS require a valid Amazon Web Services KMS key Amazon Resource Name (ARN). Confirm that you have a correctly formatted KMS key ARN in your request, and then try again.",
            ));
        }
        let bucket_key = match kms.value("BucketKeyEnabled") {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                return Err(faults::invalid_request(
                    "The BucketKeyEnabled value isn't valid. Valid values are true or false. Modify the request to specify a valid value, and then try again.",
                ));
            }
        };
        Ok(Encryption::with_key(arn, bucket_key))
    }
}

/// `arn:aws:kms:REGION:ACCOUNT:key/ID`
fn is_key(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [scheme, partition, service, _, account, key] = parts.as_slice() else {
        return false;
    };
    (*scheme, *service) == ("arn", "kms")
        && partition.starts_with("aws")
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && key.strip_prefix("key/").is_some_and(|id| !id.is_empty())
}

impl Operation for UpdateObjectEncryption {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "UpdateObjectEncryption";
    type Output = XmlReply<()>;

    /// S3's User Guide lists `s3:PutObject` too, its API Reference no longer does; both are asked (rolecall's choice).
    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let asking = Asking::from(facts);
        let there = self.wanted().object(facts);
        // What is wrong with the document is told once the update is allowed.
        let asked = self.asked().ok();
        let key = asked.as_ref().and_then(Encryption::key_arn);
        let tagged = Wanted::new(&self.bucket, &self.key, None);
        let demand = tagged.demand_of(asking, bucket, "s3:UpdateObjectEncryption", there);
        let keys = |demand: crate::gate::Demand| {
            demand
                .with("s3:x-amz-server-side-encryption", key.map(|_| "aws:kms"))
                .with("s3:x-amz-server-side-encryption-aws-kms-key-id", key)
        };
        let mut access = Access::from(keys(demand));
        access = access.and(keys(asking.object("s3:PutObject", bucket, &self.key)));
        let old = there.map(|object| &object.extras.encryption);
        for (encryption, actions) in [(asked.as_ref(), OF_NEW), (old, OF_OLD)] {
            let demands = actions.iter().filter_map(|action| {
                encryption.and_then(|encryption| asking.key(action, encryption))
            });
            access = demands.fold(access, Access::and);
        }
        Ok(access)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let signed = cx.meta().signed.as_ref();
        if signed.is_some_and(|signed| signed.version == "AWS") {
            return Err(faults::invalid_request(
                "Requests that modify an object encryption configuration require Amazon Web Services Signature Version 4. Modify the request to use Amazon Web Services Signature Version 4, and then try again.",
            ));
        }
        let asked = self.asked()?;
        let found = read::find(&cx, self.wanted(), "PUT")?;
        if !found.object.extras.encryption.can_change_key() {
            return Err(faults::invalid_request(
                "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or SSE-C. Only source objects encrypted with SSE-S3 or SSE-KMS are supported.",
            ));
        }
        let owner = asked.key_arn().and_then(crate::gate::account_of);
        if owner != Some(&*found.bucket.owner) {
            let message = "The Amazon Web Services KMS key in the request must be owned by the same account as the bucket. Modify the request to specify a KMS key from the same account, and then try again.";
            return Err(Fault::service(403, "AccessDenied", message));
        }
        cx.write(|world| {
            let object = self.wanted().object_mut(world)?;
            if object.extras.lock.protects(cx.now(), false) {
                return Err(lock::keeps_its_key());
            }
            object.extras.change(|extras| extras.encryption = asked);
            Ok(())
        })?;
        Ok(XmlReply::empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_by_their_arn() {
        assert!(is_key("arn:aws:kms:us-east-1:123456789012:key/k"));
        assert!(is_key(
            "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/k"
        ));
        for bad in [
            "k",
            "alias/k",
            "arn:aws:kms:us-east-1:123456789012:alias/k",
            "arn:aws:kms:us-east-1:123456789012:key/",
            "arn:aws:kms:us-east-1:1234:key/k",
            "arn:aws:s3:us-east-1:123456789012:key/k",
            "arn:aws:kms:us-east-1",
        ] {
            assert!(!is_key(bad), "{bad}");
        }
    }
}
