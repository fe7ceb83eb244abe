//! SSH public keys of users, for CodeCommit.

use super::{
    account::Kind,
    asking::{self, Whose},
    credentials::{STATUSES, status},
    faults,
    names::{self, CERTIFICATE, CREDENTIAL, SHORT_NAME},
    page::{self, Page, listing},
    says,
    ssh_encoding::RsaKey,
};
use crate::{
    gate::{Access, Facts, Granted},
    wire::{Constraints, Fault, Operation, iam_time},
    world::Text,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

/// SSH public keys of one user. Source: IAM User Guide, "IAM and AWS STS quotas".
const MOST: usize = 5;

/// An SSH public key.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct SshKey {
    id: Text,
    body: Text,
    fingerprint: String,
    active: bool,
    uploaded: Timestamp,
}

/// A key as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeyShape {
    user_name: String,
    #[serde(rename = "SSHPublicKeyId")]
    id: String,
    fingerprint: String,
    #[serde(rename = "SSHPublicKeyBody")]
    body: String,
    status: &'static str,
    upload_date: String,
}

impl KeyShape {
    fn new(user: &str, key: &SshKey) -> Self {
        Self {
            user_name: user.to_owned(),
            id: key.id.to_string(),
            fingerprint: key.fingerprint.clone(),
            body: key.body.to_string(),
            status: status(key.active),
            upload_date: iam_time(key.uploaded),
        }
    }
}

/// An answer that is one key.
#[derive(Debug, Serialize)]
pub(super) struct OneKey {
    #[serde(rename = "SSHPublicKey")]
    key: KeyShape,
}

fn no_key(id: &str) -> Fault {
    faults::no_entity(format!("The Public Key with id {id} cannot be found."))
}

/// How a key is written.
fn encoding(body: &str) -> &'static str {
    if body.trim_start().starts_with("-----BEGIN") {
        "PEM"
    } else {
        "SSH"
    }
}

/// The MD5 of the key itself, in pairs of digits: what `ssh-keygen -E md5 -l` prints.
fn fingerprint(body: &str) -> Result<String, Fault> {
    let invalid = || {
        let message = "The public key is malformed or otherwise invalid.";
        Fault::service(400, "InvalidPublicKey", message)
    };
    let text: String = match encoding(body) {
        "PEM" => body
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .collect(),
        _ => {
            let mut words = body.split_whitespace();
            let rsa = words.next() == Some("ssh-rsa");
            words.next().filter(|_| rsa).ok_or_else(invalid)?.to_owned()
        }
    };
    let key = STANDARD.decode(text.trim()).map_err(|_| invalid())?;
    if key.is_empty() {
        return Err(invalid());
    }
    let pairs: Vec<String> = Md5::digest(key)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(pairs.join(":"))
}

fn named(
    facts: &Facts<'_>,
    action: &'static str,
    user: &str,
    id: Option<&str>,
) -> Result<Access, Fault> {
    Constraints::iam()
        .text("userName", Some(user), &SHORT_NAME)
        .text("sSHPublicKeyId", id, &CREDENTIAL)
        .done()?;
    Ok(asking::existing(facts, action, Kind::User, user).into())
}

/// `UploadSSHPublicKey`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UploadSSHPublicKey {
    user_name: String,
    #[serde(rename = "SSHPublicKeyBody")]
    body: String,
}

impl Operation for UploadSSHPublicKey {
    says!(UploadSSHPublicKey -> OneKey);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .text("sSHPublicKeyBody", Some(&self.body), &CERTIFICATE)
            .done()?;
        named(facts, "iam:UploadSSHPublicKey", &self.user_name, None)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneKey, Fault> {
        let id = cx.ids().unique("APKA", 20);
        cx.write(|world| {
            let user = world.iam_mut(cx.account())?.user_mut(&self.user_name)?;
            let fingerprint = fingerprint(&self.body)?;
            let held = &mut user.credentials.ssh_keys;
            if held.iter().any(|other| other.fingerprint == fingerprint) {
                let message =
                    "The SSH public key is already associated with the specified IAM user.";
                return Err(Fault::service(400, "DuplicateSSHPublicKey", message));
            }
            if held.len() >= MOST {
                return Err(faults::quota("SSHPublicKeysPerUser", MOST));
            }
            let key = SshKey {
                id: id.into(),
                body: self.body.into(),
                fingerprint,
                active: true,
                uploaded: cx.now(),
            };
            let shape = KeyShape::new(&self.user_name, &key);
            held.push(key);
            Ok(OneKey { key: shape })
        })
    }
}

/// `GetSSHPublicKey`: as it came, or in the other encoding.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetSSHPublicKey {
    user_name: String,
    #[serde(rename = "SSHPublicKeyId")]
    id: String,
    encoding: String,
}

impl Operation for GetSSHPublicKey {
    says!(GetSSHPublicKey -> OneKey);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .one_of("encoding", Some(&self.encoding), &["SSH", "PEM"])
            .done()?;
        let id = Some(&*self.id);
        named(facts, "iam:GetSSHPublicKey", &self.user_name, id)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<OneKey, Fault> {
        cx.read(|world| {
            let user = world.iam(cx.account())?.user(&self.user_name)?;
            let mut held = user.credentials.ssh_keys.iter();
            let key = held.find(|key| *key.id == *self.id);
            let key = key.ok_or_else(|| no_key(&self.id))?;
            let mut shape = KeyShape::new(&self.user_name, key);
            if encoding(&key.body) != self.encoding {
                let read = RsaKey::read(&key.body);
                let other = read.and_then(|key| match &*self.encoding {
                    "PEM" => key.pem(),
                    _ => key.ssh(),
                });
                let message = "The public key encoding is not recognized.";
                let unknown = || Fault::service(400, "UnrecognizedPublicKeyEncoding", message);
                shape.body = other.ok_or_else(unknown)?;
            }
            Ok(OneKey { key: shape })
        })
    }
}

/// A key as lists show it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KeyEntry {
    user_name: String,
    #[serde(rename = "SSHPublicKeyId")]
    id: String,
    status: &'static str,
    upload_date: String,
}

listing! {
    /// The answer to `ListSSHPublicKeys`.
    KeyList { keys as "SSHPublicKeys": KeyEntry }
}

/// `ListSSHPublicKeys`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListSSHPublicKeys {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

impl Operation for ListSSHPublicKeys {
    says!(ListSSHPublicKeys -> KeyList);

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let user = self.user_name.as_deref();
        let constraints = Constraints::iam().text("userName", user, &SHORT_NAME);
        names::paging(constraints, self.marker.as_deref(), self.max_items).done()?;
        Ok(Whose::read(facts.caller(), user)?
            .demand(facts, "iam:ListSSHPublicKeys")
            .into())
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<KeyList, Fault> {
        let after = page::start(self.marker.as_deref())?;
        let whose = Whose::read(cx.caller(), self.user_name.as_deref())?;
        cx.read(|world| {
            let account = world.iam(cx.account())?;
            let (name, held): (&str, &[SshKey]) = match &whose {
                Whose::Root => ("", &[]),
                Whose::User(name) => (name, &account.user(name)?.credentials.ssh_keys),
            };
            let mut held: Vec<&SshKey> = held.iter().collect();
            held.sort_by(|a, b| a.id.cmp(&b.id));
            let rest = held
                .into_iter()
                .filter(|key| after.as_deref().is_none_or(|after| *key.id > *after));
            let entry = |key: &SshKey| KeyEntry {
                user_name: name.to_owned(),
                id: key.id.to_string(),
                status: status(key.active),
                upload_date: iam_time(key.uploaded),
            };
            Ok(Page::of(rest.map(|key| (&key.id, entry(key))), self.max_items).into())
        })
    }
}

/// `UpdateSSHPublicKey`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateSSHPublicKey {
    user_name: String,
    #[serde(rename = "SSHPublicKeyId")]
    id: String,
    status: String,
}

impl Operation for UpdateSSHPublicKey {
    says!(UpdateSSHPublicKey -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        Constraints::iam()
            .one_of("status", Some(&self.status), STATUSES)
            .done()?;
        let id = Some(&*self.id);
        named(facts, "iam:UpdateSSHPublicKey", &self.user_name, id)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let user = world.iam_mut(cx.account())?.user_mut(&self.user_name)?;
            let mut held = user.credentials.ssh_keys.iter_mut();
            let key = held.find(|key| *key.id == *self.id);
            key.ok_or_else(|| no_key(&self.id))?.active = self.status == "Active";
            Ok(())
        })
    }
}

/// `DeleteSSHPublicKey`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteSSHPublicKey {
    user_name: String,
    #[serde(rename = "SSHPublicKeyId")]
    id: String,
}

impl Operation for DeleteSSHPublicKey {
    says!(DeleteSSHPublicKey -> ());

    fn access(&self, facts: &Facts<'_>) -> Result<Access, Fault> {
        let id = Some(&*self.id);
        named(facts, "iam:DeleteSSHPublicKey", &self.user_name, id)
    }

    async fn run(self, cx: Granted<'_, Self>) -> Result<(), Fault> {
        cx.write(|world| {
            let user = world.iam_mut(cx.account())?.user_mut(&self.user_name)?;
            let held = &mut user.credentials.ssh_keys;
            let place = held.iter().position(|key| *key.id == *self.id);
            held.remove(place.ok_or_else(|| no_key(&self.id))?);
            Ok(())
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_of_the_key_without_its_comment() {
        let bare = fingerprint("ssh-rsa AAAAB3NzaC1yc2E=").unwrap();
        assert_eq!(
            fingerprint("ssh-rsa AAAAB3NzaC1yc2E= me@here").unwrap(),
            bare
        );
        assert_eq!((bare.len(), bare.matches(':').count()), (47, 15));
        for bad in ["", "ssh-rsa", "ssh-ed25519 AAAA", "ssh-rsa ????"] {
            assert!(fingerprint(bad).is_err(), "{bad}");
        }
    }
}
