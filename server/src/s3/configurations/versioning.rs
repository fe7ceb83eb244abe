//! Versioning.

use crate::{
    s3::{
        Bucket, Versioning, faults,
        setting::{Aside, Change, Readable},
    },
    wire::Fault,
};
use serde::{Deserialize, Serialize};

/// `…BucketVersioning`
#[derive(Debug)]
pub(in crate::s3) struct BucketVersioning;

/// `<VersioningConfiguration>`
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::s3) struct VersioningConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mfa_delete: Option<String>,
}

impl Readable for BucketVersioning {
    const NAME: &'static str = "GetBucketVersioning";
    const ACTION: &'static str = "s3:GetBucketVersioning";
    const ROOT: &'static str = "VersioningConfiguration";
    type Document = VersioningConfiguration;

    fn read(bucket: &Bucket) -> Result<VersioningConfiguration, Fault> {
        Ok(VersioningConfiguration {
            status: bucket.versioning.map(|status| format!("{status:?}")),
            mfa_delete: None,
        })
    }
}

impl Change for BucketVersioning {
    const NAME: &'static str = "PutBucketVersioning";
    const ACTION: &'static str = "s3:PutBucketVersioning";
    type Body = VersioningConfiguration;

    fn apply(bucket: &mut Bucket, body: Self::Body, _: &Aside<'_>) -> Result<(), Fault> {
        if body.mfa_delete.as_deref() == Some("Enabled") {
            return Err(faults::not_implemented("MfaDelete"));
        }
        let versioning = match body.status.as_deref() {
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
        };
        if versioning == Versioning::Suspended {
            check_suspension(bucket)?;
        }
        bucket.versioning = Some(versioning);
        Ok(())
    }
}

/// Object lock and replication need versions.
fn check_suspension(bucket: &Bucket) -> Result<(), Fault> {
    let needed = [
        ("ObjectLockConfiguration", "An Object Lock"),
        ("ReplicationConfiguration", "A replication"),
    ];
    match needed
        .iter()
        .find(|(root, _)| bucket.documents.one(root).is_some())
    {
        None => Ok(()),
        Some((_, what)) => {
            let message = format!(
                "{what} configuration is present on this bucket, so the versioning state cannot be changed."
            );
            Err(Fault::service(409, "InvalidBucketState", message))
        }
    }
}
