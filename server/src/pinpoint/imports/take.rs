//! Endpoints taken in: stored, listed for a segment, or both.

use crate::{
    gate::Meta,
    pinpoint::{
        apps::App,
        endpoints::REQUEST,
        segments::Imported,
        shape::{self, Document, inner, text},
    },
    wire::Fault,
    world::Text,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// What becomes of the endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Purpose {
    /// They are stored.
    pub(super) register: bool,
    /// They are in this segment.
    pub(super) segment: Option<Text>,
}

/// What was taken in so far.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) imported: Imported,
    pub(super) channels: BTreeMap<String, usize>,
    pub(super) records: usize,
}

impl Taken {
    /// Takes one in.
    pub(super) fn take(
        &mut self,
        app: &mut App,
        record: &Value,
        purpose: &Purpose,
        (new_id, meta): (impl FnOnce() -> String, &Meta),
    ) -> Result<(), Fault> {
        let mut sent = shape::read(Some(record), REQUEST)?;
        // The guide says that an import does not take it. rolecall's choice: it is passed over, so that what was exported
        // can come back.
        sent.shift_remove("EndpointStatus");
        let id = match sent.shift_remove("Id") {
            Some(Value::String(id)) => Some(id),
            _ => None,
        };
        if id.is_none()
            && let Some(user) = only_user(&sent)
        {
            if purpose.segment.is_some() {
                self.imported.users.insert(user);
            }
            self.records += 1;
            return Ok(());
        }
        let whole = sent.contains_key("Address") && sent.contains_key("ChannelType");
        let known = id
            .as_ref()
            .is_some_and(|id| app.endpoints.get(id).is_some());
        if !whole && !known {
            let why = "a new endpoint needs Address and ChannelType; an Id of one that is there changes it";
            return Err(Fault::malformed("", why));
        }
        let id = id.unwrap_or_else(new_id);
        let channel = text(&sent, "ChannelType").map(str::to_owned);
        let app_id = app.id.clone();
        match purpose.register {
            true => app.endpoints.put(&app_id, &id, sent, meta)?,
            // What could not be stored is not taken for an endpoint either.
            false => app.endpoints.clone().put(&app_id, &id, sent, meta)?,
        }
        if let Some(channel) = channel {
            *self.channels.entry(channel).or_default() += 1;
        }
        // Only a segment has use for them.
        if purpose.segment.is_some() {
            self.imported.endpoints.insert(id.into());
        }
        self.records += 1;
        Ok(())
    }
}

/// The user of a record that says nothing else: all endpoints of the user are meant.
fn only_user(sent: &Document) -> Option<Text> {
    let user = inner(sent, "User").filter(|_| sent.len() == 1)?;
    text(user, "UserId")
        .filter(|_| user.len() == 1)
        .map(Text::from)
}
