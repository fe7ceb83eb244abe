//! What other services read from buckets, with the sessions of their roles: the decisions of the operations that they use,
//! and answers without the wire's form.

use super::{
    Headers,
    asking::{Asking, existing},
    faults, list_objects,
    list_page::{Seen, Walk},
    read::{self, Wanted},
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Fault, Operation},
    world::Blob,
};
use std::ops::ControlFlow;

/// Keys under a prefix, with their sizes: `ListObjectsV2`, page after page. Of those that are to be kept, at most `most`.
pub(crate) struct ListKeys {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    pub(crate) keep: Box<dyn Fn(&str) -> bool + Send + Sync>,
    pub(crate) most: usize,
}

/// The content of an object: `GetObject`.
#[derive(Debug)]
pub(crate) struct ReadObject {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

impl Operation for ListKeys {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "ListObjectsV2";
    type Output = Vec<(String, u64)>;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &Headers::default())?;
        let keys = (Some(&*self.prefix), None, None);
        Ok(list_objects::demand(Asking::from(facts), "s3:ListBucket", bucket, keys)?.into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Vec<(String, u64)>, Fault> {
        cx.read(|world| {
            let shelf = world.shelves.get(&*self.bucket);
            let shelf = shelf.ok_or_else(|| faults::no_such_bucket(&self.bucket))?;
            let walk = Walk {
                prefix: &self.prefix,
                delimiter: None,
                after: None,
            };
            let mut keys = Vec::new();
            let visible = |versions: &super::object::Versions| versions.current().is_some();
            walk.over(shelf, visible, |seen| {
                if let Seen::Key(key, versions) = seen
                    && (self.keep)(key)
                    && let Some((_, object)) = versions.current()
                {
                    keys.push((key.to_owned(), object.blob.len()));
                }
                match keys.len() < self.most {
                    true => ControlFlow::Continue(()),
                    false => ControlFlow::Break(()),
                }
            });
            Ok(keys)
        })
    }
}

impl Operation for ReadObject {
    const SERVICE: &'static str = "s3";
    const NAME: &'static str = "GetObject";
    type Output = Blob;

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let bucket = existing(facts, &self.bucket, &Headers::default())?;
        Ok(Wanted::new(&self.bucket, &self.key, None).read_access(facts, bucket))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Blob, Fault> {
        let found = read::find(&cx, Wanted::new(&self.bucket, &self.key, None), "GET")?;
        super::get_object::check_retrievable(&found.object, cx.now())?;
        if found.object.extras.encryption.is_customers() {
            return Err(faults::invalid_request(
                "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
            ));
        }
        Ok(found.object.blob.clone())
    }
}
