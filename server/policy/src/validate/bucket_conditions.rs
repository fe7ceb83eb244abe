//! S3 knows its condition keys, and which of them come with listings only.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys>

use crate::Context;
use crate::action::ActionPattern;
use crate::raw::RawStatement;
use crate::trouble::{Found, Trouble};

/// Every key of S3 in lower case; one that ends in a slash goes on with the name of a tag.
const KEYS: [&str; 58] = [
    "accessgrantsinstancearn",
    "accessgrantslocationscope",
    "accesspointnetworkorigin",
    "accesspointtag/",
    "annotation-prefix",
    "authtype",
    "buckettag/",
    "dataaccesspointaccount",
    "dataaccesspointarn",
    "delimiter",
    "deliverysourcearn",
    "destinationregion",
    "existingjoboperation",
    "existingjobpriority",
    "existingobjecttag/",
    "if-match",
    "if-none-match",
    "inventoryaccessibleoptionalfields",
    "isreplicationpauserequest",
    "jobsuspendedcause",
    "locationconstraint",
    "logtype",
    "max-annotation-results",
    "max-keys",
    "object-lock-legal-hold",
    "object-lock-mode",
    "object-lock-remaining-retention-days",
    "object-lock-retain-until-date",
    "objectcreationoperation",
    "prefix",
    "requestjoboperation",
    "requestjobpriority",
    "requestobjecttag/",
    "requestobjecttagkeys",
    "resourceaccount",
    "resourcearnbeingauthorized",
    "signatureage",
    "signatureversion",
    "tlsversion",
    "versionid",
    "x-amz-acl",
    "x-amz-bucket-namespace",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-metadata-directive",
    "x-amz-object-annotation-directive",
    "x-amz-object-if-match",
    "x-amz-object-ownership",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
];

/// The keys of listings, and the actions that are listings.
const OF_LISTINGS: [&str; 3] = ["delimiter", "max-keys", "prefix"];
const LISTINGS: [&str; 3] = [
    "s3:listbucket",
    "s3:listbucketversions",
    "s3:listbucketmultipartuploads",
];

/// Refuses a key that no action of the statement can have. Of the keys that belong to some actions rolecall looks at
/// those of listings; the others are taken, whatever the actions (rolecall's choice).
pub(super) fn check(statement: &RawStatement, found: &mut Vec<Found>) {
    let lists = statement.action.as_ref().is_none_or(|actions| {
        let covers = |text: &str, span: &std::ops::Range<usize>| {
            let pattern = ActionPattern::compile(text, span.clone()).pattern;
            let covered = |name: &str| pattern.matches(name, &Context::new());
            LISTINGS.iter().any(|name| covered(name))
        };
        let mut all = actions.values.iter();
        actions.negated || all.any(|word| covers(&word.text, &word.span))
    });
    let keys = statement.conditions.iter().flat_map(|it| &it.keys);
    for (key, _) in keys {
        let lower = key.text.to_ascii_lowercase();
        let Some(name) = lower.strip_prefix("s3:") else {
            continue;
        };
        let known = KEYS.iter().any(|key| match key.strip_suffix('/') {
            Some(_) => name.starts_with(key),
            None => name == *key,
        });
        if !known || OF_LISTINGS.contains(&name) && !lists {
            let trouble = Trouble::ConditionUnfit {
                key: key.text.clone(),
                known,
            };
            found.push(Found::at(trouble, key.span.clone()));
        }
    }
}
