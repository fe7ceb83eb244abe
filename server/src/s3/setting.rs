//! The one way a bucket's settings are read and changed. A setting says what it is; this says how.

use super::{
    Bucket, Headers,
    asking::{Asking, existing},
    faults,
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Fault, Operation, XmlReply},
    world::{Ids, Law, Shared},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{marker::PhantomData, sync::Arc};

/// A setting that can be read.
pub(super) trait Readable: Send + Sync + 'static {
    /// The operation.
    const NAME: &'static str;
    /// The IAM action.
    const ACTION: &'static str;
    /// The root element of the answer.
    const ROOT: &'static str;
    /// The answer.
    type Document: Serialize + Send;

    /// What the bucket says.
    fn read(bucket: &Bucket) -> Result<Self::Document, Fault>;

    /// A header that belongs to the answer.
    fn header(_bucket: &Bucket) -> Option<(&'static str, String)> {
        None
    }
}

/// What a change may look at besides the bucket and the body.
#[derive(Debug)]
pub(super) struct Aside<'a> {
    /// The other buckets, as they were just before.
    pub(super) law: Shared<Law>,
    /// The headers of the request.
    pub(super) headers: &'a Headers,
    ids: &'a Ids,
}

impl Aside<'_> {
    /// An id for a rule that came without one.
    pub(super) fn new_id(&self) -> String {
        self.ids.unique("", 32)
    }
}

/// A change of a setting.
pub(super) trait Change: Send + Sync + 'static {
    /// The operation.
    const NAME: &'static str;
    /// The IAM action.
    const ACTION: &'static str;
    /// The body.
    type Body: DeserializeOwned + Send + 'static;

    /// What it asks of the policies besides its action.
    fn also(_body: &Self::Body, _facts: &Facts<'_>) -> Option<Demand> {
        None
    }

    /// Changes the bucket, or refuses.
    fn apply(bucket: &mut Bucket, body: Self::Body, aside: &Aside<'_>) -> Result<(), Fault>;

    /// A header that belongs to the answer.
    fn header(_bucket: &Bucket) -> Option<(&'static str, String)> {
        None
    }
}

/// A setting that can be taken away.
pub(super) trait Removable: Send + Sync + 'static {
    /// The operation.
    const NAME: &'static str;
    /// The IAM action.
    const ACTION: &'static str;

    /// Takes it away, or refuses.
    fn remove(bucket: &mut Bucket) -> Result<(), Fault>;
}

/// The operation that reads `T`.
#[derive(Debug, Deserialize)]
#[serde(bound = "")]
pub(super) struct Get<T> {
    bucket: String,
    #[serde(default)]
    headers: Headers,
    #[serde(skip)]
    setting: PhantomData<T>,
}

/// The operation that changes `T`.
#[derive(Debug, Deserialize)]
#[serde(bound = "")]
pub(super) struct Put<T: Change> {
    bucket: String,
    #[serde(default)]
    headers: Headers,
    body: Option<T::Body>,
}

/// The operation that takes `T` away.
#[derive(Debug, Deserialize)]
#[serde(bound = "")]
pub(super) struct Delete<T> {
    bucket: String,
    #[serde(default)]
    headers: Headers,
    #[serde(skip)]
    setting: PhantomData<T>,
}

impl<T: Readable> Operation for Get<T> {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = T::NAME;
    type Output = XmlReply<T::Document>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        Ok(Asking::from(facts).bucket(T::ACTION, bucket).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<T::Document>, Fault> {
        let bucket = cx.read(|world| world.law.buckets.get(&*self.bucket).cloned());
        let bucket = bucket.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
        let reply = XmlReply::root(T::ROOT, T::read(&bucket)?);
        Ok(match T::header(&bucket) {
            Some((name, value)) => reply.header(name, Some(value)),
            None => reply,
        })
    }
}

impl<T: Change> Operation for Put<T> {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = T::NAME;
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        let access = Access::from(Asking::from(facts).bucket(T::ACTION, bucket));
        let also = self.body.as_ref().and_then(|body| T::also(body, facts));
        Ok(also.into_iter().fold(access, Access::and))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        let body = self.body.ok_or_else(faults::no_body)?;
        let aside = Aside {
            law: cx.read(|world| world.law.clone()),
            headers: &self.headers,
            ids: cx.ids(),
        };
        let header = change_bucket(&cx, &self.bucket, |bucket| {
            T::apply(bucket, body, &aside)?;
            Ok(T::header(bucket))
        })?;
        Ok(match header {
            Some((name, value)) => XmlReply::empty().header(name, Some(value)),
            None => XmlReply::empty(),
        })
    }
}

impl<T: Removable> Operation for Delete<T> {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = T::NAME;
    type Output = XmlReply<()>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &self.headers)?;
        Ok(Asking::from(facts).bucket(T::ACTION, bucket).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<XmlReply<()>, Fault> {
        change_bucket(&cx, &self.bucket, T::remove)?;
        Ok(XmlReply::empty())
    }
}

/// Changes a bucket's settings.
pub(super) fn change_bucket<O, T>(
    cx: &Granted<'_, O>,
    name: &str,
    change: impl FnOnce(&mut Bucket) -> Result<T, Fault>,
) -> Result<T, Fault> {
    cx.write(|world| {
        let bucket = world.law.buckets.get_mut(name);
        let bucket = bucket.ok_or_else(|| faults::no_such_bucket(name))?;
        change(Arc::make_mut(bucket))
    })
}
