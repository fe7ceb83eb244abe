//! SAML providers and their metadata.

use super::{
    Tags,
    account::Kind,
    asking, faults,
    names::ARN,
    saml_metadata::Metadata,
    says,
    tags::{self, Tag},
};
use crate::{
    gate::{Access, Demand, Facts, Granted},
    wire::{Constraints, Fault, Form, Members, Operation, Rule, anything, iam_time, is_word},
    world::Text,
};
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Providers of one account. Source: IAM User Guide, "IAM and AWS STS quotas".
const MOST: usize = 100;

/// A SAML provider.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct SamlProvider {
    /// `arn:aws:iam::A:saml-provider/NAME`
    pub arn: Text,
    /// Its name.
    pub name: String,
    /// 22 letters and digits.
    uuid: String,
    /// The metadata as it was sent.
    document: Arc<str>,
    /// What the metadata say.
    pub(crate) metadata: Metadata,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Tags,
    /// `Required` or `Allowed`.
    encryption: Option<String>,
}

impl SamlProvider {
    /// A century unless the metadata end before. Source: IAM API Reference, "GetSAMLProvider", example.
    fn valid_until(&self) -> Timestamp {
        let century = || self.created.checked_add((100 * 365 * 24).hours());
        self.metadata
            .valid_until
            .or_else(|| century().ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// Whether that is past.
    pub(crate) fn has_ended(&self, now: Timestamp) -> bool {
        now >= self.valid_until()
    }

    /// Its own id.
    pub(crate) fn uuid(&self) -> &str {
        &self.uuid
    }
}

const NAME: Rule = Rule {
    min: 1,
    max: 128,
    form: Form::Pattern(r"[\w._-]+"),
    fits: |text| text.chars().all(|c| is_word(c) || c == '.' || c == '-'),
};

const DOCUMENT: Rule = Rule {
    min: 1000,
    max: 10_000_000,
    form: Form::Pattern(""),
    fits: anything,
};

const ENCRYPTIONS: &[&str] = &["Required", "Allowed"];

fn one(facts: &Facts<'_>, action: &'static str, arn: &str) -> Result<Access, Fault> {
    let constraints = Constraints::iam().text("sAMLProviderArn", Some(arn), &ARN);
    constraints.done()?;
    Ok(asking::existing(facts, action, Kind::SamlProvider, arn).into())
}

/// rolecall keeps no private keys of providers, so it could not read an encrypted assertion.
fn no_keys(key: Option<&str>, mode: Option<&str>) -> Result<(), Fault> {
    if key.is_some() || mode == Some("Required") {
        let message = "rolecall does not decrypt assertions; AddPrivateKey, RemovePrivateKey and AssertionEncryptionMode=Required are not served";
        return Err(faults::invalid_input(message));
    }
    Ok(())
}

/// `CreateSAMLProvider`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateSAMLProvider {
    #[serde(rename = "SAMLMetadataDocument")]
    document: String,
    name: String,
    #[serde(default)]
    tags: Vec<Tag>,
    assertion_encryption_mode: Option<String>,
    add_private_key: Option<String>,
    identity_center_instance_arn: Option<String>,
}

/// The answer to `CreateSAMLProvider` and `UpdateSAMLProvider`.
#[derive(Debug, Serialize)]
pub(super) struct NamedProvider {
    #[serde(rename = "SAMLProviderArn")]
    arn: String,
    #[serde(rename = "Tags", skip_serializing_if = "Option::is_none")]
    tags: Option<Members<Tag>>,
}

impl Operation for CreateSAMLProvider {
    says!(CreateSAMLProvider -> NamedProvider);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let mode = self.assertion_encryption_mode.as_deref();
        let constraints = Constraints::iam()
            .text("name", Some(&self.name), &NAME)
            .text("sAMLMetadataDocument", Some(&self.document), &DOCUMENT)
            .one_of("assertionEncryptionMode", mode, ENCRYPTIONS);
        tags::bounds(constraints, &self.tags).done()?;
        no_keys(self.add_private_key.as_deref(), mode)?;
        faults::no_identity_center(self.identity_center_instance_arn.as_deref())?;
        let arn = facts.iam_arn(&format!("saml-provider/{}", self.name));
        let demand = Demand::new("iam:CreateSAMLProvider", arn);
        Ok(asking::requested(demand, &tags::pairs(&self.tags)).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<NamedProvider, Fault> {
        let metadata = Metadata::read(&self.document)?;
        let uuid = cx.ids().unique("", 22);
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let arn = Text::from(account.arn(&format!("saml-provider/{}", self.name)));
            if account.saml_providers.contains_key(&*arn) {
                return Err(faults::already_exists(Kind::SamlProvider, &self.name));
            }
            if account.saml_providers.len() >= MOST {
                return Err(faults::quota("SAMLProvidersPerAccount", MOST));
            }
            let provider = SamlProvider {
                arn: arn.clone(),
                name: self.name,
                uuid,
                document: self.document.into(),
                metadata,
                created: cx.now(),
                tags: tags::first(&self.tags)?,
                encryption: self.assertion_encryption_mode,
            };
            account
                .saml_providers
                .insert(arn.clone(), Arc::new(provider));
            Ok(NamedProvider {
                arn: arn.to_string(),
                tags: (!self.tags.is_empty()).then(|| self.tags.into_iter().collect()),
            })
        })
    }
}

/// `GetSAMLProvider`
#[derive(Debug, Deserialize)]
pub(super) struct GetSAMLProvider {
    #[serde(rename = "SAMLProviderArn")]
    arn: String,
}

/// The answer to `GetSAMLProvider`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneProvider {
    #[serde(rename = "SAMLProviderUUID")]
    uuid: String,
    #[serde(rename = "SAMLMetadataDocument")]
    document: String,
    create_date: String,
    valid_until: String,
    tags: Members<Tag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assertion_encryption_mode: Option<String>,
}

impl Operation for GetSAMLProvider {
    says!(GetSAMLProvider -> OneProvider);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        one(facts, "iam:GetSAMLProvider", &self.arn)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneProvider, Fault> {
        cx.read(|world| {
            let provider = world.iam(cx.account())?.saml_provider(&self.arn)?;
            Ok(OneProvider {
                uuid: provider.uuid.clone(),
                document: provider.document.to_string(),
                create_date: iam_time(provider.created),
                valid_until: iam_time(provider.valid_until()),
                tags: provider.tags.iter().map(Tag::from).collect(),
                assertion_encryption_mode: provider.encryption.clone(),
            })
        })
    }
}

/// `ListSAMLProviders`: all of them, without pages.
#[derive(Debug, Deserialize)]
pub(super) struct ListSAMLProviders {}

/// The answer to `ListSAMLProviders`.
#[derive(Debug, Serialize)]
pub(super) struct ProviderList {
    #[serde(rename = "SAMLProviderList")]
    providers: Members<Entry>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    arn: String,
    valid_until: String,
    create_date: String,
}

impl Operation for ListSAMLProviders {
    says!(ListSAMLProviders -> ProviderList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "iam:ListSAMLProviders";
        Ok(asking::list(facts, action, Kind::SamlProvider, None).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<ProviderList, Fault> {
        cx.read(|world| {
            let providers = world.iam(cx.account())?.saml_providers.values();
            let entries = providers.map(|provider| Entry {
                arn: provider.arn.to_string(),
                valid_until: iam_time(provider.valid_until()),
                create_date: iam_time(provider.created),
            });
            Ok(ProviderList {
                providers: entries.collect(),
            })
        })
    }
}

/// `UpdateSAMLProvider`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateSAMLProvider {
    #[serde(rename = "SAMLProviderArn")]
    arn: String,
    #[serde(rename = "SAMLMetadataDocument")]
    document: Option<String>,
    assertion_encryption_mode: Option<String>,
    add_private_key: Option<String>,
    remove_private_key: Option<String>,
    identity_center_instance_arn: Option<String>,
}

impl Operation for UpdateSAMLProvider {
    says!(UpdateSAMLProvider -> NamedProvider);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let mode = self.assertion_encryption_mode.as_deref();
        Constraints::iam()
            .text("sAMLMetadataDocument", self.document.as_deref(), &DOCUMENT)
            .one_of("assertionEncryptionMode", mode, ENCRYPTIONS)
            .done()?;
        let key = self.add_private_key.as_deref();
        no_keys(key.or(self.remove_private_key.as_deref()), mode)?;
        faults::no_identity_center(self.identity_center_instance_arn.as_deref())?;
        one(facts, "iam:UpdateSAMLProvider", &self.arn)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<NamedProvider, Fault> {
        let metadata = self.document.as_deref().map(Metadata::read).transpose()?;
        cx.write(|world| {
            let provider = world.iam_mut(cx.account())?.saml_provider_mut(&self.arn)?;
            if let Some((document, metadata)) = self.document.zip(metadata) {
                provider.document = document.into();
                provider.metadata = metadata;
            }
            provider.encryption = self
                .assertion_encryption_mode
                .or(provider.encryption.take());
            Ok(NamedProvider {
                arn: provider.arn.to_string(),
                tags: None,
            })
        })
    }
}

/// `DeleteSAMLProvider`
#[derive(Debug, Deserialize)]
pub(super) struct DeleteSAMLProvider {
    #[serde(rename = "SAMLProviderArn")]
    arn: String,
}

impl Operation for DeleteSAMLProvider {
    says!(DeleteSAMLProvider -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        one(facts, "iam:DeleteSAMLProvider", &self.arn)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            account.saml_provider(&self.arn)?;
            account.saml_providers.remove(&*self.arn);
            Ok(())
        })
    }
}
