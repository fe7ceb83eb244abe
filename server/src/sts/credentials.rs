//! Temporary credentials: making them, and forgetting them long after their end.

use super::Session;
use crate::{
    iam::{AccessKey, Holder},
    wire::iam_time,
    world::{Ids, Text, World},
};
use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;
use std::{fmt, sync::Arc};

/// Credentials as the API shows them.
#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
}

/// Shows everything but the secrets.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// Gives `session` an access key.
pub(super) fn issue(
    world: &mut World,
    ids: &Ids,
    account: Text,
    holder: Holder,
    session: Session,
) -> Credentials {
    forget_old(world, session.issued);
    // What a role's sessions do is when the role was last used.
    let role = session.role().and_then(|(name, id)| {
        let role = world.law.account(&account)?.roles.get(name)?;
        (role.id == *id).then(|| role.last_use.clone())
    });
    let key = AccessKey {
        id: ids.unique("ASIA", 20).into(),
        secret: ids.secret(),
        account,
        holder,
        active: true,
        created: session.issued,
        session: Some(Arc::new(session.clone())),
        last_use: role.unwrap_or_default(),
        signing: Arc::default(),
    };
    let credentials = Credentials {
        access_key_id: key.id.to_string(),
        secret_access_key: key.secret.clone(),
        session_token: session.token,
        expiration: iam_time(session.expires),
    };
    world.expiring.insert((session.expires, key.id.clone()), ());
    world.keys.insert(key.id.clone(), Arc::new(key));
    credentials
}

/// Credentials that ended two days ago are unknown, not expired: what is kept does not grow for ever.
fn forget_old(world: &mut World, now: Timestamp) {
    let Ok(limit) = now.checked_sub(48.hours()) else {
        return;
    };
    loop {
        let first = world.expiring.keys().next().cloned();
        let Some(first) = first.filter(|(end, _)| *end < limit) else {
            return;
        };
        world.keys.remove(&first.1);
        world.expiring.remove(&first);
    }
}

/// The end of a session that begins at `issued`.
pub(super) fn end(issued: Timestamp, seconds: i64) -> Timestamp {
    issued
        .checked_add(seconds.seconds())
        .unwrap_or(Timestamp::MAX)
}
