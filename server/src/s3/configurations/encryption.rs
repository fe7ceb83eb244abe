//! Default encryption. Every bucket has SSE-S3 unless somebody says SSE-KMS, and a new one refuses the keys of customers
//! (SSE-C) until somebody says `NONE`.

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

/// `…BucketEncryption`
#[derive(Debug)]
pub(in crate::s3) struct Encryption;

const BY_DEFAULT: &str = "ApplyServerSideEncryptionByDefault";
const BLOCKED: &str = "BlockedEncryptionTypes";
const TYPE: &str = "EncryptionType";

impl Configuration for Encryption {
    const READ: Call = ("GetBucketEncryption", "s3:GetEncryptionConfiguration");
    const WRITE: Call = ("PutBucketEncryption", "s3:PutEncryptionConfiguration");
    const REMOVE: Call = ("DeleteBucketEncryption", "s3:PutEncryptionConfiguration");
    const ROOT: &'static str = "ServerSideEncryptionConfiguration";
    const MEMBERS: &'static [Member] = &[some(
        "Rule",
        1,
        Kind::Tree(&[
            maybe(
                BY_DEFAULT,
                Kind::Tree(&[
                    one(
                        "SSEAlgorithm",
                        Kind::OneOf(&["AES256", "aws:kms", "aws:kms:dsse"]),
                    ),
                    maybe("KMSMasterKeyID", Kind::Text),
                ]),
            ),
            maybe("BucketKeyEnabled", Kind::Flag),
            maybe(
                BLOCKED,
                Kind::Tree(&[any(TYPE, Kind::OneOf(&["NONE", "SSE-C"]))]),
            ),
        ]),
    )];

    /// SSE-S3, as every bucket has it since January 2023.
    fn unset(bucket: &Bucket) -> Result<Element, Fault> {
        let algorithm = Element::leaf("SSEAlgorithm", "AES256");
        let rule = [
            Element::node(BY_DEFAULT, [algorithm]),
            Element::leaf("BucketKeyEnabled", "false"),
        ];
        let rule: Vec<Element> = rule.into_iter().chain(blocked(bucket)).collect();
        Ok(Element::node(Self::ROOT, [Element::node("Rule", rule)]))
    }

    fn check(document: &Element, _: &Bucket, _: &Aside<'_>) -> Result<(), Fault> {
        let default = document
            .child("Rule")
            .and_then(|rule| rule.child(BY_DEFAULT));
        let keyed = default.is_some_and(|it| it.has("KMSMasterKeyID"));
        if keyed && default.and_then(|it| it.value("SSEAlgorithm")) == Some("AES256") {
            let message = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse";
            return Err(
                Fault::service(400, "InvalidArgument", message).detail("ArgumentName", BY_DEFAULT)
            );
        }
        if default.and_then(|it| it.value("KMSMasterKeyID")) == Some("") {
            return Err(faults::malformed_xml());
        }
        Ok(())
    }

    /// AWS says of every rule whether it uses bucket keys, and what it blocks: as before, where the rule does not say.
    fn settle(mut document: Element, bucket: &mut Bucket, _: &Aside<'_>) -> Element {
        for rule in document.children_mut() {
            if !rule.has("BucketKeyEnabled") {
                rule.push(Element::leaf("BucketKeyEnabled", "false"));
            }
            if !rule.has(BLOCKED)
                && let Some(blocked) = blocked(bucket)
            {
                rule.push(blocked);
            }
        }
        document
    }
}

/// What a bucket blocks, where that was ever said.
fn blocked(bucket: &Bucket) -> Option<Element> {
    let said = rule(bucket).and_then(|rule| rule.child(BLOCKED)).cloned();
    let made = bucket.blocks_customer_keys;
    said.or_else(|| made.then(|| Element::node(BLOCKED, [Element::leaf(TYPE, "SSE-C")])))
}

/// How the bucket encrypts what says nothing itself; none where nobody set it.
pub(in crate::s3) fn by_default(bucket: &Bucket) -> Option<&Element> {
    rule(bucket)?.child(BY_DEFAULT)
}

/// Whether the bucket has keys of its own made from those of KMS.
pub(in crate::s3) fn uses_bucket_keys(bucket: &Bucket) -> bool {
    rule(bucket).and_then(|rule| rule.value("BucketKeyEnabled")) == Some("true")
}

/// Whether writes with the key of a customer are refused.
pub(in crate::s3) fn blocks_customer_keys(bucket: &Bucket) -> bool {
    blocked(bucket).is_some_and(|it| it.values(TYPE).any(|kind| kind == "SSE-C"))
}

fn rule(bucket: &Bucket) -> Option<&Element> {
    bucket.documents.one(Encryption::ROOT)?.child("Rule")
}
