//! `POST /_rolecall/given`: what no API of AWS can make, put straight into the world. All of it or nothing.

use crate::{
    DEFAULT_ACCOUNT, DEFAULT_REGION,
    gate::Gate,
    organizations::{GivenOrganization, Organization},
    pinpoint::{App, apps, tags},
    sts::{Keys, issuer},
    wire::Fault,
    world::Text,
};
use rolecall_policy::{Policy, PolicyKind};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};

/// The body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Given {
    /// Whose apps they are; the default account's unless said.
    account: Option<String>,
    /// Where they are; the default Region unless said.
    region: Option<String>,
    /// Apps with ids of one's choice.
    #[serde(default)]
    pinpoint: Vec<GivenApp>,
    /// Policies of resources that are only asked about, by ARN: each the text of a document.
    #[serde(default)]
    resource_policies: BTreeMap<String, String>,
    /// The keys of identity providers, by URL: each a JSON Web Key Set.
    #[serde(default)]
    provider_keys: BTreeMap<String, serde_json::Value>,
    /// The organization that accounts belong to; it takes the place of one given before.
    organization: Option<serde_json::Map<String, serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenApp {
    name: String,
    id: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

/// Puts it in place; says what is wrong with it otherwise.
pub(super) fn put(gate: &Gate, given: Given) -> Result<(), String> {
    let account = Text::from(given.account.as_deref().unwrap_or(DEFAULT_ACCOUNT));
    let region = Text::from(given.region.as_deref().unwrap_or(DEFAULT_REGION));
    let policies: Vec<_> = given
        .resource_policies
        .iter()
        .map(|(arn, text)| policy(arn, text))
        .collect::<Result<_, _>>()?;
    let keys: Vec<_> = given
        .provider_keys
        .iter()
        .map(|(url, set)| match Keys::read(&set.to_string()) {
            Ok(keys) => Ok((Text::from(issuer(url)), Arc::new(keys))),
            Err(why) => Err(format!("the keys of {url}: {why}")),
        })
        .collect::<Result<_, _>>()?;
    let organization = given.organization.map(organization).transpose()?;
    let now = gate.clock.now();
    let changed = gate.change(|world| {
        let partition = match world.law.account(&account) {
            Some(account) => account.partition,
            None => {
                return Err(Fault::malformed(
                    "account",
                    format!("there is no account {account}"),
                ));
            }
        };
        for app in &given.pinpoint {
            tags::check(&app.tags)?;
            if app.id.is_empty() || app.id.contains(['/', ':', '*', '?']) {
                let why = format!(
                    "`{}` cannot be an id: it is empty or would not fit into an ARN",
                    app.id
                );
                return Err(Fault::malformed("pinpoint.id", why));
            }
            let id = Text::from(app.id.as_str());
            let key = (account.clone(), region.clone(), id.clone());
            if world.apps.contains_key(&key) {
                return Err(Fault::malformed(
                    "pinpoint.id",
                    format!("there is an app `{id}` already"),
                ));
            }
            let arn = apps::arn(partition, &region, &account, &id);
            let app = App::new(id, arn, app.name.clone(), now, app.tags.clone());
            world.apps.insert(key, Arc::new(app));
        }
        for (arn, policy) in policies {
            world.law.given.insert(arn, policy);
        }
        for (issuer, keys) in keys {
            world.provider_keys.insert(issuer, keys);
        }
        if organization.is_some() {
            world.law.organization = organization;
        }
        Ok(())
    });
    changed.map_err(|fault| fault.to_string())
}

fn organization(
    given: serde_json::Map<String, serde_json::Value>,
) -> Result<Arc<Organization>, String> {
    let given: GivenOrganization = serde_json::from_value(given.into())
        .map_err(|error| format!("failed to read the organization: {error}"))?;
    let made = Organization::try_from(given).map_err(|bad| bad.to_string())?;
    Ok(Arc::new(made))
}

fn policy(arn: &str, text: &str) -> Result<(Text, Arc<Policy>), String> {
    if !arn.starts_with("arn:") {
        return Err(format!("`resource-policies`: `{arn}` is not an ARN"));
    }
    match crate::world::policy(text, PolicyKind::Resource) {
        Ok(policy) => Ok((arn.into(), policy)),
        Err(faults) => Err(format!("the policy of `{arn}` is refused: {faults}")),
    }
}
