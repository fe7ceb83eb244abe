//! Settings of a bucket that rolecall reads as AWS does for a bucket where nobody set them: they cannot be
//! set here (`NotImplemented`), so "not configured" is always true.

use super::{
    Bucket, Versioning, faults, names,
    setting::{Change, Readable},
};
use crate::wire::Fault;
use serde::{Deserialize, Serialize};

/// A setting that is never configured: AWS answers 404 with its own code.
macro_rules! unset {
    ($($setting:ident $name:literal $action:literal => $code:literal $message:literal;)*) => { $(
        /// Reads a setting that nobody can have set.
        #[derive(Debug)]
        pub(super) struct $setting;

        impl Readable for $setting {
            const NAME: &'static str = $name;
            const ACTION: &'static str = $action;
            const ROOT: &'static str = "";
            type Document = ();

            fn read(bucket: &Bucket) -> Result<(), Fault> {
                Err(Fault::service(404, $code, $message).detail("BucketName", &*bucket.name))
            }
        }
    )* }
}

unset! {
    Cors "GetBucketCors" "s3:GetBucketCORS"
        => "NoSuchCORSConfiguration" "The CORS configuration does not exist";
    Website "GetBucketWebsite" "s3:GetBucketWebsite"
        => "NoSuchWebsiteConfiguration" "The specified bucket does not have a website configuration";
    Lifecycle "GetBucketLifecycleConfiguration" "s3:GetLifecycleConfiguration"
        => "NoSuchLifecycleConfiguration" "The lifecycle configuration does not exist";
    Replication "GetBucketReplication" "s3:GetReplicationConfiguration"
        => "ReplicationConfigurationNotFoundError" "The replication configuration was not found";
    ObjectLock "GetObjectLockConfiguration" "s3:GetBucketObjectLockConfiguration"
        => "ObjectLockConfigurationNotFoundError" "Object Lock configuration does not exist for this bucket";
}

/// A document without elements.
#[derive(Debug, Serialize)]
pub(super) struct Nothing {}

/// A setting whose unset state AWS shows as a document.
macro_rules! plain {
    ($($setting:ident $name:literal $action:literal $root:literal $document:ty => $read:expr;)*) => { $(
        /// Reads a setting in its initial state.
        #[derive(Debug)]
        pub(super) struct $setting;

        impl Readable for $setting {
            const NAME: &'static str = $name;
            const ACTION: &'static str = $action;
            const ROOT: &'static str = $root;
            type Document = $document;

            fn read(bucket: &Bucket) -> Result<$document, Fault> {
                let read: fn(&Bucket) -> $document = $read;
                Ok(read(bucket))
            }
        }
    )* }
}

plain! {
    Logging "GetBucketLogging" "s3:GetBucketLogging" "BucketLoggingStatus" Nothing
        => |_| Nothing {};
    Accelerate "GetBucketAccelerateConfiguration" "s3:GetAccelerateConfiguration" "AccelerateConfiguration" Nothing
        => |_| Nothing {};
    Notification "GetBucketNotificationConfiguration" "s3:GetBucketNotification" "NotificationConfiguration" Nothing
        => |_| Nothing {};
    RequestPayment "GetBucketRequestPayment" "s3:GetBucketRequestPayment" "RequestPaymentConfiguration" Payer
        => |_| Payer { payer: "BucketOwner" };
    Encryption "GetBucketEncryption" "s3:GetEncryptionConfiguration" "ServerSideEncryptionConfiguration" EncryptionRules
        => |_| EncryptionRules::DEFAULT;
    Location "GetBucketLocation" "s3:GetBucketLocation" "LocationConstraint" LocationConstraint
        => |bucket| LocationConstraint { region: names::location_of(&bucket.region).to_owned() };
    BucketVersioning "GetBucketVersioning" "s3:GetBucketVersioning" "VersioningConfiguration" VersioningConfiguration
        => |bucket| VersioningConfiguration {
            status: bucket.versioning.map(|status| format!("{status:?}")),
            mfa_delete: None,
        };
}

/// `<RequestPaymentConfiguration>`
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Payer {
    payer: &'static str,
}

/// `<LocationConstraint>`
#[derive(Debug, Serialize)]
pub(super) struct LocationConstraint {
    #[serde(rename = "$text")]
    region: String,
}

/// `<ServerSideEncryptionConfiguration>`: SSE-S3, as every bucket has it since January 2023.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EncryptionRules {
    rule: EncryptionRule,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct EncryptionRule {
    apply_server_side_encryption_by_default: ByDefault,
    bucket_key_enabled: bool,
}

#[derive(Debug, Serialize)]
struct ByDefault {
    #[serde(rename = "SSEAlgorithm")]
    algorithm: &'static str,
}

impl EncryptionRules {
    const DEFAULT: Self = Self {
        rule: EncryptionRule {
            apply_server_side_encryption_by_default: ByDefault {
                algorithm: "AES256",
            },
            bucket_key_enabled: false,
        },
    };
}

/// `<VersioningConfiguration>`
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VersioningConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mfa_delete: Option<String>,
}

impl Change for BucketVersioning {
    const NAME: &'static str = "PutBucketVersioning";
    const ACTION: &'static str = "s3:PutBucketVersioning";
    type Body = VersioningConfiguration;

    fn apply(bucket: &mut Bucket, body: VersioningConfiguration) -> Result<(), Fault> {
        if body.mfa_delete.as_deref() == Some("Enabled") {
            return Err(faults::not_implemented("MfaDelete"));
        }
        bucket.versioning = Some(match body.status.as_deref() {
            Some("Enabled") => Versioning::Enabled,
            Some("Suspended") => Versioning::Suspended,
            Some(_) => return Err(faults::malformed_xml()),
            None => {
                return Err(Fault::service(
                    400,
                    "IllegalVersioningConfigurationException",
                    "The Versioning element must be specified",
                ));
            }
        });
        Ok(())
    }
}
