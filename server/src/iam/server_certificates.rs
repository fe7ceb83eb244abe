//! Server certificates.

use super::{
    Tags,
    account::Kind,
    asking, faults,
    names::{self, CERTIFICATE, CERTIFICATE_CHAIN, LONG_NAME, PATH, PATH_PREFIX},
    page::{self, Page, listing},
    pem, private_keys, says,
    tags::{self, Tag},
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Members, Operation, iam_time},
    world::Text,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Server certificates of one account. Source: IAM User Guide, "IAM and AWS STS quotas".
const MOST: usize = 20;

/// A server certificate. Its private key is not kept: nothing could ever read it.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct ServerCertificate {
    /// Name as created.
    pub name: Text,
    /// `/` or `/…/`
    pub path: String,
    /// `ASCA…`
    pub id: Text,
    /// `arn:aws:iam::A:server-certificate/path/name`
    pub arn: String,
    body: Text,
    chain: Option<Text>,
    uploaded: Timestamp,
    expires: Option<Timestamp>,
    /// Tags.
    pub tags: Tags,
}

/// What the API shows of a certificate besides its content.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetadataShape {
    path: String,
    server_certificate_name: String,
    server_certificate_id: String,
    arn: String,
    upload_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<String>,
}

impl From<&ServerCertificate> for MetadataShape {
    fn from(certificate: &ServerCertificate) -> Self {
        Self {
            path: certificate.path.clone(),
            server_certificate_name: certificate.name.to_string(),
            server_certificate_id: certificate.id.to_string(),
            arn: certificate.arn.clone(),
            upload_date: iam_time(certificate.uploaded),
            expiration: certificate.expires.map(iam_time),
        }
    }
}

fn shown_tags(tags: &Tags) -> Option<Members<Tag>> {
    (!tags.is_empty()).then(|| tags.iter().map(Tag::from).collect())
}

fn one(facts: &Facts<'_>, action: &'static str, name: &str) -> Result<Access, Fault> {
    let member = "serverCertificateName";
    Constraints::iam()
        .text(member, Some(name), &LONG_NAME)
        .done()?;
    Ok(asking::existing(facts, action, Kind::ServerCertificate, name).into())
}

/// `UploadServerCertificate`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UploadServerCertificate {
    path: Option<String>,
    server_certificate_name: String,
    certificate_body: String,
    private_key: String,
    certificate_chain: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// The answer to `UploadServerCertificate`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Uploaded {
    server_certificate_metadata: MetadataShape,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Members<Tag>>,
}

impl Operation for UploadServerCertificate {
    says!(UploadServerCertificate -> Uploaded);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let (name, path) = (&self.server_certificate_name, self.path.as_deref());
        let chain = self.certificate_chain.as_deref();
        let constraints = Constraints::iam()
            .text("serverCertificateName", Some(name), &LONG_NAME)
            .text("path", path, &PATH)
            .text(
                "certificateBody",
                Some(&self.certificate_body),
                &CERTIFICATE,
            )
            .text("privateKey", Some(&self.private_key), &CERTIFICATE)
            .text("certificateChain", chain, &CERTIFICATE_CHAIN);
        tags::bounds(constraints, &self.tags).done()?;
        let action = "iam:UploadServerCertificate";
        let demand = asking::new(facts, action, Kind::ServerCertificate, path, name);
        Ok(asking::requested(demand, &tags::pairs(&self.tags)).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<Uploaded, Fault> {
        let read = pem::certificates(&self.certificate_body)?;
        if let Some(certificate) = read.first() {
            private_keys::check(&self.private_key, certificate)?;
        }
        if let Some(chain) = &self.certificate_chain {
            pem::certificates(chain)?;
        }
        let id = Text::from(cx.ids().unique("ASCA", 21));
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            if account.server_certificates.len() >= MOST {
                return Err(faults::quota("ServerCertificatesPerAccount", MOST));
            }
            let name = account.take_name(Kind::ServerCertificate, &self.server_certificate_name)?;
            let path = self.path.unwrap_or_else(|| "/".to_owned());
            let certificate = ServerCertificate {
                arn: account.arn(&names::arn_tail("server-certificate", &path, &name)),
                name: name.clone(),
                path,
                id,
                // Kept without the white space around it, as AWS gives it back: Terraform compares the two.
                body: self.certificate_body.trim().into(),
                chain: self
                    .certificate_chain
                    .as_deref()
                    .map(str::trim)
                    .map(Text::from),
                uploaded: cx.now(),
                expires: read.first().and_then(pem::expiration),
                tags: tags::first(&self.tags)?,
            };
            let answer = Uploaded {
                server_certificate_metadata: MetadataShape::from(&certificate),
                tags: shown_tags(&certificate.tags),
            };
            account
                .server_certificates
                .insert(name, Arc::new(certificate));
            Ok(answer)
        })
    }
}

/// `GetServerCertificate`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetServerCertificate {
    server_certificate_name: String,
}

/// The answer to `GetServerCertificate`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneCertificate {
    server_certificate: Shape,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shape {
    server_certificate_metadata: MetadataShape,
    certificate_body: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_chain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Members<Tag>>,
}

impl Operation for GetServerCertificate {
    says!(GetServerCertificate -> OneCertificate);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let name = &self.server_certificate_name;
        one(facts, "iam:GetServerCertificate", name)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneCertificate, Fault> {
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let certificate = account.server_certificate(&self.server_certificate_name)?;
            Ok(OneCertificate {
                server_certificate: Shape {
                    server_certificate_metadata: MetadataShape::from(&**certificate),
                    certificate_body: certificate.body.to_string(),
                    certificate_chain: certificate.chain.as_ref().map(ToString::to_string),
                    tags: shown_tags(&certificate.tags),
                },
            })
        })
    }
}

/// `ListServerCertificates`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListServerCertificates {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

listing! {
    /// The answer to `ListServerCertificates`.
    CertificateList { server_certificate_metadata_list: MetadataShape }
}

impl Operation for ListServerCertificates {
    says!(ListServerCertificates -> CertificateList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let prefix = self.path_prefix.as_deref();
        let constraints = Constraints::iam().text("pathPrefix", prefix, &PATH_PREFIX);
        names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
        let action = "iam:ListServerCertificates";
        Ok(asking::list(facts, action, Kind::ServerCertificate, prefix).into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<CertificateList, Fault> {
        let after = page::start(self.marker.as_deref())?;
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        cx.read(|world| {
            let all = &world.iam(cx.account())?.server_certificates;
            let rest = all.after(after.as_deref());
            let rest = rest.filter(|(_, it)| it.path.starts_with(prefix));
            let shapes = rest.map(|(name, it)| (name, MetadataShape::from(&**it)));
            Ok(Page::of(shapes, self.max_items).into())
        })
    }
}

/// `UpdateServerCertificate`: another name or path.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateServerCertificate {
    server_certificate_name: String,
    new_path: Option<String>,
    new_server_certificate_name: Option<String>,
}

impl Operation for UpdateServerCertificate {
    says!(UpdateServerCertificate -> ());

    /// AWS wants the permission on what the certificate is and on what it becomes.
    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let action = "iam:UpdateServerCertificate";
        let (old, new) = (
            &self.server_certificate_name,
            self.new_server_certificate_name.as_deref(),
        );
        let path = self.new_path.as_deref();
        Constraints::iam()
            .text("newServerCertificateName", new, &LONG_NAME)
            .text("newPath", path, &PATH)
            .done()?;
        let access = one(facts, action, old)?;
        let known = facts
            .iam()
            .and_then(|it| it.server_certificates.get(&**old));
        let path = path.or(known.map(|it| it.path.as_str()));
        let becomes = new.unwrap_or(old);
        let kind = Kind::ServerCertificate;
        Ok(access.and(asking::new(facts, action, kind, path, becomes)))
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let found = account.server_certificate(&self.server_certificate_name)?;
            let mut certificate = ServerCertificate::clone(found);
            if let Some(new) = &self.new_server_certificate_name {
                account.free_name(Kind::ServerCertificate, &certificate.name);
                let new = account.take_name(Kind::ServerCertificate, new)?;
                account.server_certificates.remove(&certificate.name);
                certificate.name = new;
            }
            certificate.path = self.new_path.unwrap_or(certificate.path);
            let tail = names::arn_tail("server-certificate", &certificate.path, &certificate.name);
            certificate.arn = account.arn(&tail);
            let name = certificate.name.clone();
            account
                .server_certificates
                .insert(name, Arc::new(certificate));
            Ok(())
        })
    }
}

/// `DeleteServerCertificate`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteServerCertificate {
    server_certificate_name: String,
}

impl Operation for DeleteServerCertificate {
    says!(DeleteServerCertificate -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let name = &self.server_certificate_name;
        one(facts, "iam:DeleteServerCertificate", name)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let account = world.iam_mut(cx.account())?;
            let found = account.server_certificate(&self.server_certificate_name)?;
            let name = found.name.clone();
            account.server_certificates.remove(&name);
            account.free_name(Kind::ServerCertificate, &name);
            Ok(())
        })
    }
}
