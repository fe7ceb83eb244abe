//! The account's alias.

use super::{
    names::{self, ALIAS},
    page::{self, Page, listing},
    says,
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Constraints, Fault, Operation},
};
use serde::Deserialize;

/// `CreateAccountAlias`: there is one at most, a new one takes its place.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateAccountAlias {
    account_alias: String,
}

impl Operation for CreateAccountAlias {
    says!(CreateAccountAlias -> ());

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("accountAlias", Some(&self.account_alias), &ALIAS)
            .done()?;
        Ok(Demand::new("iam:CreateAccountAlias", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            // Aliases are unique among all accounts of AWS.
            let alias = Some(self.account_alias);
            let taken = world
                .law
                .accounts
                .iter()
                .any(|(id, other)| id != cx.account() && other.alias == alias);
            if let Some(alias) = alias.as_ref().filter(|_| taken) {
                let message = format!("The account alias {alias} already exists.");
                return Err(Fault::service(409, "EntityAlreadyExists", message));
            }
            world.iam_mut(cx.account())?.alias = alias;
            Ok(())
        })
    }
}

/// `ListAccountAliases`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListAccountAliases {
    marker: Option<String>,
    max_items: Option<i64>,
}

listing! {
    /// The answer to `ListAccountAliases`.
    AliasList { account_aliases: String }
}

impl Operation for ListAccountAliases {
    says!(ListAccountAliases -> AliasList);

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        names::paging(Constraints::iam(), self.marker.as_deref(), self.max_items).done()?;
        Ok(Demand::new("iam:ListAccountAliases", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<AliasList, Fault> {
        page::start(self.marker.as_deref())?;
        cx.read(|world| {
            let alias = world.iam(cx.account())?.alias.clone();
            Ok(Page {
                items: alias.into_iter().collect(),
                next: None,
            }
            .into())
        })
    }
}

/// `DeleteAccountAlias`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteAccountAlias {
    account_alias: String,
}

impl Operation for DeleteAccountAlias {
    says!(DeleteAccountAlias -> ());

    fn access(&self, _: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("accountAlias", Some(&self.account_alias), &ALIAS)
            .done()?;
        Ok(Demand::new("iam:DeleteAccountAlias", "*").into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let alias = &mut world.iam_mut(cx.account())?.alias;
            if alias
                .take_if(|alias| *alias == self.account_alias)
                .is_none()
            {
                let message = format!("The account alias {} cannot be found.", self.account_alias);
                return Err(Fault::service(404, "NoSuchEntity", message));
            }
            Ok(())
        })
    }
}
