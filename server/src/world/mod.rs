//! The state: one immutable `World`, several accounts and partitions from the first day.
//!
//! A clone is O(1). A change copies only the path to what changed, so every recorded decision keeps the
//! law it was made under, and a snapshot costs nothing.

mod blob;
mod clock;
mod held;
mod ids;
mod journal;
mod kept;
mod map;
mod policies;
mod published;
mod rare;
mod rows;
mod shared;
mod spool;
mod tree;
mod word;

pub(crate) use blob::{Blob, Piece, Reader, Store};
pub use clock::Clock;
pub(crate) use clock::Setting as ClockSetting;
pub(crate) use held::Holding;
pub use ids::Ids;
pub use journal::DataError;
pub(crate) use journal::Journal;
pub(crate) use kept::{Change, Changes, Kept, Unkept, kept_as_row, kept_in_rows};
pub(crate) use map::Map;
pub(crate) use policies::{
    from_row as policy_from_row, from_row_if_any as policy_from_row_if_any, policy,
};
pub(crate) use published::{Keeper, Published};
pub(crate) use rare::{Rare, Seldom};
pub(crate) use rows::Rows;
pub use rows::Unreadable;
pub(crate) use shared::Shared;
pub(crate) use spool::{Spool, Spooling};
pub use word::Word;
pub(crate) use word::{in_pairs, word};

use crate::{
    iam::{AccessKey, Account, ManagedPolicy},
    organizations::Organization,
    pinpoint::App,
    s3::{Bucket, Shelf},
    ses::Templates,
    sts::Keys,
};
use rolecall_policy::Policy;
use std::sync::Arc;

/// A shared text: names, ids, ARNs that several places keep.
pub type Text = Arc<str>;

/// Everything.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct World {
    /// What decisions depend on.
    #[serde(skip)]
    pub(crate) law: Shared<Law>,
    /// Every access key, long-term and temporary, by its id.
    #[serde(skip)]
    pub(crate) keys: Map<Text, Arc<AccessKey>>,
    /// The temporary ones among them, by their end.
    #[serde(skip)]
    pub(crate) expiring: Map<(jiff::Timestamp, Text), ()>,
    /// The objects of each bucket, by bucket name.
    #[serde(skip)]
    pub(crate) shelves: Map<Text, Arc<Shelf>>,
    /// The keys of identity providers, by issuer. Given by whoever runs the endpoint, since nothing is fetched.
    #[serde(skip)]
    pub(crate) provider_keys: Map<Text, Arc<Keys>>,
    /// Pinpoint apps, by account, Region and id.
    #[serde(skip)]
    pub(crate) apps: Map<(Text, Text, Text), Arc<App>>,
    /// Templates of SES by name, by account and Region.
    #[serde(skip)]
    pub(crate) templates: Map<(Text, Text), Arc<Templates>>,
}

/// The part of the world that decisions depend on. Records keep it; it holds no object's bytes.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Law {
    /// Accounts, by their 12 digits.
    #[serde(skip)]
    pub(crate) accounts: Map<Text, Arc<Account>>,
    /// Buckets, by name; global within a partition.
    #[serde(skip)]
    pub(crate) buckets: Map<Text, Arc<Bucket>>,
    /// The organization, when one was given.
    pub(crate) organization: Option<Arc<Organization>>,
    /// Policies of resources that are only asked about (an SES identity), by ARN.
    #[serde(skip)]
    pub(crate) given: Map<Text, Arc<Policy>>,
}

kept_in_rows!(World {
    law,
    keys,
    expiring,
    shelves,
    apps,
    provider_keys,
    templates
});
kept_in_rows!(Law {
    accounts,
    buckets,
    given
});
kept_as_row!(Policy, Keys);

impl Law {
    /// An account.
    pub(crate) fn account(&self, id: &str) -> Option<&Arc<Account>> {
        self.accounts.get(id)
    }

    /// An account, to change.
    pub(crate) fn account_mut(&mut self, id: &str) -> Option<&mut Account> {
        self.accounts.get_mut(id).map(Arc::make_mut)
    }

    /// A managed policy by ARN: of the account in the ARN, or AWS's own.
    pub(crate) fn managed_policy(&self, arn: &str) -> Option<&Arc<ManagedPolicy>> {
        match crate::gate::account_of(arn) {
            None => crate::iam::aws_managed_policy(arn),
            Some(account) => self.account(account)?.policies.get(arn),
        }
    }

    /// The unique id of the user or role with this ARN. Policies that name principals keep it.
    pub(crate) fn principal_id(&self, arn: &str) -> Option<&Text> {
        self.account(crate::gate::account_of(arn)?)?.id_of_arn(arn)
    }

    /// The ARN of the user or role with this unique id. Unique ids do not say their account; accounts are few.
    pub(crate) fn arn_of_id(&self, id: &str) -> Option<&str> {
        self.accounts
            .values()
            .find_map(|account| account.arn_of_id(id))
    }

    /// A bucket's policy.
    pub(crate) fn bucket_policy(&self, bucket: &str) -> Option<&Policy> {
        self.buckets.get(bucket)?.policy.as_deref()
    }

    /// A role's trust policy.
    pub(crate) fn trust_policy(&self, account: &str, role: &str) -> Option<&Policy> {
        Some(&*self.account(account)?.roles.get(role)?.trust.policy)
    }

    /// The policy of a resource that is only asked about.
    pub(crate) fn given_policy(&self, arn: &str) -> Option<&Policy> {
        self.given.get(arn).map(|policy| &**policy)
    }
}

impl World {
    /// A Pinpoint app.
    pub(crate) fn app(&self, account: &Text, region: &Text, id: &str) -> Option<&Arc<App>> {
        self.apps
            .get(&(account.clone(), region.clone(), Text::from(id)))
    }

    /// A Pinpoint app, to change.
    pub(crate) fn app_mut(&mut self, account: &Text, region: &Text, id: &str) -> Option<&mut App> {
        let key = (account.clone(), region.clone(), Text::from(id));
        self.apps.get_mut(&key).map(Arc::make_mut)
    }
}
