//! OpenID Connect providers: whose tokens AssumeRoleWithWebIdentity believes.

use super::{
    Tags,
    account::Kind,
    asking, faults,
    names::ARN,
    says,
    tags::{self, Tag},
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Constraints, Fault, Form, Members, Operation, Rule, anything, iam_time},
    world::Text,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Providers of one account, and client ids and thumbprints of one provider.
/// Source: IAM User Guide, "IAM and AWS STS quotas".
const MOST: usize = 100;
const CLIENT_IDS: usize = 100;
const THUMBPRINTS: usize = 5;

/// An OpenID Connect provider.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct OidcProvider {
    /// `arn:aws:iam::A:oidc-provider/URL`
    pub arn: Text,
    /// The URL without `https://`, as condition keys begin with it.
    pub url: String,
    /// The audiences it may speak to.
    pub client_ids: Vec<String>,
    /// Of the certificates of its host. rolecall talks to nobody, so they are kept and not used.
    pub thumbprints: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Tags,
}

const fn text(min: usize, max: usize) -> Rule {
    Rule {
        min,
        max,
        form: Form::Pattern(""),
        fits: anything,
    }
}

const URL: Rule = text(1, 255);
const CLIENT_ID: Rule = text(1, 255);
const THUMBPRINT: Rule = text(40, 40);

fn thumbprints(mut constraints: Constraints, list: &[String]) -> Constraints {
    for (thumbprint, number) in list.iter().zip(1..) {
        let member = format!("thumbprintList.{number}.member");
        constraints = constraints.text(&member, Some(thumbprint), &THUMBPRINT);
    }
    constraints
}

fn few_thumbprints(list: &[String]) -> Result<(), Fault> {
    // The sentence says fewer, the limit is five.
    if list.len() > THUMBPRINTS {
        let message = "Thumbprint list must contain fewer than 5 entries.";
        return Err(faults::invalid_input(message));
    }
    Ok(())
}

fn few_client_ids(list: &[String]) -> Result<(), Fault> {
    if list.len() > CLIENT_IDS {
        let name = "ClientIdsPerOpenIdConnectProvider";
        return Err(faults::quota(name, CLIENT_IDS));
    }
    Ok(())
}

/// The URL without its scheme.
fn bare(url: &str) -> Result<&str, Fault> {
    let bare = url.strip_prefix("https://").filter(|bare| {
        !bare.is_empty() && !bare.starts_with('/') && !bare.contains(['?', '#', ' '])
    });
    bare.ok_or_else(|| faults::validation("Invalid Open ID Connect Provider URL"))
}

fn one(facts: &Facts<'_>, action: &'static str, arn: &str) -> Result<Access, Fault> {
    let member = "openIDConnectProviderArn";
    Constraints::iam().text(member, Some(arn), &ARN).done()?;
    Ok(asking::existing(facts, action, Kind::OidcProvider, arn).into())
}

/// `CreateOpenIDConnectProvider`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateOpenIDConnectProvider {
    url: String,
    #[serde(rename = "ClientIDList", default)]
    client_ids: Vec<String>,
    #[serde(rename = "ThumbprintList", default)]
    thumbprints: Vec<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(rename = "IdentityCenterInstanceArn")]
    identity_center: Option<String>,
}

/// The answer to `CreateOpenIDConnectProvider`.
#[derive(Debug, Serialize)]
pub(super) struct NewProvider {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
    #[serde(rename = "Tags", skip_serializing_if = "Option::is_none")]
    tags: Option<Members<Tag>>,
}

impl Operation for CreateOpenIDConnectProvider {
    says!(CreateOpenIDConnectProvider -> NewProvider);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let mut constraints = Constraints::iam().text("url", Some(&self.url), &URL);
        for (id, number) in self.client_ids.iter().zip(1..) {
            let member = format!("clientIDList.{number}.member");
            constraints = constraints.text(&member, Some(id), &CLIENT_ID);
        }
        constraints = thumbprints(constraints, &self.thumbprints);
        tags::bounds(constraints, &self.tags).done()?;
        few_thumbprints(&self.thumbprints)?;
        few_client_ids(&self.client_ids)?;
        faults::no_identity_center(self.identity_center.as_deref())?;
        let arn = facts.iam_arn(&format!("oidc-provider/{}", bare(&self.url)?));
        let demand = Demand::new("iam:CreateOpenIDConnectProvider", arn);
        Ok(asking::requested(demand, &tags::pairs(&self.tags)).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<NewProvider, Fault> {
        let url = bare(&self.url)?.to_owned();
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let arn = Text::from(account.arn(&format!("oidc-provider/{url}")));
            if account.oidc_providers.contains_key(&*arn) {
                return Err(faults::already_exists(Kind::OidcProvider, &self.url));
            }
            if account.oidc_providers.len() >= MOST {
                return Err(faults::quota("OpenIdConnectProvidersPerAccount", MOST));
            }
            let provider = OidcProvider {
                arn: arn.clone(),
                url,
                client_ids: self.client_ids,
                thumbprints: self.thumbprints,
                created: cx.now(),
                tags: tags::first(&self.tags)?,
            };
            account
                .oidc_providers
                .insert(arn.clone(), Arc::new(provider));
            Ok(NewProvider {
                arn: arn.to_string(),
                tags: (!self.tags.is_empty()).then(|| self.tags.into_iter().collect()),
            })
        })
    }
}

/// `GetOpenIDConnectProvider`
#[derive(Debug, Deserialize)]
pub(super) struct GetOpenIDConnectProvider {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
}

/// The answer to `GetOpenIDConnectProvider`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneProvider {
    url: String,
    #[serde(rename = "ClientIDList")]
    client_ids: Members<String>,
    thumbprint_list: Members<String>,
    create_date: String,
    tags: Members<Tag>,
}

impl Operation for GetOpenIDConnectProvider {
    says!(GetOpenIDConnectProvider -> OneProvider);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        one(facts, "iam:GetOpenIDConnectProvider", &self.arn)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneProvider, Fault> {
        cx.read(|world| {
            let provider = world.iam(cx.account())?.oidc_provider(&self.arn)?;
            Ok(OneProvider {
                url: provider.url.clone(),
                client_ids: provider.client_ids.iter().cloned().collect(),
                thumbprint_list: provider.thumbprints.iter().cloned().collect(),
                create_date: iam_time(provider.created),
                tags: provider.tags.iter().map(Tag::from).collect(),
            })
        })
    }
}

/// `ListOpenIDConnectProviders`: all of them, without pages.
#[derive(Debug, Deserialize)]
pub(super) struct ListOpenIDConnectProviders {}

/// The answer to `ListOpenIDConnectProviders`.
#[derive(Debug, Serialize)]
pub(super) struct ProviderList {
    #[serde(rename = "OpenIDConnectProviderList")]
    providers: Members<Entry>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    arn: String,
}

impl Operation for ListOpenIDConnectProviders {
    says!(ListOpenIDConnectProviders -> ProviderList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "iam:ListOpenIDConnectProviders";
        Ok(asking::list(facts, action, Kind::OidcProvider, None).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<ProviderList, Fault> {
        cx.read(|world| {
            let providers = world.iam(cx.account())?.oidc_providers.keys();
            let entry = |arn: &Text| Entry {
                arn: arn.to_string(),
            };
            Ok(ProviderList {
                providers: providers.map(entry).collect(),
            })
        })
    }
}

/// `DeleteOpenIDConnectProvider`: one that is not there is as good as deleted.
#[derive(Debug, Deserialize)]
pub(super) struct DeleteOpenIDConnectProvider {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
}

impl Operation for DeleteOpenIDConnectProvider {
    says!(DeleteOpenIDConnectProvider -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        one(facts, "iam:DeleteOpenIDConnectProvider", &self.arn)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            world
                .iam_mut(cx.account())?
                .oidc_providers
                .remove(&*self.arn);
            Ok(())
        })
    }
}

/// `AddClientIDToOpenIDConnectProvider`
#[derive(Debug, Deserialize)]
pub(super) struct AddClientIDToOpenIDConnectProvider {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
    #[serde(rename = "ClientID")]
    client_id: String,
}

impl Operation for AddClientIDToOpenIDConnectProvider {
    says!(AddClientIDToOpenIDConnectProvider -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let constraints = Constraints::iam();
        constraints
            .text("clientID", Some(&self.client_id), &CLIENT_ID)
            .done()?;
        one(facts, "iam:AddClientIDToOpenIDConnectProvider", &self.arn)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let ids = &mut account.oidc_provider_mut(&self.arn)?.client_ids;
            if !ids.contains(&self.client_id) {
                ids.push(self.client_id);
            }
            few_client_ids(ids)
        })
    }
}

/// `RemoveClientIDFromOpenIDConnectProvider`
#[derive(Debug, Deserialize)]
pub(super) struct RemoveClientIDFromOpenIDConnectProvider {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
    #[serde(rename = "ClientID")]
    client_id: String,
}

impl Operation for RemoveClientIDFromOpenIDConnectProvider {
    says!(RemoveClientIDFromOpenIDConnectProvider -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("clientID", Some(&self.client_id), &CLIENT_ID)
            .done()?;
        let action = "iam:RemoveClientIDFromOpenIDConnectProvider";
        one(facts, action, &self.arn)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let ids = &mut account.oidc_provider_mut(&self.arn)?.client_ids;
            ids.retain(|id| *id != self.client_id);
            Ok(())
        })
    }
}

/// `UpdateOpenIDConnectProviderThumbprint`
#[derive(Debug, Deserialize)]
pub(super) struct UpdateOpenIDConnectProviderThumbprint {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
    #[serde(rename = "ThumbprintList")]
    thumbprints: Vec<String>,
}

impl Operation for UpdateOpenIDConnectProviderThumbprint {
    says!(UpdateOpenIDConnectProviderThumbprint -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        thumbprints(Constraints::iam(), &self.thumbprints).done()?;
        few_thumbprints(&self.thumbprints)?;
        let action = "iam:UpdateOpenIDConnectProviderThumbprint";
        one(facts, action, &self.arn)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            account.oidc_provider_mut(&self.arn)?.thumbprints = self.thumbprints;
            Ok(())
        })
    }
}
