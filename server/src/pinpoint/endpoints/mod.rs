//! Endpoints: the addresses at which an app's users can be reached.
//!
//! An endpoint is kept as the text of its answer, which is also its line in an export: nothing is built
//! again to be read, and a million of them fit. Updates are rare beside reads and pay for the parsing.

mod batch;
mod merge;
mod single;
mod users;

pub(super) use batch::UpdateEndpointsBatch;
pub(super) use merge::REQUEST;
pub(super) use single::{DeleteEndpoint, GetEndpoint, UpdateEndpoint};
pub(super) use users::{DeleteUserEndpoints, GetUserEndpoints};

use super::shape::Document;
use crate::{
    gate::Meta,
    wire::Fault,
    world::{Map, Text},
};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use std::sync::Arc;

/// The most bytes of one endpoint. Source: Amazon Pinpoint Developer Guide, "Quotas", endpoint quotas.
const LARGEST: usize = 15 * 1024;

/// An `EndpointResponse` as text.
pub(super) type Endpoint = Arc<RawValue>;

/// The endpoints of an app. A clone is a snapshot and costs nothing.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Endpoints {
    #[serde(skip)]
    by_id: Map<Text, Endpoint>,
    /// User id and endpoint id of every endpoint that names a user.
    #[serde(skip)]
    by_user: Map<(Text, Text), ()>,
}

/// `MessageBody`, the answer to a write that is accepted.
#[derive(Debug, Serialize)]
pub(super) struct Accepted {
    #[serde(rename = "Message")]
    message: &'static str,
    #[serde(rename = "RequestID")]
    request_id: String,
}

impl Accepted {
    fn of(meta: &Meta) -> Self {
        Self {
            message: "Accepted",
            request_id: meta.id.to_string(),
        }
    }
}

/// The user of an endpoint's text, and nothing else of it.
#[derive(Deserialize)]
struct OfUser {
    #[serde(rename = "User")]
    user: Option<UserId>,
}

#[derive(Deserialize)]
struct UserId {
    #[serde(rename = "UserId")]
    user_id: Option<String>,
}

fn user_of(endpoint: &RawValue) -> Option<Text> {
    let of: OfUser = serde_json::from_str(endpoint.get()).ok()?;
    of.user?.user_id.map(Text::from)
}

crate::world::kept_in_rows!(Endpoints { by_id, by_user });
crate::world::kept_as_row!(Endpoint);

impl Endpoints {
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Endpoint> {
        self.by_id.get(id)
    }

    /// The endpoints after `id` (all of them without one), in order.
    pub(super) fn after<'a>(
        &'a self,
        id: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a Text, &'a Endpoint)> {
        self.by_id.after(id)
    }

    /// The endpoints of a user, with their ids.
    fn of_user(&self, user: &str) -> Vec<(Text, Endpoint)> {
        let start = (Text::from(user), Text::from(""));
        let of_user = self.by_user.after(Some(&start));
        of_user
            .take_while(|((of, _), ())| *of == start.0)
            .filter_map(|((_, id), ())| Some((id.clone(), self.by_id.get(id)?.clone())))
            .collect()
    }

    /// Creates an endpoint, or changes what `sent` says of it.
    pub(super) fn put(
        &mut self,
        app: &str,
        id: &str,
        sent: Document,
        meta: &Meta,
    ) -> Result<(), Fault> {
        let stored = |why| Fault::Internal(format!("{why} the endpoint `{id}`"));
        let before = self.by_id.get(id).cloned();
        let before_doc = before
            .as_ref()
            .map(|text| serde_json::from_str(text.get()))
            .transpose()
            .map_err(|_| stored("read"))?;
        let after = merge::updated(before_doc, sent, merge::Of { app, id, meta })?;
        let text = Endpoint::from(to_raw_value(&after).map_err(|_| stored("store"))?);
        if text.get().len() > LARGEST {
            let why = format!("the endpoint `{id}` would be larger than {LARGEST} bytes");
            return Err(Fault::malformed("", why));
        }
        let id = Text::from(id);
        let (was, is) = (before.as_deref().and_then(user_of), user_of(&text));
        if was != is {
            if let Some(user) = was {
                self.by_user.remove(&(user, id.clone()));
            }
            if let Some(user) = is {
                self.by_user.insert((user, id.clone()), ());
            }
        }
        self.by_id.insert(id, text);
        Ok(())
    }

    /// Takes an endpoint out.
    fn remove(&mut self, id: &str) -> Option<Endpoint> {
        let endpoint = self.by_id.get(id)?.clone();
        if let Some(user) = user_of(&endpoint) {
            self.by_user.remove(&(user, Text::from(id)));
        }
        self.by_id.remove(id);
        Some(endpoint)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
impl Endpoints {
    /// Endpoints by id and text.
    pub(super) fn of_texts(texts: impl Iterator<Item = (String, String)>) -> Self {
        let mut endpoints = Self::default();
        for (id, text) in texts {
            let text = RawValue::from_string(text).unwrap();
            endpoints.by_id.insert(id.into(), Endpoint::from(text));
        }
        endpoints
    }
}
