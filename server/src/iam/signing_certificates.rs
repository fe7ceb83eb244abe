//! Signing certificates of users.

use super::{
    asking::Whose,
    credentials::{STATUSES, status},
    faults,
    names::{self, CERTIFICATE, LONG_NAME},
    page::{self, Page, listing},
    pem, says,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Form, Operation, Rule, iam_time, is_word},
    world::Text,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Signing certificates of one user. Source: IAM User Guide, "IAM and AWS STS quotas".
const MOST: usize = 2;

const ID: Rule = Rule {
    min: 24,
    max: 128,
    form: Form::Pattern(r"[\w]+"),
    fits: |text| text.chars().all(is_word),
};

/// A signing certificate.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct SigningCertificate {
    id: Text,
    body: Text,
    pub(super) active: bool,
    pub(super) uploaded: Timestamp,
}

/// A signing certificate as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CertificateShape {
    user_name: String,
    certificate_id: String,
    certificate_body: String,
    status: &'static str,
    upload_date: String,
}

impl CertificateShape {
    fn new(user: &str, certificate: &SigningCertificate) -> Self {
        Self {
            user_name: user.to_owned(),
            certificate_id: certificate.id.to_string(),
            certificate_body: certificate.body.to_string(),
            status: status(certificate.active),
            upload_date: iam_time(certificate.uploaded),
        }
    }
}

fn no_certificate(id: &str) -> Fault {
    faults::no_entity(format!("The Certificate with id {id} cannot be found."))
}

fn named(
    facts: &Facts<'_>,
    action: &'static str,
    user: Option<&str>,
    id: Option<&str>,
) -> Result<Access, Fault> {
    Constraints::iam()
        .text("userName", user, &LONG_NAME)
        .text("certificateId", id, &ID)
        .done()?;
    Ok(Whose::read(facts.caller(), user)?
        .demand(facts, action)
        .into())
}

/// The user that is meant; the root user's certificates are not kept.
fn user_of<O>(cx: &Granted<'_, O>, name: Option<&str>) -> Result<String, Fault> {
    match Whose::read(cx.caller(), name)? {
        Whose::User(name) => Ok(name),
        Whose::Root => Err(faults::validation(
            "Must specify userName: rolecall keeps no signing certificates of the root user",
        )),
    }
}

/// `UploadSigningCertificate`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UploadSigningCertificate {
    user_name: Option<String>,
    certificate_body: String,
}

/// The answer to `UploadSigningCertificate`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneCertificate {
    certificate: CertificateShape,
}

impl Operation for UploadSigningCertificate {
    says!(UploadSigningCertificate -> OneCertificate);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text(
                "certificateBody",
                Some(&self.certificate_body),
                &CERTIFICATE,
            )
            .done()?;
        let action = "iam:UploadSigningCertificate";
        named(facts, action, self.user_name.as_deref(), None)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneCertificate, Fault> {
        let name = user_of(&cx, self.user_name.as_deref())?;
        let id = cx.ids().unique("", 32);
        cx.write(|world| {
            let user = world.iam_mut(cx.account())?.user_mut(&name)?;
            pem::certificates(&self.certificate_body)?;
            let held = &mut user.credentials.signing;
            if held
                .iter()
                .any(|other| *other.body == *self.certificate_body)
            {
                let message = "The same certificate already exists for this user.";
                return Err(Fault::service(409, "DuplicateCertificate", message));
            }
            if held.len() >= MOST {
                return Err(faults::quota("CertificatesPerUser", MOST));
            }
            let certificate = SigningCertificate {
                id: id.into(),
                body: self.certificate_body.into(),
                active: true,
                uploaded: cx.now(),
            };
            let shape = CertificateShape::new(&name, &certificate);
            held.push(certificate);
            Ok(OneCertificate { certificate: shape })
        })
    }
}

/// `ListSigningCertificates`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListSigningCertificates {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

listing! {
    /// The answer to `ListSigningCertificates`.
    CertificateList { certificates: CertificateShape }
}

impl Operation for ListSigningCertificates {
    says!(ListSigningCertificates -> CertificateList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        names::paging(Constraints::iam(), self.marker.as_deref(), self.max_items).done()?;
        let action = "iam:ListSigningCertificates";
        named(facts, action, self.user_name.as_deref(), None)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<CertificateList, Fault> {
        let after = page::start(self.marker.as_deref())?;
        let Whose::User(name) = Whose::read(cx.caller(), self.user_name.as_deref())? else {
            // The root user has none here.
            return Ok(Page::of(std::iter::empty::<(&Text, _)>(), self.max_items).into());
        };
        cx.read(|world| {
            let user = world.iam(cx.account())?.user(&name)?;
            let mut held: Vec<&SigningCertificate> = user.credentials.signing.iter().collect();
            held.sort_by(|a, b| a.id.cmp(&b.id));
            let rest = held
                .into_iter()
                .filter(|it| after.as_deref().is_none_or(|after| *it.id > *after));
            let shapes = rest.map(|it| (&it.id, CertificateShape::new(&name, it)));
            Ok(Page::of(shapes, self.max_items).into())
        })
    }
}

/// `UpdateSigningCertificate`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateSigningCertificate {
    user_name: Option<String>,
    certificate_id: String,
    status: String,
}

impl Operation for UpdateSigningCertificate {
    says!(UpdateSigningCertificate -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .one_of("status", Some(&self.status), STATUSES)
            .done()?;
        let (user, id) = (self.user_name.as_deref(), Some(&*self.certificate_id));
        named(facts, "iam:UpdateSigningCertificate", user, id)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        let name = user_of(&cx, self.user_name.as_deref())?;
        cx.write(|world| {
            let user = world.iam_mut(cx.account())?.user_mut(&name)?;
            let mut held = user.credentials.signing.iter_mut();
            let found = held.find(|it| *it.id == *self.certificate_id);
            found
                .ok_or_else(|| no_certificate(&self.certificate_id))?
                .active = self.status == "Active";
            Ok(())
        })
    }
}

/// `DeleteSigningCertificate`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteSigningCertificate {
    user_name: Option<String>,
    certificate_id: String,
}

impl Operation for DeleteSigningCertificate {
    says!(DeleteSigningCertificate -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let (user, id) = (self.user_name.as_deref(), Some(&*self.certificate_id));
        named(facts, "iam:DeleteSigningCertificate", user, id)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        let name = user_of(&cx, self.user_name.as_deref())?;
        cx.write(|world| {
            let held = &mut world
                .iam_mut(cx.account())?
                .user_mut(&name)?
                .credentials
                .signing;
            let place = held.iter().position(|it| *it.id == *self.certificate_id);
            held.remove(place.ok_or_else(|| no_certificate(&self.certificate_id))?);
            Ok(())
        })
    }
}
