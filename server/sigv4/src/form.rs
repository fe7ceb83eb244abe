//! Form uploads (POST Object): the signature is over the policy.
//!
//! Only the signature is verified here. What the policy says (its expiry, its conditions) is for
//! the caller to check once the signature holds.

use jiff::Timestamp;

use crate::find::{check_algorithm, read_credential, read_signature};
use crate::hex::Hex;
use crate::key::{SigningKey, same_signature};
use crate::refusal::{Mismatch, Place, Refusal};
use crate::scope::{Rules, Scope};
use crate::time::SignedAt;
use crate::verify::check_future;

/// The fields of a form as they were sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct FormFields<'a> {
    /// `policy`: the base64 text, which is the string to sign.
    pub policy: Option<&'a str>,
    /// `x-amz-algorithm`.
    pub algorithm: Option<&'a str>,
    /// `x-amz-credential`.
    pub credential: Option<&'a str>,
    /// `x-amz-date`.
    pub date: Option<&'a str>,
    /// `x-amz-signature`.
    pub signature: Option<&'a str>,
    /// `x-amz-security-token`.
    pub session_token: Option<&'a str>,
    /// Whether there is an `AWSAccessKeyId` or a `signature` field, of Signature Version 2.
    pub version_2: bool,
}

/// The credentials of a form.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    /// The access key id that the form claims.
    pub access_key: &'a str,
    /// What the signature is good for.
    pub scope: Scope<'a>,
    /// The base64 text that was signed.
    pub policy: &'a str,
    /// 64 hexadecimal digits.
    pub signature: &'a str,
    /// When the policy was signed.
    pub signed_at: SignedAt,
    /// The session token; the caller compares it with the one it issued.
    pub session_token: Option<&'a str>,
}

impl<'a> Form<'a> {
    /// Finds the credentials in a form without checking them; `None` when it carries none.
    ///
    /// # Errors
    ///
    /// When there are credentials that cannot be read or are not complete.
    pub fn find(fields: &FormFields<'a>) -> Result<Option<Self>, Refusal> {
        let place = Place::Form;
        let required = [
            ("X-Amz-Algorithm", fields.algorithm),
            ("X-Amz-Credential", fields.credential),
            ("X-Amz-Signature", fields.signature),
            ("X-Amz-Date", fields.date),
            ("policy", fields.policy),
        ];
        // A policy that nobody signed says nothing of who sends it.
        let mut of_signature = required.iter().filter(|(name, _)| *name != "policy");
        if of_signature.all(|(_, value)| value.is_none()) && fields.session_token.is_none() {
            return if fields.version_2 {
                Err(Refusal::SignatureVersion2)
            } else {
                Ok(None)
            };
        }
        if fields.version_2 && fields.algorithm.is_none() {
            return Err(Refusal::SignatureVersion2);
        }
        if let Some((name, _)) = required.iter().find(|(_, value)| value.is_none()) {
            return Err(Refusal::FieldMissing { name });
        }
        let [algorithm, credential, signature, date, policy] =
            required.map(|(_, value)| value.unwrap_or_default());
        check_algorithm(algorithm, place)?;
        let (access_key, scope) = read_credential(credential, place)?;
        let signed_at = SignedAt::parse_basic(date).ok_or_else(|| Refusal::BadDate {
            place,
            got: date.to_owned(),
        })?;
        Ok(Some(Self {
            access_key,
            scope,
            policy,
            signature: read_signature(signature, place)?,
            signed_at,
            session_token: fields.session_token,
        }))
    }

    /// Checks the scope and the signature of the policy.
    ///
    /// A form stays valid as long as its policy says, so an old signature is no fault here; one
    /// from the future is.
    ///
    /// # Errors
    ///
    /// The first check that fails.
    pub fn verify(
        &self,
        key: &SigningKey,
        rules: &Rules<'_>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.scope.check(Place::Form, &self.signed_at, rules)?;
        check_future(self.signed_at, rules.skew, now)?;
        if same_signature(&key.sign([self.policy.as_bytes()]), self.signature) {
            return Ok(());
        }
        Err(Refusal::Mismatch(Box::new(Mismatch {
            access_key: self.access_key.to_owned(),
            string_to_sign: self.policy.to_owned(),
            signature: self.signature.to_owned(),
            canonical_request: None,
        })))
    }
}

/// The signature of a form's policy, given as base64.
pub fn sign_form(key: &SigningKey, policy: &str) -> String {
    Hex::of(&key.sign([policy.as_bytes()])).to_string()
}
