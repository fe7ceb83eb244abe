//! What a bucket is configured to do besides keeping objects: one file per configuration. Each is a document with
//! a table of its members, kept as it came and given back; the checks beside it are AWS's.

mod abac;
mod cors;
mod documents;
mod encryption;
mod initial;
mod lifecycle;
mod logging;
mod notification;
mod object_lock;
mod preflight;
mod replication;
mod several;
mod small;
mod versioning;
mod website;

pub(super) use abac::{Abac, is_enabled as has_abac};
pub(super) use cors::Cors;
pub use documents::Documents;
pub(super) use encryption::{
    Encryption, blocks_customer_keys, by_default as default_encryption, uses_bucket_keys,
};
pub(super) use initial::{Location, call as call_location};
pub(super) use lifecycle::{Lifecycle, expiration, expiration_of_new, midnight_after};
pub(super) use logging::Logging;
pub(super) use notification::Notification;
pub(super) use object_lock::{
    ObjectLock, default_retention, enable as enable_object_lock, has_lock,
};
pub(super) use preflight::Preflight;
pub(crate) use preflight::answer_origin;
pub(super) use replication::Replication;
pub(super) use several::{
    Analytics, DeleteOne, GetOne, IntelligentTiering, Inventory, List, Metrics, PutOne,
};
pub(super) use small::{Accelerate, RequestPayment};
pub(super) use versioning::BucketVersioning;
pub(super) use website::Website;

use super::{
    Bucket,
    schema::{self, Member},
    setting::{Aside, Change, Readable, Removable},
    xml::Element,
};
use crate::{
    gate::{Demand, Facts},
    wire::Fault,
};

/// An operation: its name and its IAM action.
type Call = (&'static str, &'static str);

/// A configuration of which a bucket has one.
pub(super) trait Configuration: Send + Sync + 'static {
    /// The operation that reads it.
    const READ: Call;
    /// The operation that sets it.
    const WRITE: Call;
    /// The operation that takes it away; none where setting an empty one does that.
    const REMOVE: Call = ("", "");
    /// The root element.
    const ROOT: &'static str;
    /// Its members.
    const MEMBERS: &'static [Member];

    /// What AWS says when nobody set it.
    fn unset(bucket: &Bucket) -> Result<Element, Fault>;

    /// What AWS asks of the bucket before it looks at the document.
    fn check_bucket(_bucket: &Bucket) -> Result<(), Fault> {
        Ok(())
    }

    /// What AWS checks besides the members.
    fn check(_document: &Element, _bucket: &Bucket, _aside: &Aside<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// The document as it is kept.
    fn settle(document: Element, _bucket: &mut Bucket, _aside: &Aside<'_>) -> Element {
        document
    }

    /// What setting it asks of the policies besides its action.
    fn also(_document: &Element, _facts: &Facts<'_>) -> Option<Demand> {
        None
    }

    /// The header of an answer that reads or sets it.
    fn header(_bucket: &Bucket) -> Option<(&'static str, String)> {
        None
    }
}

impl<T: Configuration> Readable for T {
    const NAME: &'static str = T::READ.0;
    const ACTION: &'static str = T::READ.1;
    const ROOT: &'static str = T::ROOT;
    type Document = Element;

    fn read(bucket: &Bucket) -> Result<Element, Fault> {
        match bucket.documents.one(T::ROOT) {
            Some(document) => Ok(document.clone()),
            None => T::unset(bucket),
        }
    }

    fn header(bucket: &Bucket) -> Option<(&'static str, String)> {
        T::header(bucket)
    }
}

impl<T: Configuration> Change for T {
    const NAME: &'static str = T::WRITE.0;
    const ACTION: &'static str = T::WRITE.1;
    type Body = Element;

    fn also(body: &Element, facts: &Facts<'_>) -> Option<Demand> {
        T::also(body, facts)
    }

    fn apply(bucket: &mut Bucket, body: Element, aside: &Aside<'_>) -> Result<(), Fault> {
        T::check_bucket(bucket)?;
        schema::check(&body, T::ROOT, T::MEMBERS)?;
        T::check(&body, bucket, aside)?;
        let document = T::settle(body, bucket, aside);
        bucket.documents.set(T::ROOT, document);
        Ok(())
    }

    fn header(bucket: &Bucket) -> Option<(&'static str, String)> {
        T::header(bucket)
    }
}

impl<T: Configuration> Removable for T {
    const NAME: &'static str = T::REMOVE.0;
    const ACTION: &'static str = T::REMOVE.1;

    fn remove(bucket: &mut Bucket) -> Result<(), Fault> {
        bucket.documents.remove(T::ROOT);
        Ok(())
    }
}

/// AWS's 404 for a configuration that nobody set.
fn not_found<T>(bucket: &Bucket, code: &'static str, message: &str) -> Result<T, Fault> {
    Err(Fault::service(404, code, message).detail("BucketName", &*bucket.name))
}
