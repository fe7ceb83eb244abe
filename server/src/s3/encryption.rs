//! Server-side encryption as clients see it: what a write asks for, what a read must bring along, what answers say.
//! Whether bytes in memory are encrypted cannot be seen, so they are not. The key of a customer is never kept, only
//! its MD5, by which it is known again.
//! Source: S3 User Guide, "Protecting data with encryption"; Amazon S3 API Reference, PutObject and GetObject.

use super::{Bucket, Headers, configurations, faults};
use crate::{
    gate::{Caller, Demand, Meta, account_of},
    wire::{Fault, XmlReply},
    world::{Text, Word},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use md5::{Digest as _, Md5};

/// How an object is encrypted.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Encryption {
    /// SSE-S3.
    #[default]
    S3,
    /// SSE-KMS or DSSE-KMS.
    Kms(Box<Kms>),
    /// SSE-C: the MD5 of the key, in base64.
    Customer(String),
}

/// A key of KMS, as a write named it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Kms {
    /// `aws:kms` or `aws:kms:dsse`.
    #[serde(deserialize_with = "crate::world::word")]
    algorithm: Word,
    /// Its ARN.
    arn: String,
    /// As answers show it.
    shown: String,
    /// The key is AWS's own for S3, which everybody of the account may use.
    managed: bool,
    bucket_key: bool,
}

/// The headers about a customer's key: of the object itself, and of the source of a copy.
#[derive(Debug, Clone, Copy)]
pub(super) struct CustomerHeaders(&'static str);

/// `x-amz-server-side-encryption-customer-…`
pub(super) const OWN: CustomerHeaders = CustomerHeaders("x-amz-server-side-encryption-customer-");
/// `x-amz-copy-source-server-side-encryption-customer-…`
pub(super) const SOURCE: CustomerHeaders =
    CustomerHeaders("x-amz-copy-source-server-side-encryption-customer-");

const HEADER: &str = "x-amz-server-side-encryption";
const KEY_ID: &str = "x-amz-server-side-encryption-aws-kms-key-id";
const BUCKET_KEY: &str = "x-amz-server-side-encryption-bucket-key-enabled";
const ALGORITHMS: [&str; 2] = ["aws:kms", "aws:kms:dsse"];

fn invalid(message: &str) -> Fault {
    Fault::service(400, "InvalidArgument", message).detail("ArgumentName", HEADER)
}

fn unknown_algorithm(value: &str) -> Fault {
    let message = "The Encryption request you specified is not valid. Supported value: AES256.";
    Fault::service(400, "InvalidEncryptionAlgorithmError", message)
        .detail("ArgumentName", HEADER)
        .detail("ArgumentValue", value)
}

impl CustomerHeaders {
    /// The MD5 of the key that the request brings; none when it brings none.
    fn key(self, headers: &Headers, secure: bool) -> Result<Option<String>, Fault> {
        let mut sent = headers.under(self.0).peekable();
        if sent.peek().is_none() {
            return Ok(None);
        }
        if !secure {
            return Err(faults::invalid_request(
                "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection.",
            ));
        }
        let (mut algorithm, mut key, mut md5) = (None, None, None);
        for (name, value) in sent {
            match name {
                "algorithm" => algorithm = Some(value),
                "key" => key = Some(value),
                "key-md5" => md5 = Some(value),
                _ => {}
            }
        }
        match algorithm {
            Some("AES256") => {}
            Some(other) => return Err(unknown_algorithm(other)),
            None => {
                return Err(invalid(
                    "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.",
                ));
            }
        }
        let Some(key) = key else {
            return Err(invalid(
                "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.",
            ));
        };
        let Some(md5) = md5 else {
            return Err(invalid(
                "Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated MD5 of the secret key.",
            ));
        };
        let key = BASE64_STANDARD.decode(key).ok();
        let Some(key) = key.filter(|key| key.len() == 32) else {
            return Err(invalid(
                "The secret key was invalid for the specified algorithm.",
            ));
        };
        let computed = BASE64_STANDARD.encode(Md5::digest(key));
        if computed != md5 {
            return Err(invalid(
                "The calculated MD5 hash of the key did not match the hash that was provided.",
            ));
        }
        Ok(Some(computed))
    }
}

impl CustomerHeaders {
    /// Whether all is well but the length of the key.
    fn has_other_length(self, headers: &Headers) -> bool {
        let value = |name: &str| headers.get(&format!("{}{name}", self.0));
        let key = value("key").and_then(|key| BASE64_STANDARD.decode(key).ok());
        let fits = |key: &Vec<u8>| {
            key.len() != 32 && value("key-md5") == Some(&*BASE64_STANDARD.encode(Md5::digest(key)))
        };
        value("algorithm") == Some("AES256") && key.as_ref().is_some_and(fits)
    }
}

/// Whether the bucket takes what a customer encrypts. Told before anything of the key is.
/// Source: S3 User Guide, "Blocking or unblocking SSE-C for a general purpose bucket" and "Troubleshoot access denied
/// (403 Forbidden) errors".
pub(super) fn check_blocked(
    headers: &Headers,
    bucket: &Bucket,
    key: &str,
    caller: &Caller,
) -> Result<(), Fault> {
    if headers.under(OWN.0).next().is_none() || !configurations::blocks_customer_keys(bucket) {
        return Ok(());
    }
    if caller.account != bucket.owner {
        return Err(faults::access_denied());
    }
    let message = format!(
        "User: {} is not authorized to perform: s3:PutObject on resource: \"{}\" because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type",
        caller.arn,
        bucket.arn_of(key)
    );
    Err(Fault::service(403, "AccessDenied", message))
}

impl Encryption {
    /// What a write asks for: by its headers, or else as the bucket says.
    pub(super) fn of_write(
        headers: &Headers,
        bucket: &Bucket,
        account: &Text,
        meta: &Meta,
    ) -> Result<Self, Fault> {
        let (named, key_id) = (headers.get(HEADER), headers.get(KEY_ID));
        if let Some(named) = named
            && headers.under(OWN.0).next().is_some()
        {
            let message = "Server Side Encryption with Customer provided key is incompatible with the encryption method specified";
            return Err(invalid(message).detail("ArgumentValue", named));
        }
        if let Some(md5) = OWN.key(headers, meta.secure)? {
            return Ok(Self::Customer(md5));
        }
        let algorithm = ALGORITHMS.into_iter().find(|known| named == Some(*known));
        if let Some(algorithm) = algorithm {
            let bucket_key = match headers.get(BUCKET_KEY) {
                Some(text) => text.eq_ignore_ascii_case("true"),
                None => configurations::uses_bucket_keys(bucket),
            };
            let kms = Kms::new(algorithm, key_id, bucket_key, account, bucket);
            return Ok(Self::Kms(Box::new(kms)));
        }
        match named {
            Some(other) if other != "AES256" => Err(unknown_algorithm(other)),
            _ if key_id.is_some() => Err(invalid(
                "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
            )),
            Some(_) => Ok(Self::S3),
            None => Ok(Self::by_default(bucket, account)),
        }
    }

    /// What the bucket says of writes that say nothing.
    /// Source: S3 User Guide, "Setting default server-side encryption behavior for Amazon S3 buckets".
    fn by_default(bucket: &Bucket, account: &Text) -> Self {
        let Some(rule) = configurations::default_encryption(bucket) else {
            return Self::S3;
        };
        let named = rule.value("SSEAlgorithm");
        let algorithm = ALGORITHMS.into_iter().find(|known| named == Some(*known));
        let Some(algorithm) = algorithm else {
            return Self::S3;
        };
        let key = rule.value("KMSMasterKeyID");
        let bucket_key = configurations::uses_bucket_keys(bucket);
        let kms = Kms::new(algorithm, key, bucket_key, account, bucket);
        Self::Kms(Box::new(kms))
    }

    /// Whether a read brings along what it must.
    pub(super) fn check_read(
        &self,
        headers: &Headers,
        from: CustomerHeaders,
        secure: bool,
    ) -> Result<(), Fault> {
        let wrong = || {
            Fault::service(
                403,
                "AccessDenied",
                "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.",
            )
        };
        let brought = match from.key(headers, secure) {
            // Of whatever length: it is not the right one.
            Err(_) if secure && self.is_customers() && from.has_other_length(headers) => {
                return Err(wrong());
            }
            brought => brought?,
        };
        match (self, brought) {
            (Self::Customer(md5), Some(brought)) if *md5 == brought => Ok(()),
            (Self::Customer(_), Some(_)) => Err(wrong()),
            (Self::Customer(_), None) => Err(faults::invalid_request(
                "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
            )),
            (_, Some(_)) => Err(faults::invalid_request(
                "The encryption parameters are not applicable to this object.",
            )),
            (_, None) => Ok(()),
        }
    }

    /// Whether a part brings along the key that its upload was begun with.
    pub(super) fn check_part(&self, headers: &Headers, secure: bool) -> Result<(), Fault> {
        let brought = OWN.key(headers, secure)?;
        match (self, brought) {
            (Self::Customer(md5), Some(brought)) if *md5 == brought => Ok(()),
            (Self::Customer(_), None) => Err(faults::invalid_request(
                "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.",
            )),
            (Self::Customer(_), Some(_)) => Err(faults::invalid_request(
                "The provided encryption parameters did not match the ones used originally.",
            )),
            // S3 says so although it is the other way round.
            (_, Some(_)) => Err(faults::invalid_request(
                "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.",
            )),
            (_, None) => Ok(()),
        }
    }

    /// Whether the key is a customer's own.
    pub(super) fn is_customers(&self) -> bool {
        matches!(self, Self::Customer(_))
    }

    /// What it asks of the policies besides S3's own action: the use of a key that is not AWS's.
    /// Source: Amazon S3 API Reference, PutObject and GetObject, "Permissions".
    pub(super) fn key_demand(&self, action: &'static str, meta: &Meta) -> Option<Demand> {
        let Self::Kms(kms) = self else { return None };
        if kms.managed {
            return None;
        }
        let owner = account_of(&kms.arn).map(Text::from);
        let service = format!("s3.{}.amazonaws.com", meta.region);
        let demand = Demand::new(action, &*kms.arn).owned_by(owner);
        Some(demand.with("kms:ViaService", Some(service)))
    }

    /// SSE-KMS with the key of this ARN.
    pub(super) fn with_key(arn: &str, bucket_key: bool) -> Self {
        Self::Kms(Box::new(Kms {
            algorithm: "aws:kms",
            arn: arn.to_owned(),
            shown: arn.to_owned(),
            managed: false,
            bucket_key,
        }))
    }

    /// The ARN of the key of KMS.
    pub(super) fn key_arn(&self) -> Option<&str> {
        match self {
            Self::Kms(kms) => Some(&kms.arn),
            Self::S3 | Self::Customer(_) => None,
        }
    }

    /// Whether another key can be put in the place of this one: not in that of two, nor of a customer's.
    pub(super) fn can_change_key(&self) -> bool {
        match self {
            Self::S3 => true,
            Self::Kms(kms) => kms.algorithm == "aws:kms",
            Self::Customer(_) => false,
        }
    }

    /// Says it in an answer.
    pub(super) fn show<T>(&self, reply: XmlReply<T>) -> XmlReply<T> {
        match self {
            Self::S3 => reply.fixed_header(HEADER, "AES256"),
            Self::Kms(kms) => reply
                .header(HEADER, Some(kms.algorithm))
                .header(KEY_ID, Some(kms.shown.as_str()))
                .header(BUCKET_KEY, kms.bucket_key.then_some("true")),
            Self::Customer(md5) => reply
                .header(
                    "x-amz-server-side-encryption-customer-algorithm",
                    Some("AES256"),
                )
                .header(
                    "x-amz-server-side-encryption-customer-key-md5",
                    Some(md5.as_str()),
                ),
        }
    }
}

impl Kms {
    /// The key that is named, or AWS's own. There is no KMS here, so any key counts as one that is there
    /// (rolecall's choice); a bare key id is one of the caller's account. AWS answers with the ARN of the key; what
    /// cannot be the id of a key there comes back as it was named.
    fn new(
        algorithm: &'static str,
        named: Option<&str>,
        bucket_key: bool,
        account: &Text,
        bucket: &Bucket,
    ) -> Self {
        let place = format!("arn:{}:kms:{}:{account}", bucket.partition, bucket.region);
        let arn = match named {
            None => format!("{place}:key/{}", managed_key(&place)),
            Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
            Some(alias) if alias.starts_with("alias/") => format!("{place}:{alias}"),
            Some(id) => format!("{place}:key/{id}"),
        };
        let is_id = |id: &str| id.starts_with("mrk-") || uuid::Uuid::try_parse(id).is_ok();
        let shown = named.filter(|named| !is_id(named)).unwrap_or(&arn);
        Self {
            algorithm,
            shown: shown.to_owned(),
            managed: named.is_none_or(|named| named.ends_with("alias/aws/s3")),
            bucket_key,
            arn,
        }
    }
}

/// The id of AWS's own key for S3. AWS's is random; rolecall's comes from its place.
fn managed_key(place: &str) -> uuid::Uuid {
    uuid::Builder::from_md5_bytes(Md5::digest(place).into()).into_uuid()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn headers(prefix: &str, pairs: &[(&str, &str)]) -> Headers {
        pairs.iter().fold(Headers::default(), |all, (name, value)| {
            all.with(&format!("{prefix}{name}"), *value)
        })
    }

    const KEY: &str = "pO3upElrwuEXSoFwCfnZPdSsmt/xWeFa0N9KgDijwVs=";
    const MD5: &str = "DWygnHRtgiJ77HCm+1rvHw==";

    #[test]
    fn customers_keys_are_checked() {
        let of = |pairs: &[(&str, &str)]| OWN.key(&headers(OWN.0, pairs), true);
        assert_eq!(of(&[]).unwrap(), None);
        let good = [("algorithm", "AES256"), ("key", KEY), ("key-md5", MD5)];
        assert_eq!(of(&good).unwrap().as_deref(), Some(MD5));
        assert!(OWN.key(&headers(OWN.0, &good), false).is_err());
        assert_eq!(OWN.key(&headers(SOURCE.0, &good), true).unwrap(), None);
        for bad in [
            vec![("algorithm", "AES256")],
            vec![("key", KEY), ("key-md5", MD5)],
            vec![("algorithm", "AES256"), ("key", KEY)],
            vec![("algorithm", "KMS"), ("key", KEY), ("key-md5", MD5)],
            vec![("algorithm", "AES256"), ("key", "short"), ("key-md5", MD5)],
            vec![("algorithm", "AES256"), ("key", KEY), ("key-md5", "AAAA")],
        ] {
            assert!(of(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn reads_must_bring_the_key() {
        let good = [("algorithm", "AES256"), ("key", KEY), ("key-md5", MD5)];
        let (with, without) = (headers(OWN.0, &good), Headers::default());
        let kept = Encryption::Customer(MD5.to_owned());
        assert!(kept.check_read(&with, OWN, true).is_ok());
        assert!(kept.check_read(&without, OWN, true).is_err());
        assert!(Encryption::S3.check_read(&with, OWN, true).is_err());
        assert!(Encryption::S3.check_read(&without, OWN, true).is_ok());
        let other = Encryption::Customer("x".to_owned());
        assert!(other.check_read(&with, OWN, true).is_err());
    }
}
